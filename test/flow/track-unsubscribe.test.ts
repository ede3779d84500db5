/** The unsubscribe page and its button, through the handler as HTTP: a GET changes nothing, a POST acts at once. */
import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { choiceFor, newAddressGate, newCustomerGate, withChoice } from '#core/gate'
import { derive } from '#core/id'
import { makeToken } from '#core/link'
import { aMailed, customerId, messageId } from '#test/fixture/mailed'

const mailed = aMailed()

describe('the unsubscribe page', () => {
  it('shows buttons and changes nothing', async () => {
    const answer = await mailed.ask('GET', `/u/${await mailed.token('unsubscribe')}`)

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('<form method="post">')
    expect(answer.body).toContain('value="topic"')
    expect(answer.body).toContain('value="all"')
    expect(await mailed.gate()).toMatchObject({ consent: {}, version: 1 })
    expect(await mailed.events()).toEqual([])
  })

  it('escapes what marketers wrote, runs no script, and names no address', async () => {
    const answer = await mailed.ask('GET', `/u/${await mailed.token('unsubscribe')}`)

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
    const answer = await mailed.ask('GET', `/u/${await mailed.token('unsubscribe')}`, {
      headers: { 'accept-language': language },
    })

    expect(answer.body).toContain(`<html lang="${lang}" dir="ltr">`)
    expect(answer.body).toContain(topic)
  })

  it('answers a look (HEAD) without a body', async () => {
    const answer = await mailed.ask('HEAD', `/u/${await mailed.token('unsubscribe')}`)

    expect(answer).toMatchObject({ statusCode: 200, body: '' })
  })

  it('offers all mail only where the topic is no longer declared', async () => {
    mailed.world.tables.messages.clear()
    const answer = await mailed.ask('GET', `/u/${await mailed.token('unsubscribe')}`)

    expect(answer.body).not.toContain('value="topic"')
    expect(answer.body).toContain('value="all"')
  })
})

describe('the unsubscribe page of a service mail', () => {
  it('offers to stop what can be stopped: marketing', async () => {
    mailed.settings({ topics: { reminders: { name: { en: 'Your orders' }, kind: 'service' } } })

    const { body } = await mailed.ask('GET', `/u/${await mailed.token('unsubscribe')}`)

    expect(body).not.toContain('Your orders')
    expect(body).not.toContain('value="topic"')
    expect(body).toContain('value="all"')
  })
})

