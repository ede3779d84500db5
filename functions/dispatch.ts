/** The Lambda handler of the step `dispatch`: planned rows of the stream of Messages. See `flow/dispatch.ts`. */
import type { DynamoDBStreamEvent } from 'aws-lambda'
import * as z from 'zod'
import { plainItem } from '#adapters/attribute'
import { systemClock } from '#adapters/clock'
import { messageOfRow } from '#adapters/dynamo-message-row'
import { readEnvironment } from '#adapters/environment'
import { sqsDeliveryQueues } from '#adapters/sqs'
import { dispatch } from '#flow/dispatch'

const environment = readEnvironment('urgentQueue', 'bulkQueue')
const ports = { clock: systemClock, queues: sqsDeliveryQueues(environment) }

const Image = z.record(z.string(), z.unknown())

/** A batch goes through whole or comes again whole: dispatching twice claims once. */
export const handler = async (event: DynamoDBStreamEvent): Promise<void> => {
  const rows = event.Records.map(({ dynamodb }) =>
    messageOfRow(plainItem(Image.parse(dynamodb?.NewImage) as never)),
  )
  await dispatch(ports, rows)
}
