/** Instants, durations and local time: the nights on which clocks change, short months, leap days. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  Duration,
  instantOn,
  isTimeZone,
  localDate,
  minuteOfDay,
  nextAnniversary,
  nextRecurrence,
  nextTimeOfDay,
  parseDuration,
  plus,
  type Recurrence,
  TimeOfDay,
  toInstant,
  toMs,
} from '#core/time'

const berlin = 'Europe/Berlin'
const newYork = 'America/New_York'
const dhaka = 'Asia/Dhaka'
const zones = [
  berlin,
  newYork,
  dhaka,
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Africa/Cairo',
]

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['3650d', 315_360_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '1', 'h', '1 h', '-1h', '1y', '1h,30m', 'one hour', '1H', '٣h'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('of nothing is refused with the cure', () => {
    const read = Duration.safeParse('0m')

    expect(z.prettifyError(read.error as z.ZodError)).toContain('such as 30m, 1h, 1h30m, 7d')
  })
})

describe('a time of day', () => {
  it.each([
    ['09:00', 540],
    ['9:05', 545],
    ['00:00', 0],
    ['23:59', 1439],
  ])('%s is minute %d', (text, minutes) => {
    expect(TimeOfDay.parse(text)).toBe(minutes)
  })

  it.each(['24:00', '9', '09:60', '9am', ' 09:00', ''])('"%s" is none', (text) => {
    expect(TimeOfDay.safeParse(text).success).toBe(false)
  })
})

describe('a time zone', () => {
  it.each([
    ['Asia/Dhaka', true],
    ['Europe/Berlin', true],
    ['Mars/Olympus', false],
    ['', false],
    ['<script>', false],
  ])('%s is known: %s', (name, known) => {
    expect(isTimeZone(name)).toBe(known)
  })

  it.each(['US/Pacific', 'Etc/GMT+5', 'EST5EDT', 'utc', 'asia/dhaka', '+05:30', 'Asia/Calcutta', 'GMT'])(
    'that is taken can be reckoned in: %s',
    (name) => {
      const reckon = () => minuteOfDay('2026-03-02T09:00:00.000Z', name)

      if (isTimeZone(name)) expect(reckon()).toBeTypeOf('number')
      else expect(name).toBe('+05:30')
    },
  )
})

describe('the next time of day', () => {
  it.each([
    ['later today', '2026-03-02T07:00:00.000Z', '10:00', berlin, '2026-03-02T09:00:00.000Z'],
    ['this very minute', '2026-03-02T09:00:00.000Z', '10:00', berlin, '2026-03-02T09:00:00.000Z'],
    ['tomorrow', '2026-03-02T09:00:00.001Z', '10:00', berlin, '2026-03-03T09:00:00.000Z'],
    ['a morning in Dhaka', '2026-03-02T16:00:00.000Z', '08:00', dhaka, '2026-03-03T02:00:00.000Z'],
    ['after the spring night', '2026-03-28T20:00:00.000Z', '08:00', berlin, '2026-03-29T06:00:00.000Z'],
    [
      'in the hour that spring skips',
      '2026-03-28T20:00:00.000Z',
      '02:30',
      berlin,
      '2026-03-29T01:30:00.000Z',
    ],
    ['skipped in New York', '2026-03-08T01:00:00.000Z', '02:30', newYork, '2026-03-08T07:30:00.000Z'],
    ['after the autumn night', '2026-10-24T20:00:00.000Z', '08:00', berlin, '2026-10-25T07:00:00.000Z'],
    ['the first of two', '2026-10-24T20:00:00.000Z', '02:30', berlin, '2026-10-25T00:30:00.000Z'],
    ['the second of two', '2026-10-25T00:31:00.000Z', '02:30', berlin, '2026-10-25T01:30:00.000Z'],
    [
      'the second of two in New York',
      '2026-11-01T05:45:00.000Z',
      '01:30',
      newYork,
      '2026-11-01T06:30:00.000Z',
    ],
    ['past both', '2026-10-25T01:31:00.000Z', '02:30', berlin, '2026-10-26T01:30:00.000Z'],
    [
      'a midnight that Cairo skips',
      '2026-04-23T12:00:00.000Z',
      '00:00',
      'Africa/Cairo',
      '2026-04-23T22:00:00.000Z',
    ],
  ])('%s', (_name, now, time, zone, expected) => {
    expect(nextTimeOfDay(now, { minutes: TimeOfDay.parse(time), zone })).toBe(expected)
  })

  it('is never past, at most a day and a changed hour ahead, and shows that time unless it was skipped', () => {
    const property = fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
      fc.integer({ min: 0, max: 1439 }),
      fc.constantFrom(...zones),
      (date, minutes, zone) => {
        const now = date.toISOString()
        const next = nextTimeOfDay(now, { minutes, zone })
        const ahead = toMs(next) - toMs(now)
        const late = minuteOfDay(next, zone) - minutes

        expect(ahead).toBeGreaterThanOrEqual(0)
        expect(ahead).toBeLessThanOrEqual(26 * 3_600_000)
        expect([0, 30, 60]).toContain(late)
      },
    )

    fc.assert(property)
  })
})

describe('a local date', () => {
  it.each([
    ['2026-03-02T18:30:00.000Z', dhaka, '2026-03-03'],
    ['2026-03-02T18:30:00.000Z', newYork, '2026-03-02'],
    ['2026-03-02T23:30:00.000Z', berlin, '2026-03-03'],
  ])('%s in %s is %s', (instant, zone, date) => {
    expect(localDate(instant, zone)).toBe(date)
  })

  it('and a time make an instant', () => {
    expect(instantOn('2026-07-01', { minutes: 540, zone: berlin })).toBe('2026-07-01T07:00:00.000Z')
  })
})

describe('an anniversary', () => {
  it.each([
    ['later this year', '2026-03-02T09:00:00.000Z', 5, 17, berlin, '2026-05-17T07:00:00.000Z'],
    ['next year', '2026-06-02T09:00:00.000Z', 5, 17, berlin, '2027-05-17T07:00:00.000Z'],
    [
      'the year after, once it is there',
      '2026-05-17T07:00:00.000Z',
      5,
      17,
      berlin,
      '2027-05-17T07:00:00.000Z',
    ],
    ['29 February in a common year', '2026-01-02T09:00:00.000Z', 2, 29, dhaka, '2026-02-28T03:00:00.000Z'],
    ['29 February in a leap year', '2028-01-02T09:00:00.000Z', 2, 29, dhaka, '2028-02-29T03:00:00.000Z'],
    ['29 February after the leap', '2028-02-29T03:00:00.000Z', 2, 29, dhaka, '2029-02-28T03:00:00.000Z'],
    [
      'new year where it comes first',
      '2025-12-31T18:30:00.000Z',
      1,
      1,
      'Pacific/Apia',
      '2025-12-31T20:00:00.000Z',
    ],
  ])('%s', (_name, now, month, day, zone, expected) => {
    expect(nextAnniversary(now, { month, day, minutes: 540, zone })).toBe(expected)
  })
})

describe('a recurrence', () => {
  const nine = { minutes: 540, zone: berlin }
  it.each<[string, string, Recurrence, string]>([
    ['each day', '2026-03-02T09:00:00.000Z', { every: 'day', day: 1, ...nine }, '2026-03-03T08:00:00.000Z'],
    [
      'today still',
      '2026-03-02T07:00:00.000Z',
      { every: 'day', day: 1, ...nine },
      '2026-03-02T08:00:00.000Z',
    ],
    [
      'strictly after',
      '2026-03-02T08:00:00.000Z',
      { every: 'day', day: 1, ...nine },
      '2026-03-03T08:00:00.000Z',
    ],
    [
      'each Monday',
      '2026-03-02T09:00:00.000Z',
      { every: 'week', day: 1, ...nine },
      '2026-03-09T08:00:00.000Z',
    ],
    [
      'each Sunday',
      '2026-03-02T09:00:00.000Z',
      { every: 'week', day: 7, ...nine },
      '2026-03-08T08:00:00.000Z',
    ],
    [
      'the first',
      '2026-03-02T09:00:00.000Z',
      { every: 'month', day: 1, ...nine },
      '2026-04-01T07:00:00.000Z',
    ],
    [
      'the 31st',
      '2026-03-02T09:00:00.000Z',
      { every: 'month', day: 31, ...nine },
      '2026-03-31T07:00:00.000Z',
    ],
    [
      'the last of April',
      '2026-04-02T09:00:00.000Z',
      { every: 'month', day: 31, ...nine },
      '2026-04-30T07:00:00.000Z',
    ],
    [
      'the last of February',
      '2026-02-01T09:00:00.000Z',
      { every: 'month', day: 30, ...nine },
      '2026-02-28T08:00:00.000Z',
    ],
    [
      'in a leap year',
      '2028-02-01T09:00:00.000Z',
      { every: 'month', day: 31, ...nine },
      '2028-02-29T08:00:00.000Z',
    ],
    [
      'the spring Sunday',
      '2026-03-22T09:00:00.000Z',
      { every: 'week', day: 7, ...nine },
      '2026-03-29T07:00:00.000Z',
    ],
  ])('%s', (_name, now, recurrence, expected) => {
    expect(nextRecurrence(now, recurrence)).toBe(expected)
  })

  it('comes back twelve times a year, on the day or the last of the month', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.constantFrom(...zones),
      (day, minutes, zone) => {
        const times: string[] = []
        let now = '2025-12-15T12:00:00.000Z'
        while (times.length < 12) {
          now = nextRecurrence(now, { every: 'month', day, minutes, zone })
          times.push(localDate(now, zone))
        }

        expect(new Set(times.map((date) => date.slice(0, 7))).size).toBe(12)
        expect(times.every((date) => Number(date.slice(8)) <= day)).toBe(true)
      },
    )

    fc.assert(property, { numRuns: 30 })
  })
})

describe('an instant', () => {
  it('is moved by milliseconds', () => {
    expect(plus('2026-02-28T23:59:59.500Z', 500)).toBe('2026-03-01T00:00:00.000Z')
  })

  it('compares as text as it does as a number', () => {
    const ms = fc.integer({ min: 0, max: 4_102_444_800_000 })
    const property = fc.property(ms, ms, (a, b) => toInstant(a) < toInstant(b) === a < b)

    fc.assert(property)
  })
})
