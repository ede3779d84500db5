/**
 * Guests and accounts on the booted stack: whoever signs in takes her guest's cart, run and wishes along; two
 * accounts are one once the shop's server says so; an address that only a browser gave gets little.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, vase } from './shopper.ts'

let homeward: Homeward
let templates: string
let count = 0

beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'homeward-identity-'))
  await cp(resolve(import.meta.dirname, '../../templates'), templates, { recursive: true })
  const file = join(templates, 'settings.yaml')
  const settings = await readFile(file, 'utf8')
  await writeFile(file, settings.replace('remindersWithoutConsent: false', 'remindersWithoutConsent: true'))
  homeward = await startHomeward({ at: '2026-05-04T09:00:00.000Z', flags: ['--templates', templates] })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(templates, { recursive: true, force: true })
})

/** A new person's names, and her next day begun at nine. */
async function somebody() {
  count += 1
  const email = `guest-${count}@shoppers.example`
  const now = await homeward.now()
  const tomorrow = new Date(Date.parse(now) + 86_400_000).toISOString().slice(0, 10)
  await homeward.advance({ to: `${tomorrow}T09:00:00.000Z` })
  return { email, userId: `user-of-${count}`, guest: { context: { traits: { email, timezone: 'UTC' } } } }
}

const cart = (id: string, products: object[] = [loom]) => ({
  event: 'Cart Updated',
  properties: { cart_id: id, currency: 'EUR', url: 'https://shop.example/cart', products },
})

const steps = async (email: string, of = 'abandoned-cart') =>
  (await homeward.inbox(email)).filter(({ journey }) => journey === of).map(({ step }) => step)

const signIn = async ({ userId, email }: { userId: string; email: string }) =>
  homeward.say('identify', { userId, traits: { email, timezone: 'UTC' } })

