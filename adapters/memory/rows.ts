/**
 * All that the in-memory tables hold, as rows of the tables on AWS, written by the same row functions: what was
 * lived through in memory can be put into a stage whole. The workspace (releases, keys) is not among it.
 */

import { decisionRow, stateRow } from '#adapters/dynamo-commit'
import { eventRow } from '#adapters/dynamo-events'
import { besideAction } from '#adapters/dynamo-gates'
import { messageRow, packBody } from '#adapters/dynamo-message-row'
import type { Event } from '#core/event'
import type { Beside, Commit } from '#flow/port'
import type { MessageRow, Tables } from './tables.ts'

export type RowTable = 'events' | 'customers' | 'messages' | 'gates'

export interface Row {
  table: RowTable
  item: Record<string, unknown>
}

function* eventRows(tables: Tables): Generator<Row> {
  for (const log of tables.events.values())
    for (const event of log.values()) yield { table: 'events', item: eventRow(event satisfies Event) }
}

const commitOf = (customerId: string, version: number): Pick<Commit, 'customerId' | 'expectedVersion'> => ({
  customerId,
  expectedVersion: version - 1,
})

function* customerRows(tables: Tables, { dueShards }: Shards): Generator<Row> {
  for (const [customerId, { state, version, due, erased }] of tables.customers) {
    if (erased) continue
    const commit = { ...commitOf(customerId, version), state, due }
    yield { table: 'customers', item: stateRow(commit, dueShards) }
  }
  for (const [customerId, rows] of tables.decisions)
    for (const { version, ...row } of rows)
      yield { table: 'customers', item: decisionRow({ ...commitOf(customerId, version), row }) }
}

function messageItem(
  { message, inputs, mailHash, clicks }: MessageRow,
  { reportShards }: Shards,
): Record<string, unknown> {
  const { links } = message
  const claimed = { ...(links && { links }), ...(mailHash !== undefined && { inputs, mailHash }) }
  return {
    ...messageRow(message, reportShards),
    body: packBody(message, claimed),
    ...(clicks > 0 && { clicks }),
  }
}

function* messageRows(tables: Tables, shards: Shards): Generator<Row> {
  for (const rows of tables.messages.values())
    for (const row of rows.values()) yield { table: 'messages', item: messageItem(row, shards) }
}

/** A gate as it is stored: a put counts its version up, so that what is put is one below. */
const below = <T extends { version: number }>(gate: T): T => ({ ...gate, version: gate.version - 1 })

function* besides(tables: Tables): Generator<Beside> {
  for (const [anonymousId, customerId] of tables.visitors)
    yield { kind: 'visitor', anonymousId, customerId, first: false }
  for (const [hash, gate] of tables.addresses) yield { kind: 'address', hash, gate: below(gate) }
  for (const [customerId, gate] of tables.persons) yield { kind: 'customer', customerId, gate: below(gate) }
  for (const [orderId, messageId] of tables.orders) yield { kind: 'order', orderId, messageId }
}

function* gateRows(tables: Tables): Generator<Row> {
  for (const beside of besides(tables)) {
    const item = besideAction('', beside).Put?.Item
    if (item !== undefined) yield { table: 'gates', item }
  }
}

/** Over how many partitions of their indexes a stage spreads its alarms and its messages. */
export interface Shards {
  dueShards: number
  reportShards: number
}

/** Every row, table by table. */
export function* rowsOf(tables: Tables, shards: Shards): Generator<Row> {
  yield* gateRows(tables)
  yield* messageRows(tables, shards)
  yield* customerRows(tables, shards)
  yield* eventRows(tables)
}
