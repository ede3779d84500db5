/**
 * What happens behind the links in mails, through the handler as HTTP: clicks lead where they were stored to
 * lead, a GET never unsubscribes, a POST does at once, and a wrong token learns nothing.
 */
import { parse } from 'parse5'
import { beforeEach, describe, expect, it } from 'vitest'
import { choiceFor, newAddressGate, newCustomerGate, withChoice } from '#core/gate'
import { isHuman } from '#core/human'
import { addressHash, derive } from '#core/id'
import { Journey } from '#core/journey'
import { makeToken } from '#core/link'
import type { Message } from '#core/message'
import { compileSteps } from '#core/program'
import { Settings } from '#core/settings'
import { answerTrack } from '#functions/track'
import { type MemoryPorts, memoryPorts } from '#test/fixture/memory/ports'

const customerId = derive('c', 'user', '42')
const messageId = derive('m', 'run', 'reminder')
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

let world: MemoryPorts
let hash: string

const settings = Settings.parse({
  shop: { name: 'Loom & “Söhne” <b>', url: 'https://shop.example' },
  currency: 'EUR',
  timeZone: 'UTC',
  topics: { reminders: { name: { en: 'Cart <reminders>', bn: 'কার্টের কথা' } }, news: { name: { en: 'News' } } },
})

const message: Message = {
  customerId,
  messageId,
  status: 'SENT',
  round: 1,
  journey: 'abandoned-cart',
  step: 'reminder',
  mail: 'reminder',
  runId: derive('r', 'run'),
  key: 'c-1',
  runStartedAt: '2026-11-24T11:00:00.000Z',
  release: 1,
  urgent: true,
  exitsOnOrder: true,
  plannedAt: '2026-11-24T12:00:00.000Z',
  notBefore: '2026-11-24T12:00:00.000Z',
  notAfter: '2026-11-25T12:00:00.000Z',
  sentAt: '2026-11-24T12:00:00.000Z',
  deliveredAt: '2026-11-24T12:00:10.000Z',
  links: ['https://shop.example/cart', 'https://shop.example/p/1?a=1&b=2', 'javascript:alert(1)'],
}

function put(change: Partial<Message>): void {
  world.tables.messages.set(
    customerId,
    new Map([[messageId, { message: { ...message, ...change }, clicks: 0 }]]),
  )
}

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:00.000Z')
  hash = addressHash('rina@example.com', await world.keys.addressKey())
  const journey = Journey.parse({
    name: 'Abandoned cart',
    intent: 'cart',
    topic: 'reminders',
    enter: { on: 'Cart Updated' },
    steps: [{ send: 'reminder' }],
  })
  const released = { id: 'abandoned-cart', journey, program: compileSteps(journey.steps), mails: {} }
  const journeys = { 'abandoned-cart': released }
  await world.workspace.putRelease({ number: 1, publishedAt: '2026-11-01T00:00:00.000Z', settings, journeys })
  await world.workspace.putLive({ release: 1, paused: [] }, undefined)
  world.tables.addresses.set(hash, { ...newAddressGate(), owner: customerId, version: 1 })
  put({ inbox: hash })
})

const token = async (purpose: 'click' | 'unsubscribe', index = 0) =>
  makeToken({ purpose, customerId, messageId, index }, await world.keys.linkKeys())

const ask = (method: string, path: string, more: { headers?: object; body?: string } = {}) =>
  answerTrack(world, {
    rawPath: path,
    headers: { 'user-agent': chrome, ...more.headers },
    requestContext: { http: { method } },
    isBase64Encoded: more.body !== undefined,
    ...(more.body !== undefined && { body: Buffer.from(more.body).toString('base64') }),
  })

const events = () => world.events.eventsOf(customerId)
const gate = async () => (await world.gates.address(hash)) ?? newAddressGate()
const row = () => world.tables.messages.get(customerId)?.get(messageId)

