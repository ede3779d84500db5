/**
 * Rendering: functions, locales, fallbacks, subjects, links, and the text part.
 */
import { describe, expect, it } from 'vitest'
import { functions } from '#core/template/apply'
import { signatures } from '#core/template/call'
import { missingFrom, renderMail } from '#core/template/render'
import { anItem, aView, compilePage, renderPage } from './build.ts'

const nbsp = '\u00a0'

describe('functions and blocks', () => {
  const view = aView({
    customer: {
      firstName: 'Mia',
      timeZone: 'Asia/Dhaka',
      birthday: '--02-29',
      since: '2026-01-31T20:00:00.000Z',
    },
    cart: {
      id: 'c1',
      items: [anItem(), anItem({ id: 'p2', name: 'Cushion', price: 55_050, quantity: 2 })],
      count: 3,
      total: 385_100,
      currency: 'BDT',
    },
    offer: { code: 'TEN', percent: 10 },
  })

  it.each([
    ['{{money cart.total}}', `BDT${nbsp}3,851.00`],
    ['{{money cart.total display="narrow"}}', '৳3,851.00'],
    ['{{money cart.total currency="JPY"}}', '¥385,100'],
    ['{{money cart.total currency="nonsense"}}', ''],
    ['{{money product.price}}', ''],
    ['{{#each cart.items}}{{money price}};{{/each}}', `BDT${nbsp}2,750.00;BDT${nbsp}550.50;`],
    [
      '{{#each cart.items}}{{money (times price quantity)}};{{/each}}',
      `BDT${nbsp}2,750.00;BDT${nbsp}1,101.00;`,
    ],
    ['{{money customer.lifetimeValue}}', ''],
    ['{{date customer.since}}', 'February 1, 2026'],
    ['{{date customer.since zone="UTC" style="short"}}', '1/31/26'],
    ['{{date customer.birthday}}', 'February 29'],
    ['{{date offer.endsAt}}', ''],
    ['{{number offer.percent decimals=1}}', '10.0'],
    ['{{default customer.lastName "there"}}', 'there'],
    ['{{default customer.firstName "there"}}', 'Mia'],
    ['{{#if (gte cart.total 3851)}}yes{{else}}no{{/if}}', 'yes'],
    ['{{#if (gt cart.total 3851)}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if (eq offer.code "ten")}}yes{{/if}}', 'yes'],
    ['{{#if (and cart.count (not order))}}yes{{/if}}', 'yes'],
    ['{{#if (or order recent)}}yes{{else if cart}}cart{{else}}no{{/if}}', 'cart'],
    ['{{#unless order}}none{{/unless}}', 'none'],
    [
      '{{#each cart.items}}{{#if @first}}[{{/if}}{{@index}}{{name}}{{#unless @last}}, {{/unless}}{{/each}}',
      '[0Saree, 1Cushion',
    ],
    ['{{#each cart.items limit=1}}{{name}}{{/each}}', 'Saree'],
    ['{{#each recent}}x{{else}}none{{/each}}', 'none'],
    ['{{#each cart.items as |one at|}}{{at}}{{one.name}}{{/each}}', '0Saree1Cushion'],
    ['{{#each cart.items}}{{../customer.firstName}}{{/each}}', 'MiaMia'],
    ['{{#with offer}}{{code}}{{/with}}{{#with order}}x{{else}}-{{/with}}', 'TEN-'],
    ['{{#each cart.items}}{{#with @root.offer}}{{code}}{{../name}}{{/with}}{{/each}}', 'TENSareeTENCushion'],
    ['{{brand.name}}{{#if brand.name}}!{{/if}}', 'Nakshi!'],
    ['{{#each cart.items}}{{default brand "-"}}{{brand.name}}{{/each}}', '-Nakshi-Nakshi'],
  ])('%s', (page, expected) => {
    const html = renderPage(page, { view, brand: { name: 'Nakshi' } })

    expect(html).toBe(expected)
  })

  it('hands values to files of the layout', () => {
    const layout = { row: '({{one.id}}{{../customer.firstName}})' }

    const html = renderPage('{{#each cart.items}}{{> row one=this}}{{/each}}', { view, layout })

    expect(html).toBe('(p1Mia)(p2Mia)')
  })

  it('knows at send what it checks at publish', () => {
    const applied = Object.keys(functions).filter((name) => name !== 'major')

    expect([...applied, 't'].toSorted()).toEqual(Object.keys(signatures).toSorted())
  })

  it('bounds how often loops turn', () => {
    const items = Array.from({ length: 500 }, (_, index) => anItem({ id: String(index) }))
    const page = '{{#each recent}}{{#each @root.recent}}x{{/each}}{{/each}}'

    const html = renderPage(page, { view: aView({ recent: items }) })

    expect(html.length).toBeLessThanOrEqual(2000)
    expect(renderPage('{{#each recent}}x{{/each}}', { view: aView({ recent: items }) })).toHaveLength(100)
  })
})

