/**
 * Folding: one event into what is known of a customer. Late, repeated and reversed events give the same
 * profile: everything here compares `occurredAt`, adds sums that can be taken back, or keeps the greatest.
 * What follows from the event for her journeys is `core/run.ts`.
 */
import { cartOf, emptied, withChange, withSnapshot } from './cart.ts'
import { type Event, own } from './event.ts'
import { type Fact, factOf, laterAnswer } from './fact.ts'
import { shortHash } from './id.ts'
import type { Item } from './item.ts'
import { limits } from './limits.ts'
import { withOrder } from './order.ts'
import type { Settings } from './settings.ts'
import type { State } from './state.ts'
import { type Instant, toMs } from './time.ts'
import { traitsOf, withTraits } from './traits.ts'

/** How fast interest in a category fades, and what each kind of attention weighs. */
const categoryHalfLifeMs = 14 * 86_400_000
const weights = { viewed: 1, added: 4, ordered: 6 } as const

/** What folding came to. `repeated`: its id was folded before; `flooded`: too many in one minute. */
export type Folded = { state: State; fact: Fact } | { ignored: 'repeated' | 'flooded' }

const later = (a: Instant | undefined, b: Instant): Instant => (a !== undefined && a > b ? a : b)
const earlier = (a: Instant | undefined, b: Instant): Instant => (a !== undefined && a < b ? a : b)

/** A category's weight with one more sign of interest, as of the later of the two (forward decay). */
function withInterest(
  categories: State['categories'],
  category: string | undefined,
  weight: number,
  at: Instant,
): State['categories'] {
  if (category === undefined) return categories
  const before = Object.hasOwn(categories, category) ? categories[category] : undefined
  const fade = (from: Instant, to: Instant) => 2 ** ((toMs(from) - toMs(to)) / categoryHalfLifeMs)
  const asOf = later(before?.at, at)
  const sum = (before === undefined ? 0 : before.weight * fade(before.at, asOf)) + weight * fade(at, asOf)
  const next = { ...categories, [category]: { weight: sum, at: asOf } }
  const names = Object.keys(next)
  if (names.length <= limits.favouriteCategories) return next
  const dropped = ranked(next).at(-1)
  return Object.fromEntries(Object.entries(next).filter(([name]) => name !== dropped))
}

