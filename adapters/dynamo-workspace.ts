/**
 * What the shop's people decide, in the table Workspace (kind / id):
 *
 *     live / live                 release, paused; `waking` while everybody is being woken (`flow/publish.ts`)
 *     release / <number padded>   publishedAt, body: hash of the value
 *     blob / <hash>#<part>        part, parts: a large value, deflated and cut to what a row takes
 *     mail / <hash>               body: hash of the value
 *     write-key / <SHA-256>       grants: server | browser, createdAt, name, tail (the key itself is nowhere)
 *     rate / ses                  nextMs: when the next send may go; day, total, marketing: what was sent on it
 *                                 (`adapters/dynamo-rate.ts`)
 *     strangers / <SHA-256>       hour, count: new addresses a browser's key named (`flow/strangers.ts`)
 *     pulse / orders              lastOrderAt, count, gapMs: the shop's orders as a whole (`core/silence.ts`)
 *
 * Large values are written before the row that names them, so that a row never names what is not there.
 */
import { createHash } from 'node:crypto'
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { limits } from '#core/limits'
import type { Live, Release } from '#core/release'
import { Pulse } from '#core/silence'
import { CompiledMail } from '#core/template/compiled'
import { Instant } from '#core/time'
import type { Strangers, Workspace, WriteKeyRow } from '#flow/port'
import { attempt, call, type Database } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import { leasedOn, leaseRate, type RateMemory, uncount } from './dynamo-rate.ts'
import { notNewer, Packed, pack, readRow, schema, stamped, tooNew, unpack } from './dynamo-row.ts'

