/**
 * The Lambda handler of the step `deliver`: the urgent and the bulk queue. See `flow/deliver.ts`. A message that
 * could not be looked at is given back to its queue; when the account may not send, the whole batch is.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { systemClock } from '#adapters/clock'
import { openDatabase } from '#adapters/dynamo'
import { dynamoCustomers } from '#adapters/dynamo-customers'
import { dynamoEventLog } from '#adapters/dynamo-events'
import { dynamoGates } from '#adapters/dynamo-gates'
import { dynamoMessages } from '#adapters/dynamo-messages'
import { dynamoWorkspace } from '#adapters/dynamo-workspace'
import { readEnvironment } from '#adapters/environment'
import { jsonLog } from '#adapters/log'
import { secretKeys } from '#adapters/secrets'
import { sesMailer } from '#adapters/ses'
import { type DeliverPorts, deliver } from '#flow/deliver'

const environment = readEnvironment(
  'events',
  'customers',
  'gates',
  'messages',
  'workspace',
  'addressKey',
  'linkKeys',
  'linkBaseUrl',
  'sender',
  'allowList',
  'configurationSet',
)
const tables = { database: openDatabase(), clock: systemClock, dueShards: 1, ...environment }
const { sender, linkBaseUrl, allowList, configurationSet } = environment

const ports: DeliverPorts = {
  clock: systemClock,
  log: jsonLog,
  pause: (ms) => pause(ms),
  events: dynamoEventLog(tables),
  customers: dynamoCustomers(tables),
  gates: dynamoGates(tables),
  messages: dynamoMessages(tables),
  workspace: dynamoWorkspace(tables),
  mailer: sesMailer({ configurationSet }),
  keys: secretKeys(environment),
  stage: { from: sender, linkBaseUrl, allowList },
}

const Dispatch = z.object({ customerId: z.string(), messageId: z.string(), round: z.number() })

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const dispatches = event.Records.map((record) => Dispatch.parse(JSON.parse(record.body)))
  const deliveries = await deliver(ports, dispatches)
  const failed = event.Records.filter((_record, index) => deliveries[index] === 'again')
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}
