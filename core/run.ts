/**
 * Walking a run: from where it stands through the instructions that need no waiting, up to the next wait,
 * send or the end. `Draft` is the working copy of one decision; its state is replaced, never changed in place.
 */
import { cartOf } from './cart.ts'
import { type Condition, fieldOf, holds, type Trace } from './condition.ts'
import type { Decision, MessageEffect } from './decision.ts'
import { derive } from './id.ts'
import { bulkIntents, type Wait } from './journey.ts'
import { limits } from './limits.ts'
import type { Message } from './message.ts'
import { fieldsOf } from './present.ts'
import type { Instruction } from './program.ts'
import { type ReasonCode, reason } from './reason.ts'
import { journeyOf, type ReleasedJourney, type Releases } from './release.ts'
import type { Outstanding, Run, State, Waiting } from './state.ts'
import { type Instant, localDate, nextTimeOfDay, plus } from './time.ts'
import { zoneOf } from './traits.ts'

/** A decision in the making. */
export interface Draft {
  state: State
  /** The logical time: of what fires, then of the input. */
  now: Instant
  /** The input's time, which a late alarm's logical time lags behind. */
  asOf: Instant
  releases: Releases
  effects: MessageEffect[]
  decisions: Decision[]
}

/** The fields a condition of `run` reads now. */
export const fieldsNow = (draft: Draft, event?: Run['event']): Record<string, unknown> =>
  fieldsOf(draft.state, { settings: draft.releases.live.settings, event })

/** Whether a condition holds now, and what did not, in words. */
export function check(
  draft: Draft,
  condition: Condition,
  event?: Run['event'],
): { holds: boolean; words: string } {
  const trace: Trace[] = []
  const result = holds(condition, fieldsNow(draft, event), trace)
  const telling = trace.filter((one) => one.holds === result)
  const words = telling
    .map(({ field, found }) => `${field} is ${found === undefined ? 'not known' : JSON.stringify(found)}`)
    .join(', ')
  return { holds: result, words: words.slice(0, limits.explanationCharacters) }
}

export function putRun(draft: Draft, run: Run): void {
  draft.state = { ...draft.state, runs: draft.state.runs.map((one) => (one.runId === run.runId ? run : one)) }
}

/** Ends a run; mails of it that are held are skipped, those on their way are stopped by the claim. */
export function endRun(
  draft: Draft,
  run: Run,
  end: { outcome: 'exited' | 'finished'; code: ReasonCode; details?: Record<string, unknown> },
): void {
  const why = reason(end.code, end.details)
  const held = draft.state.outstanding.filter((one) => one.runId === run.runId && one.phase === 'held')
  for (const { messageId, journey, step, round } of held) {
    draft.effects.push({ kind: 'move', messageId, from: 'HELD', round, to: 'SKIPPED', reason: 'run-ended' })
    draft.decisions.push({
      journey,
      runId: run.runId,
      step,
      messageId,
      outcome: 'skipped',
      reason: reason('run-ended'),
    })
  }
  draft.state = {
    ...draft.state,
    runs: draft.state.runs.filter((one) => one.runId !== run.runId),
    outstanding: draft.state.outstanding.filter((one) => !held.includes(one)),
  }
  draft.decisions.push({ journey: run.journey, runId: run.runId, outcome: end.outcome, reason: why })
}

/** The highest multiple of `points` that is not above `total`. */
export const multipleBelow = (total: number, points: number): number => Math.floor(total / points) * points

/**
 * Whether what the run is about is still there: a run keyed by the cart ends when another cart took its place,
 * one keyed by a multiple of points when they were taken back.
 */
export function subjectGone(state: State, run: Run, journey: ReleasedJourney): boolean {
  const { enter } = journey.journey
  if ('points' in enter) return state.totals.points < Number(run.key)
  if (!('key' in enter) || enter.key === undefined || !enter.key.startsWith('cart.')) return false
  const cart = cartOf(state.cart)
  return cart !== undefined && String(fieldOf({ cart }, enter.key) ?? run.key) !== run.key
}

function waitingFor(draft: Draft, run: Run, wait: Wait): Waiting {
  if ('ms' in wait) return { for: 'time', until: plus(draft.now, wait.ms) }
  if ('quiet' in wait) return { for: 'quiet', until: plus(run.touchedAt, wait.quiet), ms: wait.quiet }
  if ('until' in wait) {
    const zone = zoneOf(draft.state, draft.releases.live.settings.timeZone)
    return { for: 'time', until: nextTimeOfDay(draft.now, { minutes: wait.until, zone }) }
  }
  return { for: 'event', until: plus(draft.now, wait.upTo) }
}

function expiryOf(draft: Draft, { journey }: ReleasedJourney): Instant {
  if (journey.expires !== 'end of day') return plus(draft.now, journey.expires ?? limits.messageLivesMs)
  const zone = zoneOf(draft.state, draft.releases.live.settings.timeZone)
  const tomorrow = nextTimeOfDay(plus(draft.now, 1), { minutes: 0, zone })
  return localDate(draft.now, zone) === localDate(tomorrow, zone)
    ? plus(tomorrow, limits.messageLivesMs)
    : tomorrow
}

