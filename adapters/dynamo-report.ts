/**
 * What the report counts and keeps. Messages are found by the sparse index `report` (keys only, `reportShards` a
 * journey), then read many at once; customers' states by walking the table. What was counted lies in Workspace:
 *
 *     report / <day>#<journey>   body: the day's lines, deflated
 *     report / progress          body: how far the count has come, and the shop's figures, deflated
 *
 * Reads are eventually consistent: what is a moment old now is counted anew in the next hour.
 */
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { type Day, ReportDay } from '#core/report/day'
import { Progress } from '#core/report/progress'
import { State } from '#core/state'
import type { Reports } from '#flow/port'
import { attempt, call, type Database } from './dynamo.ts'
import { stateKey } from './dynamo-commit.ts'
import { named } from './dynamo-expression.ts'
import { messageOfRow, reportShard } from './dynamo-message-row.ts'
import { notNewer, Packed, pack, readPacked, readRow, schema, stamped, tooNew } from './dynamo-row.ts'
import { indexes } from './shape.ts'

export interface ReportTables {
  database: Database
  customers: string
  messages: string
  workspace: string
  /** How many partitions of the index `report` the stage spreads a journey's messages over. */
  reportShards: number
}

type Row = Record<string, unknown>
type Span = { journey: string; from: Day; to: Day }

const kind = 'report'
const progressId = 'progress'

const pause = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, limits.conflictPauseMs * 2 ** attempt))

/** The rows of keys; a row that is gone is left out. */
async function rowsOf({ database, messages }: ReportTables, keys: Row[]): Promise<Row[]> {
  const rows: Row[] = []
  let left = keys
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt >= limits.conflictAttempts) throw busy()
    if (attempt > 0) await pause(attempt)
    const command = new BatchGetCommand({ RequestItems: { [messages]: { Keys: left } } })
    const answer: BatchGetCommandOutput = await call('read messages', () => database.send(command))
    rows.push(...(answer.Responses?.[messages] ?? []))
    left = answer.UnprocessedKeys?.[messages]?.Keys ?? []
  }
  return rows
}

const busy = (): Failed =>
  new Failed({
    code: 'database-failed',
    message: 'DynamoDB left rows of Messages unread again and again; it may pass: try again',
    retryable: true,
  })

/** One page of the keys of a shard. */
async function keysIn(
  { database, messages }: ReportTables,
  of: Span & { shard: number; start?: Row | undefined },
) {
  const query = named(
    {
      TableName: messages,
      IndexName: indexes.report.name,
      KeyConditionExpression: '#reportShard = :shard AND #day BETWEEN :first AND :last',
      Limit: limits.reportPageRows,
      ...(of.start && { ExclusiveStartKey: of.start }),
    },
    // `$` follows `#`: every message id of the last day lies before it
    { shard: reportShard(of.journey, of.shard), first: `${of.from}#`, last: `${of.to}$` },
  )
  const page = await call('find messages for the report', () => database.send(new QueryCommand(query)))
  const keys = (page.Items ?? []).map(({ customerId, messageId }) => ({ customerId, messageId }))
  return { keys, start: page.LastEvaluatedKey }
}

/** Where the next page of each shard begins; null: the shard has no more. */
const Starts = z.array(z.record(z.string(), z.unknown()).nullable())

async function planned(tables: ReportTables, span: Span, after?: string) {
  const given = after === undefined ? undefined : Starts.parse(JSON.parse(after))
  const shards = Array.from({ length: tables.reportShards }, (_, shard) => shard)
  const pages = await Promise.all(
    shards.map(async (shard) => {
      const start = given?.[shard]
      if (start === null) return { messages: [], start: null }
      const { keys, start: next } = await keysIn(tables, { ...span, shard, start })
      return { messages: (await rowsOf(tables, keys)).map(messageOfRow), start: next ?? null }
    }),
  )
  const messages: Message[] = pages.flatMap((page) => page.messages)
  const starts = pages.map(({ start }) => start)
  return starts.every((start) => start === null) ? { messages } : { messages, next: JSON.stringify(starts) }
}

async function states({ database, customers }: ReportTables, after?: string) {
  const scan = named(
    {
      TableName: customers,
      FilterExpression: '#key = :state AND attribute_not_exists(#erased)',
      ProjectionExpression: '#customerId, #body',
      ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
    },
    { state: stateKey },
  )
  const page = await call('walk the customers', () => database.send(new ScanCommand(scan)))
  const found = (page.Items ?? []).map((item) => {
    const what = `the state of ${item.customerId}`
    return readPacked(State, readRow(z.object({ body: Packed }), item, what), what)
  })
  const next = page.LastEvaluatedKey && JSON.stringify(page.LastEvaluatedKey)
  return { states: found, ...(next !== undefined && { next }) }
}

async function days({ database, workspace }: ReportTables, from: Day, to: Day): Promise<ReportDay[]> {
  const found: ReportDay[] = []
  let start: Row | undefined
  do {
    const query = named(
      {
        TableName: workspace,
        KeyConditionExpression: '#kind = :kind AND #id BETWEEN :first AND :last',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      },
      { kind, first: `${from}#`, last: `${to}$` },
    )
    const page = await call('read days of the report', () => database.send(new QueryCommand(query)))
    for (const item of page.Items ?? []) {
      const what = `the day ${item.id} of the report`
      found.push(readPacked(ReportDay, readRow(z.object({ body: Packed }), item, what), what))
    }
    start = page.LastEvaluatedKey
  } while (start)
  return found
}

async function put({ database, workspace }: ReportTables, id: string, value: unknown): Promise<void> {
  const row = named(
    {
      TableName: workspace,
      Item: stamped({ kind, id, body: pack(value) }),
      ConditionExpression: notNewer,
    },
    { schema },
  )
  const answer = await attempt('store a part of the report', () => database.send(new PutCommand(row)))
  if (answer === 'refused') throw tooNew(`the part ${id} of the report`)
}

async function progress({ database, workspace }: ReportTables): Promise<Progress | undefined> {
  const command = new GetCommand({
    TableName: workspace,
    Key: { kind, id: progressId },
    ConsistentRead: true,
  })
  const { Item } = await call('read how far the report is', () => database.send(command))
  if (!Item) return undefined
  const what = 'the progress of the report'
  return readPacked(Progress, readRow(z.object({ body: Packed }), Item, what), what)
}

export const dynamoReports = (tables: ReportTables): Reports => ({
  planned: async (span, after) => planned(tables, span, after),
  states: async (after) => states(tables, after),
  days: async (from, to) => days(tables, from, to),
  putDay: async (day) => put(tables, `${day.day}#${day.journey}`, day),
  progress: async () => progress(tables),
  putProgress: async (one) => put(tables, progressId, one),
})
