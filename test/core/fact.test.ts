/** What events mean: lenient where shops are sloppy, strict where a wrong reading would cost somebody. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factOf, ownOnly, problemsOf, safeUrl, serverOnly } from '#core/fact'

const means = (name: string, properties: Record<string, unknown>) =>
  factOf({ type: 'track', name, properties }, 'EUR')

describe('amounts', () => {
  it.each([
    [49.5, 'EUR', 4950],
    ['49.50', 'EUR', 4950],
    [0.1 + 0.2, 'EUR', 30],
    [1850, 'JPY', 1850],
    [1.2345, 'KWD', 1235],
    [100, 'bdt', 10_000],
    [5, null, 500],
    [5, '', 500],
  ])('%s %s is %i minor units', (price, currency, priceMinor) => {
    const fact = means('Product Viewed', { product_id: 'p-1', price, currency })

    expect(fact).toMatchObject({ kind: 'product', product: { priceMinor } })
  })

  it.each([['49,50'], ['free'], [Number.NaN], [1e300], [{}], [[]]])('%s is none', (price) => {
    expect(problemsOf('Product Viewed', { product_id: 'p-1', price }).errors).toMatchObject([
      { path: 'properties.price' },
    ])
    expect(means('Product Viewed', { product_id: 'p-1', price })).toEqual({ kind: 'other' })
  })
})

describe('parts that are missing', () => {
  it('as null or as empty texts are missing', () => {
    const sloppy = {
      product_id: '',
      sku: 'TH-01',
      name: null,
      price: null,
      quantity: '',
      currency: '',
      url: null,
    }

    expect(problemsOf('Product Viewed', sloppy)).toEqual({ errors: [], warnings: [] })
    expect(means('Product Viewed', sloppy)).toEqual({
      kind: 'product',
      product: { id: 'TH-01', sku: 'TH-01', currency: 'EUR', quantity: 1 },
    })
  })

  it('that nothing can do without are problems with their place', () => {
    const { errors } = problemsOf('Cart Updated', { products: [{ name: 'A vase' }, { product_id: 'p-2' }] })

    expect(errors.map(({ path }) => path).sort()).toEqual([
      'properties.cart_id',
      'properties.products.0.product_id',
    ])
  })

  it('of consent are not guessed: no topics mean all, an empty list means nothing', () => {
    expect(means('Consent Given', {})).toEqual({ kind: 'consent', given: true, topics: undefined })
    expect(problemsOf('Consent Given', { topics: [] }).errors).toHaveLength(1)
    expect(problemsOf('Consent Given', { topics: null }).errors).toHaveLength(1)
    expect(problemsOf('Consent Requested', { topics: [] }).errors).toHaveLength(1)
    expect(means('Consent Requested', { topics: ['offers'] })).toEqual({ kind: 'other' })
  })
})

describe('a cart', () => {
  it('is worth what the shop says, else what its items cost', () => {
    const products = [
      { product_id: 'p-1', price: 10, quantity: 2 },
      { product_id: 'p-2', price: 0.5 },
    ]

    expect(means('Cart Updated', { cart_id: 'c', products })).toMatchObject({ cart: { totalMinor: 2050 } })
    expect(means('Cart Updated', { cart_id: 'c', value: 18, products })).toMatchObject({
      cart: { totalMinor: 1800 },
    })
  })

  it.each([
    [{}, undefined],
    [{ value: 18 }, 1800],
    [{ value: 0 }, 0],
  ])('with a thing of unknown price is worth what the shop says, if it says it: %j', (said, totalMinor) => {
    const products = [
      { product_id: 'lamp', price: 10 },
      { product_id: 'rug', name: 'Rug' },
    ]
    const fact = means('Cart Updated', { cart_id: 'c', products, ...said })

    expect(fact.kind === 'cart' && fact.cart.totalMinor).toBe(totalMinor)
  })

  it('leaves out what it holds none of', () => {
    const products = [{ product_id: 'p-1', quantity: 0 }, { product_id: 'p-2' }]

    expect(means('Cart Updated', { cart_id: 'c', products })).toMatchObject({
      cart: { items: [{ id: 'p-2' }] },
    })
  })

  it('keeps a hundred items and counts the rest', () => {
    const products = Array.from({ length: 150 }, (_, n) => ({ product_id: `p-${n}`, price: 1 }))
    const fact = means('Cart Updated', { cart_id: 7, products })

    expect(fact).toMatchObject({ kind: 'cart', cart: { id: '7', totalMinor: 15_000 } })
    expect(fact.kind === 'cart' && fact.cart.items).toHaveLength(100)
  })
})

describe('an order', () => {
  it.each([
    [{ total: 12, value: 11, revenue: 10 }, 1200],
    [{ value: 11, revenue: 10 }, 1100],
    [{ revenue: 10 }, 1000],
    [{ products: [{ product_id: 'p', price: 3, quantity: 3 }] }, 900],
    [{}, undefined],
  ])('of %j is worth %s', (amounts, totalMinor) => {
    const fact = means('Order Completed', { order_id: 'o-1', ...amounts })

    expect(fact.kind === 'order' && fact.order.totalMinor).toBe(totalMinor)
  })

  it.each([
    [{ total: 12.345 }, { currency: 'EUR', isCurrencyAssumed: true, totalMajor: 12.345 }],
    [{ products: [{ product_id: 'p', price: 0.1, quantity: 3 }] }, { totalMinor: 30, totalMajor: 0.3 }],
    [{}, { currency: 'EUR', isCurrencyAssumed: true }],
  ])('that names no currency keeps its total as it was said: %j', (amounts, order) => {
    expect(means('Order Refunded', { order_id: 'o-1', ...amounts })).toMatchObject({ order })
  })

  it.each([
    ['itself', { total: 5000, currency: 'JPY' }],
    ['each of its products', { total: 5000, products: [{ product_id: 'p', currency: 'JPY' }] }],
    ['each of its priced products', { products: [{ product_id: 'p', price: 5000, currency: 'JPY' }] }],
  ])('is in the currency that %s names', (_who, amounts) => {
    const fact = means('Order Updated', { order_id: 'o-1', ...amounts })

    expect(fact).toMatchObject({ order: { currency: 'JPY', totalMinor: 5000 } })
    expect(fact.kind === 'order' && fact.order).not.toHaveProperty('isCurrencyAssumed')
  })

  it('whose products name two currencies, or not all of them one, is in an assumed one', () => {
    const lamp = { product_id: 'p', currency: 'JPY' }

    for (const other of ['BDT', undefined])
      expect(
        means('Order Updated', { order_id: 'o', total: 1, products: [lamp, { ...lamp, currency: other }] }),
      ).toMatchObject({ order: { currency: 'EUR', isCurrencyAssumed: true } })
  })
})

describe('URLs', () => {
  it.each([
    ['https://shop.example/p?a=1#b', 'https://shop.example/p?a=1#b'],
    ['http://shop.example', 'http://shop.example/'],
    ['HTTPS://SHOP.example/A', 'https://shop.example/A'],
    ['javascript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    ['vbscript:x', undefined],
    ['//shop.example/p', undefined],
    ['/p/1', undefined],
    ['ftp://shop.example', undefined],
    [`https://shop.example/${'a'.repeat(3000)}`, undefined],
    [42, undefined],
    [null, undefined],
  ])('%s is %s', (given, url) => {
    expect(safeUrl(given)).toBe(url)
  })

  it('that are not safe are warned about, wherever they stand, and no error', () => {
    const bad = 'javascript:alert(1)'
    const found = problemsOf('Cart Updated', {
      cart_id: 'c',
      url: bad,
      products: [{ product_id: 'p', image_url: bad }],
    })

    expect(found.errors).toEqual([])
    expect(found.warnings.map(({ path }) => path)).toEqual([
      'properties.url',
      'properties.products.0.image_url',
    ])
  })
})

describe('names', () => {
  it('that only servers or only we may use are apart', () => {
    expect([...serverOnly].filter((name) => ownOnly.has(name))).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', 'product viewed'])('such as %s mean nothing', (name) => {
    expect(means(name, { product_id: 'p' })).toEqual({ kind: 'other' })
    expect(problemsOf(name, {})).toEqual({ errors: [], warnings: [] })
  })

  it('of other calls than track mean nothing', () => {
    expect(factOf({ type: 'page', name: 'Order Completed', properties: { order_id: 'o' } }, 'EUR')).toEqual({
      kind: 'other',
    })
  })
})

it('never throws, whatever the properties', () => {
  const names = fc.constantFrom(
    'Product Viewed',
    'Product Added',
    'Cart Updated',
    'Order Completed',
    'Consent Given',
    'Email Sent',
  )
  const part = fc.constantFrom(
    'product_id',
    'price',
    'quantity',
    'currency',
    'products',
    'cart_id',
    'order_id',
    'topics',
    'url',
  )
  fc.assert(
    fc.property(names, fc.dictionary(part, fc.jsonValue()), (name, properties) => {
      means(name, properties)
      const { errors } = problemsOf(name, properties)
      expect(errors.length > 0).toBe(means(name, properties).kind === 'other')
    }),
    { numRuns: 500 },
  )
})
