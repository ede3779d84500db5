/**
 * What a browser's key, which anybody can read in a page, must not do: a row each. Through `ingest` and the whole
 * loop in memory, as a stranger would who wants to change, to read or to mail somebody else's customer.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { ownOnly, serverOnly } from '#core/fact'
import { newAddressGate } from '#core/gate'
import { limits } from '#core/limits'
import { abandonedCart, aJourney, aRelease, aSettings } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'

const victim = 'rina@example.com'
const hour = 3_600_000
const day = 24 * hour

const service = aJourney(
  'password',
  `
  intent: service
  topic: orders
  enter: { on: Password Forgotten }
  steps: [{ send: password }]
  `,
)
const serviceCart = aJourney(
  'basket',
  `
  topic: orders
  enter: { on: Cart Updated, key: cart.id }
  steps: [{ send: basket }]
  `,
)

let loop: Loop
const say = (endpoint: Parameters<Loop['say']>[0], body: object) => loop.say(endpoint, body, 'browser-key')
const product = (more: object = {}) => ({ product_id: 'mug', name: 'Mug', price: 9, quantity: 1, ...more })
const cart = (id: string, more: object = {}) => ({
  event: 'Cart Updated',
  properties: { cart_id: id, products: [product()], ...more },
})

const everything = () => {
  const { events, addresses, persons, visitors, orders, customers } = loop.world.tables
  return JSON.stringify([events, addresses, persons, visitors, orders, customers].map((map) => [...map]))
}

const hersNow = async () => {
  const { world } = loop
  const [her, inbox] = [loop.user('42'), await loop.hash(victim)]
  // a row may be written anew, as long as it says the same
  const said = ({ version: _, ...row }: { version: number } = { version: 0 }) => row
  return JSON.stringify([said(world.tables.persons.get(her)), said(world.tables.addresses.get(inbox))])
}

beforeEach(async () => {
  const settings = aSettings({ remindersWithoutConsent: true })
  loop = await aLoop(aRelease({ settings, journeys: [abandonedCart, service, serviceCart] }))
  await loop.say('identify', { userId: '42', traits: { email: victim, firstName: 'Rina' } })
  await loop.settle()
})

describe('a browser may not say', () => {
  it('anything of orders and consent', () => {
    const orders = ['Completed', 'Updated', 'Refunded', 'Cancelled', 'Delivered'].map(
      (what) => `Order ${what}`,
    )
    const consent = ['Given', 'Withdrawn', 'Requested'].map((what) => `Consent ${what}`)

    expect([...serverOnly].sort()).toEqual([...orders, ...consent].sort())
  })

  it.each([...serverOnly])('%s', async (event) => {
    const before = everything()
    const properties = { order_id: 'o-1', total: 1, currency: 'EUR', cart_id: 'c', products: [] }

    const answer = await say('track', { userId: '42', event, properties })

    expect(answer).toMatchObject({ status: 403, body: { code: 'server-only' } })
    expect(everything()).toBe(before)
  })

  it.each([...ownOnly])('%s, nor may a server', async (event) => {
    const before = everything()
    const answers = [
      await say('track', { userId: '42', event }),
      await loop.say('track', { userId: '42', event }),
    ]

    expect(answers).toMatchObject([
      { status: 403, body: { code: 'own-name' } },
      { status: 403, body: { code: 'own-name' } },
    ])
    expect(everything()).toBe(before)
  })

  it.each([' Order Completed ', 'Order Completed\t'])('"%s", which reads as one of those', async (event) => {
    expect(await say('track', { userId: '42', event, properties: { order_id: 'o' } })).toMatchObject({
      status: 403,
    })
  })

  it.each([true, 1, 'true', {}])('history: %j', async (history) => {
    const answer = await say('track', { userId: '42', ...cart('c1'), context: { history } })

    expect(answer).toMatchObject({ status: 403, body: { code: 'server-only' } })
  })

  it('any of it within a batch', async () => {
    const batch = [...serverOnly].map((event) => ({ type: 'track', userId: '42', event }))

    expect(await say('batch', { batch })).toMatchObject({ status: 400, body: { accepted: 0 } })
  })
})

describe('a browser may not change a customer', () => {
  const device = { anonymousId: 'stranger-1' }

  it.each([
    ['her address for another', 'identify', { userId: '42', traits: { email: 'thief@example.com' } }],
    [
      'her address in the context',
      'track',
      { userId: '42', event: 'A', context: { traits: { email: 'thief@example.com' } } },
    ],
    ['her address taken back', 'identify', { userId: '42', traits: { email: null } }],
    ['her account taken over by another', 'alias', { userId: 'thief', previousId: '42' }],
    ['another account taken into hers', 'alias', { userId: '42', previousId: 'thief' }],
    ['a guest of her address', 'identify', { ...device, traits: { email: victim } }],
    ['consent as a trait', 'identify', { userId: '42', traits: { consent: true, topics: ['*'] } }],
    [
      'consent under another name',
      'track',
      { userId: '42', event: 'consent given', properties: { topics: ['reminders'] } },
    ],
  ] as const)('%s', async (_, endpoint, body) => {
    await loop.say('identify', { userId: 'thief', traits: { email: 'other@example.com' } })
    await loop.settle()
    const before = await hersNow()

    const answer = await say(endpoint, body)
    await loop.settle()

    expect(answer.status).toBe(200)
    expect(await hersNow()).toBe(before)
    expect(loop.world.tables.customers.get(loop.user('42'))?.state).toMatchObject({
      traits: { email: { value: victim } },
    })
    expect(loop.world.tables.customers.get(loop.user('42'))?.state.movedTo).toBeUndefined()
    expect(loop.world.tables.customers.get(loop.user('thief'))?.state.movedTo).toBeUndefined()
  })

  it('nor what the shop said of her', async () => {
    loop.world.now.at = '2026-03-02T10:00:00.000Z'
    await say('identify', { userId: '42', traits: { firstName: 'Stupid', birthday: '1990-03-02' } })
    await loop.settle()

    expect(loop.world.tables.customers.get(loop.user('42'))?.state.traits.firstName?.value).toBe('Rina')
  })

  it('nor do her unsubscribing undone', async () => {
    await loop.say('track', { userId: '42', event: 'Consent Withdrawn' })
    const before = await hersNow()

    await say('identify', { ...device, traits: { email: victim } })
    await say('track', { ...device, ...cart('c9') })
    await loop.pass(3 * day)

    expect(await hersNow()).toBe(before)
    expect(loop.mails()).toEqual([])
  })
})

describe('a browser may not read a customer', () => {
  it('an answer is the same for an address that is known and one that is not', async () => {
    const known = await say('identify', { anonymousId: 'd-1', messageId: 'm', traits: { email: victim } })
    const unknown = await say('identify', {
      anonymousId: 'd-2',
      messageId: 'm',
      traits: { email: 'no@example.com' },
    })

    expect(known).toEqual(unknown)
  })

  it('nor for a user id that is known', async () => {
    const known = await say('track', { userId: '42', messageId: 'm', event: 'A' })
    const unknown = await say('track', { userId: '4242', messageId: 'm', event: 'A' })

    expect(known).toEqual(unknown)
  })

  it('nor by the order of an id that was taken', async () => {
    await loop.say('track', {
      userId: '42',
      event: 'Order Completed',
      properties: { order_id: 'o-1', total: 1 },
    })

    expect(
      await say('track', { event: 'Order Completed', userId: '1', properties: { order_id: 'o-1' } }),
    ).toMatchObject({
      status: 403,
    })
  })
})

describe('a browser may not write to a customer in its own words', () => {
  const evil = 'https://evil.example/login'

  it.each([
    ['the link of a product', cart('c1', { products: [product({ url: evil })] })],
    ['a picture', cart('c1', { products: [product({ image_url: 'https://evil.example/x.png' })] })],
    ['the link of the cart', cart('c1', { url: evil })],
    ['a look-alike', cart('c1', { url: 'https://shop.example.evil.example/' })],
    ['a user name that looks like the shop', cart('c1', { url: 'https://shop.example@evil.example/' })],
    ['one without slashes', cart('c1', { url: 'https:evil.example' })],
    ['a name that is a link', cart('c1', { products: [product({ name: `Win now: ${evil}` })] })],
  ])('%s is not hers to get', async (_, event) => {
    await say('track', { userId: '42', ...event })
    await loop.settle()

    const stored = loop.world.tables.customers.get(loop.user('42'))?.state
    expect(stored?.cart.snapshot?.items).toHaveLength(1)
    expect(JSON.stringify(stored)).not.toContain('evil')
  })

  it('links to the shop, below it and to hosts its settings name stay', async () => {
    const products = [
      product({ url: 'https://www.shop.example/p/1', image_url: 'https://img.shop.example/1.png' }),
    ]
    await say('track', { userId: '42', ...cart('c1', { url: 'https://shop.example/cart?a=1', products }) })
    await loop.settle()

    expect(loop.world.tables.customers.get(loop.user('42'))?.state.cart.snapshot).toMatchObject({
      url: 'https://shop.example/cart?a=1',
      items: [{ url: 'https://www.shop.example/p/1', image: 'https://img.shop.example/1.png' }],
    })
  })

  it('nor is mail to the shop’s own people', async () => {
    const contact = aJourney('contact', 'enter: { on: Asked }\nsteps: [{ send: contact, to: shop }]')
    const settings = aSettings({
      shop: { name: 'S', url: 'https://shop.example', mailbox: 'care@shop.example' },
    })
    loop = await aLoop(aRelease({ settings, journeys: [contact] }))
    await loop.say('identify', { userId: '42', traits: { email: victim } })
    await say('track', { userId: '42', event: 'Asked' })
    await loop.pass(hour)
    expect(loop.mails()).toEqual([])

    await loop.say('track', { userId: '42', event: 'Asked' })
    await loop.pass(hour)
    expect(loop.mails()).toMatchObject([{ to: 'care@shop.example' }])
  })

  it('service mail, which knows no cap, is not begun by it', async () => {
    await say('track', { userId: '42', event: 'Password Forgotten' })
    await loop.pass(hour)

    expect(loop.mails()).toEqual([])
    expect(loop.world.tables.customers.get(loop.user('42'))?.state.refused.password).toMatchObject({
      code: 'only-browser',
    })
    await loop.say('track', { userId: '42', event: 'Password Forgotten' })
    await loop.pass(hour)
    expect(loop.mails()).toMatchObject([{ journey: 'password' }])
  })
})

describe('nobody can make us mail a victim', () => {
  const stranger = 'nobody@example.com'

  it('an address that a browser names gets two reminders in a week, however many carts', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const device = { anonymousId: `d-${turn}` }
      await say('identify', { ...device, traits: { email: stranger } })
      await say('track', { ...device, ...cart(`c-${turn}`) })
      await loop.pass(8 * hour)
    }

    expect(loop.mails().length).toBeGreaterThan(0)
    expect(loop.mails().length).toBeLessThanOrEqual(limits.unverified.mails)
  })

  it('a service topic lets no more through to it', async () => {
    const inbox = await loop.hash(stranger)
    const owner = await loop.guest(stranger)
    loop.world.tables.addresses.set(inbox, { ...newAddressGate(), owner, unverified: true, version: 1 })
    for (let turn = 0; turn < 10; turn += 1) {
      // with the server key, which may begin such a journey
      await loop.say('track', { anonymousId: 'd', ...cart(`c-${turn}`) })
      await say('identify', { anonymousId: 'd', traits: { email: stranger } })
      await loop.pass(hour)
    }

    expect(loop.mails().length).toBeLessThanOrEqual(limits.unverified.mails)
  })

  it('a key names so many new addresses in an hour and no more; the answers do not tell', async () => {
    const answers = new Set<string>()
    for (let turn = 0; turn < limits.strangersPerHour + 50; turn += 1) {
      const traits = { email: `person-${turn}@example.com` }
      answers.add(JSON.stringify(await say('identify', { anonymousId: `d-${turn}`, messageId: 'm', traits })))
    }

    expect(loop.world.tables.addresses.size).toBe(limits.strangersPerHour + 1)
    expect(answers.size).toBe(1)
    loop.world.now.at = '2026-03-02T10:00:00.000Z'
    await say('identify', { anonymousId: 'later', traits: { email: 'later@example.com' } })
    expect(loop.world.tables.addresses.size).toBe(limits.strangersPerHour + 2)
  })

  it('whoever types her address into the shop’s form has her asked three times in a week', async () => {
    const confirm = aJourney(
      'confirm',
      `
      intent: service
      topic: orders
      enter: { on: Consent Requested, rest: 1h }
      steps: [{ send: confirm }]
      `,
    )
    loop = await aLoop(aRelease({ settings: aSettings({ doubleOptIn: true }), journeys: [confirm] }))
    for (let turn = 0; turn < 60; turn += 1) {
      await loop.say('track', { event: 'Consent Given', context: { traits: { email: victim } } })
      await loop.pass(2 * hour)
    }

    expect(loop.mails()).toHaveLength(limits.confirmations.mails)
    await loop.pass(8 * day)
    await loop.say('track', { event: 'Consent Given', context: { traits: { email: victim } } })
    await loop.pass(hour)
    expect(loop.mails()).toHaveLength(limits.confirmations.mails + 1)
  })
})