export interface WorkspaceTables {
  database: Database
  workspace: string
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('base64url')

const releaseId = (number: number): string => String(number).padStart(10, '0')

async function get({ database, workspace }: WorkspaceTables, kind: string, id: string) {
  const command = new GetCommand({ TableName: workspace, Key: { kind, id }, ConsistentRead: true })
  return (await call(`read the ${kind} of the workspace`, () => database.send(command))).Item
}

async function put({ database, workspace }: WorkspaceTables, item: Record<string, unknown>) {
  const row = named({ TableName: workspace, Item: stamped(item), ConditionExpression: notNewer }, { schema })
  const doing = `store the ${item.kind} of the workspace`
  const answer = await attempt(doing, () => database.send(new PutCommand(row)))
  if (answer === 'refused') throw tooNew(`the ${item.kind} ${item.id}`)
}

/** Stores a large value and answers the hash it is found by. */
async function putBlob(tables: WorkspaceTables, value: unknown): Promise<string> {
  const bytes = pack(value)
  const hash = sha256(bytes)
  const parts = Math.max(1, Math.ceil(bytes.length / limits.rowPartBytes))
  for (let part = parts - 1; part >= 0; part -= 1) {
    const body = bytes.subarray(part * limits.rowPartBytes, (part + 1) * limits.rowPartBytes)
    await put(tables, { kind: 'blob', id: `${hash}#${part}`, parts, body })
  }
  return hash
}

const Blob = z.object({ parts: z.number(), body: Packed })

async function blob(tables: WorkspaceTables, hash: string, what: string): Promise<unknown> {
  const read = async (part: number) => readRow(Blob, await get(tables, 'blob', `${hash}#${part}`), what)
  const first = await read(0)
  const rest = await Promise.all(Array.from({ length: first.parts - 1 }, (_, index) => read(index + 1)))
  return unpack(Buffer.concat([first, ...rest].map(({ body }) => body)), what)
}

const Named = z.object({ body: z.string() })
const LiveRow = z.object({
  release: z.number(),
  paused: z.array(z.string()),
  before: z.number().optional(),
  waking: Instant.optional(),
})
const Listed = z.object({ id: z.string(), publishedAt: Instant })
/** A release was parsed when it was built; its journeys hold durations as numbers, so it is not parsed again. */
const Whole = z.looseObject({
  number: z.number(),
  publishedAt: Instant,
  settings: z.looseObject({}),
  journeys: z.record(z.string(), z.looseObject({ id: z.string(), program: z.array(z.unknown()) })),
})

/** Keeps the last values found, since what has a number or a hash never changes. */
function kept<K, V>(most: number, find: (key: K) => Promise<V | undefined>) {
  const found = new Map<K, V>()
  return async (key: K): Promise<V | undefined> => {
    const known = found.get(key)
    if (known !== undefined) return known
    const value = await find(key)
    if (value === undefined) return undefined
    const [oldest] = found.keys()
    if (found.size >= most && oldest !== undefined) found.delete(oldest)
    found.set(key, value)
    return value
  }
}

async function findRelease(tables: WorkspaceTables, number: number): Promise<Release | undefined> {
  const what = `the release ${number}`
  const row = await get(tables, 'release', releaseId(number))
  if (!row) return undefined
  const value = await blob(tables, readRow(Named, row, what).body, what)
  return readRow(Whole, value, what) as unknown as Release
}

async function findMail(tables: WorkspaceTables, hash: string): Promise<CompiledMail | undefined> {
  const what = `the mail ${hash}`
  const row = await get(tables, 'mail', hash)
  if (!row) return undefined
  return readRow(CompiledMail, await blob(tables, readRow(Named, row, what).body, what), what)
}

async function putRelease(tables: WorkspaceTables, release: Release): Promise<'stored' | 'changed'> {
  const { number, publishedAt } = release
  const body = await putBlob(tables, release)
  const row = named({
    TableName: tables.workspace,
    Item: stamped({ kind: 'release', id: releaseId(number), publishedAt, body }),
    ConditionExpression: 'attribute_not_exists(#kind)',
  })
  const answer = await attempt('store a release', () => tables.database.send(new PutCommand(row)))
  return answer === 'refused' ? 'changed' : 'stored'
}

/** All rows of a kind, in the order of their ids. */
async function list<T>({ database, workspace }: WorkspaceTables, kind: string, shape: z.ZodType<T>) {
  const found: T[] = []
  let start: Record<string, unknown> | undefined
  do {
    const query = named(
      {
        TableName: workspace,
        KeyConditionExpression: '#kind = :kind',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      },
      { kind },
    )
    const page = await call(`list rows of the kind ${kind}`, () => database.send(new QueryCommand(query)))
    for (const item of page.Items ?? []) found.push(readRow(shape, item, `a row of the kind ${kind}`))
    start = page.LastEvaluatedKey
  } while (start)
  return found
}

async function releases(tables: WorkspaceTables) {
  const rows = await list(tables, 'release', Listed)
  return rows.map(({ id, publishedAt }) => ({ number: Number(id), publishedAt }))
}

async function putLive({ database, workspace }: WorkspaceTables, live: Live, from: Live | undefined) {
  const waking = from?.waking === undefined ? 'attribute_not_exists(#waking)' : '#waking = :waking'
  const condition = from
    ? `#release = :release AND #paused = :paused AND ${waking}`
    : 'attribute_not_exists(#kind)'
  const row = named(
    {
      TableName: workspace,
      Item: stamped({ kind: 'live', id: 'live', ...live }),
      ConditionExpression: condition,
    },
    { release: from?.release, paused: from?.paused, waking: from?.waking },
  )
  const answer = await attempt('move the live pointer', () => database.send(new PutCommand(row)))
  return answer === 'refused' ? ('changed' as const) : ('stored' as const)
}

async function putPulse({ database, workspace }: WorkspaceTables, pulse: Pulse, from: Pulse | undefined) {
  const condition = from
    ? '#count = :wasCount AND #lastOrderAt = :wasLastOrderAt'
    : 'attribute_not_exists(#kind)'
  const row = named(
    {
      TableName: workspace,
      Item: stamped({ kind: 'pulse', id: 'orders', ...pulse }),
      ConditionExpression: condition,
    },
    { wasCount: from?.count, wasLastOrderAt: from?.lastOrderAt },
  )
  const answer = await attempt("store the pulse of the shop's orders", () =>
    database.send(new PutCommand(row)),
  )
  return answer === 'refused' ? ('changed' as const) : ('stored' as const)
}

const StrangersRow = z.object({ hour: z.string(), count: z.number() })

async function putStrangers(
  { database, workspace }: WorkspaceTables,
  row: Strangers & { id: string },
  from: Strangers | undefined,
) {
  const condition = from ? '#count = :wasCount AND #hour = :wasHour' : 'attribute_not_exists(#kind)'
  const put = named(
    {
      TableName: workspace,
      Item: stamped({ kind: 'strangers', ...row }),
      ConditionExpression: condition,
    },
    { wasCount: from?.count, wasHour: from?.hour },
  )
  const answer = await attempt('count a new address', () => database.send(new PutCommand(put)))
  return answer === 'refused' ? ('changed' as const) : ('stored' as const)
}

const WriteKey = z.object({ grants: z.enum(['server', 'browser']) })
const ListedKey = WriteKey.extend({
  id: z.string(),
  name: z.string().optional(),
  createdAt: Instant.optional(),
  tail: z.string().optional(),
})

async function writeKeys(tables: WorkspaceTables): Promise<WriteKeyRow[]> {
  const rows = await list(tables, 'write-key', ListedKey)
  return rows.map(({ grants, id, name, createdAt, tail }) => ({
    id,
    kind: grants,
    ...(name !== undefined && { name }),
    ...(createdAt !== undefined && { createdAt }),
    ...(tail !== undefined && { tail }),
  }))
}

/** The workspace; releases and mails that were read are kept in memory. */
export function dynamoWorkspace(tables: WorkspaceTables): Workspace {
  const rate: RateMemory = { nextMs: 0, day: '' }
  return {
    live: async () => {
      const row = await get(tables, 'live', 'live')
      return row && readRow(LiveRow, row, 'the live pointer')
    },
    release: kept(limits.cachedReleases, (number) => findRelease(tables, number)),
    mail: kept(limits.cachedMails, (hash) => findMail(tables, hash)),
    putMail: async (hash, mail) => put(tables, { kind: 'mail', id: hash, body: await putBlob(tables, mail) }),
    putRelease: async (release) => putRelease(tables, release),
    releases: async () => releases(tables),
    putLive: async (live, from) => putLive(tables, live, from),
    writeKey: async (key) => {
      const row = await get(tables, 'write-key', sha256(key))
      return row && readRow(WriteKey, row, 'the row of a write key').grants
    },
    putWriteKey: async (key, grants, about = undefined) =>
      put(tables, { kind: 'write-key', id: sha256(key), grants, tail: key.slice(-4), ...about }),
    writeKeys: async () => writeKeys(tables),
    removeWriteKey: async (id) => {
      const gone = new DeleteCommand({ TableName: tables.workspace, Key: { kind: 'write-key', id } })
      await call('revoke a write key', () => tables.database.send(gone))
    },
    leaseRate: async (wanted) => leaseRate(tables, rate, wanted),
    leasedOn: async (nowMs) => leasedOn(tables, rate, nowMs),
    uncount: async (unsent) => uncount(tables, unsent),
    strangers: async (key) => {
      const row = await get(tables, 'strangers', sha256(key))
      return row && readRow(StrangersRow, row, 'the count of new addresses of a key')
    },
    putStrangers: async (key, strangers, from) =>
      putStrangers(tables, { id: sha256(key), ...strangers }, from),
    pulse: async () => {
      const row = await get(tables, 'pulse', 'orders')
      return row && readRow(Pulse, row, "the pulse of the shop's orders")
    },
    putPulse: async (pulse, from) => putPulse(tables, pulse, from),
  }
}
