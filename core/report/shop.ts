/**
 * Figures of the shop as a whole, counted over its customers' states: carts left, carts reminded and recovered,
 * customers who came back. Like all counts they can be taken page by page and added. What each means, and whose
 * definition it is, stands in `docs/report.md`. `flow/report.ts` walks the customers once a day.
 */
import * as z from 'zod'
import { limits } from '#core/limits'
import type { State } from '#core/state'
import { Instant, plus } from '#core/time'

export const ShopFigures = z.object({
  /** As of then; carts begun in the `limits.cartReportDays` before the last 24 hours. */
  at: Instant,
  cartsBegun: z.number(),
  /** Of them, ordered within 24 hours. */
  cartsOrdered: z.number(),
  /** Of them, a mail about the cart went out. */
  cartsReminded: z.number(),
  /** Of those, ordered after she clicked in such a mail herself. */
  cartsRecovered: z.number(),
  /** Customers with at least one order that was not cancelled, and with at least two. */
  buyers: z.number(),
  repeatBuyers: z.number(),
})
export type ShopFigures = z.infer<typeof ShopFigures>

export const noShopFigures = (at: Instant): ShopFigures => ({
  at,
  cartsBegun: 0,
  cartsOrdered: 0,
  cartsReminded: 0,
  cartsRecovered: 0,
  buyers: 0,
  repeatBuyers: 0,
})

const dayMs = 86_400_000

/** A cart is left when it was not ordered within this time of its first product. */
const leftAfterMs = dayMs

/** The figures with one more customer; who was absorbed by another counts there. */
export function withCustomer(figures: ShopFigures, state: State): ShopFigures {
  if (state.movedTo !== undefined) return figures
  const to = plus(figures.at, -leftAfterMs)
  const from = plus(to, -limits.cartReportDays * dayMs)
  const carts = (state.carts ?? []).filter(({ at }) => at > from && at <= to)
  const ordered = carts.filter(
    ({ at, orderedAt }) => orderedAt !== undefined && orderedAt <= plus(at, leftAfterMs),
  )
  const reminded = carts.filter(({ remindedBy }) => remindedBy !== undefined)
  const thanked = new Set(state.orders.flatMap(({ after }) => after?.messageId ?? []))
  const recovered = reminded.filter(({ remindedBy = [] }) => remindedBy.some((mail) => thanked.has(mail)))
  const { orderCount } = state.totals
  return {
    ...figures,
    cartsBegun: figures.cartsBegun + carts.length,
    cartsOrdered: figures.cartsOrdered + ordered.length,
    cartsReminded: figures.cartsReminded + reminded.length,
    cartsRecovered: figures.cartsRecovered + recovered.length,
    buyers: figures.buyers + (orderCount >= 1 ? 1 : 0),
    repeatBuyers: figures.repeatBuyers + (orderCount >= 2 ? 1 : 0),
  }
}

/** A share; undefined of nothing. */
export const shareOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : part / whole
