/**
 * Why she is in a journey, or is not, in plain words: from her runs, her decisions, what her state says of
 * triggers that did not enter, and the absence of any. Beside it what would stand in the way of its mail now.
 */
import { type AddressGate, type CustomerGate, choiceFor } from './gate.ts'
import { type Enter, entryByEvent, reminderIntents } from './journey.ts'
import { type Reason, type ReasonCode, reason, reasonCodes } from './reason.ts'
import type { Release, ReleasedJourney } from './release.ts'
import type { Run, State } from './state.ts'
import type { Instant } from './time.ts'
import type { DecidedRow } from './timeline.ts'
import { addressOf } from './traits.ts'

export interface Why {
  journey: string
  /** Its name as marketers wrote it. */
  name: string
  stands: 'inside' | 'was inside' | 'never entered'
  /** The answer, sentence by sentence, oldest first. */
  sentences: string[]
  /** Why she did not enter, or not again. */
  reason?: Reason
  /** What would stand in the way of its mail at this moment. */
  obstacles: Reason[]
}

/** What is known of her, as it is stored. */
export interface Known {
  state: State
  decisions: readonly DecidedRow[]
  /** Names of all her events, with those of visitors folded in. */
  eventNames: ReadonlySet<string>
  person: CustomerGate
  inbox: AddressGate | undefined
  release: Release
  paused: readonly string[]
}

const waits = (run: Run): string => {
  const { waiting } = run
  if (waiting === undefined) return 'about to go on'
  switch (waiting.for) {
    case 'time':
      return `waiting until ${waiting.until}`
    case 'quiet':
      return `waiting for quiet until ${waiting.until}`
    case 'event':
      return `waiting for something to happen, at most until ${waiting.until}`
    case 'message':
      return 'waiting for its mail to go out'
  }
}

const isCode = (code: string): code is ReasonCode => (reasonCodes as string[]).includes(code)

/** Where a single change of the cart counts as Cart Updated too. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  'Cart Updated': ['Product Added', 'Product Removed'],
}

/** Why a journey that no event begins has no day for her. */
function neverDue(enter: Enter, state: State): Reason {
  if ('points' in enter) return reason('no-trigger', { events: `coming past ${enter.points} points` })
  if (!('after' in enter)) return reason('no-date', { field: 'date' in enter ? enter.date : 'her time zone' })
  const known = state.totals.lastOrderAt !== undefined
  return reason('no-date', { field: known ? 'an order after the last one' : enter.since })
}

function notEntered({ id, journey }: ReleasedJourney, { state, eventNames }: Known): Reason {
  const refused = Object.hasOwn(state.refused, id) ? state.refused[id] : undefined
  if (refused !== undefined && isCode(refused.code))
    return { code: refused.code, explanation: refused.explanation }
  const due = Object.hasOwn(state.schedule, id) ? state.schedule[id]?.at : undefined
  const byEvent = entryByEvent(journey.enter)
  if (byEvent === undefined) {
    if (due !== undefined) return reason('not-due', { at: due })
    return neverDue(journey.enter, state)
  }
  const heard = byEvent.on.some((name) =>
    [name, ...(alsoCalled[name] ?? [])].some((one) => eventNames.has(one)),
  )
  return heard ? reason('not-decided') : reason('no-trigger', { events: byEvent.on.join(', ') })
}

/** What stands in the way of a journey's mail now, the first thing a claim would say first. */
function obstaclesOf({ id, journey }: ReleasedJourney, known: Known): Reason[] {
  const { state, person, inbox, release, paused } = known
  const found: Reason[] = []
  if (person.erased) found.push(reason('erased'))
  if (person.mergedInto !== undefined) found.push(reason('merged'))
  if (addressOf(state) === undefined) found.push(reason('no-address'))
  if (inbox?.owner !== undefined && inbox.owner !== state.customerId) found.push(reason('address-of-another'))
  if (inbox?.suppressed !== undefined) found.push(reason('suppressed', { why: inbox.suppressed.why }))
  const { topic, intent } = journey
  if (release.settings.topics[topic]?.kind !== 'service') {
    const choice = inbox && choiceFor(inbox, topic)
    const mayRemind = release.settings.remindersWithoutConsent && reminderIntents.has(intent)
    if (choice === false) found.push(reason('unsubscribed', { topic }))
    else if (choice === undefined && !mayRemind) found.push(reason('no-consent', { topic }))
  }
  if (paused.includes('*') || paused.includes(id)) found.push(reason('paused'))
  return found
}

interface Line {
  at: Instant
  words: string
}

const linesOf = (id: string, rows: readonly DecidedRow[]): Line[] =>
  rows.flatMap(({ at, decisions }) =>
    decisions
      .filter(({ journey }) => journey === id)
      .map(({ step, outcome, reason: why }) => ({
        at,
        words: `${step === undefined ? outcome : `${step} ${outcome}`}: ${why.explanation}`,
      })),
  )

/** The answer for one journey. */
export function whyOf(journey: ReleasedJourney, known: Known): Why {
  const { state, decisions } = known
  const runs = state.runs.filter((run) => run.journey === journey.id)
  const entered = Object.hasOwn(state.entered, journey.id)
  const lines = linesOf(journey.id, decisions)
  const refused = Object.hasOwn(state.refused, journey.id) ? state.refused[journey.id] : undefined
  const why =
    runs.length === 0 && (!entered || refused !== undefined) ? notEntered(journey, known) : undefined
  const sentences = [
    ...lines.map(({ at, words }) => `${at} ${words}`),
    ...runs.map((run) => `inside since ${run.startedAt}, ${waits(run)}`),
    ...(why === undefined
      ? []
      : [`${entered ? 'did not enter again' : 'never entered'}, because ${why.explanation}`]),
  ]
  return {
    journey: journey.id,
    name: journey.journey.name,
    stands: runs.length > 0 ? 'inside' : entered ? 'was inside' : 'never entered',
    sentences,
    ...(why !== undefined && { reason: why }),
    obstacles: obstaclesOf(journey, known),
  }
}