describe('a click', () => {
  it('leads to the stored link and becomes an event', async () => {
    const answer = await ask('GET', `/c/${await token('click', 1)}`)

    expect(answer).toMatchObject({
      statusCode: 302,
      headers: { location: 'https://shop.example/p/1?a=1&b=2' },
    })
    expect(await events()).toMatchObject([
      {
        name: 'Email Clicked',
        source: 'homeward',
        properties: {
          messageId,
          journey: 'abandoned-cart',
          step: 'reminder',
          runId: message.runId,
          human: true,
          link: 1,
        },
      },
    ])
    expect(row()).toMatchObject({ clicks: 1, message: { clickedAt: '2026-11-24T13:00:00.000Z' } })
  })

  it('again is counted on the row and is no second event', async () => {
    const path = `/c/${await token('click')}`
    await ask('GET', path)
    world.now.at = '2026-11-24T15:00:00.000Z'
    await ask('GET', path)

    expect(row()?.clicks).toBe(2)
    expect(await events()).toHaveLength(1)
  })

  it('by a machine does not hide a later one by a human', async () => {
    const path = `/c/${await token('click')}`
    await ask('GET', path, { headers: { 'user-agent': 'BarracudaCentral/1.0' } })
    world.now.at = '2026-11-24T13:05:00.000Z'
    await ask('GET', path)

    expect((await events()).map((event) => event.properties.human).sort()).toEqual([false, true])
    expect(row()?.message.clickedAt).toBe('2026-11-24T13:05:00.000Z')
  })

  it('that only looks (HEAD) leads there and records nothing', async () => {
    const answer = await ask('HEAD', `/c/${await token('click')}`)

    expect(answer.statusCode).toBe(302)
    expect(await events()).toEqual([])
    expect(row()?.clicks).toBe(0)
  })

  it('that could not be recorded leads there all the same', async () => {
    world.events.record = async () => {
      throw new Error('the table is away')
    }
    const answer = await ask('GET', `/c/${await token('click')}`)

    expect(answer.statusCode).toBe(302)
    expect(world.lines).toMatchObject([{ level: 'error', event: 'click-lost' }])
  })

  it.each([
    ['no token of ours', async () => 'A'.repeat(60)],
    ['an endless one', async () => 'A'.repeat(3000)],
    ['the token of another purpose', async () => token('unsubscribe')],
    ['a link the mail does not have', async () => token('click', 9)],
    ['a link that is not safe', async () => token('click', 2)],
    ['a bent one', async () => `${(await token('click')).slice(0, -1)}_`],
  ])('with %s sees the same page as any other', async (_, make) => {
    const nothing = await ask('GET', '/c/nothing')

    const answer = await ask('GET', `/c/${await make()}`)

    expect(answer).toEqual(nothing)
    expect(answer.statusCode).toBe(404)
    expect(await events()).toEqual([])
  })

  it('cannot be posted', async () => {
    expect((await ask('POST', `/c/${await token('click')}`)).statusCode).toBe(405)
  })
})

