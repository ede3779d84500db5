/**
 * The shop's page that a cart is opened on again: its own cart page filled with the items, without a login and
 * without anything personal; else whatever page of the shop comes nearest. See `flow/track-restore.ts`.
 */
import { safeUrl } from './fact.ts'
import type { Cart } from './item.ts'
import type { Settings } from './settings.ts'

const mark = /\{items\}|%7Bitems%7D/gi

/** An id within the list: what separates is written as the shop's page gets it back by decoding twice. */
const listed = (id: string): string => id.replace(/[%,:]/g, encodeURIComponent)

/**
 * Where a cart opens again: `shop.restoreUrl` with its items as `id:quantity,id:quantity`, as many as a URL
 * holds; where the shop has no such page or the cart is gone, the cart's page, else the shop.
 * @example restoreUrl({ url: 'https://shop.example/' }, undefined) // 'https://shop.example/'
 */
export function restoreUrl(
  shop: Pick<Settings['shop'], 'url' | 'cartUrl' | 'restoreUrl'>,
  cart: Pick<Cart, 'items' | 'url'> | undefined,
): string {
  const plain = shop.cartUrl ?? shop.url
  if (cart === undefined || cart.items.length === 0) return plain
  if (shop.restoreUrl === undefined) return safeUrl(cart.url) ?? plain
  const items = cart.items.map(({ id, quantity }) => `${listed(id)}:${quantity}`)
  for (let count = items.length; count > 0; count -= 1) {
    const list = encodeURIComponent(items.slice(0, count).join(','))
    const url = safeUrl(shop.restoreUrl.replace(mark, () => list))
    if (url !== undefined) return url
  }
  return plain
}
