/**
 * A table's stream wired to a function, as its event source mapping in the template says: filter, batch size,
 * partial failures, bisecting, retries, age, on-failure destination. Invariant: records are acknowledged only once
 * they are done or given up, so a crash repeats, never loses. The rules are in `batch.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { Activity } from './activity.ts'
import { afterInvocation, type BatchRules, failedFrom, type Piece, retryPauseMs } from './batch.ts'
import type { Clock } from './clock.ts'
import { type Poll, shuffledByItem } from './faults.ts'
import type { LambdaFunction } from './lambda.ts'
import type { Filter } from './pattern.ts'
import type { StreamReader, StreamRecord } from './stream-reader.ts'

const DAY_MS = 86_400_000
const MOST_SKIPPED = 1000
/** What one invocation takes. */
const PAYLOAD_BYTES = 6 * 1024 * 1024

export type StreamMappingSpec = {
  batchSize: number
  filter: Filter
  rules: BatchRules
  /** Records older than this are given up; a stream keeps them a day. */
  maxAgeMs: number
}

/** What became of records that were given up, as Lambda reports it. */
export type GivenUp = {
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  attempts: number
  requestId: string
  records: StreamRecord[]
}

/** `poll` says how the next one goes; as it should when it is not given. */
export type StreamMappingHost = {
  activity: Activity
  clock: Clock
  giveUp: (given: GivenUp) => void
  poll?: () => Poll
}

type Aged = { record: StreamRecord; seenMs: number }

const sequenceOf = (aged: Aged) => aged.record.dynamodb.SequenceNumber
/** Cut where the next record would make an invocation too large. */
function inPayloads(records: readonly Aged[]): Aged[][] {
  const batches: Aged[][] = []
  let room = 0
  for (const aged of records) {
    const bytes = Buffer.byteLength(JSON.stringify(aged.record))
    if (bytes > room) {
      batches.push([])
      room = PAYLOAD_BYTES
    }
    batches.at(-1)?.push(aged)
    room -= bytes
  }
  return batches
}

const itemOf = (aged: Aged) => JSON.stringify(aged.record.dynamodb.Keys)

export class StreamMapping {
  private readonly reader: StreamReader
  private readonly target: LambdaFunction
  private readonly spec: StreamMappingSpec
  private readonly host: StreamMappingHost
  private pieces: Piece<Aged>[] = []
  private end: string | undefined
  private pumping = false
  private asked = false
  private paused = false
  private held = false
  private stopped = false

  constructor(options: {
    reader: StreamReader
    target: LambdaFunction
    spec: StreamMappingSpec
    host: StreamMappingHost
  }) {
    this.reader = options.reader
    this.target = options.target
    this.spec = options.spec
    this.host = options.host
  }

  get tableName(): string {
    return this.reader.table.name
  }

  /** The table may have been written: read on. Cheap; call it after every write. */
  poke(): void {
    this.asked = true
    if (this.pumping || this.paused || this.held || this.stopped) return
    this.pumping = true
    void this.pump(this.host.activity.begin(`stream ${this.reader.table.shown} to ${this.target.spec.step}`))
  }

  stop(): void {
    this.stopped = true
  }

  /** Reads no further until `readOn`; what is in flight is finished. */
  hold(): void {
    this.held = true
  }

  /** Takes all that the stream holds by now as done, without showing it to the function. Only while held. */
  async skip(): Promise<void> {
    for (;;) {
      const { end } = await this.reader.read(MOST_SKIPPED)
      if (end === undefined) return
      this.reader.acknowledge(end)
    }
  }

  readOn(): void {
    this.held = false
    this.poke()
  }

  private async pump(end: () => void): Promise<void> {
    try {
      while (!this.stopped && !this.paused && !this.held) {
        if (this.pieces.length > 0) await this.step()
        else if (this.asked) await this.fetch()
        else break
      }
    } catch (error) {
      if (!this.stopped) this.rest(1)
      if (!this.stopped)
        process.stderr.write(`Reading ${this.reader.table.shown}'s stream failed: ${String(error)}\n`)
    } finally {
      this.pumping = false
      end()
    }
  }

  private async fetch(): Promise<void> {
    // Cleared before the read: whoever writes while we read asks again and is not missed.
    this.asked = false
    const { records, end } = await this.reader.read(this.spec.batchSize)
    if (end === undefined) return
    this.asked = true
    this.accept(records, end)
  }

  private accept(records: StreamRecord[], end: string): void {
    const seenMs = this.host.clock.now()
    const wanted = records.filter((record) => this.spec.filter(record)).map((record) => ({ record, seenMs }))
    this.end = end
    if (wanted.length === 0) return this.acknowledge()
    const poll = this.host.poll?.()
    const shown = poll?.random === undefined ? wanted : shuffledByItem(wanted, itemOf, poll.random)
    const batches = inPayloads(shown).map((batch) => ({ records: batch, attempts: 0 }))
    this.pieces = poll?.twice === true ? [...batches, ...batches] : batches
  }

  private acknowledge(): void {
    if (this.end !== undefined) this.reader.acknowledge(this.end)
    this.end = undefined
  }

  private async step(): Promise<void> {
    const piece = this.young(this.pieces.shift())
    if (piece !== undefined) await this.process(piece)
    if (this.pieces.length === 0) this.acknowledge()
  }

  private async process(piece: Piece<Aged>): Promise<void> {
    const outcome = await this.target.invoke({ Records: piece.records.map((aged) => aged.record) })
    if (this.stopped) {
      this.pieces.unshift(piece)
      return
    }
    const failed = failedFrom(outcome, piece.records.map(sequenceOf), this.spec.rules.reportsFailures)
    const next = afterInvocation(piece, failed, { rules: this.spec.rules, sequenceOf })
    if (next.discarded !== undefined) this.giveUp(next.discarded, 'RetryAttemptsExhausted')
    this.pieces.unshift(...next.pieces)
    if (next.pause) this.rest(next.pieces[0]?.attempts ?? 1)
  }

  private rest(attempts: number): void {
    this.paused = true
    const dueMs = this.host.clock.now() + retryPauseMs(attempts)
    this.host.clock.at(dueMs, () => this.wake(), { label: `retry ${this.target.spec.step}` })
  }

  private wake(): void {
    this.paused = false
    this.poke()
  }

  /** The piece without what has grown too old; undefined when nothing is left. */
  private young(piece: Piece<Aged> | undefined): Piece<Aged> | undefined {
    if (piece === undefined) return undefined
    const oldest = this.host.clock.now() - Math.min(this.spec.maxAgeMs, DAY_MS)
    const old = piece.records.filter((aged) => aged.seenMs < oldest)
    if (old.length === 0) return piece
    this.giveUp({ ...piece, records: old }, 'RecordAgeExceeded')
    const records = piece.records.filter((aged) => aged.seenMs >= oldest)
    return records.length > 0 ? { ...piece, records } : undefined
  }

  private giveUp(piece: Piece<Aged>, condition: GivenUp['condition']): void {
    const records = piece.records.map((aged) => aged.record)
    this.host.giveUp({ condition, attempts: piece.attempts, requestId: randomUUID(), records })
  }
}
