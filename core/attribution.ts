/**
 * Which mail an order is thanks to: the last one she clicked on herself, if that was at most five days before
 * (last touch, as is usual: Klaviyo's default for mail). What the order brings is noted on that mail's row, and
 * noted again when a refund takes of it. Only `decide` writes it, so that every report is a count of rows.
 */
import type { MessageEffect } from './decision.ts'
import { type Event, own } from './event.ts'
import type { Fact } from './fact.ts'
import { limits } from './limits.ts'
import type { Attributed } from './message.ts'
import { paidMinor } from './order.ts'
import type { Order, State } from './state.ts'
import { plus } from './time.ts'

type Mail = NonNullable<Order['after']>

/** The mail whose click an order at this time follows. */
function mailBefore({ lastClick }: State, { at }: Order): Mail | undefined {
  if (lastClick === undefined || at === undefined) return undefined
  const until = plus(lastClick.at, limits.attributionDays * 86_400_000)
  const { customerId, messageId } = lastClick
  return lastClick.at <= at && at <= until ? { customerId, messageId } : undefined
}

/** All that is attributed to a mail, by order. */
function broughtBy({ orders }: State, { messageId }: Mail): Record<string, Attributed> {
  const its = orders.filter(({ after, at }) => after?.messageId === messageId && at !== undefined)
  return Object.fromEntries(
    its.map((order) => [
      order.id,
      { at: order.at ?? '', totalMinor: paidMinor(order), currency: order.currency },
    ]),
  )
}

interface Attribution {
  state: State
  effects: MessageEffect[]
}

/** A click that is told after the orders it came before: those that no mail had take it. */
function clickedBefore(state: State, click: NonNullable<State['lastClick']>): Attribution {
  const { customerId, messageId } = click
  const after = { customerId, messageId }
  let found = false
  const orders = state.orders.map((order) => {
    const isLate = order.after === undefined && order.history !== true
    if (!isLate || mailBefore({ ...state, lastClick: click }, order) === undefined) return order
    found = true
    return { ...order, after }
  })
  if (!found) return { state, effects: [] }
  const next = { ...state, orders }
  return { state: next, effects: [{ kind: 'attribute', ...after, orders: broughtBy(next, after) }] }
}

/** A mail about a cart that went out: the cart she began last remembers it. */
function reminded(state: State, event: Event, messageId: string): State {
  const { carts = [] } = state
  const index = carts.findLastIndex(({ at }) => at <= event.occurredAt)
  const cart = carts[index]
  if (cart === undefined || cart.remindedBy?.includes(messageId)) return state
  const remindedBy = [...(cart.remindedBy ?? []), messageId].slice(-limits.rememberedReminders)
  return { ...state, carts: carts.with(index, { ...cart, remindedBy }) }
}

/** What is to be remembered of a mail's event. `isAboutCart`: whether a journey's mails are about carts. */
export function attributedMail(
  state: State,
  event: Event,
  of: { fact: Fact; isAboutCart: (journey: string) => boolean },
): Attribution {
  const { fact, isAboutCart } = of
  const nothing = { state, effects: [] }
  if (fact.kind !== 'message') return nothing
  const { messageId, customerId = state.customerId, human, journey } = fact.about
  if (event.name === own.clicked && human === true)
    return clickedBefore(state, { customerId, messageId, at: event.occurredAt })
  return event.name === own.sent && isAboutCart(journey)
    ? { state: reminded(state, event, messageId), effects: [] }
    : nothing
}

/**
 * The state with an order's mail remembered, and what is to be noted on that mail's row; nothing for whatever is
 * no order, for one told before, and for what is imported as history.
 */
export function attributed(state: State, event: Event, fact: Fact): Attribution {
  const nothing = { state, effects: [] }
  if (fact.kind !== 'order' || event.repeat === true || event.history === true) return nothing
  const index = state.orders.findIndex(({ id }) => id === fact.order.orderId)
  const order = state.orders[index]
  const after = order && (order.after ?? mailBefore(state, order))
  if (order === undefined || after === undefined) return nothing
  const next = { ...state, orders: state.orders.with(index, { ...order, after }) }
  return { state: next, effects: [{ kind: 'attribute', ...after, orders: broughtBy(next, after) }] }
}
