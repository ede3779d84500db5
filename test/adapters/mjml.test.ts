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

it('says where a linked picture leads, in the text part', async () => {
  const picture =
    '<mj-image href="{{shop.url}}" alt="Our shop in {{customer.region}}" src="https://a.example/p" />'
  const body = `<mj-section><mj-column>${picture}</mj-column></mj-section>{{> footer}}`
  const text = `<mjml><mj-head><mj-title>Hello</mj-title></mj-head><mj-body>${body}</mj-body></mjml>`
  const result = await compileMail({ ...shipped('reminder'), mjml: { file: 'm.mjml', text } })
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))

  const shown = renderMail(result.mail, aView({ customer: { region: 'Dhaka' } }), { locale: 'en' }).text

  expect(shown).toContain('Our shop in Dhaka: https://shop.example/')
})

it('compiles a journey with the files of its own folder and the layout', async () => {
  const { mails, problems } = await compileJourney('welcome', files)

  expect(problems).toEqual([])
  expect(Object.keys(mails)).toEqual(['welcome'])
})
