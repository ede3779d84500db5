/** Expressions of EventBridge Scheduler. */
import { describe, expect, it } from 'vitest'
import { parseSchedule } from '#local/schedule-expression'

const dueAfter = (expression: string, instant: string, zone?: string) => {
  const next = parseSchedule(expression, zone)(Date.parse(instant))
  return next === undefined ? undefined : new Date(next).toISOString()
}

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', '2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z'],
    ['rate(1 minute)', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00.000Z'],
    ['rate(5 minutes)', '2026-01-01T00:01:00.000Z', '2026-01-01T00:05:00.000Z'],
    ['rate(1 hour)', '2026-01-01T00:01:00.000Z', '2026-01-01T01:00:00.000Z'],
    ['cron(0 3 * * ? *)', '2026-01-01T03:00:00.000Z', '2026-01-02T03:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-01-01T03:07:00.000Z', '2026-01-01T03:15:00.000Z'],
    ['cron(0 9 ? * MON-FRI *)', '2026-01-02T10:00:00.000Z', '2026-01-05T09:00:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-02-01T00:00:00.000Z', '2026-02-28T00:00:00.000Z'],
    ['cron(30 8 29 FEB ? *)', '2026-01-01T00:00:00.000Z', '2028-02-29T08:30:00.000Z'],
    ['at(2026-05-01T09:00:00)', '2026-01-01T00:00:00.000Z', '2026-05-01T09:00:00.000Z'],
  ])('%s after %s is due %s', (expression, instant, due) => {
    expect(dueAfter(expression, instant)).toBe(due)
  })

  it('keeps the hour of its zone when the clocks change', () => {
    expect(dueAfter('cron(0 9 * * ? *)', '2026-03-28T12:00:00.000Z', 'Europe/Berlin')).toBe(
      '2026-03-29T07:00:00.000Z',
    )
    expect(dueAfter('cron(0 9 * * ? *)', '2026-03-27T12:00:00.000Z', 'Europe/Berlin')).toBe(
      '2026-03-28T08:00:00.000Z',
    )
  })

  it('is due no more once it was due for good', () => {
    expect(dueAfter('at(2026-05-01T09:00:00)', '2026-05-01T09:00:00.000Z')).toBeUndefined()
  })

  it.each(['rate(0 minutes)', 'rate(1 week)', 'every minute', 'cron(0 3 * *)', 'cron(x 3 * * ? *)'])(
    '%s is refused',
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow()
    },
  )
})
