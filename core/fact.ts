/**
 * What an event means: the properties of the Segment e-commerce spec, read leniently (numbers in strings,
 * missing parts) into one shape a kind. `factOf` never throws; `problemsOf` says what is so wrong that the
 * event is refused at the door, and what was dropped with a warning. Read `core/fold.ts` next.
 */
import * as z from 'zod'
import { Currency, roundMajor, toMinor } from './currency.ts'
import { type Event, own } from './event.ts'
import { type Cart, type Item, itemsTotalMinor, pricedTotal } from './item.ts'
import { limits } from './limits.ts'
import { Answer } from './message.ts'
import type { Instant } from './time.ts'

const text = z.preprocess(
  (v) => (typeof v === 'number' ? String(v) : v),
  z.string().trim().min(1).max(limits.textCharacters),
)
const id = z.preprocess(
  (v) => (typeof v === 'number' ? String(v) : v),
  z.string().trim().min(1).max(limits.idCharacters),
)
const amount = z.preprocess(
  (v) => (typeof v === 'string' && v.trim() !== '' ? Number(v) : v),
  z.number().finite().min(-1e12).max(1e12),
)
/** Stars that customers gave it. */
const rating = z.preprocess((v) => (typeof v === 'string' ? Number(v) : v), z.number().min(0).max(5))
const quantity = z.preprocess(
  (v) => (typeof v === 'string' ? Number(v) : v),
  z.number().int().min(0).max(1_000_000),
)

/** An absolute http(s) URL, as is; anything else (javascript:, data:, relative) is undefined. */
export function safeUrl(value: unknown): string | undefined {
  // none is absolute without a colon; most of what is asked about is a plain word
  if (typeof value !== 'string' || value.length > 2048 || !value.includes(':')) return undefined
  try {
    const url = new URL(value)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
  } catch {
    return undefined
  }
}

const url = z.unknown().transform(safeUrl)

/** A part that may be missing; shops write that as nothing, null or an empty text. */
const given = <T extends z.ZodType>(schema: T) =>
  z.preprocess((v) => (v === null || v === '' ? undefined : v), schema.optional()).optional()
const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)

/** A product as the spec writes it, with `product_id` or `sku`. */
const SpecItem = z
  .object({
    product_id: given(id),
    sku: given(id),
    name: maybe(text),
    price: given(amount),
    currency: given(Currency),
    quantity: given(quantity),
    category: maybe(text),
    brand: maybe(text),
    variant: maybe(text),
    url: url.optional(),
    image_url: url.optional(),
    video_url: url.optional(),
    compare_at_price: maybe(amount),
    rating: maybe(rating),
  })
  .refine((item) => item.product_id ?? item.sku, { path: ['product_id'], message: 'give product_id or sku' })

const products = z.array(SpecItem).max(1000)

const consent = z.object({
  topics: z.array(id).min(1).max(50).optional(),
  source: maybe(text),
  text: maybe(text),
})

const schemas = {
  product: SpecItem,
  search: z.object({ query: maybe(text) }),
  line: z.intersection(SpecItem, z.object({ cart_id: given(id) })),
  cart: z.object({
    cart_id: id,
    currency: given(Currency),
    value: given(amount),
    url: url.optional(),
    products,
  }),
  order: z.object({
    order_id: id,
    cart_id: given(id),
    currency: given(Currency),
    total: given(amount),
    value: given(amount),
    revenue: given(amount),
    products: given(products),
  }),
  consent,
  /** A yes that is to be confirmed: it says nothing yet, but what it is to say must be readable. */
  request: consent,
  message: z.object({
    messageId: id,
    /** Whose row it is, where that is not whose log this stands on: she was absorbed. */
    customerId: id.optional(),
    journey: id,
    step: id,
    runId: id,
    round: z.number().int().optional(),
    until: z.string().optional(),
    /** Why it was held or skipped: a code of `core/reason.ts`, and its sentence. */
    code: z.string().optional(),
    explanation: z.string().optional(),
    human: z.boolean().optional(),
    permanent: z.boolean().optional(),
  }),
  survey: z.object({
    messageId: id,
    journey: id,
    step: id,
    runId: id,
    survey: Answer.shape.survey,
    score: Answer.shape.score,
    comment: maybe(text),
  }),
}

