/** The Lambda handler of the step `dispatch`: planned rows of the stream of Messages. See `flow/dispatch.ts`. */
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { systemClock } from '#adapters/clock'
import { queuesFrom } from '#adapters/sqs'
import { messageOfImage } from '#adapters/stream'
import { dispatch } from '#flow/dispatch'

const ports = { clock: systemClock, queues: queuesFrom().deliveryQueues }

type Image = Parameters<typeof messageOfImage>[0]

/** A batch goes through whole or comes again whole: dispatching twice claims once. */
export const handler = async (event: DynamoDBStreamEvent): Promise<void> => {
  const planned = event.Records.map(({ dynamodb }) => messageOfImage((dynamodb?.NewImage ?? {}) as Image))
  await dispatch(ports, planned)
}
