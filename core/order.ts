/**
 * Orders and what they add up to: count, money paid by currency, loyalty points. Each remembered order
 * contributes what is known of it now; a later fact takes the old contribution out and puts the new one in,
 * so completed, updated, refunded and cancelled may come in any order and twice. What names no currency is in
 * the order's own, whenever that is told; in the shop's where nobody names one.
 */
import { roundMajor, toMajor, toMinor } from './currency.ts'
import type { Fact, OrderFact } from './fact.ts'
import { shortHash } from './id.ts'
import { limits } from './limits.ts'
import type { Order, State } from './state.ts'
import type { Instant } from './time.ts'

type Change = Extract<Fact, { kind: 'order' }>['change']

/** Refunded without an amount: all of it, whatever the order was worth. */
const allOfIt = Number.MAX_SAFE_INTEGER

/** What an order brings now: nothing until it is known to be completed, nor once it was cancelled. */
export function paidMinor(order: Order): number {
  if (order.at === undefined || order.cancelled) return 0
  const { currency, totalMinor = 0, refundedMinor, refundedMajor = 0 } = order
  return Math.max(0, totalMinor - refundedMinor - toMinor(refundedMajor, currency))
}

const counts = (order: Order): number => (order.at === undefined || order.cancelled ? 0 : 1)

/** A total in major units, as it was said; undefined where none was. */
function majorOf(of: Pick<Order, 'currency' | 'totalMinor' | 'totalMajor'>): number | undefined {
  const { currency, totalMinor, totalMajor } = of
  return totalMajor ?? (totalMinor === undefined ? undefined : toMajor(totalMinor, currency))
}

/** An order of which this total is known, in its own currency. */
function withTotal(order: Order, major: number): Order {
  const { totalMajor: _, ...rest } = order
  const totalMinor = toMinor(major, order.currency)
  const isWhole = toMajor(totalMinor, order.currency) === major
  return { ...rest, totalMinor, ...(!isWhole && { totalMajor: major }) }
}

/** The later total of two; of two said at one instant the greater stands. */
function laterTotal(order: Order, said: number, at: Instant): Order {
  const { totalAt } = order
  const isLater = totalAt === undefined || at > totalAt || (at === totalAt && said > (majorOf(order) ?? 0))
  return isLater ? withTotal({ ...order, totalAt: at }, said) : order
}

/** The order in this currency: its total stays the number that was said. */
function inCurrency(order: Order, { currency, currencyAt }: Pick<Order, 'currency' | 'currencyAt'>): Order {
  const major = majorOf(order)
  const renamed = { ...order, currency, ...(currencyAt !== undefined && { currencyAt }) }
  return major === undefined ? renamed : withTotal(renamed, major)
}

/** Whether `b` is the stronger word on the currency: named, then later, then the greater. */
function namesBetter(a: Order, b: Pick<Order, 'currency' | 'currencyAt' | 'totalAt'>): boolean {
  const [one, other] = [a.currencyAt ?? '', b.currencyAt ?? '']
  if (one !== other) return other > one
  // Where nobody named it: a refund or a cancellation alone does not say what the order was paid in.
  const [before, after] = one === '' ? [a.totalAt ?? '', b.totalAt ?? ''] : [one, other]
  return before === after ? b.currency > a.currency : after > before
}

/** An order that was told of with this currency, named or assumed. */
function told(order: Order, { currency, isCurrencyAssumed }: OrderFact, at: Instant): Order {
  if (isCurrencyAssumed !== true) {
    const named = { currency, currencyAt: at }
    return namesBetter(order, named) ? inCurrency(order, named) : order
  }
  const isKnown = order.currencyAt !== undefined || order.totalAt !== undefined
  return isKnown ? order : { ...order, currency }
}

/** What was said of an order: by which event, and when. */
interface Said {
  change: Change
  order: OrderFact
  eventId: string
  at: Instant
  /** Told as history. */
  history?: boolean
}

function changed(order: Order, { change, order: fact, eventId, at, history }: Said): Order {
  switch (change) {
    case 'completed':
    case 'updated': {
      const major = majorOf(fact)
      const named = told(order, fact, at)
      const known = major === undefined ? named : laterTotal(named, major, at)
      const completed = change === 'completed' && (order.at === undefined || at < order.at) ? { at } : {}
      const past = change === 'completed' && history === true ? { history } : {}
      return { ...known, ...completed, ...past }
    }
    case 'refunded': {
      const { refunds = [] } = order
      const mark = shortHash(eventId)
      if (refunds.includes(mark)) return order
      const { totalMinor = allOfIt, totalMajor } = fact
      const refunded =
        totalMajor === undefined
          ? { refundedMinor: Math.min(allOfIt, order.refundedMinor + totalMinor) }
          : { refundedMajor: roundMajor((order.refundedMajor ?? 0) + totalMajor) }
      return {
        ...order,
        ...refunded,
        refunds: [...refunds, mark].sort().slice(-limits.rememberedRefunds),
      }
    }
    case 'cancelled':
      return { ...order, cancelled: true }
  }
}

