/**
 * What people are told about a customer: whom a name stands for, her timeline in order and in words, and why
 * she is in a journey or never entered it.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { own, ownEvent } from '#core/event'
import { derive } from '#core/id'
import { Journey } from '#core/journey'
import { limits } from '#core/limits'
import { compileSteps } from '#core/program'
import type { ReleasedJourney } from '#core/release'
import { Settings } from '#core/settings'
import { plus } from '#core/time'
import { answerQuestion } from '#flow/console'
import { decideAll, worksOf } from '#flow/decide'
import { customerView, why } from '#flow/explain'
import { ingest } from '#flow/ingest'
import { changeMessages } from '#test/fixture/message-row'

let world: MemoryPorts
const hers = derive('c', 'user', '42')

const settings = Settings.parse({
  shop: { name: 'Loom', url: 'https://shop.example' },
  currency: 'EUR',
  timeZone: 'UTC',
  topics: { reminders: { name: { en: 'Reminders' } }, orders: { name: { en: 'Orders' }, kind: 'service' } },
})

function released(id: string, written: object): ReleasedJourney {
  const journey = Journey.parse({ name: id, intent: 'cart', topic: 'reminders', ...written })
  return { id, journey, program: compileSteps(journey.steps), mails: { mail: 'hash' } }
}

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:00.000Z')
  await world.workspace.putWriteKey('server-key', 'server')
  const journeys = {
    'abandoned-cart': released('abandoned-cart', {
      enter: { on: 'Cart Updated', if: { 'cart.count': { gte: 1 } }, key: 'cart.id' },
      exit: [{ on: 'Order Completed' }],
      steps: [{ wait: { quiet: '1h' } }, { send: 'mail' }],
    }),
    thanks: released('thanks', {
      topic: 'orders',
      enter: { on: 'Order Completed' },
      steps: [{ send: 'mail' }],
    }),
    birthday: released('birthday', { enter: { date: 'customer.birthday' }, steps: [{ send: 'mail' }] }),
  }
  await world.workspace.putRelease({ number: 1, publishedAt: '2026-11-01T00:00:00.000Z', settings, journeys })
  await world.workspace.putLive({ release: 1, paused: [] }, undefined)
})

let count = 0
async function say(endpoint: 'track' | 'identify', body: object): Promise<void> {
  count += 1
  await ingest(world, { endpoint, key: 'server-key', body: { messageId: `m-${count}`, ...body } })
}

/** Carries the stream on. */
async function decided(): Promise<void> {
  const events = world.tables.eventStream.splice(0)
  await decideAll(world, worksOf(events))
}

const cart = (quantity = 2) => ({
  event: 'Cart Updated',
  userId: '42',
  properties: {
    cart_id: 'c-1',
    currency: 'EUR',
    products: quantity === 0 ? [] : [{ product_id: 'p-1', name: 'Linen <throw> “ö”', price: 49.5, quantity }],
  },
})

describe('whom a name stands for', () => {
  beforeEach(async () => {
    await say('identify', { userId: '42', anonymousId: 'device-1', traits: { email: 'rina@example.com' } })
    await decided()
  })

  it.each([
    ['our id', hers],
    ['the address', 'rina@example.com'],
    ['the address in other letters', ' RINA@Example.com '],
    ['the user id', '42'],
    ['a device', 'device-1'],
  ])('%s', async (_, name) => {
    expect((await customerView(world, name))?.customerId).toBe(hers)
  })

  it('who was merged stands for whom she became', async () => {
    const other = derive('c', 'user', '7')
    world.tables.persons.set(other, { mergedInto: hers, version: 1 })

    expect((await customerView(world, other))?.customerId).toBe(hers)
  })

  it.each(['nobody@example.com', 'c0000000000000000', '__proto__', '', 'x'.repeat(1000)])(
    '%s stands for nobody',
    async (name) => {
      expect(await customerView(world, name)).toBeUndefined()
    },
  )
})

