/**
 * Puts the sample year into the tables of a local stage: every row, a hundred a transaction (one write to the
 * disk instead of a hundred), the last mails into the inbox, all while no stream is read, so that nothing is
 * decided twice. Next: `year.ts`.
 */
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { openDatabase } from '#adapters/dynamo'
import { readCount, readText } from '#adapters/environment'
import { type RowTable, rowsOf } from '#adapters/memory/rows'
import { tables as named, environment as settings } from '#adapters/shape'
import type { Stage } from '#cli/stage/connect'
import { dayOf, dayPlus, isClosed, type ReportDay, withMessages } from '#core/report/day'
import type { Reports } from '#flow/port'
import type { Runtime } from '#local/runtime'
import type { Year } from './year.ts'

// As many as DynamoDB takes in one.
const ROWS_A_TRANSACTION = 100
const AT_ONCE = 2
const MAILS_SHOWN = 50
const DAYS_SHOWN = 90

/** What of a stage is written to. */
type Place = Pick<Stage, 'aws' | 'environment'> & { ports: { reports: Reports } }
type Put = { Put: { TableName: string; Item: Record<string, unknown> } }

function* transactionsOf(year: Year, stage: Place): Generator<Put[]> {
  const names: Record<RowTable, string> = {
    events: readText(stage.environment, named.events.env),
    customers: readText(stage.environment, named.customers.env),
    messages: readText(stage.environment, named.messages.env),
    gates: readText(stage.environment, named.gates.env),
  }
  let puts: Put[] = []
  for (const { table, item } of rowsOf(year.tables, readCount(stage.environment, settings.dueShards))) {
    puts.push({ Put: { TableName: names[table], Item: item } })
    if (puts.length < ROWS_A_TRANSACTION) continue
    yield puts
    puts = []
  }
  if (puts.length > 0) yield puts
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
    await inLanes(transactionsOf(year, stage), async (puts) => {
      await database.send(new TransactWriteCommand({ TransactItems: puts }))
    })
    await inLanes(closedDays(year), (day) => stage.ports.reports.putDay(day))
  })
  showMails(year, runtime)
  database.destroy()
}
