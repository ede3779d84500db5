/**
 * The other pages behind a mail's links, through the handler as HTTP: survey, cart restore, pixel, the mail
 * online, her second yes; and what all links have in common.
 */
import { describe, expect, it } from 'vitest'
import type { HttpAnswer } from '#adapters/http'
import { choiceFor, withChoice } from '#core/gate'
import { type Purpose, pathOf } from '#core/link'
import { aMailed, customerId, messageId } from '#test/fixture/mailed'
import { aMail } from '#test/fixture/story'

const mailed = aMailed()
const row = () => mailed.world.tables.messages.get(customerId)?.get(messageId)
const at = '2026-11-24T13:00:00.000Z'

describe('every link', () => {
  const purposes = Object.keys(pathOf) as Purpose[]
  const posts: Purpose[] = ['unsubscribe', 'preferences', 'survey', 'confirm']

  const unchanged = async () => {
    const gate = await mailed.gate()
    return { consent: gate.consent, fewer: gate.fewer, events: await mailed.events(), row: row()?.message }
  }

  it.each(purposes.flatMap((purpose) => ['GET', 'HEAD', 'POST'].map((method) => ({ purpose, method }))))(
    '$method of $purpose with a token of any other purpose sees the page of every wrong link',
    async ({ purpose, method }) => {
      const before = await unchanged()
      const allowed = method !== 'POST' || posts.includes(purpose)
      const body = method === 'POST' ? { body: 'do=none&score=9' } : {}
      const path = `/${pathOf[purpose]}/`
      const nothing = await mailed.ask(method, `${path}nothing`, body)

      for (const other of purposes.filter((one) => one !== purpose)) {
        expect(await mailed.ask(method, path + (await mailed.token(other)), body)).toEqual(nothing)
      }
      expect(nothing.statusCode).toBe(allowed ? 404 : 405)
      expect(await unchanged()).toEqual(before)
    },
  )

  it.each(purposes)('HEAD of %s changes nothing and has no body', async (purpose) => {
    mailed.settings({ measureOpens: true })
    await opensAllowed()
    const before = await unchanged()

    const answer = await mailed.ask('HEAD', `/${pathOf[purpose]}/${await mailed.token(purpose)}`)

    expect(answer.body).toBe('')
    expect(answer.statusCode).toBeLessThan(500)
    expect(await unchanged()).toEqual(before)
  })

  it.each(posts)('GET of %s changes nothing', async (purpose) => {
    const before = await unchanged()

    const answer = await mailed.ask(
      'GET',
      `/${pathOf[purpose]}/${await mailed.token(purpose)}?score=9&do=none`,
    )

    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({ 'x-robots-tag': 'noindex, nofollow', 'cache-control': 'no-store' })
    expect(await unchanged()).toEqual(before)
  })

  it('whose mail is gone leads nowhere, but unsubscribing and choosing still hold', async () => {
    mailed.world.tables.messages.clear()
    mailed.world.tables.persons.set(customerId, { version: 1, inbox: { hash: mailed.hash, at } })
    const status = async (purpose: Purpose) =>
      (await mailed.ask('GET', `/${pathOf[purpose]}/${await mailed.token(purpose)}`)).statusCode

    const found: Partial<Record<Purpose, number>> = {}
    for (const purpose of purposes) found[purpose] = await status(purpose)

    expect(found).toEqual({
      click: 404,
      restore: 404,
      survey: 404,
      confirm: 404,
      online: 410,
      open: 200,
      unsubscribe: 200,
      preferences: 200,
    })
  })
})

async function opensAllowed(given = true): Promise<void> {
  const choice = { given, topics: ['opens'], at: '2026-11-20T00:00:00.000Z' }
  mailed.world.tables.addresses.set(mailed.hash, withChoice(await mailed.gate(), choice))
}

describe('the pixel', () => {
  const get = async (headers: object = {}): Promise<HttpAnswer> =>
    mailed.ask('GET', `/o/${await mailed.token('open')}`, { headers })

  it('notes the first time, once, and is no event', async () => {
    mailed.settings({ measureOpens: true })
    await opensAllowed()
    const answer = await get()
    mailed.world.now.at = '2026-11-24T15:00:00.000Z'
    await get()

    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true })
    expect(answer.headers['content-type']).toBe('image/gif')
    expect(Buffer.from(answer.body, 'base64').subarray(0, 6).toString()).toBe('GIF89a')
    expect(row()?.message.openedAt).toBe(at)
    expect(await mailed.events()).toEqual([])
  })

  it('takes the proxy that fetches pictures when she opens the mail for her', async () => {
    mailed.settings({ measureOpens: true })
    await opensAllowed()
    await get({
      'user-agent':
        'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    })

    expect(row()?.message.openedAt).toBe(at)
  })

  it.each([
    ['she took her yes back', true, async (): Promise<void> => opensAllowed(false), {}],
    ['she never said yes', true, async (): Promise<void> => undefined, {}],
    ['settings measure no opens', false, async (): Promise<void> => opensAllowed(), {}],
    [
      'a scanner fetches it',
      true,
      async (): Promise<void> => opensAllowed(),
      { 'user-agent': 'Mozilla/5.0 (compatible; Barracuda)' },
    ],
    [
      'she said yes to all mail only',
      true,
      async () => {
        const yes = { given: true, topics: undefined, at }
        mailed.world.tables.addresses.set(mailed.hash, withChoice(await mailed.gate(), yes))
      },
      {},
    ],
  ] as const)('notes nothing where %s', async (_, measureOpens, arrange, headers) => {
    mailed.settings({ measureOpens })
    await arrange()

    const answer = await get(headers)

    expect(answer.statusCode).toBe(200)
    expect(row()?.message.openedAt).toBeUndefined()
  })
})

