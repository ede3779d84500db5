/**
 * The decision: from what is known of a customer and one input to what is known afterwards, what is to be
 * done and why. Pure and synchronous; time comes in with the input. An alarm that is due fires before a later
 * event; events are decided one by one however they were batched. `flow/decide.ts` reads, calls and commits.
 */
import { absorb, type MailsSeen } from './absorb.ts'
import { attributed, attributedMail } from './attribution.ts'
import { bound } from './bound.ts'
import type { Decision, MessageEffect } from './decision.ts'
import { enterByEvent, enterByPoints, enterOnSchedule } from './enter.ts'
import type { Event } from './event.ts'
import { factOf } from './fact.ts'
import { fold } from './fold.ts'
import { withoutForeign } from './foreign.ts'
import { hear } from './heard.ts'
import { limits } from './limits.ts'
import { journeyOf, type Releases } from './release.ts'
import { type Draft, endRun, goOn } from './run.ts'
import { scheduled } from './schedule.ts'
import { type RowSeen, settle } from './settle.ts'
import type { Run, State } from './state.ts'
import { type Instant, plus } from './time.ts'

export type Input =
  /** `agedAt`: when we came to know of it, where that is not its own receipt (a visitor's log folded in). */
  | { kind: 'event'; event: Event; agedAt?: Instant }
  /** `rows`: what the rows of the outstanding mails that are due say. */
  | { kind: 'alarm'; at: Instant; rows: ReadonlyMap<string, RowSeen> }
  /** `from` turned out to be her: her record, which is closed, and the rows of the mails her runs wait for. */
  | { kind: 'absorb'; at: Instant; from: State; mails: MailsSeen }
  /** The log of a visitor who is hers was folded in whole; five minutes later it is swept once more. */
  | { kind: 'visitor'; at: Instant; visitorId: string }

export interface Decided {
  state: State
  effects: MessageEffect[]
  decisions: Decision[]
}

/** The time a run's wait is over; a wait for a mail's end has none. */
const untilOf = ({ waiting }: Run): Instant | undefined =>
  waiting === undefined || waiting.for === 'message' ? undefined : waiting.until

/** A wait that is over: its run goes on, or ends where the wait says so. */
function fireRun(draft: Draft, run: Run): void {
  const journey = journeyOf(draft.releases, run)
  const instruction = journey?.program[run.position]
  const timedOut =
    run.waiting?.for === 'event' && instruction?.op === 'wait' && 'for' in instruction.wait
      ? instruction.wait
      : undefined
  if (timedOut?.else !== 'exit') return goOn(draft, run)
  endRun(draft, run, {
    outcome: 'exited',
    code: 'wait-ended',
    details: { event: timedOut.for.on.join(' / '), outcome: 'did not happen in time' },
  })
}

/** The earliest wait or calendar entry due at or before `horizon`. */
function nextDue(state: State, horizon: Instant): { at: Instant; run?: Run; journey?: string } | undefined {
  let next: { at: Instant; run?: Run; journey?: string } | undefined
  for (const run of state.runs) {
    const at = untilOf(run)
    if (at !== undefined && at <= horizon && (next === undefined || at < next.at)) next = { at, run }
  }
  for (const [journey, { at }] of Object.entries(state.schedule)) {
    if (at <= horizon && (next === undefined || at < next.at)) next = { at, journey }
  }
  return next
}

/** Reckons her calendar as of now; `fired`: the journey whose time has just been used. */
function reckon(draft: Draft, fired?: string): void {
  const { journeys, settings } = draft.releases.live
  const of = { journeys, settings, now: draft.now, ...(fired !== undefined && { fired }) }
  const schedule = scheduled(draft.state, of)
  if (schedule !== draft.state.schedule) draft.state = { ...draft.state, schedule }
}

/** Fires what is due up to `horizon`, in order, each at its own time, as much as one commit takes. */
function fire(draft: Draft, horizon: Instant): void {
  for (let fired = 0; fired < limits.stepsPerWalk; fired += 1) {
    const due = nextDue(draft.state, horizon)
    if (due === undefined || draft.effects.length >= limits.effectsPerCommit) return
    draft.now = due.at > draft.now ? due.at : draft.now
    if (due.run !== undefined) fireRun(draft, due.run)
    if (due.journey === undefined) continue
    const { journeys } = draft.releases.live
    const journey = Object.hasOwn(journeys, due.journey) ? journeys[due.journey] : undefined
    if (journey !== undefined) enterOnSchedule(draft, journey, due.at)
    reckon(draft, due.journey)
  }
}