describe('whether a hit was a human’s', () => {
  const at = '2026-11-24T12:00:15.000Z'
  const delivered = { deliveredAt: '2026-11-24T12:00:10.000Z', sentAt: '2026-11-24T12:00:00.000Z' }

  it.each([
    ['a browser, a while after delivery', { at, userAgent: chrome }, delivered, true],
    [
      'an iPhone',
      {
        at,
        userAgent:
          'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      },
      delivered,
      true,
    ],
    ['no user agent', { at, userAgent: undefined }, delivered, false],
    ['an empty user agent', { at, userAgent: ' ' }, delivered, false],
    ['a crawler', { at, userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' }, delivered, false],
    [
      'a mail scanner',
      { at, userAgent: 'Mozilla/5.0 (compatible; Proofpoint URL Defense)' },
      delivered,
      false,
    ],
    ['a script', { at, userAgent: 'python-requests/2.32' }, delivered, false],
    ['a headless browser', { at, userAgent: chrome.replace('Chrome', 'HeadlessChrome') }, delivered, false],
    ['1.9 s after delivery', { at: '2026-11-24T12:00:11.900Z', userAgent: chrome }, delivered, false],
    ['2 s after delivery', { at: '2026-11-24T12:00:12.000Z', userAgent: chrome }, delivered, true],
    [
      'before delivery was heard of, 1 s after the send',
      { at: '2026-11-24T12:00:01.000Z', userAgent: chrome },
      { sentAt: delivered.sentAt },
      false,
    ],
    [
      'half a second after another hit',
      { at, userAgent: chrome },
      { ...delivered, lastHitAt: '2026-11-24T12:00:14.500Z' },
      false,
    ],
    [
      'a second after another hit',
      { at, userAgent: chrome },
      { ...delivered, lastHitAt: '2026-11-24T12:00:14.000Z' },
      true,
    ],
  ])('%s', (_, hit, seen, human) => {
    expect(isHuman(hit, seen)).toBe(human)
  })
})

describe('the unsubscribe page', () => {
  it('shows buttons and changes nothing', async () => {
    const answer = await ask('GET', `/u/${await token('unsubscribe')}`)

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('<form method="post">')
    expect(answer.body).toContain('value="topic"')
    expect(answer.body).toContain('value="all"')
    expect(await gate()).toMatchObject({ consent: {}, version: 1 })
    expect(await events()).toEqual([])
  })

  it('escapes what marketers wrote, runs no script, and names no address', async () => {
    const answer = await ask('GET', `/u/${await token('unsubscribe')}`)

    expect(answer.body).toContain('Cart &lt;reminders&gt;')
    expect(answer.body).toContain('Loom &amp; “Söhne” &lt;b&gt;')
    expect(answer.body).not.toMatch(/<script|onclick|rina|https?:\/\/(?!shop\.example)/)
    expect(parse(answer.body).childNodes).not.toHaveLength(0)
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    )
    expect(answer.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
  })

  it.each([
    ['bn-BD,bn;q=0.9,en;q=0.8', 'bn', 'কার্টের কথা'],
    ['fr-FR,en;q=0.5', 'en', 'Cart &lt;reminders&gt;'],
    ['de', 'en', 'Cart &lt;reminders&gt;'],
    ['bn;q=0,en', 'en', 'Cart &lt;reminders&gt;'],
    ['', 'en', 'Cart &lt;reminders&gt;'],
    [';;;,,,q=', 'en', 'Cart &lt;reminders&gt;'],
  ])('speaks what the browser asks for: %s', async (language, lang, topic) => {
    const answer = await ask('GET', `/u/${await token('unsubscribe')}`, {
      headers: { 'accept-language': language },
    })

    expect(answer.body).toContain(`<html lang="${lang}" dir="ltr">`)
    expect(answer.body).toContain(topic)
  })

  it('answers a look (HEAD) without a body', async () => {
    const answer = await ask('HEAD', `/u/${await token('unsubscribe')}`)

    expect(answer).toMatchObject({ statusCode: 200, body: '' })
  })

  it('offers all mail only where the topic is no longer declared', async () => {
    world.tables.messages.clear()
    const answer = await ask('GET', `/u/${await token('unsubscribe')}`)

    expect(answer.body).not.toContain('value="topic"')
    expect(answer.body).toContain('value="all"')
  })
})

describe('unsubscribing', () => {
  const post = async (body: string) => ask('POST', `/u/${await token('unsubscribe')}`, { body })

  it('by a mail program’s one click (RFC 8058) holds at once, for the mail’s topic', async () => {
    const answer = await post('List-Unsubscribe=One-Click')

    expect(answer.statusCode).toBe(200)
    expect(choiceFor(await gate(), 'reminders')).toBe(false)
    expect(choiceFor(await gate(), 'news')).toBeUndefined()
    expect(await events()).toMatchObject([
      {
        name: 'Consent Withdrawn',
        source: 'homeward',
        reachable: true,
        properties: { topics: ['reminders'], source: 'unsubscribe', messageId, journey: 'abandoned-cart' },
      },
    ])
  })

  it('by the button for all mail holds for every topic, whatever was said yes to before', async () => {
    world.tables.addresses.set(hash, {
      ...withChoice(newAddressGate(), { given: true, topics: ['news'], at: '2026-11-20T00:00:00.000Z' }),
      version: 3,
    })
    await post('from=all')

    expect(choiceFor(await gate(), 'news')).toBe(false)
    expect(choiceFor(await gate(), 'reminders')).toBe(false)
    const [event] = await events()
    expect(event?.properties.topics).toBeUndefined()
  })

  it('again is one event and leaves the inbox as it is', async () => {
    await post('List-Unsubscribe=One-Click')
    const before = await gate()
    world.now.at = '2026-11-25T13:00:00.000Z'
    const answer = await post('List-Unsubscribe=One-Click')

    expect(answer.statusCode).toBe(200)
    expect(await gate()).toEqual(before)
    expect(await events()).toHaveLength(1)
  })

  it('after a new yes says no again', async () => {
    await post('from=topic')
    world.tables.addresses.set(hash, {
      ...withChoice(await gate(), { given: true, topics: ['reminders'], at: '2026-11-25T00:00:00.000Z' }),
    })
    world.now.at = '2026-11-26T00:00:00.000Z'

    await post('from=topic')

    expect(choiceFor(await gate(), 'reminders')).toBe(false)
    expect(await events()).toHaveLength(2)
  })

  it('from all after a later yes to one topic says no again', async () => {
    await post('from=all')
    world.tables.addresses.set(hash, {
      ...withChoice(await gate(), { given: true, topics: ['news'], at: '2026-11-25T00:00:00.000Z' }),
    })
    world.now.at = '2026-11-26T00:00:00.000Z'

    await post('from=all')

    expect(choiceFor(await gate(), 'news')).toBe(false)
  })

  it('whose event was lost half-way is completed by the next try', async () => {
    const record = world.events.record
    world.events.record = async () => {
      throw new Error('the table is away')
    }
    expect((await post('from=topic')).statusCode).toBe(503)
    expect(choiceFor(await gate(), 'reminders')).toBe(false)

    world.events.record = record
    world.now.at = '2026-11-24T13:10:00.000Z'
    await post('from=topic')

    expect(await events()).toMatchObject([
      { name: 'Consent Withdrawn', occurredAt: '2026-11-24T13:00:00.000Z' },
    ])
  })

  it('meets others at the inbox and tries again', async () => {
    const putAddress = world.gates.putAddress
    let refused = 0
    world.gates.putAddress = async (key, next) => {
      refused += 1
      return refused <= 2 ? 'changed' : putAddress(key, next)
    }
    await post('from=topic')

    expect(choiceFor(await gate(), 'reminders')).toBe(false)
  })

  it('goes to the inbox the mail went to, though she has another since', async () => {
    const person = { ...newCustomerGate(), inbox: { hash: 'another', at: '2026-11-24T12:30:00.000Z' } }
    world.tables.persons.set(customerId, person)
    await post('from=topic')

    expect(choiceFor(await gate(), 'reminders')).toBe(false)
    expect(world.tables.addresses.has('another')).toBe(false)
  })

  it('without a row of the message still holds: for all mail, at her inbox', async () => {
    world.tables.messages.clear()
    world.tables.persons.set(customerId, {
      ...newCustomerGate(),
      inbox: { hash, at: '2026-11-24T12:30:00.000Z' },
    })
    await post('List-Unsubscribe=One-Click')

    expect(choiceFor(await gate(), 'reminders')).toBe(false)
  })

  it('without any inbox known waits on her own gate', async () => {
    world.tables.messages.clear()
    await post('List-Unsubscribe=One-Click')

    expect(await world.gates.customer(customerId)).toMatchObject({ pending: { '*': { given: false } } })
    expect(await events()).toMatchObject([{ name: 'Consent Withdrawn' }])
  })

  it('of who was merged is told to whom she became', async () => {
    const other = derive('c', 'user', '43')
    world.tables.persons.set(customerId, { ...newCustomerGate(), mergedInto: other })
    await post('from=topic')

    expect(await world.events.eventsOf(other)).toMatchObject([{ name: 'Consent Withdrawn' }])
  })

  it('takes nothing from an endless form', async () => {
    expect((await post(`from=all&x=${'x'.repeat(100_000)}`)).statusCode).toBe(200)
    expect(choiceFor(await gate(), 'news')).toBeUndefined()
    expect(choiceFor(await gate(), 'reminders')).toBe(false)
  })

  it.each(['A'.repeat(60), 'x'])('with a token that is none of ours (%s) does nothing', async (bad) => {
    const answer = await ask('POST', `/u/${bad}`, { body: 'List-Unsubscribe=One-Click' })

    expect(answer.statusCode).toBe(404)
    expect(await gate()).toMatchObject({ version: 1 })
  })

  it('by DELETE is not a thing', async () => {
    const answer = await ask('DELETE', `/u/${await token('unsubscribe')}`)

    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
  })
})
