/** Folding: what is known of a customer, the same in whichever order her events arrive. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cartOf } from '#core/cart'
import type { Event } from '#core/event'
import { fold, ranked } from '#core/fold'
import { limits } from '#core/limits'
import type { State } from '#core/state'
import { plus } from '#core/time'
import {
  aMessage,
  aSettings,
  aState,
  at,
  cartUpdated,
  identify,
  lamp,
  mailEvent,
  orderCompleted,
  track,
} from '#test/fixture/builder'

const settings = aSettings()

function folded(...events: Event[]): State {
  return events.reduce<State>((state, event) => {
    const next = fold(state, event, settings)
    return 'state' in next ? next.state : state
  }, aState())
}

const viewed = (id: string, time: string, category?: string) =>
  track(
    'Product Viewed',
    { product_id: id, ...(category && { category }) },
    { at: at(time), messageId: `${id} ${time}` },
  )

describe('a profile', () => {
  it('knows when she was first and last seen', () => {
    const state = folded(viewed('a', '09:05'), viewed('b', '09:00'), viewed('c', '09:10'))

    expect(state.totals).toMatchObject({ since: at('09:00'), lastSeenAt: at('09:10') })
  })

  it('is not seen by what Homeward itself notes', () => {
    const state = folded(mailEvent('Email Sent', aMessage(), { at: at('09:00') }))

    expect(state.totals).toEqual({ orderCount: 0, paidMinor: {}, points: 0 })
  })

  it('keeps the products seen last, each once, the newest first', () => {
    const many = Array.from({ length: 20 }, (_, index) => viewed(`p${index}`, `09:${10 + index}`))
    const state = folded(...many, viewed('p19', '09:05'), viewed('p15', '09:50'))

    expect(state.recent.map(({ item }) => item.id).slice(0, 3)).toEqual(['p15', 'p19', 'p18'])
    expect(state.recent).toHaveLength(limits.recentProducts)
  })

  it('likes what she put in the cart more than what she looked at, and lately more than long ago', () => {
    const state = folded(
      track(
        'Product Viewed',
        { product_id: '1', category: 'Rugs' },
        { at: at('09:00', -60), messageId: '1' },
      ),
      track(
        'Product Viewed',
        { product_id: '2', category: 'Rugs' },
        { at: at('09:00', -60), messageId: '2' },
      ),
      track('Product Viewed', { product_id: '3', category: 'Vases' }, { at: at('09:00'), messageId: '3' }),
      track('Product Added', { product_id: '4', category: 'Light' }, { at: at('09:00'), messageId: '4' }),
    )

    expect(ranked(state.categories)).toEqual(['Light', 'Vases', 'Rugs'])
  })

  it('keeps the liveliest categories, whatever they are called', () => {
    const names = [
      '__proto__',
      'constructor',
      'আলো',
      ...Array.from({ length: 20 }, (_, index) => `c${index}`),
    ]
    const state = folded(
      ...names.map((name, index) =>
        track(
          'Product Viewed',
          { product_id: name, category: name },
          { at: plus(at('09:00'), -index * 86_400_000) },
        ),
      ),
    )

    expect(ranked(state.categories)).toEqual(names.slice(0, limits.favouriteCategories))
  })

  it('adds an order once, and empties the cart', () => {
    const state = folded(
      cartUpdated('c1'),
      orderCompleted('o1', 49.9, { at: at('09:30') }),
      orderCompleted('o1', 49.9, { at: at('09:31'), messageId: 'webhook', repeat: true }),
    )

    expect(state.totals).toMatchObject({ orderCount: 1, paidMinor: { EUR: 4990 }, points: 49 })
    expect(cartOf(state.cart)).toBeUndefined()
  })

  it('takes two years of history in', () => {
    const orders = Array.from({ length: 24 }, (_, month) =>
      orderCompleted(`o${month}`, 10, { at: at('09:00', -30 * month), history: true }),
    )

    expect(folded(...orders).totals).toMatchObject({
      orderCount: 24,
      paidMinor: { EUR: 24_000 },
      firstOrderAt: at('09:00', -690),
    })
  })

  it('heeds the shop’s points', () => {
    const generous = aSettings({ loyalty: { pointsPerUnit: 2.5 } })
    const next = fold(aState(), orderCompleted('o1', 49.9), generous)

    expect('state' in next && next.state.totals.points).toBe(124)
  })
})

describe('an event', () => {
  it('that comes twice is folded once', () => {
    const again = fold(folded(viewed('a', '09:00')), viewed('a', '09:00'), settings)

    expect(again).toEqual({ ignored: 'repeated' })
  })

  it('beyond what one minute may bring is ignored, history is not', () => {
    const many = (set: object) =>
      Array.from({ length: limits.eventsPerMinute + 5 }, (_, index) =>
        orderCompleted(`o${index}`, 1, { at: at('09:00'), messageId: `o${index}`, ...set }),
      )

    expect(folded(...many({})).totals.orderCount).toBe(limits.eventsPerMinute)
    expect(folded(...many({ history: true })).totals.orderCount).toBe(limits.eventsPerMinute + 5)
  })

  it('that cannot be read changes nothing but that she was seen', () => {
    const state = folded(track('Order Completed', { order_id: { id: 1 } }))

    expect({ ...state, applied: [], minute: aState().minute, totals: {} }).toEqual({
      ...aState(),
      totals: {},
    })
    expect(state.totals).toMatchObject({ orderCount: 0, lastSeenAt: at('09:00') })
  })
})

const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 25 })
const product = fc.constantFrom('lamp', 'rug', 'vase', 'desk')
const kind = fc.record({
  name: fc.constantFrom(
    'view',
    'add',
    'remove',
    'cart',
    'order',
    'update',
    'refund',
    'cancel',
    'who',
    'consent',
  ),
  product,
  order: fc.constantFrom('o1', 'o2'),
  amount: fc.integer({ min: 1, max: 500 }),
  text: fc.constantFrom('Rina', 'রিনা', null),
})

type Kind = typeof kind extends fc.Arbitrary<infer T> ? T : never

function eventOf(one: Kind, minute: number): Event {
  const set = { at: plus(at('00:00'), minute * 60_000), messageId: `m${minute}` }
  const line = { product_id: one.product, price: one.amount, category: one.product }
  const order = { order_id: one.order, total: one.amount / 8 }
  const named = { ...order, ...(minute % 3 > 0 && { currency: minute % 3 === 1 ? 'JPY' : 'KWD' }) }
  switch (one.name) {
    case 'view':
      return track('Product Viewed', line, set)
    case 'add':
      return track('Product Added', line, set)
    case 'remove':
      return track('Product Removed', line, set)
    case 'cart':
      return cartUpdated('c1', set, [{ ...lamp, quantity: one.amount }])
    case 'order':
      return track('Order Completed', named, set)
    case 'update':
      return track('Order Updated', named, set)
    case 'refund':
      return track('Order Refunded', order, set)
    case 'cancel':
      return track('Order Cancelled', order, set)
    case 'who':
      return identify({ name: one.text, 'shoe size': one.amount }, set)
    default:
      return track('Consent Given', {}, set)
  }
}

/** What must not depend on the order of arrival; weights are sums of fractions, so almost the same will do. */
const essence = (state: State) => ({
  traits: state.traits,
  totals: state.totals,
  orders: [...state.orders].sort((a, b) => (a.id < b.id ? -1 : 1)),
  cart: cartOf(state.cart),
  recent: state.recent,
  consent: state.consent,
  categories: Object.fromEntries(
    Object.entries(state.categories).map(([name, { weight, at }]) => [name, [Math.round(weight * 1e6), at]]),
  ),
})

describe('the order of arrival', () => {
  it('does not matter, and what is repeated counts once', () => {
    const logs = fc
      .tuple(minutes, fc.array(kind, { minLength: 25, maxLength: 25 }))
      .chain(([times, kinds]) => {
        const taken = new Set<string>()
        const log = times.flatMap((minute, index) => {
          const event = eventOf(kinds[index] ?? kinds[0] ?? never(), minute)
          // A second Order Completed of one id is marked `repeat` at the door and never gets here.
          const order = event.name === 'Order Completed' ? String(event.properties.order_id) : undefined
          if (order !== undefined && taken.has(order)) return []
          if (order !== undefined) taken.add(order)
          return [event]
        })
        return fc.tuple(
          fc.constant(log),
          fc.shuffledSubarray([...log, ...log], { minLength: log.length * 2 }),
        )
      })
    const property = fc.property(logs, ([log, again]) => {
      const inOrder = log.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1))

      expect(essence(folded(...again))).toEqual(essence(folded(...inOrder)))
    })

    fc.assert(property, { numRuns: 300 })
  })
})

function never(): never {
  throw new Error('a kind is missing')
}
