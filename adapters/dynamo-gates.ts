/**
 * The rows that say who is who and who may be written to, in the table Gates (key: `gate`).
 *
 *     address:<keyed hash>   version, body: the rest of `AddressGate`, deflated (its ring is long)
 *     customer:<id>          version, lastOrderAt, mergedInto, erased (the claim's conditions), inbox, pending
 *     visitor:<anonymousId>  customerId
 *     order:<orderId>        messageId of the event that took it
 *
 * Every read is consistent: these rows are what answers are given by. Read `adapters/dynamo-messages.ts` next.
 */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { AddressGate, CustomerGate } from '#core/gate'
import type { Beside, Gates, Identities, ManyGates } from '#flow/port'
import { type Action, attempt, call, type Database } from './dynamo.ts'
import { named, unchanged } from './dynamo-expression.ts'
import { readMany } from './dynamo-many.ts'
import { notNewer, Packed, pack, readPacked, readRow, schema, stamped } from './dynamo-row.ts'

export interface GateTables {
  database: Database
  gates: string
}

/** A row of Gates, read consistently; undefined when there is none. */
export async function readGate<T>(
  tables: GateTables,
  gate: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  const { database, gates } = tables
  const get = new GetCommand({ TableName: gates, Key: { gate }, ConsistentRead: true })
  const read = await call('read a gate', () => database.send(get))
  return read.Item && readRow(shape, read.Item, `the gate of kind ${gate.split(':')[0]}`)
}

const AddressRow = z.object({ version: z.number(), body: Packed })
const Owned = z.object({ customerId: z.string() })

/** The put of an inbox one version higher, if it is still as it was read. */
export function putAddress(table: string, hash: string, gate: AddressGate) {
  const { version, ...rest } = gate
  return named(
    {
      TableName: table,
      Item: stamped({ gate: `address:${hash}`, version: version + 1, body: pack(rest) }),
      ConditionExpression: unchanged('gate', version),
    },
    { version },
  )
}

function putCustomer(table: string, customerId: string, gate: CustomerGate) {
  const { version } = gate
  return named(
    {
      TableName: table,
      Item: stamped({ ...gate, gate: `customer:${customerId}`, version: version + 1 }),
      ConditionExpression: unchanged('gate', version),
    },
    { version },
  )
}

/** The action that writes what goes beside an event. */
export function besideAction(table: string, beside: Beside): Action {
  const put = (Item: Record<string, unknown>, first: boolean): Action => ({
    Put: named(
      {
        TableName: table,
        Item: stamped(Item),
        ConditionExpression: first ? 'attribute_not_exists(#gate)' : notNewer,
      },
      { schema },
    ),
  })
  switch (beside.kind) {
    case 'visitor':
      return put({ gate: `visitor:${beside.anonymousId}`, customerId: beside.customerId }, beside.first)
    case 'order':
      return put({ gate: `order:${beside.orderId}`, messageId: beside.messageId }, true)
    case 'address':
      return { Put: putAddress(table, beside.hash, beside.gate) }
    case 'customer':
      return { Put: putCustomer(table, beside.customerId, beside.gate) }
  }
}

/** The condition on the person that a claim needs: hers still, and no order that ends what the mail is about. */
export function personAllows(
  table: string,
  of: { customerId: string; noOrderSince: string | undefined },
): Action {
  const here = 'attribute_not_exists(#erased) AND attribute_not_exists(#mergedInto)'
  const noOrder = '(attribute_not_exists(#lastOrderAt) OR #lastOrderAt < :since)'
  return {
    ConditionCheck: named(
      {
        TableName: table,
        Key: { gate: `customer:${of.customerId}` },
        ConditionExpression: of.noOrderSince === undefined ? here : `${here} AND ${noOrder}`,
      },
      { since: of.noOrderSince },
    ),
  }
}

const addressOf = ({ version, body }: z.infer<typeof AddressRow>): AddressGate =>
  readPacked(AddressGate, { body, outside: { version } }, 'the gate of an inbox')

export async function readAddress(tables: GateTables, hash: string): Promise<AddressGate | undefined> {
  const row = await readGate(tables, `address:${hash}`, AddressRow)
  return row && addressOf(row)
}

async function many(
  { database, gates }: GateTables,
  of: Readonly<Record<keyof ManyGates, readonly string[]>>,
): Promise<ManyGates> {
  const keys = [
    ...of.addresses.map((hash) => `address:${hash}`),
    ...of.customers.map((id) => `customer:${id}`),
  ]
  const rows = await readMany(database, gates, keys)
  const found: ManyGates = { addresses: new Map(), customers: new Map() }
  for (const [key, row] of rows) {
    const [kind = ''] = key.split(':', 1)
    const [id, what] = [key.slice(kind.length + 1), `the gate of kind ${kind}`]
    if (kind === 'address') found.addresses.set(id, addressOf(readRow(AddressRow, row, what)))
    if (kind === 'customer') found.customers.set(id, readRow(CustomerGate, row, what))
  }
  return found
}

export const dynamoGates = (tables: GateTables): Gates => ({
  address: async (hash) => readAddress(tables, hash),
  customer: async (customerId) => readGate(tables, `customer:${customerId}`, CustomerGate),
  many: async (of) => many(tables, of),
  putAddress: async (hash, gate) => {
    const put = new PutCommand(putAddress(tables.gates, hash, gate))
    const answer = await attempt('store an inbox', () => tables.database.send(put))
    return answer === 'refused' ? 'changed' : 'stored'
  },
  putCustomer: async (customerId, gate) => {
    const put = new PutCommand(putCustomer(tables.gates, customerId, gate))
    const answer = await attempt('store a person', () => tables.database.send(put))
    return answer === 'refused' ? 'changed' : 'stored'
  },
})

export const dynamoIdentities = (tables: GateTables): Identities => ({
  visitor: async (anonymousId) => (await readGate(tables, `visitor:${anonymousId}`, Owned))?.customerId,
})
