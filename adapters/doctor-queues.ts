/** What `npm run doctor` asks SQS: how much waits on a queue, and on the dead-letter queue behind it. */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Aws } from './aws.ts'

export interface QueueDepth {
  /** Messages that wait, that are being worked on, and that are not due yet. */
  waiting: number
  inFlight: number
  delayed: number
  /** Messages put aside; undefined: the queue has no dead-letter queue. */
  dead: number | undefined
}

export type QueueDoctor = (url: string) => Promise<QueueDepth>

export function sqsDoctor(aws: Aws): QueueDoctor {
  const client = new SQSClient(aws)
  const attributes = async (QueueUrl: string): Promise<Record<string, string>> => {
    const answer = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
    return answer.Attributes ?? {}
  }
  return async (url) => {
    const own = await attributes(url)
    const deadUrl = deadLettersOf(url, own.RedrivePolicy)
    const dead = deadUrl === undefined ? undefined : await attributes(deadUrl)
    return {
      waiting: Number(own.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(own.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(own.ApproximateNumberOfMessagesDelayed ?? 0),
      dead: dead && Number(dead.ApproximateNumberOfMessages ?? 0),
    }
  }
}

/** A queue's dead letters are in the same account and region: only the last part of the URL differs. */
function deadLettersOf(url: string, policy: string | undefined): string | undefined {
  const arn = /"deadLetterTargetArn"\s*:\s*"([^"]+)"/.exec(policy ?? '')?.[1]
  const name = arn?.slice(arn.lastIndexOf(':') + 1)
  return name === undefined ? undefined : `${url.slice(0, url.lastIndexOf('/'))}/${name}`
}
