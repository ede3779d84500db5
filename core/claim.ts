/**
 * May this mail go out now? The last question before the claim, asked of what is true at that moment: the
 * inbox, the person, her state, the live settings. Policies defer rather than drop; each no has its reason.
 * The claim's transaction then compares that inbox and person are still as judged here.
 */
import { allowed } from './allow-list.ts'
import { holds } from './condition.ts'
import { type AddressGate, type CustomerGate, choiceFor } from './gate.ts'
import { fraction } from './id.ts'
import { reminderIntents } from './journey.ts'
import { limits } from './limits.ts'
import { lookAgainAt, type Message } from './message.ts'
import { fieldsOf } from './present.ts'
import { topicOf } from './program.ts'
import { type Day, quotaHold } from './quota.ts'
import { type Reason, reason } from './reason.ts'
import type { ReleasedJourney } from './release.ts'
import { subjectGone } from './run.ts'
import type { Settings } from './settings.ts'
import { type Pulse, silentSince } from './silence.ts'
import type { State } from './state.ts'
import { type Instant, minuteOfDay, nextTimeOfDay, plus } from './time.ts'
import { zoneOf } from './traits.ts'

export interface Case {
  message: Message
  /** The journey as the live release has it; undefined: no longer there. */
  journey: ReleasedJourney | undefined
  settings: Settings
  state: State
  /** Her address, and what its inbox and her person's row say. */
  address: string
  gate: AddressGate
  person: CustomerGate
  paused: readonly string[]
  /** Who may be written to: patterns of `core/allow-list.ts`. */
  allowList: readonly string[]
  /** How the day stands with the mail service's quota; absent: it is not asked. */
  day?: Day | undefined
  /** The shop's orders as a whole; absent: not known. */
  pulse?: Pulse | undefined
  now: Instant
}

export type Verdict =
  | { to: 'CLAIMED'; exempt: boolean }
  | { to: 'HELD'; until: Instant; reason: Reason }
  | { to: 'SKIPPED' | 'EXPIRED'; reason: Reason }

type Refusal = Exclude<Verdict, { to: 'CLAIMED' }>

const earlier = (one: Instant, other: Instant): Instant => (one < other ? one : other)

const skipped = (why: Reason): Refusal => ({ to: 'SKIPPED', reason: why })

function person({ message, person: gate, state }: Case): Refusal | undefined {
  if (gate.erased === true) return skipped(reason('erased'))
  if (gate.mergedInto !== undefined) return skipped(reason('merged'))
  if (message.exitsOnOrder && gate.lastOrderAt !== undefined && gate.lastOrderAt >= message.runStartedAt) {
    return skipped(reason('ordered', { at: gate.lastOrderAt }))
  }
  return state.runs.some((run) => run.runId === message.runId) ? undefined : skipped(reason('run-ended'))
}

function subject({ message, journey, settings, state }: Case): Refusal | undefined {
  const run = state.runs.find((one) => one.runId === message.runId)
  if (journey === undefined) return skipped(reason('journey-removed'))
  if (run === undefined) return undefined
  const fields = fieldsOf(state, { settings, event: message.event })
  const met = journey.journey.exit.find(
    (exit) => exit.on === undefined && exit.if !== undefined && holds(exit.if, fields),
  )
  if (met !== undefined)
    return skipped(reason('exit-condition', { condition: 'what its journey exits on came true' }))
  return subjectGone(state, run, journey) ? skipped(reason('subject-gone', { key: run.key })) : undefined
}

/** Whether settings let this mail remind who never said yes or no. */
const mayRemind = ({ journey, settings }: Case): boolean =>
  settings.remindersWithoutConsent && journey !== undefined && reminderIntents.has(journey.journey.intent)

/**
 * A mail of this name was claimed for this inbox on another record of hers. While it may still be given back, its
 * end is waited for; then it counts as sent.
 */
function claimedBefore({ message, gate, now }: Case): Refusal | undefined {
  const claim = gate.ring.find((one) => one.messageId === message.messageId)
  if (claim === undefined) return undefined
  const until = plus(claim.at, limits.stuckMs)
  if (until <= now) return skipped(reason('already-sent'))
  return { to: 'HELD', until: earlier(until, message.notAfter), reason: reason('being-sent') }
}

/** The shop's own mailbox: whose it is and what it agreed to is not asked. */
function shopsInbox({ gate, address, allowList }: Case): Refusal | undefined {
  if (gate.suppressed !== undefined) return skipped(reason('suppressed', { why: gate.suppressed.why }))
  return allowed(address, allowList) ? undefined : skipped(reason('not-allowed'))
}

function inbox(of: Case): Refusal | undefined {
  const { message, gate, state, address, allowList } = of
  if (message.to === 'shop') return shopsInbox(of)
  if (gate.erased === true) return skipped(reason('erased'))
  if (gate.owner !== undefined && gate.owner !== state.customerId)
    return skipped(reason('address-of-another'))
  if (gate.suppressed !== undefined) return skipped(reason('suppressed', { why: gate.suppressed.why }))
  if (gate.unverified === true && !mayRemind(of)) return skipped(reason('unverified'))
  return allowed(address, allowList) ? undefined : skipped(reason('not-allowed'))
}

