/**
 * The functions of a template: what each gives in every language, what is refused, and that nothing a customer's
 * data holds makes one throw.
 */
import { describe, expect, it } from 'vitest'
import { functions } from '#core/template/apply'
import { signatures } from '#core/template/call'
import { withParameters } from '#core/template/url'
import type { View } from '#core/view'
import { anItem, aView, compilePage, renderPage } from './build.ts'

const brand = { 'image.widthParameter': 'w', placeholder: 'https://shop.example/none.png' }

const theView = aView({
  customer: { firstName: 'Mia', timeZone: 'Asia/Dhaka', interests: ['sarees', 'lamps', 'tea'] },
  cart: {
    id: 'c1',
    url: 'https://shop.example/cart?ref=a%20b&x=1#top',
    items: [anItem(), anItem({ id: 'p2', name: 'Cushion', image: 'https://cdn.example/c.png?v=3' })],
    count: 3,
    total: 385_100,
    currency: 'BDT',
  },
  products: ['A', 'B', 'C', 'D', 'E'].map((name) => anItem({ id: name, name })),
  offer: { code: 'ten', endsAt: '2026-11-24T16:59:00.000Z' },
  order: { id: 'o1', items: [], count: 0, currency: 'BDT', at: '2026-11-21T13:00:00.000Z' },
  loyalty: { points: 1234.5, tier: 'gold' },
})
const strings = { en: 'a: x', bn: 'a: x', ar: 'a: x', tr: 'a: x' }

const render = (page: string, of: { view?: View; locale?: string } = {}) =>
  renderPage(page, { view: of.view ?? theView, locale: of.locale ?? 'en', brand, strings })

