/**
 * A queue as SQS is one: ten messages at a time in any order, some of them twice; what was not done comes again
 * when its visibility is over, and after five times goes to the dead letters, from where an operator brings it
 * back.
 */
import type { Chance } from './chance.ts'
import type { Faults } from './faults.ts'
import type { Scheduler } from './scheduler.ts'

interface Held<B> {
  body: B
  receives: number
}

/** The places of the messages of a batch that were not done, or none was heard of again. */
export type QueueEnd = readonly number[] | 'crashed'

export interface QueueOptions<B> {
  name: string
  scheduler: Scheduler
  faults: Faults
  chance: Chance
  visibilityMs: number
  invoke: (bodies: readonly B[], ended: (end: QueueEnd) => void) => void
  tell: (who: string, what: string) => void
  count: (what: string) => void
}

const batchSize = 10
const maxReceives = 5

export class Queue<B> {
  private readonly options: QueueOptions<B>
  private ready: Held<B>[] = []
  private polling = false
  private held = 0
  dead: B[] = []

  constructor(options: QueueOptions<B>) {
    this.options = options
  }

  add(body: B, delayMs = 0): void {
    this.show({ body, receives: 0 }, delayMs)
    const { faults, chance, count } = this.options
    if (!faults.hit('messageTwice')) return
    count('duplicates')
    this.show({ body, receives: 0 }, delayMs + chance.int(0, 60_000))
  }

  get empty(): boolean {
    return this.held === 0
  }

  /** Dead letters are put back. */
  redrive(): number {
    const bodies = this.dead.splice(0)
    for (const body of bodies) this.show({ body, receives: 0 }, 0)
    return bodies.length
  }

  private show(message: Held<B>, delayMs: number): void {
    const { scheduler, chance } = this.options
    this.held += 1
    scheduler.after(delayMs + chance.int(1, 300), () => {
      this.ready.push(message)
      if (this.polling) return
      this.polling = true
      scheduler.after(chance.int(1, 100), () => this.poll())
    })
  }

  private poll(): void {
    const { chance, invoke, scheduler } = this.options
    this.polling = false
    this.ready = this.ready.length > 1 ? chance.shuffled(this.ready) : this.ready
    const batch = this.ready.splice(0, batchSize)
    for (const message of batch) message.receives += 1
    if (batch.length === 0) return
    if (this.ready.length > 0) {
      this.polling = true
      scheduler.after(chance.int(1, 50), () => this.poll())
    }
    const bodies = batch.map(({ body }) => body)
    invoke(bodies, (end) => {
      const failed = end === 'crashed' ? batch : batch.filter((_, index) => end.includes(index))
      this.held -= batch.length
      for (const message of failed) this.again(message)
    })
  }

  private again(message: Held<B>): void {
    const { visibilityMs, tell, count, name } = this.options
    if (message.receives < maxReceives) return this.show(message, visibilityMs)
    count('deadLetters')
    tell(name, 'gives a message up to the dead letters')
    this.dead.push(message.body)
  }
}
