/**
 * A customer's timeline: what came in, what was decided and why, and how her messages stand, as entries in
 * the order they happened. Made of rows as they are stored; nothing here is worked out a second time.
 */
import type { Decision } from './decision.ts'
import { type Event, own } from './event.ts'
import type { Message } from './message.ts'
import { type Reason, type ReasonCode, reason, reasonCodes } from './reason.ts'
import { summaryOf } from './summary.ts'
import type { Instant } from './time.ts'

interface Entry {
  at: Instant
  name: string
  summary: string
}

export type TimelineEntry =
  | (Entry & {
      kind: 'event'
      eventId: string
      occurredAt: Instant
      source: Event['source']
      properties: Record<string, unknown>
      /** The message it is about, where it is about one. */
      messageId?: string
      journey?: string
      step?: string
    })
  | (Entry & Omit<Decision, 'told'> & { kind: 'decision'; release: number; eventIds: string[] })
  | (Entry & {
      kind: 'message'
      messageId: string
      journey: string
      step: string
      runId: string
      status: Message['status']
      round: number
      reason?: Reason
    } & Partial<Pick<Message, (typeof times)[number]>>)

const times = [
  'plannedAt',
  'notBefore',
  'notAfter',
  'claimedAt',
  'sentAt',
  'until',
  'deliveredAt',
  'openedAt',
  'clickedAt',
  'unsubscribedAt',
  'bouncedAt',
  'complainedAt',
] as const

/** Said by a decision already, in better words. */
const retold: ReadonlySet<string> = new Set([own.held, own.skipped])

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function eventEntry(event: Event, currency: string): TimelineEntry {
  const about = event.source === 'homeward' ? event.properties : {}
  const [messageId, journey, step] = [text(about.messageId), text(about.journey), text(about.step)]
  return {
    at: event.receivedAt,
    kind: 'event',
    name: event.name,
    summary: summaryOf(event, currency),
    eventId: event.messageId,
    occurredAt: event.occurredAt,
    source: event.source,
    properties: event.properties,
    ...(messageId !== undefined && { messageId }),
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
  }
}

/** A row of the decision log, as it is stored. */
export interface DecidedRow {
  at: Instant
  eventIds: string[]
  release: number
  decisions: Decision[]
}

const where = (of: { journey: string; step?: string | undefined }): string =>
  of.step === undefined ? of.journey : `${of.journey} › ${of.step}`

const decisionEntries = ({ at, eventIds, release, decisions }: DecidedRow): TimelineEntry[] =>
  decisions.map(({ told: _, ...decision }) => ({
    at,
    kind: 'decision',
    name: decision.outcome,
    summary: `${where(decision)}: ${decision.outcome}, ${decision.reason.explanation}`,
    release,
    eventIds,
    ...decision,
  }))

const isCode = (code: string): code is ReasonCode => (reasonCodes as string[]).includes(code)

/** Why a message stands as it does: in the words of the decision that said so, else in those of its code. */
function reasonOf(message: Message, rows: readonly DecidedRow[]): Reason | undefined {
  const { reason: code, messageId } = message
  if (code === undefined || !isCode(code)) return undefined
  const said = rows
    .flatMap(({ decisions }) => decisions)
    .findLast((decision) => decision.messageId === messageId && decision.reason.code === code)
  return said?.reason ?? reason(code)
}

const ends: Partial<Record<Message['status'], string>> = {
  PLANNED: 'waits to be sent',
  CLAIMED: 'is being sent',
  UNKNOWN: 'may or may not have been taken by the mail service',
  CLOSED: 'is closed without a word from the mail service',
}

function messageSummary(message: Message, why: Reason | undefined): string {
  const { status, sentAt } = message
  const after = [
    ...(message.deliveredAt === undefined ? [] : [`delivered ${message.deliveredAt}`]),
    ...(message.openedAt === undefined ? [] : [`opened ${message.openedAt}`]),
    ...(message.clickedAt === undefined ? [] : [`clicked ${message.clickedAt}`]),
    ...(message.unsubscribedAt === undefined ? [] : [`unsubscribed ${message.unsubscribedAt}`]),
    ...(message.bouncedAt === undefined ? [] : [`bounced ${message.bouncedAt}`]),
    ...(message.complainedAt === undefined ? [] : [`reported as spam ${message.complainedAt}`]),
  ]
  const because = status !== 'SENT' && why !== undefined ? `: ${why.explanation}` : ''
  const stands = ends[status] ?? `${status.toLowerCase()}${sentAt === undefined ? '' : ` ${sentAt}`}`
  return [`${where(message)}: ${stands}${because}`, ...after].join(', ')
}

function messageEntry(message: Message, rows: readonly DecidedRow[]): TimelineEntry {
  const { messageId, journey, step, runId, status, round } = message
  const why = reasonOf(message, rows)
  const known = times.flatMap((name) => (message[name] === undefined ? [] : [[name, message[name]]]))
  return {
    at: message.sentAt ?? message.claimedAt ?? message.plannedAt,
    kind: 'message',
    name: status.toLowerCase(),
    summary: messageSummary(message, why),
    messageId,
    journey,
    step,
    runId,
    status,
    round,
    ...(why !== undefined && { reason: why }),
    ...Object.fromEntries(known),
  }
}

const rank = { event: 0, decision: 1, message: 2 } as const

/** Everything about her in the order it happened, newest last, at most the newest `limit` entries. */
export function timelineOf(
  rows: { events: readonly Event[]; decisions: readonly DecidedRow[]; messages: readonly Message[] },
  of: { currency: string; limit: number },
): TimelineEntry[] {
  const told = rows.events.filter((event) => !retold.has(event.name))
  const entries = [
    ...told.map((event) => eventEntry(event, of.currency)),
    ...rows.decisions.flatMap(decisionEntries),
    ...rows.messages.map((message) => messageEntry(message, rows.decisions)),
  ]
  const byTime = (one: TimelineEntry, other: TimelineEntry) =>
    one.at === other.at ? rank[one.kind] - rank[other.kind] : one.at < other.at ? -1 : 1
  return entries.sort(byTime).slice(-of.limit)
}
