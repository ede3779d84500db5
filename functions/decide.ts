/**
 * The Lambda handler of the step `decide`, with two sources: the stream of Events (new events of customers)
 * and the wake queue (alarms that are due). It groups by customer and calls `flow/decide.ts`; a customer that
 * failed for the infrastructure's sake is given back, the others are done. An event that can never be read is
 * parked by the keys of its record.
 */
import type {
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda'
import * as z from 'zod'
import { plainItem } from '#adapters/attribute'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { eventOfImage } from '#adapters/stream'
import type { Event } from '#core/event'
import { Instant } from '#core/time'
import { type DecidePorts, decideAll, worksOf } from '#flow/decide'
import { isPoison, park } from '#flow/poison'

type Image = Parameters<typeof eventOfImage>[0]

const Wake = z.object({ customerId: z.string(), firedAt: Instant })
const Keys = z.object({ customerId: z.string(), key: z.string() })

async function eventOf(ports: DecidePorts, { dynamodb }: DynamoDBRecord): Promise<Event | undefined> {
  try {
    return eventOfImage((dynamodb?.NewImage ?? {}) as Image)
  } catch (error) {
    if (!isPoison(error)) throw error
    const keys = Keys.safeParse(plainItem((dynamodb?.Keys ?? {}) as Image))
    if (keys.success) {
      const { customerId, key } = keys.data
      await park(ports, { customerId, events: [{ key, receivedAt: ports.clock() }] }, error)
    } else ports.log({ level: 'error', step: 'decide', event: 'unreadable', error: error.message })
    return undefined
  }
}

async function decideEvents(
  ports: DecidePorts,
  records: readonly DynamoDBRecord[],
): Promise<DynamoDBBatchResponse> {
  const events = await Promise.all(records.map((record) => eventOf(ports, record)))
  const failed = await decideAll(ports, worksOf(events.filter((event) => event !== undefined)))
  // The stream goes on from the lowest number that is returned; what had succeeded is decided again, harmlessly.
  const first = events.findIndex((event) => event !== undefined && failed.has(event.customerId))
  const itemIdentifier = records[first]?.dynamodb?.SequenceNumber
  return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] }
}

async function decideAlarms(ports: DecidePorts, records: readonly SQSRecord[]): Promise<SQSBatchResponse> {
  const wakes = records.map((record) => ({
    ...Wake.parse(JSON.parse(record.body)),
    messageId: record.messageId,
  }))
  const latest = new Map<string, string>()
  for (const { customerId, firedAt } of wakes) {
    const before = latest.get(customerId)
    latest.set(customerId, before !== undefined && before > firedAt ? before : firedAt)
  }
  const works = [...latest].map(([customerId, alarmAt]) => ({ customerId, events: [], alarmAt }))
  const failed = await decideAll(ports, works)
  const given = wakes.filter(({ customerId }) => failed.has(customerId))
  return { batchItemFailures: given.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}

const isStream = (event: DynamoDBStreamEvent | SQSEvent): event is DynamoDBStreamEvent =>
  event.Records[0] !== undefined && 'dynamodb' in event.Records[0]

/** Decides a batch over these ports; answers which records come again. */
export const decideBatch = async (
  ports: DecidePorts,
  event: DynamoDBStreamEvent | SQSEvent,
): Promise<DynamoDBBatchResponse | SQSBatchResponse> =>
  isStream(event) ? decideEvents(ports, event.Records) : decideAlarms(ports, event.Records)

const ports: DecidePorts = { ...portsFrom(), log: jsonLog('decide') }

export const handler = async (event: DynamoDBStreamEvent | SQSEvent) => decideBatch(ports, event)
