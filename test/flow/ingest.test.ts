/**
 * The rules of the door: what is taken, what is refused and with which words, and that sending again changes
 * nothing. Who an event is about is in `identify.test.ts`.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import { type Answer, browserSettings, ingest } from '#flow/ingest'
import { type MemoryPorts, memoryPorts } from '#test/fixture/memory/ports'

let world: MemoryPorts

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:00.000Z')
  await world.workspace.putWriteKey('server-key', 'server')
  await world.workspace.putWriteKey('browser-key', 'browser')
})

type Endpoint = Parameters<typeof ingest>[1]['endpoint']

const send = (endpoint: Endpoint, body: unknown, key: string | undefined = 'server-key') =>
  ingest(world, { endpoint, key, body })
const track = (event: object, key?: string) => send('track', { userId: '42', ...event }, key)

const eventsOf = (customerId: string) => world.events.eventsOf(customerId)
const hers = derive('c', 'user', '42')
const problem = (answer: Answer) =>
  answer.body as { code: string; errors: { path: string; message: string }[] }

const cart = {
  event: 'Cart Updated',
  messageId: 'm-1',
  timestamp: '2026-11-24T12:59:00.000Z',
  properties: {
    cart_id: 'c-1',
    currency: 'BDT',
    value: 1850,
    products: [{ product_id: 'p-1', price: 1850 }],
  },
}

describe('a single event', () => {
  it('is stored once, under its own time and id, with the server’s times', async () => {
    const answer = await track(cart)

    const [event] = await eventsOf(hers)
    expect(answer).toEqual({ status: 200, body: { success: true, messageId: 'm-1' } })
    expect(event).toEqual({
      customerId: hers,
      key: '2026-11-24T12:59:00.000Z#m-1',
      messageId: 'm-1',
      type: 'track',
      name: 'Cart Updated',
      occurredAt: '2026-11-24T12:59:00.000Z',
      receivedAt: '2026-11-24T13:00:00.000Z',
      source: 'server',
      reachable: true,
      userId: '42',
      properties: cart.properties,
    })
  })

  it('sent again, later and with another sentAt, is one event', async () => {
    await track({ ...cart, sentAt: '2026-11-24T12:59:01.000Z' })
    world.now.at = '2026-11-24T13:05:00.000Z'

    const again = await track({ ...cart, sentAt: '2026-11-24T13:04:59.000Z' })

    expect(again.status).toBe(200)
    expect(await eventsOf(hers)).toHaveLength(1)
  })

  it('without a messageId gets one of its content, so that a retry is one event', async () => {
    const { messageId: _, ...unnamed } = cart
    await track({ ...unnamed, sentAt: '2026-11-24T12:59:01.000Z' })
    await track({ ...unnamed, sentAt: '2026-11-24T13:04:59.000Z' })

    await track({ ...unnamed, properties: { ...cart.properties, value: 900 } })

    expect(await eventsOf(hers)).toHaveLength(2)
  })

  it.each([
    ['track', 'track', { event: 'Anything' }, 'Anything'],
    ['identify', 'identify', { traits: {} }, 'Identified'],
    ['page', 'page', { name: 'Home' }, 'Page Viewed'],
    ['screen', 'screen', {}, 'Screen Viewed'],
    ['alias', 'alias', { previousId: 'device-9' }, 'Aliased'],
    ['group', 'group', { groupId: 'g-1', traits: { name: 'A club' } }, 'Grouped'],
  ] as const)('of %s is kept as type %s', async (endpoint, type, body, name) => {
    await send(endpoint, { userId: '42', ...body })

    const [event] = await eventsOf(hers)
    expect(event).toMatchObject({ type, name })
  })

  it('keeps the traits of a group apart from those of the person', async () => {
    await send('group', { userId: '42', groupId: 'g-1', traits: { name: 'A club' } })

    const [event] = await eventsOf(hers)
    expect(event?.traits).toBeUndefined()
    expect(event?.properties).toEqual({ groupId: 'g-1', traits: { name: 'A club' } })
  })

  it('keeps of a context what decisions use, and no device, library or IP address', async () => {
    const context = {
      ip: '203.0.113.9',
      userAgent: 'Mozilla/5.0',
      library: { name: 'analytics.js' },
      locale: 'bn-BD',
      timezone: 'Asia/Dhaka',
      page: { url: 'https://shop.example/a', path: '/a', title: 'A', referrer: '' },
    }
    await track({ ...cart, context })

    const [event] = await eventsOf(hers)
    expect(event?.context).toEqual({
      locale: 'bn-BD',
      timezone: 'Asia/Dhaka',
      page: { url: 'https://shop.example/a', title: 'A', referrer: '' },
    })
  })
})

describe('times', () => {
  it.each([
    ['the timestamp alone', { timestamp: '2026-11-24T12:00:00.000Z' }, '2026-11-24T12:00:00.000Z'],
    [
      'a clock ten minutes fast, mended by sentAt',
      { timestamp: '2026-11-24T13:09:00.000Z', sentAt: '2026-11-24T13:10:00.000Z' },
      '2026-11-24T12:59:00.000Z',
    ],
    [
      'a clock an hour slow, mended by sentAt',
      { timestamp: '2026-11-24T11:30:00.000Z', sentAt: '2026-11-24T12:00:00.000Z' },
      '2026-11-24T12:30:00.000Z',
    ],
    ['the future, clamped to receipt', { timestamp: '2026-11-24T15:00:00.000Z' }, '2026-11-24T13:00:00.000Z'],
    ['no time at all', {}, '2026-11-24T13:00:00.000Z'],
    ['another zone', { timestamp: '2026-11-24T18:30:00+06:00' }, '2026-11-24T12:30:00.000Z'],
    ['no zone, read as UTC', { timestamp: '2026-11-24T12:30:00' }, '2026-11-24T12:30:00.000Z'],
    ['milliseconds', { timestamp: 1_795_521_600_000 }, '2026-11-24T12:00:00.000Z'],
  ])('reads %s', async (_, times, occurredAt) => {
    await track({ event: 'Cart Viewed', ...times })

    const [event] = await eventsOf(hers)
    expect(event?.occurredAt).toBe(occurredAt)
    expect(event?.receivedAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('keys an event by the time as it was sent, in UTC, not as it was corrected', async () => {
    await track({
      event: 'Cart Viewed',
      messageId: 'm-7',
      timestamp: '2026-11-24T19:09:00+06:00',
      sentAt: '2026-11-24T13:10:00.000Z',
    })
    await track({ event: 'Cart Viewed', messageId: 'm-8' })

    const keys = (await eventsOf(hers)).map((event) => event.key)
    expect(keys).toEqual(['-#m-8', '2026-11-24T13:09:00.000Z#m-7'])
  })
})

describe('what is refused', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) })

  it.each([
    ['no object', 'hello', 400, 'not-an-event', ''],
    ['a list', [], 400, 'not-an-event', ''],
    ['no event name', { userId: '42' }, 400, 'no-name', 'event'],
    ['an endless name', { userId: '42', event: 'x'.repeat(300) }, 400, 'no-name', 'event'],
    ['nobody', { event: 'Cart Viewed' }, 400, 'no-identity', 'userId'],
    ['an id that is an object', { userId: {}, event: 'Cart Viewed' }, 400, 'bad-field', 'userId'],
    ['an endless id', { userId: 'x'.repeat(300), event: 'Cart Viewed' }, 400, 'bad-field', 'userId'],
    ['no time', { userId: '42', event: 'A', timestamp: 'yesterday' }, 400, 'bad-field', 'timestamp'],
    [
      'properties that are a list',
      { userId: '42', event: 'A', properties: [1] },
      400,
      'bad-field',
      'properties',
    ],
    [
      'a cart without an id',
      { userId: '42', event: 'Cart Updated', properties: { products: [] } },
      400,
      'bad-properties',
      'properties.cart_id',
    ],
    ['too deep', { userId: '42', event: 'A', properties: deep(8) }, 400, 'too-deep', ''],
    [
      'too large',
      { userId: '42', event: 'A', properties: { text: 'অ'.repeat(12_000) } },
      413,
      'event-too-large',
      '',
    ],
    ['a name only we give', { userId: '42', event: 'Email Sent' }, 403, 'own-name', 'event'],
  ])('%s', async (_, body, status, code, path) => {
    const answer = await send('track', body)

    expect(answer.status).toBe(status)
    expect(problem(answer)).toMatchObject({ code, status })
    expect(problem(answer).errors[0]).toMatchObject({ path })
    expect(world.tables.events.size).toBe(0)
  })

  it('takes objects and lists eight deep', async () => {
    const answer = await send('track', { userId: '42', event: 'A', properties: deep(7) })

    expect(answer.status).toBe(200)
  })

  it.each([
    ['no key', undefined, {}],
    ['a key nobody was given', 'other', {}],
    ['a key that is no text', undefined, { writeKey: 12 }],
  ])('%s', async (_, key, more) => {
    const answer = await ingest(world, { endpoint: 'track', key, body: { ...cart, userId: '42', ...more } })

    expect(answer.status).toBe(401)
    expect(problem(answer).code).toBe('unknown-key')
  })

  it.each([
    ['an order', { event: 'Order Completed', properties: { order_id: 'o-1' } }],
    ['a refund', { event: 'Order Refunded', properties: { order_id: 'o-1' } }],
    ['consent', { event: 'Consent Given' }],
    ['a withdrawal', { event: 'Consent Withdrawn' }],
    ['history', { event: 'Cart Viewed', context: { history: true } }],
  ])('%s from a browser', async (_, event) => {
    const answer = await track(event, 'browser-key')

    expect(answer.status).toBe(403)
    expect(problem(answer).code).toBe('server-only')
    expect(world.tables.events.size).toBe(0)
  })

  it('our own names from a browser', async () => {
    const answer = await track({ event: 'Email Clicked' }, 'browser-key')

    expect(problem(answer).code).toBe('own-name')
  })
})

describe('what is taken with a warning', () => {
  it('drops an unsafe product URL and keeps the event', async () => {
    const products = [
      { product_id: 'p-1', url: 'javascript:alert(1)' },
      { product_id: 'p-2', url: 'https://shop.example/2' },
    ]
    const answer = await track({ ...cart, properties: { cart_id: 'c-1', products } })

    const [event] = await eventsOf(hers)
    expect(answer.body).toMatchObject({
      success: true,
      warnings: [{ code: 'unsafe-url', path: 'properties.products.0.url' }],
    })
    expect(event?.properties.products).toEqual([{ product_id: 'p-1' }, products[1]])
  })

  it('drops keys that reach into prototypes', async () => {
    const body = JSON.parse(
      '{"userId":"42","event":"A","properties":{"a":1,"__proto__":{"polluted":true},"constructor":{"x":1}},"__proto__":{"userId":"1"}}',
    )
    const answer = await send('track', body)

    const [event] = await eventsOf(hers)
    expect(answer.body).toMatchObject({
      warnings: [{ code: 'hostile-key' }, { code: 'hostile-key' }, { code: 'hostile-key' }],
    })
    expect(event?.properties).toEqual({ a: 1 })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('drops the address a browser gives', async () => {
    const traits = { email: 'rina@example.com', firstName: 'Rina' }
    const answer = await send('identify', { userId: '42', traits, context: { traits } }, 'browser-key')

    const [event] = await eventsOf(hers)
    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-unverified', path: 'traits.email' }] })
    expect(event?.traits).toEqual({ firstName: 'Rina' })
    expect(event?.context).toEqual({ traits: { firstName: 'Rina' } })
    expect(world.tables.addresses.size).toBe(0)
  })

  it.each([
    'nobody',
    'a b@example.com',
    'x@localhost',
    'x@example.com\r\nBcc: y@example.com',
    'রিনা@example.com',
    7,
  ])('drops "%s", which is no address', async (email) => {
    const answer = await send('identify', { userId: '42', traits: { email, firstName: 'Rina' } })

    const [event] = await eventsOf(hers)
    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-not-read' }] })
    expect(event?.traits).toEqual({ firstName: 'Rina' })
  })

  it('keeps an unknown name with hostile, right-to-left and Bengali text as it is', async () => {
    const properties = { note: '<script>alert("ö")</script> \u202Eמזה\u202C 🧡', নাম: 'রিনা "আক্তার"' }
    await track({ event: 'Wishlist “Shared”', properties })

    const [event] = await eventsOf(hers)
    expect(event).toMatchObject({ name: 'Wishlist “Shared”', properties })
  })
})

describe('a batch', () => {
  const good = (messageId: string, userId = '42') => ({
    type: 'track',
    event: 'Cart Viewed',
    userId,
    messageId,
  })

  it('stores the good and answers the bad one by one', async () => {
    const answer = await send('batch', {
      batch: [
        good('m-1'),
        { ...good('m-2'), event: '' },
        { type: 'nonsense', userId: '42' },
        good('m-4', '43'),
      ],
    })

    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        accepted: 2,
        refused: [
          { index: 1, messageId: 'm-2', errors: [{ code: 'no-name', path: 'event' }] },
          { index: 2, messageId: null, errors: [{ code: 'unknown-type', path: 'type' }] },
        ],
      },
    })
    expect((await eventsOf(hers)).map((event) => event.messageId)).toEqual(['m-1'])
    expect(await eventsOf(derive('c', 'user', '43'))).toHaveLength(1)
  })

  it('is refused when all of it is bad', async () => {
    const answer = await send('batch', { batch: [{ ...good('m-1'), event: '' }] })

    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      code: 'nothing-accepted',
      success: false,
      accepted: 0,
      refused: [{ index: 0, messageId: 'm-1' }],
    })
  })

  it.each([
    ['no list', {}, 'empty-batch'],
    ['an empty list', { batch: [] }, 'empty-batch'],
    [
      'more than 100 events',
      { batch: Array.from({ length: 101 }, (_, i) => good(`m-${i}`)) },
      'too-many-events',
    ],
  ])('is refused with %s', async (_, body, code) => {
    const answer = await send('batch', body)

    expect(answer.status).toBe(400)
    expect(problem(answer).code).toBe(code)
    expect(world.tables.events.size).toBe(0)
  })

  it('corrects the times of its events by its own sentAt', async () => {
    const event = { ...good('m-1'), timestamp: '2026-11-24T13:09:00.000Z' }
    await send('batch', { sentAt: '2026-11-24T13:10:00.000Z', batch: [event] })

    const [stored] = await eventsOf(hers)
    expect(stored?.occurredAt).toBe('2026-11-24T12:59:00.000Z')
  })

  it('takes the write key of the body or of its first event', async () => {
    const byBody = await ingest(world, {
      endpoint: 'batch',
      key: undefined,
      body: { writeKey: 'server-key', batch: [good('m-1')] },
    })
    const byEvent = await ingest(world, {
      endpoint: 'batch',
      key: undefined,
      body: { batch: [{ ...good('m-2'), writeKey: 'browser-key' }] },
    })

    expect([byBody.status, byEvent.status]).toEqual([200, 200])
    expect((await eventsOf(hers)).map((event) => event.source)).toEqual(['server', 'browser'])
  })

  it('says which of its events it warned about', async () => {
    const answer = await send('batch', { batch: [good('m-1'), { ...good('m-2'), userId: 'guest' }] })

    expect(answer.body).toMatchObject({
      accepted: 2,
      warnings: [{ index: 1, messageId: 'm-2', code: 'placeholder-id', path: 'userId' }],
    })
  })

  it('sent again after half of it was stored is stored once', async () => {
    await send('batch', { batch: [good('m-1')] })

    const answer = await send('batch', { batch: [good('m-1'), good('m-2')] })

    expect(answer.body).toMatchObject({ accepted: 2 })
    expect(await eventsOf(hers)).toHaveLength(2)
  })
})

describe('orders', () => {
  const order = (more: object) => ({
    event: 'Order Completed',
    messageId: 'm-order',
    properties: { order_id: 'o-1', total: 20, currency: 'EUR' },
    ...more,
  })
  const gate = () => world.gates.customer(hers)

  it('are on the person’s gate before the answer, by the server’s time', async () => {
    await track(order({ timestamp: '2026-11-24T10:00:00.000Z' }))

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect(await world.events.orderTakenBy('o-1')).toBe('m-order')
  })

  it('told twice by two messages are kept and marked as a repeat', async () => {
    await track(order({}))
    await track(order({ messageId: 'm-webhook' }))

    const events = await eventsOf(hers)
    expect(events.map((event) => [event.messageId, event.repeat ?? false])).toEqual([
      ['m-order', false],
      ['m-webhook', true],
    ])
  })

  it('told again by the same message are one event, not a repeat', async () => {
    await track(order({}))
    world.now.at = '2026-11-24T14:00:00.000Z'

    await track(order({}))

    expect(await eventsOf(hers)).toMatchObject([{ messageId: 'm-order' }])
    expect((await eventsOf(hers))[0]?.repeat).toBeUndefined()
    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('of one message told with two times are no repeat of themselves', async () => {
    await track(order({ timestamp: '2026-11-24T12:00:00.000Z' }))
    await track(order({ timestamp: '2026-11-24T12:00:01.000Z' }))

    expect((await eventsOf(hers)).map((event) => event.repeat ?? false)).toEqual([false, false])
  })

  it('imported as history raise the last order no higher than their own time', async () => {
    const context = { history: true }
    await track(order({ timestamp: '2024-05-01T10:00:00.000Z', context }))
    expect((await gate())?.lastOrderAt).toBe('2024-05-01T10:00:00.000Z')

    await track(order({ messageId: 'm-2', properties: { order_id: 'o-2' } }))
    await track(
      order({
        messageId: 'm-3',
        properties: { order_id: 'o-3' },
        timestamp: '2025-05-01T10:00:00.000Z',
        context,
      }),
    )

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect((await eventsOf(hers)).map((event) => event.history ?? false)).toEqual([false, true, true])
  })

  it('of a device are kept with the device, and go to the person it becomes', async () => {
    await send('track', order({ anonymousId: 'device-1' }))
    world.now.at = '2026-11-24T13:30:00.000Z'

    await send('identify', { userId: '42', anonymousId: 'device-1' })

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('that meet the identify of their device half-way find the customer', async () => {
    const record = world.events.record
    let met = false
    world.events.record = async (event, beside) => {
      if (!met && event.name === 'Order Completed') {
        met = true
        await send('identify', { userId: '42', anonymousId: 'device-1' })
      }
      return record(event, beside)
    }

    await send('track', order({ anonymousId: 'device-1' }))

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect((await eventsOf(hers)).map((event) => event.name)).toContain('Order Completed')
  })
})

it('an order whose device is linked between two reads of it finds the customer', async () => {
  const visitor = world.identities.visitor
  let met = false
  world.identities.visitor = async (anonymousId) => {
    const before = await visitor(anonymousId)
    if (!met) {
      met = true
      await send('identify', { userId: '42', anonymousId })
    }
    return before
  }

  await send('track', { event: 'Order Completed', anonymousId: 'device-1', properties: { order_id: 'o-1' } })

  expect((await world.gates.customer(hers))?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  expect((await eventsOf(hers)).map((event) => event.name)).toContain('Order Completed')
})

describe('consent', () => {
  const box = async (email: string) => world.gates.address(addressHash(email, await world.keys.addressKey()))
  const given = {
    event: 'Consent Given',
    properties: { topics: ['news'], source: 'checkout', text: 'Yes please' },
  }

  it('is on the inbox before the answer', async () => {
    await track({ ...given, messageId: 'm-1', context: { traits: { email: 'rina@example.com' } } })

    const gate = await box('rina@example.com')
    expect(gate).toMatchObject({
      owner: hers,
      consent: {
        news: { given: true, at: '2026-11-24T13:00:00.000Z', source: 'checkout', text: 'Yes please' },
      },
    })
  })

  it('without an address goes to the inbox that is known to be hers', async () => {
    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    await track({ event: 'Consent Withdrawn', messageId: 'm-2' })

    expect((await box('rina@example.com'))?.consent).toEqual({
      '*': { given: false, at: '2026-11-24T13:00:00.000Z' },
    })
  })

  it('before any address is known waits for it', async () => {
    await track({ ...given, messageId: 'm-1' })
    expect((await world.gates.customer(hers))?.pending).toMatchObject({ news: { given: true } })

    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    expect((await box('rina@example.com'))?.consent).toMatchObject({ news: { given: true } })
    expect((await world.gates.customer(hers))?.pending).toBeUndefined()
  })

  it('of a device waits with the device, then with the person, then goes to her inbox', async () => {
    await send('track', { ...given, anonymousId: 'device-1' })
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    expect((await world.gates.customer(hers))?.pending).toMatchObject({ news: { given: true } })

    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    expect((await box('rina@example.com'))?.consent).toMatchObject({ news: { given: true } })
  })

  it('told in reverse order ends as the later choice', async () => {
    const email = { context: { traits: { email: 'rina@example.com' } } }
    await track({ event: 'Consent Withdrawn', ...email, timestamp: '2026-11-24T12:00:00.000Z' })
    await track({ event: 'Consent Given', ...email, timestamp: '2026-11-24T11:00:00.000Z' })

    expect((await box('rina@example.com'))?.consent['*']?.given).toBe(false)
  })

  it('for an inbox of another customer: a no is taken, a yes is not', async () => {
    await send('identify', { userId: '7', traits: { email: 'rina@example.com' } })
    const email = { context: { traits: { email: 'rina@example.com' } } }

    const yes = await track({ ...given, ...email, messageId: 'm-1' })
    expect(yes.body).toMatchObject({
      warnings: [{ code: 'address-of-another' }, { code: 'consent-of-another' }],
    })
    expect((await box('rina@example.com'))?.consent).toEqual({})

    await track({ event: 'Consent Withdrawn', ...email, messageId: 'm-2' })
    expect((await box('rina@example.com'))?.consent['*']?.given).toBe(false)
  })
})

describe('what others change meanwhile', () => {
  it('is read again', async () => {
    const record = world.events.record
    let meddled = 0
    world.events.record = async (event, beside) => {
      if (meddled < 3 && event.name === 'Order Completed') {
        meddled += 1
        await track({
          event: 'Order Completed',
          messageId: `m-x${meddled}`,
          properties: { order_id: `x-${meddled}` },
        })
      }
      return record(event, beside)
    }

    const answer = await track({
      event: 'Order Completed',
      messageId: 'm-1',
      properties: { order_id: 'o-1' },
    })

    expect(answer.status).toBe(200)
    expect(await world.events.orderTakenBy('o-1')).toBe('m-1')
  })

  it('for ever is a failure that may be tried again', async () => {
    world.events.record = async () => 'changed'

    await expect(track(cart)).rejects.toMatchObject({ code: 'contended', retryable: true })
  })

  it('fails a batch as a whole only after all that was under way has ended', async () => {
    const record = world.events.record
    world.events.record = async (event, beside) => {
      if (event.userId === '1') throw new Error('the table is away')
      return record(event, beside)
    }
    const batch = Array.from({ length: limits.ingestConcurrency * 2 }, (_, i) => ({
      type: 'track',
      event: 'A',
      userId: String(i + 1),
      messageId: `m-${i}`,
    }))

    await expect(send('batch', { batch })).rejects.toThrow('the table is away')
    expect(world.tables.events.size).toBe(batch.length - 1)
  })
})

describe('the settings of the browser library', () => {
  it('say where to send to', async () => {
    const answer = await browserSettings(world, {
      key: 'browser-key',
      protocol: 'http',
      host: '127.0.0.1:4400',
    })

    expect(answer).toMatchObject({
      status: 200,
      body: {
        integrations: {
          'Segment.io': { apiKey: 'browser-key', apiHost: '127.0.0.1:4400/v1', protocol: 'http' },
        },
      },
    })
  })

  it('are not given for a key nobody was given', async () => {
    const answer = await browserSettings(world, { key: 'other', protocol: 'https', host: 'api.example' })

    expect(answer.status).toBe(401)
  })
})
