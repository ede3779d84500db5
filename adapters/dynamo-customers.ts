/**
 * Customers in the table Customers: one actor each, every commit conditional on her version.
 *
 *     customerId, key = STATE       version, body: the state deflated; with an alarm also `due` and `dueShard`
 *     … of who was erased           version, erased: true, and nothing else
 *     customerId, key = D#<version> at, body: events, release and decisions of that commit, deflated
 *     customerId, key = PARKED      version, due, dueShard = 'parked', body: keys and error of what could not be
 *                                   decided, deflated; `version` is absent on rows of older builds
 *
 * The sparse index `due` (dueShard, due) holds who has an alarm, and in the shard `parked` who is parked, so
 * that neither is ever found by a scan. A stage's number of shards may grow, never shrink. Read
 * `adapters/dynamo-commit.ts` next.
 */
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { newState, State } from '#core/state'
import { Instant } from '#core/time'
import type { Customers, DecisionRow, Parked, Parking } from '#flow/port'
import { attempt, call } from './dynamo.ts'
import { type CustomerTables, commit, stateKey } from './dynamo-commit.ts'
import { named, unchanged } from './dynamo-expression.ts'
import { removeRows } from './dynamo-remove.ts'
import { Packed, pack, readPacked, readRow, schema, stamped } from './dynamo-row.ts'
import { parkedWith } from './parking.ts'
import { dueShard, indexes } from './shape.ts'

const parkedKey = 'PARKED'
const parkedShard = 'parked'

const StateRow = z.object({ version: z.number(), due: Instant.optional(), body: Packed })
const Tombstone = z.object({ version: z.number(), erased: z.literal(true) })
/** When nothing had been decided yet: what an erased customer's empty state says of its time. */
const beforeAll = '0000-01-01T00:00:00.000Z'
const ParkedRow = z.object({ version: z.number().default(0), due: Instant, body: Packed })
const ParkedInside = z.object({
  eventKeys: z.array(z.string()),
  moreFrom: Instant.optional(),
  error: z.string(),
})
const Sentence = z.object({
  journey: z.string(),
  outcome: z.string(),
  reason: z.looseObject({ code: z.string() }),
})
const Decided = z.object({
  version: z.number(),
  at: Instant,
  eventIds: z.array(z.string()),
  release: z.number(),
  decisions: z.array(Sentence.loose()),
})

async function get({ database, customers }: CustomerTables, customerId: string, key: string) {
  const command = new GetCommand({ TableName: customers, Key: { customerId, key }, ConsistentRead: true })
  return (await call('read a customer', () => database.send(command))).Item
}

async function load(tables: CustomerTables, customerId: string) {
  const item = await get(tables, customerId, stateKey)
  if (!item) return undefined
  const what = `the state of ${customerId}`
  if (item.erased === true) {
    const { version, erased } = readRow(Tombstone, item, what)
    return { state: newState(customerId, beforeAll), version, due: undefined, erased }
  }
  const { version, due, body } = readRow(StateRow, item, what)
  return { state: readPacked(State, { body }, what), version, due }
}

async function decisionsOf(
  { database, customers }: CustomerTables,
  customerId: string,
): Promise<DecisionRow[]> {
  const rows: DecisionRow[] = []
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: customers,
        KeyConditionExpression: '#customerId = :customerId AND begins_with(#key, :prefix)',
        ...(start && { ExclusiveStartKey: start }),
      },
      { customerId, prefix: 'D#' },
    )
    const page = await call('read decisions', () => database.send(new QueryCommand(query)))
    for (const item of page.Items ?? []) {
      const what = `the decision ${item.key} of ${customerId}`
      const { body, at } = readRow(z.object({ body: Packed, at: Instant }), item, what)
      const outside = { at, version: Number(String(item.key).slice(2)) }
      // The outcomes and codes of decisions grow with the code; what an older build wrote is still shown.
      rows.push(readPacked(Decided, { body, outside }, what) as unknown as DecisionRow)
    }
    start = page.LastEvaluatedKey
  } while (start)
  return rows
}

/** The keys of her decisions and of what is parked. */
async function keysBeside({ database, customers }: CustomerTables, customerId: string): Promise<string[]> {
  const keys: string[] = []
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: customers,
        KeyConditionExpression: '#customerId = :customerId',
        ProjectionExpression: '#key',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      },
      { customerId },
    )
    const page = await call('list the rows of a customer', () => database.send(new QueryCommand(query)))
    keys.push(...(page.Items ?? []).map((item) => String(item.key)))
    start = page.LastEvaluatedKey
  } while (start)
  return keys.filter((key) => key !== stateKey)
}

/** The tombstone first: what commits after it fails, so that nothing is written behind the removal. */
async function erase(tables: CustomerTables, customerId: string): Promise<number> {
  const { database, customers } = tables
  const tombstone = named(
    {
      TableName: customers,
      Key: { customerId, key: stateKey },
      UpdateExpression:
        'SET #erased = :erased, #schema = if_not_exists(#schema, :schema) REMOVE #body, #due, #dueShard ADD #version :one',
    },
    { erased: true, one: 1, schema },
  )
  await call('erase a state', () => database.send(new UpdateCommand(tombstone)))
  const keys = await keysBeside(tables, customerId)
  await removeRows(
    database,
    customers,
    keys.map((key) => ({ customerId, key })),
  )
  return keys.length
}

