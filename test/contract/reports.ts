/** What `Reports` promises, whoever makes it real. */
import { describe, expect, it } from 'vitest'
import type { ReportDay } from '#core/report/day'
import { noFigures } from '#core/report/figures'
import { noShopFigures } from '#core/report/shop'
import { aCommit, aMessage } from '#test/fixture/build'
import { fresh, type Open, type World } from './world.ts'

async function plan(world: World, journey: string, plannedAt: string): Promise<string> {
  const message = aMessage({ customerId: fresh('customer'), messageId: fresh('message'), journey, plannedAt })
  const { customerId, messageId } = message
  await world.customers.commit(aCommit({ customerId, effects: [{ kind: 'plan', message }] }))
  return messageId
}

async function idsOf(world: World, of: { journey: string; from: string; to: string }): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await world.reports.planned(of, after)
    ids.push(...page.messages.map(({ messageId }) => messageId))
    after = page.next
  } while (after !== undefined)
  return ids.sort()
}

const aDay = (day: string, journey: string, planned = 1): ReportDay => ({
  day,
  journey,
  closed: false,
  lines: [{ step: 'reminder', variant: 'লাল 🧣', figures: { ...noFigures(), planned, held: { cap: 2 } } }],
})

export function reportsContract(open: Open): void {
  describe('Reports.planned', () => {
    it('finds every message of a journey and its days once, page by page, and no other', async () => {
      const world = await open()
      const journey = fresh('journey')
      const wanted: string[] = []
      await plan(world, journey, '2026-03-01T23:59:59.999Z')
      for (let index = 0; index < 40; index += 1)
        wanted.push(await plan(world, journey, `2026-03-0${2 + (index % 3)}T0${index % 10}:00:00.000Z`))
      await plan(world, journey, '2026-03-05T00:00:00.000Z')
      await plan(world, `${journey}-other`, '2026-03-03T00:00:00.000Z')

      const found = await idsOf(world, { journey, from: '2026-03-02', to: '2026-03-04' })

      expect(found).toEqual(wanted.sort())
    })

    it('finds nothing of a journey without messages', async () => {
      const world = await open()

      const page = await world.reports.planned({
        journey: fresh('none'),
        from: '2026-03-02',
        to: '2026-03-04',
      })

      expect(page).toEqual({ messages: [] })
    })
  })

  describe('Reports.states', () => {
    it('walks all customers but those who were erased', async () => {
      const world = await open()
      const ids = [
        fresh('customer'),
        fresh('customer'),
        fresh('customer'),
        fresh('customer'),
        fresh('customer'),
      ]
      for (const customerId of ids) await world.customers.commit(aCommit({ customerId }))
      const [erased = ''] = ids
      await world.customers.erase(erased)

      const found: string[] = []
      let after: string | undefined
      do {
        const page = await world.reports.states(after)
        found.push(...page.states.map(({ customerId }) => customerId))
        after = page.next
      } while (after !== undefined)

      expect(found.sort()).toEqual(ids.slice(1).sort())
    })
  })

  describe('Reports.days', () => {
    it('keeps a day a journey, the last one put, and finds those of a span', async () => {
      const world = await open()
      const stored = [
        aDay('2026-03-01', 'a'),
        aDay('2026-03-02', 'a', 7),
        aDay('2026-03-02', 'b'),
        aDay('2026-03-03', 'a'),
      ]
      await world.reports.putDay(aDay('2026-03-02', 'a'))
      for (const day of stored) await world.reports.putDay(day)

      const found = await world.reports.days('2026-03-01', '2026-03-02')

      expect(found).toEqual(stored.slice(0, 3))
    })

    it('keeps how far the count has come', async () => {
      const world = await open()
      const progress = {
        journeys: ['a'],
        release: 3,
        walk: { figures: noShopFigures('2026-03-02T09:00:00.000Z') },
      }

      const before = await world.reports.progress()
      await world.reports.putProgress(progress)

      expect(before).toBeUndefined()
      expect(await world.reports.progress()).toEqual(progress)
      expect(await world.reports.days('0000-01-01', '9999-12-31')).toEqual([])
    })
  })
}
