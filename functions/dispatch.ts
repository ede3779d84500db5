/** The Lambda handler of the step `dispatch`: planned rows of the stream of Messages. See `flow/dispatch.ts`. */
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { plainItem } from '#adapters/attribute'
import { systemClock } from '#adapters/clock'
import { jsonLog } from '#adapters/log'
import { queuesFrom } from '#adapters/sqs'
import { messageOfImage } from '#adapters/stream'
import type { Message } from '#core/message'
import { type DispatchPorts, dispatch } from '#flow/dispatch'
import { isPoison } from '#flow/poison'
import type { Log } from '#flow/port'

type Image = Parameters<typeof messageOfImage>[0]
type Ports = DispatchPorts & { log: Log }

/** One that can never be read is told and passed over: her alarm looks at it in 15 minutes, and parks her. */
function messageOf({ log }: Ports, { dynamodb }: DynamoDBRecord): Message[] {
  try {
    return [messageOfImage((dynamodb?.NewImage ?? {}) as Image)]
  } catch (error) {
    if (!isPoison(error)) throw error
    const keys = plainItem((dynamodb?.Keys ?? {}) as Image)
    log({ level: 'error', step: 'dispatch', event: 'unreadable', ...keys, error: error.message })
    return []
  }
}

/** A batch goes through whole or comes again whole: dispatching twice claims once. */
export const dispatchBatch = async (ports: Ports, { Records }: DynamoDBStreamEvent): Promise<void> =>
  dispatch(
    ports,
    Records.flatMap((record) => messageOf(ports, record)),
  )

const ports: Ports = { clock: systemClock, queues: queuesFrom().deliveryQueues, log: jsonLog('dispatch') }

export const handler = async (event: DynamoDBStreamEvent): Promise<void> => dispatchBatch(ports, event)
