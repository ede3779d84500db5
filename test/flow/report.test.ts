/**
 * The report equals a recount, in whatever slices it is counted; days are counted once more after they closed;
 * journeys that are live no longer are counted; the shop is walked once a day.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { putMessage } from '#adapters/memory/tables'
import { limits } from '#core/limits'
import { type Message, Status } from '#core/message'
import { dayOf, dayPlus } from '#core/report/day'
import { newState } from '#core/state'
import { type Instant, plus } from '#core/time'
import { report, reportDays, shopFigures } from '#flow/report'
import { abandonedCart, aJourney, aMessage, aRelease } from '#test/fixture/builder'

const now = '2026-03-20T12:30:00.000Z'
const dayMs = 86_400_000

async function aShop(journeys = [abandonedCart]): Promise<MemoryPorts> {
  const world = memoryPorts(now)
  await world.workspace.putRelease(aRelease({ journeys }))
  await world.workspace.putLive({ release: 1, paused: [] }, undefined)
  return world
}

const put = (world: MemoryPorts, set: Partial<Message>) =>
  putMessage(world.tables, { message: aMessage(set), clicks: 0 })

const always = () => true

/** Lets so many pages be read, then no more. */
function pages(count: number): () => boolean {
  let left = count
  return () => {
    left -= 1
    return left >= 0
  }
}

const instant = fc.integer({ min: 0, max: 10 * dayMs }).map((ms): Instant => plus(now, -ms))
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const reasons = fc.constantFrom('cap', 'quiet-hours', 'unsubscribed', '__proto__', 'constructor')

const life = fc
  .record({
    messageId: fc.integer({ min: 0, max: 1e6 }).map((id) => `m${id}`),
    status: fc.constantFrom(...Status.options),
    journey: fc.constantFrom('abandoned-cart', 'welcome'),
    step: fc.constantFrom('reminder', 'last-call'),
    variant: maybe(fc.constantFrom('a', 'b')),
    reason: maybe(reasons),
    plannedAt: instant,
    deliveredAt: maybe(instant),
    clickedAt: maybe(instant),
    answer: maybe(
      fc.record({ survey: fc.constant('nps' as const), score: fc.integer({ min: 0, max: 10 }), at: instant }),
    ),
    orders: maybe(
      fc.dictionary(
        fc.string({ minLength: 1, maxLength: 8 }),
        fc.record({
          at: instant,
          totalMinor: fc.integer({ min: 0, max: 1e6 }),
          currency: fc.constantFrom('EUR', 'BDT'),
        }),
        { maxKeys: 3 },
      ),
    ),
  })
  .map((set) => JSON.parse(JSON.stringify(aMessage(set as Partial<Message>))) as Message)

const lives = fc.uniqueArray(life, { maxLength: 25, selector: ({ messageId }) => messageId })

