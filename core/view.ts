/**
 * What a mail sees of a customer: the names a template may print, test and loop over. Each field says here what
 * it means, an example, and where it comes from; checks (`core/template/field.ts`), completion in editors
 * (`templates/view.schema.json`) and the table in docs/templates.md are read off this schema. Amounts are whole
 * minor units; their currency is the field `currency` beside them, else `shop.currency`: `{{money cart.total}}`,
 * or `{{money price}}` inside `{{#each cart.items}}`, finds it by itself.
 */
import * as z from 'zod'
import { Instant } from './time.ts'

/** What a field is, beyond its type: amounts want `money`, instants and dates want `date`, HTML three braces. */
export type Kind = 'money' | 'date' | 'html'

/** Of what is known of her as the mail is made, or put together for this mail from settings, keys and the clock. */
export type Source = 'profile' | 'fetched'

const described = <T extends z.ZodType>(schema: T, description: string, example: unknown): T =>
  schema.meta({ description, examples: [example] })

const text = (about: string, example: string) => described(z.string(), about, example)
const number = (about: string, example: number) => described(z.number(), about, example)
const texts = (about: string, example: string[]) => described(z.array(z.string()), about, example)
const amount = (about: string, example: number) =>
  described(z.number().meta({ kind: 'money' }), about, example)
const when = (about: string, example: string) => described(Instant.meta({ kind: 'date' }), about, example)
const sourced = <T extends z.ZodType>(source: Source, schema: T, description: string): T =>
  schema.meta({ source, description })

const currency = () => text('what the amounts beside it are in, ISO 4217', 'BDT')

/** A product as a line of a cart or order, or on its own. Prices are minor units of `currency`. */
export const ViewItem = z
  .object({
    id: text('the shop’s id of the product', 'saree-12'),
    sku: text('the article number', 'SR-12-R').optional(),
    name: text('what it is called', 'Jamdani saree').optional(),
    url: text('its page', 'https://shop.example/p/saree-12').optional(),
    image: text('the address of its picture', 'https://shop.example/i/saree-12.jpg').optional(),
    price: amount('the price of one', 275000).optional(),
    comparePrice: amount('what one cost before', 320000).optional(),
    currency: currency(),
    quantity: number('how many', 1),
    category: text('what it is filed under', 'Sarees').optional(),
    brand: text('who makes it', 'Nakshi').optional(),
    variant: text('size, colour and the like', 'red').optional(),
    stock: number('how many are left; nothing fills it yet', 3).optional(),
    rating: number('stars that customers gave it, 0 to 5', 4.6).optional(),
    video: text('a film of it', 'https://shop.example/v/saree-12').optional(),
  })
  .meta({ id: 'Item', description: 'A product, or a line of a cart or order' })
export type ViewItem = z.infer<typeof ViewItem>

const items = (about: string) => z.array(ViewItem).meta({ description: about })

const Customer = z.object({
  firstName: text('her first name', 'Mia').optional(),
  lastName: text('her last name', 'Rahman').optional(),
  locale: text('her language and region', 'bn-BD').optional(),
  timeZone: text('where her clock is', 'Asia/Dhaka').optional(),
  gender: text('as the shop knows it', 'female').optional(),
  occupation: text('what she does', 'teacher').optional(),
  birthday: described(
    z.string().meta({ kind: 'date' }),
    'the day, `YYYY-MM-DD`, or `--MM-DD` without a year',
    '--03-14',
  ).optional(),
  region: text('where she lives', 'Khulna').optional(),
  interests: texts('what she said she likes', ['sarees', 'tea']).optional(),
  since: when('when she first ordered or signed up', '2024-05-02T09:00:00.000Z').optional(),
  years: number('whole years since then, by her calendar', 2).optional(),
  orderCount: number('how often she ordered', 7).optional(),
  lifetimeValue: amount('what she paid so far, in the shop’s currency', 1850000).optional(),
  favouriteCategories: texts('what she looks at and buys most, the dearest first', ['Sarees']).optional(),
})

const Cart = z.object({
  id: text('the shop’s id of the cart', 'c-81'),
  url: text('the shop’s cart page', 'https://shop.example/cart').optional(),
  items: items('what is in it'),
  count: number('how many pieces: the sum of the quantities', 2),
  total: amount(
    'what it is worth; missing where the shop told neither that nor every price',
    550000,
  ).optional(),
  currency: currency(),
})

const Order = z.object({
  id: text('the order’s number', '10042'),
  items: items('what she ordered, its first twelve lines'),
  count: number('how many pieces', 2),
  total: amount('what she paid', 550000).optional(),
  currency: currency(),
  at: when('when she ordered', '2026-11-24T12:00:00.000Z').optional(),
})

