/** What conditions and mails see of a customer. */
import { describe, expect, it } from 'vitest'
import { conditionFields, isConditionField } from '#core/field-list'
import { limits } from '#core/limits'
import { fieldsOf, loyaltyOf, mailView } from '#core/present'
import { plus } from '#core/time'
import { View } from '#core/view'
import {
  aLife,
  aSettings,
  aState,
  at,
  cartUpdated,
  identify,
  lamp,
  orderCompleted,
  track,
} from '#test/fixture/builder'

const tiers = [
  { name: 'Oak', from: 2000 },
  { name: 'Meadow', from: 0 },
  { name: 'Willow', from: 500 },
]
const settings = aSettings({
  loyalty: { tiers },
  gifts: { birthday: { code: 'BIRTHDAY15', percent: 15 } },
})
const known = aLife().hear(
  identify({ name: 'রিনা আক্তার', timezone: 'Asia/Dhaka', locale: 'bn-BD', vip: true, interests: ['light'] }),
  orderCompleted('o1', 600, { at: at('08:00') }),
  cartUpdated('c1', {}, [{ ...lamp, quantity: 2 }]),
  track('Product Viewed', { product_id: 'rug', price: 12.5, category: 'Rugs' }, { at: at('09:01') }),
).state

describe('a condition', () => {
  it('reads amounts in major units', () => {
    expect(fieldsOf(known, { settings })).toMatchObject({
      customer: {
        firstName: 'রিনা',
        lastName: 'আক্তার',
        orderCount: 1,
        lifetimeValue: 600,
        averageOrder: 600,
        firstOrderAt: at('08:00'),
        traits: { vip: true },
      },
      cart: { id: 'c1', count: 2, total: 99.8, currency: 'EUR', categories: ['Light'] },
      loyalty: { points: 600, tier: 'Willow', nextTier: 'Oak', toNext: 1400 },
    })
  })

  it('finds an empty cart where none was heard of', () => {
    expect(fieldsOf(aState(), { settings })).toMatchObject({
      cart: { count: 0, total: 0 },
      customer: { orderCount: 0 },
    })
  })

  it('finds no worth of a cart that nobody told it of, yet counts what is in it', () => {
    const { state } = aLife().hear(cartUpdated('c1', {}, [{ product_id: 'rug', name: 'Rug' }]))
    const { cart } = fieldsOf(state, { settings })

    expect(cart).toMatchObject({ count: 1, currency: 'EUR' })
    expect(cart).not.toHaveProperty('total')
  })

  const told = (orders: readonly [total: number, currency: string][]) =>
    aLife().hear(
      ...orders.map(([total, currency], index) =>
        track(
          'Order Completed',
          { order_id: `o${index}`, total, currency },
          { at: plus(at('00:00'), index * 1000) },
        ),
      ),
    ).state
  const many = (count: number, currency: string) =>
    Array.from({ length: count }, (): [number, string] => [10, currency])

  it.each<[string, [number, string][], number | undefined]>([
    [
      'all in the shop’s currency',
      [
        [10, 'EUR'],
        [20, 'EUR'],
      ],
      15,
    ],
    [
      'some in another',
      [
        [10, 'EUR'],
        [20, 'EUR'],
        [5000, 'BDT'],
      ],
      15,
    ],
    ['all in another', [[5000, 'BDT']], undefined],
    ['none', [], undefined],
    ['more than are remembered, all in the shop’s', many(limits.rememberedOrders + 5, 'EUR'), 10],
    [
      'more than are remembered, some in another',
      [...many(5, 'BDT'), ...many(limits.rememberedOrders, 'EUR')],
      undefined,
    ],
  ])(
    'finds what an order comes to on average, by the orders that were paid in its currency: %s',
    (_, orders, average) => {
      const { customer } = fieldsOf(told(orders), { settings })

      expect((customer as { averageOrder?: number }).averageOrder).toBe(average)
    },
  )

  it('leaves an order that was cancelled out of the average', () => {
    const state = aLife({
      state: told([
        [10, 'EUR'],
        [20, 'EUR'],
      ]),
    }).hear(track('Order Cancelled', { order_id: 'o0' }, { at: at('09:00') })).state

    expect(fieldsOf(state, { settings })).toMatchObject({ customer: { averageOrder: 20 } })
  })

  it('reads the product or the order that its event is about', () => {
    const about = (name: string, properties: Record<string, unknown>) =>
      fieldsOf(aState(), { settings, event: { name, properties } })

    expect(about('Product Viewed', { product_id: 'rug', price: '12.5', category: 'Rugs' })).toMatchObject({
      product: { id: 'rug', price: 12.5, category: 'Rugs', currency: 'EUR', quantity: 1 },
    })
    expect(about('Order Completed', { order_id: 'o1', total: 1200, currency: 'JPY' })).toMatchObject({
      order: { id: 'o1', total: 1200, currency: 'JPY' },
    })
    expect(about('Quiz Taken', { product_id: 'rug' })).not.toHaveProperty('product')
  })

  it('finds every field that check lets through, and no other', () => {
    const customer = {
      ...{ gender: 'female', occupation: 'architect', birthday: '1990-05-17' },
      ...{ region: 'Dhaka', address: { country: 'BD' } },
    }
    const state = aLife({ state: known }).hear(identify(customer, { at: at('09:05') })).state
    const product = { ...lamp, sku: 'l1', brand: 'Meadow', variant: 'red', rating: 4.5 }
    const leaves = (value: unknown, path: string): string[] =>
      value !== null && typeof value === 'object' && !Array.isArray(value) && !path.endsWith('.traits')
        ? Object.entries(value).flatMap(([name, one]) => leaves(one, path === '' ? name : `${path}.${name}`))
        : [path]
    const found = [
      { name: 'Product Viewed', properties: product },
      { name: 'Order Completed', properties: { order_id: 'o1', total: 9 } },
    ].flatMap((event) => leaves(fieldsOf(state, { settings, event }), ''))

    const fields = [...new Set(found)].filter((field) => !/^(event\.properties|customer\.traits)/.test(field))
    expect(fields.sort()).toEqual([...conditionFields()].sort())
    expect(isConditionField('customer.traits.vip')).toBe(true)
    expect(isConditionField('event.properties.')).toBe(false)
    // Lists and objects of an event are not kept: a condition on what is in them would never hold.
    expect(isConditionField('event.properties.shipping.method')).toBe(false)
  })

  it('reads the event', () => {
    const event = { name: 'Quiz Taken', properties: { score: 5 } }

    expect(fieldsOf(aState(), { settings, event })).toMatchObject({ event })
  })
})