describe('unsubscribing', () => {
  const post = async (body: string) => mailed.ask('POST', `/u/${await mailed.token('unsubscribe')}`, { body })

  it('by a mail program’s one click (RFC 8058) holds at once, for the mail’s topic', async () => {
    const answer = await post('List-Unsubscribe=One-Click')

    expect(answer.statusCode).toBe(200)
    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
    expect(choiceFor(await mailed.gate(), 'news')).toBeUndefined()
    expect(await mailed.events()).toMatchObject([
      {
        name: 'Consent Withdrawn',
        source: 'homeward',
        reachable: true,
        properties: { topics: ['reminders'], source: 'unsubscribe', messageId, journey: 'abandoned-cart' },
      },
    ])
  })

  it('by the button for all mail holds for every topic, whatever was said yes to before', async () => {
    mailed.world.tables.addresses.set(mailed.hash, {
      ...withChoice(newAddressGate(), { given: true, topics: ['news'], at: '2026-11-20T00:00:00.000Z' }),
      version: 3,
    })
    await post('from=all')

    expect(choiceFor(await mailed.gate(), 'news')).toBe(false)
    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
    const [event] = await mailed.events()
    expect(event?.properties.topics).toBeUndefined()
  })

  it('again at once is one event and leaves the inbox as it is', async () => {
    await post('List-Unsubscribe=One-Click')
    const before = await mailed.gate()
    mailed.world.now.at = '2026-11-24T13:00:59.000Z'
    const answer = await post('List-Unsubscribe=One-Click')

    expect(answer.statusCode).toBe(200)
    expect(await mailed.gate()).toEqual(before)
    expect(await mailed.events()).toHaveLength(1)
  })

  it.each(['topic', 'all'])(
    'from %s again later counts from then on: a yes from between, told late, does not undo it',
    async (from) => {
      await post(`from=${from}`)
      mailed.world.now.at = '2026-11-26T00:00:00.000Z'
      await post(`from=${from}`)

      const yes = { given: true, topics: undefined, at: '2026-11-25T00:00:00.000Z' }
      const gate = withChoice(await mailed.gate(), yes)
      expect(choiceFor(gate, 'reminders')).toBe(false)
      expect((await mailed.events()).map(({ occurredAt }) => occurredAt).toSorted()).toEqual([
        '2026-11-24T13:00:00.000Z',
        '2026-11-26T00:00:00.000Z',
      ])
    },
  )

  it('after a new yes says no again', async () => {
    await post('from=topic')
    mailed.world.tables.addresses.set(mailed.hash, {
      ...withChoice(await mailed.gate(), {
        given: true,
        topics: ['reminders'],
        at: '2026-11-25T00:00:00.000Z',
      }),
    })
    mailed.world.now.at = '2026-11-26T00:00:00.000Z'

    await post('from=topic')

    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
    expect(await mailed.events()).toHaveLength(2)
  })

  it('from all after a later yes to one topic says no again', async () => {
    await post('from=all')
    mailed.world.tables.addresses.set(mailed.hash, {
      ...withChoice(await mailed.gate(), { given: true, topics: ['news'], at: '2026-11-25T00:00:00.000Z' }),
    })
    mailed.world.now.at = '2026-11-26T00:00:00.000Z'

    await post('from=all')

    expect(choiceFor(await mailed.gate(), 'news')).toBe(false)
  })

  it('whose event was lost half-way is completed by the next try', async () => {
    const record = mailed.world.events.record
    mailed.world.events.record = async () => {
      throw new Error('the table is away')
    }
    expect((await post('from=topic')).statusCode).toBe(503)
    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)

    mailed.world.events.record = record
    mailed.world.now.at = '2026-11-24T13:00:10.000Z'
    await post('from=topic')

    expect(await mailed.events()).toMatchObject([
      { name: 'Consent Withdrawn', occurredAt: '2026-11-24T13:00:00.000Z' },
    ])
  })

  it('meets others at the inbox and tries again', async () => {
    const putAddress = mailed.world.gates.putAddress
    let refused = 0
    mailed.world.gates.putAddress = async (key, next) => {
      refused += 1
      return refused <= 2 ? 'changed' : putAddress(key, next)
    }
    await post('from=topic')

    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
  })

  it('goes to the inbox the mail went to, though she has another since', async () => {
    const person = { ...newCustomerGate(), inbox: { hash: 'another', at: '2026-11-24T12:30:00.000Z' } }
    mailed.world.tables.persons.set(customerId, person)
    await post('from=topic')

    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
    expect(mailed.world.tables.addresses.has('another')).toBe(false)
  })

  it('without a row of the message still holds: for all mail, at her inbox', async () => {
    mailed.world.tables.messages.clear()
    mailed.world.tables.persons.set(customerId, {
      ...newCustomerGate(),
      inbox: { hash: mailed.hash, at: '2026-11-24T12:30:00.000Z' },
    })
    await post('List-Unsubscribe=One-Click')

    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
  })

  it('without any inbox known waits on her own gate', async () => {
    mailed.world.tables.messages.clear()
    await post('List-Unsubscribe=One-Click')

    expect(await mailed.world.gates.customer(customerId)).toMatchObject({
      pending: { '*': { given: false } },
    })
    expect(await mailed.events()).toMatchObject([{ name: 'Consent Withdrawn' }])
  })

  it('of who was merged is told to whom she became', async () => {
    const other = derive('c', 'user', '43')
    mailed.world.tables.persons.set(customerId, { ...newCustomerGate(), mergedInto: other })
    await post('from=topic')

    expect(await mailed.world.events.eventsOf(other)).toMatchObject([{ name: 'Consent Withdrawn' }])
  })

  it('takes nothing from an endless form', async () => {
    expect((await post(`from=all&x=${'x'.repeat(100_000)}`)).statusCode).toBe(200)
    expect(choiceFor(await mailed.gate(), 'news')).toBeUndefined()
    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
  })

  it.each(['A'.repeat(60), 'x'])('with a token that is none of ours (%s) does nothing', async (bad) => {
    const answer = await mailed.ask('POST', `/u/${bad}`, { body: 'List-Unsubscribe=One-Click' })

    expect(answer.statusCode).toBe(404)
    expect(await mailed.gate()).toMatchObject({ version: 1 })
  })

  it('by DELETE is not a thing', async () => {
    const answer = await mailed.ask('DELETE', `/u/${await mailed.token('unsubscribe')}`)

    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
  })
})

describe('a link that was made with a newer key', () => {
  it.each([
    ['POST', 'u', 'unsubscribe', 200],
    ['GET', 'c', 'click', 302],
  ] as const)('%s /%s is known: its key is looked for', async (method, path, purpose, status) => {
    const old = await mailed.world.keys.linkKeys()
    const both = { ...old, '2': 'a-newer-link-key-of-the-tests-0123456789' }
    mailed.world.keys.linkKeys = async (wanted) => (wanted === '2' ? both : old)
    const token = makeToken({ purpose, customerId, messageId, index: 0 }, both)

    const answer = await mailed.ask(method, `/${path}/${token}`)

    expect(answer.statusCode).toBe(status)
  })
})
