/** The report as it is drawn: narrow and wide, with hostile names, and of nothing; and what is told meanwhile. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { putMessage } from '#adapters/memory/tables'
import { reportOn } from '#cli/report'
import type { Stage } from '#cli/stage/connect'
import { sparkline, table, widthOf } from '#cli/terminal/chart'
import { explained, type Look, reportText } from '#cli/terminal/report-text'
import type { ReportDay } from '#core/report/day'
import { noFigures } from '#core/report/figures'
import { noShopFigures } from '#core/report/shop'
import { summaryOf } from '#core/report/summary'
import { aMessage, aRelease } from '#test/fixture/builder'

const look = (width: number): Look => ({
  width,
  paint: (_, text) => text,
  nameOf: () => 'কার্ট \u001b[31m\u202e',
})
const day: ReportDay = {
  day: '2026-03-02',
  journey: 'abandoned-cart',
  closed: false,
  lines: [
    {
      step: 'reminder',
      figures: {
        ...noFigures(),
        planned: 12,
        sent: 10,
        delivered: 10,
        clicked: 4,
        orders: 2,
        revenueMinor: { BDT: 125000, EUR: 9900 },
        skipped: { 'no-consent': 2 },
        nps: { '10': 3, '2': 1 },
      },
    },
  ],
}
const summary = (days: ReportDay[]) =>
  summaryOf(days, { from: '2026-03-01', to: '2026-03-05', stepsOf: () => ['reminder'] })
const shop = noShopFigures('2026-03-05T09:00:00.000Z')

it.each([40, 80, 200])('fits %i columns', (width) => {
  const text = `${reportText(summary([day]), shop, look(width))}\n${explained(look(width)).join('\n')}`

  const tooWide = text.split('\n').filter((line) => widthOf(line) > width)
  expect(tooWide).toEqual([])
})

it('says what was sent, earned and left out, and obeys no name', () => {
  const text = reportText(summary([day]), shop, look(160))

  expect(text).toContain('4 (40.0 %)')
  expect(text).toContain('2 skipped: no consent to its topic is recorded')
  expect(text).toContain('BDT\u00a01,250.00 + €99.00')
  expect(text).toContain('fewer than 10 answers')
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('\u202e')
})

it('of nothing says what to do', () => {
  expect(reportText(summary([]), shop, look(80)).match(/→/g)).toHaveLength(1)
})

it('draws days as heights and leaves out columns that do not fit', () => {
  expect(sparkline([0, 1, 8], 10)).toBe('·▁█')
  expect(
    table([{ title: 'a' }, { title: 'b' }, { title: 'cccccccc' }], [], {
      width: 10,
      paint: (_, text) => text,
    }),
  ).toEqual(['  a  b'])
})

describe('while it counts', () => {
  const { isTTY } = process.stderr

  afterEach(() => {
    vi.restoreAllMocks()
    process.stderr.isTTY = isTTY
  })

  /** What the report of a shop of five mails writes. */
  async function written(as: 'json' | 'csv', isTerminal: boolean) {
    const world = memoryPorts('2026-03-02T12:00:00.000Z')
    await world.workspace.putRelease(aRelease())
    await world.workspace.putLive({ release: 1, paused: [] }, undefined)
    for (const messageId of ['m1', 'm2', 'm3', 'm4', 'm5'])
      putMessage(world.tables, { message: aMessage({ messageId }), clicks: 0 })
    const stage = { name: 'homeward-prod', isLocal: false, ports: world } as unknown as Stage
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        texts[name] += text
        return true
      })
    process.stderr.isTTY = isTerminal
    await reportOn(stage, { value: {}, on: { [as]: true }, operand: undefined })
    return texts
  }

  it.each(['json', 'csv'] as const)(
    'tells a terminal how many rows were read, and --%s is as it is',
    async (as) => {
      const told = await written(as, true)
      const silent = await written(as, false)

      expect(told.stderr).toContain('\r3 rows looked at …\r5 rows looked at …')
      expect(told.stderr.endsWith('…\n')).toBe(true)
      expect(told.stdout).toBe(silent.stdout)
      expect(silent.stdout).toContain('abandoned-cart')
      expect(silent.stderr).toBe('')
    },
  )
})
