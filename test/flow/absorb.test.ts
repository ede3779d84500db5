/** A guest becomes an account, two accounts one: what is known, what is under way, and what still comes late. */
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { own, ownEvent } from '#core/event'
import { forward } from '#flow/absorb'
import { decideCustomer } from '#flow/decide'
import { anEvent } from '#test/fixture/build'
import { abandonedCart, aJourney, aRelease, aSettings, lamp } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'

const hour = 3_600_000
const day = 24 * hour
const email = 'rina@example.com'
const cart = (who: object, id = 'cart-1') => ({
  ...who,
  event: 'Cart Updated',
  properties: { cart_id: id, products: [lamp] },
})
const guestCart = cart({ context: { traits: { email } } })
const consent = (who: object) => ({ ...who, event: 'Consent Given' })
const asGuest = { context: { traits: { email } } }

let loop: Loop
const state = async (customerId: string) => (await loop.world.customers.load(customerId))?.state
const signIn = (userId = '42') => loop.say('identify', { userId, traits: { email } })

beforeEach(async () => {
  const thanks = aJourney(
    'thanks',
    'enter: { on: Order Completed }\nintent: service\ntopic: orders\nsteps: [{ send: thanks }]',
  )
  const settings = aSettings({ quietHours: { from: '03:00', to: '03:01' } })
  loop = await aLoop(aRelease({ settings, journeys: [abandonedCart, thanks] }))
})

describe('a guest who signs in', () => {
  it('takes her cart, run and consent along: one reminder, and the last call as the account’s', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.pass(0.5 * hour)
    await signIn()
    await loop.pass(3 * day)

    expect(loop.mails().map(({ step }) => step)).toEqual(['reminder', 'last-call'])
    expect((await state(loop.user('42')))?.traits.email?.value).toBe(email)
    expect((await loop.world.gates.address(await loop.hash(email)))?.owner).toBe(loop.user('42'))
  })

  it('gets no second mail for what the guest was sent', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.pass(2 * hour)
    await signIn()
    await loop.say('track', cart({ userId: '42' }))
    await loop.pass(3 * day)

    expect(loop.mails().map(({ step }) => step)).toEqual(['reminder', 'last-call'])
  })

  it('is not thanked twice for one order', async () => {
    const order = { order_id: 'o-1', total: 20, products: [lamp] }
    await loop.say('track', { ...asGuest, event: 'Order Completed', properties: order })
    await loop.settle()
    await signIn()
    await loop.pass(day)

    expect(loop.mails()).toHaveLength(1)
    expect((await state(loop.user('42')))?.totals.orderCount).toBe(1)
  })

  it('in the moment a mail is planned: planned anew as hers, sent once', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.settle()
    const guest = await loop.guest(email)
    loop.world.now.at = '2026-03-02T10:00:00.000Z'
    await decideCustomer(loop.world, { customerId: guest, events: [], alarmAt: loop.world.now.at })
    const planned = loop.world.tables.messageStream.at(-1)
    await signIn()
    await loop.pass(hour)

    expect(loop.mails()).toMatchObject([{ step: 'reminder', messageId: planned?.messageId }])
    const rows = await loop.world.messages.messagesOf(guest)
    expect(rows).toMatchObject([{ status: 'SKIPPED', reason: 'merged' }])
    expect(await loop.world.messages.messagesOf(loop.user('42'))).toMatchObject([{ status: 'SENT' }])
  })

  it('with a mail that was claimed and never heard of again: not sent again', async () => {
    loop.world.mailer.answers.push({ kind: 'ambiguous', error: 'reset' })
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.pass(1.1 * hour)
    await signIn()
    await loop.pass(5 * day)

    expect(loop.mails().map(({ step }) => step)).toEqual(['reminder', 'last-call'])
    const all = [
      ...(await loop.world.messages.messagesOf(await loop.guest(email))),
      ...(await loop.world.messages.messagesOf(loop.user('42'))),
    ]
    expect(all.map(({ status }) => status).sort()).toEqual(['CLOSED', 'SENT'])
  })

  it('hears an unsubscribe that the guest said, and one said later on the guest’s mail', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', { ...asGuest, event: 'Consent Withdrawn', properties: { topics: ['reminders'] } })
    await signIn()
    await loop.say('track', cart({ userId: '42' }))
    await loop.pass(2 * hour)

    expect(loop.mails()).toEqual([])
  })

  it('what the stream brings late to the guest is forwarded and folded once', async () => {
    await loop.say('track', guestCart)
    await signIn()
    await loop.carry((list) => list.toReversed())
    await loop.settle()

    const hers = await state(loop.user('42'))
    expect(hers?.cart.snapshot?.id).toBe('cart-1')
    expect(hers?.runs.map(({ journey }) => journey)).toEqual(['abandoned-cart'])
    expect((await state(await loop.guest(email)))?.movedTo).toBe(loop.user('42'))
  })

  it('delivered twice, by a stream that repeats itself, takes her over once', async () => {
    const viewed = { ...asGuest, event: 'Product Viewed', properties: lamp }
    await loop.say('track', viewed)
    const before = [...loop.world.tables.eventStream]
    await loop.settle()
    await signIn()
    const absorbing = [...loop.world.tables.eventStream]
    await loop.settle()
    const once = await state(loop.user('42'))
    loop.world.tables.eventStream.push(...before, ...absorbing)
    await loop.settle()

    expect((await state(loop.user('42')))?.categories).toEqual(once?.categories)
    expect(once?.categories.Light?.weight).toBe(1)
  })

  it('whose mail was refused as hers before her record was closed gets it as the account’s', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.settle()
    loop.world.now.at = '2026-03-02T10:00:00.000Z'
    const guest = await loop.guest(email)
    await decideCustomer(loop.world, { customerId: guest, events: [], alarmAt: loop.world.now.at })
    await signIn()
    const absorbing = loop.world.tables.eventStream.splice(0)
    await loop.settle()
    loop.world.tables.eventStream.push(...absorbing)
    await loop.settle()

    expect(loop.mails().map(({ step }) => step)).toEqual(['reminder'])
  })

  it('with a mail clicked afterwards: the click counts as hers, on the row of the guest', async () => {
    await loop.say('track', consent(asGuest))
    await loop.say('track', guestCart)
    await loop.pass(2 * hour)
    await signIn()
    await loop.settle()
    const guest = await loop.guest(email)
    const [row] = await loop.world.messages.messagesOf(guest)
    if (row === undefined) throw new Error('the guest was sent a mail')
    const { messageId, journey, step, runId } = row
    const about = { messageId, journey, step, runId, human: true }
    const click = { customerId: guest, cause: 'click', now: loop.world.now.at, properties: about }
    await loop.world.events.record(ownEvent(own.clicked, click), [])
    await loop.settle()

    expect((await state(loop.user('42')))?.lastClick).toMatchObject({ customerId: guest, messageId })
  })

  it('keeps what was folded before: a stream that repeats it has nothing forwarded', async () => {
    await loop.say('track', guestCart)
    const before = [...loop.world.tables.eventStream]
    await loop.settle()
    await signIn()
    await loop.settle()
    loop.world.tables.eventStream.push(...before)
    await loop.settle()

    const names = (await loop.world.events.eventsOf(loop.user('42'))).map(({ name }) => name)
    expect(names).toEqual(['Identified'])
  })

  it('under another account’s address stays who she is', async () => {
    await signIn('42')
    const answer = await signIn('43')
    await loop.settle()

    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-of-another' }] })
    expect((await loop.world.gates.customer(loop.user('42')))?.mergedInto).toBeUndefined()
    expect((await state(loop.user('43')))?.traits.email).toBeUndefined()
  })
})

