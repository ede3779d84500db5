/**
 * Report: each hour, the open days are counted anew from the rows of Messages, journey by journey, and once a
 * day the shop's customers are walked. A count that does not fit a function's time is laid down and gone on with
 * in the next hour; doing it twice comes to the same. What figures mean is `core/report/`, `docs/report.md`.
 */
import { limits } from '#core/limits'
import {
  type Counted,
  type Day,
  dayOf,
  isClosed,
  openFrom,
  type ReportDay,
  withMessages,
} from '#core/report/day'
import type { Progress } from '#core/report/progress'
import { noShopFigures, type ShopFigures, withCustomer } from '#core/report/shop'
import type { Instant } from '#core/time'
import type { Clock, Log, Reports, Workspace } from './port.ts'

export interface ReportPorts {
  clock: Clock
  log: Log
  reports: Reports
  workspace: Pick<Workspace, 'live' | 'release' | 'releases'>
}

/** Journeys of releases that were not looked at yet; what is live no longer still has rows. */
async function withJourneys(ports: Pick<ReportPorts, 'workspace'>, progress: Progress): Promise<Progress> {
  const releases = await ports.workspace.releases()
  const fresh = releases.filter(({ number }) => number > progress.release).slice(0, limits.reportReleases)
  let { journeys, release } = progress
  for (const { number } of fresh) {
    const found = await ports.workspace.release(number)
    journeys = [...new Set([...journeys, ...Object.keys(found?.journeys ?? {})])].sort()
    release = number
  }
  return { ...progress, journeys: journeys.slice(0, limits.reportJourneys), release }
}

/** Every journey that was ever live, those of releases that the report has yet to look at included. */
export async function journeysEver(ports: {
  reports: Pick<Reports, 'progress'>
  workspace: ReportPorts['workspace']
}): Promise<string[]> {
  const known = (await ports.reports.progress()) ?? { journeys: [], release: 0 }
  return (await withJourneys(ports, known)).journeys
}

/** The first day that may not have been counted since it closed: a day is counted once more after it closed. */
const countFrom = ({ roundAt }: Progress, now: Instant): Day =>
  openFrom(roundAt !== undefined && roundAt < now ? roundAt : now)

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Stores what a journey's days came to; a day that is as it was is not written again. */
async function keep(
  ports: ReportPorts,
  of: { journey: string; from: Day; at: Instant },
  counted: Counted,
): Promise<void> {
  const stored = (await ports.reports.days(of.from, dayOf(of.at))).filter(
    ({ journey }) => journey === of.journey,
  )
  const known = new Map(stored.map((day) => [day.day, day]))
  for (const day of new Set([...known.keys(), ...Object.keys(counted)])) {
    const { journey, at } = of
    const next: ReportDay = { day, journey, closed: isClosed(day, at), lines: counted[day] ?? [] }
    if (!same(known.get(day), next)) await ports.reports.putDay(next)
  }
}

/** Goes on with a round as long as there is time. */
async function countRound(ports: ReportPorts, given: Progress, hasTime: () => boolean): Promise<Progress> {
  let progress = given
  for (let { round } = progress; round !== undefined && hasTime(); { round } = progress) {
    const [journey, ...left] = round.left
    if (journey === undefined) {
      const { round: _, ...rest } = progress
      progress = { ...rest, roundAt: round.at }
      continue
    }
    const from = countFrom(progress, round.at)
    const page = await ports.reports.planned({ journey, from, to: dayOf(round.at) }, round.after)
    const counted = withMessages(round.counted, page.messages)
    const { at } = round
    if (page.next === undefined) {
      await keep(ports, { journey, from, at }, counted)
      progress = { ...progress, round: { at, left, counted: {} } }
    } else progress = { ...progress, round: { at, left: round.left, counted, after: page.next } }
  }
  return progress
}

/** Walks the customers once a UTC day, as long as there is time. */
async function walkShop(ports: ReportPorts, given: Progress, hasTime: () => boolean): Promise<Progress> {
  const now = ports.clock()
  const { shop, walk: _, ...rest } = given
  const isDone = given.walk === undefined && shop !== undefined && dayOf(shop.at) >= dayOf(now)
  if (isDone) return given
  let walk: Progress['walk'] = given.walk ?? { figures: noShopFigures(now) }
  while (hasTime()) {
    const page = await ports.reports.states(walk.after)
    const figures: ShopFigures = page.states.reduce(withCustomer, walk.figures)
    if (page.next === undefined) return { ...rest, shop: figures }
    walk = { figures, after: page.next }
  }
  return { ...given, walk }
}

/**
 * Counts as long as `hasTime` says so; answers whether all is counted. Repeating it is safe, and where nothing
 * changed nothing but the time of the round is written.
 */
