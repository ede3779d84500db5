/**
 * The arrows of a message's life that `deliver`, `observe` and `track` write, each under the condition that the
 * row still has the status and round it is moved from. The claim is the transaction everything rests on: message,
 * inbox and person as they were judged, or nothing. Rows: `adapters/dynamo-message-row.ts`.
 */
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Event } from '#core/event'
import { Failed } from '#core/failed'
import { newAddressGate, withClaim, withoutClaim } from '#core/gate'
import { limits } from '#core/limits'
import type { Message, Status } from '#core/message'
import type { Claim, Messages, Noted, Rendered } from '#flow/port'
import { type Action, attempt, call, type Database, transact } from './dynamo.ts'
import { putEventAction } from './dynamo-events.ts'
import { named, setting } from './dynamo-expression.ts'
import { personAllows, putAddress, readAddress } from './dynamo-gates.ts'
import { messageOfRow, packBody, renderedOfRow } from './dynamo-message-row.ts'
import { removeRows } from './dynamo-remove.ts'
import { notNewer, schema } from './dynamo-row.ts'

export interface MessageTables {
  database: Database
  messages: string
  gates: string
  events: string
}

const keyOf = ({ customerId, messageId }: Pick<Message, 'customerId' | 'messageId'>) => ({
  customerId,
  messageId,
})

/** The update along an arrow, if the row is still as it is moved from. */
function arrow(
  { messages }: MessageTables,
  message: Message,
  move: { from: Status; set: Record<string, unknown>; remove?: string },
) {
  return named(
    {
      TableName: messages,
      Key: keyOf(message),
      UpdateExpression: `${setting(move.set)}${move.remove ? ` REMOVE ${move.remove}` : ''}`,
      ConditionExpression: `#status = :from AND #round = :inRound AND ${notNewer}`,
    },
    { ...move.set, from: move.from, inRound: message.round, schema },
  )
}

type Named = { customerId: string; messageId: string }

async function rowOf({ database, messages }: MessageTables, of: Named) {
  const get = new GetCommand({ TableName: messages, Key: keyOf(of), ConsistentRead: true })
  const { Item } = await call('read a message', () => database.send(get))
  return Item
}

async function load(tables: MessageTables, of: Named): Promise<Message | undefined> {
  const row = await rowOf(tables, of)
  return row && messageOfRow(row)
}

/** After a refused update: a row that is gone is no matter, one of a newer layout throws `row-too-new`. */
async function refuseNewer(tables: MessageTables, of: Named): Promise<void> {
  await load(tables, of)
}

async function inputs(tables: MessageTables, of: Named): Promise<Rendered | undefined> {
  const row = await rowOf(tables, of)
  return row && renderedOfRow(row)
}

async function note(tables: MessageTables, of: Named, noted: Noted): Promise<void> {
  const { database, messages } = tables
  const { answer, ...times } = noted
  const set = answer === undefined ? {} : { answer }
  const expression = setting(set, times)
  if (expression === '') return
  const update = named(
    {
      TableName: messages,
      Key: of,
      UpdateExpression: expression,
      ConditionExpression: `attribute_exists(#messageId) AND ${notNewer}`,
    },
    { ...set, ...times, schema },
  )
  const noticed = await attempt('note on a message', () => database.send(new UpdateCommand(update)))
  if (noticed === 'refused') await refuseNewer(tables, of)
}

async function messagesOf({ database, messages }: MessageTables, customerId: string): Promise<Message[]> {
  const found: Message[] = []
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: messages,
        KeyConditionExpression: '#customerId = :customerId',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      },
      { customerId },
    )
    const page = await call('read messages', () => database.send(new QueryCommand(query)))
    found.push(...(page.Items ?? []).map(messageOfRow))
    start = page.LastEvaluatedKey
  } while (start)
  return found
}

