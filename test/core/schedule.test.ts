/** The calendar: birthdays and recurring times, over months, zones and leap years. */
import { describe, expect, it } from 'vitest'
import { dueOf } from '#core/decide'
import { plus } from '#core/time'
import {
  aJourney,
  aLife,
  aRelease,
  at,
  identify,
  inForce,
  type Life,
  orderCompleted,
  told,
  track,
} from '#test/fixture/builder'

const birthday = aJourney(
  'birthday',
  `{ intent: loyalty, enter: { date: customer.birthday, at: '09:00' }, expires: end of day, steps: [{ send: birthday }] }`,
)
const statement = aJourney(
  'statement',
  `
  intent: loyalty
  enter: { every: month, on: day 1, at: '09:00', if: { loyalty.points: { gt: 0 } } }
  steps: [{ send: statement }]
  `,
)
const dhaka = { timezone: 'Asia/Dhaka' }
const living = (...journeys: (typeof birthday)[]): Life =>
  aLife({ releases: inForce(aRelease({ journeys })) })

/** Runs her alarms up to an instant; every mail that is planned goes out at once. Answers when each was planned. */
function years(life: Life, until: string): string[] {
  const times: string[] = []
  for (let due = dueOf(life.state); due !== undefined && due <= until; due = dueOf(life.state)) {
    life.wake(due)
    const row = [...life.rows.values()].find(({ status }) => status === 'PLANNED')
    if (row === undefined) continue
    times.push(row.plannedAt)
    life.sent(row.step, plus(row.plannedAt, 1000))
    life.rows.clear()
  }
  return times
}

describe('a birthday', () => {
  it('comes each year at nine by her own clock', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17', ...dhaka }))

    expect(years(life, '2029-01-01T00:00:00.000Z')).toEqual([
      '2026-05-17T03:00:00.000Z',
      '2027-05-17T03:00:00.000Z',
      '2028-05-17T03:00:00.000Z',
    ])
  })

  it('of 29 February comes on the 28th in the years between', () => {
    const life = living(birthday).hear(identify({ birthday: '1992-02-29', ...dhaka }))

    expect(years(life, '2030-01-01T00:00:00.000Z').map((time) => time.slice(0, 10))).toEqual([
      '2027-02-28',
      '2028-02-29',
      '2029-02-28',
    ])
  })

  it('without a year comes as well', () => {
    const life = living(birthday).hear(identify({ birthday: '--05-17', ...dhaka }))

    expect(dueOf(life.state)).toBe('2026-05-17T03:00:00.000Z')
  })

  it('is over at the end of her day', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17', ...dhaka }))

    life.sleepUntil('2026-05-17T03:00:00.000Z')

    expect(life.row('birthday')?.notAfter).toBe('2026-05-17T18:00:00.000Z')
  })

  it('follows her to another zone', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17', ...dhaka }))

    life.hear(identify({ timezone: 'America/New_York' }, { at: at('09:00', 1) }))

    expect(dueOf(life.state)).toBe('2026-05-17T13:00:00.000Z')
  })

  it('is not had twice by flying west', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17', ...dhaka }))
    life.sleepUntil('2026-05-17T03:00:00.000Z').sent('birthday', '2026-05-17T03:00:05.000Z')

    life.hear(identify({ timezone: 'America/New_York' }, { at: '2026-05-17T05:00:00.000Z' }))

    expect(dueOf(life.state)).toBe('2027-05-17T13:00:00.000Z')
  })

  it('is not had twice by giving another one', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17', ...dhaka }))
    life.sleepUntil('2026-05-17T03:00:00.000Z').sent('birthday', '2026-05-17T03:00:05.000Z')

    life.hear(identify({ birthday: '1990-06-01' }, { at: '2026-05-20T05:00:00.000Z' }))

    expect(dueOf(life.state)).toBe('2027-06-01T03:00:00.000Z')
  })

  it('that is taken back is none', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-05-17' }))

    life.hear(identify({ birthday: null }, { at: at('09:01') }))

    expect(dueOf(life.state)).toBeUndefined()
  })

  it('heard of on the day itself, after the hour, is next year’s', () => {
    const life = living(birthday).hear(identify({ birthday: '1990-03-02', ...dhaka }))

    expect(dueOf(life.state)).toBe('2027-03-02T03:00:00.000Z')
  })
})

