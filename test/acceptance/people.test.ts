/**
 * People as they are: without an address, consent or name; with names that hold scripts, emoji or Bengali;
 * with clocks that run fast; imported with two years of history.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, shopper } from './shopper.ts'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2026-05-04T09:00:00.000Z' })
}, 120_000)

afterAll(async () => homeward?.stop())

const reminderOf = async (email: string) => {
  const head = (await homeward.inbox(email)).find(({ step }) => step === 'reminder')
  return head && homeward.mail(head.id)
}

const morning = async () => {
  const now = await homeward.now()
  await homeward.advance({
    to: `${new Date(Date.parse(now) + 86_400_000).toISOString().slice(0, 10)}T09:00:00.000Z`,
  })
}

it('a customer without an address is skipped with its reason', async () => {
  const userId = 'no-address'
  await homeward.say('identify', { userId, traits: { firstName: 'Nobody' } })
  await homeward.say('track', {
    userId,
    event: 'Cart Updated',
    properties: { cart_id: 'n', currency: 'EUR', products: [loom] },
  })

  await homeward.advance('61m')

  const skipped = homeward.decisions().filter(({ reason }) => reason.code === 'no-address')
  expect(skipped.map(({ outcome }) => outcome)).toEqual(['skipped'])
})

it('a customer without a name gets a mail that reads well', async () => {
  await morning()
  const rina = await shopper(homeward, { firstName: null })

  await rina.fillsCart()
  await homeward.advance('61m')

  const mail = await reminderOf(rina.email)
  expect(mail?.text).not.toMatch(/undefined|null|Hello ,|Hi ,/)
  expect(mail?.subject).not.toMatch(/undefined|null/)
})

it('Bengali name, taka and digits', async () => {
  await morning()
  const rina = await shopper(homeward, { firstName: 'রিনা', locale: 'bn-BD' })

  await rina.fillsCart([{ ...loom, name: 'নকশি কাঁথা', price: 1234.5, quantity: 2 }], { currency: 'BDT' })
  await homeward.advance('61m')

  const mail = await reminderOf(rina.email)
  expect(mail?.text).toContain('রিনা')
  expect(mail?.text).toContain('নকশি কাঁথা')
  expect(mail?.text).toContain('১,২৩৪.৫০')
  expect(mail?.html).toContain('৳')
})

it.each([
  ['a script', '<script>alert(1)</script>'],
  ['quotes', `"O'Brien" & <b>sons</b>`],
  ['right-to-left text', 'محمد\u202eevil'],
  ['emoji', 'Rina 👩‍👩‍👧‍👦'],
  ['braces', '{{customer.birthday}} }} {{'],
])('a name with %s stays text', async (_what, name) => {
  await morning()
  const rina = await shopper(homeward, { firstName: name })

  await rina.fillsCart([{ ...loom, name }])
  await homeward.advance('61m')

  const mail = await reminderOf(rina.email)
  expect(mail).toBeDefined()
  expect(mail?.html).not.toContain('<script>alert')
  expect(mail?.html).not.toContain('<b>sons')
  expect(mail?.subject).not.toMatch(/[\r\n\u202e]/)
})

it('yen have no decimals', async () => {
  await morning()
  const rina = await shopper(homeward)

  await rina.fillsCart([{ ...loom, price: 1200 }], { currency: 'JPY' })
  await homeward.advance('61m')

  expect((await reminderOf(rina.email))?.text).toMatch(/1,200(?!\.)/)
})

it('a browser whose clock is ten minutes fast fills a cart now, not in the future', async () => {
  await morning()
  const rina = await shopper(homeward)
  const now = Date.parse(await homeward.now())
  const fast = new Date(now + 600_000).toISOString()

  await rina.track('Cart Updated', { cart_id: 'f', currency: 'EUR', products: [loom] }, { timestamp: fast })
  await homeward.advance('61m')
  const reminded = await reminderOf(rina.email)
  await rina.orders()
  await homeward.advance('1m')

  expect(reminded).toBeDefined()
  expect((await homeward.customer(rina.email))?.profile).toMatchObject({ orderCount: 1 })
})

it('two years of orders, imported as history, bring no mail and all the sums', async () => {
  await morning()
  const rina = await shopper(homeward)
  await homeward.advance('5m')
  const before = await rina.got()
  const now = Date.parse(await homeward.now())
  const batch = Array.from({ length: 24 }, (_, month) => ({
    type: 'track',
    userId: rina.userId,
    messageId: `history-${rina.userId}-${month}`,
    timestamp: new Date(now - (month + 1) * 30 * 86_400_000).toISOString(),
    event: 'Order Completed',
    context: { history: true },
    properties: { order_id: `h-${rina.userId}-${month}`, total: 10, currency: 'EUR' },
  }))

  await homeward.say('batch', { batch })
  await homeward.advance('2h')

  expect(await rina.got()).toEqual(before)
  expect((await homeward.customer(rina.email))?.profile).toMatchObject({ orderCount: 24 })
})

it('shares a device: what the second does is hers, what was the first one’s stays', async () => {
  await morning()
  const anonymousId = 'kitchen-tablet'
  const first = await shopper(homeward)
  const second = await shopper(homeward)
  const view = (product: string) => ({
    writeKey: homeward.keys.browser,
    anonymousId,
    event: 'Product Viewed',
    properties: { product_id: product, name: product, price: 1, currency: 'EUR' },
  })

  await homeward.say('identify', { userId: first.userId, anonymousId })
  await homeward.post('/v1/track', view('seen-by-first'))
  await homeward.say('identify', { userId: second.userId, anonymousId })
  await homeward.post('/v1/track', view('seen-by-second'))
  await homeward.advance('10m')

  const names = async (email: string) =>
    (await homeward.customer(email))?.timeline.map(({ summary }) => summary).join('\n') ?? ''
  expect(await names(first.email)).toContain('seen-by-first')
  expect(await names(first.email)).not.toContain('seen-by-second')
  expect(await names(second.email)).toContain('seen-by-second')
  expect(await names(second.email)).not.toContain('seen-by-first')
})