describe('what is shown of her', () => {
  it('is her profile, her cart with amounts in major units, and where her runs stand', async () => {
    await say('identify', { userId: '42', traits: { email: 'rina@example.com', firstName: 'Rina' } })
    await say('track', { userId: '42', event: 'Consent Given', properties: { topics: ['reminders'] } })
    await say('track', cart())
    await decided()

    const view = await customerView(world, 'rina@example.com')

    expect(view?.profile).toMatchObject({
      email: 'rina@example.com',
      firstName: 'Rina',
      orderCount: 0,
      lifetimeValue: 0,
      consent: { reminders: { given: true } },
    })
    expect(view?.cart).toMatchObject({
      id: 'c-1',
      count: 2,
      total: 99,
      currency: 'EUR',
      items: [{ id: 'p-1', price: 49.5, quantity: 2 }],
    })
    expect(view?.runs).toMatchObject([
      {
        journey: 'abandoned-cart',
        name: 'abandoned-cart',
        step: 'wait-1',
        key: 'c-1',
        waiting: { for: 'quiet', until: '2026-11-24T14:00:00.000Z' },
      },
    ])
  })

  it('is everything that happened, newest last, events before what was decided on them', async () => {
    await say('track', {
      anonymousId: 'device-1',
      event: 'Product Viewed',
      properties: { product_id: 'p-9', name: 'Vase' },
    })
    world.now.at = '2026-11-24T13:01:00.000Z'
    await say('identify', { userId: '42', anonymousId: 'device-1', traits: { email: 'rina@example.com' } })
    world.now.at = '2026-11-24T13:02:00.000Z'
    await say('track', cart())
    await decided()

    const view = await customerView(world, '42')

    expect(view?.timeline.map(({ at, kind, summary }) => `${at.slice(11, 16)} ${kind} ${summary}`)).toEqual([
      '13:00 event Product Viewed: Vase (a visitor’s, or nobody’s)',
      '13:01 event Identified: email (her device’s log was folded in)',
      '13:02 event Cart Updated: 2 × Linen <throw> “ö”; 99.00 EUR',
      '13:02 decision abandoned-cart: entered, entered by Cart Updated',
    ])
  })

  it('says once that a mail was held: the decision, not its event', async () => {
    await say('identify', { userId: '42' })
    const about = {
      messageId: derive('m', 'one'),
      journey: 'thanks',
      step: 'mail',
      runId: derive('r', 'one'),
    }
    const properties = { ...about, round: 1, code: 'quiet-hours', until: '2026-11-25T08:00:00.000Z' }
    const event = ownEvent(own.held, { customerId: hers, cause: 'e1', now: world.now.at, properties })
    await world.events.record(event, [])
    await decided()

    const view = await customerView(world, '42')

    expect(view?.timeline.filter(({ name }) => name === 'held' || name === own.held)).toMatchObject([
      { kind: 'decision', name: 'held', reason: { code: 'quiet-hours' } },
    ])
  })

  it('is a visitor’s log too, though nobody can write to her', async () => {
    await say('track', {
      anonymousId: 'device-1',
      event: 'Product Viewed',
      properties: { product_id: 'p-9' },
    })

    const view = await customerView(world, 'device-1')

    expect(view).toMatchObject({
      customerId: derive('v', 'device-1'),
      runs: [],
      cart: { count: 0, items: [] },
    })
    expect(view?.timeline).toHaveLength(1)
  })

  it('is the newest of a long log', async () => {
    const count = limits.viewedEvents * 2 + 5
    for (let n = 0; n < count; n += 1) {
      const at = plus('2026-11-20T00:00:00.000Z', n * 1000)
      const event = ownEvent('Wrapped', {
        customerId: hers,
        cause: 'x',
        now: at,
        properties: { name: `n-${n}` },
      })
      await world.events.record({ ...event, key: `${at}#x`, messageId: `x-${n}` }, [])
    }

    const view = await customerView(world, hers)

    expect(view?.timeline).toHaveLength(limits.timelineEntries)
    expect(view?.timeline.at(-1)?.summary).toBe(`Wrapped: n-${count - 1}`)
  })

  it('holds before anything was published', async () => {
    world.tables.live = undefined
    await say('identify', { userId: '42' })

    expect((await customerView(world, '42'))?.timeline).toHaveLength(1)
  })

  it('is each message as it stands, with the reason for it', async () => {
    await say('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await say('track', {
      userId: '42',
      event: 'Order Completed',
      properties: { order_id: 'o-1', total: 10, currency: 'EUR' },
    })
    await decided()
    changeMessages(world.tables, hers, { status: 'SKIPPED', reason: 'no-address' })

    const view = await customerView(world, '42')

    expect(view?.timeline.at(-1)).toMatchObject({
      kind: 'message',
      name: 'skipped',
      status: 'SKIPPED',
      journey: 'thanks',
      step: 'mail',
      reason: { code: 'no-address', explanation: 'no e-mail address is known for the customer' },
    })
  })
})