/** What the events of the specification (and ours) mean; a name that is not here is kept as `other`. */
const meaning = {
  'Product Viewed': 'product',
  'Product Clicked': 'product',
  'Products Searched': 'search',
  'Product Added': 'line',
  'Product Removed': 'line',
  'Cart Updated': 'cart',
  'Order Completed': 'order',
  'Order Updated': 'order',
  'Order Refunded': 'order',
  'Order Cancelled': 'order',
  'Consent Given': 'consent',
  'Consent Withdrawn': 'consent',
  'Consent Requested': 'request',
  [own.sent]: 'message',
  [own.held]: 'message',
  [own.skipped]: 'message',
  [own.clicked]: 'message',
  [own.bounced]: 'message',
  [own.complained]: 'message',
  [own.answered]: 'survey',
} as const satisfies Record<string, keyof typeof schemas>

type Name = keyof typeof meaning

/** Names that only the shop's server may send. */
export const serverOnly: ReadonlySet<string> = new Set([
  'Consent Requested',
  'Order Completed',
  'Order Updated',
  'Order Refunded',
  'Order Cancelled',
  'Order Delivered',
  'Consent Given',
  'Consent Withdrawn',
])

/** Names that only Homeward may put on a log. */
export const ownOnly: ReadonlySet<string> = new Set(Object.values(own))

export interface OrderFact {
  orderId: string
  cartId?: string
  /** The one it names, else the shop's. */
  currency: string
  /** It names none: where the order is known the amounts are in that order's (`core/order.ts`). */
  isCurrencyAssumed?: true
  totalMinor?: number
  /** The total in major units, where the currency is assumed: it is converted once the currency is known. */
  totalMajor?: number
  items: Item[]
}

export type SurveyFact = z.infer<(typeof schemas)['survey']>

/** Of an answer that is known and one that is told now, the later. */
export function laterAnswer(known: Answer | undefined, told: SurveyFact, at: Instant): Answer {
  const { survey, score, comment } = told
  if (known !== undefined && known.at > at) return known
  return { survey, score, at, ...(comment !== undefined && { comment }) }
}

export type MessageFact = z.infer<(typeof schemas)['message']>

export type Fact =
  | { kind: 'product'; product: Item }
  | { kind: 'search'; query: string | undefined }
  | { kind: 'line'; change: 'added' | 'removed'; cartId: string | undefined; item: Item }
  | { kind: 'cart'; cart: Cart }
  | { kind: 'order'; change: 'completed' | 'updated' | 'refunded' | 'cancelled'; order: OrderFact }
  | { kind: 'consent'; given: boolean; topics: string[] | undefined; source?: string; text?: string }
  | { kind: 'message'; about: MessageFact }
  | { kind: 'survey'; answer: SurveyFact }
  | { kind: 'traits' }
  | { kind: 'other' }

function toItem(spec: z.infer<typeof SpecItem>, currency: string): Item {
  const itemCurrency = spec.currency ?? currency
  return {
    id: spec.product_id ?? spec.sku ?? '',
    ...(spec.sku !== undefined && { sku: spec.sku }),
    ...(spec.name !== undefined && { name: spec.name }),
    ...(spec.url !== undefined && { url: spec.url }),
    ...(spec.image_url !== undefined && { image: spec.image_url }),
    ...(spec.price !== undefined && { priceMinor: toMinor(spec.price, itemCurrency) }),
    currency: itemCurrency,
    quantity: spec.quantity ?? 1,
    ...(spec.category !== undefined && { category: spec.category }),
    ...(spec.brand !== undefined && { brand: spec.brand }),
    ...(spec.variant !== undefined && { variant: spec.variant }),
    ...(spec.video_url !== undefined && { video: spec.video_url }),
    ...(spec.compare_at_price !== undefined && {
      comparePriceMinor: toMinor(spec.compare_at_price, itemCurrency),
    }),
    ...(spec.rating !== undefined && { rating: spec.rating }),
  }
}

function toCart(cart: z.infer<(typeof schemas)['cart']>, fallback: string): Cart {
  const currency = cart.currency ?? fallback
  const all = cart.products.map((product) => toItem(product, currency)).filter((item) => item.quantity > 0)
  return {
    id: cart.cart_id,
    currency,
    ...(cart.url !== undefined && { url: cart.url }),
    ...(cart.value === undefined ? pricedTotal(all) : { totalMinor: toMinor(cart.value, currency) }),
    items: all.slice(0, limits.cartItems),
  }
}

/** The currency that an order names, or else each of its products does. */
function namedCurrency({ currency, products: list = [] }: z.infer<(typeof schemas)['order']>) {
  const [first] = list
  return currency ?? (list.every((one) => one.currency === first?.currency) ? first?.currency : undefined)
}