describe('the stored days', () => {
  it('equal a recount of the rows, in any slices', async () => {
    const welcome = aJourney('welcome', 'enter: { on: Consent Given }\nsteps: [{ send: hello }]')
    await fc.assert(
      fc.asyncProperty(
        lives,
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
        async (rows, slices) => {
          const world = await aShop([abandonedCart, welcome])
          for (const row of rows) put(world, row)

          for (const slice of slices) await report(world, pages(slice))
          await report(world, always)
          await report(world, always)

          const stored = await world.reports.days('2026-01-01', '2026-12-31')
          const { days } = await reportDays(world, { from: '2026-03-01', to: '2026-03-20', recount: true })
          expect(stored.filter(({ lines }) => lines.length > 0)).toEqual(days)
          const planned = stored
            .flatMap(({ lines }) => lines)
            .reduce((sum, { figures }) => sum + figures.planned, 0)
          expect(planned).toBe(rows.length)
          for (const { day, journey, lines } of stored) {
            const own = rows.filter((row) => row.journey === journey && dayOf(row.plannedAt) === day)
            const minor = own
              .flatMap(({ orders = {} }) => Object.values(orders))
              .filter(({ currency }) => currency === 'EUR')
            const total = lines.reduce((sum, { figures }) => sum + (figures.revenueMinor.EUR ?? 0), 0)
            expect(total).toBe(minor.reduce((sum, { totalMinor }) => sum + totalMinor, 0))
            expect(lines.reduce((sum, { figures }) => sum + figures.sent, 0)).toBe(
              own.filter(({ status }) => status === 'SENT').length,
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are not written again where nothing changed', async () => {
    const world = await aShop()
    put(world, { plannedAt: now })
    await report(world, always)
    let writes = 0
    const reports = {
      ...world.reports,
      putDay: async () => {
        writes += 1
      },
      putProgress: async () => {
        writes += 1
      },
    }

    await report({ ...world, reports }, always)

    expect(writes).toBe(0)
  })

  it('follow their rows while they are open, and empty where the rows are gone', async () => {
    const world = await aShop()
    put(world, { messageId: 'm1', plannedAt: now })
    await report(world, always)

    world.tables.messages.clear()
    await report(world, always)

    expect((await world.reports.days(dayOf(now), dayOf(now))).map(({ lines }) => lines)).toEqual([[]])
  })
})

describe('a day', () => {
  const day = dayOf(now)

  it('is counted once more after it closed, and then stays as it is', async () => {
    const world = await aShop()
    put(world, { messageId: 'm1', status: 'SENT', plannedAt: now })
    await report(world, always)
    put(world, { messageId: 'm1', status: 'SENT', plannedAt: now, clickedAt: now })

    // nothing ran for three weeks
    world.now.at = plus(now, 21 * dayMs)
    await report(world, always)
    const [closed] = await world.reports.days(day, day)
    put(world, { messageId: 'm2', status: 'SENT', plannedAt: now })
    world.now.at = plus(now, 22 * dayMs)
    await report(world, always)
    const [later] = await world.reports.days(day, day)

    expect(closed?.closed).toBe(true)
    expect(closed?.lines[0]?.figures.clicked).toBe(1)
    expect(later).toEqual(closed)
    const asked = { from: day, to: day }
    expect((await reportDays(world, asked)).days).toEqual([closed])
    const { days, differs } = await reportDays(world, { ...asked, recount: true })
    expect(differs).toEqual([closed])
    expect(days[0]?.lines[0]?.figures.planned).toBe(2)
  })

  it(`is open for ${limits.reportOpenDays} days after its end`, async () => {
    const world = await aShop()
    put(world, { messageId: 'm1', status: 'SENT', plannedAt: now })

    world.now.at = `${dayPlus(day, limits.reportOpenDays)}T23:59:59.999Z`
    await report(world, always)
    const [open] = await world.reports.days(day, day)
    world.now.at = `${dayPlus(day, limits.reportOpenDays + 1)}T00:00:00.000Z`
    await report(world, always)
    const [closed] = await world.reports.days(day, day)

    expect([open?.closed, closed?.closed]).toEqual([false, true])
  })

  it('of a journey that is live no longer is counted', async () => {
    const world = await aShop()
    await world.workspace.putRelease(aRelease({ number: 2, journeys: [] }))
    await world.workspace.putLive({ release: 2, paused: [] }, { release: 1, paused: [] })
    put(world, { plannedAt: now })

    await report(world, always)

    expect((await world.reports.days(day, day)).map(({ journey }) => journey)).toEqual(['abandoned-cart'])
  })
})

describe('the shop', () => {
  const customer = (world: MemoryPorts, id: string, orderCount: number) => {
    const state = newState(id, now)
    const carts = [
      { at: plus(now, -3 * dayMs), ...(orderCount > 1 && { orderedAt: plus(now, -3 * dayMs + 60_000) }) },
    ]
    const known = { ...state, carts, totals: { ...state.totals, orderCount } }
    world.tables.customers.set(id, { state: known, version: 1, due: undefined })
  }

  it('is walked once a day, page by page, each customer once', async () => {
    const world = await aShop()
    for (let id = 0; id < 10; id += 1) customer(world, `c${id}`, id % 3)

    for (let turn = 0; turn < 20; turn += 1) await report(world, pages(turn % 4))
    const first = (await world.reports.progress())?.shop
    customer(world, 'c99', 2)
    await report(world, always)
    const same = (await world.reports.progress())?.shop
    world.now.at = plus(now, dayMs)
    await report(world, always)
    const next = (await world.reports.progress())?.shop

    expect(first).toMatchObject({ buyers: 6, repeatBuyers: 3, cartsBegun: 10, cartsOrdered: 3 })
    expect(same).toEqual(first)
    expect(next).toMatchObject({ buyers: 7, repeatBuyers: 4 })
    expect(await shopFigures(world, true)).toMatchObject({ buyers: 7 })
  })
})
