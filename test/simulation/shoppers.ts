/**
 * Eight customers and six days of shopping: looks, carts, orders (here and in other channels), accounts and
 * guests, a guest who signs up, an account that turns out to be another, choices about mail. All of it is laid
 * down from the seed before the world begins; what goes wrong on the way is not known here.
 */
import { type Instant, plus } from '#core/time'
import type { Chance } from './chance.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

/** What a call is about, for the oracle. */
export type About =
  | { kind: 'order'; orderId: string; total: number; again: boolean }
  | { kind: 'consent'; given: boolean; topic: string | undefined; address: string }
  | { kind: 'other' }

/** A call the shop or a browser makes, at its time. */
export interface Said {
  at: Instant
  shopper: Shopper
  endpoint: 'track' | 'identify' | 'alias'
  key: 'server-key' | 'browser-key'
  body: { messageId: string; timestamp: Instant } & Record<string, unknown>
  about: About
}

export interface Shopper {
  name: string
  address: string
  devices: readonly [string, ...string[]]
  userId?: string
  /** A second account of hers, and when the shop says that both are one. */
  otherUserId?: string
  mergedAt?: Instant
  /** When she signs up, where she was a guest before. */
  joinsAt?: Instant
  zone: string
  /** When her mailbox is gone. */
  mailboxGoneAt?: Instant
}

const names = ['Mia', 'Rina', 'Ana', 'Bo', 'Cy', 'Dora', 'Eve', 'Fay'] as const
const zones = [
  'Europe/Berlin',
  'Europe/Berlin',
  'Asia/Dhaka',
  'America/New_York',
  'Pacific/Auckland',
] as const
const topics = ['reminders', 'greetings', 'loyalty'] as const

export function shoppersOf(chance: Chance, start: Instant): Shopper[] {
  return names.map((name) => {
    const lower = name.toLowerCase()
    const kind = chance.pick(['account', 'account', 'guest', 'joins', 'joins', 'merged'])
    const middle = () => plus(start, chance.int(dayMs, 5 * dayMs))
    return {
      name,
      address: `${lower}@example.com`,
      devices: chance.hit(0.6) ? [`${lower}-phone`, `${lower}-desk`, `${lower}-tv`] : [`${lower}-phone`],
      ...(kind !== 'guest' && { userId: lower }),
      ...(kind === 'joins' && { joinsAt: middle() }),
      ...(kind === 'merged' && { otherUserId: `${lower}-2`, mergedAt: middle() }),
      zone: chance.pick(zones),
      ...(chance.hit(0.12) && { mailboxGoneAt: middle() }),
    }
  })
}

const products = ['lamp', 'rug', 'vase', 'chair', 'bowl', 'clock'] as const

/** Lays down one customer's six days. */
class Days {
  readonly said: Said[] = []
  private readonly chance: Chance
  private readonly shopper: Shopper
  private readonly start: Instant
  private carts = 0
  private orders = 0
  private cartId = ''

  constructor(chance: Chance, shopper: Shopper, start: Instant) {
    this.chance = chance
    this.shopper = shopper
    this.start = start
  }

  private isAccount(at: Instant): boolean {
    const { userId, joinsAt } = this.shopper
    return userId !== undefined && (joinsAt === undefined || at >= joinsAt)
  }

  private say(
    at: Instant,
    by: Said['key'],
    call: { endpoint?: Said['endpoint']; about?: About } & Record<string, unknown>,
  ): void {
    const { endpoint = 'track', about = { kind: 'other' }, ...body } = call
    const { shopper, chance } = this
    const messageId = `${shopper.name}-${this.said.length + 1}`
    // Told later than it happened: a phone without a net, a shop's job that hangs.
    const lateMs = chance.hit(0.06) ? chance.int(minuteMs, 5 * 3_600_000) : 0
    this.said.push({
      at: plus(at, lateMs),
      shopper,
      endpoint,
      key: by,
      body: { messageId, timestamp: at, ...body },
      about,
    })
  }

  /** By whom the shop's server knows her at that time. */
  private named(at: Instant): Record<string, unknown> {
    const { userId, otherUserId, address } = this.shopper
    if (!this.isAccount(at)) return { context: { traits: { email: address } } }
    const id = otherUserId !== undefined && this.chance.hit(0.3) ? otherUserId : userId
    return this.chance.hit(0.3) && id === userId
      ? { userId: id, context: { traits: { email: address } } }
      : { userId: id }
  }

  private device(): string {
    return this.chance.pick(this.shopper.devices)
  }

  signIn(at: Instant): void {
    const { address, userId, zone } = this.shopper
    const traits = { email: address, timezone: zone, firstName: this.shopper.name }
    if (this.isAccount(at))
      this.say(at, 'server-key', { endpoint: 'identify', userId, anonymousId: this.device(), traits })
    else if (this.chance.hit(0.4))
      this.say(at, 'browser-key', {
        endpoint: 'identify',
        anonymousId: this.device(),
        traits: { email: address },
      })
    else
      this.say(at, 'server-key', {
        endpoint: 'identify',
        anonymousId: this.device(),
        traits: { email: address, timezone: zone },
      })
  }

  private product() {
    const id = this.chance.pick(products)
    return { product_id: id, name: `The ${id}`, price: 20, quantity: 1, category: 'Home' }
  }