function consent(of: Case): Refusal | undefined {
  const { message, journey, gate } = of
  if (journey === undefined) return undefined
  const topic = topicOf(journey, message.step)
  const choice = choiceFor(gate, topic)
  if (choice === false) return skipped(reason('unsubscribed', { topic }))
  return choice === true || mayRemind(of) ? undefined : skipped(reason('no-consent', { topic }))
}

/** When quiet hours end for her, spread over a few minutes so that a morning is no herd; undefined: not now. */
export function quietUntil(
  now: Instant,
  of: { settings: Settings; zone: string; spreadBy: string },
): Instant | undefined {
  const { from, to } = of.settings.quietHours
  const isQuiet = (instant: Instant): boolean => {
    const minute = minuteOfDay(instant, of.zone)
    if (from <= to) return minute >= from && minute < to
    return minute >= from || minute < to
  }
  if (!isQuiet(now)) return undefined
  const spreadMs = Math.floor(fraction(of.spreadBy) * limits.morningSpreadMs)
  let end = nextTimeOfDay(now, { minutes: to, zone: of.zone })
  // The day may be shorter than the spread, or a change of the clocks may skip it: then the next one.
  for (let tries = 0; tries < 3 && isQuiet(end); tries += 1) {
    end = nextTimeOfDay(plus(end, 60_000), { minutes: to, zone: of.zone })
  }
  return isQuiet(plus(end, spreadMs)) ? end : plus(end, spreadMs)
}

/** When the cap lets the next mail through; undefined: now. */
export function capUntil(gate: AddressGate, now: Instant, cap: Settings['cap']): Instant | undefined {
  const since = plus(now, -cap.within)
  const counted = gate.ring.flatMap((one) => (one.exempt !== true && one.at > since ? [one.at] : [])).sort()
  const oldest = counted[counted.length - cap.mails]
  return oldest === undefined ? undefined : plus(oldest, cap.within)
}

const remindsOnly = ({ journey }: Case): boolean =>
  journey !== undefined && reminderIntents.has(journey.journey.intent)

/** The caps that hold for an inbox: the shop's, or the one of who asked for fewer; and of who is not verified. */
const capsOf = (gate: AddressGate, settings: Settings): Settings['cap'][] => [
  gate.fewer?.wanted === true ? settings.fewer : settings.cap,
  ...(gate.unverified === true ? [limits.unverified] : []),
]

const days = (ms: number) => `${Math.round(ms / 86_400_000)} days`

function notNow(of: Case, exempt: boolean): Refusal | undefined {
  const { message, settings, state, gate, now, paused } = of
  const again = lookAgainAt(message, now)
  if (paused.includes('*') || paused.includes(message.journey)) {
    return { to: 'HELD', until: again, reason: reason('paused') }
  }
  const full = (): Refusal | undefined => {
    const { urgent, messageId: spreadBy } = message
    const mail = { exempt, urgent, lookAgainAt: again, spreadBy, now, warmUp: settings.warmUp }
    const hold = of.day && quotaHold(of.day, mail)
    return hold && { to: 'HELD', until: earlier(hold.until, message.notAfter), reason: hold.reason }
  }
  if (exempt) return full()
  const silent = remindsOnly(of) ? silentSince(of.pulse, now) : undefined
  if (silent !== undefined) {
    const why = reason('no-orders', { at: silent })
    return { to: 'HELD', until: again, reason: why }
  }
  const zone = zoneOf(state, settings.timeZone)
  const quiet = quietUntil(now, { settings, zone, spreadBy: message.messageId })
  if (quiet !== undefined)
    return {
      to: 'HELD',
      until: earlier(quiet, message.notAfter),
      reason: reason('quiet-hours', { zone, until: quiet }),
    }
  const capped = capsOf(gate, settings)
    .map((cap) => ({ cap, until: capUntil(gate, now, cap) }))
    .reduce((one, other) => ((other.until ?? '') > (one.until ?? '') ? other : one))
  if (capped.until === undefined) return full()
  const details = { mails: capped.cap.mails, within: days(capped.cap.within) }
  return { to: 'HELD', until: earlier(capped.until, message.notAfter), reason: reason('cap', details) }
}

/** Judges a planned mail: claim it, hold it until a time, or end it for a reason. */
export function judge(of: Case): Verdict {
  const { message, now, journey, settings } = of
  if (message.notAfter <= now) return { to: 'EXPIRED', reason: reason('expired') }
  const topic = journey === undefined ? undefined : settings.topics[topicOf(journey, message.step)]
  // whom only a browser named knows no service mail: a stranger could have it sent without end
  const exempt = message.to === 'shop' || (topic?.kind === 'service' && of.gate.unverified !== true)
  const refusal =
    person(of) ??
    subject(of) ??
    inbox(of) ??
    (exempt ? undefined : consent(of)) ??
    claimedBefore(of) ??
    notNow(of, exempt)
  return refusal ?? { to: 'CLAIMED', exempt }
}
