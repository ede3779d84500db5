/**
 * Puts the sample year into the tables of a local stage: every row in batches, the last mails into the inbox,
 * all while no stream is read, so that nothing is decided twice. Next: `year.ts`.
 */
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { openDatabase } from '#adapters/dynamo'
import { readCount, readText } from '#adapters/environment'
import { type RowTable, rowsOf } from '#adapters/memory/rows'
import { environment as settings, tables as named } from '#adapters/shape'
import type { Stage } from '#cli/stage/connect'
import type { Runtime } from '#local/runtime'
import type { Year } from './year.ts'

const BATCH = 25
const AT_ONCE = 4
const MAILS_SHOWN = 50
const tries = 20

type Put = { PutRequest: { Item: Record<string, unknown> } }
type Batch = Record<string, Put[]>

function* batchesOf(year: Year, stage: Pick<Stage, 'environment'>): Generator<Batch> {
  const names: Record<RowTable, string> = {
    events: readText(stage.environment, named.events.env),
    customers: readText(stage.environment, named.customers.env),
    messages: readText(stage.environment, named.messages.env),
    gates: readText(stage.environment, named.gates.env),
  }
  let batch: Batch = {}
  let size = 0
  for (const { table, item } of rowsOf(year.tables, readCount(stage.environment, settings.dueShards))) {
    const name = names[table]
    batch[name] = [...(batch[name] ?? []), { PutRequest: { Item: item } }]
    size += 1
    if (size < BATCH) continue
    yield batch
    batch = {}
    size = 0
  }
  if (size > 0) yield batch
}

async function write(database: ReturnType<typeof openDatabase>, batch: Batch): Promise<void> {
  let rest: Batch = batch
  for (let attempt = 0; attempt < tries && Object.keys(rest).length > 0; attempt += 1) {
    const answer = await database.send(new BatchWriteCommand({ RequestItems: rest }))
    rest = (answer.UnprocessedItems ?? {}) as Batch
  }
  if (Object.keys(rest).length > 0) throw new Error('the database did not take the sample customers')
}

function showMails(year: Year, { inbox }: Pick<Runtime, 'inbox'>): void {
  for (const { mail, at, sesMessageId } of year.mails.slice(-MAILS_SHOWN)) {
    const { html, text, headers, tags, to, from, subject } = mail
    const { messageId = null, customerId = null, journey = null, step = null } = tags
    const head = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Date: ${at}`]
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const raw = `${[...head, ...more].join('\r\n')}\r\n\r\n${text}`
    const entry = { id: sesMessageId, at, to, from, subject, messageId, customerId, journey, step }
    inbox.add({ ...entry, fate: 'delivered' }, { html, text, headers, raw })
  }
}

/** Loads a year into the stage of a runtime. Safe to repeat. */
export async function loadYear(
  year: Year,
  to: { runtime: Pick<Runtime, 'load' | 'inbox'>; stage: Pick<Stage, 'aws' | 'environment'> },
): Promise<void> {
  const { runtime, stage } = to
  const database = openDatabase(stage.aws)
  const batches = batchesOf(year, stage)
  await runtime.load(async () => {
    const lane = async () => {
      for (const batch of batches) await write(database, batch)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
  })
  showMails(year, runtime)
  database.destroy()
}
