/**
 * The rules of the door: what is taken, what is refused and with which words, and that sending again changes
 * nothing. Who an event is about is in `identify.test.ts`, batches and gates in the files beside this one.
 */
import { describe, expect, it } from 'vitest'
import { browserSettings, ingest } from '#flow/ingest'
import { aDoor, hers, problem } from '#test/fixture/door'

const door = aDoor()

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
    const answer = await door.track(cart)

    const [event] = await door.eventsOf(hers)
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
    await door.track({ ...cart, sentAt: '2026-11-24T12:59:01.000Z' })
    door.world.now.at = '2026-11-24T13:05:00.000Z'

    const again = await door.track({ ...cart, sentAt: '2026-11-24T13:04:59.000Z' })

    expect(again.status).toBe(200)
    expect(await door.eventsOf(hers)).toHaveLength(1)
  })

  it('without a messageId gets one of its content, so that a retry is one event', async () => {
    const { messageId: _, ...unnamed } = cart
    await door.track({ ...unnamed, sentAt: '2026-11-24T12:59:01.000Z' })
    await door.track({ ...unnamed, sentAt: '2026-11-24T13:04:59.000Z' })

    await door.track({ ...unnamed, properties: { ...cart.properties, value: 900 } })

    expect(await door.eventsOf(hers)).toHaveLength(2)
  })

  it.each([
    ['track', 'track', { event: 'Anything' }, 'Anything'],
    ['identify', 'identify', { traits: {} }, 'Identified'],
    ['page', 'page', { name: 'Home' }, 'Page Viewed'],
    ['screen', 'screen', {}, 'Screen Viewed'],
    ['alias', 'alias', { previousId: 'device-9' }, 'Aliased'],
    ['group', 'group', { groupId: 'g-1', traits: { name: 'A club' } }, 'Grouped'],
  ] as const)('of %s is kept as type %s', async (endpoint, type, body, name) => {
    await door.send(endpoint, { userId: '42', ...body })

    const [event] = await door.eventsOf(hers)
    expect(event).toMatchObject({ type, name })
  })

  it('keeps the traits of a group apart from those of the person', async () => {
    await door.send('group', { userId: '42', groupId: 'g-1', traits: { name: 'A club' } })

    const [event] = await door.eventsOf(hers)
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
    await door.track({ ...cart, context })

    const [event] = await door.eventsOf(hers)
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
    await door.track({ event: 'Cart Viewed', ...times })

    const [event] = await door.eventsOf(hers)
    expect(event?.occurredAt).toBe(occurredAt)
    expect(event?.receivedAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('keys an event by the time as it was sent, in UTC, not as it was corrected', async () => {
    await door.track({
      event: 'Cart Viewed',
      messageId: 'm-7',
      timestamp: '2026-11-24T19:09:00+06:00',
      sentAt: '2026-11-24T13:10:00.000Z',
    })
    await door.track({ event: 'Cart Viewed', messageId: 'm-8' })

    const keys = (await door.eventsOf(hers)).map((event) => event.key)
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
    const answer = await door.send('track', body)

    expect(answer.status).toBe(status)
    expect(problem(answer)).toMatchObject({ code, status })
    expect(problem(answer).errors[0]).toMatchObject({ path })
    expect(door.world.tables.events.size).toBe(0)
  })

  it('takes objects and lists eight deep', async () => {
    const answer = await door.send('track', { userId: '42', event: 'A', properties: deep(7) })

    expect(answer.status).toBe(200)
  })

  it.each([
    ['no key', undefined, {}],
    ['a key nobody was given', 'other', {}],
    ['a key that is no text', undefined, { writeKey: 12 }],
  ])('%s', async (_, key, more) => {
    const answer = await ingest(door.world, {
      endpoint: 'track',
      key,
      body: { ...cart, userId: '42', ...more },
    })

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
    const answer = await door.track(event, 'browser-key')

    expect(answer.status).toBe(403)
    expect(problem(answer).code).toBe('server-only')
    expect(door.world.tables.events.size).toBe(0)
  })

  it('our own names from a browser', async () => {
    const answer = await door.track({ event: 'Email Clicked' }, 'browser-key')

    expect(problem(answer).code).toBe('own-name')
  })
})

describe('what is taken with a warning', () => {
  it('drops an unsafe product URL and keeps the event', async () => {
    const products = [
      { product_id: 'p-1', url: 'javascript:alert(1)' },
      { product_id: 'p-2', url: 'https://shop.example/2' },
    ]
    const answer = await door.track({ ...cart, properties: { cart_id: 'c-1', products } })

    const [event] = await door.eventsOf(hers)
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
    const answer = await door.send('track', body)

    const [event] = await door.eventsOf(hers)
    expect(answer.body).toMatchObject({
      warnings: [{ code: 'hostile-key' }, { code: 'hostile-key' }, { code: 'hostile-key' }],
    })
    expect(event?.properties).toEqual({ a: 1 })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('drops the address a browser gives', async () => {
    const traits = { email: 'rina@example.com', firstName: 'Rina' }
    const answer = await door.send('identify', { userId: '42', traits, context: { traits } }, 'browser-key')

    const [event] = await door.eventsOf(hers)
    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-unverified', path: 'traits.email' }] })
    expect(event?.traits).toEqual({ firstName: 'Rina' })
    expect(event?.context).toEqual({ traits: { firstName: 'Rina' } })
    expect(door.world.tables.addresses.size).toBe(0)
  })

  it.each([
    'nobody',
    'a b@example.com',
    'x@localhost',
    'x@example.com\r\nBcc: y@example.com',
    'রিনা@example.com',
    7,
  ])('drops "%s", which is no address', async (email) => {
    const answer = await door.send('identify', { userId: '42', traits: { email, firstName: 'Rina' } })

    const [event] = await door.eventsOf(hers)
    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-not-read' }] })
    expect(event?.traits).toEqual({ firstName: 'Rina' })
  })

  it('keeps an unknown name with hostile, right-to-left and Bengali text as it is', async () => {
    const properties = { note: '<script>alert("ö")</script> \u202Eמזה\u202C 🧡', নাম: 'রিনা "আক্তার"' }
    await door.track({ event: 'Wishlist “Shared”', properties })

    const [event] = await door.eventsOf(hers)
    expect(event).toMatchObject({ name: 'Wishlist “Shared”', properties })
  })
})

describe('the settings of the browser library', () => {
  it('say where to send to', async () => {
    const answer = await browserSettings(door.world, {
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
    const answer = await browserSettings(door.world, { key: 'other', protocol: 'https', host: 'api.example' })

    expect(answer.status).toBe(401)
  })
})
