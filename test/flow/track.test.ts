/**
 * Clicks, through the handler as HTTP: they lead where the mail's links were stored to lead, machines are told
 * from humans, and a wrong token learns nothing. Unsubscribing is in `track-unsubscribe.test.ts`.
 */
import { describe, expect, it } from 'vitest'
import { isHuman } from '#core/human'
import { aMailed, chrome, customerId, message, messageId } from '#test/fixture/mailed'

const mailed = aMailed()
const row = () => mailed.world.tables.messages.get(customerId)?.get(messageId)

describe('a click', () => {
  it('leads to the stored link and becomes an event', async () => {
    const answer = await mailed.ask('GET', `/c/${await mailed.token('click', 1)}`)

    expect(answer).toMatchObject({
      statusCode: 302,
      headers: { location: 'https://shop.example/p/1?a=1&b=2' },
    })
    expect(await mailed.events()).toMatchObject([
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

  it('again is counted on the row and is no second event, until another day', async () => {
    const path = `/c/${await mailed.token('click')}`
    await mailed.ask('GET', path)
    mailed.world.now.at = '2026-11-24T15:00:00.000Z'
    await mailed.ask('GET', path)
    const sameDay = await mailed.events()
    mailed.world.now.at = '2026-12-01T09:00:00.000Z'
    await mailed.ask('GET', path)

    expect(row()?.clicks).toBe(3)
    expect(sameDay).toHaveLength(1)
    expect(await mailed.events()).toHaveLength(2)
  })

  it('by a machine does not hide a later one by a human', async () => {
    const path = `/c/${await mailed.token('click')}`
    await mailed.ask('GET', path, { headers: { 'user-agent': 'BarracudaCentral/1.0' } })
    mailed.world.now.at = '2026-11-24T13:05:00.000Z'
    await mailed.ask('GET', path)

    expect((await mailed.events()).map((event) => event.properties.human).sort()).toEqual([false, true])
    expect(row()?.message.clickedAt).toBe('2026-11-24T13:05:00.000Z')
  })

  it('that only looks (HEAD) leads there and records nothing', async () => {
    const answer = await mailed.ask('HEAD', `/c/${await mailed.token('click')}`)

    expect(answer.statusCode).toBe(302)
    expect(await mailed.events()).toEqual([])
    expect(row()?.clicks).toBe(0)
  })

  it('that could not be recorded leads there all the same', async () => {
    mailed.world.events.record = async () => {
      throw new Error('the table is away')
    }
    const answer = await mailed.ask('GET', `/c/${await mailed.token('click')}`)

    expect(answer.statusCode).toBe(302)
    expect(mailed.world.lines).toMatchObject([{ level: 'error', event: 'click-lost' }])
  })

  it.each([
    ['no token of ours', async () => 'A'.repeat(60)],
    ['an endless one', async () => 'A'.repeat(3000)],
    ['the token of another purpose', async () => mailed.token('unsubscribe')],
    ['a link the mail does not have', async () => mailed.token('click', 9)],
    ['a link that is not safe', async () => mailed.token('click', 2)],
    ['a bent one', async () => `${(await mailed.token('click')).slice(0, -1)}_`],
  ])('with %s sees the same page as any other', async (_, make) => {
    const nothing = await mailed.ask('GET', '/c/nothing')

    const answer = await mailed.ask('GET', `/c/${await make()}`)

    expect(answer).toEqual(nothing)
    expect(answer.statusCode).toBe(404)
    expect(await mailed.events()).toEqual([])
  })

  it('cannot be posted', async () => {
    expect((await mailed.ask('POST', `/c/${await mailed.token('click')}`)).statusCode).toBe(405)
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