it('a call that was told of both records takes the device along that it came from', async () => {
  const ports = memoryPorts()
  const order = anEvent({ customerId: 'cAccount', name: 'Order Completed', messageId: 'o-1' })
  await ports.events.record(order, [])

  const folds = 'vHerTelevision'
  const late = { ...order, customerId: 'cGuest', folds }
  await forward(ports, [late, late], { movedTo: 'cAccount', applied: [] })

  const log = await ports.events.eventsOf('cAccount')
  expect(log.map(({ name, folds }) => [name, folds])).toEqual([
    ['Order Completed', undefined],
    ['Identified', folds],
  ])
})

describe('two accounts', () => {
  it('become one by the server’s alias, orders of both counted once each', async () => {
    const order = (userId: string, id: string) => ({
      userId,
      event: 'Order Completed',
      properties: { order_id: id, total: 10, products: [lamp] },
    })
    await signIn('old')
    await loop.say('track', order('old', 'o-1'))
    await loop.say('track', order('42', 'o-2'))
    await loop.settle()
    await loop.say('alias', { userId: '42', previousId: 'old' })
    await loop.say('track', order('old', 'o-3'))
    await loop.settle()

    expect((await state(loop.user('42')))?.totals).toMatchObject({ orderCount: 3, points: 30 })
    expect((await loop.world.gates.address(await loop.hash(email)))?.owner).toBe(loop.user('42'))
  })

  it('are not made of a device that alias names', async () => {
    await loop.say('track', { anonymousId: 'device-1', event: 'Product Viewed', properties: lamp })
    await loop.say('identify', { userId: '42', anonymousId: 'device-1' })
    await loop.say('alias', { userId: '43', previousId: 'device-1' })
    await loop.say('alias', { userId: '44', previousId: 'device-2', anonymousId: 'device-2' })
    await loop.settle()

    expect(await loop.world.gates.customer(loop.user('device-1'))).toBeUndefined()
    expect(await loop.world.gates.customer(loop.user('device-2'))).toBeUndefined()
    expect(await loop.world.identities.visitor('device-1')).toBe(loop.user('43'))
    expect(await loop.world.identities.visitor('device-2')).toBe(loop.user('44'))
  })

  it('stay two when a browser says so', async () => {
    await signIn('old')
    await loop.say('alias', { userId: '42', previousId: 'old' }, 'browser-key')
    await loop.settle()

    expect((await loop.world.gates.customer(loop.user('old')))?.mergedInto).toBeUndefined()
  })

  it('that are said to be each other at one moment become one, not a circle', async () => {
    await Promise.all([
      loop.say('alias', { userId: '42', previousId: 'old' }),
      loop.say('alias', { userId: 'old', previousId: '42' }),
    ])
    await loop.settle()

    const merged = await Promise.all(
      ['42', 'old'].map(async (id) => (await loop.world.gates.customer(loop.user(id)))?.mergedInto),
    )
    expect(merged.filter((into) => into !== undefined)).toHaveLength(1)
  })

  it('said twice, or the other way round afterwards, are still one', async () => {
    await loop.say('alias', { userId: '42', previousId: 'old' })
    await loop.say('alias', { userId: '42', previousId: 'old' })
    await loop.say('alias', { userId: 'old', previousId: '42' })
    await loop.say('track', cart({ userId: 'old' }))
    await loop.settle()

    expect((await state(loop.user('42')))?.cart.snapshot?.id).toBe('cart-1')
    expect((await loop.world.gates.customer(loop.user('42')))?.mergedInto).toBeUndefined()
  })
})

