/**
 * What an event does to runs that are under way: it ends them, resets a quiet wait, meets a wait for it, or
 * tells what became of a mail. Runs before new ones enter.
 */

import { cartOf, unnamed } from './cart.ts'
import { eventOf, keyFor, namesOf, oldNews } from './enter.ts'
import type { Event } from './event.ts'
import { own } from './event.ts'
import { type Fact, laterAnswer, type MessageFact } from './fact.ts'
import { entryByEvent } from './journey.ts'
import { type ReasonCode, reason } from './reason.ts'
import { journeyOf, type ReleasedJourney } from './release.ts'
import { check, type Draft, endedByItself, endRun, goOn, putRun } from './run.ts'
import type { Run } from './state.ts'
import { type Instant, plus } from './time.ts'

/** Whether an event is about another order (product …) than the one that the run is keyed by. */
function isOfAnother(draft: Draft, run: Run, journey: ReleasedJourney, event: Event): boolean {
  const field = entryByEvent(journey.journey.enter)?.key
  if (field === undefined || /^(cart|customer)\./.test(field)) return false
  const key = keyFor(draft, journey, eventOf(event))
  return key !== undefined && key !== run.key
}

function exits(
  draft: Draft,
  run: Run,
  journey: ReleasedJourney,
  event: Event,
  names: readonly string[],
): boolean {
  const isPast = event.history === true && event.occurredAt < run.startedAt
  for (const exit of isPast ? [] : journey.journey.exit) {
    if (exit.on === undefined || !names.some((name) => exit.on?.includes(name))) continue
    if (isOfAnother(draft, run, journey, event)) continue
    if (exit.if !== undefined && !check(draft, exit.if, eventOf(event)).holds) continue
    endRun(draft, run, { outcome: 'exited', code: 'exit-event', details: { event: event.name } })
    return true
  }
  return endedByItself(draft, run, journey)
}

/** A run about a cart without a name follows the cart when the shop names it. */
function named(draft: Draft, run: Run, journey: ReleasedJourney): Run {
  const enter = entryByEvent(journey.journey.enter)
  if (enter?.key !== 'cart.id' || run.key !== unnamed) return run
  const id = cartOf(draft.state.cart)?.id ?? unnamed
  if (id === unnamed) return run
  const next = { ...run, key: id }
  putRun(draft, next)
  return next
}

/** Notes that what a run is about was heard of again: a wait for quiet begins anew. */
function touched(
  draft: Draft,
  run: Run,
  journey: ReleasedJourney,
  event: Event,
  names: readonly string[],
): Run {
  const enter = entryByEvent(journey.journey.enter)
  if (enter === undefined || !names.some((name) => enter.on.includes(name))) return run
  if (event.receivedAt <= run.touchedAt || keyFor(draft, journey, eventOf(event)) !== run.key) return run
  const { waiting } = run
  const moved = waiting?.for === 'quiet' && { ...waiting, until: plus(event.receivedAt, waiting.ms) }
  // Quiet again: what the run is about is the last that was heard of it.
  const next = {
    ...run,
    touchedAt: event.receivedAt,
    ...(moved && { waiting: moved, event: eventOf(event) }),
  }
  putRun(draft, next)
  return next
}

/** Notes her answer to a question that the run asked: its mails tell of this one, whatever she answers elsewhere. */
function answered(draft: Draft, run: Run, event: Event, fact: Fact): Run {
  if (fact.kind !== 'survey' || fact.answer.runId !== run.runId) return run
  const next = { ...run, answer: laterAnswer(run.answer, fact.answer, event.occurredAt) }
  putRun(draft, next)
  return next
}

/** Whether the wait a run stands at is met by the event. */
function meets(
  draft: Draft,
  run: Run,
  journey: ReleasedJourney,
  event: Event,
  fact: Fact,
  names: readonly string[],
): void {
  const instruction = journey.program[run.position]
  if (instruction?.op !== 'wait' || !('for' in instruction.wait)) return
  const { for: wanted, happens } = instruction.wait
  if (!names.some((name) => wanted.on.includes(name))) return
  const runId =
    fact.kind === 'message' ? fact.about.runId : fact.kind === 'survey' ? fact.answer.runId : undefined
  const ofRun = runId === run.runId
  if (wanted.in === 'this run' && !ofRun) return
  if (fact.kind === 'message' && fact.about.human === false) return
  if (wanted.if !== undefined && !check(draft, wanted.if, eventOf(event)).holds) return
  if (happens === 'continue') return goOn(draft, run)
  endRun(draft, run, {
    outcome: 'exited',
    code: 'wait-ended',
    details: { event: event.name, outcome: 'happened' },
  })
}

