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
import type { Message } from '#core/message'
import { dayOf, dayPlus, isClosed, type ReportDay, withMessages } from '#core/report/day'
import type { Instant } from '#core/time'
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
  const shards = {
    dueShards: readCount(stage.environment, settings.dueShards),
    reportShards: readCount(stage.environment, settings.reportShards),
  }
  for (const { table, item } of rowsOf(year.tables, shards)) {
    puts.push({ Put: { TableName: names[table], Item: item } })
    if (puts.length < ROWS_A_TRANSACTION) continue
    yield puts
    puts = []
  }
  if (puts.length > 0) yield puts
}

/** What of the years lived is needed when all are in. */
interface Whole {
  now: Instant
  messages: Message[]
  mails: Year['mails']
}

function showMails({ mails }: Whole, { inbox }: Pick<Runtime, 'inbox'>): void {
  const last = mails.toSorted((left, right) => left.at.localeCompare(right.at)).slice(-MAILS_SHOWN)
  for (const { mail, at, sesMessageId } of last) {
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
function closedDays({ messages, now }: Whole): ReportDay[] {
  const from = dayPlus(dayOf(now), -DAYS_SHOWN)
  const journeys = [...new Set(messages.map(({ journey }) => journey))]
  const of = (name: string) => messages.filter(({ journey }) => journey === name)
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

const messagesOf = ({ tables }: Year): Message[] =>
  [...tables.messages.values()].flatMap((rows) => [...rows.values()].map(({ message }) => message))

/**
 * Loads years, as they are lived, into the stage of a runtime: one is written while the next is lived. All or
 * nothing: what was cut short is begun anew by the next start.
 */
export async function loadYears(
  years: AsyncIterable<Year>,
  to: { runtime: Pick<Runtime, 'load' | 'inbox'>; stage: Place },
): Promise<Pick<Whole, 'mails'>> {
  const { runtime, stage } = to
  const database = openDatabase(stage.aws)
  const put = async (puts: Put[]): Promise<void> => {
    await database.send(new TransactWriteCommand({ TransactItems: puts }))
  }
  const whole: Whole = { now: '', messages: [], mails: [] }
  await runtime.load(async () => {
    let writing = Promise.resolve()
    for await (const year of years) {
      await writing
      writing = inLanes(transactionsOf(year, stage), put)
      // Heard of when it is waited for, which is after the next year was lived.
      writing.catch(() => {})
      whole.now = year.now
      whole.messages.push(...messagesOf(year))
      whole.mails.push(...year.mails)
    }
    await writing
    await inLanes(closedDays(whole), (day) => stage.ports.reports.putDay(day))
  })
  showMails(whole, runtime)
  database.destroy()
  return whole
}