const Offer = z.object({
  code: text('the code she types in', 'THANKS10'),
  percent: number('how much it takes off', 10).optional(),
  endsAt: when('until when it is good', '2026-12-01T17:59:00.000Z').optional(),
  lastDay: described(
    z.string().meta({ kind: 'date' }),
    'the last day it is good, printed as the same day everywhere',
    '2026-12-01',
  ).optional(),
})

const Loyalty = z.object({
  points: number('her points', 1240),
  tier: text('the tier she is in', 'Silver').optional(),
  nextTier: text('the tier above', 'Gold').optional(),
  reached: number(
    'the multiple of points that a journey `points: 500` was last entered by, such as 1500',
    1000,
  ).optional(),
  toNext: number('points still missing to the next tier', 260).optional(),
  expiring: z
    .object({
      points: number('how many end', 100),
      at: when('when they end', '2026-12-31T17:59:00.000Z'),
    })
    .meta({ description: 'points that end soon; nothing fills it yet' })
    .optional(),
})

const Store = z.object({
  name: text('what it is called', 'Nakshi, Gulshan'),
  url: text('its page', 'https://shop.example/stores/gulshan').optional(),
  address: text('where it is', 'Gulshan Avenue 12, Dhaka').optional(),
  hours: text('when it is open', '10 to 20, closed on Fridays').optional(),
  stock: number('how many are there', 2).optional(),
})

const Shop = z.object({
  name: text('what the shop is called', 'Nakshi'),
  url: text(
    'its front page, without a slash at its end: `{{shop.url}}/sale`',
    'https://shop.example',
  ).optional(),
  address: text('the postal address that the law wants in every mail', 'Road 5, Dhaka 1205').optional(),
  logo: text('the address of its logo', 'https://shop.example/logo.png').optional(),
  currency: currency(),
  notice: described(
    z.string().meta({ kind: 'html' }),
    'a word to everybody, as settings.yaml has it in her language; HTML: `{{{shop.notice}}}`',
    'We rest from <b>Friday</b> to Sunday.',
  ).optional(),
})

const Links = z.object({
  unsubscribe: text('ends it; the law wants it in every marketing mail', 'https://go.shop.example/u/…'),
  preferences: text('what she gets, and how often', 'https://go.shop.example/p/…').optional(),
  online: text('this mail in a browser', 'https://go.shop.example/v/…').optional(),
  cart: text(
    'the shop’s cart page, filled with her cart as it is when she comes',
    'https://go.shop.example/s/…',
  ).optional(),
  survey: text(
    'a survey’s page; a button adds its score: `{{links.survey}}?score=9`',
    'https://go.shop.example/a/…',
  ).optional(),
  ease: text(
    'the same of how easy it was, 1 to 5: `{{links.ease}}?score=4`',
    'https://go.shop.example/a/…',
  ).optional(),
  confirm: text('her second yes, where settings want two', 'https://go.shop.example/y/…').optional(),
})

const Survey = z.object({
  survey: text('which survey', 'nps'),
  score: number('what she chose', 9),
  comment: text('what she wrote', 'Lovely!').optional(),
  at: when('when she answered', '2026-11-20T08:00:00.000Z'),
})

const Journey = z.object({
  name: text('the journey’s name', 'Abandoned cart'),
  step: text('the mail of it', 'reminder').optional(),
})

const Event = z.object({
  name: text('what happened', 'Cart Updated'),
  properties: z
    .record(z.string(), z.unknown())
    .meta({ description: 'whatever the shop told of it', examples: [{ coupon: 'X' }] }),
})

export const View = z.object({
  customer: sourced('profile', Customer, 'who gets the mail'),
  cart: sourced('profile', Cart, 'her cart as it is now; missing when it is empty').optional(),
  order: sourced('profile', Order, 'the order she entered the journey by').optional(),
  product: sourced('profile', ViewItem, 'the product she entered the journey by').optional(),
  products: sourced(
    'profile',
    z.array(ViewItem),
    'what to show next: products she looked at and has neither in her cart nor bought, of categories she likes first; without `product`',
  ).optional(),
  recent: sourced('profile', z.array(ViewItem), 'products she looked at lately, newest first').optional(),
  offer: sourced('fetched', Offer, 'the journey’s gift in settings.yaml').optional(),
  loyalty: sourced('profile', Loyalty, 'her points and tier').optional(),
  store: sourced('fetched', Store, 'the shop nearest to her; nothing fills it yet').optional(),
  survey: sourced(
    'profile',
    Survey,
    'her answer to a question of this run, else her last one to a survey',
  ).optional(),
  shop: sourced('fetched', Shop, 'the shop that sends the mail'),
  links: sourced('fetched', Links, 'links of ours, made for this mail; clicks on them are not tracked'),
  journey: sourced('fetched', Journey, 'why she gets it'),
  event: sourced('profile', Event, 'the event she entered the journey by').optional(),
  now: when('when the mail is made', '2026-11-24T13:00:00.000Z').meta({ source: 'fetched' }),
})
export type View = z.infer<typeof View>
