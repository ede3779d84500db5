/**
 * The throttling of an API's stage: a bucket of tokens, filled at the stage's rate up to its burst, one taken by
 * each request. A stage without settings lets everything through. `http-api.ts` asks before anything is invoked.
 */
import type { Stack } from './stack.ts'

export class Throttle {
  private readonly perSecond: number
  private readonly burst: number
  private tokens: number
  private filledMs = Number.NEGATIVE_INFINITY

  constructor(limits: { perSecond: number; burst: number }) {
    this.perSecond = limits.perSecond
    this.burst = limits.burst
    this.tokens = limits.burst
  }

  /** Takes a token; false when there is none: the request is one too many. */
  take(nowMs: number): boolean {
    if (nowMs > this.filledMs) {
      const filled = this.tokens + ((nowMs - this.filledMs) / 1000) * this.perSecond
      this.tokens = Math.min(this.burst, filled)
      this.filledMs = nowMs
    }
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }
}

type RouteSettings = { ThrottlingRateLimit?: number; ThrottlingBurstLimit?: number }

/** The throttling that the stack's HTTP stage asks for on all of its routes. */
export function throttleOf(stack: Stack): Throttle {
  const stage = stack.resources('AWS::ApiGatewayV2::Stage')[0]
  const settings = stage?.properties.DefaultRouteSettings as RouteSettings | undefined
  const perSecond = Number(settings?.ThrottlingRateLimit ?? Number.POSITIVE_INFINITY)
  return new Throttle({ perSecond, burst: Number(settings?.ThrottlingBurstLimit ?? perSecond) })
}
