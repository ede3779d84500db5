/**
 * Puts the sample year into the tables of a local stage: every row in batches, the last mails into the inbox,
 * all while no stream is read, so that nothing is decided twice. Next: `year.ts`.
 */
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { openDatabase } from '#adapters/dynamo'
import { readCount, readText } from '#adapters/environment'
import { type RowTable, rowsOf } from '#adapters/memory/rows'
import { tables as named, environment as settings } from '#adapters/shape'
import type { Stage } from '#cli/stage/connect'
import { dayOf, dayPlus, isClosed, type ReportDay, withMessages } from '#core/report/day'
import type { Reports } from '#flow/port'
import type { Runtime } from '#local/runtime'
import type { Year } from './year.ts'

const BATCH = 25
const AT_ONCE = 4
const MAILS_SHOWN = 50
const DAYS_SHOWN = 90
const tries = 20

/** What of a stage is written to. */
type Place = Pick<Stage, 'aws' | 'environment'> & { ports: { reports: Reports } }
type Put = { PutRequest: { Item: Record<string, unknown> } }
type Batch = Record<string, Put[]>

function* batchesOf(year: Year, stage: Place): Generator<Batch> {
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

/** The closed days of the last months as the hourly count would have stored them. */
function closedDays({ tables, now }: Year): ReportDay[] {
  const from = dayPlus(dayOf(now), -DAYS_SHOWN)
  const rows = [...tables.messages.values()].flatMap((each) =>
    [...each.values()].map(({ message }) => message),
  )
  const journeys = [...new Set(rows.map(({ journey }) => journey))]
  const of = (name: string) => rows.filter(({ journey }) => journey === name)
  return journeys.flatMap((journey) =>
    Object.entries(withMessages({}, of(journey)))
      .filter(([day]) => day >= from && isClosed(day, now))
      .map(([day, lines]) => ({ day, journey, closed: true, lines })),
  )
}

async function inLanes<T>(all: Iterable<T>, act: (one: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]()
  const lane = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await act(next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** Loads a year into the stage of a runtime. Safe to repeat. */
export async function loadYear(
  year: Year,
  to: { runtime: Pick<Runtime, 'load' | 'inbox'>; stage: Place },
): Promise<void> {
  const { runtime, stage } = to
  const database = openDatabase(stage.aws)
  await runtime.load(async () => {
    await inLanes(batchesOf(year, stage), (batch) => write(database, batch))
    await inLanes(closedDays(year), (day) => stage.ports.reports.putDay(day))
  })
  showMails(year, runtime)
  database.destroy()
}
