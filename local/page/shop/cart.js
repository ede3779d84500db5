/**
 * The cart: what is in it, and the events it makes. The shop's server keeps it, so that it is there on reload;
 * each change is told as one thing added or removed and as the whole cart.
 */
import { byProductId, toProduct } from './catalog.js'
import { decoded } from './place.js'
import { cartState, keepCart } from './session.js'

const MOST_OF_ONE = 99

export const currency = () => cartState().currency

/** `[{ product, quantity }]` in the order they were put in. */
export const lines = () =>
  Object.entries(cartState().lines)
    .map(([id, quantity]) => ({ product: byProductId(id), quantity }))
    .filter(({ product }) => product !== undefined)

export const pieces = () => lines().reduce((sum, { quantity }) => sum + quantity, 0)
const sum = (list) =>
  Math.round(
    list.reduce((all, { product, quantity }) => all + product.price[currency()] * quantity, 0) * 100,
  ) / 100

/** What it all costs, in major units. */
export const total = () => sum(lines())

/** The whole cart as the spec says it. */
export const spec = () => ({
  cart_id: cartState().id,
  currency: currency(),
  value: total(),
  url: `${location.origin}/shop/cart`,
  products: lines().map(({ product, quantity }) => toProduct(product, { currency: currency(), quantity })),
})

const one = (product, quantity) => ({
  cart_id: cartState().id,
  ...toProduct(product, { currency: currency(), quantity }),
})

/** So many of `product`; none takes it out. Answers how many there were. */
export async function setQuantity(product, wanted) {
  const before = cartState().lines[product.id] ?? 0
  const quantity = Math.max(0, Math.min(wanted, MOST_OF_ONE))
  if (quantity === before) return before
  const held = { ...cartState().lines, [product.id]: quantity }
  if (quantity === 0) delete held[product.id]
  const name = quantity > before ? 'Product Added' : 'Product Removed'
  await keepCart({ lines: held, currency: currency() }, () => [
    [name, one(product, Math.abs(quantity - before))],
    ['Cart Updated', spec()],
  ])
  return before
}

export const quantityOf = (product) => cartState().lines[product.id] ?? 0

/** Puts in what a link names, `id:quantity,id:quantity`; what is there already stays. */
export async function restore(items) {
  const named = items.split(',').map((item) => item.split(':'))
  const wanted = named.flatMap(([id, quantity]) => {
    const product = byProductId(decoded(id ?? ''))
    const whole = Math.min(Math.trunc(Number(quantity ?? 1)), MOST_OF_ONE)
    return product === undefined || !(whole > 0) ? [] : [[product.id, whole]]
  })
  if (wanted.length === 0) return
  const held = { ...cartState().lines, ...Object.fromEntries(wanted) }
  await keepCart({ lines: held, currency: currency() }, () => [['Cart Updated', spec()]])
}

/** Prices in another currency from now on. */
export const useCurrency = (money) =>
  keepCart({ lines: cartState().lines, currency: money }, () =>
    pieces() > 0 ? [['Cart Updated', spec()]] : [],
  )
