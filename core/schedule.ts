/**
 * Journeys that enter by the calendar: a date of the profile that returns each year, a recurring local time,
 * or so long without an order. Each has one due time in the state, reckoned anew when its terms change (zone,
 * birthday, another order, the journey's own words).
 */
import type { ReleasedJourney } from './release.ts'
import type { Settings } from './settings.ts'
import type { State } from './state.ts'
import { type Instant, localDate, nextAnniversary, nextRecurrence, nextTimeOfDay, plus } from './time.ts'
import { textTrait, zoneOf } from './traits.ts'

/** The terms of a journey's calendar for her, as text; undefined: it has none, or she lacks the date. */
function termsOf({ journey }: ReleasedJourney, state: State, zone: string): string | undefined {
  const { enter } = journey
  if ('every' in enter) return `${enter.every} ${enter.on?.day ?? ''} ${enter.at} ${zone}`
  if ('after' in enter) {
    const { lastOrderAt } = state.totals
    return lastOrderAt && `${lastOrderAt} ${enter.after} ${enter.at} ${zone}`
  }
  if (!('date' in enter)) return undefined
  const date =
    enter.date === 'customer.birthday'
      ? textTrait(state, 'birthday')
      : state.totals.since && localDate(state.totals.since, zone)
  return date === undefined || date === '' ? undefined : `${date.slice(-5)} ${enter.at} ${zone}`
}

/**
 * When the silence after her last order is long enough, at the journey's hour. Once for each order, and never
 * for a silence that was over before we knew of it (imported orders, a journey just published): that would be
 * a heap of mails at once, about what is long past.
 */
function endOfSilence(
  { id, journey: { enter } }: ReleasedJourney,
  state: State,
  of: { now: Instant; zone: string },
): Instant | undefined {
  const { lastOrderAt } = state.totals
  if (!('after' in enter) || lastOrderAt === undefined) return undefined
  const entered = Object.hasOwn(state.entered, id) ? state.entered[id] : undefined
  // Half of it: she who flies west does not enter again, and a late order is not taken for the one before.
  if (entered !== undefined && entered >= plus(lastOrderAt, enter.after / 2)) return undefined
  const at = nextTimeOfDay(plus(lastOrderAt, enter.after), { minutes: enter.at, zone: of.zone })
  return at > of.now ? at : undefined
}

function nextOf(
  { journey }: ReleasedJourney,
  terms: string,
  after: Instant,
  zone: string,
): Instant | undefined {
  const { enter } = journey
  if ('every' in enter)
    return nextRecurrence(after, { every: enter.every, day: enter.on?.day ?? 1, minutes: enter.at, zone })
  if (!('date' in enter)) return undefined
  const [month, day] = terms.slice(0, 5).split('-').map(Number)
  return nextAnniversary(after, { month: month ?? 1, day: day ?? 1, minutes: enter.at, zone })
}

const dayMs = 86_400_000
const halfPeriodMs = { day: dayMs / 2, week: 3.5 * dayMs, month: 14 * dayMs, year: 182 * dayMs } as const

/**
 * From when on its next time is sought. Half a period after she entered: she who flies west, or corrects her
 * birthday, has no second one. The day she came returns in a year, not an hour later.
 */
function soonest({ id, journey: { enter } }: ReleasedJourney, state: State, now: Instant): Instant {
  const came = 'date' in enter && enter.date === 'customer.since' ? state.totals.since : undefined
  const last = Object.hasOwn(state.entered, id) ? state.entered[id] : came
  if (last === undefined) return now
  const rested = plus(last, halfPeriodMs['every' in enter ? enter.every : 'year'])
  return rested > now ? rested : now
}

/**
 * Her schedule after `now`: journeys that are new, changed or just fired are reckoned; the others are left.
 * Answers the same object when nothing changed.
 */
export function scheduled(
  state: State,
  of: { journeys: Record<string, ReleasedJourney>; settings: Settings; now: Instant; fired?: string },
): State['schedule'] {
  const zone = zoneOf(state, of.settings.timeZone)
  const next: State['schedule'] = {}
  let changed = false
  for (const journey of Object.values(of.journeys)) {
    const terms = termsOf(journey, state, zone)
    if (terms === undefined) continue
    const before = Object.hasOwn(state.schedule, journey.id) ? state.schedule[journey.id] : undefined
    if (before !== undefined && before.by === terms && journey.id !== of.fired) {
      next[journey.id] = before
      continue
    }
    const at =
      'after' in journey.journey.enter
        ? endOfSilence(journey, state, { now: of.now, zone })
        : nextOf(journey, terms, soonest(journey, state, of.now), zone)
    if (at !== undefined) next[journey.id] = { at, by: terms }
    if (at !== undefined || before !== undefined) changed = true
  }
  return changed || Object.keys(next).length !== Object.keys(state.schedule).length ? next : state.schedule
}
