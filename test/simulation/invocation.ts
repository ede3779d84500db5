/**
 * One run of a function: it has a clock that may be off, a time after which it is ended, and it may be killed
 * at any call it makes. A killed function is never heard of again: what it waits for never comes. Every port it
 * is given is reached through `reach`, which is where faults strike.
 */
import { Failed } from '#core/failed'
import { type Instant, toInstant } from '#core/time'
import { type Chance, chanceOf } from './chance.ts'
import type { Faults } from './faults.ts'
import type { Scheduler } from './scheduler.ts'

export type Step =
  | 'ingest'
  | 'track'
  | 'decide'
  | 'wake'
  | 'dispatch'
  | 'deliver'
  | 'observe'
  | 'report'
  | 'operator'

/** As `infra/functions.ts` has them; an operator's command has no end but her patience. */
const timeoutMs: Readonly<Record<Step, number>> = {
  ingest: 15_000,
  track: 15_000,
  decide: 60_000,
  wake: 50_000,
  dispatch: 30_000,
  deliver: 60_000,
  observe: 30_000,
  report: 60_000,
  operator: 30 * 60_000,
}

export interface Invocation {
  readonly id: number
  readonly step: Step
  readonly startedMs: number
  /** When its time is over. */
  readonly endsMs: number
  clock(): Instant
  /** Faults that struck it. */
  struck: number
  /** It answered, failed, was killed or took too long. */
  over: boolean
}

/** How a run ended. `killed`: it was never heard of again. */
export type End<T> = { kind: 'answered'; value: T } | { kind: 'failed'; error: unknown } | { kind: 'killed' }

/** A call of a port as the witness sees it, once it was done. */
export interface Done {
  invocation: Invocation
  /** Such as `messages.claim`. */
  call: string
  args: readonly unknown[]
  answer: unknown
}

/** Who watches the world: the oracle, the story and the counts. */
export interface Witness {
  /** Before a call is done, and right after. */
  doing(call: string, args: readonly unknown[]): void
  done(done: Done): void
  tell(who: string, what: string): void
  count(what: string): void
}

export interface Runtime {
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly witness: Witness
}

const changing = new Set(
  (
    'record remove commit park unpark erase putAddress putCustomer claim confirm release fail refuse observe ' +
    'noteClick note removeAll putMail putRelease putLive putDay putProgress putPulse leaseRate uncount wake ' +
    'dispatch'
  ).split(' '),
)

const alwaysDangerous = new Set([
  'claim',
  'confirm',
  'release',
  'refuse',
  'fail',
  'putAddress',
  'putCustomer',
])

function isDangerous(method: string, args: readonly unknown[]): boolean {
  if (alwaysDangerous.has(method)) return true
  if (method === 'record') return Array.isArray(args[1]) && args[1].length > 0
  if (method !== 'commit') return false
  const commit = args[0] as { effects: unknown[]; state: { movedTo?: string; absorbed?: string[] } }
  return (
    commit.effects.length > 0 || commit.state.movedTo !== undefined || commit.state.absorbed !== undefined
  )
}

const failure = (call: string, what: string) =>
  new Failed({ code: 'database-failed', message: `${call}: ${what}`, retryable: true })

export class Functions {
  private readonly clocks: Chance
  private readonly skews = new Map<string, number>()
  private readonly ends = new Map<Invocation, () => void>()
  private count = 0

  readonly runtime: Runtime

  constructor(seed: number, runtime: Runtime) {
    this.runtime = runtime
    this.clocks = chanceOf(seed, 'clocks')
  }

  /** How far the clock of one of the three containers of a step is off, for good. */
  private skewOf(step: Step): number {
    const { mix } = this.runtime.faults
    if (mix.skewMs === 0) return 0
    const container = `${step} ${this.clocks.int(1, 3)}`
    const known = this.skews.get(container) ?? this.clocks.int(-mix.skewMs, mix.skewMs)
    this.skews.set(container, known)
    return known
  }

