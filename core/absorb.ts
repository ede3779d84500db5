/**
 * Two records of one person become one: what a guest (or another account) is known for goes over to the
 * customer who absorbs her, and her runs go on where they stood. Facts are merged by the rules they are folded
 * by, so that it does not matter which of the two heard them; what both know counts once.
 */
import { trimmed } from './cart.ts'
import { withBought } from './fold.ts'
import { limits } from './limits.ts'
import type { Message } from './message.ts'
import { mergeOrders } from './order.ts'
import { reason } from './reason.ts'
import { journeyOf } from './release.ts'
import { type Draft, endRun, goOn, putRun, walk } from './run.ts'
import type { Run, State } from './state.ts'
import { type Instant, plus, toMs } from './time.ts'
import { strongerTrait } from './traits.ts'

const later = (a: Instant | undefined, b: Instant | undefined) => ((a ?? '') >= (b ?? '') ? a : b)
const earlier = (a: Instant | undefined, b: Instant | undefined) => ((a ?? '~') <= (b ?? '~') ? a : b)

const laterOf = (a: Instant, b: Instant): Instant => (b > a ? b : a)

/** Two records as one: `pick` chooses where both have the name. */
function mergedBy<T>(one: Record<string, T>, other: Record<string, T>, pick: (a: T, b: T) => T) {
  const merged = { ...one }
  for (const [name, value] of Object.entries(other)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined
    merged[name] = before === undefined ? value : pick(before, value)
  }
  return merged
}

const defined = <T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never

function ordersOf(one: State, other: State, pointsPerUnit: number): Pick<State, 'orders' | 'totals'> {
  const { orders, totals } = mergeOrders(one, other, pointsPerUnit)
  const [a, b] = [one.totals, other.totals]
  const times = {
    firstOrderAt: earlier(a.firstOrderAt, b.firstOrderAt),
    lastOrderAt: later(a.lastOrderAt, b.lastOrderAt),
    lastSeenAt: later(a.lastSeenAt, b.lastSeenAt),
    since: earlier(a.since, b.since),
  }
  return { orders, totals: { ...totals, ...defined(times) } }
}

const halfLifeMs = 14 * 86_400_000

type Interest = State['categories'][string]

/** Two weights as one, as of the later of their times. */
function interests(a: Interest, b: Interest): Interest {
  const at = a.at >= b.at ? a.at : b.at
  const faded = ({ weight, at: from }: Interest) => weight * 2 ** ((toMs(from) - toMs(at)) / halfLifeMs)
  return { weight: faded(a) + faded(b), at }
}

function cartsOf({ cart: a }: State, { cart: b }: State): State['cart'] {
  const snapshot = (a.snapshot?.at ?? '') >= (b.snapshot?.at ?? '') ? a.snapshot : b.snapshot
  const emptiedAt = later(a.emptiedAt, b.emptiedAt)
  const known = new Set(a.deltas.map(({ key }) => key))
  const deltas = [...a.deltas, ...b.deltas.filter(({ key }) => !known.has(key))]
  return trimmed({
    deltas,
    ...(snapshot && { snapshot }),
    ...(emptiedAt !== undefined && { emptiedAt }),
  })
}

function recentOf(one: State, other: State): State['recent'] {
  const newest = new Map<string, State['recent'][number]>()
  for (const seen of [...one.recent, ...other.recent]) {
    const before = newest.get(seen.item.id)
    if (before === undefined || seen.at > before.at) newest.set(seen.item.id, seen)
  }
  const list = [...newest.values()].sort((x, y) => (x.at > y.at ? -1 : x.at < y.at ? 1 : 0))
  return list.slice(0, limits.recentProducts)
}

/** Whichever says later that something was so. */
const newest = <T extends { at: Instant }>(a: T | undefined, b: T | undefined) =>
  (a?.at ?? '') >= (b?.at ?? '') ? a : b

const strongest = (categories: State['categories']): State['categories'] =>
  Object.fromEntries(
    Object.entries(categories)
      .sort(([, x], [, y]) => y.weight - x.weight)
      .slice(0, limits.favouriteCategories),
  )

/** Each keeps at least its newer half: what comes again may come to either. */
function ringOf({ applied: a }: State, { applied: b }: State): string[] {
  const room = Math.max(limits.appliedEvents / 2, limits.appliedEvents - a.length)
  const theirs = b.slice(-room).filter((mark) => !a.includes(mark))
  return [...theirs, ...a.slice(-(limits.appliedEvents - theirs.length))]
}

/**
 * What is known of one person, from two states: everything but her runs, mails and calendar, which `absorb`
 * takes over one by one. Merging one that was merged already changes nothing but her ring.
 */
