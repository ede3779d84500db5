/**
 * What the three common cases cost in DynamoDB write units, counted at the local runtime's endpoint over the
 * whole way: functions, indexes and transactions included. Counts do not wobble, so they are asserted by
 * `test/acceptance/units.test.ts` and shown by `npm run bench`.
 */
import { shopper } from '#test/acceptance/shopper'
import type { Homeward } from '#test/fixture/runtime'

export interface Units {
  /** A visitor's browse event. */
  'units.browse.visitor': number
  /** A customer's browse event, folded and decided. */
  'units.browse.customer': number
  /** A journey mail, from its alarm to delivered. */
  'units.mail': number
}

/**
 * The most each may cost. A mail costs 27, and two more when SES's notice of it overtakes our own confirm: then
 * both write the row, and which of them is first is chance.
 */
export const reach: Units = { 'units.browse.visitor': 1, 'units.browse.customer': 5, 'units.mail': 29 }

interface Call {
  function: string
  service: string
  writeUnits: number
}

async function unitsOf(homeward: Homeward, act: () => Promise<unknown>): Promise<number> {
  await homeward.advance('2s')
  await homeward.delete('/_local/calls')
  await act()
  await homeward.advance('2s')
  const { body } = await homeward.get('/_local/calls')
  return (body as Call[])
    .filter(({ service, function: by }) => service === 'dynamodb' && by !== 'operator')
    .reduce((sum, { writeUnits }) => sum + writeUnits, 0)
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

/** Counts all three on a running system: an ordinary customer who has looked at twenty products. */
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
  await rina.track('Cart Updated', {
    cart_id: 'bench',
    currency: 'EUR',
    products: [{ ...view(3), quantity: 1 }],
  })
  await homeward.advance('57m')
  const mail = await unitsOf(homeward, () => homeward.advance('5m'))
  return { 'units.browse.visitor': visitor, 'units.browse.customer': customer, 'units.mail': mail }
}
