/**
 * The switch for things going wrong: faults that wait for the next calls they fit, and a seeded mix of them by
 * chance. Struck are calls of functions, never the operator's, and the polls of event source mappings. What each
 * fault looks like is in `fault.ts`, who meets one by chance in `fault-mix.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AwsAnswer, AwsCall, AwsService, Layer } from './aws.ts'
import {
  conflictOf,
  dropped,
  type FaultKind,
  functionFaults,
  internal,
  pollActions,
  readsIndex,
  throttleOf,
} from './fault.ts'
import { Chance, type Drawn, type Mix, numbersFrom } from './fault-mix.ts'
import { IndexMemory } from './index-memory.ts'

/** `skip`: calls that fit and pass before it strikes. `committed`: a function ends after its call was done. */
export type Fault = {
  service: string
  action: string
  fault: FaultKind
  left: number
  skip?: number
  committed?: boolean
}

/** How an environment of a function ends. */
export type FunctionEnd = 'kill' | 'timeout' | 'out-of-memory'

/** How one poll goes: shown twice; in which order, when not in its own. */
export type Poll = { twice: boolean; random: (() => number) | undefined }

const SLOW_MS = 2_000
const TIMEOUT_LIMIT_MS = 60_000
const MOST_SKIPPED = 6

type Call = { call: AwsCall; service: AwsService; next: () => Promise<AwsAnswer> }
type Strike = Drawn & { committed: boolean; wholeFunction: boolean }

export class Faults {
  private faults: Fault[] = []
  private chance: Chance | undefined
  private readonly index = new IndexMemory()
  private readonly ending = new AbortController()
  private readonly random: () => number
  private readonly end: (environmentId: string, how: FunctionEnd) => void

  constructor(
    options: {
      mix?: Mix | undefined
      /** Ends the environment of a function that made a call. */
      end?: (environmentId: string, how: FunctionEnd) => void
      random?: () => number
    } = {},
  ) {
    this.end = options.end ?? (() => {})
    this.random = options.random ?? Math.random
    this.become(options.mix)
  }

  /** Queues a fault. A function's end comes at a random call of its next ones unless `skip` says which. */
  add(fault: Omit<Fault, 'left'>, times: number): void {
    const skip = fault.service === 'lambda' ? Math.floor(this.random() * MOST_SKIPPED) : undefined
    this.faults.push({ ...(skip === undefined ? {} : { skip }), ...fault, left: times })
  }

  /** What is left, in the order it will strike, and the mix, where there is one, with how often it struck. */
  list(): (Fault | { mix: Mix; struck: Chance['struck'] })[] {
    const { chance } = this
    const mix = chance === undefined ? [] : [{ mix: chance.mix, struck: { ...chance.struck } }]
    return [...this.faults.map((fault) => ({ ...fault })), ...mix]
  }

  /** From now on faults strike by chance; undefined: none do. */
  become(mix: Mix | undefined): void {
    this.chance = mix === undefined ? undefined : new Chance(mix)
  }

  clear(): void {
    this.faults = []
    this.become(undefined)
  }

  /** Lets go of calls held by a `timeout` or `slow` fault. */
  stop(): void {
    this.ending.abort()
  }

  readonly layer: Layer = async (call, service, next) => {
    const strike = call.principal.kind === 'function' ? this.take(call) : undefined
    if (strike !== undefined) return this.strike(strike, { call, service, next })
    const answer = await next()
    if (readsIndex(call)) this.index.remember(call, answer)
    return answer
  }

  /** How the next poll of a mapping goes. */
  poll(kind: keyof typeof pollActions, source: string): Poll {
    const named = { service: kind, action: pollActions[kind] }
    const meets = (fault: 'duplicate' | 'reorder'): Drawn | undefined => {
      const queued = this.queued((one) => one.fault === fault && fits(one, named))
      if (queued !== undefined) return { fault, chosen: this.random() }
      return this.chance?.drawPoll(source, fault)
    }
    const order = meets('reorder')
    return {
      twice: meets('duplicate') !== undefined,
      random: order === undefined ? undefined : numbersFrom(order.chosen),
    }
  }

  private async strike(strike: Strike, { call, service, next }: Call): Promise<AwsAnswer> {
    if (strike.wholeFunction) return this.endFunction(strike, call, next)
    switch (strike.fault) {
      case '500':
        return service.fail(internal)
      case '429':
      case 'throttle':
        return throttleOf(call, service, strike.chosen)
      case 'conflict':
        return conflictOf(call, service, strike.chosen)
      case 'stale-index':
        return this.index.stale(call)
      case '500-after-accept':
        await next()
        return service.fail(internal)
      case 'lost-reply':
        await next()
        return dropped
      case 'duplicate':
        await next()
        return next()
      case 'timeout':
        await this.hold(TIMEOUT_LIMIT_MS)
        return dropped
      case 'slow':
        await this.hold(SLOW_MS)
        return next()
      default:
        return dropped
    }
  }

  private async endFunction(strike: Strike, call: AwsCall, next: Call['next']): Promise<AwsAnswer> {
    if (strike.committed) await next()
    const environmentId = call.headers['x-amz-security-token']
    if (typeof environmentId === 'string') this.end(environmentId, strike.fault as FunctionEnd)
    return dropped
  }

  private take(call: AwsCall): Strike | undefined {
    const { principal } = call
    const whole = this.queued((one) => one.service === 'lambda' && isNamed(one, principal.name))
    if (whole !== undefined) {
      const committed = whole.committed ?? this.random() < 0.5
      return { fault: whole.fault, chosen: this.random(), committed, wholeFunction: true }
    }
    const queued = this.queued((one) => fits(one, call) && (one.fault !== 'stale-index' || readsIndex(call)))
    if (queued !== undefined)
      return { fault: queued.fault, chosen: this.random(), committed: false, wholeFunction: false }
    const drawn = this.chance?.drawCall(call)
    if (drawn === undefined) return undefined
    return { ...drawn, committed: drawn.chosen < 0.5, wholeFunction: functionFaults.has(drawn.fault) }
  }

  /** Uses up one of the first fault that `accepts`; undefined when there is none, or it lets this call pass. */
  private queued(accepts: (fault: Fault) => boolean): Fault | undefined {
    const hit = this.faults.find(accepts)
    if (hit === undefined) return undefined
    if (hit.skip !== undefined && hit.skip > 0) {
      hit.skip--
      return undefined
    }
    hit.left--
    if (hit.left <= 0) this.faults = this.faults.filter((fault) => fault !== hit)
    return hit
  }

  private async hold(durationMs: number): Promise<void> {
    await sleep(durationMs, undefined, { signal: this.ending.signal, ref: false }).catch(() => {})
  }
}

const isNamed = (fault: Fault, action: string): boolean => fault.action === action || fault.action === '*'

const fits = (fault: Fault, call: { service: string; action: string }): boolean =>
  fault.service === call.service && isNamed(fault, call.action)

/** A list in another order. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const order = list.map((one) => ({ one, at: random() }))
  return order.sort((a, b) => a.at - b.at).map(({ one }) => one)
}

/** A list in another order, in which those of one item keep theirs, as streams do. */
export function shuffledByItem<T>(list: readonly T[], itemOf: (one: T) => string, random: () => number): T[] {
  const own = new Map<string, T[]>()
  for (const one of list) own.set(itemOf(one), [...(own.get(itemOf(one)) ?? []), one])
  return shuffled(list, random).map((one) => own.get(itemOf(one))?.shift() ?? one)
}