export function mergeKnown(one: State, other: State, pointsPerUnit: number): State {
  const byAt = <T extends { at: Instant }>(a: T, b: T): T => (b.at > a.at ? b : a)
  const carts = [...(one.carts ?? []), ...(other.carts ?? [])].sort((x, y) => (x.at < y.at ? -1 : 1))
  const visitors = [
    ...other.visitors.filter(({ visitorId }) => !one.visitors.some((v) => v.visitorId === visitorId)),
    ...one.visitors,
  ]
  // those still to be swept last: the first are forgotten when there are too many
  visitors.sort((x, y) => Number(x.sweepAt !== undefined) - Number(y.sweepAt !== undefined))
  const asked = [...new Set([...(one.asked ?? []), ...(other.asked ?? [])])].sort()
  const givenAt = earlier(one.consent.givenAt, other.consent.givenAt)
  return {
    ...one,
    ...ordersOf(one, other, pointsPerUnit),
    traits: mergedBy(one.traits, other.traits, strongerTrait),
    categories: strongest(mergedBy(one.categories, other.categories, interests)),
    cart: cartsOf(one, other),
    recent: recentOf(one, other),
    consent: givenAt === undefined ? {} : { givenAt },
    entered: mergedBy(one.entered, other.entered, laterOf),
    refused: mergedBy(one.refused, other.refused, byAt),
    applied: ringOf(one, other),
    visitors: visitors.slice(-limits.linkedVisitors),
    absorbed: [...(one.absorbed ?? []), ...(other.absorbed ?? []), other.customerId].slice(
      -limits.mergesFollowed,
    ),
    ...defined({
      imported: mergedBy(one.imported ?? {}, other.imported ?? {}, laterOf),
      returned:
        (one.returned ?? other.returned) && mergedBy(one.returned ?? {}, other.returned ?? {}, Math.max),
      reached: mergedBy(one.reached ?? {}, other.reached ?? {}, Math.max),
      lastClick: newest(one.lastClick, other.lastClick),
      answer: newest(one.answer, other.answer),
      bought: withBought(one.bought, other.bought ?? []),
      asked: asked.length === 0 ? undefined : asked.slice(-limits.confirmations.mails),
      carts: carts.length === 0 ? undefined : carts.slice(-limits.rememberedCarts),
    }),
  }
}

/** What the rows of the mails her runs wait for say. */
export type MailsSeen = ReadonlyMap<string, Pick<Message, 'status' | 'reason'>>

const isOver = ({ status, reason: why }: { status: Message['status']; reason?: string | undefined }) =>
  status === 'SENT' ||
  status === 'EXPIRED' ||
  status === 'FAILED' ||
  status === 'CLOSED' ||
  (status === 'SKIPPED' && why !== 'merged')

function dropped(draft: Draft, { journey, runId }: Run, code: 'merged' | 'too-many-runs'): void {
  draft.decisions.push({ journey, runId, outcome: 'exited', reason: reason(code) })
}

/** A run goes over: a mail that had not gone out is planned anew, by the same id, as the absorber's. */
function takeRun(draft: Draft, run: Run, mails: MailsSeen): void {
  if (draft.state.runs.length >= limits.liveRuns) return dropped(draft, run, 'too-many-runs')
  draft.state = { ...draft.state, runs: [...draft.state.runs, run] }
  const journey = journeyOf(draft.releases, run)
  if (journey === undefined) return endRun(draft, run, { outcome: 'exited', code: 'journey-removed' })
  const { waiting, ...free } = run
  if (waiting?.for !== 'message') return putRun(draft, run)
  const mail = mails.get(waiting.messageId)
  // a mail of this name that was planned here too has a row of its own, which is still looked after
  if (mail !== undefined && isOver(mail)) return goOn(draft, run)
  // an attempt is under way: its end is forwarded, and should that be lost, looked for when it must be known
  if (mail?.status !== 'CLAIMED' && mail?.status !== 'UNKNOWN') return walk(draft, free)
  const settleAt = plus(draft.now, limits.unknownClosesMs)
  const [messageId, { runId, journey: id }] = [waiting.messageId, run]
  const step = stepOf(journey.program[run.position])
  draft.state = {
    ...draft.state,
    outstanding: [
      ...draft.state.outstanding,
      { messageId, runId, journey: id, step, round: 0, phase: 'unknown', settleAt, notAfter: settleAt },
    ],
  }
}

/** Whether a run came further than its twin: by its place, or because its mail went out, or may have. */
function isAhead(run: Run, twin: Run, mails: MailsSeen): boolean {
  if (run.position !== twin.position) return run.position > twin.position
  const { waiting } = run
  const status = waiting?.for === 'message' ? mails.get(waiting.messageId)?.status : undefined
  return status === 'SENT' || status === 'CLAIMED' || status === 'UNKNOWN'
}

const stepOf = (instruction: { op: string; step?: string } | undefined): string => instruction?.step ?? ''

/** Whether a run began while its journey rested after the other record's: as one customer she had not entered. */
function isWithinRest(draft: Draft, run: Run, { entered }: State): boolean {
  const rest = journeyOf(draft.releases, run)?.journey.enter.rest
  const last = Object.hasOwn(entered, run.journey) ? entered[run.journey] : undefined
  return rest !== undefined && last !== undefined && last < run.startedAt && run.startedAt < plus(last, rest)
}

/**
 * Takes over what `from` knew and was in. Once only: repeating it changes nothing. Of two runs of one journey
 * for one thing the one that came further goes on, so that what one of them sent is not sent by the other; the
 * other ends as `merged`.
 */
export function absorb(draft: Draft, from: State, mails: MailsSeen): void {
  if (draft.state.absorbed?.includes(from.customerId)) return
  const before = draft.state
  const own = before.runs
  const twinOf = (run: Run, runs: readonly Run[]) =>
    runs.find((one) => one.journey === run.journey && one.key === run.key)
  draft.state = mergeKnown(draft.state, from, draft.releases.live.settings.loyalty.pointsPerUnit)
  for (const run of own)
    if (twinOf(run, from.runs) === undefined && isWithinRest(draft, run, from))
      endRun(draft, run, { outcome: 'exited', code: 'merged' })
  for (const run of from.runs) {
    const twin = twinOf(run, own)
    if (twin === undefined ? isWithinRest(draft, run, before) : !isAhead(run, twin, mails)) {
      dropped(draft, run, 'merged')
      continue
    }
    if (twin !== undefined) endRun(draft, twin, { outcome: 'exited', code: 'merged' })
    takeRun(draft, run, mails)
  }
}
