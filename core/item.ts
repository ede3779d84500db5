/**
 * A product as a line of a cart or an order, and the cart itself, as they are stored. Prices are minor units
 * of the line's own currency. `core/fact.ts` reads them out of events, `core/cart.ts` keeps the cart.
 */
import * as z from 'zod'

export const Item = z.object({
  id: z.string(),
  sku: z.string().optional(),
  name: z.string().optional(),
  url: z.string().optional(),
  image: z.string().optional(),
  priceMinor: z.number().optional(),
  currency: z.string(),
  quantity: z.number(),
  category: z.string().optional(),
  brand: z.string().optional(),
  variant: z.string().optional(),
  /** A film of it. */
  video: z.string().optional(),
  /** What it cost before. */
  comparePriceMinor: z.number().optional(),
  /** Stars that customers gave it, 0 to 5. */
  rating: z.number().optional(),
})
export type Item = z.infer<typeof Item>

export const Cart = z.object({
  id: z.string(),
  currency: z.string(),
  url: z.string().optional(),
  /** What the shop says the cart is worth, else the sum of its items; absent where one of them has no price. */
  totalMinor: z.number().optional(),
  items: z.array(Item),
})
export type Cart = z.infer<typeof Cart>

/** What items cost together, in minor units; one without a price counts nothing. */
export const itemsTotalMinor = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + (item.priceMinor ?? 0) * item.quantity, 0)

/** What a cart of such items is worth; nothing where a price is missing, as she would take the sum for the whole. */
export const pricedTotal = (items: readonly Item[]): { totalMinor?: number } =>
  items.every(({ priceMinor }) => priceMinor !== undefined) ? { totalMinor: itemsTotalMinor(items) } : {}
