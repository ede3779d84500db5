/**
 * The text part of a mail: what HTML says in lines and words, links as notes at the end, blocks and loops as in the
 * page.
 */
import { expect, it } from 'vitest'
import { renderMail } from '#core/template/render'
import { compiledOf, sourceOf } from '#test/oracle/mail'
import { anItem, aView } from './build.ts'
import { hardMail } from './hard-mails.ts'

const view = aView({
  cart: { id: 'c', items: [anItem(), anItem({ id: 'q', name: 'Mug' })], count: 2, total: 1, currency: 'BDT' },
})
const inColumn = (inner: string) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`
const inText = (inner: string) => inColumn(`<mj-text>${inner}</mj-text>`)

it.each<[string, string, string, ...string[]]>([
  ['a break', inText('one<br>two<br/>three'), 'one\ntwo\nthree'],
  ['paragraphs', inText('<p>one</p><p>two</p>'), 'one\n\ntwo'],
  ['a heading', inText('<h1>one</h1>two'), 'one\n\ntwo'],
  ['a list', inText('<ul><li>one</li><li>two</li></ul>'), '- one\n- two'],
  ['a list in order', inText('<ol><li>one</li><li>two</li></ol>'), '1. one\n2. two'],
  ['a list in a list', inText('<ol><li>one<ul><li>a</li></ul></li><li>two</li></ol>'), '1. one\n- a\n2. two'],
  [
    'a list in order, of a loop',
    inText('<ol>{{#each cart.items}}<li>{{name}}</li>{{/each}}</ol>'),
    `- ${anItem().name}\n- Mug`,
  ],
  ['what is struck out', inText('50 <s>60</s>'), '50 (60)'],
  ['nothing that is struck out', inText('50 <s></s>'), '50'],
  ['white space', inText('  one \n\n   two&nbsp;three  '), 'one two\u00a0three'],
  ['white space around a tag', inText('one <b> two </b> three'), 'one two three'],
  ['entities', inText('a &amp; b &lt; c &#8364; &#x20AC;'), 'a & b < c € €'],
  [
    'a link',
    inText('<a href="https://a.example/?x=1&amp;y=2">Shop</a> now'),
    'Shop [1] now',
    'https://a.example/?x=1&y=2',
  ],
  [
    'a link that is its own words',
    inText('<a href="https://a.example/">https://a.example/</a>'),
    'https://a.example/',
  ],
  [
    'a link of a picture',
    inText('<a href="https://a.example/"><img src="https://a.example/x" alt="The shop"></a>'),
    'The shop [1]',
    'https://a.example/',
  ],
  [
    'a link of a picture without words',
    inText('<a href="https://a.example/" aria-label="x"><img src="https://a.example/x" alt=""></a>'),
    'https://a.example/',
  ],
  ['a picture in a text', inText('<img src="https://a.example/x" alt="A vase"> one'), 'one'],
  ['a line across', inText('one<hr>two'), 'one\n---\n\ntwo'],
  ['what stands in the middle', inText('one<center>two</center>three'), 'one\ntwo\nthree'],
  ['a picture', inColumn('<mj-image src="https://a.example/x" alt="A vase" />') + inText('one'), 'one'],
  [
    'a linked picture',
    inColumn('<mj-image src="https://a.example/x" alt="A vase" href="https://a.example/" />'),
    'A vase [1]',
    'https://a.example/',
  ],
  [
    'a button',
    inColumn('<mj-button href="{{shop.url}}">To the shop</mj-button>'),
    'To the shop [1]',
    'https://shop.example/',
  ],
  [
    'a link twice, and another',
    inText(
      '<a href="{{shop.url}}">one</a> <a href="https://a.example/">two</a> <a href="{{shop.url}}">three</a>',
    ),
    'one [1] two [2] three [1]',
    'https://shop.example/',
    'https://a.example/',
  ],
  ['a link that leads nowhere for her', inText('<a href="{{cart.url}}">one</a> two'), 'one two'],
  ['an address', inText('<a href="mailto:a@shop.example">Write</a>'), 'Write [1]', 'mailto:a@shop.example'],
  [
    'a divider',
    inText('one') + inColumn('<mj-divider border-color="#eee" />') + inText('two'),
    'one\n\n---\n\ntwo',
  ],
  [
    'rows of a table',
    inColumn(
      '<mj-table>{{#each cart.items}}<tr><td>{{name}}</td><td>{{quantity}}</td></tr>{{/each}}</mj-table>',
    ),
    'Saree   1\nMug   1',
  ],
  [
    'a cell with a picture',
    inColumn('<mj-table><tr><td><img src="https://a.example/x" alt=""></td><td>one</td></tr></mj-table>'),
    'one',
  ],
  ['what is not shown', inText('<style>p{}</style><!-- x -->one'), 'one'],
  ['a block', `{{#if offer}}${inText('one')}{{else}}${inText('two')}{{/if}}`, 'two'],
  [
    'columns that come and go, once',
    `<mj-section>{{#if offer}}<mj-column><mj-text>one</mj-text></mj-column>{{/if}}<mj-column><mj-text>two</mj-text></mj-column></mj-section>`,
    'two',
  ],
])('%s', async (_, body, expected, ...links) => {
  const mail = await compiledOf(sourceOf(hardMail(body)))

  const { text } = renderMail(mail, view, { locale: 'en' })

  const last = links.length + 1
  const notes = [...links, 'https://go.example/u/token'].map((url, index) => `[${index + 1}] ${url}\n`)
  expect(text).toBe(`${expected}\n\nRoad 5, Dhaka Stop [${last}]\n\n${notes.join('')}`)
})