describe('why', () => {
  const of = async (journey: string) => {
    const answer = await why(world, { customer: '42', journey })
    const [one] = answer?.journeys ?? []
    if (one === undefined) throw new Error(`no answer for ${journey}`)
    return one
  }

  it('she is inside: since when, and what it waits for', async () => {
    await say('track', cart())
    await decided()

    expect(await of('abandoned-cart')).toMatchObject({
      stands: 'inside',
      sentences: [
        '2026-11-24T13:00:00.000Z entered: entered by Cart Updated',
        'inside since 2026-11-24T13:00:00.000Z, waiting for quiet until 2026-11-24T14:00:00.000Z',
      ],
    })
  })

  it('she was inside: how it ended', async () => {
    await say('track', cart())
    await decided()
    await say('track', { userId: '42', event: 'Order Completed', properties: { order_id: 'o-1' } })
    await decided()

    const answer = await of('abandoned-cart')
    expect(answer.stands).toBe('was inside')
    expect(answer.sentences.at(-1)).toContain('exited: ended by Order Completed')
  })

  it.each([
    [
      'what it begins with never came',
      { event: 'Cart Viewed', userId: '42' },
      'no-trigger',
      'nothing that it begins with was ever heard: Cart Updated',
    ],
    ['its condition did not hold', cart(0), 'condition-false', 'its condition did not hold: cart.count is 0'],
    [
      'it was history',
      { ...cart(), context: { history: true } },
      'history',
      'the event was imported as history',
    ],
    [
      'it was old news',
      { ...cart(), timestamp: '2026-11-24T10:00:00.000Z' },
      'old-news',
      'the event was 180 minutes old when it came; journeys take fresh news only',
    ],
  ])('she never entered: %s', async (_, event, code, explanation) => {
    await say('track', event)
    await decided()

    const answer = await of('abandoned-cart')
    expect(answer).toMatchObject({ stands: 'never entered', reason: { code, explanation } })
    expect(answer.sentences).toEqual([`never entered, because ${explanation}`])
  })

  it('she never entered: her day has not come, or is not known', async () => {
    await say('identify', { userId: '42', traits: { firstName: 'Rina' } })
    await decided()
    expect(await of('birthday')).toMatchObject({ reason: { code: 'no-date' } })

    await say('identify', { userId: '42', traits: { birthday: '1990-12-24' } })
    await decided()
    expect(await of('birthday')).toMatchObject({
      reason: { code: 'not-due', explanation: 'its day comes on 2026-12-24T09:00:00.000Z' },
    })
  })

  it('its mail would not go out now', async () => {
    await say('identify', { userId: '42', traits: { firstName: 'Rina' } })
    await decided()
    expect((await of('abandoned-cart')).obstacles.map(({ code }) => code)).toEqual([
      'no-address',
      'no-consent',
    ])

    await say('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await say('track', { userId: '42', event: 'Consent Withdrawn' })
    await world.workspace.putLive({ release: 1, paused: ['abandoned-cart'] }, { release: 1, paused: [] })
    await decided()
    expect((await of('abandoned-cart')).obstacles.map(({ code }) => code)).toEqual(['unsubscribed', 'paused'])
  })

  it('reminders need no consent where the shop’s settings allow them without', async () => {
    const { releases } = world.tables
    const release = releases.get(1)
    if (release)
      releases.set(1, { ...release, settings: { ...release.settings, remindersWithoutConsent: true } })
    await say('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await decided()

    expect((await of('abandoned-cart')).obstacles).toEqual([])
  })

  it('service mail asks for no consent', async () => {
    await say('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await decided()

    expect((await of('thanks')).obstacles).toEqual([])
  })

  it('nobody can write to a visitor', async () => {
    await say('track', { anonymousId: 'device-1', event: 'Cart Viewed' })

    expect(await why(world, { customer: 'device-1' })).toMatchObject({
      journeys: [],
      reason: { code: 'no-state' },
    })
  })

  it('covers every live journey when none is named', async () => {
    await say('identify', { userId: '42' })
    await decided()

    const answer = await why(world, { customer: '42' })
    expect(answer?.journeys.map(({ journey }) => journey)).toEqual(['abandoned-cart', 'thanks', 'birthday'])
  })
})

describe('the console', () => {
  it('answers both questions', async () => {
    await say('identify', { userId: '42' })
    await decided()

    expect(await answerQuestion(world, { view: 'customer', id: '42' })).toMatchObject({ customerId: hers })
    expect(await answerQuestion(world, { view: 'why', id: '42', journey: 'thanks' })).toMatchObject({
      journeys: [{ journey: 'thanks' }],
    })
  })

  it.each([
    [{ view: 'customer', id: 'nobody' }, 404, 'no-such-customer'],
    [{ view: 'why', id: 'nobody' }, 404, 'no-such-customer'],
    [{ view: 'everything' }, 400, 'bad-question'],
    [null, 400, 'bad-question'],
  ])('%j is refused', async (question, status, code) => {
    expect(await answerQuestion(world, question)).toMatchObject({ status, code, error: { code } })
  })
})
