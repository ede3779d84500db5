/** The ready journeys and the grammar's edges: what is read, and what the read form is. */
import { describe, expect, it } from 'vitest'
import { Journey, mailsOf, notYet } from '#core/journey'

const journey = (parts: Record<string, unknown>) =>
  Journey.safeParse({
    name: 'A',
    intent: 'cart',
    topic: 't',
    enter: { on: 'X' },
    steps: [{ send: 'a' }],
    ...parts,
  })

describe('Journey', () => {
  it('reads durations to milliseconds, times of day to minutes and single events to lists', () => {
    const read = journey({
      enter: { on: 'Cart Updated', rest: '7d', freshFor: '30m' },
      steps: [{ wait: '1h30m' }, { wait: { quiet: '1h' } }, { wait: { until: '09:30' } }, { send: 'a' }],
    })

    expect(read.data?.enter).toEqual({ on: ['Cart Updated'], rest: 604_800_000, freshFor: 1_800_000 })
    expect(read.data?.steps).toEqual([
      { wait: { ms: 5_400_000 } },
      { wait: { quiet: 3_600_000 } },
      { wait: { until: 570 } },
      { send: 'a' },
    ])
  })

  it.each([
    [
      { every: 'month', on: 'day 31' },
      { every: 'month', day: 31 },
    ],
    [
      { every: 'week', on: 'Monday' },
      { every: 'week', day: 1 },
    ],
  ])('reads the day of %o', (enter, on) => {
    expect(journey({ enter }).data?.enter).toEqual({ every: enter.every, on, at: 540 })
  })

  it.each([
    { every: 'month', on: 'monday' },
    { every: 'month', on: 'day 32' },
    { every: 'week', on: 'day 1' },
    { every: 'day', on: 'day 1' },
    { date: 'customer.name' },
    {},
  ])('refuses to enter by %o', (enter) => {
    expect(journey({ enter }).success).toBe(false)
  })

  it('names what is not available yet, with its place', () => {
    const arms = [
      { name: 'a', share: 1, steps: [{ send: 'a' }] },
      { name: 'b', share: 1, steps: [{ send: 'b' }] },
    ]
    const read = journey({
      holdout: '5%',
      enter: { segment: 'vip' },
      steps: [{ branch: [{ steps: [{ test: 'x', arms }] }] }, { send: 'c', offer: 'ten' }],
    })

    expect(read.data && notYet(read.data).map(({ path }) => path.join('.'))).toEqual([
      'enter.segment',
      'holdout',
      'steps.0.branch.0.steps.0.test',
      'steps.1.offer',
    ])
  })

  it('names every mail once, the nested ones too', () => {
    const read = journey({
      steps: [{ send: 'a' }, { branch: [{ steps: [{ send: 'b' }] }, { steps: [{ id: 'x', send: 'a' }] }] }],
    })

    expect(mailsOf(read.data?.steps ?? [])).toEqual(['a', 'b'])
  })
})
