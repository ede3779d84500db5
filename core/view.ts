/**
 * What a mail sees of a customer: the names a template may print, test and loop over. The static check of
 * `core/template/field.ts` reads this schema, so a name that is not here is a mistake with a place. Amounts
 * are whole minor units; the currency is the field `currency` beside them, else `shop.currency`, and
 * `{{money cart.total}}`, or `{{money price}}` inside `{{#each cart.items}}`, finds it by itself.
 */
import * as z from 'zod'
import { Instant } from './time.ts'

/** What a field is, beyond its type: amounts want `money`, instants and dates want `date`. */
export type Kind = 'money' | 'date'

const Minor = z.number().meta({ kind: 'money' })
const When = Instant.meta({ kind: 'date' })
/** A local date such as a birthday: `YYYY-MM-DD`, or `--MM-DD` without a year. */
const Day = z.string().meta({ kind: 'date' })

/** A product as a line of a cart or order, or on its own. Prices are minor units of `currency`. */
export const ViewItem = z.object({
  id: z.string(),
  sku: z.string().optional(),
  name: z.string().optional(),
  url: z.string().optional(),
  image: z.string().optional(),
  price: Minor.optional(),
  comparePrice: Minor.optional(),
  currency: z.string(),
  quantity: z.number(),
  category: z.string().optional(),
  brand: z.string().optional(),
  variant: z.string().optional(),
  stock: z.number().optional(),
  rating: z.number().optional(),
  video: z.string().optional(),
})
export type ViewItem = z.infer<typeof ViewItem>

const Customer = z.object({
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  locale: z.string().optional(),
  timeZone: z.string().optional(),
  gender: z.string().optional(),
  occupation: z.string().optional(),
  birthday: Day.optional(),
  region: z.string().optional(),
  interests: z.array(z.string()).optional(),
  since: When.optional(),
  /** Whole years since then, by her calendar. */
  years: z.number().optional(),
  orderCount: z.number().optional(),
  lifetimeValue: Minor.optional(),
  favouriteCategories: z.array(z.string()).optional(),
})

const Cart = z.object({
  id: z.string(),
  url: z.string().optional(),
  items: z.array(ViewItem),
  /** How many pieces: the sum of the quantities. */
  count: z.number(),
  total: Minor,
  currency: z.string(),
})

const Order = z.object({
  id: z.string(),
  items: z.array(ViewItem),
  count: z.number(),
  total: Minor.optional(),
  currency: z.string(),
  at: When.optional(),
})

const Offer = z.object({
  code: z.string(),
  percent: z.number().optional(),
  endsAt: When.optional(),
})

const Loyalty = z.object({
  points: z.number(),
  tier: z.string().optional(),
  nextTier: z.string().optional(),
  /** The multiple of points that a journey `points: 500` was last entered by, such as 1500. */
  reached: z.number().optional(),
  /** Points still missing to the next tier. */
  toNext: z.number().optional(),
  expiring: z.object({ points: z.number(), at: When }).optional(),
})

const Store = z.object({
  name: z.string(),
  url: z.string().optional(),
  address: z.string().optional(),
  hours: z.string().optional(),
  stock: z.number().optional(),
})

const Shop = z.object({
  name: z.string(),
  url: z.string().optional(),
  /** The postal address that the law wants in every mail. */
  address: z.string().optional(),
  logo: z.string().optional(),
  currency: z.string(),
})

/** Links of ours: made for this message, never rewritten for click tracking. */
const Links = z.object({
  unsubscribe: z.string(),
  preferences: z.string().optional(),
  online: z.string().optional(),
  /** The shop's cart page, filled with her cart as it is when she comes. */
  cart: z.string().optional(),
  /** The survey's page; a button adds its score: `{{links.survey}}?score=9`. */
  survey: z.string().optional(),
  /** The same of how easy it was, 1 to 5: `{{links.ease}}?score=4`. */
  ease: z.string().optional(),
  /** Her second yes, where settings want two. */
  confirm: z.string().optional(),
})

/** Her last answer to a survey. */
const Survey = z.object({
  survey: z.string(),
  score: z.number(),
  comment: z.string().optional(),
  at: When,
})

export const View = z.object({
  customer: Customer,
  cart: Cart.optional(),
  /** The order that triggered the journey. */
  order: Order.optional(),
  /** The product that triggered the journey. */
  product: ViewItem.optional(),
  /**
   * What to show next: products she looked at and has neither in her cart nor bought, those of categories she
   * likes first; without `product`.
   */
  products: z.array(ViewItem).optional(),
  /** Products she looked at lately, newest first. */
  recent: z.array(ViewItem).optional(),
  offer: Offer.optional(),
  loyalty: Loyalty.optional(),
  store: Store.optional(),
  survey: Survey.optional(),
  shop: Shop,
  links: Links,
  journey: z.object({ name: z.string(), step: z.string().optional() }),
  /** The event she entered the journey by. */
  event: z.object({ name: z.string(), properties: z.record(z.string(), z.unknown()) }).optional(),
  now: When,
})
export type View = z.infer<typeof View>
