/**
 * Random mails: blocks, loops and expressions wherever the language allows them, each compared with Handlebars
 * first and MJML for every recipient. `MAILS=400 SEED=…` runs more; a failure prints its mail.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileMail, type MailSource } from '#adapters/mjml'
import { renderMail } from '#core/template/render'
import type { View } from '#core/view'
import { anItem, aView } from '#test/core/template/build'
import { normal, renderNaively } from '#test/core/template/naive'

const mails = Number(process.env.MAILS ?? 24)
const seed = Number(process.env.SEED ?? 11)

const rootNames = [
  'customer.firstName',
  'shop.name',
  'offer.code',
  'money cart.total',
  'cart.count',
  'customer.region',
]
const itemNames = [
  'name',
  'variant',
  'money price',
  'quantity',
  '@root.shop.name',
  '../customer.firstName',
  '@index',
]
const tests = [
  'customer.firstName',
  'offer',
  'cart.url',
  '(gt cart.count 2)',
  '(not offer)',
  '(eq shop.name "x")',
]
const itemTests = ['variant', 'url', '@first', '(gt quantity 1)', '../offer', '@root.cart.url']

type Text = fc.Arbitrary<string>
const join = (part: Text, most = 3): Text =>
  fc.array(part, { minLength: 1, maxLength: most }).map((all) => all.join(''))
const words = fc.constantFrom('Hi', ' a <b>b</b> ', '&amp; more', '\n  ', ', ', 'শুভ', '<br>')

/** Content with blocks around some of it. `item`: inside a loop over the cart. */
function within(content: Text, item: boolean): Text {
  const test = fc.constantFrom(...(item ? itemTests : tests))
  return fc.oneof(
    { weight: 4, arbitrary: content },
    fc.tuple(test, content).map(([on, inner]) => `{{#if ${on}}}${inner}{{/if}}`),
    fc.tuple(test, content, content).map(([on, yes, no]) => `{{#if ${on}}}${yes}{{else}}${no}{{/if}}`),
    fc.tuple(test, content).map(([on, inner]) => `{{#unless ${on}}}${inner}{{/unless}}`),
    fc
      .tuple(test, test, content, content)
      .map(([on, or, one, two]) => `{{#if ${on}}}${one}{{else if ${or}}}${two}{{/if}}`),
  )
}

const looped = (content: Text): Text => content.map((inner) => `{{#each cart.items}}${inner}{{/each}}`)

function inlineText(item: boolean): Text {
  const print = fc.constantFrom(...(item ? itemNames : rootNames)).map((name) => `{{${name}}}`)
  const link = fc.tuple(print, fc.constantFrom('{{shop.url}}', 'https://a.example/?q={{cart.count}}&amp;z=1'))
  const anchor = link.map(
    ([label, url]) => `<a href="${item ? url.replace('{{', '{{@root.') : url}">${label}</a>`,
  )
  const marked = print.map((inner) => `<i title="${inner}" style="color:#123">${inner}</i>`)
  return join(within(fc.oneof(words, print, anchor, marked), item))
}

const texts = (item: boolean): Text =>
  item ? inlineText(true) : fc.oneof({ weight: 3, arbitrary: inlineText(false) }, looped(inlineText(true)))

function element(item: boolean): Text {
  const root = item ? '@root.' : ''
  const row = texts(true).map((inner) => `<tr class="r"><td>${inner}</td></tr>`)
  return fc.oneof(
    texts(item).map((inner) => `<mj-text css-class="a">${inner}</mj-text>`),
    texts(item).map((inner) => `<mj-text color="#123456" padding="4px">\n${inner}\n</mj-text>`),
    inlineText(item).map(
      (inner) => `<mj-button background-color="#eee" href="{{${root}shop.url}}">${inner}</mj-button>`,
    ),
    fc.constant(`<mj-image src="{{${root}shop.url}}i.png" alt="{{${root}shop.name}}" width="80px" />`),
    fc.constant('<mj-divider border-color="#eee" />'),
    item
      ? fc.constant('<mj-spacer height="8px" />')
      : looped(row).map((rows) => `<mj-table>${rows}</mj-table>`),
  )
}

const column = (item: boolean, width = ''): Text =>
  join(within(element(item), item)).map((inner) => `<mj-column${width}>${inner}</mj-column>`)

const section = (item: boolean): Text =>
  fc.oneof(
    column(item).map((inner) => `<mj-section>${inner}</mj-section>`),
    join(within(column(item, ' width="50%"'), item), 2).map(
      (inner) => `<mj-section padding="3px">${inner}</mj-section>`,
    ),
  )

const part: Text = fc.oneof(
  { weight: 3, arbitrary: within(section(false), false) },
  looped(within(section(true), true)),
  join(within(section(false), false), 2).map(
    (inner) => `<mj-wrapper border-radius="4px">${inner}</mj-wrapper>`,
  ),
)

const mail = join(part, 3).map(
  (body) => `<mjml>
<mj-head><mj-title>{{customer.firstName}} at {{shop.name}}</mj-title><mj-attributes><mj-all color="{{brand.ink}}" /></mj-attributes></mj-head>
<mj-body>${body}<mj-section><mj-column><mj-text>{{shop.address}} <a href="{{links.unsubscribe}}">x</a></mj-text></mj-column></mj-section></mj-body>
</mjml>`,
)

const views: View[] = [
  aView({ customer: {}, cart: { id: 'c', items: [], count: 0, total: 0, currency: 'BDT' } }),
  aView({
    customer: { firstName: `<i>"O'Neil" & co`, region: '{{x}}' },
    offer: { code: 'TEN' },
    cart: {
      id: 'c',
      url: 'https://shop.example/cart?a=1&b=2',
      items: [
        anItem(),
        anItem({ id: 'p2', name: 'কুশন', quantity: 3, variant: '<b>', url: 'https://a.example/' }),
      ],
      count: 4,
      total: 125_050,
      currency: 'BDT',
    },
  }),
]

/** The head holds styles of parts that a view's branches may not show: a superset, with the same effect. */
function bodyOf(html: string): string[] {
  const lines = normal(html)
  return lines.slice(lines.findIndex((line) => line.startsWith('<body')))
}

it('random mails are what Handlebars and then MJML would make', {
  timeout: 60_000 + mails * 500,
}, async () => {
  const brand = { file: 'brand.yaml', text: 'ink: "#222"' }
  for (const text of fc.sample(mail, { numRuns: mails, seed })) {
    const source: MailSource = { name: 'm', mjml: { file: 'm.mjml', text }, layout: {}, strings: {}, brand }

    const result = await compileMail(source)

    if ('problems' in result) throw new Error(`${JSON.stringify(result.problems)}\n${text}`)
    for (const view of views) {
      const ours = renderMail(result.mail, view, { locale: 'en' })
      const theirs = await renderNaively(source, { view, locale: 'en', strings: {} })
      expect(bodyOf(ours.html), text).toEqual(bodyOf(theirs))
    }
  }
})
