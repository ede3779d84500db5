/** Cart restore, through the handler as HTTP: her cart as it is now, at the shop's own page. */
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { newState } from '#core/state'
import { aMailed, customerId, messageId } from '#test/fixture/mailed'

const mailed = aMailed()
const row = () => mailed.world.tables.messages.get(customerId)?.get(messageId)
const at = '2026-11-24T13:00:00.000Z'

describe('cart restore', () => {
  const product = (id: string, quantity: number) => ({ id, quantity, currency: 'EUR' })
  const withCart = (items: ReturnType<typeof product>[], set: { now?: string; emptiedAt?: string } = {}) => {
    const { now = '2026-11-24T12:30:00.000Z', emptiedAt } = set
    const snapshot = {
      id: 'c-1',
      currency: 'EUR',
      totalMinor: 100,
      url: 'https://shop.example/cart?c=1',
      items,
      at: '2026-11-24T11:00:00.000Z',
    }
    const cart = { snapshot, deltas: [], ...(emptiedAt !== undefined && { emptiedAt }) }
    const state = { ...newState(customerId, now), cart }
    mailed.world.tables.customers.set(customerId, { state, version: 1, due: undefined })
  }
  const shop = { name: 'Shop', url: 'https://shop.example/', cartUrl: 'https://shop.example/cart' }
  const filling = { ...shop, restoreUrl: 'https://shop.example/cart?fill={items}&from=mail' }
  const go = async (method = 'GET') => mailed.ask(method, `/s/${await mailed.token('restore')}`)

  it('leads to the cart page with her cart as it is now, and counts as a click', async () => {
    mailed.settings({ shop: filling })
    withCart([product('mug', 2), product('শাড়ি, নীল:1', 1)])

    const answer = await go()

    const { location = '' } = answer.headers
    expect(answer.statusCode).toBe(302)
    expect(location).toMatch(/^https:\/\/shop\.example\/cart\?fill=mug%3A2%2C.+&from=mail$/)
    const items = new URL(location).searchParams.get('fill')?.split(',') ?? []
    const read = items.map((one) => one.split(':').map(decodeURIComponent))
    expect(read).toEqual([
      ['mug', '2'],
      ['শাড়ি, নীল:1', '1'],
    ])
    expect(await mailed.events()).toMatchObject([
      { name: 'Email Clicked', properties: { link: 'cart', human: true, url: location } },
    ])
    expect(row()).toMatchObject({ clicks: 1, message: { clickedAt: at } })
  })

  it('again is no second event', async () => {
    withCart([product('mug', 2)])
    await go()
    await go()

    expect((await mailed.events()).filter(({ properties }) => properties.human)).toHaveLength(1)
  })

  it.each([
    ['the cart’s own page, where the shop fills none', shop, 'https://shop.example/cart?c=1'],
    [
      'an encoded place of the items',
      { ...shop, restoreUrl: 'https://a.example/%7Bitems%7D/x' },
      'https://a.example/mug%3A2/x',
    ],
  ])('knows %s', async (_, settings, expected) => {
    mailed.settings({ shop: settings })
    withCart([product('mug', 2)])

    expect((await go('HEAD')).headers.location).toBe(expected)
    expect(await mailed.events()).toEqual([])
  })

  it('fills nothing after she ordered, also before her state has heard of it', async () => {
    mailed.settings({ shop: filling })
    withCart([product('mug', 2)])
    mailed.world.tables.persons.set(customerId, { version: 1, lastOrderAt: '2026-11-24T12:45:00.000Z' })
    expect((await go()).headers.location).toBe('https://shop.example/cart')

    withCart([product('mug', 2)], { now: '2026-11-24T12:45:00.000Z', emptiedAt: '2026-11-24T12:45:00.000Z' })
    expect((await go()).headers.location).toBe('https://shop.example/cart')
  })

  it.each([
    ['an empty cart', () => withCart([])],
    ['nothing known of her', () => mailed.world.tables.customers.clear()],
  ])('leads to the shop with %s', async (_, arrange) => {
    mailed.settings({ shop: { name: 'Shop', url: 'https://shop.example/', restoreUrl: filling.restoreUrl } })
    arrange()

    expect((await go()).headers.location).toBe('https://shop.example/')
  })

  it('fills as many items as a URL holds', async () => {
    mailed.settings({ shop: filling })
    withCart(Array.from({ length: 100 }, (_, index) => product(`${'long'.repeat(20)}${index}`, 1)))

    const { location = '' } = (await go()).headers

    expect(location.length).toBeLessThanOrEqual(2048)
    expect(location.length).toBeGreaterThan(1800)
  })

  it('of who was merged is the cart of whom she became', async () => {
    const other = derive('c', 'user', '43')
    mailed.settings({ shop: filling })
    withCart([product('mug', 3)])
    const stored = mailed.world.tables.customers.get(customerId)
    if (stored) mailed.world.tables.customers.set(other, stored)
    mailed.world.tables.customers.delete(customerId)
    mailed.world.tables.persons.set(customerId, { version: 1, mergedInto: other })

    expect((await go()).headers.location).toContain('fill=mug%3A3')
  })
})
