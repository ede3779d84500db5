/**
 * What the common cases cost in DynamoDB units, writes (`units.`) and reads (`reads.`), counted at the local runtime's endpoint over the
 * whole way: functions, indexes and transactions included. Counts do not wobble, so they are asserted by
 * `test/acceptance/units.test.ts` and shown by `npm run bench`; `npm run cost` reckons with them.
 */
import { counted } from '#core/cost/usage'
import { shopper } from '#test/acceptance/shopper'
import type { Homeward } from '#test/fixture/runtime'

/** A visitor's browse event, a customer's, a cart that begins a journey, its mail, a click in it, an order with its thanks. */
type Case = 'browse.visitor' | 'browse.customer' | 'cart' | 'mail' | 'click' | 'order'
export type Units = Record<`${'units' | 'reads'}.${Case}`, number>

const unitsAs = (each: Record<Case, { writes: number; reads: number }>): Units => {
  const pairs = Object.entries(each).flatMap(([name, { writes, reads }]) => [
    [`units.${name}`, writes],
    [`reads.${name}`, reads],
  ])
  // fromEntries forgets the keys; they are made of the record's.
  return Object.fromEntries(pairs) as Units
}

/**
 * The most each may cost. A mail costs 27, and two more when SES's notice of it overtakes our own confirm: then
 * both write the row, and which of them is first is chance.
 */
export const reach: Units = unitsAs({
  'browse.visitor': counted.visitorEvent,
  'browse.customer': counted.customerEvent,
  cart: counted.cart,
  mail: counted.mail,
  click: counted.click,
  order: counted.order,
})

interface Call {
  function: string
  service: string
  writeUnits: number
  readUnits: number
}

async function unitsOf(homeward: Homeward, act: () => Promise<unknown>) {
  await homeward.advance('2s')
  await homeward.delete('/_local/calls')
  await act()
  await homeward.advance('2s')
  const { body } = await homeward.get('/_local/calls')
  const calls = (body as Call[]).filter(
    ({ service, function: by }) => service === 'dynamodb' && by !== 'operator',
  )
  const sum = (of: 'writeUnits' | 'readUnits') => calls.reduce((total, call) => total + call[of], 0)
  return { writes: sum('writeUnits'), reads: sum('readUnits') }
}

const view = (number: number) => ({
  product_id: `sku-${number}`,
  name: `A product with a name of usual length, number ${number}`,
  price: 10 + number,
  currency: 'EUR',
  category: ['home', 'garden', 'kitchen'][number % 3],
  brand: 'Meadow & Loom',
  url: `https://shop.example/products/a-product-with-a-name-${number}`,
  image_url: `https://shop.example/pictures/a-product-with-a-name-${number}.jpg`,
})

/** The path of a click link in the last mail to an address. */
async function lastLink(homeward: Homeward, email: string): Promise<string> {
  const head = (await homeward.inbox(email)).at(-1)
  const { html } = await homeward.mail(head?.id ?? '')
  const [, path] = /https?:\/\/[^"/]+(\/c\/[\w.-]+)/.exec(html) ?? []
  if (path === undefined) throw new Error('the last mail has no link that is counted')
  return path
}

/** Counts all of them on a running system: an ordinary customer who has looked at twenty products. */
export async function countUnits(homeward: Homeward): Promise<Units> {
  const viewed = (number: number) => ({ event: 'Product Viewed', properties: view(number) })
  const visitor = await unitsOf(homeward, () =>
    homeward.post('/v1/track', {
      writeKey: homeward.keys.browser,
      anonymousId: 'bench-visitor',
      ...viewed(1),
    }),
  )
  const rina = await shopper(homeward)
  for (let number = 0; number < 20; number += 1) await rina.track('Product Viewed', view(number))
  await homeward.advance('10m')
  const customer = await unitsOf(homeward, () => rina.track('Product Viewed', view(21)))
  const products = [{ ...view(3), quantity: 1 }]
  const cart = await unitsOf(homeward, () =>
    rina.track('Cart Updated', { cart_id: 'bench', currency: 'EUR', products }),
  )
  await homeward.advance('57m')
  const mail = await unitsOf(homeward, () => homeward.advance('5m'))
  const link = await lastLink(homeward, rina.email)
  // A click this soon after delivery would be a machine's.
  await homeward.advance('10m')
  const click = await unitsOf(homeward, () => homeward.get(link))
  const order = await unitsOf(homeward, () => rina.orders('bench-order'))
  return unitsAs({ 'browse.visitor': visitor, 'browse.customer': customer, cart, mail, click, order })
}
