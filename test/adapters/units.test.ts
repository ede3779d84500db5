/**
 * What the ordinary cases cost in write units, counted by the embedded database: a visitor's and a customer's
 * browse event, a journey mail from its alarm to delivered. Aims: `docs/access-patterns.md`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoCustomers } from '#adapters/dynamo-customers'
import { dynamoEventLog } from '#adapters/dynamo-events'
import { dynamoGates } from '#adapters/dynamo-gates'
import { dynamoMessages } from '#adapters/dynamo-messages'
import { dynamoWorkspace } from '#adapters/dynamo-workspace'
import { ownEvent } from '#core/event'
import { newAddressGate, withChoice } from '#core/gate'
import { derive, shortHash } from '#core/id'
import type { Message } from '#core/message'
import { mailView } from '#core/present'
import { reason } from '#core/reason'
import type { State } from '#core/state'
import { plus } from '#core/time'
import { aMessage, anEvent, aRelease, aState } from '#test/fixture/build'
import { type CountingDatabase, countWrites } from '#test/fixture/counting'
import { type Dynoxide, startDynoxide } from '#test/fixture/dynoxide'

const at = '2026-03-02T09:00:00.000Z'

let dynoxide: Dynoxide
let counting: CountingDatabase
let ports: ReturnType<typeof open>

function open(names: Awaited<ReturnType<Dynoxide['makeTables']>>) {
  const tables = { database: counting.database, ...names, clock: () => at, dueShards: 64, reportShards: 16 }
  return {
    events: dynamoEventLog(tables),
    gates: dynamoGates(tables),
    customers: dynamoCustomers(tables),
    messages: dynamoMessages(tables),
    workspace: dynamoWorkspace(tables),
  }
}

beforeAll(async () => {
  dynoxide = await startDynoxide()
  counting = countWrites(dynoxide.database)
  ports = open(await dynoxide.makeTables('units'))
})
afterAll(async () => dynoxide.close())

const item = (index: number) => ({
  id: `product-${index}`,
  sku: `SKU-${index * 7919}`,
  name: `Handwoven cotton saree number ${index}`,
  url: `https://shop.example/products/handwoven-cotton-saree-${index}`,
  image: `https://cdn.shop.example/images/products/${index}/front.jpg`,
  priceMinor: 125_000 + index * 100,
  currency: 'BDT',
  quantity: 1,
  category: `sarees/${index % 4}`,
})

/** A browse event as analytics.js sends it, with all of its context. */
const aBrowse = (customerId: string, reachable: boolean) =>
  anEvent({
    customerId,
    messageId: 'ajs-next-1772442000000-5f8a3c1e-7b7d-4f0e-9a3e-2f9d1c7b6a55',
    anonymousId: '5f8a3c1e-7b7d-4f0e-9a3e-2f9d1c7b6a55',
    reachable,
    properties: { ...item(7), product_id: 'product-7', price: 1250, image_url: item(7).image },
    context: {
      page: {
        path: '/products/handwoven-cotton-saree-7',
        referrer: 'https://www.google.com/',
        search: '?utm_source=newsletter&utm_medium=email&utm_campaign=spring',
        title: 'Handwoven cotton saree number 7 · A Shop',
        url: 'https://shop.example/products/handwoven-cotton-saree-7?utm_source=newsletter',
      },
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36',
      locale: 'en-GB',
      library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
      campaign: { source: 'newsletter', medium: 'email', name: 'spring' },
      timezone: 'Asia/Dhaka',
    },
  })

const link = 'https://links.shop.example/u/1.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUv'

const days = (count: number) => plus(at, -count * 86_400_000)

/** A customer of some months: traits, orders, a cart, products seen, full rings. */
function aRegular(customerId: string): State {
  const runId = derive('r', customerId)
  return aState({
    customerId,
    traits: Object.fromEntries(
      ['email', 'firstName', 'lastName', 'locale', 'timezone', 'gender', 'birthday', 'region'].map((name) => [
        name,
        { value: `${name} of ${customerId}`, at: days(90) },
      ]),
    ),
    totals: {
      orderCount: 4,
      paidMinor: { BDT: 1_234_500 },
      points: 1234,
      firstOrderAt: days(80),
      lastOrderAt: days(9),
      lastSeenAt: at,
      since: days(90),
    },
    orders: [1, 2, 3, 4].map((index) => ({
      id: `order-${index * 104_729}`,
      at: days(90 - index * 20),
      currency: 'BDT',
      totalMinor: 300_000 + index * 777,
      totalAt: days(90 - index * 20),
      refundedMinor: 0,
      cancelled: false,
      points: 3000,
    })),
    cart: {
      snapshot: { id: 'cart-1', currency: 'BDT', totalMinor: 250_000, items: [item(1), item(2)], at },
      deltas: [],
    },
    recent: Array.from({ length: 12 }, (_, index) => ({ item: item(index), at: days(index) })),
    runs: [
      {
        runId,
        journey: 'abandoned-cart',
        key: 'cart-1',
        release: 3,
        startedAt: at,
        touchedAt: at,
        eventId: 'event-1',
        event: { name: 'Cart Updated', properties: { cart_id: 'cart-1' } },
        position: 1,
        waiting: { for: 'message', messageId: derive('m', runId, 'reminder') },
      },
    ],
    entered: { 'abandoned-cart': at, welcome: days(90) },
    schedule: { birthday: { at: plus(at, 86_400_000), by: 'birthday 09:00 Asia/Dhaka' } },
    applied: Array.from({ length: 128 }, (_, index) => shortHash(`${customerId} ${index}`)),
  })
}

