/**
 * The sample shop's server, below `/shop/api/`: who is at the browser, her cart, checkout, orders and returns.
 * The server key stays here; the browser knows its own alone. Orders are priced from the catalog, consent is
 * said with the very words that stood beside the checkbox. Next: `homeward.ts`, `local/page/shop/`.
 */
import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Currency, catalog, productOf, specOf } from './catalog.ts'
import { type Homeward, homewardAt } from './homeward.ts'
import { sampleIdOf, samples } from './samples.ts'
import {
  type Account,
  type Cart,
  type Guest,
  type Order,
  ShopStore,
  type Visitor,
  type Who,
} from './store.ts'

const MOST_OF_ONE = 99
const COOKIE = 'meadow'
const COOKIE_S = 31_536_000

export type ShopRequest = {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}
export type ShopAnswer = { status: number; headers: Record<string, string>; body: string }

type Shop = {
  url: string
  browserKey: string
  store: ShopStore
  homeward: Homeward
  now: () => string
  /** What was asked last by each browser. */
  turns: Map<string, Promise<unknown>>
}
type Bag = Record<string, unknown>
type Handler = (shop: Shop, visitor: Visitor, said: Bag) => Promise<unknown> | unknown

/** What the caller can mend; its words are shown to her. */
class Refused extends Error {}

const text = (value: unknown, most = 254): string =>
  typeof value === 'string' ? value.trim().slice(0, most) : ''

const freshCart = (currency: Currency): Cart => ({
  id: `cart-${randomUUID().slice(0, 8)}`,
  currency,
  lines: {},
})

function personIn(said: Bag): Guest {
  const email = text(said.email).toLowerCase()
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Refused('Write your e-mail like name@example.com.')
  const locale = text(said.locale, 20) || 'en'
  const timeZone = text(said.timeZone, 60) || 'UTC'
  return { email, name: text(said.name, 200), locale, timeZone, marketing: said.marketing === true }
}

function traitsOf({ email, name, locale, timeZone }: Guest) {
  const [firstName, ...rest] = name.split(/\s+/)
  const names = name === '' ? {} : { name, firstName, ...(rest.length > 0 && { lastName: rest.join(' ') }) }
  return { email, ...names, locale, timezone: timeZone }
}

/** Who a call is about, with the browser she sits at. */
function whoOf({ id, userId, guest }: Visitor, said: Bag): Who {
  const anonymousId = text(said.anonymousId) || id
  if (userId !== undefined) return { userId, anonymousId }
  return { anonymousId, ...(guest && { context: { traits: { email: guest.email } } }) }
}

async function introduce(shop: Shop, visitor: Visitor, said: Bag, of: { person: Guest; source: string }) {
  const { person, source } = of
  const who = whoOf(visitor, said)
  await shop.homeward.identify({ ...who, traits: traitsOf(person) })
  if (!person.marketing) return
  const locale = said.language === 'bn' ? 'bn' : 'en'
  const properties = { source, text: catalog.consent[locale], locale }
  await shop.homeward.track({ ...who, event: 'Consent Given', properties })
}

/** A shop's own id of a customer: nothing of her address shows in it. */
const userIdOf = (email: string) =>
  sampleIdOf(email) ?? `shopper-${createHash('sha256').update(email).digest('hex').slice(0, 12)}`

async function signIn(shop: Shop, visitor: Visitor, said: Bag) {
  const person = personIn(said)
  const ready = samples.find(({ email }) => email === person.email)
  const fresh = { ...person, userId: userIdOf(person.email), ...ready, marketing: false }
  const account: Account = shop.store.accountBy(person.email) ?? fresh
  visitor.userId = account.userId
  delete visitor.guest
  const yes = person.marketing && !account.marketing
  await introduce(shop, visitor, said, { person: { ...account, marketing: yes }, source: 'sign-up form' })
  shop.store.putAccount({ ...account, marketing: account.marketing || yes })
}

