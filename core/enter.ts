/**
 * Who enters a journey, and why not. A trigger that matched and did not enter leaves its reason in the state
 * (`refused`, one a journey, no row of its own), so that "never entered, because …" can be answered.
 */
import { fieldOf } from './condition.ts'
import type { Event } from './event.ts'
import type { Fact } from './fact.ts'
import { derive } from './id.ts'
import { entryByEvent, sendsOf } from './journey.ts'
import { limits } from './limits.ts'
import { type ReasonCode, reason } from './reason.ts'
import type { ReleasedJourney } from './release.ts'
import { check, type Draft, fieldsNow, multipleBelow, walk } from './run.ts'
import type { Run, State } from './state.ts'
import { type Instant, plus, toMs } from './time.ts'

/** The names an event goes by: a single change of the cart counts as Cart Updated too. */
export const namesOf = (event: Pick<Event, 'name'>, fact: Fact): string[] =>
  fact.kind === 'line' ? [event.name, 'Cart Updated'] : [event.name]

const kept = { values: 40, characters: 200, urlCharacters: 500, words: 50, products: 12 }

/** What facts, keys and mails read of events by name: kept first, however much else an event tells. */
const named = new Set(
  'order_id checkout_id cart_id product_id sku name total value revenue currency price quantity brand variant category url image_url coupon score'.split(
    ' ',
  ),
)

/** The plain values of a record, cut. Half an address leads nowhere: it is kept whole or not at all. */
function plainOf(record: object): Record<string, unknown> {
  const entries = Object.entries(record)
  const inOrder = [
    ...entries.filter(([name]) => named.has(name)),
    ...entries.filter(([name]) => !named.has(name)),
  ]
  const plain = inOrder.flatMap(([name, value]): [string, unknown][] => {
    if (typeof value === 'string' && /^https?:/i.test(value))
      return value.length <= kept.urlCharacters ? [[name, value]] : []
    if (typeof value === 'string') return [[name, value.slice(0, kept.characters)]]
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : []
  })
  return Object.fromEntries(plain.slice(0, kept.values))
}

/** The lists an event's mail may ask for: what was ordered, and the topics of a choice. */
function listsOf({ name, properties }: Pick<Event, 'name' | 'properties'>): Record<string, unknown> {
  const { products, topics } = properties
  const items = name === 'Order Completed' && Array.isArray(products) ? products : []
  const lines = items.flatMap((item: unknown) => (item !== null && typeof item === 'object' ? [item] : []))
  const words = Array.isArray(topics)
    ? topics.flatMap((topic: unknown) => plainOf({ topic }).topic ?? [])
    : []
  return {
    ...(lines.length > 0 && { products: lines.slice(0, kept.products).map(plainOf) }),
    ...(Array.isArray(topics) && { topics: words.slice(0, kept.words) }),
  }
}

/** The event as a run keeps it: its plain properties, cut, and the lists that mails ask for. */
export const eventOf = (event: Pick<Event, 'name' | 'properties'>): NonNullable<Run['event']> => ({
  name: event.name,
  properties: { ...plainOf(event.properties), ...listsOf(event) },
})

interface Trigger {
  eventId: string
  /**
   * Whose calendar or points it is. Absent for an event: that is one and the same on whichever log it stands, so
   * that what a guest and the account she becomes both heard of has one run id, and its mails go out once.
   */
  customerId?: string
  key: string
  event?: Run['event']
  reachedBefore?: number
  /** The event's receipt, or the time the calendar named. */
  at: Instant
}

