/**
 * Random mails and random customers, for the comparison with Handlebars first and MJML after it: blocks, loops
 * and expressions wherever the language allows them. Where the two are meant to differ (docs/templates.md lists
 * it) it does not go. A seed is one mail for ever. Next: `mail.ts`.
 */
import fc from 'fast-check'
import type { View, ViewItem } from '#core/view'
import { aView } from '#test/core/template/build'

type Text = fc.Arbitrary<string>

const rootNames = ['customer.firstName', 'shop.name', 'offer.code', 'money cart.total', 'cart.count']
const itemNames = [
  'name',
  'variant',
  'money price',
  'quantity',
  '@root.shop.name',
  '../customer.region',
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

/** Content for everything in the cart; `none`: for an empty one. */
const looped = (content: Text, none: string): Text =>
  fc
    .tuple(content, fc.boolean())
    .map(([inner, few]) =>
      few
        ? `{{#each cart.items limit=2}}${inner}{{else}}${none}{{/each}}`
        : `{{#each cart.items}}${inner}{{/each}}`,
    )

const printed = (item: boolean): Text =>
  fc.constantFrom(...(item ? itemNames : rootNames)).map((name) => `{{${name}}}`)

function inlineText(item: boolean): Text {
  const print = printed(item)
  const root = item ? '@root.' : ''
  const url = fc.constantFrom(`{{${root}shop.url}}`, `https://a.example/?q={{${root}cart.count}}&amp;z=1`)
  const anchor = fc.tuple(print, url).map(([label, to]) => `<a href="${to}">${label}</a>`)
  const styled = fc.constantFrom(
    'color:#123',
    `color:{{${root}event.properties.colour}}`,
    'color:{{brand.ink}} ',
  )
  const marked = fc
    .tuple(print, styled)
    .map(([inner, style]) => `<i title="${inner}" style="${style}">${inner}</i>`)
  const flagged = fc
    .tuple(fc.constantFrom(...(item ? itemTests : tests)), print)
    .map(([on, inner]) => `<span class="a{{#if ${on}}} b{{/if}}" title='${inner}'>x</span>`)
  return join(within(fc.oneof(words, print, anchor, marked, flagged), item))
}

const texts = (item: boolean): Text =>
  item
    ? inlineText(true)
    : fc.oneof({ weight: 3, arbitrary: inlineText(false) }, looped(inlineText(true), 'nothing'))

const social = (item: boolean): Text => {
  const root = item ? '@root.' : ''
  const one = printed(item).map(
    (label) =>
      `<mj-social-element src="https://a.example/i.png" alt="x" href="{{${root}shop.url}}">To ${label}</mj-social-element>`,
  )
  const mode = fc.constantFrom('horizontal', 'vertical')
  return fc
    .tuple(mode, join(within(one, item)))
    .map(([how, all]) => `<mj-social mode="${how}">${all}</mj-social>`)
}

const accordion = (item: boolean): Text => {
  const one = fc
    .tuple(inlineText(item), inlineText(item))
    .map(
      ([title, text]) =>
        `<mj-accordion-element><mj-accordion-title>${title}</mj-accordion-title><mj-accordion-text>${text}</mj-accordion-text></mj-accordion-element>`,
    )
  return join(within(one, item), 2).map((all) => `<mj-accordion>${all}</mj-accordion>`)
}

function element(item: boolean): Text {
  const root = item ? '@root.' : ''
  const row = texts(true).map((inner) => `<tr class="r"><td>${inner}</td></tr>`)
  const button = `<mj-button background-color="#eee" href="{{${root}shop.url}}"`
  return fc.oneof(
    texts(item).map((inner) => `<mj-text css-class="a">${inner}</mj-text>`),
    texts(item).map((inner) => `<mj-text mj-class="soft" padding="4px">\n${inner}\n</mj-text>`),
    texts(item).map((inner) => `<mj-text color="{{${root}event.properties.colour}}">${inner}</mj-text>`),
    inlineText(item).map((inner) => `${button}>Go ${inner}</mj-button>`),
    printed(item).map((inner) => `${button} title="${inner}">Go</mj-button>`),
    fc.constant(`<mj-image src="{{${root}shop.url}}i.png" alt="{{${root}shop.name}}" width="80px" />`),
    fc.constant(`<mj-divider border-color="{{${root}event.properties.colour}}" />`),
    social(item),
    accordion(item),
    item
      ? fc.constant('<mj-spacer height="8px" />')
      : looped(row, '<tr><td>nothing</td></tr>').map((rows) => `<mj-table>${rows}</mj-table>`),
  )
}

const column = (item: boolean, width = ''): Text =>
  join(within(element(item), item)).map((inner) => `<mj-column${width}>${inner}</mj-column>`)

const section = (item: boolean): Text =>
  fc.oneof(
    column(item).map((inner) => `<mj-section>${inner}</mj-section>`),
    join(within(column(item, ' width="50%"'), item), 2).map(
      (inner) => `<mj-section padding="3px" background-color="#fff">${inner}</mj-section>`,
    ),
    // Columns that come and go, whose width depends on how many there are.
    fc
      .tuple(within(column(item), item), within(column(item), item))
      .map(([one, two]) => `<mj-section css-class="c">${one}${two}</mj-section>`),
    fc
      .tuple(within(column(item), item), column(item), within(column(item), item))
      .map(([one, two, three]) => `<mj-section><mj-group>${one}${two}</mj-group>${three}</mj-section>`),
  )

const hero = join(within(element(false), false)).map(
  (inner) => `<mj-hero mode="fluid-height" background-color="#fff" padding="9px">${inner}</mj-hero>`,
)

const part: Text = fc.oneof(
  { weight: 3, arbitrary: within(section(false), false) },
  looped(
    within(section(true), true),
    '<mj-section><mj-column><mj-text>nothing</mj-text></mj-column></mj-section>',
  ),
  hero,
  join(within(section(false), false), 2).map(
    (inner) => `<mj-wrapper border-radius="4px" full-width="full-width">${inner}</mj-wrapper>`,
  ),
)

/** The source of a mail. */
export const mail: Text = join(part, 2).map(
  (body) => `<mjml>
<mj-head><mj-title>{{customer.firstName}} at {{shop.name}}</mj-title><mj-attributes><mj-all color="{{brand.ink}}" /><mj-class name="soft" color="#345" /></mj-attributes>
<mj-style inline="inline">.r { color: {{brand.ink}} }</mj-style><mj-style>.c { color: {{brand.ink}} }</mj-style></mj-head>
<mj-body>${body}<mj-section><mj-column><mj-text>{{shop.address}} <a href="{{links.unsubscribe}}">x</a></mj-text></mj-column></mj-section></mj-body>
</mjml>`,
)

const nasty = [
  'Mia',
  `"Q" O'Neil`,
  '<script>x</script>',
  'আয়েশা',
  '😀',
  '{{evil}}',
  'a&amp;b',
  '-->',
  ']]>',
  '\n',
  'x'.repeat(300),
]
const name = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }))
const url = fc.constantFrom(
  'https://a.example/',
  'https://a.example/x?a=1&b=2#c',
  'http://b.example:8080/%20',
)
const item: fc.Arbitrary<ViewItem> = fc.record(
  {
    id: fc.uuid(),
    currency: fc.constantFrom('BDT', 'JPY'),
    quantity: fc.integer({ min: 0, max: 9 }),
    name,
    url,
    variant: name,
    price: fc.integer({ min: 0, max: 10_000_000 }),
  },
  { requiredKeys: ['id', 'currency', 'quantity'] },
)
const optional = { requiredKeys: [] }

/** A customer with what she has. */
export const view: fc.Arbitrary<View> = fc
  .record({
    customer: fc.record({ firstName: name, region: name }, optional),
    items: fc.array(item, { maxLength: 4 }),
    count: fc.integer({ min: 0, max: 5 }),
    more: fc.record({ offer: fc.record({ code: name }) }, optional),
    cart: fc.record({ url }, optional),
    shop: fc.constantFrom('Nakshi', 'x'),
    colour: fc.constantFrom('#abcdef', 'red', '#102030'),
  })
  .map(({ customer, items, count, more, cart, shop, colour }) =>
    aView({
      customer,
      cart: { id: 'c', items, count, total: 125_050, currency: 'BDT', ...cart },
      ...more,
      shop: { ...aView().shop, name: shop },
      event: { name: 'x', properties: { colour } },
    }),
  )
