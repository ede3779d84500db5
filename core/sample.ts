/**
 * Sample customers made whole: what a mail is made of when it is not of a real customer, for test sends,
 * previews and checks. Each lived through a small story (she signed up, ordered, looked around, filled a cart,
 * answered a question), folded like everybody's events; her view is made by `mailView`, like everybody's.
 */
import { eventOf } from './enter.ts'
import { type Bag, type Event, eventKey, own } from './event.ts'
import { fold } from './fold.ts'
import { derive } from './id.ts'
import { entryByEvent } from './journey.ts'
import { ownLinks } from './own-links.ts'
import { mailView } from './present.ts'
import type { ReleasedJourney } from './release.ts'
import { multipleBelow } from './run.ts'
import { type SamplePerson, samplePeople } from './sample/people.ts'
import { seenWares, takenWares, type Ware } from './sample/wares.ts'
import type { Settings } from './settings.ts'
import { newState, type Run, type State } from './state.ts'
import { type Instant, plus } from './time.ts'
import { localeOf } from './traits.ts'
import type { View } from './view.ts'

const day = 86_400_000
const minute = 60_000

export interface Sampling {
  person: SamplePerson
  settings: Settings
  now: Instant
  /** Instead of her own. */
  locale?: string | undefined
  /** Where pictures of the wares lie, without a trailing slash; absent: they have none. */
  pictures?: string | undefined
}

/** A sample customer as of one journey's mail. */
export interface Sample {
  state: State
  /** What she entered the journey by; undefined: it begins by date or points. */
  event?: Run['event']
  /** The multiple of points that she entered the journey by. */
  reached?: number
}

const localeFor = ({ person, settings, locale }: Sampling): string =>
  locale ?? person.locale ?? settings.locale

/** A ware as the shop would tell of it in an event. */
function productOf(ware: Ware, of: Sampling): Bag {
  const { person, settings, pictures } = of
  const [language = 'en'] = localeFor(of).split('-')
  const { code = settings.currency, times = 1 } = person.currency ?? {}
  const page = new URL(`products/${ware.id}`, `${settings.shop.url}/`).href
  const { id, category, rating, variant, comparePrice } = ware
  return {
    ...{ product_id: id, category, rating, variant, currency: code, url: page },
    ...{ name: ware.name[language] ?? ware.name.en, price: ware.price * times },
    ...(pictures !== undefined && { image_url: `${pictures}/${id}.svg` }),
    ...(comparePrice !== undefined && { compare_at_price: comparePrice * times }),
    ...(ware.hasFilm && { video_url: `${page}#film` }),
  }
}

/** So many lines: the wares in turn, those that come round again as another variant; of the second one two. */
const linesOf = (lines: number, of: Sampling): Bag[] =>
  Array.from({ length: lines }, (_, index) => {
    const round = Math.floor(index / takenWares.length)
    const variant = round > 0 ? { variant: `No. ${round + 1}` } : {}
    const quantity = index === 1 ? 2 : 1
    return takenWares.slice(index % takenWares.length, (index % takenWares.length) + 1).map((ware) => ({
      ...productOf({ ...ware, ...variant }, of),
      quantity,
    }))
  }).flat()

const amount = (value: unknown): number => (typeof value === 'number' ? value : 0)
const totalOf = (lines: readonly Bag[]): number =>
  lines.reduce((sum, { price, quantity }) => sum + amount(price) * amount(quantity), 0)

interface Told {
  name: string
  at: Instant
  properties?: Bag
  traits?: Bag
}

/** What she lived through, in order. */
function storyOf(of: Sampling): Told[] {
  const { person, settings, now } = of
  const { code: currency = settings.currency, times = 1 } = person.currency ?? {}
  const ago = (days: number, minutes = 0) => plus(now, -days * day - minutes * minute)
  const ordered = linesOf(Math.max(person.lines, 3), of)
  const inCart = linesOf(person.lines, of)
  const { cartUrl: url } = settings.shop
  const traits = {
    ...{ firstName: person.firstName, lastName: person.lastName, locale: localeFor(of) },
    ...{ timezone: person.timeZone ?? settings.timeZone, birthday: now.slice(0, 10) },
    interests: ['home', 'table'],
  }
  const order = { order_id: 'ML-10042', currency, total: totalOf(ordered), products: ordered }
  const cart = { cart_id: 'sample', currency, value: totalOf(inCart), url, products: inCart }
  const mail = { messageId: derive('m', 'a question'), journey: 'after-order', step: 'question' }
  const answer = { survey: 'nps', score: 4, comment: 'The teapot came with a crack.' }
  return [
    // two years and a day, leap years and all
    { name: 'Identified', at: ago(732), traits },
    {
      name: 'Order Completed',
      at: ago(400),
      properties: { order_id: 'ML-9001', currency, total: 480 * times },
    },
    { name: 'Order Completed', at: ago(11), properties: order },
    { name: 'Order Delivered', at: ago(8), properties: { order_id: order.order_id } },
    { name: own.answered, at: ago(1), properties: { ...mail, runId: derive('r', 'a run'), ...answer } },
    ...seenWares.map((ware, index) => ({
      ...{ name: 'Product Viewed', at: ago(0, 100 - index), properties: productOf(ware, of) },
    })),
    { name: 'Cart Updated', at: ago(0, 90), properties: cart },
    { name: 'Consent Requested', at: ago(0, 5), properties: { topics: Object.keys(settings.topics) } },
  ]
}

