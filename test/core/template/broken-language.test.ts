/**
 * Expressions a marketer might write and that must not be published, each with what she is told first: line,
 * column, what is wrong and its cure. Structure and content: `broken.test.ts`.
 */
import { describe, expect, it } from 'vitest'
import { firstSaid, inText, mailOf } from './broken.ts'

/** What is wrong, the source, and the first thing said of it. */
const broken: readonly (readonly [string, string, string])[] = [
  // Braces.
  [
    'a block that is not closed',
    inText('\n{{#each cart.items}}\n{{name}}'),
    '7:1 {{#each}} is never closed → write {{/each}} where it ends',
  ],
  [
    'a block closed by another name',
    inText('{{#if cart}}x{{/each}}'),
    '6:46 {{/each}} stands where {{#if}} of line 6 is still open → close it first with {{/if}}',
  ],
  ['an end without a block', inText('x{{/if}}'), '6:34 {{/if}} closes nothing → take it out'],
  ['an else without a block', inText('{{else}}'), '6:33 {{else}} stands outside a block → take it out'],
  [
    'three closing braces in a style',
    mailOf('', '<mj-style>.a{color:{{shop.name}}}</mj-style>'),
    '3:57 `}}}` closes an expression that `{{` opened → put a space before the last `}`, as in `{ color: {{brand.color}} }`',
  ],
  [
    'an expression that is none',
    inText('{{ 1+2 }}'),
    '6:33 this expression cannot be read: {{ 1+2 }}</mj-text></mj-column></mj-section> → write {{customer.firstName}} or {{money cart.total}}',
  ],
  [
    'an unclosed expression',
    inText('{{shop.name'),
    '6:33 this expression cannot be read: {{shop.name</mj-text></mj-column></mj-section> → write {{customer.firstName}} or {{money cart.total}}',
  ],
  [
    'three braces',
    inText('{{{customer.firstName}}}'),
    '6:33 three braces print unescaped HTML, which customers’ data must never be → write two braces; HTML of your own belongs into the template itself',
  ],
  [
    'a raw block',
    inText('{{{{raw}}}}x{{{{/raw}}}}'),
    '6:33 {{{{raw}}}} opens a raw block, which is not part of the language → write \\{{ where braces are to be text',
  ],
  [
    'a decorator',
    inText('{{*x}}'),
    '6:33 inline partials and decorators ({{* …}}, {{#* …}}) are not part of the language → put the piece into a file of templates/layout and write {{> its-name}}',
  ],
  [
    'an inline partial',
    inText('{{#*inline "x"}}y{{/inline}}'),
    '6:33 inline partials and decorators ({{* …}}, {{#* …}}) are not part of the language → put the piece into a file of templates/layout and write {{> its-name}}',
  ],
  // Names.
  [
    'an unknown field',
    inText('{{customer.firstNam}}'),
    '6:35 unknown field `customer.firstNam` → did you mean `customer.firstName`?',
  ],
  [
    'an unknown name',
    inText('{{custmer.firstName}}'),
    '6:35 unknown field `custmer.firstName` → did you mean `customer`?',
  ],
  [
    'an unknown function',
    inText('{{mony cart.total}}'),
    '6:33 there is no function `mony` → did you mean `money`?',
  ],
  [
    'an unknown block',
    inText('{{#iff cart}}x{{/iff}}'),
    '6:33 there is no block {{#iff}} → did you mean {{#if}}?',
  ],
  [
    'an unknown string',
    inText('{{t "subjct"}}'),
    '6:33 there is no string `subjct` for mail in strings.en.yaml → did you mean "subject"?',
  ],
  [
    'an unknown layout file',
    mailOf('{{> foter}}'),
    '6:1 there is no templates/layout/foter.mjml → did you mean {{> footer}}?',
  ],
  [
    'an unknown constant',
    inText('{{brand.colr}}'),
    '6:35 `brand.colr` is not in templates/brand.yaml → did you mean `brand.color`?',
  ],
  [
    'a mistake in a layout file',
    mailOf('{{> broken}}'),
    'broken.mjml:3:16 unknown field `customer.nme` → known here: firstName, lastName, locale, timeZone, gender, occupation, birthday, region, interests, since, years, orderCount, lifetimeValue, favouriteCategories',
  ],
  [
    'a file of the layout that is not told what it speaks of',
    mailOf('{{> outer}}'),
    '6:1 {{> outer}} is not told `title`, of which inner.mjml speaks → write {{> outer title=…}}',
  ],
  [
    'one that wants a constant of the brand',
    mailOf('{{> branded}}'),
    'branded.mjml:1:33 `brand.paper` is not in templates/brand.yaml → add `paper` to templates/brand.yaml',
  ],
  [
    'words as a context',
    inText('{{#with (t "subject" name=customer.region)}}<a href="{{this}}">x</a>{{/with}}'),
    '6:33 {{#with}} opens a field, and `t` says words → write {{t …}} where the words are to stand',
  ],
  [
    'words within a call as a context',
    inText('{{#with (default customer.firstName (t "subject"))}}<a href="{{this}}">x</a>{{/with}}'),
    '6:33 {{#with}} opens a field, and `t` says words → write {{t …}} where the words are to stand',
  ],
  [
    'one that is told it under another name',
    mailOf('\n  {{> inner titel="x"}}'),
    '7:3 {{> inner}} is not told `title`, of which inner.mjml speaks → write `title=` for `titel=`',
  ],
  [
    'a layout file in itself',
    mailOf('{{> round}}'),
    'round.mjml:1:1 templates/layout/round.mjml contains itself → take {{> round}} out of it',
  ],
  [
    'a list printed whole',
    inText('{{cart.items}}'),
    '6:33 `cart.items` is a list → walk it with {{#each …}} … {{/each}}',
  ],
  [
    'an amount without money',
    inText('{{cart.total}}'),
    '6:33 `cart.total` is an amount in small units → write {{money cart.total}}',
  ],
  ['a date without date', inText('{{now}}'), '6:33 `now` is a date → write {{date now}}'],
  [
    'a field of the view inside a loop',
    inText('{{#each cart.items}}{{shop.name}}{{/each}}'),
    '6:55 unknown field `shop.name` → inside a loop, write `@root.shop.name`',
  ],
  [
    'a name of the prototype',
    inText('{{customer.constructor}}'),
    '6:35 unknown field `customer.constructor` → known here: firstName, lastName, locale, timeZone, gender, occupation, birthday, region, interests, since, years, orderCount, lifetimeValue, favouriteCategories',
  ],
  [
    'the prototype',
    inText('{{customer.__proto__}}'),
    '6:35 unknown field `customer.__proto__` → known here: firstName, lastName, locale, timeZone, gender, occupation, birthday, region, interests, since, years, orderCount, lifetimeValue, favouriteCategories',
  ],
  // What is not safe.
  [
    'a script',
    inText('<script>{{shop.name}}</script>'),
    '6:33 a mail cannot hold <script> → take it out; mail programs drop it',
  ],
  [
    'a handler',
    inText('<i onclick="{{shop.name}}">x</i>'),
    '6:33 `onclick` would be a script → take it out; mail programs drop it',
  ],
  [
    'a frame',
    inText('<iframe srcdoc="{{shop.name}}"></iframe>'),
    '6:33 a mail cannot hold <iframe> → take it out; mail programs drop it',
  ],
  [
    'a script without an expression',
    mailOf('<mj-raw><p>x</p><script>x()</script></mj-raw>'),
    '6:17 a mail cannot hold <script> → take it out; mail programs drop it',
  ],
  [
    'a handler without an expression',
    inText('<i title="once" onclick="x()">x</i>'),
    '6:33 `onclick` would be a script → take it out; mail programs drop it',
  ],
  [
    'a page that moves on',
    mailOf('', '<mj-raw><meta http-equiv="refresh" content="0;url={{shop.url}}"></mj-raw>'),
    '3:77 an attribute of <meta> cannot depend on the customer → take <meta> out; mail programs drop it',
  ],
  [
    'an attribute without quotes in HTML',
    inText('<i title={{shop.name}}>x</i>'),
    '6:42 an attribute with an expression needs quotes → write name="{{…}}"',
  ],
  [
    'a branch that opens an attribute',
    inText('{{#if cart}}<b title="{{/if}}'),
    'footer.mjml:1:59 an expression cannot be the name of a tag or attribute → put it into the value of an attribute, or {{#if …}} around the whole',
  ],
  [
    'a value behind a host',
    inText('<a href="https://shop.example{{customer.region}}">x</a>'),
    '6:62 a value straight behind the host of a link could lead to another host → write a / between them, as in https://shop.example/{{…}}',
  ],
  [
    'a value as a host',
    inText('<a href="https://{{customer.region}}/">x</a>'),
    '6:50 a value straight behind the host of a link could lead to another host → write a / between them, as in https://shop.example/{{…}}',
  ],
  [
    'a value behind a link',
    inText('<a href="{{shop.url}}{{customer.region}}">x</a>'),
    '6:54 a value straight behind the host of a link could lead to another host → write a / between them, as in https://shop.example/{{…}}',
  ],
  [
    'a value behind a host of a branch',
    inText('<a href="{{#if cart}}https://a.example{{else}}https://a.example/{{/if}}{{shop.name}}">x</a>'),
    '6:104 a value straight behind the host of a link could lead to another host → write a / between them, as in https://shop.example/{{…}}',
  ],
  [
    'a value behind the host of a picture',
    inText('<i style="background:url(https://a.example{{shop.name}})">x</i>'),
    '6:75 a value straight behind the host of a link could lead to another host → write a / between them, as in https://shop.example/{{…}}',
  ],
  [
    'a string that is told a value as a link',
    inText('<a href="{{t "subject" name=customer.region}}">x</a>'),
    '6:42 a string that is told values cannot be where a link begins: they could lead to another host → keep the values out of the string and write them behind it: {{t "shop"}}?name={{…}}',
  ],
  [
    'the same inside a function, in a style',
    inText('<i style="background:url({{default event.name (t "subject" name=customer.region)}})">x</i>'),
    '6:58 a string that is told values cannot be where a link begins: they could lead to another host → keep the values out of the string and write them behind it: {{t "shop"}}?name={{…}}',
  ],
  [
    'a loop as a host',
    inText('<a href="{{#each cart.items}}{{url}}{{/each}}">x</a>'),
    '6:42 a loop cannot write the host of a link → begin the link with https://shop.example/ or {{shop.url}}/, and loop behind it',
  ],
]

describe('an expression that cannot be', () => {
  it.each(broken)('%s', async (_, text, expected) => {
    expect(await firstSaid(text)).toBe(expected)
  })
})
