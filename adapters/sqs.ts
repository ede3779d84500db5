/**
 * The queues made real: alarms to `decide`, planned mails to `deliver`. Ten a call; what SQS refused of a call
 * is sent again, and only what it refused. A message may arrive twice: its readers are ready for that.
 */
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import type { DeliveryQueues, WakeQueue } from '#flow/port'
import type { Aws } from './aws.ts'
import { type Environment, readText } from './environment.ts'
import { queues } from './shape.ts'

interface Outgoing {
  body: Record<string, unknown>
  delayMs?: number
}

const entryOf = ({ body, delayMs }: Outgoing, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: JSON.stringify(body),
  ...(delayMs !== undefined && delayMs > 0 && { DelaySeconds: Math.ceil(delayMs / 1000) }),
})

function failure(url: string, detail: string, retryable: boolean, cause?: unknown): Failed {
  const queue = url.split('/').at(-1) ?? url
  const cure = retryable ? 'it may pass: try again' : 'check the queue and the rights of the function'
  return new Failed({
    code: 'queue-failed',
    message: `SQS did not take messages for ${queue} (${detail}); ${cure}`,
    retryable,
    cause,
  })
}

const pause = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * limits.queuePauseMs * 2 ** attempt))

/** One call; answers the entries that were refused but may pass. */
async function sendOnce(client: SQSClient, url: string, entries: SendMessageBatchRequestEntry[]) {
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries })
  const answer = await client.send(command).catch((error: unknown) => {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 500
    const name = error instanceof Error ? error.name : 'Unknown'
    throw failure(url, name, status >= 500 || status === 429 || name.includes('Throttl'), error)
  })
  const fault = answer.Failed?.find((one) => one.SenderFault)
  if (fault) throw failure(url, `${fault.Code}: ${fault.Message ?? ''}`, false)
  const refused = new Set(answer.Failed?.map((one) => one.Id))
  return entries.filter((entry) => refused.has(entry.Id))
}

async function sendBatch(client: SQSClient, url: string, batch: readonly Outgoing[]): Promise<void> {
  let entries = batch.map(entryOf)
  for (let attempt = 0; attempt < limits.queueAttempts; attempt += 1) {
    if (attempt > 0) await pause(attempt)
    entries = await sendOnce(client, url, entries)
    if (entries.length === 0) return
  }
  throw failure(url, `${entries.length} of ${batch.length} refused ${limits.queueAttempts} times`, true)
}

async function sendAll(client: SQSClient, url: string, all: readonly Outgoing[]): Promise<void> {
  const batches: Outgoing[][] = []
  for (let first = 0; first < all.length; first += limits.queueBatch) {
    batches.push(all.slice(first, first + limits.queueBatch))
  }
  for (let first = 0; first < batches.length; first += limits.queueConcurrency) {
    const some = batches.slice(first, first + limits.queueConcurrency)
    await Promise.all(some.map((batch) => sendBatch(client, url, batch)))
  }
}

export const sqsWakeQueue = (client: SQSClient, url: () => string): WakeQueue => ({
  wake: async (customers) => {
    const bodies = customers.map(({ customerId, firedAt }) => ({ body: { customerId, firedAt } }))
    await sendAll(client, url(), bodies)
  },
})

export const sqsDeliveryQueues = (
  client: SQSClient,
  urls: { urgent: () => string; bulk: () => string },
): DeliveryQueues => ({
  dispatch: async (messages) => {
    for (const kind of ['urgent', 'bulk'] as const) {
      const own = messages.filter((message) => message.urgent === (kind === 'urgent'))
      const outgoing = own.map(({ customerId, messageId, round, delayMs }) => ({
        body: { customerId, messageId, round },
        delayMs: Math.min(delayMs, limits.dispatchDelayMs),
      }))
      if (outgoing.length > 0) await sendAll(client, urls[kind](), outgoing)
    }
  },
})

/** The queues of a process. A missing variable fails where it is needed. */
export function queuesFrom(environment: Environment = process.env, aws: Aws = {}) {
  const client = new SQSClient({
    ...aws,
    requestHandler: {
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.databaseTimeoutMs,
      throwOnRequestTimeout: true,
    },
  })
  const url = (name: keyof typeof queues) => () => readText(environment, queues[name].env)
  return {
    wakeQueue: sqsWakeQueue(client, url('wake')),
    deliveryQueues: sqsDeliveryQueues(client, { urgent: url('urgent'), bulk: url('bulk') }),
  }
}