async function removeAll({ database, messages }: MessageTables, customerId: string): Promise<number> {
  let removed = 0
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: messages,
        KeyConditionExpression: '#customerId = :customerId',
        ProjectionExpression: '#messageId',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      },
      { customerId },
    )
    const page = await call('list messages', () => database.send(new QueryCommand(query)))
    const keys = (page.Items ?? []).map((item) => ({ customerId, messageId: String(item.messageId) }))
    await removeRows(database, messages, keys)
    removed += keys.length
    start = page.LastEvaluatedKey
  } while (start)
  return removed
}

async function claim(tables: MessageTables, one: Claim): Promise<'claimed' | 'changed'> {
  const { message, hash, gate, at, exempt, inputs, links, mailHash } = one
  const { customerId, messageId, runStartedAt } = message
  const body = packBody(message, { links, inputs, mailHash })
  const set = { status: 'CLAIMED', claimedAt: at, inbox: hash, body }
  const inbox = withClaim(gate, { messageId, at, ...(exempt && { exempt }) })
  const noOrderSince = message.exitsOnOrder ? runStartedAt : undefined
  const answer = await transact(tables.database, 'claim a message', [
    { Update: arrow(tables, message, { from: 'PLANNED', set }) },
    { Put: putAddress(tables.gates, hash, inbox) },
    personAllows(tables.gates, { customerId, noOrderSince }),
  ])
  return answer === 'done' ? 'claimed' : 'changed'
}

async function confirm(tables: MessageTables, message: Message, sent: { at: string; sesMessageId: string }) {
  const { at, sesMessageId } = sent
  const set = { status: 'SENT', sentAt: at, sesMessageId }
  const update = new UpdateCommand(arrow(tables, message, { from: 'CLAIMED', set }))
  const answer = await attempt('confirm a message', () => tables.database.send(update))
  if (answer !== 'refused') return 'confirmed'
  // The first try may have been stored and its answer lost, or the evidence may have come before us.
  const now = await load(tables, message)
  return now?.status === 'SENT' && now.sesMessageId === sesMessageId ? 'confirmed' : 'changed'
}

/**
 * Moves what was surely not sent from CLAIMED and takes it out of its inbox's ring, with the event that tells of
 * it; an event that is there already is left as it is.
 */
async function unclaim(
  tables: MessageTables,
  message: Message,
  by: { hash: string; set: Record<string, unknown>; remove?: string; event?: Event },
): Promise<'done' | 'changed'> {
  const { hash, event, ...move } = by
  const { messageId } = message
  let telling = event === undefined ? [] : [putEventAction(tables.events, event)]
  for (let tries = 0; tries < limits.conflictAttempts; tries += 1) {
    const gate = (await readAddress(tables, hash)) ?? newAddressGate()
    const answer = await transact(tables.database, 'give back a message', [
      { Update: arrow(tables, message, { from: 'CLAIMED', ...move }) },
      { Put: putAddress(tables.gates, hash, withoutClaim(gate, messageId)) },
      ...telling,
    ])
    if (answer === 'done') return 'done'
    if (answer.includes(0)) return 'changed'
    if (answer.includes(2)) telling = []
  }
  throw new Failed({
    code: 'inbox-unsettled',
    message: `the inbox of message ${messageId} kept changing while it was given back; it may pass: try again`,
    retryable: true,
  })
}

/** Moves a message and puts the event that tells of it; an event that is there already is left as it is. */
async function moveWith(tables: MessageTables, action: Action, event: Parameters<typeof putEventAction>[1]) {
  const both = [action, putEventAction(tables.events, event)]
  const answer = await transact(tables.database, 'move a message', both)
  if (answer === 'done') return 'refused'
  if (answer.includes(0)) return 'changed'
  const alone = await transact(tables.database, 'move a message', [action])
  return alone === 'done' ? 'refused' : 'changed'
}

type Seen = Parameters<Messages['observe']>[2]

