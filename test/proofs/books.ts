/**
 * Audits a running system from outside: what it answered 200 to is in its log, the inbox holds at most one mail
 * a message and a (run, step), every mail has its row and every SENT row its mail, and whoever was to be reminded
 * has a reminder with a named end. Reads the tables as an operator would; trusts nothing the functions say.
 */
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { openDatabase } from '#adapters/dynamo'
import { messageOfRow } from '#adapters/dynamo-message-row'
import { readText } from '#adapters/environment'
import { tables } from '#adapters/shape'
import { findStack } from '#adapters/stack'
import type { Message } from '#core/message'
import type { Homeward, MailHead } from '#test/fixture/runtime'

/** What was accepted: ids of events, and the addresses of those who must have a reminder's fate. */
export interface Accepted {
  events: ReadonlySet<string>
  reminded: ReadonlySet<string>
}

export interface Audit {
  lost: string[]
  twice: string[]
  unequal: string[]
  mails: number
  messages: Message[]
}

const shown = 5

async function rowsOf(url: string, kind: 'events' | 'messages'): Promise<Record<string, unknown>[]> {
  const aws = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
  }
  const { environment } = await findStack('homeward-local', aws)
  const database = openDatabase(aws)
  const rows: Record<string, unknown>[] = []
  let start: Record<string, unknown> | undefined
  do {
    const scan = new ScanCommand({
      TableName: readText(environment, tables[kind].env),
      ...(start && { ExclusiveStartKey: start }),
    })
    const page = await database.send(scan)
    rows.push(...(page.Items ?? []))
    start = page.LastEvaluatedKey
  } while (start !== undefined)
  database.destroy()
  return rows
}

function repeated(of: readonly string[]): string[] {
  const seen = new Set<string>()
  return of.filter((one) => {
    const again = seen.has(one)
    seen.add(one)
    return again
  })
}

const maybeTaken = new Set(['SENT', 'UNKNOWN', 'CLOSED', 'CLAIMED'])
const ends = new Set(['SENT', 'SKIPPED', 'EXPIRED', 'FAILED', 'UNKNOWN', 'CLOSED'])

/** Mails without a row that may have been taken, and SENT rows without a mail. */
function unequal(mails: readonly MailHead[], messages: readonly Message[]): string[] {
  const rows = new Map(messages.map((message) => [message.messageId, message]))
  const inbox = new Set(mails.map(({ messageId }) => messageId))
  const unknown = mails
    .filter(({ messageId }) => !maybeTaken.has(rows.get(messageId)?.status ?? ''))
    .map(({ messageId }) => `mail ${messageId} has the row ${rows.get(messageId)?.status ?? 'none'}`)
  const missing = messages
    .filter(({ messageId, status }) => status === 'SENT' && !inbox.has(messageId))
    .map(({ messageId }) => `message ${messageId} is SENT and in no inbox`)
  const unended = messages
    .filter(({ status }) => !ends.has(status))
    .map(({ messageId, status, step }) => `message ${messageId} (${step}) is still ${status}`)
  return [...unknown, ...missing, ...unended]
}

function twice(mails: readonly MailHead[], messages: readonly Message[]): string[] {
  const rows = new Map(messages.map((message) => [message.messageId, message]))
  const byMessage = repeated(mails.map(({ messageId }) => messageId))
  const byStep = repeated(
    mails.flatMap(({ messageId }) => {
      const row = rows.get(messageId)
      return row === undefined ? [] : [`${row.runId} ${row.step}`]
    }),
  )
  return [...byMessage, ...byStep]
}

/** What is stored, as an operator reads it. */
export interface Found {
  /** Ids of all events in all logs. */
  events: ReadonlySet<string>
  mails: readonly MailHead[]
  messages: readonly Message[]
  /** Customers by address, of those who were to be reminded and have no mail. */
  owners: ReadonlyMap<string, string | undefined>
}

/** Those who were to be reminded and of whom no message knows how it ended. */
function forgotten({ messages, owners }: Found): string[] {
  const ended = messages.filter(({ step, status }) => step === 'reminder' && ends.has(status))
  const known = new Set(ended.map(({ customerId }) => customerId))
  return [...owners]
    .filter(([, customerId]) => customerId === undefined || !known.has(customerId))
    .map(([email]) => `${email} was forgotten`)
}

/** Compares what was accepted with what is stored. */
export function examine(found: Found, accepted: Accepted): Pick<Audit, 'lost' | 'twice' | 'unequal'> {
  const { events, mails, messages } = found
  const missing = [...accepted.events].filter((id) => !events.has(id)).map((id) => `event ${id} was accepted`)
  return {
    lost: [...missing, ...forgotten(found)],
    twice: twice(mails, messages),
    unequal: unequal(mails, messages),
  }
}

/** Looks over a system that has settled. */
export async function audit(homeward: Homeward, accepted: Accepted): Promise<Audit> {
  const mails = await homeward.inbox()
  const messages = (await rowsOf(homeward.url, 'messages')).map(messageOfRow)
  const keys = (await rowsOf(homeward.url, 'events')).map(({ key }) => String(key))
  const reached = new Set(mails.map(({ to }) => to))
  const owners = new Map<string, string | undefined>()
  for (const email of accepted.reminded)
    if (!reached.has(email)) owners.set(email, (await homeward.customer(email))?.customerId)
  const events = new Set(keys.map((key) => key.slice(key.indexOf('#') + 1)))
  return { ...examine({ events, mails, messages, owners }, accepted), mails: mails.length, messages }
}

/** The first few of a list of failures, and how many there are. */
function few(what: string, failures: readonly string[]): string[] {
  if (failures.length === 0) return []
  return [`${failures.length} ${what}: ${failures.slice(0, shown).join('; ')}`]
}

/** What an audit found wrong, in lines; none: all is well. */
export const wrongIn = ({ lost, twice, unequal }: Pick<Audit, 'lost' | 'twice' | 'unequal'>): string[] => [
  ...few('lost', lost),
  ...few('sent twice', twice),
  ...few('do not agree', unequal),
]
