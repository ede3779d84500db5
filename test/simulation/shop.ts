/**
 * The simulated shop: its settings and the releases that are published while customers are inside. Journeys
 * are small, so that many of them meet: reminders, thanks, a welcome that waits for a click, points, a daily
 * letter, and one that cannot be decided until the next release mends it.
 */
import type { Draft } from '#core/draft'
import type { ReleasedJourney } from '#core/release'
import { Settings } from '#core/settings'
import type { CompiledMail } from '#core/template/compiled'
import { aJourney } from '#test/fixture/builder'
import { aMail } from '#test/fixture/story'
import type { Chance } from './chance.ts'

export const quietHours = { from: '21:00', to: '08:00' }
export const cap = { mails: 3, fewer: 1, within: '2d', withinMs: 2 * 86_400_000 }

/** What the shop's settings allow and ask for. */
interface Rules {
  /** Reminders go to who never said yes. */
  reminding: boolean
  /** A yes counts once it was confirmed by the link of a mail. */
  doubleOptIn: boolean
}

const settings = ({ reminding, doubleOptIn }: Rules): Settings =>
  Settings.parse({
    shop: { name: 'Meadow & Loom', url: 'https://shop.example' },
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    quietHours,
    cap: { mails: cap.mails, within: cap.within },
    fewer: { mails: cap.fewer, within: cap.within },
    remindersWithoutConsent: reminding,
    doubleOptIn,
    topics: {
      reminders: { name: { en: 'Reminders' } },
      greetings: { name: { en: 'Greetings' } },
      loyalty: { name: { en: 'Points' } },
      orders: { name: { en: 'Your orders' }, kind: 'service' },
    },
  })

const cart = (quiet: string, last: boolean) =>
  aJourney(
    'cart',
    `
  enter: { on: Cart Updated, if: { cart.count: { gte: 1 } }, key: cart.id, rest: 8h }
  exit: [{ on: Order Completed }, { if: { cart.count: { eq: 0 } } }]
  steps:
    - wait: { quiet: ${quiet} }
    - send: reminder
    ${last ? '- wait: 6h\n    - send: last-call' : ''}
  `,
  )

const browse = aJourney(
  'browse',
  `
  intent: browse
  enter: { on: Product Viewed, rest: 1d }
  exit: [{ on: [Cart Updated, Order Completed] }]
  steps: [{ wait: 2h }, { send: looked }]
  `,
)

const thanks = aJourney(
  'thanks',
  `
  intent: service
  topic: orders
  enter: { on: Order Completed, key: order.id }
  steps: [{ send: thanks }]
  `,
)

const welcome = (upTo: string) =>
  aJourney(
    'welcome',
    `
  intent: loyalty
  topic: greetings
  enter: { on: Consent Given, rest: 20d }
  steps:
    - send: welcome
    - wait: { for: { on: Email Clicked, in: this run }, upTo: ${upTo}, else: continue }
    - send: nudge
  `,
  )

const confirm = aJourney(
  'confirm',
  `
  intent: service
  topic: orders
  enter: { on: Consent Requested, rest: 1h }
  exit: [{ on: Consent Withdrawn }]
  steps: [{ send: confirm }]
  `,
)

const points = aJourney(
  'points',
  `
  intent: loyalty
  topic: loyalty
  enter: { points: 60 }
  steps: [{ send: points }]
  `,
)

const letter = aJourney(
  'letter',
  `
  intent: news
  topic: greetings
  enter: { every: day, at: '10:00', if: { customer.orderCount: { gte: 1 } } }
  steps: [{ send: letter }]
  `,
)

const never = '- branch: [{ if: { customer.orderCount: { gte: 100000 } }, steps: [{ send: never }] }]'

/** Deciding it throws: it walks further than a walk may without waiting. */
const poison = aJourney(
  'warranty',
  `
  intent: service
  topic: orders
  enter: { on: Warranty Registered }
  steps:
    ${Array.from({ length: 70 }, () => never).join('\n    ')}
  `,
)

const mended = aJourney(
  'warranty',
  `
  intent: service
  topic: orders
  enter: { on: Warranty Registered }
  steps: [{ send: warranty }]
  `,
)

function draft(own: readonly ReleasedJourney[], rules: Rules): Draft {
  const journeys = rules.doubleOptIn ? [...own, confirm] : own
  const mails: Record<string, CompiledMail> = {}
  for (const journey of journeys)
    for (const [name, hash] of Object.entries(journey.mails))
      mails[hash] = aMail({ subject: [name], required: name === 'reminder' ? ['cart'] : [] })
  return {
    settings: settings(rules),
    journeys: Object.fromEntries(journeys.map((one) => [one.id, one])),
    mails,
  }
}

export interface Shop extends Rules {
  /** The first release, those that come while people are inside, and the last, which mends and ends all. */
  first: Draft
  later: Draft[]
  last: Draft
  /** Its customers use more of their mails than the links: choices topic by topic, fewer mails, surveys, the cart. */
  choosy: boolean
}

const marketing = new Set(['cart', 'browse', 'welcome', 'points', 'letter'])

export const isMarketing = (journey: string): boolean => marketing.has(journey)

export const topicOf = (journey: string): string =>
  journey === 'cart' || journey === 'browse' ? 'reminders' : journey === 'points' ? 'loyalty' : 'greetings'

/** Journeys of a world, and how its releases change them. `habits`: drawn apart, as they came to the worlds later. */
export function shopOf(chance: Chance, habits: Chance): Shop {
  const rules = { reminding: chance.hit(0.5), doubleOptIn: habits.hit(0.2) }
  const base = [cart('1h', true), browse, thanks, welcome('10h'), points]
  const withPoison = chance.hit(0.3) ? [poison] : [mended]
  const daily = chance.hit(0.4) ? [letter] : []
  const first = draft([...base, ...withPoison, ...daily], rules)
  const variants = [
    draft([cart('30m', true), browse, thanks, welcome('10h'), points, ...withPoison], rules),
    draft([cart('2h', false), thanks, welcome('4h'), points, ...withPoison, letter], rules),
    draft([cart('1h', true), browse, thanks, points, ...withPoison, ...daily], rules),
    first,
  ]
  const later = chance.hit(0.7) ? chance.shuffled(variants).slice(0, chance.int(1, 3)) : []
  return { first, later, last: draft([...base, mended], rules), ...rules, choosy: habits.hit(0.4) }
}
