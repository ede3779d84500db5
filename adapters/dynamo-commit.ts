/**
 * One commit of a customer: state, decision row and message changes, all or nothing. Without row and changes it
 * is one plain conditional put, because a transaction costs twice. A change whose message is no longer as
 * expected is taken out and the rest stored; only the state's own version sends the caller back.
 */
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import type { MessageEffect } from '#core/decision'
import { Failed } from '#core/failed'
import { fraction } from '#core/id'
import type { Commit } from '#flow/port'
import { type Action, attempt, type Database, transact } from './dynamo.ts'
import { named, setting, unchanged } from './dynamo-expression.ts'
import { messageRow } from './dynamo-message-row.ts'
import { notNewer, pack, schema, stamped } from './dynamo-row.ts'
import { dueShard } from './shape.ts'

export interface CustomerTables {
  database: Database
  customers: string
  messages: string
  /** How many partitions of the index `due` the stage spreads its alarms over. */
  dueShards: number
  /** How many partitions of the index `report` it spreads a journey's messages over. */
  reportShards: number
}

export const stateKey = 'STATE'

/** The shard of a customer's alarm. */
const dueShardOf = (customerId: string, dueShards: number): string =>
  dueShard(Math.floor(fraction(customerId) * dueShards))

/** The row of a state; her alarm stands in one of `dueShards` partitions of the index. */
export function stateRow(
  of: Pick<Commit, 'customerId' | 'state' | 'due' | 'expectedVersion'>,
  dueShards: number,
): Record<string, unknown> {
  const { customerId, state, due, expectedVersion } = of
  const alarm = due === undefined ? {} : { due, dueShard: dueShardOf(customerId, dueShards) }
  return { customerId, key: stateKey, version: expectedVersion + 1, ...alarm, body: pack(state) }
}

function statePut(tables: CustomerTables, commit: Commit) {
  const { expectedVersion: version } = commit
  return named(
    {
      TableName: tables.customers,
      Item: stateRow(commit, tables.dueShards),
      ConditionExpression: unchanged('customerId', version),
    },
    { version },
  )
}

/** The row of what was decided in one commit. */
export function decisionRow({
  customerId,
  expectedVersion,
  row,
}: Pick<Commit, 'customerId' | 'expectedVersion'> & { row: NonNullable<Commit['row']> }): Record<
  string,
  unknown
> {
  const { at, ...rest } = row
  const key = `D#${String(expectedVersion + 1).padStart(10, '0')}`
  return stamped({ customerId, key, at, body: pack(rest) })
}

function rowAction(tables: CustomerTables, { customerId, expectedVersion, row }: Commit): Action[] {
  return row
    ? [{ Put: { TableName: tables.customers, Item: decisionRow({ customerId, expectedVersion, row }) } }]
    : []
}

function effectAction(tables: CustomerTables, customerId: string, effect: MessageEffect): Action {
  const { messages: table } = tables
  if (effect.kind === 'plan') {
    const Item = messageRow(effect.message, tables.reportShards)
    return {
      Put: named({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(#customerId)' }),
    }
  }
  if (effect.kind === 'attribute') {
    const { orders } = effect
    return {
      Update: named(
        {
          TableName: table,
          Key: { customerId: effect.customerId, messageId: effect.messageId },
          UpdateExpression: setting({ orders }),
          ConditionExpression: `attribute_exists(#customerId) AND ${notNewer}`,
        },
        { orders, schema },
      ),
    }
  }
  const { messageId, from, round, to, reason, notBefore } = effect
  const changes = { status: to, reason, notBefore, ...(to === 'PLANNED' && { round: round + 1 }) }
  return {
    Update: named(
      {
        TableName: table,
        Key: { customerId, messageId },
        UpdateExpression: `${setting(changes)} REMOVE #until`,
        ConditionExpression: `#status = :from AND #round = :inRound AND ${notNewer}`,
      },
      { ...changes, from, inRound: round, schema },
    ),
  }
}

/** Stores a commit; see `Customers.commit` in `flow/port.ts`. */
export async function commit(tables: CustomerTables, one: Commit): Promise<'committed' | 'changed'> {
  const { database } = tables
  const state = statePut(tables, one)
  const row = rowAction(tables, one)
  let effects = one.effects
  for (let round = 0; round <= one.effects.length; round += 1) {
    if (row.length === 0 && effects.length === 0) {
      const put = new PutCommand(state)
      const answer = await attempt('store a state', () => database.send(put))
      return answer === 'refused' ? 'changed' : 'committed'
    }
    const changes = effects.map((effect) => effectAction(tables, one.customerId, effect))
    const answer = await transact(database, 'store a commit', [{ Put: state }, ...row, ...changes])
    if (answer === 'done') return 'committed'
    if (answer.includes(0)) return 'changed'
    const first = 1 + row.length
    effects = effects.filter((_, index) => !answer.includes(first + index))
  }
  throw new Failed({
    code: 'commit-unsettled',
    message: `the messages of ${one.customerId} kept changing under a commit; it may pass: try again`,
    retryable: true,
  })
}
