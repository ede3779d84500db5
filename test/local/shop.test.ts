/**
 * The sample shop's server with the unmodified `@segment/analytics-node` behind it, which talks over a socket to
 * the door with everything in memory: what it says of guests and accounts, and what it never shows a browser.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { addSamples } from '#cli/start/demo'
import { personOf } from '#cli/start/sample/people'
import { chanceOf } from '#cli/start/sample/random'
import { answerIngest } from '#functions/ingest'
import { openShop, type ShopAnswer } from '#local/shop/backend'
import { homewardAt } from '#local/shop/homeward'

const now = '2026-05-05T10:00:00.000Z'
const keys = { server: 'the-key-of-a-server', browser: 'the-key-of-a-browser' }
const anonymousId = 'device-1'

let world: MemoryPorts
let server: Server
let url: string
let dataDir: string

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const answer = await answerIngest(world, {
      rawPath: incoming.url ?? '',
      headers: incoming.headers,
      requestContext: { http: { method: incoming.method } },
      body: Buffer.concat(chunks).toString(),
    })
    outgoing.writeHead(answer.statusCode, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

beforeEach(async () => {
  world = memoryPorts(now)
  await world.workspace.putWriteKey(keys.server, 'server')
  dataDir = mkdtempSync(join(tmpdir(), 'homeward-shop-'))
  return () => rmSync(dataDir, { recursive: true, force: true })
})

interface Session {
  cart: { id: string; lines: Record<string, number> }
  customer: { email: string; marketing: boolean } | null
  orders: { orderId: string; total: number; returnedAt?: string }[]
  signedIn: boolean
}

/** A browser: it keeps the cookie it was given. */
function browser() {
  const shop = openShop({ url, dataDir, keys, now: () => now })
  let cookie = ''
  const ask = async (method: string, path: string, said: object = {}): Promise<ShopAnswer> => {
    const body = Buffer.from(method === 'GET' ? '' : JSON.stringify({ anonymousId, ...said }))
    const answer = await shop({ method, path: `/shop/api/${path}`, headers: { cookie }, body })
    cookie = answer.headers['set-cookie']?.split(';')[0] ?? cookie
    return answer
  }
  const session = async (method: string, path: string, said: object = {}) =>
    JSON.parse((await ask(method, path, said)).body) as Session
  return { ask, session }
}

const greta = { email: 'Greta@example.com', name: 'Greta Öberg', locale: 'en', timeZone: 'Europe/Berlin' }
const events = () => [...world.tables.events.values()].flatMap((log) => [...log.values()])
const named = (name: string) => events().filter((event) => event.name === name)

