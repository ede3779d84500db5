/**
 * An address nobody has, planted wherever one can come in, is looked for wherever none may come out: lines of the
 * log, URLs, answers, queue messages, tags of a mail (which become metrics and notices), keys of rows. In memory
 * through the real handlers, also while what lies behind them fails and says the address in its error. On the
 * booted stack: `test/acceptance/canary.test.ts`.
 */
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { HttpAnswer } from '#adapters/http'
import { logLine } from '#adapters/log'
import { rowsOf } from '#adapters/memory/rows'
import { makeToken, type Purpose, pathOf } from '#core/link'
import { deliver } from '#flow/deliver'
import { dispatch } from '#flow/dispatch'
import { erase } from '#flow/erase'
import { findSubject } from '#flow/person'
import { wake } from '#flow/wake'
import { answerIngest } from '#functions/ingest'
import { takeNotices } from '#functions/observe'
import { answerTrack } from '#functions/track'
import { aLoop, type Loop } from '#test/fixture/loop'
import { changeMessages } from '#test/fixture/message-row'

const canary = 'Canary.Bird+cage@nest.example'
const shows = /canary|cage@|nest\.example/i

let loop: Loop
const seen: string[] = []

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`
const ask = async (path: string, body: unknown, key = 'server-key'): Promise<HttpAnswer> => {
  const answer = await answerIngest(loop.world, {
    rawPath: path,
    headers: { authorization: basic(key) },
    body: JSON.stringify(body),
    requestContext: { http: { method: 'POST' } },
  })
  seen.push(JSON.stringify(answer))
  return answer
}
const visit = async (method: string, path: string, body?: string): Promise<HttpAnswer> => {
  const answer = await answerTrack(
    { ...loop.world, stage: { linkBaseUrl: 'https://links.shop.example' } },
    {
      rawPath: path,
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' },
      requestContext: { http: { method } },
      ...(body !== undefined && { body }),
    },
  )
  seen.push(JSON.stringify(answer))
  return answer
}

const her = { userId: '42', anonymousId: 'd-1' }
const cart = {
  ...her,
  event: 'Cart Updated',
  properties: { cart_id: 'c1', products: [{ product_id: 'mug', name: 'Mug', price: 9 }], email: canary },
}

/** She comes, says yes and is mailed. */
async function live(): Promise<{ customerId: string; messageId: string }> {
  await ask('/v1/identify', { ...her, traits: { email: canary, firstName: 'Rina' } })
  await ask('/v1/track', { ...her, event: 'Consent Given', context: { traits: { email: canary } } })
  await ask('/v1/track', cart)
  await loop.settle()
  loop.world.now.at = '2026-03-02T10:00:00.000Z'
  seen.push(JSON.stringify(await wake(loop.world)))
  await loop.pass(60_000)
  const [mail] = loop.mails()
  if (mail === undefined) throw new Error('she was not mailed')
  return { customerId: loop.user('42'), messageId: mail.messageId }
}

const notice = (kind: string, of: { customerId: string; messageId: string }) =>
  readFileSync(new URL(`../fixture/notice/${kind}.json`, import.meta.url), 'utf8')
    .replaceAll('@messageId', of.messageId)
    .replaceAll('@customerId', of.customerId)
    .replaceAll('@feedbackId', 'f-1')
    .replace(/"destination":\s*\[[^\]]*\]/g, `"destination": ["${canary}"]`)

const observe = (body: string) =>
  takeNotices(loop.world, { Records: [{ messageId: 'sqs-1', body }] } as never)

/** What of the tables stands outside of their values: keys, what indexes are by. */
function keysOfRows(): string[] {
  const named = [
    'customerId',
    'key',
    'sk',
    'gate',
    'messageId',
    'kind',
    'id',
    'due',
    'dueShard',
    'status',
    'day',
  ]
  return [...rowsOf(loop.world.tables, { dueShards: 4, reportShards: 4 })].flatMap(({ item }) =>
    named.map((name) => String(item[name] ?? '')),
  )
}

function outside(): string[] {
  const { deliveryQueues, wakeQueue, mailer, lines } = loop.world
  const urls = mailer.attempts.flatMap(({ html, text }) => [
    ...`${html} ${text}`.matchAll(/https?:[^\s"'<>]+/g),
  ])
  return [
    ...seen,
    ...lines.map((line) => JSON.stringify(line)),
    ...[...deliveryQueues.dispatched, ...wakeQueue.woken].map((one) => JSON.stringify(one)),
    ...mailer.attempts.map(({ tags, headers }) => JSON.stringify([tags, headers])),
    ...urls.map(([url]) => url),
    ...keysOfRows(),
  ]
}

const shown = (): string[] => outside().filter((text) => shows.test(text))

beforeEach(async () => {
  loop = await aLoop()
  seen.length = 0
})

describe('the canary', () => {
  it('is mailed, and shows nowhere outside of her own rows and her mail', async () => {
    const of = await live()
    const keys = await loop.world.keys.linkKeys()
    for (const purpose of Object.keys(pathOf) as Purpose[]) {
      const path = `/${pathOf[purpose]}/${makeToken({ ...of, purpose, index: 0 }, keys)}`
      await visit('GET', path)
      await visit('POST', path, `score=9&do=save&shown=topic:${canary}&topic=${canary}`)
    }
    for (const kind of ['delivery', 'bounce-permanent', 'complaint']) await observe(notice(kind, of))
    const planned = [...(loop.world.tables.messages.get(of.customerId)?.values() ?? [])].map(
      ({ message }) => message,
    )
    await dispatch({ clock: loop.world.clock, queues: loop.world.deliveryQueues }, planned)
    await loop.pass(3_600_000)

    expect(loop.mails().map(({ to }) => to.toLowerCase())).toContain(canary.toLowerCase())
    expect(loop.world.deliveryQueues.dispatched.length).toBeGreaterThan(0)
    expect(loop.world.lines.length).toBeGreaterThan(0)
    expect(shown()).toEqual([])
  })

  it('comes back in no answer to a call that is wrong, whatever is wrong with it', async () => {
    const wrong: unknown[] = [
      { [canary]: canary },
      { userId: canary.repeat(20), event: 'A' },
      { ...her, event: canary.repeat(20) },
      { ...her, event: 'Order Completed', properties: { order_id: { [canary]: canary }, total: canary } },
      {
        ...her,
        event: 'Cart Updated',
        properties: { cart_id: 'c', products: [{ [canary]: 1, price: canary }] },
      },
      { ...her, event: 'A', timestamp: canary },
      { ...her, event: 'A', sentAt: canary },
      { ...her, type: canary },
      { ...her, event: 'A', properties: canary },
      { ...her, event: 'A', context: { traits: { email: `${canary},x` } } },
      { writeKey: canary, event: 'A' },
    ]
    for (const body of wrong)
      for (const key of ['server-key', 'browser-key', canary]) {
        await ask('/v1/track', body, key)
        await ask('/v1/identify', body, key)
        await ask('/v1/batch', { batch: [body] }, key)
      }
    await ask('/v1/identify', { anonymousId: 'd-2', traits: { email: canary } }, 'browser-key')
    await ask(`/v1/${canary}`, {})
    await visit('GET', `/u/${canary}`)
    await visit('POST', `/c/${encodeURIComponent(canary)}`)

    expect(seen.length).toBeGreaterThan(90)
    expect(shown()).toEqual([])
  })

  it('stays hidden when she is erased, and when she comes again', async () => {
    await live()
    const subject = await findSubject(loop.world, canary)
    if (subject === undefined) throw new Error('she is not found')

    const erased = await erase(loop.world, subject)
    seen.push(JSON.stringify(erased))
    await ask('/v1/identify', { ...her, traits: { email: canary } })
    await ask('/v1/track', { anonymousId: 'd-3', event: 'A', context: { traits: { email: canary } } })
    await loop.pass(3_600_000)

    expect(seen.some((text) => text.includes('410'))).toBe(true)
    expect(shown()).toEqual([])
    // and now nowhere at all
    expect(
      JSON.stringify(
        [...rowsOf(loop.world.tables, { dueShards: 4, reportShards: 4 })].map(({ item }) =>
          Object.values(item),
        ),
      ),
    ).not.toMatch(shows)
  })

  it('is taken out of the written line of every step whose outside fails with it in its words', async () => {
    const of = await live()
    const fails = async (): Promise<never> => {
      throw new Error(
        `no row <${canary}> (${encodeURIComponent(canary)}, ${encodeURIComponent(encodeURIComponent(canary))})`,
      )
    }
    const { world } = loop
    const broken = { ...loop, world: { ...world, events: { ...world.events, record: fails } } }
    loop = broken
    await ask('/v1/track', cart)
    const keys = await world.keys.linkKeys()
    for (const purpose of ['click', 'restore', 'open', 'survey', 'unsubscribe'] as const) {
      const path = `/${pathOf[purpose]}/${makeToken({ ...of, purpose, index: 0 }, keys)}`
      await visit('GET', path)
      await visit('POST', path, 'score=9')
    }
    await observe(notice('bounce-permanent', of))
    await observe(`not JSON ${canary}`)
    world.mailer.answers.push({ kind: 'rejected', error: `MessageRejected: ${canary} is not verified` })
    const stage = {
      sender: 's@shop.example',
      linkBaseUrl: 'https://l.example',
      postalAddress: '1',
      allowList: ['*'],
    }
    changeMessages(world.tables, of.customerId, { status: 'PLANNED', round: 2 })
    await deliver({ ...world, stage, pause: async () => {} }, [{ ...of, round: 2 }])

    const written = world.lines.map(logLine)
    expect(world.lines.some((line) => shows.test(JSON.stringify(line)))).toBe(true)
    expect(written.filter((line) => shows.test(line))).toEqual([])
    expect(seen.filter((text) => shows.test(text))).toEqual([])
  })
})