describe('the day she came', () => {
  it('returns each year', () => {
    const since = aJourney('since', `{ enter: { date: customer.since }, steps: [{ send: x }] }`)
    const life = living(since).hear(track('Product Viewed', {}, { at: '2026-03-02T23:30:00.000Z' }))

    expect(dueOf(life.state)).toBe('2027-03-03T08:00:00.000Z')
  })
})

describe('a monthly statement', () => {
  it('comes on each first, for whom it is', () => {
    const life = living(statement).hear(orderCompleted('o1', 120))

    expect(years(life, at('09:00', 130))).toEqual([
      '2026-04-01T07:00:00.000Z',
      '2026-05-01T07:00:00.000Z',
      '2026-06-01T07:00:00.000Z',
      '2026-07-01T07:00:00.000Z',
    ])
  })

  it('says why it did not come', () => {
    const life = living(statement).hear(track('Product Viewed'))

    years(life, at('09:00', 40))

    expect(life.state.refused.statement).toMatchObject({
      at: '2026-04-01T07:00:00.000Z',
      code: 'condition-false',
    })
    expect(dueOf(life.state)).toBe('2026-05-01T07:00:00.000Z')
    expect(told(life)).toEqual([])
  })

  it('that the alarm was late for is still of its day', () => {
    const life = living(statement).hear(orderCompleted('o1', 120))

    life.wake('2026-04-01T12:00:00.000Z')

    expect(life.row('statement')).toMatchObject({ plannedAt: '2026-04-01T07:00:00.000Z', status: 'PLANNED' })
    expect(life.state.runs).toMatchObject([{ startedAt: '2026-04-01T07:00:00.000Z' }])
    expect(life.state.outstanding).toMatchObject([{ settleAt: '2026-04-01T12:15:00.000Z' }])
  })

  it('is gone when its journey is', () => {
    const life = living(statement).hear(orderCompleted('o1', 120))

    life.releases = inForce(aRelease({ number: 2, journeys: [] }))
    life.wake(at('09:00', 1))

    expect(dueOf(life.state)).toBeUndefined()
  })

  it('of another day is reckoned anew when the marketer says so', () => {
    const life = living(statement).hear(orderCompleted('o1', 120))
    const tenth = aJourney(
      'statement',
      `{ enter: { every: month, on: day 10 }, steps: [{ send: statement }] }`,
    )

    life.releases = inForce(aRelease({ number: 2, journeys: [tenth] }))
    life.hear(track('Product Viewed', {}, { at: at('10:00') }))

    expect(dueOf(life.state)).toBe('2026-03-10T08:00:00.000Z')
  })

  it.each([
    ['each week', 'every: week, on: monday', ['2026-03-09', '2026-03-16', '2026-03-23', '2026-03-30']],
    ['on the last of months', 'every: month, on: day 31', ['2026-03-31', '2026-04-30', '2026-05-31']],
  ])('comes %s', (_name, enter, dates) => {
    const regular = aJourney('regular', `{ enter: { ${enter} }, steps: [{ send: x }] }`)
    const life = living(regular).hear(track('Product Viewed'))

    const last = `${dates.at(-1)}T12:00:00.000Z`

    expect(years(life, last).map((time) => time.slice(0, 10))).toEqual(dates)
  })

  it('comes each day, also over the nights when clocks change', () => {
    const daily = aJourney('daily', `{ enter: { every: day, at: '02:30' }, steps: [{ send: x }] }`)
    const life = living(daily).hear(track('Product Viewed', {}, { at: '2026-03-27T09:00:00.000Z' }))

    expect(years(life, '2026-03-31T00:00:00.000Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })
})