/** Category names, the liveliest first. */
export function ranked(categories: State['categories']): string[] {
  const score = ({ weight, at }: { weight: number; at: Instant }) =>
    Math.log2(weight) + toMs(at) / categoryHalfLifeMs
  return Object.entries(categories)
    .map(([name, interest]) => ({ name, score: score(interest) }))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

function withRecent(recent: State['recent'], item: Item, at: Instant): State['recent'] {
  const seen = recent.find((one) => one.item.id === item.id)
  if (seen !== undefined && seen.at >= at) return recent
  return [{ item, at }, ...recent.filter((one) => one !== seen)]
    .sort((a, b) => (a.at === b.at ? (a.item.id < b.item.id ? -1 : 1) : a.at > b.at ? -1 : 1))
    .slice(0, limits.recentProducts)
}

/** What was bought lately, newest first, whichever order they are told in. */
export function withBought(bought: State['bought'], more: NonNullable<State['bought']>): State['bought'] {
  const newest = new Map<string, Instant>()
  for (const { product, at } of [...(bought ?? []), ...more])
    newest.set(product, later(newest.get(product), at))
  const list = [...newest].map(([product, at]) => ({ product, at }))
  list.sort((a, b) => (a.at === b.at ? (a.product < b.product ? -1 : 1) : a.at > b.at ? -1 : 1))
  return list.length === 0 ? bought : list.slice(0, limits.rememberedPurchases)
}

function withFact(state: State, event: Event, fact: Fact, settings: Settings): State {
  const at = event.occurredAt
  switch (fact.kind) {
    case 'product': {
      const categories = withInterest(state.categories, fact.product.category, weights.viewed, at)
      return { ...state, categories, recent: withRecent(state.recent, fact.product, at) }
    }
    case 'line': {
      const { change, cartId, item } = fact
      const delta = { key: event.messageId, at, change, item, ...(cartId !== undefined && { cartId }) }
      const weight = change === 'added' ? weights.added : 0
      const categories =
        weight > 0 ? withInterest(state.categories, item.category, weight, at) : state.categories
      return { ...state, categories, cart: withChange(state.cart, delta) }
    }
    case 'cart':
      return { ...state, cart: withSnapshot(state.cart, fact.cart, at) }
    case 'order': {
      if (event.repeat === true) return state
      const pointsPerUnit = settings.loyalty.pointsPerUnit
      const { change, order } = fact
      const { messageId: eventId, history = false } = event
      const sums = withOrder(state, { change, order, eventId, at, history, pointsPerUnit })
      if (fact.change !== 'completed') return { ...state, ...sums }
      const categories = fact.order.items.reduce(
        (all, item) => withInterest(all, item.category, weights.ordered, at),
        state.categories,
      )
      const bought = withBought(
        state.bought,
        fact.order.items.map(({ id }) => ({ product: shortHash(id), at })),
      )
      return { ...state, ...sums, categories, cart: emptied(state.cart, at), ...(bought && { bought }) }
    }
    case 'consent':
      return fact.given ? { ...state, consent: { givenAt: earlier(state.consent.givenAt, at) } } : state
    case 'survey': {
      return { ...state, answer: laterAnswer(state.answer, fact.answer, at) }
    }
    case 'message': {
      const { human, messageId } = fact.about
      if (event.name !== own.clicked || human !== true || (state.lastClick?.at ?? '') > at) return state
      const { customerId = state.customerId } = fact.about
      return { ...state, lastClick: { customerId, messageId, at } }
    }
    case 'search':
    case 'traits':
    case 'other':
      return state
  }
}

/**
 * Folds one event. Repeating it is safe: an event whose id is still in the ring is ignored.
 * @example 'state' in fold(state, event, settings) // true
 */
export function fold(state: State, event: Event, settings: Settings): Folded {
  const mark = shortHash(event.messageId)
  if (state.applied.includes(mark)) return { ignored: 'repeated' }
  const minuteAt = event.receivedAt.slice(0, 16)
  const count = state.minute.at === minuteAt ? state.minute.count + 1 : 1
  const ours = event.source === 'homeward'
  if (!ours && event.history !== true && count > limits.eventsPerMinute) return { ignored: 'flooded' }
  const fact = factOf(event, settings.currency)
  const seen = ours
    ? {}
    : {
        lastSeenAt: later(state.totals.lastSeenAt, event.occurredAt),
        since: earlier(state.totals.since, event.occurredAt),
      }
  const next: State = {
    ...state,
    applied: [...state.applied, mark].slice(-limits.appliedEvents),
    minute: { at: minuteAt, count },
    traits: ours ? state.traits : withTraits(state.traits, traitsOf(event), event),
    totals: { ...state.totals, ...seen },
  }
  return { state: withCarts(state, withFact(next, event, fact, settings), event, fact), fact }
}

/** The carts she began, and which of them were ordered: her last one by any order. */
function withCarts(before: State, after: State, event: Event, fact: Fact): State {
  const { carts = [] } = after
  const at = event.occurredAt
  if (fact.kind === 'order' && fact.change === 'completed' && event.repeat !== true) {
    const open = carts.findLastIndex((cart) => cart.orderedAt === undefined && cart.at <= at)
    const begun = carts[open]
    return begun === undefined ? after : { ...after, carts: carts.with(open, { ...begun, orderedAt: at }) }
  }
  if (fact.kind !== 'cart' && fact.kind !== 'line') return after
  const isEmpty = (state: State) => (cartOf(state.cart)?.items.length ?? 0) === 0
  if (!isEmpty(before) || isEmpty(after)) return after
  return { ...after, carts: [...carts, { at }].slice(-limits.rememberedCarts) }
}
