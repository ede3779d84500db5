/**
 * A good sample person: what a test mail is made of when it is not of a real one. She has everything a mail may
 * show (a cart, orders, points, things she looked at, an answer), in the shop's own currency and with links to
 * its own pages. Used by `flow/send-test.ts`.
 */
import { toMinor } from './currency.ts'
import { derive } from './id.ts'
import type { Item } from './item.ts'
import { entryByEvent, type Journey } from './journey.ts'
import type { Settings } from './settings.ts'
import { newState, type State } from './state.ts'
import { type Instant, plus } from './time.ts'

const day = 86_400_000

const wares = [
  { id: 'linen-throw', name: 'Linen throw', price: 49.5, quantity: 1, category: 'home' },
  { id: 'blue-vase', name: 'Blue vase', price: 20, quantity: 2, category: 'home' },
  { id: 'morning-mug', name: 'Morning mug', price: 18.5, quantity: 1, category: 'kitchen' },
] as const

const total = 89.5

type Ware = (typeof wares)[number]

const pageOf = ({ shop }: Settings, { id }: Ware): string => new URL(`products/${id}`, `${shop.url}/`).href

const itemOf = (settings: Settings, ware: Ware): Item => ({
  id: ware.id,
  name: ware.name,
  url: pageOf(settings, ware),
  priceMinor: toMinor(ware.price, settings.currency),
  currency: settings.currency,
  quantity: ware.quantity,
  category: ware.category,
})

/**
 * The event a run of the journey would have begun with, with all that such events carry; undefined: it begins
 * by date or points.
 */
export function sampleEvent(journey: Journey, settings: Settings) {
  const on = entryByEvent(journey.enter)?.on
  const name = Array.isArray(on) ? on[0] : on
  if (name === undefined) return undefined
  const products = wares.slice(0, 2).map((ware) => ({
    product_id: ware.id,
    name: ware.name,
    price: ware.price,
    quantity: ware.quantity,
    category: ware.category,
    url: pageOf(settings, ware),
  }))
  const { quantity: _, ...product } = products[0] ?? {}
  const { currency } = settings
  const properties = { cart_id: 'sample', order_id: '10042', total, currency, ...product, products }
  return { name, properties }
}

/** Her state: as of `now`, in the language of `locale`. */
export function sampleState(settings: Settings, of: { locale: string; now: Instant }): State {
  const { locale, now } = of
  const { currency, shop } = settings
  const customerId = derive('c', 'a sample person')
  const trait = (value: unknown) => ({ value, at: plus(now, -90 * day) })
  const [first, second, third] = wares.map((ware) => itemOf(settings, ware))
  const cart = [first, second].flatMap((item) => item ?? [])
  const totalMinor = toMinor(total, currency)
  const orderedAt = plus(now, -3 * day)
  return {
    ...newState(customerId, now),
    traits: {
      firstName: trait('Mia'),
      lastName: trait('Sample'),
      locale: trait(locale),
      timezone: trait(settings.timeZone),
      birthday: trait(now.slice(0, 10)),
      interests: trait(['home', 'kitchen']),
    },
    totals: {
      orderCount: 3,
      paidMinor: { [currency]: 3 * totalMinor },
      points: 640,
      firstOrderAt: plus(now, -80 * day),
      lastOrderAt: orderedAt,
      lastSeenAt: now,
      since: plus(now, -90 * day),
    },
    orders: [
      {
        ...{ id: '10042', at: orderedAt, totalAt: orderedAt, currency, totalMinor },
        ...{ refundedMinor: 0, cancelled: false, points: 89 },
      },
    ],
    categories: { home: { weight: 4, at: now }, kitchen: { weight: 1, at: now } },
    cart: {
      snapshot: {
        ...{ id: 'sample', currency, totalMinor, items: cart, at: now },
        ...(shop.cartUrl !== undefined && { url: shop.cartUrl }),
      },
      deltas: [],
    },
    recent: [third, second].flatMap((item) => (item === undefined ? [] : [{ item, at: now }])),
    answer: { survey: 'nps', score: 4, at: now, comment: 'The vase came with a crack.' },
  }
}
