/**
 * What machines do with the links of a mail, as they were seen doing it, against every link we make: whatever
 * they look at, load or follow by GET and HEAD changes nothing she would mind: no consent, no inbox, no person, no
 * order, no answer, no cart; and no run moves on by it. A click may be counted, as a machine's.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { type Purpose, pathOf, surveys } from '#core/link'
import { plus } from '#core/time'
import { aMailed, customerId, messageId } from '#test/fixture/mailed'

const mailed = aMailed()
const purposes = Object.keys(pathOf) as Purpose[]

interface Request {
  method: string
  headers: Record<string, string>
  /** Since the mail was delivered. */
  afterMs: number
  query?: string
}

const get = (userAgent: string, afterMs: number, more: Record<string, string> = {}): Request => ({
  method: 'GET',
  headers: { 'user-agent': userAgent, ...more },
  afterMs,
})
const head = (userAgent: string, afterMs: number): Request => ({ ...get(userAgent, afterMs), method: 'HEAD' })

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const edge = `${chrome} Edg/142.0.0.0`
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** Each link of the mail is asked for so, in this order. `human`: what looks like a person to us, and is none. */
const machines: Record<string, Request[]> = {
  'a gateway that opens every link a second after delivery': [get(chrome, 1_000)],
  'HEAD, then GET, at once': [head(chrome, 500), get(chrome, 700)],
  'Outlook SafeLinks, at delivery and again when she clicks': [
    get(edge, 900, { 'x-forwarded-for': '40.94.0.1' }),
    head('Mozilla/4.0 (compatible; ms-office; MSOffice 16)', 60_000),
    get(`${edge} SafeLinks`, 60_500),
  ],
  'Barracuda, sixty links in two seconds': [
    get('BarracudaCentral/1.0', 1_500),
    get('Barracuda Sentinel (EE)', 1_900),
  ],
  'Proofpoint URL Defense, with its own agent': [
    get('Mozilla/5.0 proofpoint-urldefense', 3_000),
    head('', 3_200),
  ],
  'Mimecast, from minutes later': [get('Mozilla/5.0 (mimecast)', 240_000)],
  'Apple Mail Privacy Protection: every picture, through a proxy, whether she reads or not': [
    get('Mozilla/5.0', 2_500, { accept: 'image/*' }),
    get('Mozilla/5.0', 3_600_000, { accept: 'image/*' }),
  ],
  'Gmail’s proxy of pictures': [
    get('Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)', 10_000),
  ],
  'a browser that loads what she may click': [
    get(chrome, 20_000, { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' }),
    get(safari, 21_500, { 'x-purpose': 'preview', 'x-moz': 'prefetch' }),
  ],
  'Slack, WhatsApp, Telegram and Facebook, for a preview': [
    get('Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 30_000),
    get('WhatsApp/2.23.20.0', 32_000),
    get('TelegramBot (like TwitterBot)', 34_000),
    get('facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', 36_000),
  ],
  'a scanner that looks like a person and takes its time': [get(chrome, 30_000), get(chrome, 90_000)],
  'a scanner that adds parameters of its own': [
    { ...get(chrome, 30_000), query: 'score=10&from=all&do=none&unsubscribe=1&method=POST&_method=POST' },
  ],
  'a scanner that asks for another method in a header': [
    get(chrome, 30_000, { 'x-http-method-override': 'POST', 'x-method-override': 'DELETE' }),
  ],
  'OPTIONS, before anything': [{ ...get(chrome, 5_000), method: 'OPTIONS' }],
}

/** Everything that she would mind the change of. */
function minded(): string {
  const { addresses, persons, visitors, orders, customers } = mailed.world.tables
  const row = mailed.world.tables.messages.get(customerId)?.get(messageId)?.message
  const { answer, unsubscribedAt, status } = row ?? {}
  const maps = [addresses, persons, visitors, orders, customers].map((map) => [...map])
  return JSON.stringify([maps, { answer, unsubscribedAt, status }])
}

const links = async (): Promise<string[]> => {
  const all = purposes.flatMap((purpose) =>
    (purpose === 'survey' ? surveys : purpose === 'click' ? [0, 1] : [0]).map((_, index) => ({
      purpose,
      index,
    })),
  )
  return Promise.all(
    all.map(async ({ purpose, index }) => `/${pathOf[purpose]}/${await mailed.token(purpose, index)}`),
  )
}

const deliveredAt = '2026-11-24T12:00:10.000Z'

beforeEach(() => {
  mailed.settings({ measureOpens: true })
  const event = { name: 'Consent Requested', properties: {} }
  mailed.row({ event })
})

describe.each(Object.entries(machines))('%s', (_, requests) => {
  it('changes nothing she would mind', async () => {
    const before = minded()
    for (const link of await links())
      for (const { method, headers, afterMs, query } of requests) {
        mailed.world.now.at = plus(deliveredAt, afterMs)
        const answer = await mailed.ask(method, query === undefined ? link : `${link}?${query}`, { headers })
        expect(answer.statusCode).toBeLessThan(500)
      }

    expect(minded()).toBe(before)
    const names = new Set((await mailed.events()).map(({ name }) => name))
    names.delete('Email Clicked')
    expect([...names]).toEqual([])
  })
})

const known = Object.entries(machines).filter(([name]) => !/looks like a person|parameters|method/.test(name))

it.each(known)('%s: no click of hers', async (_, requests) => {
  for (const link of await links())
    for (const { method, headers, afterMs } of requests) {
      mailed.world.now.at = plus(deliveredAt, afterMs)
      await mailed.ask(method, link, { headers })
    }

  const human = (await mailed.events()).filter(({ properties }) => properties.human === true)
  expect(human).toEqual([])
})

it.each(purposes)('HEAD of %s writes nothing at all', async (purpose) => {
  const before = JSON.stringify(mailed.world.tables, (_, value) =>
    value instanceof Map ? [...value] : value,
  )

  const answer = await mailed.ask('HEAD', `/${pathOf[purpose]}/${await mailed.token(purpose)}`)

  expect(answer.body).toBe('')
  expect(JSON.stringify(mailed.world.tables, (_, value) => (value instanceof Map ? [...value] : value))).toBe(
    before,
  )
})

it('a POST of hers does change it: the table above looks where it counts', async () => {
  const before = minded()

  await mailed.ask('POST', `/u/${await mailed.token('unsubscribe')}`, { body: 'List-Unsubscribe=One-Click' })

  expect(minded()).not.toBe(before)
})
