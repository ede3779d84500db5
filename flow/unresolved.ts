/**
 * Sends whose outcome nobody knows: messages UNKNOWN, which wait for evidence, and CLOSED, which got none in time.
 * The table is not scanned: the index `report` gives the messages planned on the days that are asked for, and days
 * that the report has closed without such a message are not looked at. Reads only. Nothing is ever sent again
 * for them: a notice of SES settles them (`flow/observe.ts`), or time closes them (`core/settle.ts`).
 */

import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { type Day, dayOf, dayPlus, daysBetween, isClosed, type ReportDay } from '#core/report/day'
import type { Instant } from '#core/time'
import type { Clock, Customers, Messages, Reports, Workspace } from './port.ts'
import { journeysEver } from './report.ts'

export interface UnresolvedPorts {
  clock: Clock
  customers: Pick<Customers, 'load'>
  messages: Pick<Messages, 'load'>
  reports: Pick<Reports, 'planned' | 'days' | 'progress'>
  workspace: Pick<Workspace, 'live' | 'release' | 'releases'>
}

export interface UnresolvedMessage {
  customerId: string
  messageId: string
  journey: string
  step: string
  status: 'UNKNOWN' | 'CLOSED'
  plannedAt: Instant
  /** When it was claimed for the one attempt: the mail left within ten seconds of it, or not at all. */
  claimedAt: Instant | undefined
  /** Until when it waits for evidence; undefined: closed, though a late notice still settles it. */
  waitsUntil: Instant | undefined
}

const isUnresolved = ({ status }: Message): boolean => status === 'UNKNOWN' || status === 'CLOSED'

const hasSome = ({ lines }: ReportDay): boolean =>
  lines.some(({ figures }) => figures.unknown + figures.closed > 0)

/** The spans of days, both ends included, that have to be looked through for a journey. */
function spansOf(
  journey: string,
  of: { from: Day; to: Day; stored: readonly ReportDay[]; now: Instant },
): { from: Day; to: Day }[] {
  const known = new Map(of.stored.filter((day) => day.journey === journey).map((day) => [day.day, day]))
  const spans: { from: Day; to: Day }[] = []
  let before: Day | undefined
  for (const day of daysBetween(of.from, of.to)) {
    const stored = known.get(day)
    const isEmpty = isClosed(day, of.now) && stored?.closed === true && !hasSome(stored)
    const last = spans.at(-1)
    if (!isEmpty && last !== undefined && last.to === before) last.to = day
    else if (!isEmpty) spans.push({ from: day, to: day })
    before = day
  }
  return spans
}

async function waitsUntil(ports: UnresolvedPorts, message: Message): Promise<Instant | undefined> {
  if (message.status === 'CLOSED') return undefined
  const known = await ports.customers.load(message.customerId)
  return known?.state.outstanding.find(({ messageId }) => messageId === message.messageId)?.settleAt
}

async function shown(ports: UnresolvedPorts, found: Message): Promise<UnresolvedMessage | undefined> {
  // The index may be a moment old: the row itself says what is so.
  const message = await ports.messages.load(found.customerId, found.messageId)
  if (message === undefined || !isUnresolved(message)) return undefined
  const { customerId, messageId, journey, step, status, plannedAt, claimedAt } = message
  return {
    ...{ customerId, messageId, journey, step, plannedAt, claimedAt },
    status: status === 'UNKNOWN' ? status : 'CLOSED',
    waitsUntil: await waitsUntil(ports, message),
  }
}

/** The days of which mails may still be waiting, up to today; what `npm run unresolved` lists when not told otherwise. */
export const openDays = (now: Instant): { from: Day; to: Day } => ({
  from: dayPlus(dayOf(now), 1 - limits.reportOpenDays),
  to: dayOf(now),
})

/**
 * Messages planned from one UTC day to another (both included) without a known outcome, those that wait first,
 * each group by the time of its plan. `tell` hears how many rows were looked at so far.
 */
export async function unresolvedMessages(
  ports: UnresolvedPorts,
  asked: { from: Day; to: Day },
  tell: (seen: number) => void = () => undefined,
): Promise<UnresolvedMessage[]> {
  const stored = await ports.reports.days(asked.from, asked.to)
  const journeys = new Set([...(await journeysEver(ports)), ...stored.map(({ journey }) => journey)])
  const found: UnresolvedMessage[] = []
  let seen = 0
  for (const journey of journeys)
    for (const span of spansOf(journey, { ...asked, stored, now: ports.clock() })) {
      let after: string | undefined
      do {
        const page = await ports.reports.planned({ journey, ...span }, after)
        for (const message of page.messages.filter(isUnresolved)) {
          const one = await shown(ports, message)
          if (one !== undefined) found.push(one)
        }
        seen += page.messages.length
        tell(seen)
        after = page.next
      } while (after !== undefined)
    }
  const rank = ({ status, plannedAt }: UnresolvedMessage) => `${status === 'UNKNOWN' ? 0 : 1} ${plannedAt}`
  return found.sort((one, other) => (rank(one) < rank(other) ? -1 : 1))
}
