/**
 * A queue wired to a function: batches, partial failures, maximum concurrency, filters. Failed messages stay
 * hidden until their visibility timeout, as on AWS; a queue with visible messages and a reader is work in flight.
 */
import type { Activity } from './activity.ts'
import type { Outcome } from './environment.ts'
import type { Poll } from './faults.ts'
import type { LambdaFunction } from './lambda.ts'
import type { Filter } from './pattern.ts'
import type { Queue, QueueMessage } from './queue.ts'
import { md5, systemAttributes } from './sqs.ts'

const FAILED_PAUSE_MS = 1_000

export type QueueMappingSpec = {
  batchSize: number
  maxConcurrency: number
  reportsFailures: boolean
  filter: Filter
}

/** `poll` says how the next one goes; as it should when it is not given. */
export type QueueMappingPlace = { activity: Activity; region: string; poll?: () => Poll }

export class QueueMapping {
  private readonly queue: Queue
  private readonly target: LambdaFunction
  private readonly spec: QueueMappingSpec
  private readonly place: QueueMappingPlace
  private running = 0
  private stopped = false

  constructor(options: {
    queue: Queue
    target: LambdaFunction
    spec: QueueMappingSpec
    place: QueueMappingPlace
  }) {
    this.queue = options.queue
    this.target = options.target
    this.spec = options.spec
    this.place = options.place
  }

  /** Takes up what is visible, as far as concurrency allows. */
  poke(): void {
    while (!this.stopped && this.running < this.spec.maxConcurrency && this.queue.hasVisible) {
      this.running++
      void this.work(
        this.place.activity.begin(`queue ${this.queue.spec.logicalId} to ${this.target.spec.step}`),
      )
    }
  }

  stop(): void {
    this.stopped = true
  }

  private async work(end: () => void): Promise<void> {
    try {
      // The next turn: messages of one batch send arrive together.
      await Promise.resolve()
      await this.batch()
      this.running--
      this.poke()
    } catch (error) {
      this.complain(error)
    } finally {
      end()
    }
  }

  /** The disk did not take what was to be kept: no next poll at once, it would fail as this one. */
  private complain(error: unknown): void {
    process.stderr.write(`Reading queue ${this.queue.spec.logicalId} failed: ${String(error)}\n`)
    setTimeout(() => {
      this.running--
      this.poke()
    }, FAILED_PAUSE_MS).unref()
  }

  private async batch(): Promise<void> {
    const poll = this.place.poll?.()
    if (poll?.random !== undefined) this.queue.shuffle(poll.random)
    const messages = this.queue.receive(this.spec.batchSize)
    const wanted = messages.filter((message) => this.accepts(message))
    for (const message of messages) if (!wanted.includes(message)) this.remove(message)
    if (wanted.length === 0) return
    const records = wanted.map((message) => this.record(message))
    // Two copies of a message may be on their way at once: it is gone when both of them are.
    const copies = poll?.twice === true ? 2 : 1
    const outcomes = await Promise.all(
      Array.from({ length: copies }, () => this.target.invoke({ Records: records })),
    )
    if (this.stopped) return
    const failed = outcomes.map((outcome) => failedMessages(outcome, wanted, this.spec.reportsFailures))
    for (const message of wanted) if (!failed.some((ids) => ids.has(message.id))) this.remove(message)
  }

  private remove(message: QueueMessage): void {
    if (message.handle !== undefined) this.queue.delete(message.handle)
  }

  private accepts(message: QueueMessage): boolean {
    let body: unknown = message.body
    try {
      body = JSON.parse(message.body)
    } catch {
      // A plain string body is matched as it is.
    }
    return this.spec.filter({ ...this.record(message), body })
  }

  private record(message: QueueMessage): Record<string, unknown> {
    const attributes = Object.entries(message.attributes).map(([name, attribute]) => [
      name,
      {
        stringValue: attribute.StringValue,
        binaryValue: attribute.BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: attribute.DataType,
      },
    ])
    return {
      messageId: message.id,
      receiptHandle: message.handle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(attributes),
      md5OfBody: md5(message.body),
      eventSource: 'aws:sqs',
      eventSourceARN: this.queue.spec.arn,
      awsRegion: this.place.region,
    }
  }
}

/** Ids of the messages that failed. An unknown or empty identifier fails the whole batch. */
export function failedMessages(
  outcome: Outcome,
  messages: QueueMessage[],
  reportsFailures: boolean,
): Set<string> {
  const all = new Set(messages.map((message) => message.id))
  if (!outcome.ok) return all
  if (!reportsFailures) return new Set()
  const failures = (outcome.value as { batchItemFailures?: unknown } | null)?.batchItemFailures
  if (failures === undefined || failures === null) return new Set()
  if (!Array.isArray(failures)) return all
  const failed = new Set<string>()
  for (const failure of failures) {
    const id = String((failure as { itemIdentifier?: unknown } | null)?.itemIdentifier)
    if (!all.has(id)) return all
    failed.add(id)
  }
  return failed
}
