/**
 * The cart: a snapshot (Cart Updated) and the single changes after it (Product Added / Removed). Whatever
 * order they arrive in, the cart is the latest snapshot with the later changes done in the order they were
 * made; a completed order empties what is older than it.
 */
import { type Cart, type Item, pricedTotal } from './item.ts'
import { limits } from './limits.ts'
import type { CartLog } from './state.ts'
import type { Instant } from './time.ts'

/** The id of a cart whose shop gives none, or not yet. */
export const unnamed = 'cart'

type Delta = CartLog['deltas'][number]

const byTime = (a: Delta, b: Delta) => (a.at === b.at ? (a.key < b.key ? -1 : 1) : a.at < b.at ? -1 : 1)

/**
 * The line that a change is about: of the same product and variant, and of no other article number. One that names
 * the very number comes first; where either names none, the product and its variant are all there is to go by.
 */
function lineOf(items: readonly Item[], item: Item): number {
  const isOfIt = (one: Item) => one.id === item.id && one.variant === item.variant
  const exact = items.findIndex((one) => isOfIt(one) && one.sku === item.sku)
  if (exact >= 0) return exact
  return items.findIndex((one) => isOfIt(one) && (one.sku === undefined || item.sku === undefined))
}

/** Applies one change to the items of a cart. */
function withDelta(items: readonly Item[], { change, item }: Delta): Item[] {
  const index = lineOf(items, item)
  const before = items[index]
  if (before === undefined)
    return change === 'added' && item.quantity > 0 ? [...items, item].slice(0, limits.cartItems) : [...items]
  const quantity = before.quantity + (change === 'added' ? item.quantity : -item.quantity)
  const changed = { ...before, ...item, quantity }
  return quantity > 0 ? items.with(index, changed) : items.toSpliced(index, 1)
}

/** What is in the cart; undefined: no cart was ever heard of, or an order emptied it. */
export function cartOf(log: CartLog): Cart | undefined {
  const since = log.emptiedAt ?? ''
  const snapshot = log.snapshot !== undefined && log.snapshot.at > since ? log.snapshot : undefined
  const from = snapshot?.at ?? since
  const deltas = log.deltas.filter((delta) => delta.at > from).sort(byTime)
  if (snapshot === undefined && deltas.length === 0) return undefined
  let cart: Cart = snapshot ?? {
    id: unnamed,
    currency: deltas[0]?.item.currency ?? '',
    items: [],
  }
  for (const delta of deltas) {
    const another = delta.cartId !== undefined && delta.cartId !== cart.id
    const kept = another && cart.id !== unnamed ? [] : cart.items
    const items = withDelta(kept, delta)
    // What the shop said the cart was worth, it said of the cart before this change.
    const { totalMinor: _, ...rest } = cart
    cart = { ...rest, id: delta.cartId ?? cart.id, ...pricedTotal(items), items }
  }
  return cart
}

/** The log with a whole cart; an older one than is known changes nothing. */
export function withSnapshot(log: CartLog, cart: Cart, at: Instant): CartLog {
  if (log.snapshot !== undefined && log.snapshot.at > at) return log
  return trimmed({ ...log, snapshot: { ...cart, at } })
}

/** The log with one change; the same change again is the same change. */
export const withChange = (log: CartLog, delta: Delta): CartLog =>
  trimmed({ ...log, deltas: [...log.deltas.filter(({ key }) => key !== delta.key), delta] })

/** The log after an order at `at`. */
export const emptied = (log: CartLog, at: Instant): CartLog =>
  log.emptiedAt !== undefined && log.emptiedAt >= at ? log : trimmed({ ...log, emptiedAt: at })

/** Drops what can no longer matter; folds the oldest changes into the snapshot when there are too many. */
export function trimmed({ snapshot, ...log }: CartLog): CartLog {
  const kept = snapshot !== undefined && snapshot.at > (log.emptiedAt ?? '') ? { snapshot } : {}
  const from = kept.snapshot?.at ?? log.emptiedAt ?? ''
  const deltas = log.deltas.filter((delta) => delta.at > from).sort(byTime)
  let excess = deltas.length - limits.cartDeltas
  if (excess <= 0) return { ...log, ...kept, deltas }
  // What was changed at one instant stays together: a snapshot ends all that is not later than it.
  while (deltas[excess] !== undefined && deltas[excess]?.at === deltas[excess - 1]?.at) excess += 1
  const early = deltas.slice(0, excess)
  const cart = cartOf({ ...log, ...kept, deltas: early })
  const at = early.at(-1)?.at
  if (cart === undefined || at === undefined) return { ...log, ...kept, deltas }
  return { ...log, snapshot: { ...cart, at }, deltas: deltas.slice(excess) }
}
