/**
 * Instants, durations and local time. An instant is an ISO-8601 UTC string with milliseconds, so that two of
 * them compare as strings; arithmetic is done in milliseconds. Local time goes through Temporal, which knows
 * what to do in the hour that a clock change skips (the later one) or repeats (the first one).
 */
import { Temporal } from 'temporal-polyfill'
import * as z from 'zod'

/** An ISO-8601 UTC instant with milliseconds, e.g. `2026-11-24T13:00:00.000Z`. */
export type Instant = string

export const Instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Milliseconds since the epoch of an instant. */
export const toMs = (instant: Instant): number => Date.parse(instant)

/** The instant of milliseconds since the epoch. */
export const toInstant = (ms: number): Instant => new Date(ms).toISOString()

/** `instant` moved by `ms` (may be negative). */
export const plus = (instant: Instant, ms: number): Instant => toInstant(toMs(instant) + ms)

const unitMs = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const
type Unit = keyof typeof unitMs

/**
 * Milliseconds of a written duration, or undefined when it is none. Days are 24 hours.
 * @example parseDuration('1h30m') // 5400000
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?[wdhms])+$/.test(text)) return undefined
  let ms = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/g)) {
    ms += Number(count) * unitMs[unit as Unit]
  }
  return ms
}

/** A duration as marketers write it (`90s`, `1h30m`, `7d`), parsed to milliseconds. */
export const Duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write a number and a unit, such as 30m, 1h, 1h30m, 7d`,
  })
  return z.NEVER
})

/** A local time of day as `HH:MM`, parsed to minutes since midnight. */
export const TimeOfDay = z.string().transform((text, context) => {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (match) return Number(match[1]) * 60 + Number(match[2])
  context.addIssue({ code: 'custom', message: `"${text}" is not a time of day; write it as 09:00` })
  return z.NEVER
})

const zones = new Map<string, boolean>()

/** Whether the runtime knows the IANA time zone. */
export function isTimeZone(name: string): boolean {
  const known = zones.get(name)
  if (known !== undefined) return known
  let valid = true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    valid = false
  }
  if (zones.size < 1000) zones.set(name, valid)
  return valid
}

const zoned = (instant: Instant, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(toMs(instant)).toZonedDateTimeISO(zone)

const clock = (minutes: number) =>
  Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 })

/** Minutes since local midnight at `instant` in `zone`. */
export function minuteOfDay(instant: Instant, zone: string): number {
  const local = zoned(instant, zone)
  return local.hour * 60 + local.minute
}

/** The local date at `instant` in `zone`, as `YYYY-MM-DD`. */
export const localDate = (instant: Instant, zone: string): string =>
  zoned(instant, zone).toPlainDate().toString()

/**
 * The first instant at or after `instant` at which the clocks of `zone` show `minutes` since midnight.
 * @example nextTimeOfDay('2026-11-24T22:00:00.000Z', { minutes: 480, zone: 'Asia/Dhaka' }) // '2026-11-25T02:00:00.000Z'
 */
export function nextTimeOfDay(instant: Instant, at: { minutes: number; zone: string }): Instant {
  const today = zoned(instant, at.zone).toPlainDate()
  for (const days of [0, 1, 2]) {
    const local = today.add({ days }).toPlainDateTime(clock(at.minutes))
    // The second: the same time shown again, in the night that has an hour twice.
    for (const disambiguation of ['compatible', 'later'] as const) {
      const found = toInstant(local.toZonedDateTime(at.zone, { disambiguation }).epochMilliseconds)
      if (found >= instant) return found
    }
  }
  throw new Error(`no ${at.minutes} minutes past midnight in ${at.zone} within two days of ${instant}`)
}

/** The instant at which the clocks of `zone` show `minutes` on the local `date` (`YYYY-MM-DD`). */
export const instantOn = (date: string, at: { minutes: number; zone: string }): Instant =>
  toInstant(
    Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: at.zone, plainTime: clock(at.minutes) })
      .epochMilliseconds,
  )

/**
 * The next yearly return of a month and day strictly after `instant`, at a local time. 29 February returns on
 * 28 February in the years that lack it.
 */
export function nextAnniversary(
  instant: Instant,
  on: { month: number; day: number; minutes: number; zone: string },
): Instant {
  const year = zoned(instant, on.zone).year
  for (const candidate of [year, year + 1]) {
    const date = Temporal.PlainDate.from(
      { year: candidate, month: on.month, day: on.day },
      { overflow: 'constrain' },
    )
    const at = instantOn(date.toString(), on)
    if (at > instant) return at
  }
  return nextAnniversary(plus(instant, 400 * unitMs.d), on)
}

/**
 * Whole years from one local date to another. A 29 February is reached on 28 February of the years that lack it.
 * @example wholeYears('2024-02-29', '2027-02-28') // 3
 */
export const wholeYears = (from: string, to: string): number => {
  const [start, end] = [Temporal.PlainDate.from(from), Temporal.PlainDate.from(to)]
  const years = end.year - start.year
  return Temporal.PlainDate.compare(start.add({ years }), end) <= 0 ? years : years - 1
}

/** A recurring local time: each day, each week on a weekday (1 = Monday), each month on a day (31 = the last). */
export interface Recurrence {
  every: 'day' | 'week' | 'month'
  day: number
  minutes: number
  zone: string
}

/** The next return of a recurring local time strictly after `instant`. */
export function nextRecurrence(instant: Instant, recurrence: Recurrence): Instant {
  let date = zoned(instant, recurrence.zone).toPlainDate()
  for (let tries = 0; tries < 64; tries += 1) {
    const matches =
      recurrence.every === 'day' ||
      (recurrence.every === 'week' && date.dayOfWeek === recurrence.day) ||
      (recurrence.every === 'month' && date.day === Math.min(recurrence.day, date.daysInMonth))
    if (matches) {
      const at = instantOn(date.toString(), recurrence)
      if (at > instant) return at
    }
    date = date.add({ days: 1 })
  }
  throw new Error(`no return of ${JSON.stringify(recurrence)} within 64 days of ${instant}`)
}
