/**
 * The Lambda handler of the step `decide`, with two sources: the stream of Events (new events of customers)
 * and the wake queue (alarms that are due). It groups by customer and calls `flow/decide.ts`; a customer that
 * failed for the infrastructure's sake is given back, the others are done.
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
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { eventOfImage } from '#adapters/stream'
import type { Event } from '#core/event'
import { Instant } from '#core/time'
import { type DecidePorts, decideAll, worksOf } from '#flow/decide'

const ports: DecidePorts = { ...portsFrom(), log: jsonLog('decide') }

type Image = Parameters<typeof eventOfImage>[0]

const Wake = z.object({ customerId: z.string(), firedAt: Instant })

const eventOf = ({ dynamodb }: DynamoDBRecord): Event => eventOfImage((dynamodb?.NewImage ?? {}) as Image)

async function decideEvents(records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> {
  const events = records.map(eventOf)
  const failed = await decideAll(ports, worksOf(events))
  // The stream goes on from the lowest number that is returned; what had succeeded is decided again, harmlessly.
  const first = events.findIndex((event) => failed.has(event.customerId))
  const itemIdentifier = records[first]?.dynamodb?.SequenceNumber
  return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] }
}

async function decideAlarms(records: readonly SQSRecord[]): Promise<SQSBatchResponse> {
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

export const handler = async (
  event: DynamoDBStreamEvent | SQSEvent,
): Promise<DynamoDBBatchResponse | SQSBatchResponse> =>
  isStream(event) ? decideEvents(event.Records) : decideAlarms(event.Records)
