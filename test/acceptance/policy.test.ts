/**
 * What holds a mail back or ends it: consent by topic, unsubscribing between plan and claim, quiet nights,
 * the cap that defers, orders through another channel, the kill switch.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, nextAt, shopper } from './shopper.ts'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2026-03-02T09:00:00.000Z' })
}, 120_000)

afterAll(async () => homeward?.stop())

describe('consent', () => {
  it('nobody who never said yes is mailed, and the reason is kept', async () => {
    const rina = await shopper(homeward, {}, { consent: false })

    await rina.fillsCart()
    await homeward.advance('61m')

    expect(await rina.got()).toEqual([])
    expect(rina.reasons()).toContain('skipped no-consent')
  })

  it('a no to one topic leaves the others', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.track('Consent Withdrawn', { topics: ['reminders'] })
    await rina.fillsCart()
    await homeward.advance('61m')

    expect((await rina.got()).filter((mail) => mail.startsWith('abandoned-cart'))).toEqual([])
    expect(rina.reasons()).toContain('skipped unsubscribed')
    expect(await rina.got()).toContain('welcome/welcome')
  })

  it('unsubscribing from all mail between plan and claim is heeded; looking at the page changes nothing', async () => {
    await nextAt(homeward, '19:30')
    const rina = await shopper(homeward)
    await homeward.advance('5m')
    const welcome = await homeward.mail((await homeward.inbox(rina.email))[0]?.id ?? '')
    const unsubscribe = welcome.headers['List-Unsubscribe']?.slice(1, -1) ?? ''

    await homeward.advance('35m')
    await rina.fillsCart()
    // 21:10: planned, and held by quiet hours.
    await homeward.advance('61m')
    const held = rina.reasons()
    const page = await homeward.get(new URL(unsubscribe).pathname)
    const pageChanged = rina.reasons()
    const posted = await homeward.post(new URL(unsubscribe).pathname, 'from=all', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await nextAt(homeward, '12:00')

    expect(held).toContain('held quiet-hours')
    expect(page.status).toBe(200)
    expect(page.text).toContain('<form')
    expect(pageChanged).toEqual(held)
    expect(posted.status).toBe(200)
    expect((await rina.got()).filter((mail) => mail.startsWith('abandoned-cart'))).toEqual([])
  })
})

describe('orders', () => {
  it('an order by e-mail address alone, from the till, stops the reminder', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('50m')
    await homeward.say('track', {
      event: 'Order Completed',
      properties: { order_id: `till-${rina.userId}`, total: 12, currency: 'EUR', email: rina.email },
    })
    await homeward.advance('2d')

    expect(await rina.got()).not.toContain('abandoned-cart/reminder')
  })

  it('an order acknowledged while the mail is held overnight stops it at the claim', async () => {
    await nextAt(homeward, '20:30')
    const rina = await shopper(homeward)

    await rina.fillsCart()
    await homeward.advance('65m')
    await rina.orders()
    await nextAt(homeward, '12:00')

    expect(rina.reasons()).toContain('held quiet-hours')
    expect(await rina.got()).not.toContain('abandoned-cart/reminder')
  })

  it('an order and its refund leave sums as if nothing was bought', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.orders('o-1')
    await homeward.advance('1m')
    const bought = await homeward.customer(rina.email)
    await rina.track('Order Refunded', { order_id: 'o-1', total: 49.5, currency: 'EUR' })
    await homeward.advance('1m')
    const refunded = await homeward.customer(rina.email)

    expect(bought?.profile).toMatchObject({ orderCount: 1, loyalty: { points: 49 } })
    expect(refunded?.profile).toMatchObject({ loyalty: { points: 0 } })
  })

  it('one order told by two channels counts once', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.orders('o-2')
    await rina.orders('o-2')
    await homeward.advance('1m')

    expect((await homeward.customer(rina.email))?.profile).toMatchObject({ orderCount: 1 })
  })
})

describe('quiet hours', () => {
  it('a night in Dhaka is quiet until eight there', async () => {
    await nextAt(homeward, '14:30')
    const rina = await shopper(homeward, { timezone: 'Asia/Dhaka', locale: 'bn-BD', firstName: 'রিনা' })

    await rina.fillsCart()
    // 15:40 UTC is 21:40 in Dhaka.
    await homeward.advance('70m')
    const night = await rina.got()
    await nextAt(homeward, '02:15')

    expect(night).not.toContain('abandoned-cart/reminder')
    const mail = (await homeward.inbox(rina.email)).find(({ step }) => step === 'reminder')
    expect(mail?.at.slice(11, 16) ?? '').toMatch(/^02:(0\d|10)$/)
  })
})

describe('the cap', () => {
  it('defers the fourth mail of a week until the first is a week old', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('2d')
    // Welcome, reminder and last call are three; a birthday tomorrow would be the fourth.
    const now = await homeward.now()
    const tomorrow = new Date(Date.parse(now) + 86_400_000).toISOString().slice(5, 10)
    await rina.identify({ birthday: `1990-${tomorrow}` })
    await homeward.advance('2d')

    expect(await rina.got()).toHaveLength(3)
    expect(rina.reasons()).toContain('held cap')
    expect(rina.reasons().some((reason) => reason.startsWith('expired'))).toBe(true)
  })
})

describe('the kill switch', () => {
  it('holds what is planned and lets it out when it is resumed', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    await rina.fillsCart()

    await command('pause', 'abandoned-cart')
    await homeward.advance('70m')
    const paused = await rina.got()
    await command('resume', 'abandoned-cart')
    await homeward.advance('20m')

    expect(paused).not.toContain('abandoned-cart/reminder')
    expect(rina.reasons()).toContain('held paused')
    expect(await rina.got()).toContain('abandoned-cart/reminder')
  })
})

async function command(...words: Parameters<Homeward['command']>): Promise<void> {
  const answer = await homeward.command(...words)
  if (answer.code !== 0) throw new Error(`${words.join(' ')} ended with ${answer.code}: ${answer.stderr}`)
}

it('products of a cart that was emptied by an order are not remembered as left behind', async () => {
  await nextAt(homeward, '09:00')
  const rina = await shopper(homeward)

  await rina.fillsCart([loom])
  await rina.orders()
  await homeward.advance('1m')

  expect((await homeward.customer(rina.email))?.cart ?? {}).not.toMatchObject({ count: 1 })
})
