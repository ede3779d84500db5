/**
 * Compiling mails with MJML: what comes out, that it equals Handlebars first and MJML per recipient, and the
 * shipped mails in every language with hostile customers.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileJourney, compileMail, mailSources } from '#adapters/mjml'
import { CompiledMail } from '#core/template/compiled'
import type { SourceFile } from '#core/template/problem'
import { renderMail } from '#core/template/render'
import type { View, ViewItem } from '#core/view'
import { aView } from '#test/core/template/build'
import { normal, renderNaively } from '#test/core/template/naive'

const files: SourceFile[] = readdirSync('templates', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(mjml|yaml)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join('templates', file), 'utf8') }))

const journeys = ['abandoned-cart', 'welcome', 'birthday', 'loyalty-statement']
const sources = journeys.flatMap((journey) => mailSources(journey, files))
const shipped = (name: string) => {
  const source = sources.find((one) => one.name === name)
  if (source === undefined) throw new Error(`no mail ${name}`)
  return source
}

const compiled = new Map<string, Promise<CompiledMail>>()
function mailOf(name: string): Promise<CompiledMail> {
  const made =
    compiled.get(name) ??
    compileMail(shipped(name)).then((result) => {
      if ('problems' in result) throw new Error(JSON.stringify(result.problems))
      return CompiledMail.parse(JSON.parse(JSON.stringify(result.mail)))
    })
  compiled.set(name, made)
  return made
}

const nastyNames = [
  'Mia',
  `"Q" O'Neil`,
  '<script>x</script>',
  'আয়েশা',
  '😀',
  '{{evil}}',
  'a&amp;b',
  'x'.repeat(300),
]
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const name = fc.oneof(fc.constantFrom(...nastyNames), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }))
const url = fc.webUrl({ withQueryParameters: true }).map((text) => text.replace(/[{}'"|\\^`<>]/g, ''))
const item: fc.Arbitrary<ViewItem> = fc.record(
  {
    id: fc.uuid(),
    currency: fc.constant('BDT'),
    quantity: fc.integer({ min: 1, max: 9 }),
    name,
    url,
    image: url,
    variant: name,
    price: fc.integer({ min: 0, max: 10_000_000 }),
    comparePrice: fc.integer({ min: 0, max: 10_000_000 }),
  },
  { requiredKeys: ['id', 'currency', 'quantity'] },
)
const views: fc.Arbitrary<View> = fc
  .record({
    firstName: maybe(name),
    items: fc.array(item, { maxLength: 4 }),
    cartUrl: maybe(url),
    percent: maybe(fc.integer({ min: 1, max: 90 })),
    tier: maybe(name),
    points: fc.integer({ min: 0, max: 1e6 }),
    preferences: maybe(url),
    logo: maybe(url),
  })
  .map((of) =>
    aView({
      customer: { timeZone: 'Asia/Dhaka', ...(of.firstName !== undefined && { firstName: of.firstName }) },
      cart: {
        id: 'c',
        items: of.items,
        count: of.items.length,
        total: 125_050,
        currency: 'BDT',
        ...(of.cartUrl !== undefined && { url: of.cartUrl }),
      },
      offer: {
        code: 'TEN',
        endsAt: '2026-12-01T00:00:00.000Z',
        ...(of.percent !== undefined && { percent: of.percent }),
      },
      loyalty: {
        points: of.points,
        toNext: 5,
        nextTier: 'Gold',
        ...(of.tier !== undefined && { tier: of.tier }),
      },
      links: {
        unsubscribe: 'https://go.example/u/t?x=1&y=2',
        ...(of.preferences !== undefined && { preferences: of.preferences }),
      },
      shop: { ...aView().shop, ...(of.logo !== undefined && { logo: of.logo }) },
    }),
  )

describe.each(sources.map(({ name }) => name))('the shipped mail %s', (name) => {
  it('is what Handlebars and then MJML would make for every recipient', async () => {
    const mail = await mailOf(name)
    const sample = fc.sample(views, { numRuns: 8, seed: 7 })

    for (const [index, view] of sample.entries()) {
      const locale = index % 2 === 0 ? 'en' : 'bn'
      const ours = renderMail(mail, view, { locale }).html
      const theirs = await renderNaively(shipped(name), { view, locale, strings: mail.strings })
      expect(normal(ours)).toEqual(normal(theirs))
    }
  })

  it('is small, says everything in two languages and can be left', async () => {
    const mail = await mailOf(name)

    expect(deflateRawSync(JSON.stringify(mail)).length).toBeLessThan(10_000)
    expect(Object.keys(mail.strings.bn ?? {}).toSorted()).toEqual(
      Object.keys(mail.strings.en ?? {}).toSorted(),
    )
    expect(mail.variables).toEqual(expect.arrayContaining(['links.unsubscribe', 'shop.address']))
  })

  it('greets those without a name, and leaves no hole where data is missing', async () => {
    const mail = await mailOf(name)
    const view = aView({ customer: {} })

    const { subject, html, text } = renderMail(mail, view, { locale: 'en' })

    for (const words of [subject, text])
      expect(words).not.toMatch(/undefined|null|NaN|\[object|(^|\s), |Hello ,/)
    expect(html).not.toMatch(/undefined|null|NaN|\[object|Hello ,/)
    expect(text).toContain('https://go.example/u/token')
    expect(text).toContain('Road 5, Dhaka')
  })

  it('stays below what Gmail shows with a full cart', async () => {
    const mail = await mailOf(name)
    const items = Array.from({ length: 100 }, (_, index) => ({
      id: `p${index}`,
      name: 'হাতে বোনা নকশিকাঁথা কুশন কভার, বড়',
      url: `https://shop.example/products/${index}`,
      image: `https://shop.example/pictures/${index}.jpg`,
      price: 55_000,
      comparePrice: 60_000,
      currency: 'BDT',
      quantity: 2,
      variant: 'নীল',
    }))

    const { html } = renderMail(
      mail,
      aView({ cart: { id: 'c', items, count: 200, total: 1, currency: 'BDT' } }),
      { locale: 'bn' },
    )

    expect(Buffer.byteLength(html)).toBeLessThan(100_000)
  })
})

it('shows name, quantity and unit price of each thing in the cart', async () => {
  const mail = await mailOf('reminder')
  const items = [
    { id: 'a', name: 'Saree', price: 275_000, currency: 'BDT', quantity: 1, url: 'https://shop.example/a' },
    { id: 'b', name: 'Cushion', price: 55_000, currency: 'BDT', quantity: 2 },
  ]
  const view = aView({
    cart: { id: 'c', items, count: 3, total: 385_000, currency: 'BDT', url: 'https://shop.example/cart' },
  })

  const english = renderMail(mail, view, { locale: 'en', link: (url) => `${url}#t` })
  const bengali = renderMail(mail, view, { locale: 'bn-BD' })

  expect(english.text.replaceAll('\u00a0', ' ')).toContain(
    'Saree: https://shop.example/a#t\nQuantity: 1   BDT 2,750.00\nCushion\nQuantity: 2 · BDT 550.00 each   BDT 1,100.00\n\nTotal   BDT 3,850.00\n',
  )
  expect(english.text).toContain('Back to my cart: https://shop.example/cart#t')
  expect(bengali.text).toContain('পরিমাণ: ২ · প্রতিটি ৫৫০.০০৳   ১,১০০.০০৳')
  expect(bengali.html).toContain('lang="bn-BD"')
})

it('shows amounts without decimals where the currency has none', async () => {
  const mail = await mailOf('reminder')
  const items = [{ id: 'a', name: '帯', price: 12_000, currency: 'JPY', quantity: 3 }]
  const view = aView({ cart: { id: 'c', items, count: 3, total: 36_000, currency: 'JPY' } })

  const { text } = renderMail(mail, view, { locale: 'ja-JP' })

  expect(text).toContain('￥12,000 each   ￥36,000')
})

describe('what MJML would get wrong is refused', () => {
  const footer = '{{> footer}}'
  const around = (body: string, head = '') =>
    `<mjml>\n<mj-head>\n<mj-title>{{t "subject"}}</mj-title>${head}\n</mj-head>\n<mj-body>\n${body}\n${footer}\n</mj-body>\n</mjml>`
  const inText = (inner: string) =>
    around(`<mj-section><mj-column><mj-text>${inner}</mj-text></mj-column></mj-section>`)

  async function problemsOf(mjml: string) {
    const { layout, layoutStrings, brand } = shipped('reminder')
    const strings = { en: { file: 'strings.en.yaml', text: 'mail:\n  subject: Hello\n' } }
    const result = await compileMail({
      name: 'mail',
      mjml: { file: 'mail.mjml', text: mjml },
      layout,
      ...(layoutStrings !== undefined && { layoutStrings }),
      strings,
      brand,
    })
    return 'problems' in result ? result.problems : []
  }

  it('accepts what is right', async () => {
    expect(await problemsOf(inText('{{#if cart}}<b>{{customer.firstName}}</b>{{/if}}'))).toEqual([])
  })

  it.each([
    ['an expression between elements', around('{{customer.firstName}}'), '6:1', /would be lost/],
    ['text between elements', around('<mj-section>Hi</mj-section>'), '6:13', /would be lost: “Hi”/],
    [
      'a block around half an element',
      around('{{#if cart}}<mj-section>{{/if}}<mj-column></mj-column></mj-section>'),
      '6:1',
      /opens inside/,
    ],
    [
      'columns without width',
      around('<mj-section>{{#if cart}}<mj-column></mj-column>{{/if}}</mj-section>'),
      '6:25',
      /needs a width/,
    ],
    [
      'a layout attribute',
      around('<mj-section padding="{{cart.count}}px"></mj-section>'),
      '6:13',
      /decides the layout/,
    ],
    [
      'a width',
      around(
        '<mj-section><mj-column><mj-image width="{{cart.count}}px" src="https://a.example/x" /></mj-column></mj-section>',
      ),
      '6:34',
      /decides the layout/,
    ],
    [
      'an attribute by expression',
      around('<mj-section {{customer.firstName}}="x"></mj-section>'),
      '6:1\\d',
      /name of an attribute/,
    ],
    [
      'a class by expression',
      around('<mj-section mj-class="{{shop.name}}"></mj-section>'),
      '6:13',
      /cannot depend on the customer/,
    ],
    ['an include', around('<mj-include path="../secret.mjml" />'), '6:1', /<mj-include> is not available/],
    [
      'a carousel',
      around('<mj-section><mj-column><mj-carousel></mj-carousel></mj-column></mj-section>'),
      '6:24',
      /not available/,
    ],
    [
      'a block in the head',
      around('', '{{#if cart}}<mj-style>a{}</mj-style>{{/if}}'),
      '3:\\d+',
      /cannot stand directly in <mj-head>/,
    ],
    [
      'a block in inlined styles',
      around('', '<mj-style inline="inline">a{ {{#if cart}}color:red{{/if}} }</mj-style>'),
      '3:\\d+',
      /cannot stand in styles/,
    ],
    ['a block in a comment', around('<!-- {{#if cart}} x {{/if}} -->'), '6:1', /would still be carried out/],
    [
      'gap with a block',
      around('<mj-wrapper gap="8px">{{#if cart}}<mj-section></mj-section>{{/if}}</mj-wrapper>'),
      '6:23',
      /`gap` counts/,
    ],
    [
      'a block across an attribute',
      around('<mj-section css-class="{{#if cart}}a"></mj-section>{{/if}}'),
      '6:\\d+',
      /opens inside the value/,
    ],
    ['an unknown element', around('<mj-sektion></mj-sektion>'), '6:1', /mj-sektion/],
    ['an unknown attribute', around('<mj-section colour="red"></mj-section>'), '6:1', /colour is illegal/],
    [
      'a wrong value',
      around('<mj-section background-color="reddish()"></mj-section>'),
      '6:1',
      /invalid value/,
    ],
    ['a tag that is not closed', around('<mj-section>'), '8:1', /stands where <mj-section> is still open/],
    [
      'an attribute that nothing shows',
      around('<mj-section><mj-column><mj-text href="{{shop.url}}">x</mj-text></mj-column></mj-section>'),
      '6:\\d+',
      /illegal|lost/,
    ],
    ['a script', inText('<script>{{shop.name}}</script>'), '6:\\d+', /cannot hold scripts/],
    ['a broken branch', inText('{{#if cart}}<b title="{{/if}}'), '6:\\d+', /different places/],
    ['no mjml', '<p>Hello</p>', '1:1', /one <mjml> element/],
  ])('%s', async (_, mjml, place, message) => {
    const [problem] = await problemsOf(mjml)

    expect(problem?.message).toMatch(message)
    expect(`${problem?.line}:${problem?.column}`).toMatch(new RegExp(`^${place}$`))
    expect(problem?.cure).toBeTruthy()
  })

  it('wants a subject, and the footer that the law wants', async () => {
    const without = around('').replace('<mj-title>{{t "subject"}}</mj-title>', '')

    expect((await problemsOf(without))[0]?.message).toBe('the mail has no subject')
    expect((await problemsOf(around('').replace(footer, ''))).map(({ message }) => message)).toEqual([
      expect.stringContaining('links.unsubscribe'),
      expect.stringContaining('shop.address'),
    ])
  })

  it('looks names up in the view where MJML copies defaults into a loop', async () => {
    const head = '<mj-attributes><mj-text color="{{default shop.logo "#123"}}" /></mj-attributes>'
    const body =
      '{{#each cart.items}}<mj-section><mj-column><mj-text>{{name}}</mj-text></mj-column></mj-section>{{/each}}'

    expect(await problemsOf(around(body, head))).toEqual([])
  })
})

it('says where a linked picture leads, in the text part', async () => {
  const reminder = shipped('reminder')
  const picture =
    '<mj-image href="{{shop.url}}" alt="Our shop in {{customer.region}}" src="https://a.example/p" />'
  const text = reminder.mjml.text.replace('<mj-text>', `${picture}\n<mj-text>`)

  const result = await compileMail({ ...reminder, mjml: { ...reminder.mjml, text } })

  const mail = 'mail' in result ? result.mail : undefined
  const view = aView({ customer: { region: 'Dhaka' } })
  expect(mail && renderMail(mail, view, { locale: 'en' }).text).toContain(
    'Our shop in Dhaka: https://shop.example/',
  )
})

it('compiles a journey with the files of its own folder and the layout', async () => {
  const { mails, problems } = await compileJourney('welcome', files)

  expect(problems).toEqual([])
  expect(Object.keys(mails)).toEqual(['welcome'])
})