describe('an address that only a browser gave', () => {
  const typed = { anonymousId: 'device-1', traits: { email, firstName: 'Silly' } }

  it('makes a guest of little word, whom the device’s events reach', async () => {
    await loop.say('identify', typed, 'browser-key')
    await loop.say('track', cart({ anonymousId: 'device-1' }), 'browser-key')
    await loop.settle()

    const hers = await state(await loop.guest(email))
    expect(hers?.cart.snapshot?.id).toBe('cart-1')
    expect(hers?.traits.firstName).toBeUndefined()
    expect((await loop.world.gates.address(await loop.hash(email)))?.unverified).toBe(true)
  })

  it('is not written to where settings ask for consent', async () => {
    await loop.say('identify', typed, 'browser-key')
    await loop.say('track', cart({ anonymousId: 'device-1' }), 'browser-key')
    await loop.pass(2 * hour)

    expect(loop.mails()).toEqual([])
    const rows = await loop.world.messages.messagesOf(await loop.guest(email))
    expect(rows).toMatchObject([{ status: 'SKIPPED', reason: 'unverified' }])
  })

  it('gets reminders where settings need no consent for them, twice a week at most', async () => {
    const settings = aSettings({ remindersWithoutConsent: true, quietHours: { from: '03:00', to: '03:01' } })
    const { 'abandoned-cart': journey } = aRelease().journeys
    if (journey === undefined) throw new Error('the release has the journey')
    const often = {
      ...journey,
      journey: { ...journey.journey, enter: { ...journey.journey.enter, rest: 0 } },
    }
    loop = await aLoop(aRelease({ settings, journeys: [often] }))
    await loop.say('identify', typed, 'browser-key')
    for (const id of ['a', 'b', 'c']) {
      await loop.say('track', cart({ anonymousId: 'device-1' }, id), 'browser-key')
      await loop.pass(2 * hour)
    }
    await loop.pass(6 * day)

    expect(loop.mails()).toHaveLength(2)
  })

  it('gets no consent by the device that typed it; a no is taken', async () => {
    await loop.say('identify', typed, 'browser-key')
    const answer = await loop.say('track', consent({ anonymousId: 'device-1' }))
    await loop.say('track', {
      anonymousId: 'device-1',
      event: 'Consent Withdrawn',
      properties: { topics: ['greetings'] },
    })
    await loop.settle()

    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-unverified' }] })
    const gate = await loop.world.gates.address(await loop.hash(email))
    expect(gate?.consent).toMatchObject({ greetings: { given: false } })
    expect(gate?.consent['*']).toBeUndefined()
  })

  it('of a known customer is dropped: she is neither reached nor changed', async () => {
    await signIn()
    await loop.settle()
    const before = await loop.world.gates.address(await loop.hash(email))
    const answer = await loop.say('identify', typed, 'browser-key')
    await loop.settle()

    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-unverified' }] })
    expect(await loop.world.gates.address(await loop.hash(email))).toEqual(before)
    expect((await state(loop.user('42')))?.traits.firstName).toBeUndefined()
  })

  it('never takes a device away from a customer', async () => {
    await loop.say('identify', { userId: '42', anonymousId: 'device-1' })
    await loop.say('identify', typed, 'browser-key')
    await loop.say('track', cart({ anonymousId: 'device-1' }), 'browser-key')
    await loop.settle()

    expect((await state(loop.user('42')))?.cart.snapshot?.id).toBe('cart-1')
  })

  it('counts in full once the shop’s server names it', async () => {
    await loop.say('identify', typed, 'browser-key')
    await signIn()
    await loop.settle()

    const gate = await loop.world.gates.address(await loop.hash(email))
    expect(gate).toMatchObject({ owner: loop.user('42') })
    expect(gate?.unverified).toBeUndefined()
  })
})
