/**
 * The Lambda handler of the step `observe`: notices of the mail service, from SNS by way of a queue. Each
 * record is answered for itself; one that cannot be read goes back until its queue gives it up for a person
 * to look at, since a bounce that nobody heard of costs the sender's name.
 */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { readNotice } from '#core/notice'
import { type ObservePorts, observe } from '#flow/observe'

const Envelope = z.object({ Type: z.literal('Notification'), Message: z.string() })

/** What SES publishes once when a topic is set up. */
const greeting = /^Successfully validated SNS topic/

/** The notice in a record's body: as SNS wraps it, or bare where raw delivery is on. */
function noticeIn(body: string): unknown {
  const outer: unknown = JSON.parse(body)
  const envelope = Envelope.safeParse(outer)
  if (!envelope.success) return outer
  const { Message } = envelope.data
  return greeting.test(Message) ? { eventType: 'Subscription' } : JSON.parse(Message)
}

/** Takes one record; answers whether it is done with. */
async function takeOne(ports: ObservePorts, record: SQSRecord): Promise<boolean> {
  try {
    const notice = readNotice(noticeIn(record.body))
    if (notice.kind === 'ignored') return true
    if (notice.kind === 'unreadable') throw new Error(`the notice could not be read: ${notice.why}`)
    await observe(ports, notice)
    return true
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    ports.log({ level: 'error', step: 'observe', event: 'failed', record: record.messageId, error: words })
    return false
  }
}

/** Takes a batch over the given ports, one record after the other: two may concern one inbox. */
export async function takeNotices(ports: ObservePorts, event: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const record of event.Records) {
    if (!(await takeOne(ports, record))) batchItemFailures.push({ itemIdentifier: record.messageId })
  }
  return { batchItemFailures }
}

const ports = { ...portsFrom(), keys: keysFrom(), log: jsonLog('observe') }

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => takeNotices(ports, event)
