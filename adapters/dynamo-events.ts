/**
 * The event log in the table Events. A row is written once, under a condition on its key, and never changed;
 * only erasure takes rows out.
 *
 *     customerId   whose log, a customer's or a visitor's             partition key
 *     key          `<timestamp as sent, or "-">#<messageId>`          sort key
 *     reachable    BOOL; the stream to `decide` is filtered by it
 *     expiresAt    seconds since the epoch; absent on what is kept for ever (`adapters/retention.ts`)
 *     body         the rest of `core/event.ts`, deflated
 *
 * What goes beside an event is written by `adapters/dynamo-gates.ts`, in the same transaction.
 */
import { PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Event } from '#core/event'
import { toMs } from '#core/time'
import type { Beside, Clock, EventLog } from '#flow/port'
import { type Action, attempt, call, type Database, transact } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import { besideAction, readGate } from './dynamo-gates.ts'
import { removeRows } from './dynamo-remove.ts'
import { Packed, pack, readPacked, readRow, stamped } from './dynamo-row.ts'
import { expiryOf } from './retention.ts'

/** The row of an event. */
export function eventRow(event: Event): Record<string, unknown> {
  const { customerId, key, reachable, ...rest } = event
  const expiresAt = expiryOf(event)
  const expires = expiresAt === undefined ? {} : { expiresAt }
  return stamped({ customerId, key, reachable, ...expires, body: pack(rest) })
}

const EventRow = z.object({
  customerId: z.string(),
  key: z.string(),
  reachable: z.boolean(),
  expiresAt: z.number().optional(),
  body: Packed,
})

/** The event of a row, also of a row's image in the stream. Throws `row-too-new` or `row-unreadable`. */
export function eventOfRow(row: unknown): Event {
  const { customerId, key, reachable, body } = readRow(EventRow, row, 'a row of Events')
  const outside = { customerId, key, reachable }
  return readPacked(Event, { body, outside }, `the event ${key} of ${customerId}`)
}

/** The action that puts an event if its key is free. */
export const putEventAction = (table: string, event: Event): Action => ({
  Put: named({
    TableName: table,
    Item: eventRow(event),
    ConditionExpression: 'attribute_not_exists(#customerId)',
  }),
})

export interface EventTables {
  database: Database
  events: string
  gates: string
  clock: Clock
}

async function recordAlone({ database, events }: EventTables, event: Event) {
  const put = named({
    TableName: events,
    Item: eventRow(event),
    ConditionExpression: 'attribute_not_exists(#customerId)',
  })
  const answer = await attempt('store an event', () => database.send(new PutCommand(put)))
  return answer === 'refused' ? 'duplicate' : 'stored'
}

async function recordBeside(tables: EventTables, event: Event, beside: readonly Beside[]) {
  const { database, events, gates } = tables
  const actions = [putEventAction(events, event), ...beside.map((one) => besideAction(gates, one))]
  const answer = await transact(database, 'store an event with what goes beside it', actions)
  if (answer === 'done') return 'stored'
  return answer.includes(0) ? 'duplicate' : 'changed'
}

/** Rows in the order of their keys, read page by page until there are `limit` that have not expired. */
async function eventsOf(
  tables: EventTables,
  customerId: string,
  from: { limit?: number; after?: string; backwards?: boolean },
) {
  const { database, events, clock } = tables
  const nowSeconds = toMs(clock()) / 1000
  const found: Event[] = []
  const most = from.limit ?? Number.POSITIVE_INFINITY
  let start: Record<string, unknown> | undefined = from.after ? { customerId, key: from.after } : undefined
  do {
    const query = named(
      {
        TableName: events,
        KeyConditionExpression: '#customerId = :customerId',
        ConsistentRead: true,
        ScanIndexForward: from.backwards !== true,
        ...(start && { ExclusiveStartKey: start }),
        ...(Number.isFinite(most) && { Limit: most - found.length }),
      },
      { customerId },
    )
    const page = await call('read a log', () => database.send(new QueryCommand(query)))
    for (const row of page.Items ?? []) {
      if (typeof row.expiresAt !== 'number' || row.expiresAt > nowSeconds) found.push(eventOfRow(row))
    }
    start = page.LastEvaluatedKey
  } while (start && found.length < most)
  return found
}

async function heardOf({ database, events }: EventTables, after?: string) {
  const scan = named(
    {
      TableName: events,
      FilterExpression: '#reachable = :reachable',
      ProjectionExpression: '#customerId',
      ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
    },
    { reachable: true },
  )
  const page = await call('list the logs', () => database.send(new ScanCommand(scan)))
  const next = page.LastEvaluatedKey && JSON.stringify(page.LastEvaluatedKey)
  const customerIds = (page.Items ?? []).map((item) => String(item.customerId))
  return { customerIds, ...(next !== undefined && { next }) }
}

export const dynamoEventLog = (tables: EventTables): EventLog => ({
  record: async (event, beside) =>
    beside.length === 0 ? recordAlone(tables, event) : recordBeside(tables, event, beside),
  eventsOf: async (customerId, options = {}) => eventsOf(tables, customerId, options),
  heardOf: async (after) => heardOf(tables, after),
  orderTakenBy: async (orderId) =>
    (await readGate(tables, `order:${orderId}`, z.object({ messageId: z.string() })))?.messageId,
  remove: async (customerId, keys) => {
    const rows = keys.map((key) => ({ customerId, key }))
    await removeRows(tables.database, tables.events, rows)
  },
})
