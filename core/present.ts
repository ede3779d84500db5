/**
 * A customer's state as others see it: `fieldsOf` for conditions (amounts in major units), `mailView` for
 * mails (minor units, `core/view.ts`). Both are made fresh each time from the state and the live settings, so
 * that neither can say what is no longer true.
 */
import { cartOf } from './cart.ts'
import { toMajor } from './currency.ts'
import { type Fact, factOf } from './fact.ts'
import { ranked } from './fold.ts'
import { shortHash } from './id.ts'
import type { Cart, Item } from './item.ts'
import { limits } from './limits.ts'
import type { Settings } from './settings.ts'
import type { Run, State } from './state.ts'
import { ancestry } from './template/format.ts'
import { type Instant, instantOn, localDate, wholeYears } from './time.ts'
import { customTraits, localeOf, textTrait, zoneOf } from './traits.ts'
import type { View, ViewItem } from './view.ts'

const defined = <T extends Record<string, unknown>>(
  record: T,
): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never

function firstName(state: State): string | undefined {
  return textTrait(state, 'firstName') ?? textTrait(state, 'name')?.split(/\s+/)[0]
}

function lastName(state: State): string | undefined {
  const rest = textTrait(state, 'name')?.split(/\s+/).slice(1).join(' ')
  return textTrait(state, 'lastName') ?? (rest === '' ? undefined : rest)
}

const interests = (state: State): string[] | undefined => {
  const value = state.traits.interests?.value
  return Array.isArray(value) ? value.map(String) : undefined
}

/** What of her is the same in conditions and mails. */
const person = (state: State, settings: Settings) => ({
  firstName: firstName(state),
  lastName: lastName(state),
  locale: localeOf(state, settings.locale),
  timeZone: zoneOf(state, settings.timeZone),
  gender: textTrait(state, 'gender'),
  occupation: textTrait(state, 'occupation'),
  birthday: textTrait(state, 'birthday'),
  region: textTrait(state, 'region'),
  interests: interests(state),
  since: state.totals.since,
  orderCount: state.totals.orderCount,
  favouriteCategories: ranked(state.categories),
})

const pieces = (items: readonly Item[]): number => items.reduce((sum, item) => sum + item.quantity, 0)

/** Where her points stand on the shop's ladder of tiers. */
export function loyaltyOf(state: State, settings: Settings) {
  const { points } = state.totals
  const tiers = [...settings.loyalty.tiers].sort((a, b) => a.from - b.from)
  const next = tiers.find((tier) => tier.from > points)
  return defined({
    points,
    tier: tiers.findLast((tier) => tier.from <= points)?.name,
    nextTier: next?.name,
    toNext: next === undefined ? undefined : next.from - points,
  })
}

const itemOf = (fact: Fact): Item | undefined =>
  fact.kind === 'product' ? fact.product : fact.kind === 'line' ? fact.item : undefined

const inMajor = (minor: number | undefined, currency: string): number | undefined =>
  minor === undefined ? undefined : toMajor(minor, currency)

/** The product or order that an event is about, amounts in major units; nothing where it is about neither. */
function subjectOf(event: NonNullable<Run['event']>, currency: string): Record<string, unknown> {
  const fact = factOf({ ...event, type: 'track' }, currency)
  if (fact.kind === 'order') {
    const { orderId, totalMinor, currency: paidIn } = fact.order
    return { order: defined({ id: orderId, total: inMajor(totalMinor, paidIn), currency: paidIn }) }
  }
  const item = itemOf(fact)
  if (item === undefined) return {}
  const { priceMinor, comparePriceMinor: _, url: __, image: ___, video: ____, ...product } = item
  return { product: defined({ ...product, price: inMajor(priceMinor, item.currency) }) }
}

/**
 * How many of her orders were in the shop's currency; undefined where that cannot be known: some are in another one,
 * and of those that are no longer remembered one by one nothing but the sums is left.
 */
function ordersInShopsCurrency({ orders, totals }: State, currency: string): number | undefined {
  const counted = orders.filter(({ at, cancelled }) => at !== undefined && !cancelled)
  const inIt = counted.filter((order) => order.currency === currency)
  if (counted.length >= totals.orderCount) return inIt.length
  const paidInIt = Object.keys(totals.paidMinor).every((one) => one === currency)
  return paidInIt && inIt.length === counted.length ? totals.orderCount : undefined
}

/** What an order of hers came to on average, in the shop's currency; undefined where nothing was paid in it. */
function averageOrder(state: State, currency: string): number | undefined {
  const paid = state.totals.paidMinor[currency] ?? 0
  const count = ordersInShopsCurrency(state, currency) ?? 0
  return paid > 0 && count > 0 ? toMajor(paid, currency) / count : undefined
}

/**
 * The fields that conditions read, those of `core/field-list.ts`. A cart that is not there counts 0, so that "the cart is empty" holds.
 * @example fieldsOf(state, { settings, event: { name: 'Cart Updated', properties: {} } }).cart.count // 0
 */
export function fieldsOf(
  state: State,
  of: { settings: Settings; event?: { name: string; properties: Record<string, unknown> } | undefined },
): Record<string, unknown> {
  const { settings } = of
  const cart = cartOf(state.cart)
  const { firstOrderAt, lastOrderAt, lastSeenAt } = state.totals
  return {
    customer: defined({
      ...person(state, settings),
      country: textTrait(state, 'country'),
      lifetimeValue: toMajor(state.totals.paidMinor[settings.currency] ?? 0, settings.currency),
      averageOrder: averageOrder(state, settings.currency),
      firstOrderAt,
      lastOrderAt,
      lastSeenAt,
      traits: customTraits(state),
    }),
    cart: defined({
      id: cart?.id,
      count: cart === undefined ? 0 : pieces(cart.items),
      total: cart === undefined ? 0 : inMajor(cart.totalMinor, cart.currency),
      currency: cart?.currency,
      categories: cart?.items.flatMap((item) => item.category ?? []) ?? [],
    }),
    loyalty: loyaltyOf(state, settings),
    ...(of.event !== undefined && { event: of.event, ...subjectOf(of.event, settings.currency) }),
  }
}