/** The life of one mail through the ports, as the flow walks it; answers the units of each step. */
async function aMail(state: State, finishes: boolean): Promise<Record<string, number>> {
  const { customerId } = state
  const { customers, messages, events, gates, workspace } = ports
  const runId = derive('r', customerId)
  const messageId = derive('m', runId, 'reminder')
  const about = { journey: 'abandoned-cart', runId, step: 'reminder', messageId }
  await customers.commit({ customerId, state, expectedVersion: 0, due: at, row: undefined, effects: [] })
  await gates.putAddress(customerId, withChoice(newAddressGate(), { given: true, topics: undefined, at }))
  const gate = (await gates.address(customerId)) ?? newAddressGate()
  counting.taken()

  const message: Message = aMessage({
    ...about,
    customerId,
    event: { name: 'Cart Updated', properties: { cart_id: 'cart-1', products: [item(1), item(2)] } },
  })
  const row = (outcome: 'planned' | 'finished', code: 'plan-due' | 'finished') => ({
    at,
    eventIds: ['alarm'],
    release: 3,
    decisions: [{ ...about, outcome, reason: reason(code) }],
  })
  const stuckAt = plus(at, 900_000)
  await customers.commit({
    customerId,
    state,
    expectedVersion: 1,
    due: stuckAt,
    row: row('planned', 'plan-due'),
    effects: [{ kind: 'plan', message }],
  })
  const plan = counting.taken()
  await workspace.leaseRate({
    total: 1,
    marketing: 1,
    ratePerSecond: 14,
    waitMs: 20_000,
    nowMs: Date.parse(at),
  })
  const lease = counting.taken()
  const inputs = mailView(state, {
    settings: aRelease().settings,
    journey: { id: 'abandoned-cart', name: 'Abandoned cart' },
    step: 'reminder',
    event: message.event,
    links: { unsubscribe: link, preferences: link },
    postalAddress: 'House 14, Dhaka',
    now: at,
  })
  const links = [1, 2].map((index) => item(index).url)
  await messages.claim({
    message,
    hash: customerId,
    gate,
    at,
    exempt: false,
    inputs,
    links,
    mailHash: 'mail',
  })
  const claim = counting.taken()
  await messages.confirm(message, {
    at,
    sesMessageId: '0100018f1d2c3b4a-5f8a3c1e-7b7d-4f0e-9a3e-2f9d1c7b6a55-000000',
  })
  const confirm = counting.taken()
  const properties = { ...about, round: 1 }
  await events.record(
    ownEvent('Email Sent', { customerId, cause: derive('e', messageId), now: at, properties }),
    [],
  )
  const sent = counting.taken()
  await customers.commit({
    customerId,
    state,
    expectedVersion: 2,
    due: plus(at, 86_400_000),
    row: finishes ? row('finished', 'finished') : undefined,
    effects: [],
  })
  const settled = counting.taken()
  await messages.observe(customerId, messageId, { deliveredAt: at })
  return { plan, lease, claim, confirm, sent, settled, delivered: counting.taken() }
}

describe('write units', () => {
  it('takes one for a browse event of a visitor', async () => {
    await ports.events.record(aBrowse('visitor-1', false), [])

    expect(counting.taken()).toBe(1)
  })

  it('takes at most five for a browse event of a customer, its fold included', async () => {
    const customerId = 'customer-browse'
    const state = aRegular(customerId)
    const commit = { customerId, state, due: at, row: undefined, effects: [] }
    await ports.customers.commit({ ...commit, expectedVersion: 0 })
    counting.taken()

    await ports.events.record(aBrowse(customerId, true), [])
    await ports.customers.commit({ ...commit, expectedVersion: 1 })

    expect(counting.taken()).toBeLessThanOrEqual(5)
  })

  it.each([
    ['a new customer, her journey ends with it', aState({ customerId: 'new' }), true, 28],
    ['a regular customer, her journey goes on', aRegular('regular-1'), false, 28],
    ['a regular customer, her journey ends with it', aRegular('regular-2'), true, 30],
  ])('takes few for a journey mail from its alarm to delivered: %s', async (_, state, finishes, most) => {
    const units = await aMail(state, finishes)

    const sum = Object.values(units).reduce((left, right) => left + right, 0)
    expect(sum, JSON.stringify(units)).toBeLessThanOrEqual(most)
  })
})
