/** Orders and their sums: in all orders of arrival, and taken back again. */
import { describe, expect, it } from 'vitest'
import { limits } from '#core/limits'
import { withOrder } from '#core/order'
import { aState, at } from '#test/fixture/builder'

type Known = Parameters<typeof withOrder>[0]
type Fact = Parameters<typeof withOrder>[1]

const fact = (change: Fact['change'], time: string, totalMinor?: number, orderId = 'o1'): Fact => ({
  change,
  eventId: `${change} ${time}`,
  at: at(time),
  pointsPerUnit: 1,
  order: { orderId, currency: 'EUR', items: [], ...(totalMinor !== undefined && { totalMinor }) },
})

const knownAfter = (facts: readonly Fact[], known: Known = aState()): Known =>
  facts.reduce<Known>(withOrder, known)

const sums = (facts: readonly Fact[]) => knownAfter(facts).totals

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]]
  return list.flatMap((one, index) => orders(list.toSpliced(index, 1)).map((rest) => [one, ...rest]))
}

const completed = fact('completed', '09:00', 10_000)
const updated = fact('updated', '09:10', 8050)
const refunded = fact('refunded', '09:20', 1025)
const cancelled = fact('cancelled', '09:30')

describe('the sums of an order', () => {
  it.each<[string, Fact[], { orderCount: number; paidMinor: Record<string, number>; points: number }]>([
    ['completed', [completed], { orderCount: 1, paidMinor: { EUR: 10_000 }, points: 100 }],
    ['updated', [completed, updated], { orderCount: 1, paidMinor: { EUR: 8050 }, points: 80 }],
    ['refunded in part', [completed, refunded], { orderCount: 1, paidMinor: { EUR: 8975 }, points: 89 }],
    [
      'refunded twice',
      [completed, refunded, fact('refunded', '09:25', 1025)],
      { orderCount: 1, paidMinor: { EUR: 7950 }, points: 79 },
    ],
    [
      'refunded, told twice',
      [completed, refunded, refunded],
      { orderCount: 1, paidMinor: { EUR: 8975 }, points: 89 },
    ],
    ['refunded whole', [completed, fact('refunded', '09:20')], { orderCount: 1, paidMinor: {}, points: 0 }],
    [
      'refunded more than it was',
      [completed, fact('refunded', '09:20', 99_999)],
      { orderCount: 1, paidMinor: {}, points: 0 },
    ],
    ['cancelled', [completed, cancelled], { orderCount: 0, paidMinor: {}, points: 0 }],
    [
      'refunded, then cancelled',
      [completed, refunded, cancelled],
      { orderCount: 0, paidMinor: {}, points: 0 },
    ],
    ['refunded and never completed', [refunded], { orderCount: 0, paidMinor: {}, points: 0 }],
    ['without a total', [fact('completed', '09:00')], { orderCount: 1, paidMinor: {}, points: 0 }],
    [
      'two orders',
      [completed, fact('completed', '09:05', 500, 'o2')],
      { orderCount: 2, paidMinor: { EUR: 10_500 }, points: 105 },
    ],
  ])('%s', (_name, facts, expected) => {
    expect(sums(facts)).toMatchObject(expected)
    expect(sums(facts).paidMinor).toEqual(expected.paidMinor)
  })

  it.each(
    orders([completed, updated, refunded, cancelled]).map(
      (list) => [list.map((one) => one.change).join(', '), list] as const,
    ),
  )('are the same for %s', (_name, list) => {
    const inOrder = [completed, updated, refunded, cancelled]

    for (let count = 1; count <= list.length; count += 1) {
      const some = list.slice(0, count)
      const sorted = inOrder.filter((one) => some.includes(one))
      expect(knownAfter(some)).toEqual(knownAfter(sorted))
    }
  })

  it('are the same where two totals were said at one instant', () => {
    const one = fact('completed', '09:00', 900)
    const other = fact('updated', '09:00', 1000)

    expect(knownAfter([one, other])).toEqual(knownAfter([other, one]))
  })

  it('stand apart by currency', () => {
    const taka = { ...completed, order: { ...completed.order, orderId: 'o2', currency: 'BDT' } }

    expect(sums([completed, taka]).paidMinor).toEqual({ EUR: 10_000, BDT: 10_000 })
  })

  it('are of the currency that the later total names', () => {
    const yen = { ...updated, order: { ...updated.order, currency: 'JPY' } }

    expect(sums([completed, yen])).toMatchObject({ paidMinor: { JPY: 8050 }, points: 8050 })
    expect(knownAfter([yen, completed])).toEqual(knownAfter([completed, yen]))
  })

  it('know the first and the last order', () => {
    const early = fact('completed', '07:00', 100, 'o2')

    expect(sums([completed, early])).toMatchObject({ firstOrderAt: at('07:00'), lastOrderAt: at('09:00') })
    expect(sums([early, completed])).toMatchObject({ firstOrderAt: at('07:00'), lastOrderAt: at('09:00') })
  })

  it('outlive the orders that are no longer remembered one by one', () => {
    const many = Array.from({ length: limits.rememberedOrders + 5 }, (_, index) =>
      fact('completed', '09:00', 100, `o${index}`),
    )
    const late = fact('refunded', '10:00', 100, 'o0')

    const known = knownAfter([...many, late])

    expect(known.orders).toHaveLength(limits.rememberedOrders)
    expect(known.totals).toMatchObject({ orderCount: many.length, paidMinor: { EUR: 100 * many.length } })
  })
})
