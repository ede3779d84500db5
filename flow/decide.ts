/**
 * Decide: one customer's new events, or her due alarm, into her state, her plans and her one alarm, committed
 * at once. A commit is conditional on the version that was read; when another came first everything is read
 * and decided again. An input that cannot be decided is parked with its error, and the rest goes on.
 * The decision itself is `core/decide.ts`.
 */
import pLimit from 'p-limit'
import { type Decided, decide, dueOf, type Input, lookups, swept } from '#core/decide'
import type { Event } from '#core/event'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import type { Release, Releases } from '#core/release'
import { newState, type State } from '#core/state'
import { type Instant, toMs } from '#core/time'
import type { Clock, Customers, EventLog, Log, Messages, Workspace } from './port.ts'

export interface DecidePorts {
  clock: Clock
  log: Log
  events: Pick<EventLog, 'eventsOf'>
  customers: Pick<Customers, 'load' | 'commit' | 'park'>
  messages: Pick<Messages, 'load'>
  workspace: Pick<Workspace, 'live' | 'release'>
}

/** What is to be decided for one customer: new events, her alarm as of an instant, or both. */
export interface Work {
  customerId: string
  events: readonly Event[]
  alarmAt?: Instant
}

/** `parked`: an input could not be decided; it is kept and what came before it is stored. */
export type Outcome = 'decided' | 'parked'

type Known = Releases & { state: State; version: number; due: Instant | undefined }

async function releaseOf(ports: DecidePorts, number: number): Promise<Release> {
  const release = await ports.workspace.release(number)
  if (release !== undefined) return release
  throw new Failed({
    code: 'release-missing',
    message: `release ${number} is not in the workspace; publish it again`,
    retryable: true,
  })
}

async function read(ports: DecidePorts, work: Work): Promise<Known> {
  const [stored, pointer] = await Promise.all([ports.customers.load(work.customerId), ports.workspace.live()])
  if (pointer === undefined) {
    throw new Failed({
      code: 'nothing-published',
      message: 'no release is live; run npm run publish',
      retryable: true,
    })
  }
  const live = await releaseOf(ports, pointer.release)
  const state =
    stored?.state ?? newState(work.customerId, work.events[0]?.receivedAt ?? work.alarmAt ?? ports.clock())
  const older = [...new Set(state.runs.map((run) => run.release))].filter((number) => number !== live.number)
  const pinned = await Promise.all(
    older.map(async (number) => [number, await releaseOf(ports, number)] as const),
  )
  return { state, version: stored?.version ?? 0, due: stored?.due, live, pinned: new Map(pinned) }
}

const byReceipt = (a: Event, b: Event) =>
  a.receivedAt === b.receivedAt ? (a.key < b.key ? -1 : 1) : a.receivedAt < b.receivedAt ? -1 : 1

/** A visitor's log as inputs, aged against the moment we came to know whose it is. */
async function visitorInputs(ports: DecidePorts, visitorId: string, agedAt: Instant): Promise<Input[]> {
  const events = await ports.events.eventsOf(visitorId, { limit: limits.visitorEvents })
  return events
    .sort(byReceipt)
    .map((event) => ({ kind: 'event', event, agedAt: agedAt > event.receivedAt ? agedAt : event.receivedAt }))
}

async function inputsOf(ports: DecidePorts, work: Work, known: Known): Promise<Input[]> {
  const inputs: Input[] = []
  if (work.alarmAt !== undefined) {
    const { messageIds, visitorIds } = lookups(known.state, work.alarmAt)
    const rows = await Promise.all(messageIds.map((id) => ports.messages.load(work.customerId, id)))
    inputs.push({
      kind: 'alarm',
      at: work.alarmAt,
      rows: new Map(rows.flatMap((row) => (row ? [[row.messageId, row]] : []))),
    })
    for (const visitorId of visitorIds) {
      inputs.push(...(await visitorInputs(ports, visitorId, work.alarmAt)))
      known.state = swept(known.state, visitorId)
    }
  }
  for (const event of [...work.events].sort(byReceipt)) {
    inputs.push({ kind: 'event', event })
    if (event.folds !== undefined) inputs.push(...(await visitorInputs(ports, event.folds, event.receivedAt)))
  }
  return inputs
}

interface Progress extends Decided {
  eventIds: string[]
  /** What stopped it: an input that throws. */
  stuckAt?: { index: number; error: unknown }
  /** The first input that is left for the next commit. */
  next: number
}

/** Decides inputs from `from` on, as many as fit one transaction: a message is changed at most once in it. */
function decideSome(known: Known, inputs: readonly Input[], from: number): Progress {
  const progress: Progress = { state: known.state, effects: [], decisions: [], eventIds: [], next: from }
  const touched = new Set<string>()
  for (; progress.next < inputs.length; progress.next += 1) {
    const input = inputs[progress.next]
    if (input === undefined) break
    let decided: Decided
    try {
      decided = decide(progress.state, input, known)
    } catch (error) {
      progress.stuckAt = { index: progress.next, error }
      break
    }
    const ids = decided.effects.map((effect) =>
      effect.kind === 'plan' ? effect.message.messageId : effect.messageId,
    )
    const full =
      touched.size > 0 &&
      (ids.some((id) => touched.has(id)) || touched.size + ids.length > limits.effectsPerCommit)
    if (full) break
    for (const id of ids) touched.add(id)
    progress.state = decided.state
    progress.effects.push(...decided.effects)
    progress.decisions.push(...decided.decisions)
    if (input.kind === 'event') progress.eventIds.push(input.event.messageId)
  }
  return progress
}

