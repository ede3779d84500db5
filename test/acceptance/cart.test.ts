/**
 * The abandoned cart, from the shop's call to the mail in the inbox, on the booted stack under the virtual
 * clock: the good day, and the days on which no mail is right.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, shopper, vase } from './shopper.ts'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2026-03-02T09:00:00.000Z' })
}, 120_000)

afterAll(async () => homeward?.stop())

const nextMorningAt = async (hour: string) => {
  const now = await homeward.now()
  const day =
    now.slice(11, 13) < hour
      ? now.slice(0, 10)
      : new Date(Date.parse(now) + 86_400_000).toISOString().slice(0, 10)
  return homeward.advance({ to: `${day}T${hour}:00:00.000Z` })
}

describe('a cart that is left behind', () => {
  it('brings the reminder after an hour of quiet, with that very cart in it', async () => {
    const rina = await shopper(homeward)

    await rina.fillsCart([{ ...loom, quantity: 2 }, vase])
    await homeward.advance('59m')
    const before = await rina.got()
    const answer = await homeward.advance('2m')

    expect(before).not.toContain('abandoned-cart/reminder')
    expect(await rina.got()).toContain('abandoned-cart/reminder')
    expect(answer.sent).toBeGreaterThanOrEqual(1)
    const head = (await homeward.inbox(rina.email)).find(({ step }) => step === 'reminder')
    const mail = await homeward.mail(head?.id ?? '')
    for (const part of [mail.html, mail.text]) {
      expect(part).toContain('Linen throw')
      expect(part).toContain('Blue vase')
      expect(part).toContain('49.50')
    }
    expect(mail.headers['List-Unsubscribe']).toMatch(/^<http.+\/u\/[\w-]{1,64}>$/)
    expect(mail.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')
  })

  it('has come when the clock has been turned by just that hour', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('1h')

    expect(await rina.got()).toContain('abandoned-cart/reminder')
  })

  it('waits anew when the cart is touched again', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.fillsCart([loom])
    await homeward.advance('40m')
    await rina.fillsCart([loom, vase])
    await homeward.advance('40m')
    const early = await rina.got()
    await homeward.advance('25m')

    expect(early).not.toContain('abandoned-cart/reminder')
    expect(await rina.got()).toContain('abandoned-cart/reminder')
  })

  it('brings the second mail next day at a good hour, and no third', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('3d')

    expect((await rina.got()).filter((mail) => mail.startsWith('abandoned-cart'))).toEqual([
      'abandoned-cart/reminder',
      'abandoned-cart/last-call',
    ])
    const last = (await homeward.inbox(rina.email)).find(({ step }) => step === 'last-call')
    expect(last?.at.slice(11, 16)).toBe('10:00')
  })

  it('brings nothing when it is ordered in time', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('30m')
    await rina.orders()
    await homeward.advance('2d')

    expect(await rina.got()).not.toContain('abandoned-cart/reminder')
    expect(rina.reasons()).toContain('exited exit-event')
  })

  it('brings nothing when it is emptied', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('10m')
    await rina.fillsCart([])
    await homeward.advance('2d')

    expect(await rina.got()).not.toContain('abandoned-cart/reminder')
    expect(rina.reasons()).toContain('exited exit-condition')
  })

  it('is built by single additions as by a whole cart', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.track('Product Added', { cart_id: 'c1', currency: 'EUR', ...loom, quantity: 1 })
    await rina.track('Product Added', { cart_id: 'c1', currency: 'EUR', ...vase, quantity: 3 })
    await rina.track('Product Removed', { cart_id: 'c1', currency: 'EUR', ...vase, quantity: 1 })
    await homeward.advance('61m')

    const head = (await homeward.inbox(rina.email)).find(({ step }) => step === 'reminder')
    const mail = await homeward.mail(head?.id ?? '')
    expect(mail.text).toContain('Linen throw')
    expect(mail.text).toMatch(/Blue vase[\s\S]{0,40}2/)
  })

  it('starts a second run for the same cart after its rest, not before', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('3d')

    await rina.fillsCart()
    await homeward.advance('2h')
    const resting = (await rina.got()).filter((mail) => mail === 'abandoned-cart/reminder').length
    await homeward.advance('5d')
    await nextMorningAt('09')
    await rina.fillsCart([vase])
    await homeward.advance('2h')

    expect(resting).toBe(1)
    expect((await rina.got()).filter((mail) => mail === 'abandoned-cart/reminder')).toHaveLength(2)
  })

  it('is one cart on two devices', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)

    await rina.track(
      'Product Added',
      { cart_id: 'd1', currency: 'EUR', ...loom, quantity: 1 },
      { anonymousId: 'phone-1' },
    )
    await rina.track(
      'Product Added',
      { cart_id: 'd1', currency: 'EUR', ...vase, quantity: 1 },
      { anonymousId: 'laptop-1' },
    )
    await homeward.advance('61m')

    expect((await rina.got()).filter((mail) => mail === 'abandoned-cart/reminder')).toHaveLength(1)
  })

  it('counts a call that comes twice once', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)
    const timestamp = await homeward.now()
    const properties = { cart_id: 'twice', currency: 'EUR', ...loom, quantity: 1 }

    for (const sentAt of [timestamp, new Date(Date.parse(timestamp) + 5000).toISOString()]) {
      await rina.track('Product Added', properties, { messageId: `twice-${rina.userId}`, timestamp, sentAt })
    }
    await homeward.advance('61m')

    const customer = await homeward.customer(rina.email)
    expect(customer?.cart).toMatchObject({ count: 1 })
  })

  it('comes out the same when its events arrive reversed', async () => {
    await nextMorningAt('09')
    const rina = await shopper(homeward)
    const now = Date.parse(await homeward.now())
    const at = (seconds: number) => ({ timestamp: new Date(now - 60_000 + seconds * 1000).toISOString() })
    const whole = { cart_id: 'r', currency: 'EUR', products: [{ ...loom, quantity: 1 }] }

    await rina.track('Product Added', { cart_id: 'r', currency: 'EUR', ...vase, quantity: 1 }, at(2))
    await rina.track('Cart Updated', whole, at(1))
    await homeward.advance('61m')

    const mail = await homeward.mail(
      (await homeward.inbox(rina.email)).find(({ step }) => step === 'reminder')?.id ?? '',
    )
    expect(mail.text).toContain('Linen throw')
    expect(mail.text).toContain('Blue vase')
  })
})

describe('a visitor who says who she is', () => {
  it('is reminded of the cart she filled before', async () => {
    await nextMorningAt('09')
    const anonymousId = `visitor-${Date.now()}`
    await homeward.post('/v1/track', {
      writeKey: homeward.keys.browser,
      anonymousId,
      event: 'Cart Updated',
      properties: { cart_id: 'v', currency: 'EUR', products: [{ ...loom, quantity: 1 }] },
    })
    await homeward.advance('10m')

    const email = `${anonymousId}@shoppers.example`
    await homeward.say('identify', { userId: anonymousId, anonymousId, traits: { email, timezone: 'UTC' } })
    await homeward.say('track', { userId: anonymousId, event: 'Consent Given' })
    await homeward.advance('52m')

    expect((await homeward.inbox(email)).map(({ step }) => step)).toContain('reminder')
  })

  it('is not mailed about a cart of last week', async () => {
    const anonymousId = `old-${Date.now()}`
    await homeward.post('/v1/track', {
      writeKey: homeward.keys.browser,
      anonymousId,
      event: 'Cart Updated',
      properties: { cart_id: 'v', currency: 'EUR', products: [{ ...loom, quantity: 1 }] },
    })
    await homeward.advance('7d')
    await nextMorningAt('09')

    const email = `${anonymousId}@shoppers.example`
    await homeward.say('identify', { userId: anonymousId, anonymousId, traits: { email, timezone: 'UTC' } })
    await homeward.say('track', { userId: anonymousId, event: 'Consent Given' })
    await homeward.advance('3h')

    expect((await homeward.inbox(email)).map(({ step }) => step)).not.toContain('reminder')
  })
})