describe('what each function gives', () => {
  it.each([
    ['{{join customer.interests}}', 'sarees, lamps, and tea'],
    ['{{join customer.interests separator=" · "}}', 'sarees · lamps · tea'],
    ['{{join cart.items field="name"}}', 'Saree and Cushion'],
    ['{{join (limit products 3) field="name"}}', 'A, B, and C'],
    ['{{join recent field="name"}}', ''],
    ['{{truncate customer.firstName 2}}', 'M&hellip;'],
    ['{{truncate "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧" 2}}', '👩‍👩‍👧&hellip;'],
    ['{{truncate customer.firstName 3}}', 'Mia'],
    ['{{upper offer.code}}{{lower "ÄB"}}', 'TENäb'],
    ['{{plural cart.count one="item" other="items"}}', 'items'],
    ['{{plural 1 one="item" other="items"}}{{plural 0 one="item" other="items"}}', 'itemitems'],
    ['{{plural 1 other="items"}}', 'items'],
    ['{{#each (limit products 2)}}{{name}}{{#if @last}}.{{/if}}{{/each}}', 'AB.'],
    ['{{#each (limit products 0)}}x{{else}}none{{/each}}{{#each (limit recent 2)}}x{{/each}}', 'none'],
    ['{{#each (chunk products 2)}}[{{#each this}}{{name}}{{/each}}]{{/each}}', '[AB][CD][E]'],
    [
      '{{#each (chunk (limit products 3) 2)}}[{{#each this}}{{money price}}{{/each}}]{{/each}}',
      expect.stringMatching(/^\[BDT.2,750\.00BDT.2,750\.00\]\[BDT.2,750\.00\]$/),
    ],
    ['{{#each (chunk recent 2)}}x{{else}}none{{/each}}', 'none'],
    ['{{#with (lookup products 1)}}{{name}}{{/with}}{{lookup product "name"}}', 'B'],
    ['{{#with (lookup cart.items 1)}}{{name}}{{../customer.firstName}}{{/with}}', 'CushionMia'],
    ['{{lookup event.properties "colour"}}', ''],
    ['{{relativeTime order.at}}', '3 days ago'],
    ['{{relativeTime offer.endsAt}}', 'in 4 hours'],
    ['{{countdown offer.endsAt}}', 'in 3 hours'],
    ['{{countdown order.at}}{{countdown product.name}}', ''],
    ['{{number loyalty.points}} {{number loyalty.points decimals=0}}', '1,234.5 1,235'],
    [
      '{{#each cart.items}}{{image image width=300 fallback=@root.shop.url}} {{/each}}',
      'https://shop.example/ https://cdn.example/c.png?v=3&amp;w=300 ',
    ],
    [
      '<img src="{{image product.image width=9 fallback=brand.placeholder}}">',
      '<img src="https://shop.example/none.png">',
    ],
    [
      '<a href="{{link cart.url utm_campaign="a & b" x=2 empty=offer.percent}}">',
      '<a href="https://shop.example/cart?ref=a%20b&amp;utm_campaign=a%20%26%20b&amp;x=2#top">',
    ],
    [
      '<a href="{{link shop.url utm_source=customer.firstName}}">',
      '<a href="https://shop.example/?utm_source=Mia">',
    ],
    ['{{default product.name customer.firstName}}', 'Mia'],
    ['{{#if (eq product null)}}no product{{/if}}{{#if (ne offer.code product.name)}}!{{/if}}', 'no product!'],
  ])('%s', (page, expected) => {
    expect(render(page)).toEqual(expected)
  })

  it.each([
    ['bn', '{{relativeTime order.at}}', '৩ দিন আগে'],
    ['bn', '{{countdown offer.endsAt}}', '৩ ঘণ্টায়'],
    ['ar', '{{countdown offer.endsAt}}', 'خلال 3 ساعات'],
    ['bn', '{{join customer.interests}}', 'sarees, lamps এবং tea'],
    ['ar', '{{plural 3 one="1" few="قطع" many="قطعة" other="x"}}', 'قطع'],
    ['ar', '{{plural 11 one="1" few="قطع" many="قطعة" other="x"}}', 'قطعة'],
    ['tr', '{{upper "iki"}}{{lower "IKI"}}', 'İKİıkı'],
    ['de', '{{number loyalty.points}} {{countdown offer.endsAt}}', '1.234,5 in 3 hours'],
  ])('%s: %s', (locale, page, expected) => {
    expect(render(page, { locale })).toBe(expected)
  })

  it.each([
    [{ seconds: 1 }, 'in 1 minute', 'in 1 minute'],
    [{ seconds: 59.5 * 60 }, 'in 59 minutes', 'in 1 hour'],
    [{ seconds: 3600 }, 'in 1 hour', 'in 1 hour'],
    [{ seconds: 86_399 }, 'in 23 hours', 'in 1 day'],
    [{ seconds: 47 * 3600 }, 'in 1 day', 'in 2 days'],
    [{ seconds: 400 * 86_400 }, 'in 1 year', 'in 1 year'],
    [{ seconds: 0 }, '', 'in 1 minute'],
    [{ seconds: -90 }, '', '2 minutes ago'],
  ])('%j from now', ({ seconds }, countdown, relative) => {
    const endsAt = new Date(Date.parse(theView.now) + seconds * 1000).toISOString()
    const view = { ...theView, offer: { code: 'x', endsAt } }

    expect(render('{{countdown offer.endsAt}}', { view })).toBe(countdown)
    expect(render('{{relativeTime offer.endsAt}}', { view })).toBe(relative)
  })

  it('leaves out what the shop’s picture server was not said to know', () => {
    const page = '<img src="{{image cart.items.1.image width=300}}">'

    const html = renderPage(page, { view: theView })

    expect(html).toBe('<img src="https://cdn.example/c.png?v=3">')
  })

  it('knows the fields of what a list function gives', () => {
    const page =
      '{{#each (chunk products 2)}}{{#each this}}{{name}}{{/each}}{{/each}}{{join cart.items field="sku"}}' +
      '{{#each (limit recent 2)}}{{variant}}{{/each}}{{#with (lookup products 0)}}{{rating}}{{/with}}'

    const { mail, problems } = compilePage(page)

    expect(problems).toEqual([])
    expect(mail.variables).toEqual(
      expect.arrayContaining([
        'products[].name',
        'cart.items[].sku',
        'recent[].variant',
        'products[].rating',
      ]),
    )
  })

  it('tracks a link with parameters as any other, and none of ours', () => {
    const tracks = (page: string) => JSON.stringify(compilePage(page).mail.html).includes('"track":true')

    expect(tracks('<a href="{{link shop.url a="b"}}">')).toBe(true)
    expect(tracks('<a href="{{link links.survey score=9}}">')).toBe(false)
  })
})