const Alarm = z.object({ customerId: z.string(), due: Instant })

/** Who stands in a shard of the index `due` up to an instant, earliest first. */
async function inShard(
  { database, customers }: CustomerTables,
  at: { shard: string; until: Instant; limit: number },
): Promise<z.infer<typeof Alarm>[]> {
  const found: z.infer<typeof Alarm>[] = []
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: customers,
        IndexName: indexes.due.name,
        KeyConditionExpression: '#dueShard = :shard AND #due <= :until',
        Limit: at.limit - found.length,
        ...(start && { ExclusiveStartKey: start }),
      },
      { shard: at.shard, until: at.until },
    )
    const page = await call('read the due alarms', () => database.send(new QueryCommand(query)))
    for (const item of page.Items ?? []) found.push(readRow(Alarm, item, 'a row of the index due'))
    start = page.LastEvaluatedKey
  } while (start && found.length < at.limit)
  return found
}

/** Each shard gives its share, so that a full one does not starve the others. */
async function dueAt(tables: CustomerTables, now: Instant, limit: number) {
  const share = Math.ceil(limit / tables.dueShards)
  const found: { customerId: string; due: Instant }[] = []
  for (let first = 0; first < tables.dueShards; first += limits.shardsAtOnce) {
    const last = Math.min(first + limits.shardsAtOnce, tables.dueShards)
    const shards = Array.from({ length: last - first }, (_, index) => dueShard(first + index))
    const each = await Promise.all(
      shards.map((shard) => inShard(tables, { shard, until: now, limit: share })),
    )
    found.push(...each.flat())
  }
  return found.sort((left, right) => (left.due < right.due ? -1 : 1)).slice(0, limit)
}

async function all({ database, customers }: CustomerTables, after?: string) {
  const scan = named(
    {
      TableName: customers,
      FilterExpression: '#key = :state AND attribute_not_exists(#erased)',
      ProjectionExpression: '#customerId',
      ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
    },
    { state: stateKey },
  )
  const page = await call('list the customers', () => database.send(new ScanCommand(scan)))
  const next = page.LastEvaluatedKey && JSON.stringify(page.LastEvaluatedKey)
  const customerIds = (page.Items ?? []).map((item) => String(item.customerId))
  return { customerIds, ...(next !== undefined && { next }) }
}

async function parked(tables: CustomerTables, customerId: string): Promise<Parked | undefined> {
  const item = await get(tables, customerId, parkedKey)
  if (!item) return undefined
  const what = `what is parked of ${customerId}`
  const { version, due, body } = readRow(ParkedRow, item, what)
  return { ...readPacked(ParkedInside, { body }, what), at: due, version }
}

/** The condition that what is parked still is as it was read, with its values. */
const asRead = ({ at, version }: Parked) =>
  [`#due = :at AND ${unchanged('version', version)}`, { at, version }] as const

async function park(tables: CustomerTables, customerId: string, parking: Parking): Promise<void> {
  for (let tries = 0; tries < limits.commitAttempts; tries += 1) {
    const before = await parked(tables, customerId)
    const { at: due, version, ...inside } = parkedWith(before, parking)
    const [condition, values] = before ? asRead(before) : ['attribute_not_exists(#customerId)', {}]
    const row = { customerId, key: parkedKey, dueShard: parkedShard, due, version, body: pack(inside) }
    const put = named(
      { TableName: tables.customers, Item: stamped(row), ConditionExpression: condition },
      values,
    )
    const answer = await attempt('park an input', () => tables.database.send(new PutCommand(put)))
    if (answer !== 'refused') return
  }
  throw new Failed({
    code: 'customer-busy',
    message: `what is parked of ${customerId} was changed by others ${limits.commitAttempts} times in a row; it is tried again`,
    retryable: true,
  })
}

async function unpark(tables: CustomerTables, customerId: string, read: Parked) {
  const [condition, values] = asRead(read)
  const gone = named(
    { TableName: tables.customers, Key: { customerId, key: parkedKey }, ConditionExpression: condition },
    values,
  )
  const answer = await attempt('take out what is parked', () => tables.database.send(new DeleteCommand(gone)))
  return answer === 'refused' ? 'changed' : 'unparked'
}

export const dynamoCustomers = (tables: CustomerTables): Customers => ({
  load: async (customerId) => load(tables, customerId),
  commit: async (one) => commit(tables, one),
  decisionsOf: async (customerId) => decisionsOf(tables, customerId),
  park: async (customerId, one) => park(tables, customerId, one),
  parked: async (customerId) => parked(tables, customerId),
  unpark: async (customerId, read) => unpark(tables, customerId, read),
  erase: async (customerId) => erase(tables, customerId),
  dueAt: async (now, limit) => dueAt(tables, now, limit),
  all: async (after) => all(tables, after),
  allParked: async () => {
    const until = '9999-12-31T23:59:59.999Z'
    const rows = await inShard(tables, { shard: parkedShard, until, limit: limits.parkedListed })
    return rows.map(({ customerId }) => customerId).sort()
  },
})
