/**
 * A customer of a story, acting as a shop's server reports her: identified, consenting (unless told not to),
 * filling carts and ordering. Each story has its own, so that one running system serves a whole file.
 */
import { randomUUID } from 'node:crypto'
import type { Homeward } from '#test/fixture/runtime'

export interface Product {
  product_id: string
  name: string
  price: number
  quantity?: number
  category?: string
  url?: string
  image_url?: string
}

export const loom: Product = {
  product_id: 'loom',
  name: 'Linen throw',
  price: 49.5,
  category: 'home',
  url: 'https://shop.example/loom',
}
export const vase: Product = {
  product_id: 'vase',
  name: 'Blue vase',
  price: 20,
  category: 'home',
  url: 'https://shop.example/vase',
}

export interface Shopper {
  userId: string
  email: string
  /** Sends an event of hers with the server key, as of now unless `timestamp` says otherwise. */
  track(event: string, properties?: Record<string, unknown>, more?: Record<string, unknown>): Promise<void>
  identify(traits: Record<string, unknown>): Promise<void>
  consents(topics?: string[]): Promise<void>
  fillsCart(products?: Product[], cart?: { id?: string; currency?: string }): Promise<void>
  orders(orderId?: string, more?: Record<string, unknown>): Promise<void>
  /** Journey and step of the mails she got, oldest first. */
  got(): Promise<string[]>
  /** Outcome and reason code of what was decided about her, e.g. `held cap`. */
  reasons(): string[]
}

let count = 0

/** A new customer; `traits` are merged over a first name, an address, a zone (UTC) and a locale (en). */
export async function shopper(
  homeward: Homeward,
  traits: Record<string, unknown> = {},
  options: { consent?: boolean } = {},
): Promise<Shopper> {
  count += 1
  const userId = `user-${count}-${randomUUID().slice(0, 8)}`
  const email = typeof traits.email === 'string' ? traits.email : `${userId}@shoppers.example`
  let customerId = ''
  const said = async (call: string, body: Record<string, unknown>) =>
    homeward.say(call, { userId, messageId: randomUUID(), ...body })
  const her: Shopper = {
    userId,
    email,
    track: async (event, properties = {}, more = {}) => said('track', { event, properties, ...more }),
    identify: async (given) => said('identify', { traits: given }),
    consents: async (topics) => her.track('Consent Given', topics === undefined ? {} : { topics }),
    fillsCart: async (products = [loom], cart = {}) =>
      her.track('Cart Updated', {
        cart_id: cart.id ?? `cart-${userId}`,
        currency: cart.currency ?? 'EUR',
        url: 'https://shop.example/cart',
        products: products.map((product) => ({ quantity: 1, ...product })),
      }),
    orders: async (orderId = `order-${randomUUID().slice(0, 8)}`, more = {}) =>
      her.track('Order Completed', {
        order_id: orderId,
        total: 49.5,
        currency: 'EUR',
        products: [{ ...loom, quantity: 1 }],
        ...more,
      }),
    got: async () => (await homeward.inbox(email)).map(({ journey, step }) => `${journey}/${step}`),
    reasons: () => homeward.decisions(customerId).map(({ outcome, reason }) => `${outcome} ${reason.code}`),
  }
  await her.identify({ firstName: 'Rina', timezone: 'UTC', locale: 'en', ...traits, email })
  if (options.consent !== false) await her.consents()
  const known = await settledCustomer(homeward, email)
  customerId = known
  return her
}

/** Lets the clock settle without moving it, and answers her id. */
async function settledCustomer(homeward: Homeward, email: string): Promise<string> {
  await homeward.advance('1s')
  const customer = await homeward.customer(email)
  if (customer === undefined) throw new Error(`${email} is not known after identify`)
  return customer.customerId
}

/** On to the next time the clocks of UTC show `hour`, e.g. `09:00`. */
export async function nextAt(homeward: Homeward, hour: string): Promise<void> {
  const now = await homeward.now()
  const at = `${now.slice(0, 10)}T${hour}:00.000Z`
  await homeward.advance({ to: at > now ? at : new Date(Date.parse(at) + 86_400_000).toISOString() })
}