function plan(
  draft: Draft,
  run: Run,
  journey: ReleasedJourney,
  send: Extract<Instruction, { op: 'send' }>,
): Waiting {
  const messageId = derive('m', run.runId, send.step)
  const notAfter = expiryOf(draft, journey)
  const names = journey.journey.exit.flatMap((exit) => exit.on ?? [])
  // The order that a run began by is not one that ends it.
  const begunByOrder = run.event?.name === 'Order Completed'
  const message: Message = {
    customerId: draft.state.customerId,
    messageId,
    status: 'PLANNED',
    round: 1,
    journey: run.journey,
    step: send.step,
    mail: send.mail,
    runId: run.runId,
    key: run.key,
    runStartedAt: begunByOrder ? plus(run.startedAt, 1) : run.startedAt,
    release: run.release,
    urgent: !bulkIntents.has(journey.journey.intent),
    exitsOnOrder: names.includes('Order Completed'),
    ...(send.to !== undefined && { to: send.to }),
    ...(run.event !== undefined && { event: run.event }),
    plannedAt: draft.now,
    notBefore: draft.now,
    notAfter,
  }
  const outstanding: Outstanding = {
    messageId,
    runId: run.runId,
    journey: run.journey,
    step: send.step,
    round: 1,
    phase: 'planned',
    settleAt: plus(draft.asOf, limits.stuckMs),
    notAfter,
  }
  const others = draft.state.outstanding.filter((one) => one.messageId !== messageId)
  draft.state = { ...draft.state, outstanding: [...others, outstanding].slice(-limits.outstandingMessages) }
  draft.effects.push({ kind: 'plan', message })
  draft.decisions.push({
    journey: run.journey,
    runId: run.runId,
    step: send.step,
    messageId,
    outcome: 'planned',
    reason: reason('plan-due'),
  })
  return { for: 'message', messageId }
}

/** Whether a condition-only exit holds, or the run lost its subject; then the run is ended. */
export function endedByItself(draft: Draft, run: Run, journey: ReleasedJourney): boolean {
  for (const exit of journey.journey.exit) {
    if (exit.on !== undefined || exit.if === undefined) continue
    const result = check(draft, exit.if, run.event)
    if (!result.holds) continue
    endRun(draft, run, { outcome: 'exited', code: 'exit-condition', details: { condition: result.words } })
    return true
  }
  if (!subjectGone(draft.state, run, journey)) return false
  const isUnsent = nothingSent(draft.state, run, journey)
  endRun(draft, run, { outcome: 'exited', code: 'subject-gone', details: { key: run.key } })
  if (isUnsent) giveBack(draft, run, journey)
  return true
}

/** Whether no mail of a run went out, or may have: one that is held did not, one that was dispatched might. */
function nothingSent(
  { outstanding }: State,
  { position, waiting }: Run,
  { program }: ReleasedJourney,
): boolean {
  if (program.slice(0, position).some(({ op }) => op === 'send')) return false
  if (waiting?.for !== 'message') return true
  return outstanding.some(({ messageId, phase }) => messageId === waiting.messageId && phase === 'held')
}

/** A multiple of points that brought her nothing, because they were taken back, may be come past again. */
function giveBack(draft: Draft, { key, reachedBefore }: Run, { id, journey }: ReleasedJourney): void {
  const { reached = {}, returned = {}, totals, runs } = draft.state
  if (!('points' in journey.enter)) return
  const before = reachedBefore ?? multipleBelow(totals.points, journey.enter.points)
  if (reached[id] !== Number(key)) {
    // She came past another since: should that be given back too, it is to where she was before both.
    const isNext = (run: Run) => run.journey === id && run.reachedBefore === Number(key)
    const rest = runs.map((run) => (isNext(run) ? { ...run, reachedBefore: before } : run))
    draft.state = { ...draft.state, runs: rest }
    return
  }
  const times = Object.hasOwn(returned, id) ? (returned[id] ?? 0) : 0
  draft.state = {
    ...draft.state,
    reached: { ...reached, [id]: before },
    returned: { ...returned, [id]: times + 1 },
  }
}

/**
 * Walks a run that is free to go on until it waits or ends. A step that is reached is never walked twice: the
 * position moves on only when its wait is over.
 */
export function walk(draft: Draft, start: Run): void {
  let run = start
  const journey = journeyOf(draft.releases, run)
  if (journey === undefined) return endRun(draft, run, { outcome: 'exited', code: 'journey-removed' })
  if (endedByItself(draft, run, journey)) return
  for (let steps = 0; steps < limits.stepsPerWalk; steps += 1) {
    const instruction = journey.program[run.position] ?? { op: 'end' }
    switch (instruction.op) {
      case 'wait':
        return putRun(draft, { ...run, waiting: waitingFor(draft, run, instruction.wait) })
      case 'send':
        return putRun(draft, { ...run, waiting: plan(draft, run, journey, instruction) })
      case 'unless': {
        const met = check(draft, instruction.if, run.event).holds
        run = { ...run, position: met ? run.position + 1 : instruction.to }
        break
      }
      case 'jump':
        run = { ...run, position: instruction.to }
        break
      case 'end':
        return endRun(draft, run, { outcome: 'finished', code: 'finished' })
    }
  }
  throw new Error(
    `journey "${run.journey}" walks more than ${limits.stepsPerWalk} steps without waiting; add a wait`,
  )
}

/** Takes a run on from the wait it stands at. */
export function goOn(draft: Draft, run: Run): void {
  const { waiting: _over, ...free } = run
  walk(draft, { ...free, position: run.position + 1 })
}