function toOrder(order: z.infer<(typeof schemas)['order']>, fallback: string): OrderFact {
  const named = namedCurrency(order)
  const currency = named ?? fallback
  const specs = order.products ?? []
  const items = specs.map((product) => toItem(product, currency))
  const total = order.total ?? order.value ?? order.revenue
  const hasTotal = total !== undefined || items.length > 0
  const totalMinor = total === undefined ? itemsTotalMinor(items) : toMinor(total, currency)
  const major = total ?? specs.reduce((sum, { price = 0, quantity: count = 1 }) => sum + price * count, 0)
  return {
    orderId: order.order_id,
    ...(order.cart_id !== undefined && { cartId: order.cart_id }),
    currency,
    ...(named === undefined && { isCurrencyAssumed: true as const }),
    ...(hasTotal && { totalMinor }),
    ...(hasTotal && named === undefined && { totalMajor: roundMajor(major) }),
    items: items.slice(0, limits.cartItems),
  }
}

const orderChange = {
  'Order Completed': 'completed',
  'Order Updated': 'updated',
  'Order Refunded': 'refunded',
  'Order Cancelled': 'cancelled',
} as const

const isName = (name: string): name is Name => Object.hasOwn(meaning, name)

/**
 * What an event means. `currency` stands in where the event names none.
 * Properties that cannot be read make it `other`: kept, folded into nothing.
 */
export function factOf(event: Pick<Event, 'type' | 'name' | 'properties'>, currency: string): Fact {
  if (event.type === 'identify') return { kind: 'traits' }
  const { name, properties } = event
  if (event.type !== 'track' || !isName(name)) return { kind: 'other' }
  switch (meaning[name]) {
    case 'product': {
      const read = schemas.product.safeParse(properties)
      return read.success ? { kind: 'product', product: toItem(read.data, currency) } : { kind: 'other' }
    }
    case 'search': {
      const read = schemas.search.safeParse(properties)
      return { kind: 'search', query: read.success ? read.data.query : undefined }
    }
    case 'line': {
      const read = schemas.line.safeParse(properties)
      if (!read.success) return { kind: 'other' }
      const change = name === 'Product Added' ? 'added' : 'removed'
      return { kind: 'line', change, cartId: read.data.cart_id, item: toItem(read.data, currency) }
    }
    case 'cart': {
      const read = schemas.cart.safeParse(properties)
      return read.success ? { kind: 'cart', cart: toCart(read.data, currency) } : { kind: 'other' }
    }
    case 'order': {
      const read = schemas.order.safeParse(properties)
      if (!read.success) return { kind: 'other' }
      return {
        kind: 'order',
        change: orderChange[name as keyof typeof orderChange],
        order: toOrder(read.data, currency),
      }
    }
    case 'consent': {
      const read = schemas.consent.safeParse(properties)
      if (!read.success) return { kind: 'other' }
      const { topics, source, text: words } = read.data
      const said = { ...(source !== undefined && { source }), ...(words !== undefined && { text: words }) }
      return { kind: 'consent', given: name === 'Consent Given', topics, ...said }
    }
    case 'request':
      return { kind: 'other' }
    case 'survey': {
      const read = schemas.survey.safeParse(properties)
      return read.success ? { kind: 'survey', answer: read.data } : { kind: 'other' }
    }
    case 'message': {
      const read = schemas.message.safeParse(properties)
      return read.success ? { kind: 'message', about: read.data } : { kind: 'other' }
    }
  }
}

export interface Problem {
  path: string
  message: string
}

const urlFields = ['url', 'image_url', 'video_url'] as const

function unsafeUrls(properties: Record<string, unknown>, path: string): Problem[] {
  const found: Problem[] = []
  for (const field of urlFields) {
    const value = properties[field]
    if (value !== undefined && value !== null && safeUrl(value) === undefined) {
      found.push({
        path: `${path}.${field}`,
        message: 'not an absolute http(s) URL: dropped, the event is kept',
      })
    }
  }
  return found
}

/**
 * What is wrong with a tracked event: `errors` refuse it, `warnings` name what was dropped from it.
 * Unknown names have neither.
 */
export function problemsOf(
  name: string,
  properties: Record<string, unknown>,
): { errors: Problem[]; warnings: Problem[] } {
  if (!isName(name)) return { errors: [], warnings: [] }
  const read = schemas[meaning[name]].safeParse(properties)
  const errors = read.success
    ? []
    : read.error.issues.map((issue) => ({
        path: ['properties', ...issue.path].join('.'),
        message: issue.message,
      }))
  const warnings = unsafeUrls(properties, 'properties')
  const { products: list } = properties
  if (Array.isArray(list)) {
    list.forEach((item: unknown, index) => {
      if (item !== null && typeof item === 'object') {
        warnings.push(...unsafeUrls(item as Record<string, unknown>, `properties.products.${index}`))
      }
    })
  }
  return { errors, warnings }
}
