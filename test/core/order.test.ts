/** Orders and their sums: in all orders of arrival, and taken back again. */
import { describe, expect, it } from 'vitest'
import { factOf } from '#core/fact'
import { limits } from '#core/limits'
import { mergeOrders, withOrder } from '#core/order'
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

const names = {
  completed: 'Order Completed',
  updated: 'Order Updated',
  refunded: 'Order Refunded',
  cancelled: 'Order Cancelled',
} as const

/** What a shop in euros told of an order. */
function told(
  change: keyof typeof names,
  time: string,
  amounts: { total?: number; currency?: string },
): Fact {
  const properties = { order_id: 'o1', ...amounts }
  const read = factOf({ type: 'track', name: names[change], properties }, 'EUR')
  if (read.kind !== 'order') throw new Error('no order')
  return { ...fact(change, time), order: read.order }
}

describe('what names no currency', () => {
  const table: [string, Fact[], Record<string, number>][] = [
    [
      'an update',
      [
        told('completed', '09:00', { total: 5000, currency: 'BDT' }),
        told('updated', '09:10', { total: 4800 }),
      ],
      { BDT: 480_000 },
    ],
    [
      'a refund where there are no minor units',
      [
        told('completed', '09:00', { total: 5000, currency: 'JPY' }),
        told('refunded', '09:10', { total: 1000 }),
      ],
      { JPY: 4000 },
    ],
    [
      'a refund where there are three decimals',
      [
        told('completed', '09:00', { total: 12.5, currency: 'KWD' }),
        told('refunded', '09:10', { total: 2.505 }),
      ],
      { KWD: 9995 },
    ],
    [
      'a total whose currency is named earlier and again later',
      [
        told('completed', '09:00', { total: 20, currency: 'KWD' }),
        told('updated', '09:10', { total: 12.345 }),
        told('updated', '09:20', { currency: 'KWD' }),
      ],
      { KWD: 12_345 },
    ],
    [
      'an order whose currency an update brings',
      [told('completed', '09:00', { total: 5000.5 }), told('updated', '09:10', { currency: 'JPY' })],
      { JPY: 5001 },
    ],
    [
      'refunds, one with its currency and two without',
      [
        told('completed', '09:00', { total: 10, currency: 'KWD' }),
        told('refunded', '09:10', { total: 0.1 }),
        told('refunded', '09:20', { total: 0.2 }),
        told('refunded', '09:30', { total: 0.3, currency: 'KWD' }),
      ],
      { KWD: 9400 },
    ],
    [
      'a refund without an amount',
      [told('completed', '09:00', { total: 5000, currency: 'JPY' }), told('refunded', '09:10', {})],
      {},
    ],
    [
      'an order, nor does its update: it is in the shop’s, whatever a refund names',
      [
        told('completed', '09:00', { total: 50 }),
        told('updated', '09:10', { total: 48 }),
        told('refunded', '09:20', { total: 100, currency: 'JPY' }),
      ],
      { EUR: 4700 },
    ],
    [
      'an update said at the instant that the order was made',
      [
        told('completed', '09:00', { total: 5000, currency: 'BDT' }),
        told('updated', '09:00', { total: 5200 }),
      ],
      { BDT: 520_000 },
    ],
  ]

  it.each(table)('%s: is in the order’s, whichever is told first', (_name, facts, paidMinor) => {
    for (const list of orders(facts)) {
      expect(knownAfter(list).totals.paidMinor).toEqual(paidMinor)
      expect(knownAfter(list).orders).toEqual(knownAfter(facts).orders)
    }
  })

  it.each(table)('%s: is in the order’s, whichever record heard it', (_name, facts, paidMinor) => {
    for (let dealt = 0; dealt < 2 ** facts.length; dealt += 1) {
      const one = knownAfter(facts.filter((_, index) => (dealt >> index) % 2 === 0))
      const other = knownAfter(facts.filter((_, index) => (dealt >> index) % 2 === 1))

      expect(mergeOrders(one, other, 1).totals.paidMinor).toEqual(paidMinor)
      expect(mergeOrders(one, other, 1).orders).toEqual(knownAfter(facts).orders)
      expect(mergeOrders(other, one, 1).totals.paidMinor).toEqual(paidMinor)
      expect(mergeOrders(other, one, 1).orders).toEqual(knownAfter(facts).orders)
    }
  })

  it('is in the order’s where that was kept before it was noted who named it', () => {
    const old = {
      id: 'o1',
      at: at('09:00'),
      currency: 'BDT',
      totalMinor: 500_000,
      totalAt: at('09:00'),
      refundedMinor: 20_000,
      refunds: ['earlier'],
      cancelled: false,
      points: 4800,
    }
    const known = { orders: [old], totals: { orderCount: 1, paidMinor: { BDT: 480_000 }, points: 4800 } }

    const { totals } = knownAfter(
      [told('updated', '09:10', { total: 4800 }), told('refunded', '09:20', { total: 100 })],
      known,
    )

    expect(totals).toMatchObject({ orderCount: 1, paidMinor: { BDT: 450_000 }, points: 4500 })
  })
})
