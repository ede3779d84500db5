/**
 * The ready journeys, each lived through on the booted stack: what she gets, when, and what ends it. Time only
 * goes on, so each story has a customer of its own and asks only for her mails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, nextAt, type Shopper, shopper, vase } from './shopper.ts'

const mailbox = 'care@meadowandloom.example'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2027-02-26T12:00:00.000Z' })
}, 120_000)

afterAll(async () => homeward?.stop())

const gotOf = async ({ got }: Shopper, journey: string) =>
  (await got()).filter((mail) => mail.startsWith(`${journey}/`)).map((mail) => mail.split('/')[1])

const mailOf = async ({ email }: Shopper, step: string) => {
  const head = (await homeward.inbox(email)).find((one) => one.step === step)
  if (head === undefined) throw new Error(`no mail ${step} went to ${email}`)
  return homeward.mail(head.id)
}

const looksAt = (rina: Shopper, product: object) =>
  rina.track('Product Viewed', { ...product, currency: 'EUR' })
const order = (orderId: string, total: number) => ({ order_id: orderId, total, currency: 'EUR' })

/** What the shop's people got about one order. */
const toldShop = async (orderId: string) =>
  (await homeward.inbox(mailbox)).filter(({ subject }) => subject.includes(orderId))

/** Answers the question of a mail by its page's form, as a browser would. */
async function answers(rina: Shopper, score: number, comment = ''): Promise<void> {
  const { html } = await mailOf(rina, 'question')
  const [, link] = /href="(http[^"]*\/a\/[^"?]+)\?score=9"/.exec(html) ?? []
  const form = new URLSearchParams({ score: String(score), comment }).toString()
  const answer = await homeward.post(new URL(link ?? '').pathname, form, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(answer.status).toBe(200)
}

it('February 29 is celebrated on the 28th of other years, and not on the day she came', async () => {
  await homeward.advance({ to: '2028-02-29T09:00:00.000Z' })
  const rina = await shopper(homeward)
  await rina.orders()

  await homeward.advance({ to: '2028-03-02T00:00:00.000Z' })
  const first = await gotOf(rina, 'anniversary')
  await homeward.advance({ to: '2029-03-02T00:00:00.000Z' })

  const mails = (await homeward.inbox(rina.email)).filter(({ journey }) => journey === 'anniversary')
  expect(first).toEqual([])
  expect(mails.map(({ at }) => at.slice(0, 16))).toEqual(['2029-02-28T10:00'])
  expect((await homeward.mail(mails[0]?.id ?? '')).text).toMatch(/A year ago today[\s\S]*OURDAY10/)
})

// early in the file: the more customers have come, the more has to be lived through in ninety days
describe('a silence of ninety days', () => {
  it('brings a gift once, until another order begins it anew', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    await rina.orders()

    await homeward.advance('92d')
    const first = await gotOf(rina, 'win-back')
    await homeward.advance('100d')
    const still = await gotOf(rina, 'win-back')
    await rina.orders()
    await homeward.advance('92d')

    expect(first).toEqual(['missed'])
    expect(still).toEqual(['missed'])
    expect(await gotOf(rina, 'win-back')).toEqual(['missed', 'missed'])
  })

  it('that a new order breaks brings nothing', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    await rina.orders()

    await homeward.advance('80d')
    await rina.orders()
    await homeward.advance('20d')

    expect(await gotOf(rina, 'win-back')).toEqual([])
  })

  it('that was over before we heard of the order brings nothing', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    const long = new Date(Date.parse(await homeward.now()) - 89 * 86_400_000)
    const longer = new Date(long.getTime() - 86_400_000 * 30)

    await rina.track('Order Completed', order(`h-${rina.userId}`, 20), { timestamp: longer.toISOString() })
    await homeward.advance('5d')

    expect(await gotOf(rina, 'win-back')).toEqual([])
  })
})

describe('browsing', () => {
  it('is answered two quiet hours later, with what she saw last and more of what she likes', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await looksAt(rina, vase)
    await homeward.advance('90m')
    await looksAt(rina, loom)
    await homeward.advance('90m')
    const early = await gotOf(rina, 'abandoned-browse')
    await homeward.advance('31m')

    expect(early).toEqual([])
    expect(await gotOf(rina, 'abandoned-browse')).toEqual(['looked'])
    const { text } = await mailOf(rina, 'looked')
    expect(text.indexOf('Linen throw')).toBeLessThan(text.indexOf('Blue vase'))
    expect(text).toContain('Blue vase')
  })

  it('ends at a cart, which has a journey of its own; that one goes on where she left off', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await looksAt(rina, vase)
    await homeward.advance('30m')
    await rina.fillsCart([loom])
    await homeward.advance('3h')

    expect(await gotOf(rina, 'abandoned-browse')).toEqual([])
    const { text } = await mailOf(rina, 'reminder')
    expect(text).toMatch(/Linen throw[\s\S]*Continue where you left off[\s\S]*Blue vase/)
  })

  it('is answered in Arabic from right to left', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward, { locale: 'ar', firstName: 'ريم' })

    await looksAt(rina, vase)
    await homeward.advance('3h')

    const { html, subject } = await mailOf(rina, 'looked')
    expect(subject).toContain('ريم')
    expect(html).toMatch(/<html[^>]*lang="ar"[^>]*dir="rtl"|<html[^>]*dir="rtl"[^>]*lang="ar"/)
    expect(html).toContain('text-align:right')
  })
})