function forget(draft: Draft, messageId: string): void {
  const outstanding = draft.state.outstanding.filter((one) => one.messageId !== messageId)
  draft.state = { ...draft.state, outstanding }
}

/** A mail's end, told by the step that saw it: the state forgets it, and its run goes on. */
export function messageEnded(draft: Draft, messageId: string): void {
  forget(draft, messageId)
  const run = draft.state.runs.find(
    ({ waiting }) => waiting?.for === 'message' && waiting.messageId === messageId,
  )
  if (run !== undefined) goOn(draft, run)
}

function told(draft: Draft, about: MessageFact, outcome: 'held' | 'skipped'): void {
  const code = (about.code ?? 'unknown') as ReasonCode
  const why = about.explanation === undefined ? reason(code) : { code, explanation: about.explanation }
  const { journey, runId, step, messageId } = about
  draft.decisions.push({ journey, runId, step, messageId, outcome, reason: why, told: true })
}

/**
 * Whether an end is told of another row of this mail than hers: of who became her, which planned it too before
 * she did. It says nothing about hers. One that she only waits for (in round 0) is no row of hers.
 */
const isOfAnotherRow = ({ state }: Draft, { customerId, messageId }: MessageFact): boolean =>
  customerId !== undefined &&
  customerId !== state.customerId &&
  state.outstanding.some((one) => one.messageId === messageId && one.round > 0)

function heardOfMessage(draft: Draft, event: Event, about: MessageFact): void {
  const { messageId } = about
  if (isOfAnotherRow(draft, about)) return
  if (event.name === own.sent) return messageEnded(draft, messageId)
  // the customer who absorbed her plans the mail anew: to this run it has not ended
  if (event.name === own.skipped && about.code === 'merged') return forget(draft, messageId)
  if (event.name === own.skipped) {
    told(draft, about, 'skipped')
    return messageEnded(draft, messageId)
  }
  if (event.name !== own.held) return
  told(draft, about, 'held')
  const { until } = about
  // One that waits for its twin on another record may have gone out by that: it is not surely unsent.
  const phase = about.code === 'being-sent' ? ('planned' as const) : ('held' as const)
  const outstanding = draft.state.outstanding.map((one) =>
    one.messageId === messageId && (about.round ?? 0) >= one.round && until !== undefined
      ? { ...one, round: about.round ?? one.round, phase, settleAt: until }
      : one,
  )
  draft.state = { ...draft.state, outstanding }
  // The run ended while the mail was on its way to be held: nobody is left to wait for it. A hold that is told
  // again of a mail that went on since is no news.
  const orphan = outstanding.find(
    (one) =>
      one.messageId === messageId &&
      one.phase === 'held' &&
      !draft.state.runs.some((run) => run.runId === one.runId),
  )
  if (orphan === undefined) return
  draft.effects.push({
    kind: 'move',
    messageId,
    from: 'HELD',
    round: orphan.round,
    to: 'SKIPPED',
    reason: 'run-ended',
  })
  draft.decisions.push({
    journey: orphan.journey,
    runId: orphan.runId,
    step: orphan.step,
    messageId,
    outcome: 'skipped',
    reason: reason('run-ended'),
  })
  draft.state = { ...draft.state, outstanding: outstanding.filter((one) => one !== orphan) }
}

/** Lets every run under way hear of a folded event. `agedAt`: when we came to know of it. */
export function hear(draft: Draft, event: Event, fact: Fact, agedAt: Instant): void {
  if (fact.kind === 'message') heardOfMessage(draft, event, fact.about)
  const names = namesOf(event, fact)
  for (const { runId } of draft.state.runs) {
    const before = draft.state.runs.find((one) => one.runId === runId)
    const journey = before && journeyOf(draft.releases, before)
    if (before === undefined || journey === undefined) continue
    const run = answered(draft, named(draft, before, journey), event, fact)
    if (exits(draft, run, journey, event, names) || oldNews(journey, event, agedAt) !== undefined) continue
    const now = touched(draft, run, journey, event, names)
    if (now.waiting?.for === 'event') meets(draft, now, journey, event, fact, names)
  }
}