/** The sums and remembered orders after one fact about an order. */
export function withOrder(
  known: Pick<State, 'orders' | 'totals'>,
  fact: Said & { pointsPerUnit: number },
): Pick<State, 'orders' | 'totals'> {
  const { order: about } = fact
  const index = known.orders.findIndex((order) => order.id === about.orderId)
  const before: Order = known.orders[index] ?? {
    id: about.orderId,
    currency: about.currency,
    refundedMinor: 0,
    cancelled: false,
    points: 0,
  }
  const next = changed(before, fact)
  const after = { ...next, points: Math.floor(toMajor(paidMinor(next), next.currency) * fact.pointsPerUnit) }
  const paid = { ...known.totals.paidMinor }
  paid[before.currency] = (paid[before.currency] ?? 0) - paidMinor(before)
  paid[after.currency] = (paid[after.currency] ?? 0) + paidMinor(after)
  const { firstOrderAt, lastOrderAt } = known.totals
  const orderAt = after.at
  const totals = {
    ...known.totals,
    orderCount: known.totals.orderCount + counts(after) - counts(before),
    paidMinor: Object.fromEntries(Object.entries(paid).filter(([, minor]) => minor !== 0)),
    points: known.totals.points + after.points - before.points,
    ...(orderAt !== undefined &&
      (firstOrderAt === undefined || orderAt < firstOrderAt) && { firstOrderAt: orderAt }),
    ...(orderAt !== undefined &&
      (lastOrderAt === undefined || orderAt > lastOrderAt) && { lastOrderAt: orderAt }),
  }
  const orders = index < 0 ? [...known.orders, after] : known.orders.with(index, after)
  return { orders: orders.slice(-limits.rememberedOrders), totals }
}

/** One order as two records heard of it, by the rules that facts change it by. */
function merged(a: Order, b: Order, pointsPerUnit: number): Order {
  const major = majorOf(b)
  const named = namesBetter(a, b) ? inCurrency(a, b) : a
  const known = major === undefined || b.totalAt === undefined ? named : laterTotal(named, major, b.totalAt)
  const at = a.at === undefined || (b.at !== undefined && b.at < a.at) ? b.at : a.at
  const [one, other] = [a.refunds ?? [], b.refunds ?? []]
  const apart = !one.some((mark) => other.includes(mark))
  const isInMajor = a.refundedMajor !== undefined || b.refundedMajor !== undefined
  const both = (x: number, y: number) => (apart ? x + y : Math.max(x, y))
  const refunds = [...new Set([...one, ...other])].sort().slice(-limits.rememberedRefunds)
  const after = a.after ?? b.after
  const whole: Order = {
    ...known,
    ...(isInMajor && { refundedMajor: roundMajor(both(a.refundedMajor ?? 0, b.refundedMajor ?? 0)) }),
    ...(at !== undefined && { at }),
    ...(refunds.length > 0 && { refunds }),
    ...(after && { after }),
    refundedMinor: Math.min(allOfIt, both(a.refundedMinor, b.refundedMinor)),
    cancelled: a.cancelled || b.cancelled,
    ...((a.history ?? b.history) && { history: true as const }),
  }
  return { ...whole, points: Math.floor(toMajor(paidMinor(whole), whole.currency) * pointsPerUnit) }
}

/** Adds what an order brings, or takes it out again. */
function add(totals: State['totals'], order: Order, sign: 1 | -1): void {
  totals.orderCount += sign * counts(order)
  totals.points += sign * order.points
  totals.paidMinor[order.currency] = (totals.paidMinor[order.currency] ?? 0) + sign * paidMinor(order)
}

/** Orders of two records as those of one: an order that both heard of counts once, with all that was said of it. */
export function mergeOrders(
  one: Pick<State, 'orders' | 'totals'>,
  other: Pick<State, 'orders' | 'totals'>,
  pointsPerUnit: number,
): Pick<State, 'orders' | 'totals'> {
  const totals = { ...one.totals, paidMinor: { ...one.totals.paidMinor } }
  totals.orderCount += other.totals.orderCount
  totals.points += other.totals.points
  for (const [currency, minor] of Object.entries(other.totals.paidMinor))
    totals.paidMinor[currency] = (totals.paidMinor[currency] ?? 0) + minor
  const orders = new Map(one.orders.map((order) => [order.id, order]))
  for (const order of other.orders) {
    const twin = orders.get(order.id)
    const kept = twin === undefined ? order : merged(twin, order, pointsPerUnit)
    orders.set(order.id, kept)
    if (twin === undefined) continue
    add(totals, twin, -1)
    add(totals, order, -1)
    add(totals, kept, 1)
  }
  totals.paidMinor = Object.fromEntries(Object.entries(totals.paidMinor).filter(([, minor]) => minor !== 0))
  const list = [...orders.values()].sort((a, b) =>
    (a.at ?? '') === (b.at ?? '') ? (a.id < b.id ? -1 : 1) : (a.at ?? '') < (b.at ?? '') ? -1 : 1,
  )
  return { orders: list.slice(-limits.rememberedOrders), totals }
}
