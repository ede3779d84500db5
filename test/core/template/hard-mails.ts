/**
 * Mails in which blocks and expressions stand where MJML does not expect them: everywhere a marketer would put
 * them. `oracle.test.ts` compares each with Handlebars first and MJML after it. A name, a body, and what stands
 * in the head besides.
 */

const column = (inner: string, width = '') => `<mj-column${width}><mj-text>${inner}</mj-text></mj-column>`
const half = (inner: string) => column(inner, ' width="50%"')
const section = (inner: string, attributes = '') => `<mj-section${attributes}>${inner}</mj-section>`
const text = (inner: string) => section(column(inner))
const inColumn = (inner: string) => section(`<mj-column>${inner}</mj-column>`)
const social = (inner: string) =>
  `<mj-social-element src="https://a.example/i.png" alt="x" href="{{@root.shop.url}}">${inner}</mj-social-element>`
const fold = (title: string, inner: string) =>
  `<mj-accordion-element><mj-accordion-title>${title}</mj-accordion-title><mj-accordion-text>${inner}</mj-accordion-text></mj-accordion-element>`

const mails: readonly (readonly [string, string, string?])[] = [
  // Blocks around elements.
  ['a block around a section', `{{#if offer}}${text('A')}{{/if}}${text('B')}`],
  [
    'two ways and a third',
    `{{#if offer}}${text('A')}{{else if cart.url}}${text('B')}{{else}}${text('C')}{{/if}}`,
  ],
  ['a loop over sections', `{{#each cart.items}}${text('{{name}} {{@index}}')}{{/each}}`],
  ['a loop over nothing', `{{#each recent}}${text('{{name}}')}{{else}}${text('nothing')}{{/each}}`],
  [
    'a loop in a loop',
    `{{#each cart.items}}${text('{{#each @root.products}}{{name}}/{{../name}} {{/each}}')}{{/each}}`,
  ],
  ['with around a section', `{{#with offer}}${text('{{code}} for {{@root.customer.firstName}}')}{{/with}}`],
  [
    'a block around a wrapper',
    `{{#if offer}}<mj-wrapper padding="4px">${text('A')}${text('B')}</mj-wrapper>{{/if}}`,
  ],
  [
    'a block in a wrapper',
    `<mj-wrapper background-color="#eee">{{#if offer}}${text('A')}{{/if}}${text('B')}</mj-wrapper>`,
  ],
  ['a loop in a wrapper', `<mj-wrapper>{{#each cart.items}}${text('{{name}}')}{{/each}}</mj-wrapper>`],
  [
    'a block around a hero',
    `{{#if offer}}<mj-hero mode="fluid-height"><mj-text>A</mj-text></mj-hero>{{/if}}`,
  ],
  [
    'a block in a hero',
    `<mj-hero mode="fixed-height" height="200px" background-color="#fff">{{#if offer}}<mj-text>A</mj-text>{{/if}}<mj-text>B</mj-text></mj-hero>`,
  ],
  [
    'a block around an element',
    inColumn('{{#if offer}}<mj-text>A</mj-text>{{/if}}<mj-divider border-color="#eee" />'),
  ],
  [
    'a loop over elements',
    inColumn(
      '{{#each cart.items}}<mj-text>{{name}}</mj-text>{{#unless @last}}<mj-divider border-color="#eee" />{{/unless}}{{/each}}',
    ),
  ],
  [
    'rows of a table',
    inColumn(
      '<mj-table>{{#each cart.items}}<tr><td>{{name}}</td><td>{{money price}}</td></tr>{{/each}}</mj-table>',
    ),
  ],
  [
    'cells of a row',
    inColumn('<mj-table><tr>{{#each cart.items}}<td>{{name}}</td>{{/each}}</tr></mj-table>'),
  ],
  [
    'a block around rows',
    inColumn('<mj-table>{{#if offer}}<tr><td>{{offer.code}}</td></tr>{{/if}}<tr><td>x</td></tr></mj-table>'),
  ],
  [
    'a block around a social element',
    inColumn(`<mj-social>{{#if offer}}${social('A')}{{/if}}${social('B')}</mj-social>`),
  ],
  [
    'a loop over social elements',
    inColumn(`<mj-social mode="vertical">{{#each cart.items}}${social('To {{name}}')}{{/each}}</mj-social>`),
  ],
  [
    'a block around a fold',
    inColumn(`<mj-accordion>{{#if offer}}${fold('A', 'a')}{{/if}}${fold('B', 'b')}</mj-accordion>`),
  ],
  [
    'a loop over folds',
    inColumn(`<mj-accordion>{{#each cart.items}}${fold('{{name}}', '{{variant}}')}{{/each}}</mj-accordion>`),
  ],
  [
    'a block around a hand-written part',
    `{{#if offer}}<mj-raw><!--[if mso]><p>x</p><![endif]--></mj-raw>{{/if}}${text('B')}`,
  ],
  [
    'a hand-written part with blocks',
    `<mj-raw><div>{{#each cart.items}}<p>{{name}}</p>{{/each}}</div></mj-raw>`,
  ],
  // Columns.
  ['columns with widths in a loop', section(`{{#each cart.items}}${half('{{name}}')}{{/each}}`)],
  ['columns with widths in a block', section(`{{#if offer}}${half('A')}{{/if}}${half('B')}`)],
  [
    'columns whose width a class gives',
    section(
      '{{#each cart.items}}<mj-column mj-class="half"><mj-text>{{name}}</mj-text></mj-column>{{/each}}',
    ),
    '<mj-attributes><mj-class name="half" width="50%" /></mj-attributes>',
  ],
  [
    'columns whose width all have',
    section(`{{#each cart.items}}${column('{{name}}')}{{/each}}`),
    '<mj-attributes><mj-column width="33%" /></mj-attributes>',
  ],
  ['a column that comes and goes', section(`{{#if offer}}${column('A')}{{/if}}${column('B')}`)],
  [
    'the last column comes and goes',
    section(`${column('A')}${column('B')}{{#unless offer}}${column('C')}{{/unless}}`),
  ],
  ['one column or two', section(`{{#if offer}}${column('A')}{{else}}${column('B')}${column('C')}{{/if}}`)],
  [
    'columns by three ways',
    section(
      `{{#if offer}}${column('A')}{{else if cart.url}}${column('B')}${column('C')}{{else}}{{/if}}${column('D')}`,
    ),
  ],
  [
    'columns by two tests',
    section(`{{#if offer}}${column('A')}{{/if}}${column('B')}{{#if cart.url}}${column('C')}{{/if}}`),
  ],
  [
    'a test in a test',
    section(`${column('A')}{{#if offer}}${column('B')}{{#if cart.url}}${column('C')}{{/if}}{{/if}}`),
  ],
  [
    'columns that come and go in a loop',
    `{{#each cart.items}}${section(`{{#if variant}}${column('{{variant}}')}{{/if}}${column('{{name}} {{../cart.count}} {{@index}}')}`)}{{/each}}`,
  ],
  [
    'columns that come and go in a wrapper',
    `<mj-wrapper background-color="#eee">${section(`{{#if offer}}${column('A')}{{/if}}${column('B')}`, ' background-color="#fff"')}${text('C')}</mj-wrapper>`,
  ],
  [
    'columns of a group',
    section(`<mj-group>{{#if offer}}${column('A')}{{/if}}${column('B')}</mj-group>${column('C')}`),
  ],
  [
    'columns of a group with a width',
    section(
      `<mj-group width="60%">{{#if offer}}${column('A')}{{/if}}${column('B')}</mj-group>${column('C', ' width="40%"')}`,
    ),
  ],
  [
    'a group that comes and goes',
    section(`{{#if offer}}<mj-group>${column('A')}${column('B')}</mj-group>{{/if}}${column('C')}`),
  ],
  [
    'a section across with columns that come and go',
    section(
      `{{#if offer}}${column('A')}{{/if}}${column('B')}`,
      ' full-width="full-width" background-color="#eee"',
    ),
  ],
  [
    'a gutter between columns that come and go',
    section(`{{#if offer}}${column('A')}{{/if}}${column('B')}${column('C')}`, ' gutter="12px"'),
  ],
  [
    'a hand-written part beside columns in a loop',
    section(
      `<mj-raw><!--[if mso]><td>x</td><![endif]--></mj-raw>{{#each cart.items}}${half('{{name}}')}{{/each}}`,
    ),
  ],
  // Attributes and styles.
  ['a colour by expression', section(column('A'), ' background-color="{{event.properties.colour}}"')],
  [
    'a border by expression',
    inColumn('<mj-image src="https://a.example/x" alt="" border="2px dashed {{event.properties.colour}}" />'),
  ],
  ['a block in an attribute', section(column('A'), ' css-class="a {{#if offer}}b{{else}}c{{/if}}"')],
  ['a block in a style', text('<i style="color:{{#if offer}}red{{else}}#123{{/if}};margin:0">x</i>')],
  ['an attribute that comes and goes', text('<i {{#if offer}}title="{{offer.code}}"{{/if}} class="x">x</i>')],
  [
    'an expression in a class',
    section(column('A'), ' mj-class="tint"'),
    '<mj-attributes><mj-class name="tint" background-color="{{event.properties.colour}}" /></mj-attributes>',
  ],
  [
    'a default looked up in a loop',
    `{{#each cart.items}}${text('{{name}}')}{{/each}}`,
    '<mj-attributes><mj-text color="{{event.properties.colour}}" /></mj-attributes>',
  ],
  [
    'a style sheet',
    text('<p class="x">x</p>'),
    '<mj-style>.x { color: {{event.properties.colour}} }</mj-style>',
  ],
  [
    'a style that is copied in',
    text('<p class="x">x</p>'),
    '<mj-style inline="inline">.x { color: {{event.properties.colour}} }</mj-style>',
  ],
  [
    'quotes inside an expression',
    text(`<a href="{{default cart.url "https://a.example/"}}" title='{{default offer.code 'x"y'}}'>x</a>`),
  ],
  ['comparing inside an expression', text('{{#if (gt cart.count 2)}}<b>many</b>{{else}}few{{/if}}')],
  [
    'a link with values',
    inColumn('<mj-button href="https://a.example/{{cart.count}}?n={{cart.count}}&amp;x=1#y">Go</mj-button>'),
  ],
  ['a link that branches', text('<a href="{{#if cart.url}}{{cart.url}}{{else}}{{shop.url}}{{/if}}">x</a>')],
  [
    'a picture by expression',
    inColumn(
      '<mj-image src="{{shop.url}}a.png" alt="{{shop.name}}" title="{{customer.firstName}}" href="{{shop.url}}" />',
    ),
  ],
  [
    'a background picture by expression',
    section(column('A'), ' background-url="{{shop.url}}b.png" background-color="#fff"'),
  ],
  // Text.
  ['white space taken away', text('a {{~customer.firstName~}} b {{~#if offer~}} c {{~/if~}} d')],
  ['comments', `{{! one }}{{!-- two }} --}}${text('x{{! three }}')}<!-- four -->`],
  ['braces that are text', text('\\{{customer.firstName}} and {{customer.firstName}}')],
  ['a block by name', `{{#each cart.items as |one at|}}${text('{{one.name}} {{at}}')}{{/each}}`],
  ['entities', text('&lt;{{customer.firstName}}&gt; &amp; &nbsp;&#8364;')],
  ['a value between letters', text('x{{customer.firstName}}y<b>{{customer.firstName}}</b>z')],
  ['words in capitals', text('{{customer.firstName}}'), '<mj-style>P, .A { COLOR: RED }</mj-style>'],
]

/** A whole mail around a body and some of its head. */
export const hardMail = (body: string, head = ''): string =>
  `<mjml><mj-head><mj-title>For {{customer.firstName}}</mj-title>${head}</mj-head><mj-body>\n${body}\n${text('{{shop.address}} <a href="{{links.unsubscribe}}">Stop</a>')}\n</mj-body></mjml>`

/** What each is about, and its source. */
export const hardMails = mails.map(([about, body, head]) => [about, hardMail(body, head)] as const)