export async function report(ports: ReportPorts, hasTime: () => boolean): Promise<'counted' | 'laid down'> {
  const before = await ports.reports.progress()
  const known = await withJourneys(ports, before ?? { journeys: [], release: 0 })
  const at = ports.clock()
  const begun = known.round ? known : { ...known, round: { at, left: known.journeys, counted: {} } }
  const counted = await countRound(ports, begun, hasTime)
  const walked = counted.round === undefined ? await walkShop(ports, counted, hasTime) : counted
  const { roundAt: _, ...idle } = walked
  const { roundAt: countedAt = '', ...idleBefore } = before ?? {}
  // the time of a round matters by its day only
  const isNews = !same(idle, idleBefore) || dayOf(countedAt) !== dayOf(walked.roundAt ?? '')
  if (isNews) await ports.reports.putProgress(walked)
  const isWhole = walked.round === undefined && walked.walk === undefined
  if (!isWhole)
    ports.log({ level: 'info', step: 'report', event: 'laid-down', left: walked.round?.left.length ?? 0 })
  return isWhole ? 'counted' : 'laid down'
}

/** What of a report is asked for. */
export interface Asked {
  from: Day
  to: Day
  /** Only this journey. */
  journey?: string
  /** Counts closed days too, from the rows that are there now. */
  recount?: boolean
}

/** A journey's days from rows, whatever is stored of them. */
async function countDays(
  ports: ReportPorts,
  of: { journey: string; from: Day; to: Day },
): Promise<ReportDay[]> {
  let counted: Counted = {}
  let after: string | undefined
  do {
    const page = await ports.reports.planned(of, after)
    counted = withMessages(counted, page.messages)
    after = page.next
  } while (after !== undefined)
  const now = ports.clock()
  return Object.entries(counted).map(([day, lines]) => ({
    day,
    journey: of.journey,
    closed: isClosed(day, now),
    lines,
  }))
}

const inOrder = (days: ReportDay[]): ReportDay[] =>
  days.sort((one, other) => (`${one.day}#${one.journey}` < `${other.day}#${other.journey}` ? -1 : 1))

/**
 * The days of a report as they are now, oldest first: closed ones as they were stored, open ones counted. Reads
 * only. `differs`: stored days that a recount does not agree with (late refunds, people erased); with `recount`.
 */
export async function reportDays(
  ports: ReportPorts,
  asked: Asked,
): Promise<{ days: ReportDay[]; differs: ReportDay[] }> {
  const { from, to, journey: only, recount = false } = asked
  const wanted = ({ journey }: { journey: string }) => only === undefined || journey === only
  const stored = (await ports.reports.days(from, to)).filter(wanted)
  const names = new Set([...(await journeysEver(ports)), ...stored.map(({ journey }) => journey)])
  const now = ports.clock()
  const closed = stored.filter((day) => day.closed || isClosed(day.day, now))
  const kept = recount ? [] : closed.filter(({ closed: isFinal }) => isFinal)
  const firstOpen = recount ? from : firstUncounted(stored, { from, now })
  const counted: ReportDay[] = []
  for (const journey of [...names].filter((one) => wanted({ journey: one })))
    counted.push(...(await countDays(ports, { journey, from: firstOpen, to })))
  const keys = new Set(kept.map(({ day, journey }) => `${day}#${journey}`))
  const days = inOrder([...kept, ...counted.filter(({ day, journey }) => !keys.has(`${day}#${journey}`))])
  return { days, differs: recount ? differing(closed, counted) : [] }
}

/** The first day that has to be counted: the oldest that is open, or was stored while it was. */
function firstUncounted(stored: readonly ReportDay[], { from, now }: { from: Day; now: Instant }): Day {
  const open = openFrom(now)
  const first = stored
    .filter(({ closed }) => !closed)
    .reduce((least, { day }) => (day < least ? day : least), open)
  return first > from ? first : from
}

function differing(stored: readonly ReportDay[], counted: readonly ReportDay[]): ReportDay[] {
  const lines = new Map(counted.map((day) => [`${day.day}#${day.journey}`, day.lines]))
  return stored.filter((day) => !same(day.lines, lines.get(`${day.day}#${day.journey}`) ?? []))
}

/** The shop's figures as they were last counted, or (`fresh`) as they are now. */
export async function shopFigures(ports: ReportPorts, fresh: boolean): Promise<ShopFigures> {
  const known = fresh ? undefined : (await ports.reports.progress())?.shop
  if (known !== undefined) return known
  let figures = noShopFigures(ports.clock())
  let after: string | undefined
  do {
    const page = await ports.reports.states(after)
    figures = page.states.reduce(withCustomer, figures)
    after = page.next
  } while (after !== undefined)
  return figures
}
