/**
 * Customers who shop at a running system and note what it answered 200 to: only that counts as accepted. Each
 * says who she is, that mail is welcome, what she looks at and what is in her cart; some order.
 */
import { randomUUID } from 'node:crypto'
import type { Homeward } from '#test/fixture/runtime'

export interface Ledger {
  /** Ids of accepted events. */
  events: Set<string>
  /** Addresses of those whose consent and cart were accepted and who ordered nothing. */
  reminded: Set<string>
}

export const newLedger = (): Ledger => ({ events: new Set(), reminded: new Set() })

const product = (number: number) => ({
  product_id: `sku-${number}`,
  name: `Linen “throw” №${number} <b>🧵</b>`,
  price: 10 + (number % 40),
  currency: 'EUR',
  category: 'home',
  url: `https://shop.example/products/${number}`,
  quantity: 1,
})

/** The events of one visit, in their order. */
export function visitOf(name: string, orders: boolean): { call: string; body: Record<string, unknown> }[] {
  const email = `${name}@shoppers.example`
  const of = (call: string, body: Record<string, unknown>) => ({
    call,
    body: { userId: name, messageId: randomUUID(), ...body },
  })
  const cart = { cart_id: `cart-${name}`, currency: 'EUR', url: 'https://shop.example/cart' }
  const order = { order_id: `order-${name}`, total: 20, currency: 'EUR', products: [product(2)] }
  return [
    of('identify', { traits: { email, firstName: 'রিনা', timezone: 'UTC', locale: 'en' } }),
    of('track', { event: 'Consent Given' }),
    of('track', { event: 'Product Viewed', properties: product(1) }),
    of('track', { event: 'Product Viewed', properties: product(2) }),
    of('track', { event: 'Cart Updated', properties: { ...cart, products: [product(2)] } }),
    ...(orders ? [of('track', { event: 'Order Completed', properties: order })] : []),
  ]
}

/** One customer's visit, event after event; answers false as soon as one is not accepted. */
export async function shop(
  homeward: Homeward,
  ledger: Ledger,
  name: string,
  orders = false,
): Promise<boolean> {
  for (const { call, body } of visitOf(name, orders)) {
    const status = await homeward
      .post(`/v1/${call}`, body, { key: homeward.keys.server })
      .then((answer) => answer.status)
      .catch(() => 0)
    if (status !== 200) return false
    ledger.events.add(String(body.messageId))
  }
  if (!orders) ledger.reminded.add(`${name}@shoppers.example`)
  return true
}
