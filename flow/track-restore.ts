/**
 * Cart restore: the button of a cart reminder leads to the shop's cart page, filled with her cart as it is now,
 * not as it was when the mail went out. What she has ordered meanwhile is not put into a cart again.
 */
import { cartOf } from '#core/cart'
import type { CustomerGate } from '#core/gate'
import { restoreUrl } from '#core/restore'
import type { State } from '#core/state'
import { follow } from './identify.ts'
import { countHit, type Hit } from './track.ts'
import { know, type TrackPorts } from './track-known.ts'

/** Whether an order was answered for that her state has not heard of yet: her cart is about to be emptied. */
const orderOnItsWay = (state: State, { lastOrderAt }: CustomerGate): boolean =>
  lastOrderAt !== undefined && lastOrderAt > state.now

/**
 * Where the cart of a mail's reader opens; undefined: the token is none of ours, or the mail is gone. Counts as
 * a click does, once for people and once for machines; a look (`HEAD`) records nothing.
 */
export async function restore(ports: TrackPorts, hit: Hit): Promise<string | undefined> {
  const known = await know(ports, hit.token, 'restore')
  if (known?.message === undefined) return undefined
  const { customerId, gate } = await follow(ports.gates, known.link.customerId)
  const state = gate.erased === true ? undefined : (await ports.customers.load(customerId))?.state
  const cart = state === undefined || orderOnItsWay(state, gate) ? undefined : cartOf(state.cart)
  const url = restoreUrl(known.shown.shop, cart)
  if (!hit.look) await countHit(ports, known.message, { link: 'cart', url, userAgent: hit.userAgent })
  return url
}
