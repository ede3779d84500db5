/** When orders have stopped arriving: what is usual for a shop, and what does not make it look silent. */
import { describe, expect, it } from 'vitest'
import { beat, type Pulse, silentSince } from '#core/silence'
import { type Instant, plus } from '#core/time'

const start = '2026-03-02T09:00:00.000Z'
const minute = 60_000
const hour = 3_600_000
const day = 24 * hour

/** The pulse after orders with these gaps between them, and when the last one came. */
function ordered(gaps: readonly number[], from: { pulse?: Pulse | undefined; at: Instant } = { at: start }) {
  let { at } = from
  let pulse = from.pulse ?? beat(undefined, at)
  for (const gap of gaps) {
    at = plus(at, gap)
    pulse = beat(pulse, at) ?? pulse
  }
  return { pulse, at }
}

const times = (count: number, gap: number) => Array.from({ length: count }, () => gap)

describe('silence', () => {
  it.each<[string, number[], number, boolean]>([
    ['a busy shop, a night', times(50, minute), 23 * hour, false],
    ['a busy shop, a whole day', times(50, minute), 24 * hour, false],
    ['a busy shop, more than a day', times(50, minute), 24 * hour + 1, true],
    ['a shop with an order a day, five days', times(30, day), 5 * day, false],
    ['a shop with an order a day, a week', times(30, day), 7 * day, true],
    ['too few orders to say: nine', times(8, minute), 30 * day, false],
    ['ten are enough', times(9, minute), 30 * day, true],
    ['ten at the same instant', times(9, 0), 2 * day, true],
  ])('%s: %#', (_, gaps, silenceMs, expected) => {
    const { pulse, at } = ordered(gaps)

    const since = silentSince(pulse, plus(at, silenceMs))

    expect(since).toBe(expected ? at : undefined)
  })

  it('is not for a shop of which nothing is known', () => {
    expect(silentSince(undefined, start)).toBeUndefined()
  })

  it('ends with an order', () => {
    const { pulse, at } = ordered(times(50, minute))
    const later = plus(at, 3 * day)

    const woken = beat(pulse, later)

    expect(silentSince(pulse, later)).toBe(at)
    expect(silentSince(woken, plus(later, hour))).toBeUndefined()
  })

  it('does not become the custom by one outage', () => {
    const busy = ordered(times(50, hour))

    const { pulse, at } = ordered([10 * day, ...times(5, hour)], busy)

    expect(silentSince(pulse, plus(at, day + 1))).toBe(at)
  })

  it('is judged by the usual gap also after a late burst', () => {
    const slow = ordered(times(30, 12 * hour))

    const { pulse, at } = ordered(times(200, 2_000), slow)

    expect(pulse?.gapMs).toBeGreaterThan(10 * hour)
    expect(silentSince(pulse, plus(at, 2 * day))).toBeUndefined()
  })

  it('follows a shop that grows', () => {
    const slow = ordered(times(30, 12 * hour))

    const { pulse } = ordered(times(24 * 60, hour), slow)

    expect(pulse?.gapMs).toBeLessThan(3 * hour)
  })
})

describe('a beat', () => {
  it('never moves back by a clock that is behind', () => {
    const { pulse, at } = ordered(times(3, minute))

    const skewed = beat(pulse, plus(at, -hour))

    expect(skewed).toMatchObject({ lastOrderAt: at, count: 5 })
    expect(silentSince(skewed, plus(at, -day))).toBeUndefined()
  })

  it('is not written for every order of a busy second, once enough are known', () => {
    const { pulse, at } = ordered(times(20, minute))

    expect(beat(pulse, plus(at, 999))).toBeUndefined()
    expect(beat(pulse, plus(at, 1_000))).toMatchObject({ count: 22, lastOrderAt: plus(at, 1_000) })
  })

  it('survives JSON', () => {
    const { pulse } = ordered(times(12, 90_001))

    expect(JSON.parse(JSON.stringify(pulse))).toEqual(pulse)
  })
})