describe('the mail online', () => {
  const get = async (): Promise<HttpAnswer> => mailed.ask('GET', `/v/${await mailed.token('online')}`)
  const view = {
    customer: { locale: 'en' },
    cart: { id: 'c', items: [], count: 3, total: 1, currency: 'EUR' },
    shop: { name: 'Shop', currency: 'EUR' },
    links: { unsubscribe: 'https://mail.shop.example/u/x' },
    journey: { name: 'Abandoned cart' },
    now: at,
  }
  const keep = (inputs: unknown) => {
    const stored = row()
    if (stored) Object.assign(stored, { inputs, mailHash: 'h1' })
    mailed.world.tables.mails.set('h1', aMail())
  }

  it('is rendered from what was kept, with its links as they were', async () => {
    keep(view)

    const answer = await get()

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('<p>3</p>')
    expect(answer.body).toContain(`https://mail.shop.example/c/${await mailed.token('click', 0)}`)
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'/,
    )
    expect(answer.headers).toMatchObject({ 'x-robots-tag': 'noindex, nofollow', 'cache-control': 'no-store' })
  })

  it.each([
    ['nothing was kept', () => undefined],
    [
      'the compiled mail is gone',
      () => {
        keep(view)
        mailed.world.tables.mails.clear()
      },
    ],
    ['what was kept is not understood', () => keep({ other: true })],
    [
      'she was erased, before the walk has come to this mail',
      () => {
        keep(view)
        mailed.world.tables.persons.set(customerId, { version: 1, erased: true })
      },
    ],
  ])('says so where %s', async (_, arrange) => {
    arrange()

    const answer = await get()

    expect(answer.statusCode).toBe(410)
    expect(answer.body).toContain('can no longer be shown')
  })
})

describe('her second yes', () => {
  const path = async () => `/y/${await mailed.token('confirm')}`
  const asked = (properties: Record<string, unknown>) =>
    mailed.row({ event: { name: 'Consent Requested', properties } })

  it('is asked for by a page and given by its button, for the topics she wanted', async () => {
    asked({ topics: ['news'] })
    const page = await mailed.ask('GET', await path())
    expect(page.body).toContain('<form method="post">')
    expect(await mailed.events()).toEqual([])

    const answer = await mailed.ask('POST', await path(), { body: '' })

    expect(answer.statusCode).toBe(200)
    const gate = await mailed.gate()
    expect([choiceFor(gate, 'news'), choiceFor(gate, 'reminders')]).toEqual([true, undefined])
    const text = 'Do you want to get mail from Loom & “Söhne” <b>? Yes, write to me'
    expect(gate.consent.news).toMatchObject({ source: 'double opt-in', text, at })
    expect(await mailed.events()).toMatchObject([
      { name: 'Consent Given', properties: { topics: ['news'], source: 'double opt-in', text, messageId } },
    ])
  })

  it('without topics is for all', async () => {
    asked({})
    await mailed.ask('POST', await path(), { body: '' })

    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(true)
    expect((await mailed.events())[0]?.properties.topics).toBeUndefined()
  })

  it('twice is one event; after she unsubscribed it is a new yes', async () => {
    asked({ topics: ['news'] })
    await mailed.ask('POST', await path(), { body: '' })
    const once = await mailed.gate()
    mailed.world.now.at = '2026-11-24T14:00:00.000Z'
    await mailed.ask('POST', await path(), { body: '' })
    expect(await mailed.gate()).toEqual(once)
    expect(await mailed.events()).toHaveLength(1)

    const no = { given: false, topics: ['news'], at: '2026-11-24T15:00:00.000Z' }
    mailed.world.tables.addresses.set(mailed.hash, withChoice(await mailed.gate(), no))
    mailed.world.now.at = '2026-11-24T16:00:00.000Z'
    await mailed.ask('POST', await path(), { body: '' })

    expect(choiceFor(await mailed.gate(), 'news')).toBe(true)
    expect(await mailed.events()).toHaveLength(2)
  })
})

describe('unsubscribing', () => {
  it('is noted on the mail’s row, the first time', async () => {
    const path = `/u/${await mailed.token('unsubscribe')}`
    await mailed.ask('POST', path, { body: 'List-Unsubscribe=One-Click' })
    mailed.world.now.at = '2026-11-25T13:00:00.000Z'
    await mailed.ask('POST', path, { body: 'from=all' })

    expect(row()?.message.unsubscribedAt).toBe(at)
  })
})
