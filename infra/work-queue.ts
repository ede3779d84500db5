/**
 * A queue with its dead-letter queue, and how a function takes work from it. Every queue of the stack is made
 * here, so none is without a place for what failed. Which queue feeds which function: `infra/stack.ts`.
 */
import { Duration } from 'aws-cdk-lib'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { nameLogically } from './logical.ts'
import type { StepFunction } from './step.ts'

/** Deliveries of one message before it is put aside. */
const maxReceiveCount = 5

/**
 * A queue of work. Defaults: encrypted, TLS only, kept 4 days, visibility six times the consumer's timeout,
 * after five deliveries to `<id>Dead`, kept there 14 days.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue
  readonly dead: Queue

  constructor(scope: Construct, id: string, consumer: StepFunction) {
    super(scope, id)
    this.dead = new Queue(this, 'Dead', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      visibilityTimeout: Duration.seconds(consumer.timeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.dead, maxReceiveCount },
    })
    nameLogically(this.queue, id)
    nameLogically(this.dead, `${id}Dead`)
    acknowledge(this.dead, { 'AwsSolutions-SQS3': 'This is a dead-letter queue.' })
  }

  /** Feeds the consumer ten messages at a time; only those it reports as failed come again. */
  feed(consumer: StepFunction, maxConcurrency: number): void {
    consumer.handler.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency }),
    )
  }
}