describe('a guest who becomes an account', () => {
  it('before her reminder gets it once, and the last call as the account', async () => {
    const ana = await somebody()
    await homeward.say('track', { ...ana.guest, event: 'Consent Given' })
    await homeward.say('track', { ...ana.guest, ...cart(`c-${count}`) })
    await homeward.advance('30m')
    await signIn(ana)
    await homeward.advance('48h')

    expect(await steps(ana.email)).toEqual(['reminder', 'last-call'])
    const customer = await homeward.customer(ana.email)
    expect(customer).toEqual(await homeward.customer(ana.userId))
    expect(customer?.timeline.some(({ summary }) => summary.includes('Linen throw'))).toBe(true)
  })

  it('after her reminder gets no second one for the same cart', async () => {
    const ana = await somebody()
    await homeward.say('track', { ...ana.guest, event: 'Consent Given' })
    await homeward.say('track', { ...ana.guest, ...cart(`c-${count}`) })
    await homeward.advance('61m')
    await signIn(ana)
    await homeward.say('track', { userId: ana.userId, ...cart(`c-${count}`) })
    await homeward.advance('48h')

    expect(await steps(ana.email)).toEqual(['reminder', 'last-call'])
  })

  it('keeps the no she said on the guest’s mail', async () => {
    const ana = await somebody()
    await homeward.say('track', { ...ana.guest, event: 'Consent Given' })
    await homeward.say('track', { ...ana.guest, ...cart(`c-${count}`) })
    await homeward.advance('61m')
    const [head] = await homeward.inbox(ana.email)
    const mail = head && (await homeward.mail(head.id))
    await signIn(ana)
    await homeward.advance('1m')
    const link = new URL(/<([^>]+)>/.exec(mail?.headers['List-Unsubscribe'] ?? '')?.[1] ?? 'no:link')
    await homeward.post(link.pathname, 'List-Unsubscribe=One-Click', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await homeward.say('track', { userId: ana.userId, ...cart(`d-${count}`) })
    await homeward.advance('10d')

    expect(await steps(ana.email)).toEqual(['reminder'])
    const customer = await homeward.customer(ana.userId)
    expect(JSON.stringify(customer?.profile.consent)).toContain('"given":false')
  })

  it('with an order that stops the guest’s reminder', async () => {
    const ana = await somebody()
    await homeward.say('track', { ...ana.guest, event: 'Consent Given' })
    await homeward.say('track', { ...ana.guest, ...cart(`c-${count}`) })
    await homeward.advance('30m')
    await signIn(ana)
    await homeward.say('track', {
      userId: ana.userId,
      event: 'Order Completed',
      properties: { order_id: `o-${count}`, total: 49.5, currency: 'EUR', products: [loom] },
    })
    await homeward.advance('48h')

    expect(await steps(ana.email)).toEqual([])
    expect((await homeward.customer(ana.email))?.profile.orderCount).toBe(1)
  })

  it('is thanked once for the guest’s order, told again as hers, and asked once ten days later', async () => {
    const ana = await somebody()
    const order = {
      event: 'Order Completed',
      properties: { order_id: `o-${count}`, total: 49.5, currency: 'EUR', products: [loom] },
    }
    await homeward.say('track', { ...ana.guest, event: 'Consent Given' })
    await homeward.say('track', { ...ana.guest, ...order })
    await homeward.advance('10m')
    await signIn(ana)
    await homeward.say('track', { userId: ana.userId, ...order })
    await homeward.advance('12d')

    expect(await steps(ana.email, 'after-order')).toEqual(['thanks', 'question'])
    expect((await homeward.customer(ana.userId))?.profile.orderCount).toBe(1)
  })

  it('is reached by what is told of the guest afterwards', async () => {
    const ana = await somebody()
    await homeward.say('track', { ...ana.guest, ...cart(`c-${count}`) })
    await signIn(ana)
    await homeward.say('track', { ...ana.guest, event: 'Product Viewed', properties: vase })
    await homeward.advance('1m')

    const customer = await homeward.customer(ana.userId)
    expect(customer?.timeline.some(({ summary }) => summary.includes('Blue vase'))).toBe(true)
  })
})

describe('two people at one inbox', () => {
  it('the address stays with the account that had it first; the other is not written to', async () => {
    const ana = await somebody()
    await signIn(ana)
    await homeward.say('track', { userId: ana.userId, event: 'Consent Given' })
    const answer = await homeward.post(
      '/v1/identify',
      { userId: `${ana.userId}-partner`, traits: { email: ana.email } },
      { key: homeward.keys.server },
    )
    await homeward.say('track', { userId: `${ana.userId}-partner`, ...cart(`p-${count}`) })
    await homeward.advance('61m')

    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-of-another' }] })
    expect(await steps(ana.email)).toEqual([])
    const partner = await homeward.customer(`${ana.userId}-partner`)
    expect(homeward.decisions(partner?.customerId).map(({ reason }) => reason.code)).toContain('no-address')
  })
})

describe('two accounts of one person', () => {
  it('are one by alias: orders of both, one reminder', async () => {
    const ana = await somebody()
    const old = `${ana.userId}-old`
    const order = (userId: string, id: string) => ({
      userId,
      event: 'Order Completed',
      properties: { order_id: id, total: 10, currency: 'EUR', products: [loom] },
    })
    await homeward.say('identify', { userId: old, traits: { email: ana.email, timezone: 'UTC' } })
    await homeward.say('track', { userId: old, event: 'Consent Given' })
    await homeward.say('track', order(old, `old-${count}`))
    await homeward.say('track', order(ana.userId, `new-${count}`))
    await homeward.advance('1m')
    await homeward.say('track', { userId: old, ...cart(`c-${count}`) })
    await homeward.say('alias', { userId: ana.userId, previousId: old })
    await homeward.advance('61m')

    expect(await steps(ana.email)).toEqual(['reminder'])
    expect((await homeward.customer(old))?.profile.orderCount).toBe(2)
  })
})

describe('an address that only a browser gave', () => {
  const typed = async (email: string, anonymousId: string) =>
    homeward.post(
      '/v1/identify',
      { anonymousId, traits: { email, firstName: 'Silly name' }, messageId: `typed-${anonymousId}` },
      { key: homeward.keys.browser },
    )
  const fills = async (anonymousId: string, id: string) =>
    homeward.post(
      '/v1/track',
      { anonymousId, ...cart(id), messageId: `cart-${id}` },
      { key: homeward.keys.browser },
    )

  it('gets a reminder where settings allow it, without the name that was typed', async () => {
    const ana = await somebody()
    await typed(ana.email, `device-${count}`)
    await fills(`device-${count}`, `b-${count}`)
    await homeward.advance('61m')

    const [head] = await homeward.inbox(ana.email)
    expect(head?.step).toBe('reminder')
    expect((head && (await homeward.mail(head.id)))?.html).not.toContain('Silly')
  })

  it('of a customer changes nothing of hers', async () => {
    const ana = await somebody()
    await signIn(ana)
    await homeward.advance('1m')
    const before = await homeward.customer(ana.email)
    const answer = await typed(ana.email, `stranger-${count}`)
    await fills(`stranger-${count}`, `s-${count}`)
    await homeward.advance('61m')

    expect(answer.body).toMatchObject({ warnings: [{ code: 'address-unverified' }] })
    expect(await steps(ana.email)).toEqual([])
    expect((await homeward.customer(ana.email))?.profile).toEqual(before?.profile)
  })
})