const viewItem = ({ priceMinor, comparePriceMinor, ...item }: Item): ViewItem => ({
  ...item,
  ...(priceMinor !== undefined && { price: priceMinor }),
  ...(comparePriceMinor !== undefined && { comparePrice: comparePriceMinor }),
})

/** The order that an event tells of; its lines as far as the run kept them. */
function viewOrder(event: Run['event'], of: { state: State; settings: Settings }): View['order'] {
  const fact = event && factOf({ ...event, type: 'track' }, of.settings.currency)
  if (fact?.kind !== 'order') return undefined
  const { orderId, items, totalMinor, currency } = fact.order
  const known = of.state.orders.find(({ id }) => id === orderId)
  return defined({
    id: orderId,
    items: items.map(viewItem),
    count: pieces(items),
    total: known?.totalMinor ?? totalMinor,
    currency: known?.currency ?? currency,
    at: known?.at,
  })
}

/** What to show her next: seen lately, not in the cart, not bought; categories she likes first, then the newest. */
export function nextProducts(state: State, without?: string): Item[] {
  const liked = ranked(state.categories)
  const rank = ({ category }: Item): number => {
    const place = category === undefined ? -1 : liked.indexOf(category)
    return place < 0 ? liked.length : place
  }
  const inCart = new Set(cartOf(state.cart)?.items.map(({ id }) => id))
  const bought = new Set(state.bought?.map(({ product }) => product))
  return state.recent
    .map(({ item }) => item)
    .filter(({ id }) => id !== without && !inCart.has(id) && !bought.has(shortHash(id)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, limits.nextProducts)
}

/** Whole years that she has been a customer, by her calendar: the 28th of February stands for the 29th. */
function yearsOf(state: State, of: { settings: Settings; now: Instant }): number | undefined {
  const { since } = state.totals
  if (since === undefined) return undefined
  const zone = zoneOf(state, of.settings.timeZone)
  return wholeYears(localDate(since, zone), localDate(of.now, zone))
}

const viewCart = (cart: Cart, fallbackUrl: string | undefined) =>
  defined({
    id: cart.id,
    url: cart.url ?? fallbackUrl,
    items: cart.items.map(viewItem),
    count: pieces(cart.items),
    total: cart.totalMinor,
    currency: cart.currency,
  })

/** The journey's gift, through the last minute of its last day. */
function viewOffer(of: { settings: Settings; journey: { id: string }; now: Instant }): View['offer'] {
  const { gifts, timeZone: zone } = of.settings
  const gift = Object.hasOwn(gifts, of.journey.id) ? gifts[of.journey.id] : undefined
  if (gift === undefined) return undefined
  const { code, percent, endsOn } = gift
  const endsAt = endsOn && instantOn(endsOn, { minutes: 23 * 60 + 59, zone })
  // An instant is another day elsewhere: the day that is printed is told as a day.
  return endsAt !== undefined && endsAt < of.now
    ? undefined
    : defined({ code, percent, endsAt, lastDay: endsOn })
}

/** A text that settings have by locale, in the first of these that it is there in, or in what is more general. */
function inLanguage(texts: Readonly<Record<string, string>> | undefined, locales: readonly string[]) {
  const found = locales.flatMap(ancestry).find((one) => Object.hasOwn(texts ?? {}, one))
  return found === undefined ? undefined : texts?.[found]
}

/** What a mail of `run` sees, as of `now`. */
export function mailView(
  state: State,
  of: {
    settings: Settings
    journey: { id: string; name: string }
    step: string
    event?: Run['event']
    answer?: Run['answer']
    /** The multiple of points that the run began by. */
    reached?: number
    links: View['links']
    /** The stage's postal address, which the law wants under every marketing mail. */
    postalAddress: string
    now: Instant
  },
): View {
  const { settings, event } = of
  const cart = cartOf(state.cart)
  const product = event && itemOf(factOf({ ...event, type: 'track' }, settings.currency))
  const { name, logo } = settings.shop
  // `{{shop.url}}/sale` has one slash, however the shop wrote its own.
  const url = settings.shop.url.replace(/\/+$/, '')
  const notice = inLanguage(settings.shop.notice, [localeOf(state, settings.locale), settings.locale])
  const next = nextProducts(state, product?.id)
  const { reached } = of
  return defined({
    customer: defined({
      ...person(state, settings),
      years: yearsOf(state, of),
      lifetimeValue: state.totals.paidMinor[settings.currency] ?? 0,
    }),
    cart: cart === undefined || cart.items.length === 0 ? undefined : viewCart(cart, settings.shop.cartUrl),
    order: viewOrder(event, { state, settings }),
    product: product && viewItem(product),
    products: next.length === 0 ? undefined : next.map(viewItem),
    recent: state.recent.length === 0 ? undefined : state.recent.map(({ item }) => viewItem(item)),
    offer: viewOffer(of),
    loyalty: { ...loyaltyOf(state, settings), ...(reached !== undefined && { reached }) },
    survey: of.answer ?? state.answer,
    shop: defined({ name, url, address: of.postalAddress, logo, currency: settings.currency, notice }),
    links: of.links,
    journey: { name: of.journey.name, step: of.step },
    event,
    now: of.now,
  }) as View
}