const open = '#status IN (:claimed, :unknown, :closed)'
const statuses = { claimed: 'CLAIMED', unknown: 'UNKNOWN', closed: 'CLOSED' }

/** Notes times; where the outcome was open, what was seen proves that it was sent. One update as a rule. */
async function observe(tables: MessageTables, of: Named, seen: Seen): Promise<'settled' | 'noted'> {
  const { database, messages } = tables
  const { sentAt: given, ...times } = seen
  const sentAt = given ?? seen.deliveredAt ?? seen.bouncedAt ?? seen.complainedAt
  if (sentAt === undefined && seen.sesMessageId === undefined) return 'noted'
  const note = async (proven: boolean) => {
    const set = proven ? { status: 'SENT' } : {}
    const once: Record<string, unknown> = proven ? { ...times, sentAt } : times
    const expression = setting(set, once)
    if (expression === '') return 'nothing'
    const state = proven ? open : `attribute_exists(#messageId) AND NOT ${open}`
    const update = named(
      {
        TableName: messages,
        Key: of,
        UpdateExpression: expression,
        ConditionExpression: `${state} AND ${notNewer}`,
      },
      { ...set, ...once, ...statuses, schema },
    )
    return attempt('note what became of a message', () => database.send(new UpdateCommand(update)))
  }
  // The status can change between two tries once, from open to sent: hence the third.
  for (const proven of [false, true, false]) {
    if ((await note(proven)) !== 'refused') return proven ? 'settled' : 'noted'
  }
  await refuseNewer(tables, of)
  return 'noted'
}

async function noteClick(
  tables: MessageTables,
  of: Named,
  click: { at: string; human: boolean },
): Promise<Message | undefined> {
  const { database, messages } = tables
  const once = click.human ? { clickedAt: click.at } : {}
  const update = named(
    {
      TableName: messages,
      Key: of,
      UpdateExpression: `${setting({ lastHitAt: click.at }, once)} ADD #clicks :one`,
      ConditionExpression: `attribute_exists(#messageId) AND ${notNewer}`,
      ReturnValues: 'ALL_OLD' as const,
    },
    { lastHitAt: click.at, ...once, one: 1, schema },
  )
  const answer = await attempt('note a click', () => database.send(new UpdateCommand(update)))
  if (answer === 'refused') await refuseNewer(tables, of)
  return answer === 'refused' || !answer.Attributes ? undefined : messageOfRow(answer.Attributes)
}

export const dynamoMessages = (tables: MessageTables): Messages => ({
  load: async (customerId, messageId) => load(tables, { customerId, messageId }),
  messagesOf: async (customerId) => messagesOf(tables, customerId),
  removeAll: async (customerId) => removeAll(tables, customerId),
  claim: async (one) => claim(tables, one),
  confirm: async (message, sent) => confirm(tables, message, sent),
  release: async (message, { hash, notBefore, reason }) => {
    const set = { status: 'PLANNED', round: message.round + 1, notBefore, reason, body: packBody(message) }
    const answer = await unclaim(tables, message, { hash, set, remove: '#claimedAt, #inbox' })
    return answer === 'done' ? 'released' : 'changed'
  },
  fail: async (message, { hash, reason, event }) => {
    const answer = await unclaim(tables, message, { hash, set: { status: 'FAILED', reason }, event })
    return answer === 'done' ? 'refused' : 'changed'
  },
  refuse: async (message, { to, reason, until, event }) => {
    const set = { status: to, reason, until }
    return moveWith(tables, { Update: arrow(tables, message, { from: 'PLANNED', set }) }, event)
  },
  observe: async (customerId, messageId, seen) => observe(tables, { customerId, messageId }, seen),
  noteClick: async (customerId, messageId, click) => noteClick(tables, { customerId, messageId }, click),
  note: async (customerId, messageId, noted) => note(tables, { customerId, messageId }, noted),
  inputs: async (customerId, messageId) => inputs(tables, { customerId, messageId }),
})