describe('locales', () => {
  const strings = {
    en: 'n: "Hi {name}, {n, plural, =0 {nothing} one {# thing} other {# things}} for <b>{sum}</b>"',
    bn: 'n: "{name}, {n, plural, one {#টি জিনিস} other {#টি জিনিস}}, <b>{sum}</b>"',
    ja: 'n: "{name}様 {n, number}点 <b>{sum}</b>"',
    ar: 'n: "{name} {n, number} {sum}"',
  }
  const page =
    '<p lang="{{@language}}" dir="{{@direction}}">{{t "n" name=customer.firstName n=cart.count sum=(money cart.total)}}</p>'
  const view = (currency: string, total: number) =>
    aView({ cart: { id: 'c', items: [], count: 1234, total, currency }, customer: { firstName: 'মিয়া <b>' } })

  it.each([
    ['en', 'USD', 'en', 'ltr', 'Hi মিয়া &lt;b&gt;, 1,234 things for <b>$1,250.50</b>'],
    ['bn', 'BDT', 'bn', 'ltr', 'মিয়া &lt;b&gt;, ১,২৩৪টি জিনিস, <b>১,২৫০.৫০৳</b>'],
    ['bn_BD', 'BDT', 'bn-BD', 'ltr', 'মিয়া &lt;b&gt;, ১,২৩৪টি জিনিস, <b>১,২৫০.৫০৳</b>'],
    ['bn-BD-u-nu-latn', 'BDT', 'bn-BD-u-nu-latn', 'ltr', 'মিয়া &lt;b&gt;, 1,234টি জিনিস, <b>1,250.50৳</b>'],
    ['ja-JP', 'JPY', 'ja-JP', 'ltr', 'মিয়া &lt;b&gt;様 1,234点 <b>¥125,050</b>'.replace('¥', '￥')],
    ['de', 'EUR', 'en', 'ltr', `Hi মিয়া &lt;b&gt;, 1.234 things for <b>1.250,50${nbsp}&euro;</b>`],
    ['no locale at all', 'USD', 'en', 'ltr', 'Hi মিয়া &lt;b&gt;, 1,234 things for <b>$1,250.50</b>'],
  ])('%s with %s', (locale, currency, language, direction, words) => {
    const html = renderPage(page, { view: view(currency, 125_050), strings, locale })

    expect(html).toBe(`<p lang="${language}" dir="${direction}">${words}</p>`)
  })

  it('writes Arabic from right to left and sets other names apart', () => {
    const html = renderPage(page, { view: view('EUR', 100), strings, locale: 'ar' })

    expect(html).toContain('<p lang="ar" dir="rtl"><bdi>মিয়া &lt;b&gt;</bdi> ')
  })

  it.each([
    ['bn', '৯ অক্টোবর, ২০২৫'],
    ['en', 'October 9, 2025'],
    ['ja', 'October 9, 2025'],
  ])('dates in the words of %s', (locale, expected) => {
    const dated = aView({ now: '2025-10-08T20:00:00.000Z' })

    const html = renderPage('{{date now}}', { view: dated, strings: { en: 'a: b', bn: 'a: b' }, locale })

    expect(html).toBe(expected)
  })

  it('survives a time zone that does not exist', () => {
    const view = aView({ customer: { timeZone: 'Mars/Base' }, now: '2025-10-08T20:00:00.000Z' })

    expect(renderPage('{{date now}}', { view })).toBe('October 8, 2025')
  })
})

describe('the subject', () => {
  const subjectFor = (firstName: string) => {
    const { mail } = compilePage('Hi  {{customer.firstName}} 🎁', { plain: true })
    return renderMail(mail, aView({ customer: { firstName } }), { locale: 'en' }).subject
  }

  it.each([
    ['line breaks', 'a\r\nBcc: x@evil.example', 'Hi a Bcc: x@evil.example 🎁'],
    ['characters that turn the line', '\u202eevil\u202c\u2066', 'Hi evil 🎁'],
    ['quotes and tags as they are', `<b>"O'Neil" & co`, `Hi <b>"O'Neil" & co 🎁`],
    ['a name that runs the other way', 'ليلى', 'Hi \u2068ليلى\u2069 🎁'],
    ['separators', 'a\u2028b\u0085c', 'Hi a bc 🎁'],
  ])('%s', (_, name, expected) => {
    expect(subjectFor(name)).toBe(expected)
  })

  it('is cut between characters as people count them', () => {
    const subject = subjectFor('👩‍👩‍👧'.repeat(300))

    expect([...new Intl.Segmenter('en').segment(subject)]).toHaveLength(150)
    expect(subject.endsWith('👩‍👩‍👧…')).toBe(true)
  })
})

it('calls for a link once a URL, and leaves ours alone', () => {
  const { mail } = compilePage(
    '<a href="{{shop.url}}">a</a><a href="{{shop.url}}">b</a><a href="{{links.unsubscribe}}">c</a><a href="{{cart.url}}">d</a>',
  )
  const seen: string[] = []

  const { html } = renderMail(mail, aView(), {
    locale: 'en',
    link: (url) => `https://go.example/c/${seen.push(url)}`,
  })

  expect(seen).toEqual(['https://shop.example/'])
  expect(html).toBe(
    '<a href="https://go.example/c/1">a</a><a href="https://go.example/c/1">b</a><a href="https://go.example/u/token">c</a><a href="#">d</a>',
  )
})

it('names the fields a mail cannot do without', () => {
  const { mail } = compilePage('{{require offer.code}}')

  expect(missingFrom(mail, aView())).toEqual(['offer.code'])
  expect(missingFrom(mail, aView({ offer: { code: 'TEN' } }))).toEqual([])
})