/** Parts that are not there are left out, as JSON would. */
const sent = (bag: Bag): Bag => JSON.parse(JSON.stringify(bag)) as Bag

const asEvent = (told: Told, customerId: string): Event => ({
  ...{ customerId, key: eventKey(told.at, told.name), messageId: `${told.at} ${told.name}` },
  ...{ type: told.traits === undefined ? 'track' : 'identify', name: told.name },
  ...{ occurredAt: told.at, receivedAt: told.at, reachable: true, properties: sent(told.properties ?? {}) },
  source: told.name === own.answered ? 'homeward' : 'server',
  ...(told.traits !== undefined && { traits: sent(told.traits) }),
})

const reachedBy = ({ journey: { enter } }: ReleasedJourney, points: number) =>
  'points' in enter ? { reached: Math.max(enter.points, multipleBelow(points, enter.points)) } : {}

/** Settings as a shop in her currency would have them: as many points for the same ware. */
const inHers = ({ person, settings }: Sampling): Settings => ({
  ...settings,
  loyalty: {
    ...settings.loyalty,
    pointsPerUnit: settings.loyalty.pointsPerUnit / (person.currency?.times ?? 1),
  },
})

interface Life {
  events: readonly Event[]
  state: State
}

const lives = new WeakMap<Settings, Map<string, Life>>()

/** Her story and what is known of her after it; the same for every journey, so it is lived once for given settings. */
function lifeOf(of: Sampling): Life {
  const { person, now, pictures } = of
  const known = lives.get(of.settings) ?? new Map<string, Life>()
  lives.set(of.settings, known)
  const name = JSON.stringify([person, now, localeFor(of), pictures])
  const life = known.get(name) ?? live(of)
  known.set(name, life)
  return life
}

function live(of: Sampling): Life {
  const customerId = derive('c', 'a sample customer', of.person.slug)
  const settings = inHers(of)
  const events = storyOf(of).map((told) => asEvent(told, customerId))
  const state = events.reduce(
    (before, event) => {
      const next = fold(before, event, settings)
      return 'state' in next ? next.state : before
    },
    newState(customerId, of.now),
  )
  return { events, state }
}

/** A sample customer whom a mail of `journey` is made for. The same person, settings and time: the same sample. */
export function sampleOf(journey: ReleasedJourney, of: Sampling): Sample {
  const { events, state } = lifeOf(of)
  const reached = reachedBy(journey, state.totals.points)
  const name = entryByEvent(journey.journey.enter)?.on[0]
  if (name === undefined) return { state, ...reached }
  const begunBy = events.findLast((event) => event.name === name)
  return { state, event: eventOf(begunBy ?? { name, properties: {} }) }
}

/** What a mail sees of one sample customer. */
export interface SampleView {
  slug: string
  title: string
  locale: string
  view: View
}

const sampleKeys = { '0': 'of no mail that was ever sent' }

/** What the mails of a journey see of every sample customer, with links as long as real ones. */
export function sampleViews(journey: ReleasedJourney, settings: Settings, now: Instant): SampleView[] {
  const pictures = new URL('pictures', `${settings.shop.url}/`).href
  return samplePeople.map((person) => {
    const { state, event, reached } = sampleOf(journey, { person, settings, now, pictures })
    const ids = { customerId: state.customerId, messageId: derive('m', 'a sample mail') }
    const links = ownLinks({ ...ids, state, event }, { linkBaseUrl: settings.shop.url, linkKeys: sampleKeys })
    const view = mailView(state, {
      ...{ settings, journey: { id: journey.id, name: journey.journey.name }, step: 'sample', event, links },
      ...(reached !== undefined && { reached }),
      ...{ postalAddress: `${settings.shop.name}, 12 Mill Lane, 10115 Berlin`, now },
    })
    return { slug: person.slug, title: person.title, locale: localeOf(state, settings.locale), view }
  })
}