/** Changes what her account says of her; taking the tick away is a withdrawal. */
async function change(shop: Shop, visitor: Visitor, said: Bag) {
  const known = shop.store.accountOf(visitor.userId)
  if (known === undefined) throw new Refused('Sign in first.')
  const person = { ...personIn({ ...said, email: known.email }) }
  const source = 'account page'
  const yes = person.marketing && !known.marketing
  await introduce(shop, visitor, said, { person: { ...person, marketing: yes }, source })
  if (known.marketing && !person.marketing) {
    const properties = { source }
    await shop.homeward.track({ ...whoOf(visitor, said), event: 'Consent Withdrawn', properties })
  }
  shop.store.putAccount({ ...known, ...person })
}

/** The first half of the checkout: who orders. From here on a cart left behind has somebody it belongs to. */
async function contact(shop: Shop, visitor: Visitor, said: Bag) {
  const account = shop.store.accountOf(visitor.userId)
  const person = personIn(account === undefined ? said : { ...said, email: account.email })
  const yes = person.marketing && account?.marketing !== true
  const source = 'checkout'
  if (account === undefined) visitor.guest = person
  await introduce(shop, visitor, said, { person: { ...person, marketing: yes }, source })
  if (account !== undefined)
    shop.store.putAccount({ ...account, name: person.name, marketing: account.marketing || yes })
}

function linesIn(said: unknown): Record<string, number> {
  if (typeof said !== 'object' || said === null) throw new Refused('A cart is a list of what is in it.')
  const lines = Object.entries(said).flatMap(([id, quantity]) => {
    const whole = Math.trunc(Number(quantity))
    return productOf(id) === undefined || !(whole > 0) ? [] : [[id, Math.min(whole, MOST_OF_ONE)] as const]
  })
  return Object.fromEntries(lines)
}

function putCart(_: Shop, visitor: Visitor, said: Bag) {
  const currency = said.currency === 'BDT' ? 'BDT' : 'EUR'
  visitor.cart = { id: visitor.cart.id, currency, lines: linesIn(said.lines) }
}

function linesOf({ currency, lines }: Cart): Order['lines'] {
  return Object.entries(lines).flatMap(([id, quantity]) => {
    const product = productOf(id)
    return product === undefined ? [] : [{ id, quantity, price: product.price[currency] }]
  })
}

const totalOf = (lines: Order['lines']) =>
  Math.round(lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0) * 100) / 100

async function order(shop: Shop, visitor: Visitor, said: Bag) {
  const { cart, userId, guest } = visitor
  const lines = linesOf(cart)
  if (lines.length === 0) throw new Refused('There is nothing in the cart.')
  if (userId === undefined && guest === undefined) throw new Refused('Say first who orders.')
  const total = totalOf(lines)
  const orderId = `order-${randomUUID().slice(0, 8)}`
  const { url } = shop
  const { currency } = cart
  const products = lines.flatMap(({ id, quantity }) => {
    const product = productOf(id)
    return product === undefined ? [] : [specOf(product, { currency, quantity, url })]
  })
  const properties = { order_id: orderId, cart_id: cart.id, currency, total, products }
  const who = whoOf(visitor, said)
  await shop.homeward.track({ ...who, event: 'Order Completed', properties })
  shop.store.putOrder({ orderId, at: shop.now(), currency, total, lines, visitorId: visitor.id, who })
  visitor.cart = freshCart(currency)
  return { orderId }
}

async function giveBack(shop: Shop, visitor: Visitor, said: Bag) {
  const found = shop.store.ordersOf(visitor).find(({ orderId }) => orderId === said.orderId)
  if (found === undefined) throw new Refused('You have no such order.')
  if (found.returnedAt !== undefined) return
  const properties = { order_id: found.orderId, currency: found.currency, total: found.total }
  await shop.homeward.track({ ...found.who, event: 'Order Refunded', properties })
  shop.store.putOrder({ ...found, returnedAt: shop.now() })
}

const newVisitor = (currency: Currency): Visitor => ({ id: randomUUID(), cart: freshCart(currency) })