describe('the sample shop', () => {
  it('says a guest, her consent in its exact words, her order at the price of the catalog, and its return', async () => {
    const { session } = browser()
    await session('PUT', 'cart', { lines: { 'dusk-lamp': 2, 'no-such-thing': 1 }, currency: 'EUR' })
    await session('POST', 'contact', { ...greta, marketing: true })
    const ordered = await session('POST', 'order', { total: 1 })
    const returned = await session('POST', 'return', { orderId: ordered.orders[0]?.orderId })

    expect(named('Identified')[0]).toMatchObject({ source: 'server', traits: { firstName: 'Greta' } })
    expect(named('Consent Given')[0]?.properties).toMatchObject({
      text: 'Yes, write to me about my cart and new things. I can stop it any time.',
    })
    expect(named('Order Completed')[0]?.properties).toMatchObject({ total: 192, currency: 'EUR' })
    expect(named('Order Refunded')[0]?.properties).toMatchObject({ order_id: ordered.orders[0]?.orderId })
    expect(new Set(events().map(({ customerId }) => customerId)).size).toBe(1)
    expect(ordered.cart.lines).toEqual({})
    expect(returned.orders[0]?.returnedAt).toBe(now)
  })

  it('says nothing of consent when the box was left empty', async () => {
    const { session } = browser()

    await session('POST', 'contact', { ...greta, marketing: false })

    expect(named('Consent Given')).toEqual([])
    expect(named('Consent Withdrawn')).toEqual([])
  })

  it.each([
    ['English', { locale: 'bn', language: 'en' }, /^Yes, write to me/],
    ['Bengali', { locale: 'en', language: 'bn' }, /^হ্যাঁ, আমার কার্ট/],
  ])('keeps the words she saw, in %s, whichever language she wants mails in', async (_, said, words) => {
    const { session } = browser()

    await session('POST', 'contact', { ...greta, ...said, marketing: true })

    const { text, locale } = named('Consent Given')[0]?.properties ?? {}
    expect(text).toMatch(words)
    expect(locale).toBe(said.language)
  })

  it('says that an account it offers agreed when the tick came along, and then alone', async () => {
    const { session } = browser()
    const silent = await session('POST', 'sign-in', { ...greta, email: 'ida@example.com' })
    const toldWithout = named('Consent Given')
    const ticked = await session('POST', 'sign-in', { ...greta, email: 'ida@example.com', marketing: true })

    expect(toldWithout).toEqual([])
    expect(silent).toMatchObject({ customer: { name: 'Ida Holm', marketing: false } })
    expect(named('Consent Given')).toHaveLength(1)
    expect(ticked.customer?.marketing).toBe(true)
  })

  it('signs a sample customer of a first start in as the one that Homeward knows', async () => {
    const lived = personOf(12, chanceOf(1))
    const names = ['mia', 'nusrat', 'jose', 'noor', 'sam']
    const { userId, email } = lived
    const count = await addSamples({ url, serverKey: keys.server })
    await homewardAt(url, keys.server).identify({ userId, traits: { email } })
    const known = new Set(events().map(({ customerId }) => customerId))
    const { session } = browser()
    for (const one of [...names.map((name) => `${name}@example.com`), email])
      await session('POST', 'sign-in', { ...greta, email: one })

    expect(names).toHaveLength(count)
    expect(new Set(events().map(({ customerId }) => customerId))).toEqual(known)
  })

  it('knows nothing of a browser after the sign-out, not even what its guest ordered', async () => {
    const { ask, session } = browser()
    await session('PUT', 'cart', { lines: { 'seed-tin': 1 }, currency: 'BDT' })
    await session('POST', 'contact', greta)
    const guest = await session('POST', 'order')
    await session('POST', 'sign-in', { ...greta, email: 'ida@example.com' })
    const left = await ask('POST', 'sign-out')
    const nobody = await session('GET', 'session')

    expect(guest.orders).toHaveLength(1)
    expect(left.headers['set-cookie']).toBeDefined()
    expect(nobody).toMatchObject({ signedIn: false, customer: null, orders: [], cart: { lines: {} } })
  })

  it('says a return of whoever ordered, also when another guest is at the browser by then', async () => {
    const { session } = browser()
    await session('PUT', 'cart', { lines: { 'seed-tin': 1 }, currency: 'EUR' })
    await session('POST', 'contact', greta)
    const { orders } = await session('POST', 'order')
    await session('POST', 'contact', { ...greta, email: 'another@example.com' })
    await session('POST', 'return', { orderId: orders[0]?.orderId, anonymousId: 'device-2' })

    const [ordered, returned] = [named('Order Completed')[0], named('Order Refunded')[0]]
    expect(returned?.customerId).toBe(ordered?.customerId)
  })

  it('says a withdrawal when an account takes its yes back', async () => {
    const { session } = browser()
    await session('POST', 'sign-in', { ...greta, marketing: true })
    const changed = await session('POST', 'account', { ...greta, marketing: false })

    expect(changed).toMatchObject({ signedIn: true, customer: { marketing: false } })
    expect(named('Consent Withdrawn')).toHaveLength(1)
  })

  it('keeps carts and accounts in its file, one browser apart from another', async () => {
    const one = browser()
    await one.session('PUT', 'cart', { lines: { 'seed-tin': 3 }, currency: 'BDT' })
    const other = await browser().session('GET', 'session')

    expect((await one.session('GET', 'session')).cart.lines).toEqual({ 'seed-tin': 3 })
    expect(other.cart.lines).toEqual({})
  })

  it('keeps a cart that was changed while it was still told who she is', async () => {
    const { ask, session } = browser()
    await ask('GET', 'session')

    const [said, put] = await Promise.all([
      ask('POST', 'contact', greta),
      ask('PUT', 'cart', { lines: { 'willow-teapot': 2 }, currency: 'EUR' }),
    ])

    const { cart, customer } = await session('GET', 'session')
    expect([said.status, put.status]).toEqual([200, 200])
    expect(cart.lines).toEqual({ 'willow-teapot': 2 })
    expect(customer?.email).toBe('greta@example.com')
  })

  it('never shows the key of the server, and gives a cookie that no script reads', async () => {
    const { ask } = browser()

    const answer = await ask('PUT', 'cart', { lines: { 'seed-tin': 1 }, currency: 'EUR' })
    await ask('POST', 'contact', greta)
    const ordered = await ask('POST', 'order')

    const cookie = answer.headers['set-cookie'] ?? ''
    expect(cookie).toMatch(/^meadow=[\w-]{36};.*HttpOnly; SameSite=Lax/)
    expect(answer.body).toContain(keys.browser)
    expect(answer.body).not.toContain(keys.server)
    expect(ordered.body).toContain('order-')
    expect(ordered.body).not.toContain(cookie.slice('meadow='.length, cookie.indexOf(';')))
  })

  it.each([
    ['an address that is none', 'contact', { email: 'greta' }],
    ['an order of nothing', 'order', {}],
    ['a return of what she never ordered', 'return', { orderId: 'order-of-another' }],
    ['a cart that is none', 'cart', { lines: 3 }],
  ])('refuses %s with words', async (_, path, said) => {
    const answer = await browser().ask(path === 'cart' ? 'PUT' : 'POST', path, said)

    expect(answer.status).toBe(400)
    expect((JSON.parse(answer.body) as { detail: string }).detail.length).toBeGreaterThan(10)
  })

  it('says what went wrong when Homeward refuses', async () => {
    world = memoryPorts(now)

    const answer = await browser().ask('POST', 'contact', greta)

    expect(answer.status).toBe(502)
  })
})
