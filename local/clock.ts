/**
 * The virtual clock: real time plus an offset that never shrinks, shared with every worker through one buffer. Where
 * the machine's clock is set back the offset grows by as much, so that this one stands and never goes back.
 * All timers of the runtime (ticks, delayed messages, visibility, retries) lie in its one heap; what falls due
 * fires in order. `travel.ts` moves it ahead, `worker.js` reads the buffer.
 */
import { Heap } from './heap.ts'

/** A due time on the clock. `kind` lets fast-forward tell ticks of schedules from other timers. */
export type Timer = {
  readonly dueMs: number
  readonly kind: 'tick' | 'timer'
  readonly label: string
  readonly run: () => void
  cancelled: boolean
}

const LONGEST_SLEEP_MS = 2 ** 31 - 1
const KEEP_EVERY_MS = 10_000

export class Clock {
  /** Eight bytes: the offset in milliseconds, read by workers. */
  readonly shared = new SharedArrayBuffer(8)
  private readonly offset = new BigInt64Array(this.shared)
  private readonly heap = new Heap<Timer>()
  private readonly realNow: () => number
  private readonly onJump: (offsetMs: number) => void
  private readonly onSeen: (realMs: number) => void
  /** The latest real time that was seen, and that was told to `onSeen`. */
  private seenMs: number
  private keptMs = Number.NEGATIVE_INFINITY
  private sleeping: NodeJS.Timeout | undefined
  private firing = false
  private isStopped = false

  constructor(options: {
    offsetMs: number
    onJump?: (offsetMs: number) => void
    realNow?: () => number
    /** What the machine's clock showed when it was last seen, in epoch milliseconds, as `onSeen` was told. */
    seenMs?: number | undefined
    /** Is told the machine's time now and then, to be kept for the next start. */
    onSeen?: (realMs: number) => void
  }) {
    this.realNow = options.realNow ?? Date.now
    this.onJump = options.onJump ?? (() => {})
    this.onSeen = options.onSeen ?? (() => {})
    this.seenMs = options.seenMs ?? Number.NEGATIVE_INFINITY
    Atomics.store(this.offset, 0, BigInt(Math.round(options.offsetMs)))
  }

  /** A stopped clock fires nothing any more. */
  get stopped(): boolean {
    return this.isStopped
  }

  get offsetMs(): number {
    return Number(Atomics.load(this.offset, 0))
  }

  /** The virtual instant, in epoch milliseconds. */
  now(): number {
    const realMs = this.realNow()
    if (realMs < this.seenMs) this.leap(this.seenMs - realMs)
    this.seenMs = realMs
    if (Math.abs(realMs - this.keptMs) >= KEEP_EVERY_MS) {
      this.keptMs = realMs
      this.onSeen(realMs)
    }
    return realMs + this.offsetMs
  }

  /** The virtual instant as ISO-8601 UTC. */
  iso(): string {
    return new Date(this.now()).toISOString()
  }

  /** Runs `run` once when the clock reaches `dueMs`; at once (next turn) when that has passed. */
  at(dueMs: number, run: () => void, options: { kind?: Timer['kind']; label?: string } = {}): Timer {
    const timer = { dueMs, run, kind: options.kind ?? 'timer', label: options.label ?? '', cancelled: false }
    this.heap.push(dueMs, timer)
    this.sleep()
    return timer
  }

  cancel(timer: Timer | undefined): void {
    if (timer !== undefined) timer.cancelled = true
  }

  /** The timer that falls due next, or undefined. */
  next(): Timer | undefined {
    for (;;) {
      const first = this.heap.peek()
      if (first === undefined || !first.cancelled) return first
      this.heap.pop()
    }
  }

  /** Earliest due time among timers that `accept`s; Infinity when there is none. */
  earliest(accept: (timer: Timer) => boolean): number {
    let least = Number.POSITIVE_INFINITY
    for (const timer of this.heap.values()) {
      if (!timer.cancelled && timer.dueMs < least && accept(timer)) least = timer.dueMs
    }
    return least
  }

  /** Moves the clock ahead to `instantMs` (never back) and fires what falls due. */
  jumpTo(instantMs: number): void {
    const ahead = Math.ceil(instantMs - this.now())
    if (ahead > 0) this.leap(ahead)
    this.fire()
  }

  /** Kept before it is true: a leap that could not be kept did not happen. */
  private leap(aheadMs: number): void {
    const ahead = Math.ceil(aheadMs)
    this.onJump(this.offsetMs + ahead)
    Atomics.add(this.offset, 0, BigInt(ahead))
  }

  stop(): void {
    this.isStopped = true
    clearTimeout(this.sleeping)
  }

  private fire(): void {
    if (this.firing || this.isStopped) return
    this.firing = true
    try {
      for (let timer = this.next(); timer !== undefined && timer.dueMs <= this.now(); timer = this.next()) {
        this.heap.pop()
        timer.run()
      }
    } finally {
      this.firing = false
    }
    this.sleep()
  }

  private sleep(): void {
    clearTimeout(this.sleeping)
    const timer = this.next()
    if (timer === undefined || this.isStopped) return
    const waitMs = Math.min(Math.max(timer.dueMs - this.now(), 0), LONGEST_SLEEP_MS)
    this.sleeping = setTimeout(() => this.fire(), waitMs)
  }
}