/** The alarm to store: an earlier one that is yet to come may stay, which saves moving it in the index. */
function alarmOf(state: State, stored: Instant | undefined): Instant | undefined {
  const due = dueOf(state)
  const keeps = stored !== undefined && due !== undefined && stored <= due && stored > state.now
  return keeps ? stored : due
}

function tell(ports: DecidePorts, customerId: string, progress: Progress): void {
  for (const { told, step, ...decision } of progress.decisions) {
    if (told === true) continue
    const line = { ...decision, ...(step !== undefined && { journeyStep: step }) }
    ports.log({
      level: 'info',
      step: 'decide',
      event: 'decision',
      at: progress.state.now,
      customerId,
      ...line,
    })
  }
}

async function commit(
  ports: DecidePorts,
  known: Known,
  progress: Progress,
): Promise<'committed' | 'changed'> {
  const { state, effects, decisions, eventIds } = progress
  const due = alarmOf(state, known.due)
  const row = {
    at: state.now,
    eventIds: eventIds.slice(0, limits.decisionEventIds),
    release: known.live.number,
    decisions,
  }
  const outcome = await ports.customers.commit({
    customerId: state.customerId,
    state,
    expectedVersion: known.version,
    due,
    row: decisions.length > 0 ? row : undefined,
    effects,
  })
  if (outcome === 'changed') return 'changed'
  tell(ports, state.customerId, progress)
  known.state = state
  known.version += 1
  known.due = due
  return 'committed'
}

async function park(
  ports: DecidePorts,
  work: Work,
  inputs: readonly Input[],
  stuckAt: { index: number; error: unknown },
): Promise<Outcome> {
  const error = stuckAt.error instanceof Error ? stuckAt.error.message : String(stuckAt.error)
  const eventKeys = inputs
    .slice(stuckAt.index)
    .flatMap((input) => (input.kind === 'event' ? [input.event.key] : []))
  await ports.customers.park(work.customerId, {
    at: ports.clock(),
    eventKeys: eventKeys.slice(0, limits.parkedEvents),
    error,
  })
  ports.log({ level: 'error', step: 'decide', event: 'parked', customerId: work.customerId, error })
  return 'parked'
}

/** One attempt over all of the work; undefined: another commit came first. */
async function attempt(ports: DecidePorts, work: Work): Promise<Outcome | undefined> {
  const known = await read(ports, work)
  const inputs = await inputsOf(ports, work, known)
  for (let from = 0; from < inputs.length; ) {
    const progress = decideSome(known, inputs, from)
    if (progress.next > from || progress.stuckAt === undefined) {
      if ((await commit(ports, known, progress)) === 'changed') return undefined
    }
    if (progress.stuckAt !== undefined) return park(ports, work, inputs, progress.stuckAt)
    from = progress.next
  }
  return 'decided'
}

/**
 * Decides one customer's work. Repeating it is safe: folded events are known by their ids, plans by theirs.
 * Throws `Failed` when the infrastructure does, or when others keep committing first.
 */
export async function decideCustomer(ports: DecidePorts, work: Work): Promise<Outcome> {
  for (let tries = 0; tries < limits.commitAttempts; tries += 1) {
    const outcome = await attempt(ports, work)
    if (outcome !== undefined) return outcome
  }
  throw new Failed({
    code: 'customer-busy',
    message: `customer ${work.customerId} was changed by others ${limits.commitAttempts} times in a row; it is tried again`,
    retryable: true,
  })
}

/** Decides many customers' work concurrently; answers the ids of those that failed. */
export async function decideAll(ports: DecidePorts, works: readonly Work[]): Promise<Set<string>> {
  const limit = pLimit(limits.decideConcurrency)
  const failed = new Set<string>()
  await Promise.all(
    works.map((work) =>
      limit(async () => {
        try {
          await decideCustomer(ports, work)
        } catch (error) {
          failed.add(work.customerId)
          const told =
            error instanceof Error ? { error: error.message, name: error.name } : { error: String(error) }
          ports.log({ level: 'error', step: 'decide', event: 'failed', customerId: work.customerId, ...told })
        }
      }),
    ),
  )
  return failed
}

/** Groups a batch by customer: her events together, in whatever order they came. */
export function worksOf(events: readonly Event[]): Work[] {
  const works = new Map<string, Event[]>()
  for (const event of events) works.set(event.customerId, [...(works.get(event.customerId) ?? []), event])
  return [...works].map(([customerId, list]) => ({ customerId, events: list }))
}

/** How long an alarm has been waiting when it is decided, in ms. */
export const lateMs = (due: Instant, now: Instant): number => Math.max(0, toMs(now) - toMs(due))
