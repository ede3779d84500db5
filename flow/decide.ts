/**
 * Decide: one customer's new events, or her due alarm, into her state, her plans and her one alarm, committed
 * at once. A commit is conditional on the version that was read; when another came first everything is read
 * and decided again. An input that cannot be decided is parked with its error, and the rest goes on.
 * The decision itself is `core/decide.ts`.
 */
import pLimit from 'p-limit'
import { type Decided, decide, dueOf, type Input, lookups } from '#core/decide'
import type { Event } from '#core/event'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { sentEvent } from '#core/message-event'
import type { Release, Releases } from '#core/release'
import { scheduled } from '#core/schedule'
import { newState, type State } from '#core/state'
import { type Instant, plus, toMs } from '#core/time'
import { absorbInput, forward } from './absorb.ts'
import { forEverybody, isPoison, park } from './poison.ts'
import type { Clock, Customers, EventLog, Log, Messages, Workspace } from './port.ts'

export interface DecidePorts {
  clock: Clock
  log: Log
  events: Pick<EventLog, 'eventsOf' | 'record' | 'remove'>
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

/** `parked`: an input could not be decided; it is kept, and what came before and after it is decided. */
export type Outcome = 'decided' | 'parked'

type Known = Releases & {
  state: State
  version: number
  /** The stored alarm. */
  due: Instant | undefined
  /** When to look again after an alarm that could not be decided. */
  postponedTo?: Instant
  /** She was erased: nothing is decided, and what still came in is taken out again. */
  erased: boolean
}

async function releaseOf(ports: DecidePorts, number: number): Promise<Release> {
  const release = await forEverybody(ports.workspace.release(number))
  if (release !== undefined) return release
  throw new Failed({
    code: 'release-missing',
    message: `release ${number} is not in the workspace; publish it again`,
    retryable: true,
  })
}

/** The releases, beside the live one, that her runs are pinned to. */
async function pinnedFor(
  ports: DecidePorts,
  { runs }: State,
  live: Release,
  known: Releases['pinned'] = new Map(),
): Promise<Releases['pinned']> {
  const numbers = new Set(runs.map(({ release }) => release))
  const older = [...numbers].filter((number) => number !== live.number && !known.has(number))
  const found = await Promise.all(
    older.map(async (number) => [number, await releaseOf(ports, number)] as const),
  )
  return new Map([...known, ...found])
}

async function read(ports: DecidePorts, work: Work): Promise<Known> {
  const [stored, pointer] = await Promise.all([
    ports.customers.load(work.customerId),
    forEverybody(ports.workspace.live()),
  ])
  if (pointer === undefined) {
    throw new Failed({
      code: 'nothing-published',
      message: 'no release is live; run npm run publish',
      retryable: true,
    })
  }
  const live = await releaseOf(ports, pointer.release)
  const first = [...work.events].sort(byReceipt)[0]?.receivedAt
  const state = stored?.state ?? newState(work.customerId, first ?? work.alarmAt ?? ports.clock())
  const pinned = await pinnedFor(ports, state, live)
  const erased = stored?.erased === true
  return { state, version: stored?.version ?? 0, due: stored?.due, live, pinned, erased }
}

const byReceipt = (a: Event, b: Event) =>
  a.receivedAt === b.receivedAt ? (a.key < b.key ? -1 : 1) : a.receivedAt < b.receivedAt ? -1 : 1

/** Who is taken over comes first, so that what ends her runs finds them; then as events were received. */
const inTurn = (a: Event, b: Event) =>
  Number(b.absorbs !== undefined) - Number(a.absorbs !== undefined) || byReceipt(a, b)

/** A visitor's whole log, page by page, the newest first; of a very long one what was received last. */
async function logOf(ports: DecidePorts, visitorId: string): Promise<Event[]> {
  const limit = limits.visitorEvents
  const events: Event[] = []
  for (let page = 0; page < limits.visitorPages; page += 1) {
    const after = events.at(-1)?.key
    const more = await ports.events.eventsOf(visitorId, { backwards: true, limit, ...(after && { after }) })
    events.push(...more)
    if (more.length < limit) break
  }
  return events.sort(byReceipt).slice(-limit)
}

/**
 * A visitor's log as inputs, aged against the moment we came to know whose it is. A log that was folded in
 * already is swept: only what may have been in flight then is taken, the ring of applied ids knows the rest.
 */
async function visitorInputs(
  ports: DecidePorts,
  state: State,
  visitor: { visitorId: string; at: Instant },
): Promise<Input[]> {
  const { visitorId, at } = visitor
  const known = state.visitors.find((one) => one.visitorId === visitorId)
  const since = known === undefined ? '' : plus(known.foldedAt, -limits.visitorInFlightMs)
  const events = (await logOf(ports, visitorId)).filter((event) => event.receivedAt > since)
  const heard = events.map((event): Input => {
    const agedAt = at > event.receivedAt ? at : event.receivedAt
    return { kind: 'event', event, agedAt }
  })
  return [...heard, { kind: 'visitor', visitorId, at }]
}

/** Whether the live release's calendar is another than the one she was reckoned by. */
const isOutdated = ({ state, live }: Known, now: Instant): boolean =>
  scheduled(state, { journeys: live.journeys, settings: live.settings, now }) !== state.schedule

/**
 * Whether the alarm has anything to do: one that was queued twice finds nothing the second time. A customer that
 * was woken because a journey of the calendar is new has her calendar reckoned.
 */
const isDue = (known: Known, at: Instant): boolean =>
  known.version > 0 &&
  ((known.due !== undefined && known.due <= at) || (dueOf(known.state) ?? '~') <= at || isOutdated(known, at))

async function alarmInputs(ports: DecidePorts, known: Known, at: Instant): Promise<Input[]> {
  const { customerId } = known.state
  const { messageIds, visitorIds } = lookups(known.state, at)
  const found = await Promise.all(messageIds.map((id) => ports.messages.load(customerId, id)))
  // Who knew that a mail went out may have ended before it told her log.
  for (const row of found)
    if (row?.status === 'SENT') await ports.events.record(sentEvent(row, ports.clock()), [])
  const rows = new Map(found.flatMap((row) => (row ? [[row.messageId, row]] : [])))
  const swept = await Promise.all(
    visitorIds.map((visitorId) => visitorInputs(ports, known.state, { visitorId, at })),
  )
  return [{ kind: 'alarm', at, rows }, ...swept.flat()]
}

async function inputsOf(ports: DecidePorts, work: Work, known: Known): Promise<Input[]> {
  const { alarmAt } = work
  const inputs: Input[] =
    alarmAt !== undefined && isDue(known, alarmAt) ? await alarmInputs(ports, known, alarmAt) : []
  for (const event of [...work.events].sort(inTurn)) {
    inputs.push({ kind: 'event', event })
    const { absorbs } = event
    if (absorbs !== undefined) {
      const input = await absorbInput(ports, { ...event, absorbs })
      known.pinned = await pinnedFor(ports, input.from, known.live, known.pinned)
      inputs.push(input)
    }
    if (event.folds === undefined) continue
    const visitor = { visitorId: event.folds, at: event.receivedAt }
    inputs.push(...(await visitorInputs(ports, known.state, visitor)))
  }
  return inputs
}

interface Progress extends Decided {
  eventIds: string[]
  /** Why the next input cannot be decided. */
  stuck?: { error: unknown }
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
      progress.stuck = { error }
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
  const due = known.postponedTo ?? alarmOf(state, known.due)
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

/**
 * Her event that brought an input along: itself, or the one that takes over, or folds in, whose it is.
 * Undefined: her alarm did.
 */
function bringerOf({ customerId, events }: Work, input: Input): Event | undefined {
  if (input.kind === 'absorb') return events.find(({ absorbs }) => absorbs === input.from.customerId)
  const visitorId = visitorOf(input)
  if (input.kind === 'event' && visitorId === customerId) return input.event
  return events.find(({ folds }) => folds !== undefined && folds === visitorId)
}

/** Whose log an input is of. */
function visitorOf(input: Input): string | undefined {
  if (input.kind === 'visitor') return input.visitorId
  return input.kind === 'event' ? input.event.customerId : undefined
}

/** One attempt over all of the work; undefined: another commit came first. */
async function attempt(ports: DecidePorts, work: Work): Promise<Outcome | undefined> {
  const known = await read(ports, work)
  if (known.erased) {
    // What was on its way when she was erased.
    await ports.events.remove(
      work.customerId,
      work.events.map(({ key }) => key),
    )
    return 'decided'
  }
  const { movedTo, applied } = known.state
  if (movedTo !== undefined) await forward(ports, work.events, { movedTo, applied })
  let inputs = await inputsOf(ports, work, known)
  let outcome: Outcome = 'decided'
  for (let from = 0; from < inputs.length; ) {
    const progress = decideSome(known, inputs, from)
    const stuckOn = progress.stuck === undefined ? undefined : inputs[progress.next]
    const bringer = stuckOn && bringerOf(work, stuckOn)
    // What her alarm brings and cannot be decided would be due again each minute.
    if (stuckOn !== undefined && bringer === undefined)
      known.postponedTo = plus(work.alarmAt ?? known.state.now, limits.stuckMs)
    if (progress.next > from || stuckOn?.kind === 'alarm') {
      if ((await commit(ports, known, progress)) === 'changed') return undefined
    }
    from = progress.next
    if (stuckOn === undefined) continue
    const { customerId } = work
    await park(ports, { customerId, events: bringer ? [bringer] : [] }, progress.stuck?.error)
    outcome = 'parked'
    from += 1
    // A visitor's log that was not folded whole is not noted as folded: redriven, or by her next alarm, it is read again.
    const folds = bringer?.folds ?? visitorOf(stuckOn)
    inputs = inputs.filter((input) => input.kind !== 'visitor' || input.visitorId !== folds)
  }
  return outcome
}

async function decideAnew(ports: DecidePorts, work: Work): Promise<Outcome> {
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

/**
 * Decides one customer's work. Repeating it is safe: folded events are known by their ids, plans by theirs.
 * Parks all of it where a row of hers can never be read or written. Throws `Failed` when the infrastructure
 * does, or when others keep committing first.
 */
export async function decideCustomer(ports: DecidePorts, work: Work): Promise<Outcome> {
  try {
    return await decideAnew(ports, work)
  } catch (error) {
    if (!isPoison(error)) throw error
    await park(ports, work, error)
    return 'parked'
  }
}

/** The same ports with the live pointer read once: one batch is decided by one release. */
function withOneLive(ports: DecidePorts): DecidePorts {
  let pointer: ReturnType<Workspace['live']> | undefined
  const live = () => {
    pointer ??= ports.workspace.live()
    return pointer
  }
  return { ...ports, workspace: { live, release: (number) => ports.workspace.release(number) } }
}

/** Decides many customers' work concurrently; answers the ids of those that failed. */
export async function decideAll(given: DecidePorts, works: readonly Work[]): Promise<Set<string>> {
  const ports = withOneLive(given)
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
