/**
 * SNS as far as the stack uses it: a topic's notices reach its subscribed queues in SNS's envelope, or raw where
 * the subscription asks for raw delivery.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { Queue } from './queue.ts'
import type { Stack } from './stack.ts'

type Subscription = { topicArn: string; queue: Queue; raw: boolean }

export class Topics {
  private readonly subscriptions: Subscription[] = []
  private readonly clock: Clock

  constructor(stack: Stack, queues: Map<string, Queue>, clock: Clock) {
    this.clock = clock
    for (const { properties } of stack.resources('AWS::SNS::Subscription')) {
      const queue = queues.get(String(properties.Endpoint))
      if (properties.Protocol !== 'sqs' || queue === undefined) continue
      const raw = properties.RawMessageDelivery === true
      this.subscriptions.push({ topicArn: String(properties.TopicArn), queue, raw })
    }
  }

  /** Delivers `message` to every queue subscribed to the topic. */
  publish(topicArn: string, message: string, subject?: string): void {
    for (const { queue, raw } of this.subscriptions.filter(
      (subscription) => subscription.topicArn === topicArn,
    )) {
      queue.send(raw ? message : JSON.stringify(this.envelope(topicArn, message, subject)))
    }
  }

  private envelope(topicArn: string, message: string, subject: string | undefined): Record<string, unknown> {
    return {
      Type: 'Notification',
      MessageId: randomUUID(),
      TopicArn: topicArn,
      ...(subject === undefined ? {} : { Subject: subject }),
      Message: message,
      Timestamp: this.clock.iso(),
      SignatureVersion: '1',
      Signature: 'local',
      SigningCertURL: 'https://sns.local/none.pem',
      UnsubscribeURL: 'https://sns.local/none',
    }
  }
}
