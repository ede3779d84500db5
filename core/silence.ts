/**
 * Whether orders have stopped arriving. A shop whose orders do not reach us would remind people of carts they
 * have paid for; so its pulse is kept, one beat an order, and when it is silent far beyond what is usual there,
 * reminders wait. Beaten by `flow/pulse.ts`, heeded by `core/claim.ts`.
 */
import * as z from 'zod'
import { limits } from './limits.ts'
import { Instant, toMs } from './time.ts'

/** What is known of the shop's orders as a whole. */
export const Pulse = z.object({
  /** When the server last heard of an order, the latest there was. */
  lastOrderAt: Instant,
  /** Beats there were: orders, those within one second of the last left out. */
  count: z.number(),
  /** The usual time between two beats, smoothed. */
  gapMs: z.number(),
})
export type Pulse = z.infer<typeof Pulse>

const smoothing = 0.1
/** A gap counts as at most so many usual ones, so that one outage does not become the custom. */
const widest = 4

/**
 * The pulse after an order that was received `at`; undefined: it changes nothing worth a write. The first
 * orders count alike; later ones by the time they took, so that a burst of late orders (a queue that was stuck)
 * does not make a slow shop look like a busy one. An order from before the last one moves nothing back.
 * @example beat(undefined, '2026-03-02T09:00:00.000Z')?.count // 1
 */
export function beat(pulse: Pulse | undefined, at: Instant): Pulse | undefined {
  const leastMs = limits.silence.leastGapMs
  if (pulse === undefined) return { lastOrderAt: at, count: 1, gapMs: leastMs }
  const gapMs = Math.max(0, toMs(at) - toMs(pulse.lastOrderAt))
  const isKnown = pulse.count >= limits.silence.orders
  if (isKnown && gapMs < limits.silence.beatMs) return undefined
  const lastOrderAt = at > pulse.lastOrderAt ? at : pulse.lastOrderAt
  const seenMs = isKnown ? Math.min(gapMs, widest * pulse.gapMs) : gapMs
  const weight = isKnown ? smoothing * Math.min(1, gapMs / pulse.gapMs) : 1 / pulse.count
  const next = pulse.gapMs + weight * (seenMs - pulse.gapMs)
  return { lastOrderAt, count: pulse.count + 1, gapMs: Math.max(leastMs, Math.round(next)) }
}

/** Since when orders are missing; undefined: they are not, or too few are known to say. */
export function silentSince(pulse: Pulse | undefined, now: Instant): Instant | undefined {
  if (pulse === undefined || pulse.count < limits.silence.orders) return undefined
  const mostMs = Math.max(limits.silence.leastMs, limits.silence.gaps * pulse.gapMs)
  return toMs(now) - toMs(pulse.lastOrderAt) > mostMs ? pulse.lastOrderAt : undefined
}
