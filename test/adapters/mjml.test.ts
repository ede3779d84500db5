/**
 * Compiling mails with MJML: what comes out, that it equals Handlebars first and MJML per recipient, and the
 * shipped mails in every language with hostile customers.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compileJourney, compileMail, mailSources } from '#adapters/mjml'
import { checkTemplates } from '#core/check'
import { type Journey, mailsToShop } from '#core/journey'
import { compileSteps } from '#core/program'
import { sampleViews } from '#core/sample'
import { CompiledMail } from '#core/template/compiled'
import type { SourceFile } from '#core/template/problem'
import { renderMail } from '#core/template/render'
import type { View } from '#core/view'
import { aView } from '#test/core/template/build'
import { normal, renderNaively } from '#test/core/template/naive'

const files: SourceFile[] = readdirSync('templates', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(mjml|yaml)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join('templates', file), 'utf8') }))

const { settings, journeys } = checkTemplates(files)
if (settings === undefined) throw new Error('templates/settings.yaml cannot be read')

/** Each mail of templates/, and what sample customers see. */
const released = (id: string, journey: Journey) => ({
  id,
  journey,
  program: compileSteps(journey.steps),
  mails: {},
})
const ready = Object.entries(journeys).flatMap(([id, journey]) => {
  const samples = sampleViews(released(id, journey), settings, '2026-06-15T10:00:00.000Z')
  const toShop = mailsToShop(journey.steps)
  return mailSources(id, files).map((source) => ({
    ...{ name: source.name, samples, forShop: toShop.has(source.name) },
    source: { ...source, toShop: toShop.has(source.name) },
  }))
})
const shipped = (name: string) => {
  const found = ready.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no mail ${name}`)
  return found.source
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

/** The head holds styles of parts that a customer does not see. */
function bodyOf(html: string): string[] {
  const lines = normal(html)
  return lines.slice(lines.findIndex((line) => line.startsWith('<body')))
}

// In Arabic, Latin names are set apart: docs/templates.md says so.
const compared = ['no-name', 'markup-name', 'bengali', 'empty-cart']

describe.each(ready)('the ready mail $name', ({ name, source, samples, forShop }) => {
  it('is what Handlebars and then MJML would make for sample customers', async () => {
    const mail = await mailOf(name)

    for (const { slug, view, locale } of samples.filter(({ slug }) => compared.includes(slug))) {
      const ours = renderMail(mail, view, { locale }).html
      const theirs = await renderNaively(source, { view, locale, strings: mail.strings })
      expect(bodyOf(ours), slug).toEqual(bodyOf(theirs))
    }
  })

  it('is small, says everything in three languages and can be left', async () => {
    const mail = await mailOf(name)

    expect(deflateRawSync(JSON.stringify(mail)).length).toBeLessThan(12_000)
    const keys = Object.keys(mail.strings.en ?? {}).toSorted()
    for (const locale of ['bn', 'ar'])
      expect(Object.keys(mail.strings[locale] ?? {}).toSorted()).toEqual(keys)
    if (!forShop)
      expect(mail.variables).toEqual(expect.arrayContaining(['links.unsubscribe', 'shop.address']))
  })

  it('holds no character wider than a byte for a western customer: one would double the whole page', async () => {
    const mail = await mailOf(name)
    const { view } = samples.find(({ slug }) => slug === 'regular') ?? { view: aView() }

    const { html } = renderMail(mail, view, { locale: 'en' })

    // biome-ignore lint/suspicious/noControlCharactersInRegex: every character of one byte
    expect(html.match(/[^\u0000-\u00ff]/g)).toBeNull()
  })

  it('leaves no hole where a name is missing', async () => {
    const mail = await mailOf(name)
    const { view } = samples.find(({ slug }) => slug === 'no-name') ?? { view: aView() }

    const { subject, html, text } = renderMail(mail, view, { locale: 'en' })

    for (const words of [subject, text])
      expect(words).not.toMatch(/undefined|null|NaN|\[object|(^|\s), |Hello ,/)
    expect(html).not.toMatch(/undefined|null|NaN|\[object|Hello ,/)
    if (!forShop) expect(text).toContain(view.links.unsubscribe)
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
    'Saree [3]\nQuantity: 1   BDT 2,750.00\nCushion\nQuantity: 2 · BDT 550.00 each   BDT 1,100.00\n\nTotal   BDT 3,850.00\n',
  )
  expect(english.text).toContain('[2] https://shop.example/cart#t\n[3] https://shop.example/a#t\n')
  expect(bengali.text).toContain('পরিমাণ: ২ · প্রতিটি ৫৫০.০০৳   ১,১০০.০০৳')
  expect(bengali.html).toContain('lang="bn-BD"')
})

it.each(
  ['reminder', 'last-call'].flatMap((name) =>
    ['en', 'bn-BD', 'ar-EG'].map((locale) => [name, locale] as const),
  ),
)('tells of no amount where none is known: %s in %s', async (name, locale) => {
  const mail = await mailOf(name)
  const items = [{ id: 'rug', name: 'Rug', currency: 'EUR', quantity: 1 }]
  const unpriced = aView({ cart: { id: 'c', items, count: 1, currency: 'EUR' } })
  const priced = aView({ cart: { id: 'c', items, count: 1, currency: 'EUR', total: 77_700 } })
  const shownOf = (view: View) => {
    const { html, text } = renderMail(mail, view, { locale })
    return html + text
  }
  const amount = /€|777|৭৭৭|٧٧٧/
  const total = { en: 'Total', 'bn-BD': 'মোট', 'ar-EG': 'المجموع' }[locale] ?? ''

  expect(shownOf(priced)).toMatch(amount)
  expect(shownOf(priced)).toContain(total)
  expect(shownOf(unpriced)).not.toMatch(amount)
  expect(shownOf(unpriced)).not.toContain(total)
  expect(shownOf(unpriced)).not.toMatch(/for ,|·\s*<\/a>/)
})

it('says the last day of a gift by the shop’s calendar, wherever she is', async () => {
  const mail = await mailOf('birthday')
  const { birthday } = journeys
  if (birthday === undefined) throw new Error('no journey birthday')
  const gifts = { birthday: { code: 'X', endsOn: '2026-12-31' } }
  const of = { ...settings, timeZone: 'Europe/Berlin', gifts }
  const samples = sampleViews(released('birthday', birthday), of, '2026-12-20T10:00:00.000Z')
  const shownTo = (slug: string) => {
    const { view, locale } = samples.find((one) => one.slug === slug) ?? { view: aView(), locale: 'en' }
    return renderMail(mail, view, { locale }).text
  }

  expect(shownTo('regular')).toContain('December 31, 2026')
  expect(shownTo('bengali')).toContain('৩১ ডিসেম্বর')
  expect(shownTo('bengali')).not.toContain('জানুয়ারী')
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

  expect(shown).toContain('Our shop in Dhaka [1]\n')
})

it('compiles a journey with the files of its own folder and the layout', async () => {
  const { mails, problems } = await compileJourney('welcome', files)

  expect(problems).toEqual([])
  expect(Object.keys(mails)).toEqual(['welcome'])
})
