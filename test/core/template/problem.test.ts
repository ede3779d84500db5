/**
 * Every mistake a marketer can make in a mail is told with its line and column in her own file, and its cure.
 */
import { describe, expect, it } from 'vitest'
import { compilePage } from './build.ts'

const first = (page: string, of = {}) => {
  const [problem] = compilePage(page, of).problems
  return problem === undefined
    ? 'none'
    : `${problem.line}:${problem.column} ${problem.message} → ${problem.cure}`
}

describe('what is wrong is said with its place and a cure', () => {
  it.each([
    [
      '\n  {{customer.firstNam}}',
      /^2:5 unknown field `customer.firstNam` → did you mean `customer.firstName`\?$/,
    ],
    ['{{custmer.firstName}}', /^1:3 unknown field `custmer.firstName` → did you mean `customer`\?$/],
    ['{{#each cart.items}}{{nmae}}{{/each}}', /unknown field `nmae` → did you mean `name`/],
    ['{{#each cart.items}}{{shop.name}}{{/each}}', /→ inside a loop, write `@root.shop.name`$/],
    ['{{#each cart.items as |one|}}{{one.pric}}{{/each}}', /did you mean `one.price`/],
    ['{{#with cart}}{{totl}}{{/with}}', /did you mean `total`/],
    ['{{cart.items.name}}', /is a list → walk it with \{\{#each/],
    ['{{cart.items}}', /^1:1 `cart.items` is a list → walk it/],
    ['{{cart}}', /has parts and cannot be printed whole/],
    ['{{cart.total}}', /is an amount in small units → write \{\{money cart.total\}\}/],
    ['{{#each cart.items}}{{price}}{{/each}}', /→ write \{\{money price\}\}/],
    ['{{offer.endsAt}}', /is a date → write \{\{date offer.endsAt\}\}/],
    ['{{t "x" n=cart.total}}', /`n=` is an amount in small units/],
    ['{{mony cart.total}}', /there is no function `mony` → did you mean `money`/],
    ['{{money}}', /`money` takes 1 value, here are 0 → write \{\{money cart.total\}\}/],
    ['{{date now style="lnog"}}', /`date` knows no style="lnog" → did you mean "long"\?/],
    ['{{money cart.total display="tiny"}}', /knows no display="tiny" → there is: symbol, narrow/],
    ['{{money cart.total curency="X"}}', /`money` knows no `curency=`/],
    ['{{{customer.firstName}}}', /three braces print unescaped HTML/],
    ['{{@index}}', /stands outside a loop/],
    ['{{../cart}}', /leads out of the mail/],
    ['{{#eech cart.items}}{{/eech}}', /there is no block \{\{#eech\}\} → did you mean \{\{#each\}\}/],
    ['{{^store}}none{{/store}}', /there is no block \{\{\^store\}\} → write \{\{#unless store\}\} … /],
    ['{{#cart.items}}x{{/cart.items}}', /no block \{\{#cart.items\}\} → write \{\{#each cart.items\}\} … /],
    ['{{#cart}}x{{/cart}}', /→ write \{\{#with cart\}\} … \{\{\/with\}\}$/],
    ['{{#cart.url}}x{{/cart.url}}', /→ write \{\{#if cart.url\}\}/],
    ['{{@root}}{{this}}', /^1:1 `this` has parts/],
    ['{{#if}}x{{/if}}', /\{\{#if\}\} takes one value/],
    ['{{#each cart.total}}x{{/each}}', /`cart.total` is not a list/],
    ['{{> foter}}', /there is no templates\/layout\/foter.mjml → did you mean \{\{> footer\}\}/],
    ['{{brand.colr}}', /not in templates\/brand.yaml → did you mean `brand.color`/],
    ['{{#> footer}}{{/footer}}', /would hand a whole block to a file of the layout/],
    ['a\n{{#if cart}}\nb', /^2:1 \{\{#if\}\} is never closed → write \{\{\/if\}\}/],
    ['{{#if cart}}\n {{/each}}', /^2:2 \{\{\/each\}\} stands where \{\{#if\}\} of line 1 is still open/],
    ['{{/if}}', /^1:1 \{\{\/if\}\} closes nothing/],
    ['{{else}}', /\{\{else\}\} stands outside a block/],
    [
      '<style>\n.a{color:{{brand.color}}}</style>',
      /^2:23 `\}\}\}` closes an expression that `\{\{` opened → put a space/,
    ],
    [
      'x\n<p a="{{shop.name}}">{{shop name=}}</p>{{cart.id}}',
      /^2:22 this expression cannot be read: \{\{shop name=/,
    ],
    ['x\n {{ 1+2 }}', /^2:2 this expression cannot be read/],
    [
      '{{require cart.items}}{{#each cart.items}}{{require name}}{{/each}}',
      /`require` wants a field of the view|is a list/,
    ],
  ])('%j', (page, expected) => {
    const said = first(page, { layout: { footer: 'x' }, brand: { color: '#fff' } })

    expect(said).toMatch(expected)
  })

  it('finds them in the file of the layout', () => {
    const { problems } = compilePage('{{> items list=cart.items}}', {
      layout: { items: '\n{{#each list}}{{nme}}{{/each}}' },
    })

    expect(problems).toMatchObject([{ file: 'items.mjml', line: 2, column: 17 }])
  })

  it('refuses a layout file that contains itself', () => {
    expect(first('{{> a}}', { layout: { a: '{{> b}}', b: '{{> a}}' } })).toMatch(/contains itself/)
  })

  it('refuses loops and blocks too deep in one another', () => {
    const deep = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times)

    expect(first(deep('{{#if cart}}', '{{/if}}', 13))).toMatch(/more than 12 blocks/)
    expect(first(deep('{{#each @root.cart.items}}', '{{/each}}', 4))).toMatch(/more than 3 loops/)
  })
})

describe('strings', () => {
  it.each([
    ['{{t "hi"}}', 'ho: x', /^1:1 there is no string `hi` for mail in strings.en.yaml/],
    ['{{t "greting"}}', 'greeting: x', /did you mean "greeting"/],
    ['{{t "hi"}}', 'hi: "Hello {name"', /^2:7 `hi` cannot be read/],
    ['{{t "hi" nam=shop.name}}', 'hi: "Hello {name}"', /speaks of \{name\}, but the mail hands it nam/],
    ['{{t "hi"}}', 'hi: "<u>x</u>"', /holds <u>/],
    ['{{t "hi"}}', 'hi: [x]', /`hi` is no text/],
    ['{{t shop.name}}', 'hi: x', /`t` wants the name of a string in quotes/],
    ['{{t "n" n=cart.count}}', 'n: "{n, plural, one {#}}"', /cannot be read/],
  ])('%s with %s', (page, strings, expected) => {
    const said = first(page, { strings: { en: strings } })

    expect(said).toMatch(expected)
  })

  it('keeps only the messages the mail uses', () => {
    const { mail } = compilePage('{{t "a"}}', { strings: { en: 'a: x\nb: y', bn: 'a: z' } })

    expect(mail.strings).toEqual({
      en: { a: [{ type: 0, value: 'x' }] },
      bn: { a: [{ type: 0, value: 'z' }] },
    })
  })
})

it('lists what the mail reads', () => {
  const { mail, problems } = compilePage(
    '{{#each cart.items as |one|}}{{one.name}}{{@root.shop.name}}{{money price}}{{/each}}{{require offer.code}}',
  )

  expect(problems).toEqual([])
  expect(mail.variables.toSorted()).toEqual([
    'cart.items',
    'cart.items[].name',
    'cart.items[].price',
    'offer.code',
    'shop.name',
  ])
  expect(mail.required).toEqual(['offer.code'])
})