  view(at: Instant): void {
    this.say(at, 'browser-key', {
      event: 'Product Viewed',
      anonymousId: this.device(),
      properties: this.product(),
    })
  }

  cart(at: Instant): void {
    const { chance } = this
    if (this.cartId === '' || chance.hit(0.4)) {
      this.carts += 1
      this.cartId = `${this.shopper.name}-cart-${this.carts}`
    }
    const count = chance.hit(0.1) ? 0 : chance.int(1, 3)
    const list = chance
      .shuffled([...products])
      .slice(0, count)
      .map((id) => ({ product_id: id, name: `The ${id}`, price: 20, quantity: 1 }))
    const byServer = chance.hit(0.5)
    const who = byServer ? this.named(at) : { anonymousId: this.device() }
    const properties = { cart_id: this.cartId, products: list }
    this.say(at, byServer ? 'server-key' : 'browser-key', { event: 'Cart Updated', ...who, properties })
  }

  order(at: Instant): void {
    const { chance, shopper } = this
    this.orders += 1
    this.cartId = ''
    const orderId = `${shopper.name}-order-${this.orders}`
    const total = chance.int(1, 9) * 10
    const who = chance.hit(0.4) ? { ...this.named(at), anonymousId: this.device() } : this.named(at)
    const properties = { order_id: orderId, total, currency: 'EUR', products: [this.product()] }
    const tell = (when: Instant, again: boolean) =>
      this.say(when, 'server-key', {
        event: 'Order Completed',
        ...who,
        properties,
        about: { kind: 'order', orderId, total, again },
      })
    tell(at, false)
    // Two systems of the shop tell of one order.
    if (chance.hit(0.15)) tell(plus(at, chance.int(1000, 90 * minuteMs)), true)
  }

  choose(at: Instant, given: boolean): void {
    const { chance, shopper } = this
    const topic = chance.hit(0.5) ? undefined : chance.pick(topics)
    const { address, userId } = shopper
    const who = this.isAccount(at)
      ? { userId, context: { traits: { email: address } } }
      : { context: { traits: { email: address } } }
    const properties = topic === undefined ? {} : { topics: [topic] }
    const event = given ? 'Consent Given' : 'Consent Withdrawn'
    this.say(at, 'server-key', {
      event,
      ...who,
      properties,
      about: { kind: 'consent', given, topic, address },
    })
  }

  session(at: Instant): void {
    const { chance } = this
    let now = at
    const on = (most: number) => {
      now = plus(now, chance.int(5000, most * minuteMs))
      return now
    }
    for (let views = chance.int(0, 2); views > 0; views -= 1) this.view(plus(now, -chance.int(1, 2500)))
    if (chance.hit(0.5)) this.signIn(now)
    for (let views = chance.int(0, 3); views > 0; views -= 1) this.view(on(5))
    for (let carts = chance.int(0, 2); carts > 0; carts -= 1) this.cart(on(10))
    if (chance.hit(0.05))
      this.say(on(5), 'server-key', {
        event: 'Warranty Registered',
        ...this.named(now),
        properties: { serial: 'x' },
      })
    if (chance.hit(0.35)) this.order(chance.hit(0.5) ? on(15) : on(180))
  }

  /** Much happens right before she turns out to be another: what is on its way then is what may get lost. */
  private busy(until: Instant): void {
    const { chance } = this
    const shortly = (mostMs: number) => plus(until, -chance.int(1, mostMs))
    this.cart(shortly(2 * 3_600_000))
    if (chance.hit(0.7)) this.cart(shortly(4000))
    if (chance.hit(0.5)) this.order(shortly(3000))
    for (let views = chance.int(1, 3); views > 0; views -= 1) this.view(shortly(3000))
  }

  live(): Said[] {
    const { chance, shopper, start } = this
    const { joinsAt, mergedAt, userId, otherUserId } = shopper
    if (joinsAt === undefined || chance.hit(0.7)) this.signIn(plus(start, chance.int(0, 4 * 3_600_000)))
    if (chance.hit(0.8)) this.choose(plus(start, chance.int(3_600_000, 12 * 3_600_000)), true)
    for (let day = 0; day < 6; day += 1)
      for (let sessions = chance.int(0, 2); sessions > 0; sessions -= 1)
        this.session(plus(start, day * dayMs + chance.int(0, dayMs - 4 * 3_600_000)))
    if (chance.hit(0.4)) this.choose(plus(start, chance.int(dayMs, 5 * dayMs)), false)
    if (chance.hit(0.2)) this.choose(plus(start, chance.int(2 * dayMs, 5 * dayMs)), true)
    if (joinsAt !== undefined) {
      this.busy(joinsAt)
      this.signIn(joinsAt)
    }
    if (mergedAt !== undefined) this.busy(mergedAt)
    if (mergedAt !== undefined)
      this.say(mergedAt, 'server-key', { endpoint: 'alias', userId, previousId: otherUserId })
    return this.said
  }
}

/** Everything that will be said, in order of time. */
export const storyOf = (chance: Chance, shoppers: readonly Shopper[], start: Instant): Said[] =>
  shoppers
    .flatMap((shopper) => new Days(chance, shopper, start).live())
    .sort((one, other) => (one.at < other.at ? -1 : 1))