/** What a run by `event` is keyed by: empty where the journey names no key, undefined where the event has none. */
export function keyFor(
  draft: Draft,
  { journey }: ReleasedJourney,
  event: NonNullable<Run['event']>,
): string | undefined {
  const field = entryByEvent(journey.enter)?.key
  if (field === undefined) return ''
  const value = fieldOf(fieldsNow(draft, event), field)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** When she last entered a journey, or did, as history tells, what it begins by. */
function lastEntered({ entered, imported = {} }: State, journey: string): Instant | undefined {
  const times = [entered, imported].flatMap((all) =>
    Object.hasOwn(all, journey) ? (all[journey] ?? []) : [],
  )
  return times.sort().at(-1)
}

type Verdict = { enters: true } | { enters: false; code: ReasonCode; details?: Record<string, unknown> }

function judge(draft: Draft, { id, journey }: ReleasedJourney, trigger: Trigger): Verdict {
  const condition = journey.enter.if
  if (condition !== undefined) {
    const result = check(draft, condition, trigger.event)
    if (!result.holds) return { enters: false, code: 'condition-false', details: { condition: result.words } }
  }
  const last = lastEntered(draft.state, id)
  if (last !== undefined && journey.enter.rest !== undefined) {
    const until = plus(last, journey.enter.rest)
    if (until > draft.now) return { enters: false, code: 'resting', details: { until } }
  }
  if (draft.state.runs.length >= limits.liveRuns) return { enters: false, code: 'too-many-runs' }
  return { enters: true }
}

function refuse(
  draft: Draft,
  journey: string,
  eventId: string,
  code: ReasonCode,
  details?: Record<string, unknown>,
): void {
  const { explanation } = reason(code, details)
  draft.state = {
    ...draft.state,
    refused: { ...draft.state.refused, [journey]: { at: draft.now, code, explanation, eventId } },
  }
}

const request = 'Consent Requested'

/** Until when she is not asked again whether she wants mail; undefined: she may be. */
function askedUntil({ state, now }: Draft, event: Event): Instant | undefined {
  const { mails, within } = limits.confirmations
  const oldest = event.name === request ? state.asked?.at(-mails) : undefined
  const until = oldest === undefined ? undefined : plus(oldest, within)
  return until !== undefined && until > now ? until : undefined
}

/** Whether a journey sends mail that asks neither for consent nor heeds a cap: service mail, and mail to the shop. */
function sendsService({ releases }: Draft, released: ReleasedJourney): boolean {
  const { topics } = releases.live.settings
  return sendsOf(released.journey.steps).some(
    ({ to, topic = released.journey.topic }) => to === 'shop' || topics[topic]?.kind === 'service',
  )
}

function start(
  draft: Draft,
  journey: ReleasedJourney,
  trigger: Trigger,
  code: 'entered' | 'entered-on-schedule',
): void {
  const run: Run = {
    runId: derive('r', trigger.customerId ?? '', journey.id, trigger.key, trigger.eventId),
    journey: journey.id,
    key: trigger.key,
    release: draft.releases.live.number,
    startedAt: trigger.at,
    touchedAt: trigger.at,
    eventId: trigger.eventId,
    ...(trigger.event !== undefined && { event: trigger.event }),
    ...(trigger.reachedBefore !== undefined && { reachedBefore: trigger.reachedBefore }),
    position: 0,
  }
  draft.state = {
    ...draft.state,
    runs: [...draft.state.runs, run],
    entered: { ...draft.state.entered, [journey.id]: draft.now },
    ...(trigger.event?.name === request && {
      asked: [...(draft.state.asked ?? []), draft.now].slice(-limits.confirmations.mails),
    }),
  }
  const why = reason(code, { event: trigger.event?.name })
  draft.decisions.push({ journey: journey.id, runId: run.runId, outcome: 'entered', reason: why })
  walk(draft, run)
}

/** Enters by the calendar, which named the time `at`. */
export function enterOnSchedule(draft: Draft, journey: ReleasedJourney, at: Instant): void {
  const { customerId } = draft.state
  const trigger = { eventId: `${journey.id}@${at}`, customerId, key: '', at }
  const verdict = judge(draft, journey, trigger)
  if (!verdict.enters) return refuse(draft, journey.id, trigger.eventId, verdict.code, verdict.details)
  start(draft, journey, trigger, 'entered-on-schedule')
}

/**
 * Why an event is no news to a journey: imported, or older than the journey takes when we came to know of it
 * (`agedAt`). Old news folds and may end a run; it never enters or advances one.
 */
export function oldNews(
  { journey }: ReleasedJourney,
  event: Event,
  agedAt: Instant,
): { code: 'history' | 'old-news'; details?: Record<string, unknown> } | undefined {
  if (event.history === true) return { code: 'history' }
  const ageMs = toMs(agedAt) - toMs(event.occurredAt)
  if (ageMs <= (entryByEvent(journey.enter)?.freshFor ?? limits.freshForMs)) return undefined
  return { code: 'old-news', details: { age: `${Math.round(ageMs / 60_000)} minutes` } }
}

/**
 * Lets her enter each journey whose next multiple of points she came past, from `before` to what she has now:
 * once for the highest. A multiple once come past never counts again, whatever refunds take back. History
 * counts, and begins nothing; nor does what she had when the journey was new.
 */
export function enterByPoints(draft: Draft, before: number, event?: Event): void {
  for (const journey of Object.values(draft.releases.live.journeys)) {
    const { enter } = journey.journey
    if (!('points' in enter)) continue
    const { reached: known = {}, returned = {}, totals } = draft.state
    const highest = multipleBelow(totals.points, enter.points)
    const reached = Object.hasOwn(known, journey.id) ? (known[journey.id] ?? 0) : 0
    if (highest <= reached) continue
    draft.state = { ...draft.state, reached: { ...known, [journey.id]: highest } }
    if (before >= highest) continue
    // One that was given back begins a run of its own, whose mail is another than the one that did not go out.
    const times = Object.hasOwn(returned, journey.id) ? `#${returned[journey.id]}` : ''
    const eventId = `${journey.id}@${highest}${times}`
    if (event?.history === true) {
      refuse(draft, journey.id, eventId, 'history')
      continue
    }
    const { customerId } = draft.state
    const about = event === undefined ? {} : { event: eventOf(event) }
    const key = String(highest)
    const trigger = { eventId, customerId, key, reachedBefore: reached, at: draft.now, ...about }
    const verdict = judge(draft, journey, trigger)
    if (verdict.enters) start(draft, journey, trigger, 'entered')
    else refuse(draft, journey.id, eventId, verdict.code, verdict.details)
  }
}

/** Notes that history tells of what a journey with a rest begins by: it rests from then on as if she had entered. */
function noteImported(draft: Draft, { id, journey }: ReleasedJourney, { occurredAt }: Event): void {
  if (journey.enter.rest === undefined) return
  const { imported = {} } = draft.state
  const before = Object.hasOwn(imported, id) ? (imported[id] ?? '') : ''
  if (before >= occurredAt) return
  draft.state = { ...draft.state, imported: { ...imported, [id]: occurredAt } }
}

/** Lets `event` enter every journey it is the trigger of. `agedAt`: when we came to know of it. */
export function enterByEvent(draft: Draft, event: Event, fact: Fact, agedAt: Instant): void {
  // An order that was counted before begins nothing a second time, nor does a yes that she confirmed.
  if (event.repeat === true) return
  const names = namesOf(event, fact)
  for (const journey of Object.values(draft.releases.live.journeys)) {
    const enter = entryByEvent(journey.journey.enter)
    if (enter?.on.some((name) => names.includes(name))) enterOne(draft, journey, { event, fact, agedAt })
  }
}

/**
 * What ends a journey and happened after the event that would begin it, but was told before; undefined: nothing
 * that is known.
 */
function endedSince({ state }: Draft, { journey }: ReleasedJourney, event: Event, fact: Fact) {
  const ends = (name: string) => journey.exit.some((exit) => exit.if === undefined && exit.on?.includes(name))
  if (fact.kind === 'order') {
    const isCancelled = state.orders.some(({ id, cancelled }) => id === fact.order.orderId && cancelled)
    return isCancelled && ends('Order Cancelled') ? 'Order Cancelled' : undefined
  }
  const { lastOrderAt = '' } = state.totals
  return lastOrderAt > event.occurredAt && ends('Order Completed') ? 'Order Completed' : undefined
}

function enterOne(
  draft: Draft,
  journey: ReleasedJourney,
  of: { event: Event; fact: Fact; agedAt: Instant },
): void {
  const { event, fact, agedAt } = of
  const enter = entryByEvent(journey.journey.enter)
  if (enter === undefined) return
  const { id } = journey
  const kept = eventOf(event)
  const key = keyFor(draft, journey, kept)
  const inside = draft.state.runs.some((run) => run.journey === id && (key === undefined || run.key === key))
  if (inside) return
  const old = oldNews(journey, event, agedAt)
  if (old?.code === 'history') noteImported(draft, journey, event)
  if (old !== undefined) return refuse(draft, id, event.messageId, old.code, old.details)
  if (event.source === 'browser' && sendsService(draft, journey))
    return refuse(draft, id, event.messageId, 'only-browser')
  const until = askedUntil(draft, event)
  if (until !== undefined) return refuse(draft, id, event.messageId, 'resting', { until })
  const trigger = { eventId: event.messageId, key: key ?? '', event: kept, at: event.receivedAt }
  const verdict = judge(draft, journey, trigger)
  if (!verdict.enters) return refuse(draft, id, event.messageId, verdict.code, verdict.details)
  if (key === undefined) return refuse(draft, id, event.messageId, 'no-key', { key: enter.key })
  const end = endedSince(draft, journey, event, fact)
  if (end !== undefined) return refuse(draft, id, event.messageId, 'exit-event', { event: end })
  start(draft, journey, trigger, 'entered')
}