function hearEvent(draft: Draft, heard: Event, agedAt: Instant): void {
  const event = withoutForeign(heard, draft.releases.live.settings)
  const folded = fold(draft.state, event, draft.releases.live.settings)
  if ('ignored' in folded) return
  const { points } = draft.state.totals
  const { journeys } = draft.releases.live
  const isAboutCart = (id: string) => Object.hasOwn(journeys, id) && journeys[id]?.journey.intent === 'cart'
  const order = attributed(folded.state, event, folded.fact)
  const mail = attributedMail(order.state, event, { fact: folded.fact, isAboutCart })
  draft.state = mail.state
  draft.effects.push(...order.effects, ...mail.effects)
  hear(draft, event, folded.fact, agedAt)
  enterByEvent(draft, event, folded.fact, agedAt)
  enterByPoints(draft, points, event)
}

/** Notes a visitor whose log was folded in, to be swept once for puts that were in flight; then that it was. */
function withVisitor(state: State, visitorId: string, at: Instant): State {
  const known = state.visitors.find((one) => one.visitorId === visitorId)
  // Folded in again before its time, by an event that came twice: the sweep is still to come.
  if (known?.sweepAt !== undefined && at < known.sweepAt) return state
  const visitor =
    known === undefined
      ? { visitorId, foldedAt: at, sweepAt: plus(at, limits.visitorSweepMs) }
      : { visitorId, foldedAt: known.foldedAt }
  const others = state.visitors.filter((one) => one !== known)
  return { ...state, visitors: [...others, visitor].slice(-limits.linkedVisitors) }
}

/**
 * Decides one input.
 * @example decide(state, { kind: 'event', event }, { live, pinned: new Map() }).effects // []
 */
export function decide(state: State, input: Input, releases: Releases): Decided {
  return state.movedTo === undefined ? decideOne(state, input, releases) : decideMoved(state, input, releases)
}

/**
 * Decides for a record that another took over: her runs go on there, and what still comes is forwarded. What
 * is left here are mails on their way, until each has its end.
 */
function decideMoved(state: State, input: Input, releases: Releases): Decided {
  const idle = { state, effects: [], decisions: [] }
  const { settings, number, publishedAt } = releases.live
  if (input.kind === 'absorb' || input.kind === 'visitor') return idle
  if (input.kind === 'event' && factOf(input.event, settings.currency).kind !== 'message') return idle
  const { runs, schedule, applied, traits } = state
  const bare = { ...state, runs: [], schedule: {} }
  const empty = { ...releases, live: { number, publishedAt, settings, journeys: {} } }
  const decided = decideOne(bare, input, empty)
  return { ...decided, state: { ...decided.state, runs, schedule, applied, traits } }
}

/** What neither of the two records came past alone, both together may. */
function takeOver(draft: Draft, { from, mails }: Extract<Input, { kind: 'absorb' }>): void {
  const before = Math.max(draft.state.totals.points, from.totals.points)
  absorb(draft, from, mails)
  enterByPoints(draft, before)
}

function decideOne(state: State, input: Input, releases: Releases): Decided {
  const at = input.kind === 'event' ? (input.agedAt ?? input.event.receivedAt) : input.at
  const asOf = at > state.now ? at : state.now
  const draft: Draft = { state, now: state.now, asOf, releases, effects: [], decisions: [] }
  fire(draft, at)
  draft.now = asOf
  if (input.kind === 'event') hearEvent(draft, input.event, at)
  else if (input.kind === 'alarm') settle(draft, { ...lookups(state, at), rows: input.rows })
  else if (input.kind === 'absorb') takeOver(draft, input)
  else draft.state = withVisitor(draft.state, input.visitorId, at)
  reckon(draft)
  fire(draft, draft.now)
  return {
    state: bound({ ...draft.state, now: draft.now }),
    effects: draft.effects,
    decisions: draft.decisions,
  }
}

/** The earliest time anything of this state is due: the alarm. Undefined: nothing ever, unless something happens. */
export function dueOf(state: State): Instant | undefined {
  const mails = state.outstanding.map(({ settleAt }) => settleAt)
  const times =
    state.movedTo !== undefined
      ? mails
      : [
          ...state.runs.map(untilOf),
          ...Object.values(state.schedule).map(({ at }) => at),
          ...mails,
          ...state.visitors.map(({ sweepAt }) => sweepAt),
        ]
  return times.reduce<Instant | undefined>(
    (least, at) => (at !== undefined && (least === undefined || at < least) ? at : least),
    undefined,
  )
}

/** What an alarm at `now` needs read before it can be decided. */
export const lookups = (state: State, now: Instant): { messageIds: string[]; visitorIds: string[] } => ({
  messageIds: state.outstanding.filter(({ settleAt }) => settleAt <= now).map(({ messageId }) => messageId),
  visitorIds: (state.movedTo === undefined ? state.visitors : []).flatMap(({ visitorId, sweepAt }) =>
    sweepAt !== undefined && sweepAt <= now ? [visitorId] : [],
  ),
})