  /** Runs a function; `ended` hears how it ended, at the latest when its time is over. */
  run<T>(
    step: Step,
    body: (invocation: Invocation) => Promise<T>,
    ended: (end: End<T>, invocation: Invocation) => void,
  ): void {
    const { scheduler } = this.runtime
    const skewMs = this.skewOf(step)
    this.count += 1
    const invocation: Invocation = {
      id: this.count,
      step,
      startedMs: scheduler.nowMs(),
      endsMs: scheduler.nowMs() + timeoutMs[step],
      clock: () => toInstant(scheduler.nowMs() + skewMs),
      struck: 0,
      over: false,
    }
    const end = (how: End<T>) => {
      if (invocation.over) return
      invocation.over = true
      this.ends.delete(invocation)
      ended(how, invocation)
    }
    this.ends.set(invocation, () => end({ kind: 'killed' }))
    scheduler.stir()
    body(invocation).then(
      (value) => end({ kind: 'answered', value }),
      (error: unknown) => end({ kind: 'failed', error }),
    )
  }

  kill(invocation: Invocation, where: string): void {
    const { witness } = this.runtime
    witness.count('crashes')
    witness.tell(`${invocation.step} ${invocation.id}`, `is killed ${where}`)
    invocation.struck += 1
    this.ends.get(invocation)?.()
  }

  /** Goes on with a function after so long; one whose time is over by then is ended instead. */
  later(invocation: Invocation, ms: number, run: () => void): void {
    const { scheduler, witness } = this.runtime
    const atMs = scheduler.nowMs() + ms
    if (atMs < invocation.endsMs) {
      scheduler.at(atMs, () => {
        if (invocation.over) return
        scheduler.stir()
        run()
      })
      return
    }
    scheduler.at(invocation.endsMs, () => {
      if (invocation.over) return
      witness.count('timeouts')
      witness.tell(`${invocation.step} ${invocation.id}`, 'took too long and was ended')
      this.ends.get(invocation)?.()
    })
  }

  /** One call of a port: whatever may go wrong with it does so here. */
  reach<T>(
    invocation: Invocation,
    of: { call: string; method: string; args: readonly unknown[] },
    apply: () => Promise<T>,
  ): Promise<T> {
    const { faults, witness } = this.runtime
    const { call, method, args } = of
    const fate = faults.fate({ dangerous: isDangerous(method, args), changes: changing.has(method) })
    const who = `${invocation.step} ${invocation.id}`
    if (fate.delayMs >= 1000 || fate.pauseMs >= 1000) {
      witness.count('pauses')
      witness.tell(who, `is paused for ${Math.round((fate.delayMs + fate.pauseMs) / 1000)} s at ${call}`)
    }
    const doIt = async (): Promise<T> => {
      witness.doing(call, args)
      const answer = await apply()
      witness.done({ invocation, call, args, answer })
      return answer
    }
    return new Promise<T>((resolve, reject) => {
      const goOn = (value: T) => {
        if (fate.pauseMs === 0) resolve(value)
        else this.later(invocation, fate.pauseMs, () => resolve(value))
      }
      const strike = (what: string, count: string) => {
        invocation.struck += 1
        witness.count(count)
        witness.tell(who, `${call}: ${what}`)
      }
      this.later(invocation, fate.delayMs, () => {
        if (fate.kind === 'killed-before') return this.kill(invocation, `before ${call}`)
        if (fate.kind === 'refused') {
          strike('refused, nothing done', 'throttles')
          return reject(failure(call, 'throttled'))
        }
        doIt().then((answer) => {
          if (fate.kind === 'killed-after') return this.kill(invocation, `after ${call}`)
          if (fate.kind === 'lost-reply') {
            strike('done, the answer is lost', 'lostReplies')
            return reject(failure(call, 'no answer'))
          }
          if (fate.kind !== 'done-twice') return goOn(answer)
          strike('done twice', 'duplicates')
          return doIt().then(goOn, reject)
        }, reject)
      })
    })
  }
}
