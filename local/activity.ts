/**
 * Knows when the whole runtime is idle: every invocation, stream record, visible message and public request
 * holds a piece of work open while it lasts. Invariant: work that causes other work ends only after that other
 * work has begun, so a count of zero means nothing more will happen by itself.
 */
import { setImmediate as turn } from 'node:timers/promises'

const REPORT_LIMIT = 10

export class Activity {
  private readonly open = new Map<symbol, string>()
  private generation = 0
  private waiting: (() => void)[] = []

  /** Opens a piece of work; the returned function closes it (closing twice is harmless). */
  begin(what: string): () => void {
    const key = Symbol(what)
    this.open.set(key, what)
    this.generation++
    return () => {
      if (!this.open.delete(key) || this.open.size > 0) return
      const waiting = this.waiting
      this.waiting = []
      for (const wake of waiting) wake()
    }
  }

  /** What is in flight now, for messages. */
  busy(): string[] {
    return [...new Set(this.open.values())].slice(0, REPORT_LIMIT)
  }

  get isIdle(): boolean {
    return this.open.size === 0
  }

  /**
   * Resolves once nothing is in flight and two turns of the event loop brought nothing new.
   * Rejects, naming what is still running, when nothing began for `stalledMs` of real time or all of it took
   * longer than `limitMs`.
   */
  async whenIdle({ stalledMs, limitMs }: { stalledMs: number; limitMs: number }): Promise<void> {
    const deadline = performance.now() + limitMs
    for (;;) {
      const before = this.generation
      if (this.open.size > 0) await this.allEnd(stalledMs)
      const seen = this.generation
      await turn()
      await turn()
      if (this.open.size === 0 && this.generation === seen) return
      const isStalled = this.open.size > 0 && this.generation === before
      if (isStalled || performance.now() > deadline)
        throw new Error(this.stuck(isStalled ? stalledMs : limitMs))
    }
  }

  private async allEnd(left: number): Promise<void> {
    let timeout: NodeJS.Timeout | undefined
    const ended = new Promise<void>((resolve) => this.waiting.push(resolve))
    const late = new Promise<void>((resolve) => {
      timeout = setTimeout(resolve, left)
    })
    await Promise.race([ended, late])
    clearTimeout(timeout)
  }

  private stuck(limitMs: number): string {
    const running = this.busy().join(', ') || 'work that starts new work for ever'
    return `Not settled after ${Math.round(limitMs / 1000)} s: still running ${running}. Look at the log for a loop.`
  }
}
