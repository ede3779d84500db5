/**
 * Rendering: the cart mail with four lines in her cart, against those who would make the same page. Ratios of
 * medians taken in turn in one run, because absolute times wobble; a rival that says something else is none.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { compileMail, type MailSource, mailSources } from '#adapters/mjml'
import type { CompiledMail } from '#core/template/compiled'
import type { SourceFile } from '#core/template/problem'
import { renderMail } from '#core/template/render'
import type { View, ViewItem } from '#core/view'
import { renderNaively } from '#test/core/template/naive'
import { liquidRival } from './liquid.ts'
import { handlebarsRival, literalRival, saysOf } from './rivals.ts'

const root = resolve(import.meta.dirname, '../..')
const locale = 'en'

const item = (number: number): ViewItem => ({
  ...{ id: `sku-${number}`, name: `Linen throw, number ${number}`, currency: 'EUR', quantity: number },
  ...{ url: `https://shop.example/products/${number}`, image: `https://shop.example/${number}.jpg` },
  ...{ price: 4900 + number, comparePrice: 5900, category: 'home', variant: 'sand' },
})

const at = '2026-03-02T09:00:00.000Z'
const view: View = {
  customer: { firstName: 'Mia', lastName: 'Sample', locale, timeZone: 'Europe/Berlin' },
  cart: {
    ...{ id: 'c-1', url: 'https://shop.example/cart', items: [1, 2, 3, 4].map(item) },
    ...{ count: 10, total: 49_030, currency: 'EUR' },
  },
  products: [5, 6, 7].map(item),
  shop: {
    ...{ name: 'Meadow & Loom', url: 'https://shop.example', currency: 'EUR' },
    address: '1 Harbour Street, 20457 Hamburg',
  },
  links: {
    ...{ unsubscribe: 'https://l.shop.example/u/1', preferences: 'https://l.shop.example/p/1' },
    ...{ online: 'https://l.shop.example/o/1', cart: 'https://l.shop.example/s/1' },
  },
  journey: { name: 'abandoned-cart', step: 'reminder' },
  now: at,
}

/** The request body that SES gets, with the page alone: rivals make no text part. */
const bodyOf = (html: string): string =>
  JSON.stringify({
    FromEmailAddress: 'hello@shop.example',
    Destination: { ToAddresses: ['mia@shoppers.example'] },
    Content: { Simple: { Subject: { Data: 'Your cart' }, Body: { Html: { Data: html } } } },
  })

