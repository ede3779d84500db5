/**
 * The Lambda handler of the step `deliver`: the urgent and the bulk queue. See `flow/deliver.ts`. A message that
 * could not be looked at, or had no turn, is given back to its queue; once the account may not send, so is the
 * rest of the batch.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { stageFrom } from '#adapters/environment'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { mailerFrom } from '#adapters/ses'
import { type DeliverPorts, deliver } from '#flow/deliver'

const ports: DeliverPorts = {
  ...portsFrom(),
  log: jsonLog('deliver'),
  pause: (ms) => pause(ms),
  mailer: mailerFrom(),
  keys: keysFrom(),
  stage: stageFrom(),
}

const Dispatch = z.object({ customerId: z.string(), messageId: z.string(), round: z.number() })

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const dispatches = event.Records.map((record) => Dispatch.parse(JSON.parse(record.body)))
  const deliveries = await deliver(ports, dispatches)
  const failed = event.Records.filter((_record, index) => deliveries[index] === 'again')
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}
