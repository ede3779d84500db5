/**
 * What one person of the sample year does of her own accord: she joins, says yes or no, comes by, looks, fills
 * a cart, buys or leaves, sends something back. Everything is a call of the Segment specification with the
 * instant it is made at. What she does about mails is in `reader.ts`.
 */
import { catalog, type Product, specOf } from '#local/shop/catalog'
import type { Person } from './people.ts'
import type { Chance } from './random.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

export interface Said {
  atMs: number
  type: 'identify' | 'track'
  source: 'server' | 'browser'
  body: Record<string, unknown>
}

interface Life {
  person: Person
  chance: Chance
  /** The year's end. */
  nowMs: number
  /** Where the shop runs. */
  url: string
}

const track = (
  { person }: Life,
  atMs: number,
  of: { event: string; source: 'server' | 'browser'; properties: object },
): Said => {
  const { userId, anonymousId } = person
  const who = of.source === 'server' ? { userId, anonymousId } : { anonymousId }
  return {
    atMs,
    type: 'track',
    source: of.source,
    body: { ...who, event: of.event, properties: of.properties },
  }
}

function joining(life: Life, atMs: number): Said[] {
  const { person } = life
  const { userId, anonymousId, email, firstName, lastName, locale, timeZone, birthday, consent } = person
  const names = { firstName, lastName, name: `${firstName} ${lastName}` }
  const traits = { email, ...names, locale, timezone: timeZone, ...(birthday && { birthday }) }
  const said: Said[] = [{ atMs, type: 'identify', source: 'server', body: { userId, anonymousId, traits } }]
  if (consent === 'none') return said
  const properties = {
    source: 'sign-up form',
    text: catalog.consent[locale.startsWith('bn') ? 'bn' : 'en'],
    ...(consent === 'reminders' && { topics: ['reminders'] }),
  }
  said.push(track(life, atMs + MINUTE_MS, { event: 'Consent Given', source: 'server', properties }))
  return said
}

export interface Basket {
  id: string
  lines: { product: Product; quantity: number }[]
}

/** The spec's words for what is in a basket. */
export function basketSpec({ person: { currency }, url }: Pick<Life, 'person' | 'url'>, basket: Basket) {
  const products = basket.lines.map(({ product, quantity }) => specOf(product, { currency, quantity, url }))
  const value = products.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  return { cart_id: basket.id, currency, value: Math.round(value * 100) / 100, products }
}

/** She orders what is in a basket; now and then she sends it back. */
export function ordering(life: Life, basket: Basket, atMs: number): Said[] {
  const { value: total, ...rest } = basketSpec(life, basket)
  const order_id = `order-of-${basket.id}`
  const said = [
    track(life, atMs, {
      event: 'Order Completed',
      source: 'server',
      properties: { order_id, total, ...rest },
    }),
  ]
  const backMs = atMs + life.chance.whole(4, 20) * DAY_MS
  if (life.chance.happens(0.06) && backMs < life.nowMs)
    said.push(
      track(life, backMs, {
        event: 'Order Refunded',
        source: 'server',
        properties: { order_id, total, currency: rest.currency },
      }),
    )
  return said
}

function visit(life: Life, number: number, atMs: number): Said[] {
  const { person, chance, url } = life
  const { currency } = person
  const looked = chance.some(catalog.products, chance.whole(1, 3))
  const said = looked.map((product, index) =>
    track(life, atMs + index * 2 * MINUTE_MS, {
      event: 'Product Viewed',
      source: 'browser',
      properties: { ...specOf(product, { currency, quantity: 1, url }), currency },
    }),
  )
  if (!chance.happens(0.5)) return said
  const lines = looked
    .slice(0, chance.whole(1, 2))
    .map((product) => ({ product, quantity: chance.whole(1, 2) }))
  const basket = { id: `cart-${person.userId}-${number}`, lines }
  const leftMs = atMs + 10 * MINUTE_MS
  said.push(
    track(life, leftMs, {
      event: 'Cart Updated',
      source: 'browser',
      properties: { ...basketSpec(life, basket), url: `${url}/shop/cart` },
    }),
  )
  if (!chance.happens(person.buys)) return said
  said.push(
    track(life, leftMs + 4 * MINUTE_MS, {
      event: 'Checkout Started',
      source: 'browser',
      properties: basketSpec(life, basket),
    }),
    ...ordering(life, basket, leftMs + 12 * MINUTE_MS),
  )
  return said
}

/** All she does of herself until the year ends. */
export function habitsOf(life: Life): Said[] {
  const { person, chance, nowMs } = life
  const joinedMs = nowMs - person.joinedDaysAgo * DAY_MS + chance.whole(0, DAY_MS / 2)
  const days = (nowMs - joinedMs) / DAY_MS
  const visits = Math.max(1, Math.round((person.visits * days) / 365))
  const said = joining(life, joinedMs)
  for (let number = 0; number < visits; number += 1) {
    const atMs = joinedMs + 5 * MINUTE_MS + Math.floor(chance.next() * (nowMs - joinedMs))
    said.push(...visit(life, number, atMs))
  }
  if (person.withdraws && person.consent !== 'none') {
    const atMs = joinedMs + Math.floor(chance.next() * (nowMs - joinedMs))
    const properties = { source: 'account page' }
    said.push(track(life, atMs, { event: 'Consent Withdrawn', source: 'server', properties }))
  }
  // The last hour stays quiet: what happens then is whoever sits at the page.
  return said.filter(({ atMs }) => atMs < nowMs - 60 * MINUTE_MS)
}
