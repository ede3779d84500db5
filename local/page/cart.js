/**
 * The cart at this browser: what is in it, and the events it makes. Each change tells the whole cart as
 * `Cart Updated`; an order is said by the server, and ends the cart: the next one has a new id.
 */
import { byProductId, toProduct } from './catalog.js'
import { person } from './person.js'
import { asServer, deviceId, track } from './tracker.js'

const stored = 'homeward.cart'
const MOST_OF_ONE = 99

const fresh = (currency) => ({ id: `cart-${crypto.randomUUID().slice(0, 8)}`, currency, lines: {} })
const state = { cart: fresh('EUR') }

/** Brings back the cart of this browser. */
export function restoreCart() {
  try {
    const kept = JSON.parse(localStorage.getItem(stored))
    if (kept?.id && kept.lines && ['EUR', 'BDT'].includes(kept.currency)) state.cart = kept
  } catch {
    localStorage.removeItem(stored)
  }
}

const keep = () => localStorage.setItem(stored, JSON.stringify(state.cart))

/** `[{ product, quantity }]` in the order they were put in. */
export const lines = () =>
  Object.entries(state.cart.lines)
    .map(([id, quantity]) => ({ product: byProductId(id), quantity }))
    .filter(({ product }) => product !== undefined)

export const currency = () => state.cart.currency
export const pieces = () => lines().reduce((sum, { quantity }) => sum + quantity, 0)

/** What it all costs, in major units. */
export const total = () =>
  Math.round(
    lines().reduce((sum, { product, quantity }) => sum + product.price[currency()] * quantity, 0) * 100,
  ) / 100

const spec = () =>
  lines().map(({ product, quantity }) => toProduct(product, { currency: currency(), quantity }))

const updated = () =>
  track('Cart Updated', {
    cart_id: state.cart.id,
    currency: currency(),
    value: total(),
    url: `${location.origin}/#cart`,
    products: spec(),
  })

/** One more of `product`: Product Added, then the whole cart. */
export async function add(product) {
  const { lines: held } = state.cart
  held[product.id] = Math.min((held[product.id] ?? 0) + 1, MOST_OF_ONE)
  keep()
  const one = toProduct(product, { currency: currency(), quantity: 1 })
  await Promise.all([track('Product Added', { cart_id: state.cart.id, ...one }), updated()])
}

/** So many of `product`; none takes it out. */
export async function setQuantity(product, quantity) {
  if (quantity <= 0) delete state.cart.lines[product.id]
  else state.cart.lines[product.id] = Math.min(quantity, MOST_OF_ONE)
  keep()
  await updated()
}

/** Takes everything out; the cart keeps its id. */
export async function clear() {
  state.cart.lines = {}
  keep()
  await updated()
}

/** Prices in another currency from now on. */
export async function useCurrency(name) {
  state.cart.currency = name
  keep()
  if (pieces() > 0) await updated()
}

/** A new cart, without a word to anybody: for a new visitor. */
export function newCart() {
  state.cart = fresh(currency())
  keep()
}

/** Orders what is in the cart, as the shop's server says it; answers the order's id. */
export async function order() {
  const orderId = `order-${crypto.randomUUID().slice(0, 8)}`
  const who = person() === undefined ? {} : { userId: person().userId }
  const properties = {
    order_id: orderId,
    cart_id: state.cart.id,
    currency: currency(),
    total: total(),
    products: spec(),
  }
  await asServer('track', { ...who, anonymousId: await deviceId(), event: 'Order Completed', properties })
  newCart()
  return orderId
}
