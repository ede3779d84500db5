/**
 * Mails a marketer might write and that must not be published, each with what she is told first: line, column,
 * what is wrong and its cure. The table is also the list of what is checked. Expressions: `broken-language.test.ts`.
 */
import { describe, expect, it } from 'vitest'
import { compileMail } from '#adapters/mjml'
import { firstSaid, image, inColumn, inSection, inText, mailOf, source } from './broken.ts'

/** What is wrong, the source, and the first thing said of it. */
const broken: readonly (readonly [string, string, string])[] = [
  // Structure.
  [
    'no mail at all',
    '<p>Hello</p>',
    '1:1 a mail is one <mjml> element → begin with <mjml> and end with </mjml>',
  ],
  ['nothing', '', '1:1 a mail is one <mjml> element → begin with <mjml> and end with </mjml>'],
  [
    'an unclosed element',
    mailOf('<mj-section>'),
    '8:1 </mj-body> stands where <mj-section> is still open → close it first with </mj-section>',
  ],
  [
    'an end without an element',
    mailOf('</mj-section>'),
    '6:1 </mj-section> stands where <mj-body> is still open → close it first with </mj-body>',
  ],
  [
    'crossed elements',
    inSection('<mj-column></mj-section></mj-column>'),
    '6:24 </mj-section> stands where <mj-column> is still open → close it first with </mj-column>',
  ],
  [
    'an unclosed text',
    inColumn('<mj-text>x</mj-column></mj-section>'),
    '6:34 </mj-column> stands in <mj-text>, which holds text and HTML only → close it first with </mj-text>',
  ],
  [
    'an unreadable tag',
    mailOf('<mj-section padding="0></mj-section>'),
    '6:1 this tag cannot be read → look for a missing > or quote',
  ],
  [
    'an attribute without quotes',
    mailOf('<mj-section padding=0></mj-section>'),
    '6:13 the value of `padding` needs quotes → write padding="…"',
  ],
  [
    'text between elements',
    mailOf('<mj-section>\n  Hi there</mj-section>'),
    '7:3 text between elements would be lost: “Hi there” → put it into <mj-text> … </mj-text>',
  ],
  [
    'an unknown element',
    mailOf('<mj-sektion></mj-sektion>'),
    '6:1 there is no element <mj-sektion> → did you mean <mj-section>?',
  ],
  [
    'an unknown element that was to hold text',
    inColumn('<mj-buton href="{{shop.url}}"><b>Go</b></mj-buton>'),
    '6:24 there is no element <mj-buton> → did you mean <mj-button>?',
  ],
  [
    'text in an element that is spelt right',
    inColumn('<mj-accordion><mj-accordion-element>Go</mj-accordion-element></mj-accordion>'),
    '6:60 text between elements would be lost: “Go” → put it into <mj-text> … </mj-text>',
  ],
  [
    'an element of HTML between elements',
    inColumn('<p>x</p>'),
    '6:27 text between elements would be lost: “x” → put it into <mj-text> … </mj-text>',
  ],
  [
    'an attribute by another spelling',
    inColumn('<mj-text colour="red">x</mj-text>'),
    '6:33 <mj-text> has no attribute `colour` → did you mean `color`?',
  ],
  [
    'an unknown attribute',
    mailOf('<mj-section\n  padding="0"\n  colour="red"></mj-section>'),
    '8:3 <mj-section> has no attribute `colour` → see which it has: https://documentation.mjml.io/#mj-section',
  ],
  [
    'a wrong value',
    inColumn('<mj-divider border-color="reddish()" />'),
    '6:36 `border-color` of <mj-divider> cannot be "reddish()" → see what it can be: https://documentation.mjml.io/#mj-divider',
  ],
  [
    'an element in the wrong place',
    mailOf('<mj-text>x</mj-text>'),
    '6:1 <mj-text>: mj-text cannot be used inside mj-body, only inside: mj-attributes, mj-column, mj-hero → see https://documentation.mjml.io/#mj-text',
  ],
  [
    'an include',
    mailOf('<mj-include path="../secret.mjml" />'),
    '6:1 <mj-include> is not available → write {{> name}}: the file is templates/layout/name.mjml',
  ],
  [
    'a carousel',
    inColumn('<mj-carousel></mj-carousel>'),
    '6:24 <mj-carousel> is not available → show the pictures one below the other; few mail programs can turn pages',
  ],
  [
    'a menu',
    inColumn('<mj-navbar></mj-navbar>'),
    '6:24 <mj-navbar> is not available → write links into <mj-text>; few mail programs can open a menu',
  ],
  [
    'attributes by selector',
    mailOf('', '<mj-html-attributes></mj-html-attributes>'),
    '3:27 <mj-html-attributes> is not available → write the attributes where they belong, with <mj-raw> if need be',
  ],
  [
    'too many elements',
    mailOf('<mj-section></mj-section>\n'.repeat(2001)),
    '1:1 the mail has more than 2000 elements → make it smaller, or put repeated parts into {{#each}}',
  ],
  [
    'elements too deep',
    mailOf('<mj-wrapper>'.repeat(40) + '</mj-wrapper>'.repeat(40)),
    '1:1 elements are more than 32 deep → take some wrappers out',
  ],
  [
    'a file too long',
    `<mjml>${' '.repeat(262_144)}</mjml>`,
    '1:1 the file has more than 262144 characters → split it, or move pictures out of it',
  ],
  // Expressions and blocks where MJML cannot have them.
  [
    'an expression between elements',
    mailOf('{{customer.firstName}}'),
    '6:1 an expression between elements would be lost → put it into <mj-text> … </mj-text>',
  ],
  [
    'an expression as a tag',
    inText('<{{customer.firstName}}>'),
    '6:34 an expression cannot be the name of a tag or attribute → put it into the value of an attribute, or {{#if …}} around the whole',
  ],
  [
    'an expression as an attribute',
    mailOf('<mj-section {{customer.firstName}}="x"></mj-section>'),
    '6:13 an expression cannot be the name of an attribute of <mj-section> → write the attribute out and put the expression into its value',
  ],
  [
    'a padding by expression',
    mailOf('<mj-section padding="{{cart.count}}px"></mj-section>'),
    '6:13 `padding` of <mj-section> decides the layout and cannot hold an expression → write a number, or put {{#if …}} around two elements',
  ],
  [
    'a width by expression',
    inColumn(`<mj-image width="{{cart.count}}px" ${image} />`),
    '6:34 `width` of <mj-image> decides the layout and cannot hold an expression → write a number, or put {{#if …}} around two elements',
  ],
  [
    'a width by expression for a class',
    mailOf(
      '<mj-section><mj-column mj-class="x"></mj-column></mj-section>',
      '<mj-attributes><mj-class name="x" width="{{cart.count}}px" /></mj-attributes>',
    ),
    '3:61 `width` of <mj-column> decides the layout and cannot hold an expression → write a number, or put {{#if …}} around two elements',
  ],
  [
    'a padding by expression for all',
    mailOf('', '<mj-attributes><mj-all padding="{{cart.count}}px" /></mj-attributes>'),
    '3:50 `padding` of <mj-section> decides the layout and cannot hold an expression → write a number, or put {{#if …}} around two elements',
  ],
  [
    'a class by expression',
    mailOf('<mj-section mj-class="{{shop.name}}"></mj-section>'),
    '6:13 `mj-class` cannot depend on the customer → put {{#if …}} around two elements',
  ],
  [
    'a block around half an element',
    mailOf('{{#if cart}}<mj-section>{{/if}}</mj-section>'),
    '6:1 {{#if}} opens inside <mj-body> and closes outside it → open and close a block in one element, around whole elements',
  ],
  [
    'a block around the other half',
    mailOf('<mj-section>{{#if cart}}</mj-section>{{/if}}'),
    '6:13 {{#if}} closes inside <mj-body> and opens outside it → open and close a block in one element, around whole elements',
  ],
  [
    'a block from a text to another',
    inColumn('<mj-text>{{#if cart}}x</mj-text><mj-text>y{{/if}}</mj-text>'),
    '6:33 {{#if}} opens inside <mj-text> and closes outside it → open and close a block in one element, around whole elements',
  ],
  [
    'a block across an attribute',
    mailOf('<mj-section css-class="{{#if cart}}a"></mj-section>{{/if}}'),
    '6:13 {{#if}} opens inside the value of `css-class` and closes outside it → open and close a block in one element, around whole elements',
  ],
  [
    'a block in the head',
    mailOf('', '{{#if cart}}<mj-style>a{}</mj-style>{{/if}}'),
    '3:27 {{#if}} cannot stand directly in <mj-head> → put it around elements of <mj-body>, a section or a column',
  ],
  [
    'a block in copied styles',
    mailOf('', '<mj-style inline="inline">a{ {{#if cart}}color:red{{/if}} }</mj-style>'),
    '3:27 a block cannot stand in styles that are copied into elements → take `inline="inline"` away, or put the block into the element',
  ],
  [
    'a block in a comment',
    mailOf('<!-- {{#if cart}} x {{/if}} -->'),
    '6:1 a block in a comment would still be carried out → write {{!-- … --}} to comment it out',
  ],
  [
    'a loop over columns without width',
    inSection('{{#each cart.items}}<mj-column></mj-column>{{/each}}'),
    '6:33 a column beside {{#each}} or {{#with}} needs a width: how many there are depends on the customer → write width="50%" (or px) on every column, or put the block around whole sections',
  ],
  [
    'with around a column without width',
    inSection('{{#with cart}}<mj-column></mj-column>{{/with}}'),
    '6:27 a column beside {{#each}} or {{#with}} needs a width: how many there are depends on the customer → write width="50%" (or px) on every column, or put the block around whole sections',
  ],
  [
    'gap with a block',
    mailOf('<mj-wrapper gap="8px">{{#if cart}}<mj-section></mj-section>{{/if}}</mj-wrapper>'),
    '6:13 `gap` counts what stands between the elements, and blocks stand there → take `gap` out and give the elements padding',
  ],
  [
    'too many layouts',
    inSection('{{#if cart}}<mj-column></mj-column>{{/if}}'.repeat(5)),
    '6:1 this <mj-section> has more than 16 layouts: its columns depend on too many tests → write width="50%" (or px) on each column, or put {{#if …}} around whole sections',
  ],
  [
    'an expression that MJML leaves out',
    mailOf('<mj-section background-repeat="{{shop.name}}"></mj-section>'),
    '6:32 this expression is lost: MJML puts it nowhere → use an attribute that the element knows, or put it into the text',
  ],
  [
    'far too many layouts',
    inSection('{{#if cart}}<mj-column></mj-column>{{/if}}'.repeat(60)),
    '6:1 this <mj-section> has more than 16 layouts: its columns depend on too many tests → write width="50%" (or px) on each column, or put {{#if …}} around whole sections',
  ],
  [
    'too many elements in all layouts',
    inSection(`{{#if cart}}<mj-column>${'<mj-spacer />'.repeat(100)}</mj-column>{{/if}}`.repeat(4)),
    '1:1 with all layouts of its sections the mail has more than 2000 elements → write a width on the columns that stand in blocks',
  ],
  [
    'an attribute that nothing shows',
    inColumn('<mj-text href="{{shop.url}}">x</mj-text>'),
    '6:33 <mj-text> has no attribute `href` → see which it has: https://documentation.mjml.io/#mj-text',
  ],
  // Duties.
  [
    'no subject',
    mailOf('').replace('<mj-title>Hello</mj-title>', ''),
    '1:1 the mail has no subject → write <mj-title>{{t "subject"}}</mj-title> once in <mj-head>',
  ],
  [
    'two subjects',
    mailOf('', '<mj-title>Again</mj-title>'),
    '1:1 the mail has two subjects → write <mj-title>{{t "subject"}}</mj-title> once in <mj-head>',
  ],
  [
    'no way out',
    mailOf('').replace('{{> footer}}', ''),
    '1:1 the mail never shows `links.unsubscribe`, which the law wants in every mail → end <mj-body> with {{> footer}}',
  ],
  // For everybody to read.
  [
    'a picture without words',
    inColumn('<mj-image src="https://a.example/x" />'),
    '6:24 <mj-image> has no `alt`: many see a mail without its pictures, or hear it → write alt="what it shows", or alt="" when it is mere decoration',
  ],
  [
    'a picture in HTML without words',
    inText('\n<img src="https://a.example/x">'),
    '7:1 <img> has no `alt`: many see a mail without its pictures, or hear it → write alt="what it shows", or alt="" when it is mere decoration',
  ],
  [
    'a linked picture that says nothing',
    inColumn('<mj-image src="https://a.example/x" alt="" href="{{shop.url}}" />'),
    '6:24 this picture is a link, and its `alt` does not say where it leads → write alt="To the shop"',
  ],
  [
    'a link without words',
    inText('See <a href="{{shop.url}}"><img src="https://a.example/x" alt=""></a>'),
    '6:37 this link has no words → write where it leads, or give its picture an `alt`',
  ],
  [
    'a button without words',
    inColumn('<mj-button href="{{shop.url}}">&nbsp;</mj-button>'),
    '6:24 this link has no words → write where it leads, or give its picture an `alt`',
  ],
  [
    'a link that leads nowhere',
    inText('<a href="#">x</a>'),
    '6:33 this link leads nowhere → write href="{{shop.url}}", or take <a> out',
  ],
  [
    'a link over an open line',
    inText('<a href="http://shop.example/">x</a>'),
    '6:33 this link is not encrypted: http://shop.example/ → write https://',
  ],
  [
    'a link without a host',
    inText('<a href="/sale">x</a>'),
    '6:33 this link leads nowhere from a mail: /sale → write it whole, as in {{shop.url}}/sale or https://shop.example/sale',
  ],
  [
    'a link of another scheme',
    inText('<a href="javascript:x()">x</a>'),
    '6:33 mail programs follow no link that begins with javascript: → there are https:, mailto: and tel:',
  ],
  [
    'a picture inside the mail',
    inColumn('<mj-image src="data:image/png;base64,x" alt="x" />'),
    '6:34 mail programs follow no link that begins with data: → there are https:, mailto: and tel:',
  ],
  [
    'a picture over an open line',
    inColumn('<mj-image src="http://a.example/x" alt="" />'),
    '6:34 this link is not encrypted: http://a.example/x → write https://',
  ],
  [
    'pale text',
    inColumn('<mj-text color="#999">x</mj-text>'),
    '6:24 #999999 on #ffffff is hard to read: contrast 2.8, and 4.5 is the least → make the text darker or the background lighter, or the other way round',
  ],
  [
    'pale text by a class',
    mailOf(
      '<mj-section background-color="white"><mj-column><mj-text mj-class="pale">x</mj-text></mj-column></mj-section>',
      '<mj-attributes><mj-class name="pale" color="silver" /></mj-attributes>',
    ),
    '6:49 #c0c0c0 on #ffffff is hard to read: contrast 1.8, and 4.5 is the least → make the text darker or the background lighter, or the other way round',
  ],
  [
    'text like the card it lies on',
    mailOf(
      '<mj-wrapper background-color="#222"><mj-section><mj-column><mj-text color="#444">x</mj-text></mj-column></mj-section></mj-wrapper>',
    ),
    '6:60 #444444 on #222222 is hard to read: contrast 1.6, and 4.5 is the least → make the text darker or the background lighter, or the other way round',
  ],
  [
    'pale words on a button',
    inColumn('<mj-button href="{{shop.url}}" background-color="{{brand.accent}}">Buy</mj-button>'),
    '6:24 #ffffff on #8fc7b0 is hard to read: contrast 1.9, and 4.5 is the least → make the text darker or the background lighter, or the other way round',
  ],
  [
    'pale words inside a text',
    inText('Now <span style="color:#777;background:#eee">only</span>'),
    '6:37 #777777 on #eeeeee is hard to read: contrast 3.8, and 4.5 is the least → make the text darker or the background lighter, or the other way round',
  ],
  [
    'pale large words',
    inColumn('<mj-text font-size="24px" color="#aaa">x</mj-text>'),
    '6:24 #aaaaaa on #ffffff is hard to read: contrast 2.3, and 3 is the least → make the text darker or the background lighter, or the other way round',
  ],
]

describe('a mail that must not be published', () => {
  it.each(broken)('%s', async (_, text, expected) => {
    expect(await firstSaid(text)).toBe(expected)
  })
})

it('has nothing to say of a mail that is right', async () => {
  const text = inText(
    '{{#if cart}}<b>{{customer.firstName}}</b> <a href="{{shop.url}}/{{cart.id}}">x</a>{{/if}}',
  )

  expect(await firstSaid(text)).toBe('nothing')
})

it('says when compiling took too long', async () => {
  const times = [0, 10_001]

  const result = await compileMail(source(inText('x')), () => times.shift() ?? 0)

  expect(result).toHaveProperty('problems.0.message', 'compiling this mail took more than 10 seconds')
})