describe('what is refused', () => {
  it.each([
    ['{{join cart.items}}', /holds no texts: `join` wants to know which field/],
    ['{{join cart.items field="nmae"}}', /unknown field "nmae" of `cart.items` → did you mean "name"\?/],
    ['{{join customer.firstName}}', /`join` wants a list, and `customer.firstName` is none/],
    [
      '{{#each (limit cart 2)}}{{/each}}',
      /`limit` wants a list, and `cart` is none → write \{\{#each \(limit/,
    ],
    ['{{#each (limit products "2")}}{{/each}}', /`limit` wants a number, and value 2 is none/],
    ['{{#each (limit products 2)}}{{nmae}}{{/each}}', /unknown field `nmae` → did you mean `name`\?/],
    ['{{#each (chunk products 2)}}{{name}}{{/each}}', /`name`: this is a list|unknown field `name`/],
    ['{{#each (chunk products 2)}}{{#each this}}{{nmae}}{{/each}}{{/each}}', /did you mean `name`\?/],
    ['{{#with (lookup products 0)}}{{nmae}}{{/with}}', /did you mean `name`\?/],
    ['{{lookup offer "cod"}}', /`offer` has no field `cod` → known here: code, percent, endsAt/],
    ['{{plural cart.count one="x"}}', /`plural` has no `other=`/],
    ['{{plural cart.count on="x" other="y"}}', /`plural` knows no `on=` → known: zero, one/],
    ['{{money customer.firstName}}', /`money` wants a number, and `customer.firstName` is none/],
    ['{{date cart.total}}', /`date` wants a date, and `cart.total` is none/],
    ['{{countdown cart.count}}', /`countdown` wants a date/],
    ['{{upper cart.items}}', /`upper` wants a text, and `cart.items` is none/],
    ['{{times cart.count customer.firstName}}', /`times` wants a number/],
    ['{{and cart.url}}', /`and` takes 2 to 8 values, here are 1 →/],
    ['{{limit products 2}}', /is a list → walk it/],
  ])('%s', (page, expected) => {
    const [problem] = compilePage(page).problems

    expect(`${problem?.message} → ${problem?.cure}`).toMatch(expected)
  })
})

describe('the list of functions', () => {
  it.each(Object.entries(signatures))(
    '%s: its use as the docs show it compiles and renders',
    (_, { usage }) => {
      const { problems } = compilePage(usage, { brand, strings: { en: 'greeting: "{name}"' } })

      expect(problems).toEqual([])
      expect(
        renderPage(usage, { view: theView, brand, strings: { en: 'greeting: "{name}"' } }),
      ).not.toContain('undefined')
    },
  )

  const nasty: unknown[] = [
    undefined,
    null,
    '',
    'x',
    '\ud800',
    '<b>',
    'https://[::1',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    1e21,
    true,
    [],
    [null, {}, 'x'],
    {},
    { toString: 'x', length: -1 },
    JSON.parse('{"__proto__":{"a":1}}'),
  ]
  const manner = { locale: 'en', language: 'bn', zone: 'Asia/Dhaka', now: theView.now }

  it.each(Object.keys(functions))('%s never throws', (name) => {
    const named = [
      'currency',
      'display',
      'style',
      'zone',
      'decimals',
      'other',
      'field',
      'separator',
      'width',
      'fallback',
    ]

    const call = (first: unknown, second: unknown) =>
      functions[name]?.([first, second], Object.fromEntries(named.map((key) => [key, second])), manner)

    expect(() => {
      for (const first of nasty) for (const second of nasty) call(first, second)
    }).not.toThrow()
  })
})

it.each([
  ['https://a.example', { b: 1 }, 'https://a.example?b=1'],
  ['https://a.example/?', { b: '' }, 'https://a.example/'],
  ['https://a.example/?b=2&c=%zz&b=3#b=4', { b: 'ক&#' }, 'https://a.example/?c=%zz&b=%E0%A6%95%26%23#b=4'],
  ['https://a.example/?x=1', { 'a b': 'y', n: undefined, o: {} }, 'https://a.example/?x=1&a%20b=y'],
])('parameters of %s with %j', (url, parameters, expected) => {
  expect(withParameters(url, parameters)).toBe(expected)
})
