/** Figures of surveys against numbers worked out by hand, and tables that no spreadsheet obeys. */
import { expect, it } from 'vitest'
import { withMessages } from '#core/report/day'
import { ces, nps } from '#core/report/survey'
import { csvOf } from '#core/report/table'
import { sentenceOf } from '#core/report/words'
import { aMessage } from '#test/fixture/builder'

it('NPS is promoters less detractors, and says how sure that is from ten answers on', () => {
  expect(nps({})).toBeUndefined()
  expect(nps({ '10': 6, '7': 2, '0': 1 })).toEqual({ answers: 9, value: (100 * 5) / 9 })
  // n = 40 + 3, p = 20.75 / 43, d = 8.75 / 43: 27.907 ± 1.96 × 11.893
  const forty = nps({ '9': 15, '10': 5, '8': 12, '6': 3, '0': 5 })
  expect(forty).toMatchObject({ answers: 40, value: 30 })
  expect(forty?.interval?.from).toBeCloseTo(4.6, 1)
  expect(forty?.interval?.to).toBeCloseTo(51.22, 1)
})

it('ten promoters are no certainty', () => {
  const { interval } = nps({ '10': 10 }) ?? {}

  expect(interval?.to).toBe(100)
  expect(interval?.from).toBeLessThan(75)
})

it('CES is a mean with its interval, within the scale', () => {
  expect(ces({ '4': 1, '5': 1 })).toEqual({ answers: 2, value: 4.5 })
  expect(ces({ '5': 9, '1': 1 })?.interval).toMatchObject({ to: 5 })
})

it('a journey or step named like a formula is text in the table', () => {
  const lines = withMessages({}, [aMessage({ step: '=cmd|x', variant: '+1', status: 'HELD', reason: 'cap' })])
  const [day = '', its = []] = Object.entries(lines)[0] ?? []

  const csv = csvOf([{ day, journey: '@sum', closed: false, lines: its }])

  expect(csv).toContain("2026-03-02,'@sum,'=cmd|x,'+1,1,0,0,1,")
  expect(csv).toContain('held cap:1')
})

it('a reason is said of many, and a code that is not known stands for itself', () => {
  expect(sentenceOf('cap')).toContain('frequency cap')
  expect(sentenceOf('constructor')).toBe('constructor')
  expect(sentenceOf('quiet-hours')).not.toContain('?')
})
