/**
 * How much mail may go out today: the quota of the mail service, shared fairly when it is nearly spent (service
 * first, what somebody waits for next, the bulk last), and the ceiling that a new domain's warm-up puts on
 * marketing mail. Both only hold mail, never drop it. Asked by `core/claim.ts`; counted by `Workspace.leaseRate`,
 * which gives each mail its turn under the granted rate: there, too, service goes first and the bulk last.
 */
import { fraction } from './id.ts'
import { limits } from './limits.ts'
import { type Reason, reason } from './reason.ts'
import type { Settings } from './settings.ts'
import { type Instant, plus, toInstant, toMs } from './time.ts'

/** What the mail service grants. */
export interface Quota {
  /** Mails in any 24 hours; -1: as many as one likes. */
  perDay: number
  /** Mails it counted in the last 24 hours. */
  sentLastDay: number
  perSecond: number
}

/** Mails that were let through, such as by all containers together this UTC day. */
export interface Tally {
  total: number
  marketing: number
}

/** How the day stands at the moment a mail asks. */
export interface Day {
  quota: Quota
  tally: Tally
}

/** What of a mail the day asks. `exempt`: service mail; `urgent`: somebody waits for it. */
export interface Mail {
  exempt: boolean
  urgent: boolean
  /** When it is looked at again where it waits for room. */
  lookAgainAt: Instant
  spreadBy: string
  now: Instant
  warmUp: Settings['warmUp']
}

export interface Hold {
  until: Instant
  reason: Reason
}

const dayMs = 86_400_000

/** The UTC day of an instant. @example utcDay('2026-03-02T09:00:00.000Z') // '2026-03-02' */
export const utcDay = (at: Instant): string => at.slice(0, 10)

/** The share of the day's quota that a mail may still take something of. */
const share = (mail: { exempt: boolean; urgent: boolean }): number => {
  if (mail.exempt) return 1
  return mail.urgent ? limits.quotaShare.urgent : limits.quotaShare.bulk
}

/** Marketing mails a day of the warm-up takes; undefined: there is none, or it is over. */
export function warmUpCeiling(
  warmUp: Settings['warmUp'],
  of: { now: Instant; quota: Quota },
): number | undefined {
  if (warmUp === undefined) return undefined
  const first = toMs(`${warmUp.from}T00:00:00.000Z`)
  // Before its first day a domain is no warmer than on it.
  const day = Math.max(0, Math.floor((toMs(of.now) - first) / dayMs))
  const ceiling = Math.floor(warmUp.mails * warmUp.growth ** day)
  const isOver = of.quota.perDay >= 0 && ceiling >= of.quota.perDay
  return isOver ? undefined : ceiling
}

/**
 * Why a mail waits for the quota, and until when; undefined: it need not. Service mail (`exempt`) may use all of
 * the day, urgent marketing 97 %, the rest 90 %; only marketing is held by the warm-up, until the next UTC day,
 * spread by `spreadBy` so that midnight is no herd.
 */
export function quotaHold(day: Day, mail: Mail): Hold | undefined {
  const { quota, tally } = day
  const { now } = mail
  const ceiling = mail.exempt ? undefined : warmUpCeiling(mail.warmUp, { now, quota })
  if (ceiling !== undefined && tally.marketing >= ceiling) {
    const midnight = toInstant((Math.floor(toMs(now) / dayMs) + 1) * dayMs)
    const spreadMs = Math.floor(fraction(mail.spreadBy) * limits.warmUpSpreadMs)
    return { until: plus(midnight, spreadMs), reason: reason('warm-up', { most: ceiling }) }
  }
  if (quota.perDay < 0) return undefined
  const sent = Math.max(quota.sentLastDay, tally.total)
  if (sent < Math.floor(quota.perDay * share(mail))) return undefined
  return {
    until: mail.lookAgainAt,
    reason: reason('quota', { sent, most: quota.perDay }),
  }
}

/**
 * How far ahead, in ms, the line of turns may reach for mail: half of the wait is kept for what somebody waits
 * for, so that a backlog of the bulk leaves it room. @example lineMs({ urgent: false }) // 10_000
 */
export const lineMs = ({ urgent }: { urgent: boolean }): number =>
  urgent ? limits.rateWaitMs : limits.rateWaitMs / 2

/**
 * What of the mails wanted has room in a line that may grow by `roomMs`; marketing mail is left out first.
 * @example turnsWithin({ total: 10, marketing: 8 }, { roomMs: 5_000, ratePerSecond: 1 }) // { total: 5, marketing: 3 }
 */
export function turnsWithin(wanted: Tally, of: { roomMs: number; ratePerSecond: number }): Tally {
  const room = Math.max(0, Math.floor((of.roomMs * of.ratePerSecond) / 1000))
  const total = Math.min(wanted.total, room)
  return { total, marketing: Math.max(0, wanted.marketing - (wanted.total - total)) }
}