describe('a tier', () => {
  it.each([
    [0, 'Meadow', 500],
    [499, 'Meadow', 1],
    [500, 'Willow', 1500],
    [2000, 'Oak', undefined],
  ])('of %d points is %s', (points, tier, toNext) => {
    const state = aState({ totals: { orderCount: 0, paidMinor: {}, points } })

    expect(loyaltyOf(state, settings)).toEqual({
      points,
      tier,
      ...(toNext !== undefined && { nextTier: tier === 'Meadow' ? 'Willow' : 'Oak', toNext }),
    })
  })

  it('is none where the shop has none', () => {
    expect(loyaltyOf(aState(), aSettings())).toEqual({ points: 0 })
  })
})

describe('a mail', () => {
  const view = (state = known, journey = 'birthday') =>
    mailView(state, {
      settings,
      journey: { id: journey, name: 'Birthday' },
      step: 'gift',
      links: { unsubscribe: 'https://links.example/u/x' },
      postalAddress: 'House 14, Dhaka',
      now: at('10:00'),
    })

  it('sees amounts in minor units, by the names the view declares', () => {
    expect(view()).toMatchObject({
      customer: { firstName: 'রিনা', lifetimeValue: 60_000, timeZone: 'Asia/Dhaka' },
      cart: {
        id: 'c1',
        count: 2,
        total: 9980,
        currency: 'EUR',
        items: [{ id: 'lamp', price: 4990, quantity: 2 }],
      },
      recent: [{ id: 'rug', price: 1250 }],
      offer: { code: 'BIRTHDAY15', percent: 15 },
      shop: { name: 'Meadow & Loom', currency: 'EUR' },
      journey: { name: 'Birthday', step: 'gift' },
      now: at('10:00'),
    })
    expect(View.strict().safeParse(view()).error).toBeUndefined()
  })

  it('sees no cart where nothing is in it, and no gift of another journey', () => {
    const emptied = aLife({ state: known }).hear(cartUpdated('c1', { at: at('09:30') }, []))

    expect(view(emptied.state)).not.toHaveProperty('cart')
    expect(view(known, 'constructor')).not.toHaveProperty('offer')
  })

  it.each([
    [{ en: 'Closed', bn: 'বন্ধ' }, 'বন্ধ'],
    [{ en: 'Closed', 'bn-BD': 'আজ বন্ধ', bn: 'বন্ধ' }, 'আজ বন্ধ'],
    [{ en: 'Closed', ar: 'x' }, 'Closed'],
    [{ ar: 'x' }, undefined],
    [undefined, undefined],
  ])('sees the shop’s notice in her language, else the shop’s: %j', (notice, expected) => {
    const shop = { ...settings.shop, ...(notice && { notice }) }
    const { shop: seen } = mailView(known, {
      settings: aSettings({ shop }),
      ...{
        journey: { id: 'birthday', name: 'Birthday' },
        step: 'gift',
        postalAddress: 'Dhaka',
        now: at('10:00'),
      },
      links: { unsubscribe: 'https://links.example/u/x' },
    })

    expect(seen.notice).toBe(expected)
  })

  it.each([
    ['2026-11-24T17:58:59.999Z', '2026-11-24T17:59:00.000Z'],
    ['2026-11-24T17:59:00.001Z', undefined],
  ])('sees a gift until its last day ends on the shop’s clock: %s', (now, endsAt) => {
    const gifts = { birthday: { code: 'X', endsOn: '2026-11-24' } }
    const { offer } = mailView(known, {
      settings: aSettings({ gifts, timeZone: 'Asia/Dhaka' }),
      ...{ journey: { id: 'birthday', name: 'Birthday' }, step: 'gift', postalAddress: 'Dhaka', now },
      links: { unsubscribe: 'https://links.example/u/x' },
    })

    expect(offer).toEqual(endsAt === undefined ? undefined : { code: 'X', endsAt, lastDay: '2026-11-24' })
  })

  it('sees the product that its event was about', () => {
    const made = mailView(known, {
      settings,
      journey: { id: 'browse', name: 'Browse' },
      step: 'look',
      event: { name: 'Product Viewed', properties: { product_id: 'rug', price: 12.5, name: 'Rug' } },
      links: { unsubscribe: 'https://links.example/u/x' },
      postalAddress: 'House 14, Dhaka',
      now: at('10:00'),
    })

    expect(made.product).toEqual({ id: 'rug', name: 'Rug', price: 1250, currency: 'EUR', quantity: 1 })
    expect(View.safeParse(made).error).toBeUndefined()
  })

  it('sees an order in its own currency, also where its event named none', () => {
    const paid = track('Order Completed', { order_id: 'o9', total: 5000, currency: 'BDT' })
    const made = mailView(aLife().hear(paid).state, {
      settings,
      journey: { id: 'after', name: 'After' },
      step: 'sent',
      event: { name: 'Order Updated', properties: { order_id: 'o9', total: 5000 } },
      links: { unsubscribe: 'https://links.example/u/x' },
      postalAddress: 'House 14, Dhaka',
      now: at('10:00'),
    })

    expect(made.order).toMatchObject({ total: 500_000, currency: 'BDT' })
  })

  it('of a customer nothing is known about is whole', () => {
    expect(View.safeParse(view(aState())).success).toBe(true)
    expect(view(aState()).customer).toEqual({
      locale: 'en',
      timeZone: 'Europe/Berlin',
      orderCount: 0,
      favouriteCategories: [],
      lifetimeValue: 0,
    })
  })

  it('leads to the shop’s cart where the event named none, and to its pages by one slash', () => {
    const shop = {
      name: 'M',
      url: 'https://shop.example/',
      cartUrl: 'https://shop.example/cart',
    }
    const made = mailView(known, {
      settings: aSettings({ shop }),
      journey: { id: 'j', name: 'J' },
      step: 's',
      links: { unsubscribe: 'https://links.example/u/x' },
      postalAddress: 'House 14, Dhaka',
      now: at('10:00'),
    })

    expect(made.cart?.url).toBe('https://shop.example/cart')
    expect(made.shop.url).toBe('https://shop.example')
  })
})