/** CPU time of `times` runs, in µs a run. */
async function cpuOf(times: number, act: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  for (let run = 0; run < times; run += 1) await act()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / times
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0

/** How many times dearer `other` is than `ours`: the median over rounds that take turns. */
async function ratio(ours: [number, () => unknown], other: [number, () => unknown]): Promise<number> {
  await cpuOf(ours[0], ours[1])
  await cpuOf(other[0], other[1])
  const rounds: number[] = []
  for (let round = 0; round < 15; round += 1) {
    const mine = await cpuOf(...ours)
    rounds.push((await cpuOf(...other)) / mine)
  }
  return Math.round(median(rounds) * 100) / 100
}

function sameSaid(rival: string, html: string, theirs: string): void {
  const [one, other] = [saysOf(html), saysOf(theirs)]
  if (one === other) return
  const from = [...one].findIndex((character, index) => character !== other[index])
  throw new Error(
    `${rival} says something else: ours …${one.slice(Math.max(0, from - 40), from + 60)}…, theirs …${other.slice(Math.max(0, from - 40), from + 60)}…`,
  )
}

async function templates(): Promise<SourceFile[]> {
  const names = await readdir(join(root, 'templates'), { recursive: true })
  const wanted = names.filter((file) => /\.(mjml|yaml)$/.test(file))
  return Promise.all(
    wanted.map(async (file) => ({ file, text: await readFile(join(root, 'templates', file), 'utf8') })),
  )
}

async function compile(source: MailSource): Promise<CompiledMail> {
  const made = await compileMail({ ...source, toShop: true })
  if ('problems' in made) throw new Error(JSON.stringify(made.problems))
  return made.mail
}

/** What it takes to compile each ready mail, in all its languages at once; printed by `tell`. */
async function compileAll(files: readonly SourceFile[], tell: (line: string) => void): Promise<number> {
  const journeys = [
    ...new Set(files.flatMap(({ file }) => file.match(/^([\w-]+)\/journey\.yaml$/)?.[1] ?? [])),
  ]
  let totalMs = 0
  for (const journey of journeys)
    for (const source of mailSources(journey, files)) {
      const started = performance.now()
      await compile(source)
      const ms = performance.now() - started
      totalMs += ms
      const kb = Math.round(source.mjml.text.length / 102.4) / 10
      tell(`  ${journey}/${source.name}: ${Math.round(ms)} ms (${kb} KB of its own)`)
    }
  return Math.round(totalMs)
}

/** A part of a mail as a marketer writes it, with what must be compiled in it. */
const part = (number: number) => `<mj-section><mj-column>
  <mj-text font-size="{{#if cart}}16px{{else}}14px{{/if}}">{{customer.firstName}}, part ${number}</mj-text>
  {{#each cart.items}}<mj-button href="{{url}}?from=${number}">{{name}}: {{money price}}</mj-button>{{/each}}
</mj-column></mj-section>`

/** How compiling grows: the time of a mail of four times as many parts, divided by four; 1 is linear. */
async function growth(like: MailSource): Promise<number> {
  const mailOf = (parts: number) => {
    const body = Array.from({ length: parts }, (_, number) => part(number)).join('')
    const text = `<mjml><mj-head><mj-title>x</mj-title></mj-head><mj-body>${body}{{> footer}}</mj-body></mjml>`
    return compile({ ...like, mjml: { file: 'grown.mjml', text } })
  }
  return Math.round((await ratio([4, () => mailOf(12)], [1, () => mailOf(48)])) * 25) / 100
}

/** Joined for good: a string that was put together is one only when it is read. */
function read(html: string): string {
  html.charCodeAt(html.length - 1)
  return html
}

/** The cart mail, ours and as each rival makes it. */
async function players(files: readonly SourceFile[]) {
  const source = mailSources('abandoned-cart', files).find(({ name }) => name === 'reminder')
  if (source === undefined) throw new Error('there is no abandoned-cart/reminder')
  const mail = await compile(source)
  // rivals make the page alone
  const page = { ...mail, subject: [], preheader: [], text: [] }
  const [handlebars, literal] = [handlebarsRival(mail, locale), literalRival(mail, locale)]
  const liquid = liquidRival(source, mail, locale)
  const made = {
    source,
    mail,
    html: () => read(renderMail(page, view, { locale }).html),
    request: () => bodyOf(renderMail(page, view, { locale }).html),
    handlebars: () => read(handlebars(view)),
    literal: () => read(literal(view)),
    naive: async () => bodyOf(await renderNaively(source, { view, locale, strings: mail.strings })),
    liquid: async () => bodyOf(await liquid(view)),
  }
  sameSaid('Handlebars', made.html(), made.handlebars())
  sameSaid('the literal', made.html(), made.literal())
  return made
}

/** All figures of rendering. */
export async function benchRender(tell: (line: string) => void): Promise<Record<string, number>> {
  const files = await templates()
  const compileMs = await compileAll(files, tell)
  const { source, mail, html, request, handlebars, literal, naive, liquid } = await players(files)
  const literalTimes = await ratio([400, html], [400, literal])
  return {
    'render.vsNaive': await ratio([300, request], [4, naive]),
    'render.vsLiquid': await ratio([300, request], [4, liquid]),
    'render.vsHandlebars': await ratio([400, html], [400, handlebars]),
    'render.vsLiteral': Math.round(100 / literalTimes) / 100,
    'render.coldKb': Math.round(gzipSync(JSON.stringify(mail)).length / 102.4) / 10,
    'render.htmlKb': Math.round(Buffer.byteLength(html()) / 102.4) / 10,
    'compile.ms': compileMs,
    'compile.growth': await growth(source),
  }
}
