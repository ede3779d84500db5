/**
 * A table's stream as a function follows it: one batch a shard at a time, records in order of one item only,
 * batches that come again, shards that stand still for hours. What is six hours old when its turn comes goes
 * to the bucket of failed batches, what is a day old is gone: an operator has to bring it back.
 */
import type { Chance } from './chance.ts'
import type { Faults } from './faults.ts'
import type { Scheduler } from './scheduler.ts'

interface Kept<R> {
  record: R
  atMs: number
}

interface Shard<R> {
  name: string
  records: Kept<R>[]
  busy: boolean
  stalledUntilMs: number
  /** Records of the next batch at most: halved when a batch fails whole. */
  batch: number
  failures: number
}

/** How a batch went: all done, done up to a record, or not at all. */
export type BatchEnd = { from: number } | 'done' | 'crashed'

export interface StreamOptions<R> {
  name: string
  scheduler: Scheduler
  faults: Faults
  chance: Chance
  /** What keeps its order: records of one item come in the order they were written. */
  itemOf: (record: R) => string
  invoke: (records: readonly R[], ended: (end: BatchEnd) => void) => void
  tell: (who: string, what: string) => void
  count: (what: string) => void
}

const shards = 3
const batchSize = 100
const hourMs = 3_600_000
const maxAgeMs = 6 * hourMs

export class Stream<R> {
  private readonly shards: Shard<R>[]
  private readonly options: StreamOptions<R>
  /** Records that were lost to the function: too old, or trimmed. */
  lost = 0

  constructor(options: StreamOptions<R>) {
    this.options = options
    this.shards = Array.from({ length: shards }, (_, index) => ({
      name: `${options.name} shard ${index + 1}`,
      records: [],
      busy: false,
      stalledUntilMs: 0,
      batch: batchSize,
      failures: 0,
    }))
  }

  add(record: R): void {
    const { scheduler, chance, itemOf } = this.options
    const item = itemOf(record)
    let hash = 0
    for (let index = 0; index < item.length; index += 1) hash = (hash * 31 + item.charCodeAt(index)) >>> 0
    const shard = this.shards[hash % shards]
    if (shard === undefined) return
    shard.records.push({ record, atMs: scheduler.nowMs() })
    scheduler.after(chance.int(50, 900), () => this.poll(shard))
  }

  /** A shard stands still until then. */
  stall(shardNumber: number, untilMs: number): void {
    const shard = this.shards[shardNumber % shards]
    if (shard === undefined) return
    this.options.tell(shard.name, `stands still until ${new Date(untilMs).toISOString()}`)
    shard.stalledUntilMs = untilMs
    this.options.scheduler.at(untilMs, () => this.poll(shard))
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.shards.every(({ records, busy }) => records.length === 0 && !busy)
  }

  private poll(shard: Shard<R>): void {
    const { scheduler, faults, tell, count, invoke } = this.options
    const nowMs = scheduler.nowMs()
    if (shard.busy || (shard.stalledUntilMs > nowMs && !faults.healed)) return
    const young = shard.records.filter(({ atMs }) => nowMs - atMs <= maxAgeMs)
    const gone = shard.records.length - young.length
    if (gone > 0) {
      this.lost += gone
      count('lostRecords')
      tell(shard.name, `loses ${gone} records that are too old`)
      shard.records = young
    }
    if (shard.records.length === 0) return
    shard.busy = true
    const batch = shard.records.slice(0, shard.batch)
    invoke(
      batch.map(({ record }) => record),
      (end) => this.ended(shard, batch.length, end),
    )
  }

  private ended(shard: Shard<R>, size: number, end: BatchEnd): void {
    const { scheduler, faults, tell, count, chance } = this.options
    shard.busy = false
    let retryMs = chance.int(1, 100)
    if (end === 'crashed') {
      shard.failures += 1
      shard.batch = Math.max(1, Math.floor(size / 2))
      retryMs = Math.min(60_000, 1000 * 2 ** shard.failures)
    } else if (end === 'done') {
      shard.failures = 0
      shard.batch = batchSize
      if (faults.hit('batchTwice')) {
        count('duplicates')
        tell(shard.name, `brings ${size} records again`)
      } else shard.records.splice(0, size)
    } else {
      shard.records.splice(0, end.from)
      shard.failures += 1
      retryMs = Math.min(60_000, 1000 * 2 ** shard.failures)
    }
    scheduler.after(retryMs, () => this.poll(shard))
  }
}
