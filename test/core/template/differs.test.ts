/**
 * Where a mail compiled once is not what Handlebars and then MJML would make, on purpose: each row of the table of
 * docs/templates.md, with what ours holds and what theirs does.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderMail } from '#core/template/render'
import type { View } from '#core/view'
import { compiledOf, sourceOf } from '#test/oracle/mail'
import { aView } from './build.ts'
import { hardMail } from './hard-mails.ts'
import { renderNaively } from './naive.ts'

interface Difference {
  about: string
  body: string
  head?: string
  view?: Partial<View>
  ours: RegExp
  theirs: RegExp
}

const inColumn = (inner: string) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`
const inText = (inner: string) => inColumn(`<mj-text>${inner}</mj-text>`)
const data = (value: string): Partial<View> => ({ event: { name: 'x', properties: { value } } })
const value = '{{event.properties.value}}'

const differences: readonly Difference[] = [
  {
    about: 'The head holds the styles of every part',
    body: `{{#if offer}}<mj-section><mj-column width="50%"><mj-text>x</mj-text></mj-column></mj-section>{{/if}}`,
    ours: /\.mj-column-per-50\s*\{/,
    theirs: /\.mj-column-per-100\s*\{/,
  },
  {
    about: 'A button whose link comes out empty stays a link',
    body: inColumn('<mj-button href="{{cart.url}}">Go</mj-button>'),
    ours: /<a href="#"/,
    theirs: /<p[^>]*>\s*Go\s*<\/p>/,
  },
  {
    about: 'A social element whose words come out empty keeps their place',
    body: inColumn(
      '<mj-social><mj-social-element src="https://a.example/i.png" alt="x" href="https://a.example/">{{offer.code}}</mj-social-element></mj-social>',
    ),
    ours: /padding:4px 4px 4px 0/,
    theirs: /^(?![\s\S]*padding:4px 4px 4px 0)/,
  },
  {
    about: 'A short colour stays short',
    body: `<mj-section background-color="${value}"><mj-column><mj-text>x</mj-text></mj-column></mj-section>`,
    view: data('#abc'),
    ours: /background:#abc;/,
    theirs: /background:#aabbcc;/,
  },
  {
    about: 'Several classes of one expression share one suffix for Outlook',
    body: `<mj-section css-class="${value}"><mj-column><mj-text>x</mj-text></mj-column></mj-section>`,
    view: data('one two'),
    ours: /class="one two-outlook"/,
    theirs: /class="one-outlook two-outlook"/,
  },
  {
    about: 'What is part of a link is encoded',
    body: inText(`<a href="https://a.example/?q=${value}">x</a>`),
    view: data('a&b=c d'),
    ours: /q=a%26b%3Dc%20d"/,
    theirs: /q=a&amp;b&#x3D;c d"/,
  },
  {
    about: 'A link that is none leads nowhere',
    body: inText(`<a href="${value}">x</a>`),
    view: data('javascript:alert(1)'),
    ours: /<a href="#">x/,
    theirs: /<a href="javascript:alert\(1\)">x/,
  },
  {
    about: 'A style that is none is unset',
    body: inText(`<i style="color:${value}">x</i>`),
    view: data('red;background:url(//e)'),
    ours: /<i style="color:unset">x/,
    theirs: /<i style="color:red;background:url\(\/\/e\)">x/,
  },
  {
    about: 'A style that is copied in does not see a class by expression',
    body: inText(`<i class="{{#if shop.name}}f{{/if}}">x</i>`),
    head: '<mj-style inline="inline">.f { color: red }</mj-style>',
    ours: /<i class="f">x/,
    theirs: /<i class="f" style="color: red;">x/,
  },
  {
    about: 'Outlook’s comments around a block are not joined',
    body: `{{#if shop.name}}${inText('x')}{{/if}}${inText('y')}`,
    ours: /<!\[endif\]--><!--\[if mso \| IE\]>/,
    theirs: /^(?![\s\S]*<!\[endif\]-->\s*<!--\[if mso \| IE\]><table)/,
  },
  {
    about: 'The first words of the mail do not run on into the inbox’s preview',
    body: inText('x'),
    head: '<mj-preview>Look</mj-preview>',
    ours: /Look<\/div><div style="display:none;max-height:0;overflow:hidden">&#847;/,
    theirs: /Look/,
  },
  {
    about: 'Quotation marks, dashes and € in a value are named',
    body: inText(value),
    view: data('€ 5 – “now”…'),
    ours: /&euro; 5 &ndash; &ldquo;now&rdquo;&hellip;/,
    theirs: /€ 5 – “now”…/,
  },
  {
    about: 'A style or class that says nothing is left out',
    body: inText('<span style="" class="">x</span>'),
    ours: /<span>x<\/span>/,
    theirs: /<span style="" class="">x<\/span>/,
  },
]

describe('it differs on purpose', () => {
  it.each(differences)('$about', async ({ body, head, view, ours, theirs }) => {
    const source = sourceOf(hardMail(body, head))
    const of = aView(view)

    const mine = renderMail(await compiledOf(source), of, { locale: 'en' }).html
    const dear = await renderNaively(source, { view: of, locale: 'en', strings: {} })

    expect(mine).toMatch(ours)
    expect(dear).not.toMatch(ours)
    expect(dear).toMatch(theirs)
  })

  it('and says so, row by row', () => {
    const docs = readFileSync('docs/templates.md', 'utf8')
    const [, section = ''] = docs.split('## Where a mail differs from Handlebars, then MJML')
    const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| ([^|]+?) +\|/gm)].map(
      ([, about]) => about,
    )

    expect(rows.slice(2)).toEqual(differences.map(({ about }) => about))
  })
})
