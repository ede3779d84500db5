/** How much mail the day still takes: quota shares, the warm-up's ceiling, and until when the rest waits. */
import { describe, expect, it } from 'vitest'
import { lineMs, type Quota, quotaHold, turnsWithin, utcDay, warmUpCeiling } from '#core/quota'
import { Settings } from '#core/settings'

const now = '2026-03-02T09:00:00.000Z'
const soon = '2026-03-02T09:15:00.000Z'

const aQuota = (set: Partial<Quota> = {}): Quota => ({
  perDay: 1000,
  sentLastDay: 0,
  perSecond: 14,
  ...set,
})

const warmUpOf = (set: object): Settings['warmUp'] =>
  Settings.shape.warmUp.parse({ from: '2026-03-01', mails: 100, growth: 2, ...set })

type Line = 'service' | 'urgent' | 'bulk'

const hold = (line: Line, day: { quota?: Partial<Quota>; total?: number; marketing?: number } = {}) =>
  quotaHold(
    { quota: aQuota(day.quota), tally: { total: day.total ?? 0, marketing: day.marketing ?? 0 } },
    {
      exempt: line === 'service',
      urgent: line !== 'bulk',
      lookAgainAt: soon,
      spreadBy: 'm',
      now,
      warmUp: undefined,
    },
  )

describe('the quota of a day', () => {
  it.each<[Line, number, boolean]>([
    ['bulk', 899, false],
    ['bulk', 900, true],
    ['urgent', 900, false],
    ['urgent', 969, false],
    ['urgent', 970, true],
    ['service', 970, false],
    ['service', 999, false],
    ['service', 1000, true],
  ])('%s mail when %d of 1,000 are sent: held is %s', (line, sentLastDay, isHeld) => {
    const held = hold(line, { quota: { sentLastDay } })

    expect(held?.reason.code).toBe(isHeld ? 'quota' : undefined)
    expect(held?.until).toBe(isHeld ? soon : undefined)
  })

  it('counts what was let through since the account was asked', () => {
    const held = hold('bulk', { quota: { sentLastDay: 10 }, total: 900 })

    expect(held?.reason.explanation).toBe("the day's quota of the mail service is nearly spent (900 of 1000)")
  })

  it.each<[string, Partial<Quota>, Line, boolean]>([
    ['without a limit nothing waits', { perDay: -1, sentLastDay: 9_999_999 }, 'bulk', false],
    ['an account that may send nothing sends nothing', { perDay: 0 }, 'service', true],
    ['the sandbox keeps twenty mails back from the bulk', { perDay: 200, sentLastDay: 180 }, 'bulk', true],
    ['and lets the urgent have most of them', { perDay: 200, sentLastDay: 193 }, 'urgent', false],
  ])('%s', (_, quota, line, isHeld) => {
    expect(hold(line, { quota }) !== undefined).toBe(isHeld)
  })
})

describe('the ceiling of a warm-up', () => {
  it.each([
    ['the first day', {}, '2026-03-01T00:00:00.000Z', 100],
    ['the last moment of it', {}, '2026-03-01T23:59:59.999Z', 100],
    ['the second day', {}, '2026-03-02T00:00:00.000Z', 200],
    ['the fourth', {}, '2026-03-04T12:00:00.000Z', 800],
    ['before it begins', {}, '2026-02-01T12:00:00.000Z', 100],
    ['over: it takes what the quota does', {}, '2026-03-05T00:00:00.000Z', undefined],
    ['years later', {}, '2046-03-05T00:00:00.000Z', undefined],
    ['without growth it stays', { growth: 1 }, '2046-03-05T00:00:00.000Z', 100],
    ['broken growth is rounded down', { growth: 1.5, mails: 5 }, '2026-03-02T00:00:00.000Z', 7],
  ])('%s', (_, set, at, expected) => {
    expect(warmUpCeiling(warmUpOf(set), { now: at, quota: aQuota() })).toBe(expected)
  })

  it.each<[string, boolean, number, string | undefined]>([
    ['the last mail under it goes', false, 199, undefined],
    ['the next one waits', false, 200, 'warm-up'],
    ['service mail is exempt', true, 5000, undefined],
  ])('%s', (_, exempt, marketing, code) => {
    const day = { quota: aQuota({ perDay: -1 }), tally: { total: 0, marketing } }

    const held = quotaHold(day, {
      exempt,
      urgent: true,
      lookAgainAt: soon,
      spreadBy: 'm',
      now,
      warmUp: warmUpOf({}),
    })

    expect(held?.reason.code).toBe(code)
  })

  it('lets go in the first hour of the next UTC day, not all at once', () => {
    const day = { quota: aQuota(), tally: { total: 0, marketing: 200 } }
    const holds = Array.from({ length: 50 }, (_, index) =>
      quotaHold(day, {
        exempt: false,
        urgent: true,
        lookAgainAt: soon,
        spreadBy: `m${index}`,
        now,
        warmUp: warmUpOf({}),
      }),
    )

    const untils = new Set(holds.map((held) => held?.until ?? ''))
    expect(untils.size).toBeGreaterThan(40)
    for (const until of untils) {
      expect(utcDay(until)).toBe('2026-03-03')
      expect(until < '2026-03-03T01:00:00.000Z').toBe(true)
    }
  })
})

describe('turns under the rate', () => {
  it.each([
    ['all of them', { roomMs: 20_000, ratePerSecond: 1 }, { total: 10, marketing: 4 }],
    ['service mail first', { roomMs: 7_999, ratePerSecond: 1 }, { total: 7, marketing: 1 }],
    ['service mail alone', { roomMs: 500, ratePerSecond: 6 }, { total: 3, marketing: 0 }],
    ['none', { roomMs: 999, ratePerSecond: 1 }, { total: 0, marketing: 0 }],
    ['none of a line that is over', { roomMs: -5_000, ratePerSecond: 1 }, { total: 0, marketing: 0 }],
  ])('have room for %s', (_, of, expected) => {
    expect(turnsWithin({ total: 10, marketing: 4 }, of)).toEqual(expected)
  })

  it('reach less far for the bulk than for what somebody waits for', () => {
    expect(lineMs({ urgent: false })).toBeLessThan(lineMs({ urgent: true }))
  })
})