/** Whoever is at the browser next is another visitor, to whom nothing belongs that was done before. */
function leave(shop: Shop, visitor: Visitor) {
  shop.store.dropVisitor(visitor)
  delete visitor.userId
  delete visitor.guest
  Object.assign(visitor, newVisitor(visitor.cart.currency))
}

/** What the pages show of her: nothing that another browser could use. */
function sessionOf(shop: Shop, visitor: Visitor) {
  const account = shop.store.accountOf(visitor.userId)
  return {
    writeKey: shop.browserKey,
    customer: account ?? visitor.guest ?? null,
    signedIn: account !== undefined,
    cart: visitor.cart,
    orders: shop.store.ordersOf(visitor).map(({ who: _, visitorId: __, ...shown }) => shown),
    samples: samples.map(({ email, name, locale, marketing }) => ({ email, name, locale, marketing })),
    now: shop.now(),
  }
}

const handlers: Record<string, Handler> = {
  'GET session': () => {},
  'PUT cart': putCart,
  'POST sign-in': signIn,
  'POST account': change,
  'POST sign-out': leave,
  'POST contact': contact,
  'POST order': order,
  'POST return': giveBack,
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): ShopAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
})

const problem = (status: number, detail: string) => json(status, { title: 'shop', status, detail })

const idIn = ({ headers }: ShopRequest): string | undefined =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{36})`).exec(String(headers.cookie ?? ''))?.[1]

/** Whoever the browser's cookie names, else somebody new. */
function visitorOf(shop: Shop, request: ShopRequest): Visitor {
  const id = idIn(request)
  const known = id === undefined ? undefined : shop.store.visitor(id)
  return known === undefined ? newVisitor('EUR') : structuredClone(known)
}

function bodyOf({ body }: ShopRequest): Bag {
  try {
    const said: unknown = body.length === 0 ? {} : JSON.parse(body.toString())
    if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said as Bag
  } catch {
    // Said below, together with bodies that are JSON but no object.
  }
  throw new Refused('The body must be a JSON object.')
}

/** One browser's requests are done one after the other: a change of the cart outlives an order's beginning. */
async function inTurn<T>(shop: Shop, request: ShopRequest, act: () => Promise<T>): Promise<T> {
  const { id } = visitorOf(shop, request)
  const turn = (shop.turns.get(id) ?? Promise.resolve()).then(act)
  shop.turns.set(id, turn)
  try {
    return await turn
  } finally {
    if (shop.turns.get(id) === turn) shop.turns.delete(id)
  }
}

async function answer(shop: Shop, request: ShopRequest): Promise<ShopAnswer> {
  const handler = handlers[`${request.method} ${request.path.slice('/shop/api/'.length)}`]
  if (handler === undefined) return problem(404, `There is no ${request.method} ${request.path} here.`)
  const visitor = visitorOf(shop, request)
  try {
    const more = await handler(shop, visitor, bodyOf(request))
    shop.store.putVisitor(visitor)
    const cookie = `${COOKIE}=${visitor.id}; Path=/shop; Max-Age=${COOKIE_S}; HttpOnly; SameSite=Lax`
    const session = { ...sessionOf(shop, visitor), ...(more as object | undefined) }
    return json(200, session, visitor.id === idIn(request) ? {} : { 'set-cookie': cookie })
  } catch (error) {
    if (error instanceof Refused) return problem(400, error.message)
    return problem(502, `Homeward did not take it: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Opens the shop's server: answers requests below `/shop/api/`, and never throws. */
export function openShop(options: {
  url: string
  dataDir: string
  keys: { server: string; browser: string }
  now: () => string
}): (request: ShopRequest) => Promise<ShopAnswer> {
  const { url, dataDir, keys, now } = options
  const store = new ShopStore(join(dataDir, 'shop.json'))
  const shop: Shop = {
    url,
    now,
    store,
    browserKey: keys.browser,
    homeward: homewardAt(url, keys.server),
    turns: new Map(),
  }
  return (request) => inTurn(shop, request, () => answer(shop, request))
}