describe('an order', () => {
  it('is thanked for at night and without any consent, with what was ordered', async () => {
    await nextAt(homeward, '23:00')
    const rina = await shopper(homeward, {}, { consent: false })

    await rina.orders('o-night')
    await homeward.advance('2m')

    expect(await rina.got()).toEqual(['after-order/thanks'])
    const { text } = await mailOf(rina, 'thanks')
    expect(text).toContain('o-night')
    expect(text).toContain('Linen throw')
    expect(text).toMatch(/€49\.50/)
  })

  it('is asked about ten days later, only of who agreed to be asked', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward, {}, { consent: false })
    await rina.consents(['reminders'])
    const mia = await shopper(homeward, {}, { consent: false })
    await mia.consents(['surveys'])

    await rina.orders()
    await mia.orders()
    await homeward.advance('12d')

    expect(await gotOf(rina, 'after-order')).toEqual(['thanks'])
    expect(rina.reasons()).toContain('skipped no-consent')
    expect(await gotOf(mia, 'after-order')).toEqual(['thanks', 'question'])
  })

  it('that was refunded is not asked about; another one still is', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.orders('o-back')
    await rina.orders('o-kept')
    await homeward.advance('3d')
    await rina.track('Order Refunded', order('o-back', 49.5))
    await homeward.advance('9d')

    expect(await gotOf(rina, 'after-order')).toEqual(['thanks', 'thanks', 'question'])
    expect(rina.reasons()).toContain('exited exit-event')
  })

  it('that made her unhappy reaches the shop’s mailbox at any hour, and she gets nothing for it', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward, { firstName: 'Rina' })
    await rina.orders('o-sad')
    await homeward.advance('11d')
    await nextAt(homeward, '23:00')
    const before = await rina.got()

    await answers(rina, 4)
    await homeward.advance('1m')
    await answers(rina, 4, 'The throw came torn.')
    await homeward.advance('15m')

    const told = await toldShop('o-sad')
    expect(told).toHaveLength(1)
    const mail = await homeward.mail(told[0]?.id ?? '')
    expect(mail.text).toMatch(/4 out of 10[\s\S]*Rina[\s\S]*The throw came torn\./)
    expect(mail.headers['List-Unsubscribe']).toBeUndefined()
    expect(mail.html).not.toContain('/u/')
    expect(await rina.got()).toEqual(before)
  })

  it.each([
    ['o-glad', [9]],
    ['o-slipped', [0, 9]],
  ])('that made her happy (%s: %j) tells nobody', async (orderId, scores) => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)
    await rina.orders(orderId)
    await homeward.advance('11d')

    for (const score of scores) await answers(rina, score)
    await homeward.advance('15d')

    expect(await toldShop(orderId)).toEqual([])
    expect(rina.reasons()).toContain('exited wait-ended')
  })
})

describe('points', () => {
  it('past five hundred bring one gift, however often a refund takes them back', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.track('Order Completed', order('p-1', 300))
    await rina.track('Order Completed', order('p-2', 250))
    await homeward.advance('2h')
    const once = await gotOf(rina, 'loyalty-reward')
    await rina.track('Order Refunded', order('p-2', 250))
    await homeward.advance('8d')
    await rina.track('Order Completed', order('p-3', 260))
    await homeward.advance('8d')

    expect(once).toEqual(['reward'])
    expect(await gotOf(rina, 'loyalty-reward')).toEqual(['reward'])
    expect((await mailOf(rina, 'reward')).text).toContain('THANKYOU10')
  })

  it('of several steps at once bring one gift, for the highest', async () => {
    await nextAt(homeward, '09:00')
    const rina = await shopper(homeward)

    await rina.track('Order Completed', order('p-4', 1700))
    await homeward.advance('2h')

    expect(await gotOf(rina, 'loyalty-reward')).toEqual(['reward'])
    expect((await mailOf(rina, 'reward')).subject).toContain('1,500')
  })
})

it('who asks for mails where two yeses are wanted is asked for the second, even at night', async () => {
  await nextAt(homeward, '22:30')
  const rina = await shopper(homeward, {}, { consent: false })

  await rina.track('Consent Requested', { topics: ['offers'] })
  await homeward.advance('2m')

  expect(await rina.got()).toEqual(['confirm-subscription/confirm'])
  const { html } = await mailOf(rina, 'confirm')
  const [, link] = /href="(http[^"]*\/y\/[^"]+)"/.exec(html) ?? []
  const pressed = await homeward.post(new URL(link ?? '').pathname, '', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  await homeward.advance('2m')
  const events = (await homeward.customer(rina.email))?.timeline.map(({ name }) => name)
  expect(pressed.status).toBe(200)
  expect(events).toContain('Consent Given')
})

it('a parcel that came is asked about the next day: how easy was it?', async () => {
  await nextAt(homeward, '09:00')
  const rina = await shopper(homeward)

  await rina.track('Order Delivered', { order_id: 'd-1' })
  await homeward.advance('3d')

  expect(await gotOf(rina, 'effort')).toEqual(['ease'])
  expect((await mailOf(rina, 'ease')).html).toMatch(/\/a\/[^"?]+\?score=5"/)
})
