/**
 * Escaping is chosen by the place a value stands in: text, attribute, link, style. Nothing a customer is called
 * breaks out of it.
 */
import { type DefaultTreeAdapterTypes as Dom, parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { aView, compilePage, renderPage } from './build.ts'

/** Names of the elements and attributes of a page, in order. */
function shapeOf(node: Dom.Node): string[] {
  const attributes = 'attrs' in node ? node.attrs.map(({ name }) => `@${name}`) : []
  const children = 'childNodes' in node ? node.childNodes : []
  return [node.nodeName, ...attributes, ...children.flatMap(shapeOf)]
}

const named = (firstName: string) => aView({ customer: { firstName } })

describe('a value is made safe for where it stands', () => {
  it.each([
    ['text', '<p>{{customer.firstName}}</p>', `<b>"&'`, '<p>&lt;b&gt;&quot;&amp;&#39;</p>'],
    ['attribute', '<p title="{{customer.firstName}}">', '"><script>', '<p title="&quot;&gt;&lt;script&gt;">'],
    ['single quotes', "<p title='{{customer.firstName}}'>", "' onload='x", "<p title='&#39; onload=&#39;x'>"],
    [
      'a name that runs the other way in a title',
      '<title>{{customer.firstName}}</title>',
      'ليلى',
      '<title>\u2068ليلى\u2069</title>',
    ],
    [
      'a number that people read',
      '<i alt="{{cart.count}}" width="{{cart.count}}">',
      '',
      '<i alt="1" width="1">',
    ],
    [
      'title',
      '<title>{{customer.firstName}}</title>',
      '</title><b>',
      '<title>&lt;/title&gt;&lt;b&gt;</title>',
    ],
    ['style attribute', '<p style="color:{{customer.firstName}}">', '#fff', '<p style="color:#fff">'],
    [
      'style that escapes',
      '<p style="color:{{customer.firstName}}">',
      'red;x:url(//e)',
      '<p style="color:unset">',
    ],
    [
      'style sheet',
      '<style>a{color:{{customer.firstName}} }</style>',
      '}</style><b>',
      '<style>a{color:unset }</style>',
    ],
    [
      'a link in a style, quoted as an attribute wants it',
      '<p style="background:url(&quot;{{customer.firstName}}&quot;)">',
      'https://a.example/x")',
      '<p style="background:url(&quot;https://a.example/x%22%29&quot;)">',
    ],
    [
      'picture of a style',
      `<p style="background:url('{{customer.firstName}}')">`,
      "https://a.example/x') url('//e",
      `<p style="background:url('https://a.example/x%27%29%20url%28%27//e')">`,
    ],
    [
      'a part of the link of a style',
      '<p style="background:url(\'https://a.example/{{customer.firstName}}.png\')">',
      "x') url('//e",
      '<p style="background:url(\'https://a.example/x%27%29%20url%28%27%2F%2Fe.png\')">',
    ],
    [
      'dots as a part of a link',
      '<a href="https://a.example/p/{{customer.firstName}}/x">',
      '..',
      '<a href="https://a.example/p//x">',
    ],
    [
      'link',
      '<a href="{{customer.firstName}}">',
      'https://a.example/?a=1&b="',
      '<a href="https://a.example/?a=1&amp;b=%22">',
    ],
    ['script as link', '<a href="{{customer.firstName}}">', 'JaVa\tScript:alert(1)', '<a href="#">'],
    ['data as link', '<a href="{{customer.firstName}}">', 'data:text/html,x', '<a href="#">'],
    ['protocol-relative', '<img src="{{customer.firstName}}">', '//evil.example', '<img src="#">'],
    [
      'part of a link',
      '<a href="https://a.example/?q={{customer.firstName}}">',
      'x&y=1#z ?',
      '<a href="https://a.example/?q=x%26y%3D1%23z%20%3F">',
    ],
    [
      'static ampersand of a link',
      '<a href="https://a.example/?a=1&amp;q={{customer.firstName}}">',
      'x',
      '<a href="https://a.example/?a=1&amp;q=x">',
    ],
    [
      'conditional comment',
      '<!--[if mso]><i title="{{customer.firstName}}"><![endif]-->',
      '"-->',
      '<!--[if mso]><i title="&quot;--&gt;"><![endif]-->',
    ],
    ['control characters', '<p>{{customer.firstName}}</p>', 'a\u0000\u0007b\u202ec', '<p>abc</p>'],
    ['a name that runs the other way', '<p>{{customer.firstName}}</p>', 'ليلى', '<p><bdi>ليلى</bdi></p>'],
    ['Bengali', '<p>{{customer.firstName}}</p>', 'আয়েশা', '<p>আয়েশা</p>'],
  ])('%s', (_, page, value, expected) => {
    const html = renderPage(page, { view: named(value) })

    expect(html).toBe(expected)
  })

  it('encodes what follows a branch as a part of the link', () => {
    const page =
      '<a href="{{#if cart.url}}{{cart.url}}{{else}}https://a.example/{{/if}}?name={{customer.firstName}}">'

    const html = renderPage(page, { view: named('a/b&c') })

    expect(html).toBe('<a href="https://a.example/?name=a%2Fb%26c">')
  })

  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '</title></style></td></table><h1>x',
    '{{shop.name}}',
    '-->]]><b>',
    '<![endif]--><b>',
    '\u202e<b>\u2066',
    '`x=`',
    '😀'.repeat(100),
  ]

  it.each(hostile)('makes no element of %j', (firstName) => {
    const page =
      '<div title="{{customer.firstName}}" style="color:{{customer.firstName}}"><p>{{customer.firstName}}</p>' +
      '<a href="{{customer.firstName}}">x</a><a href="https://a.example/{{customer.firstName}}">y</a></div>'

    const shape = (html: string) => shapeOf(parseFragment(html))
    const html = renderPage(page, { view: named(firstName) })

    expect(shape(html)).toEqual(shape(renderPage(page, { view: named('Mia') })))
  })

  it.each([
    ['an object', { nested: 1 }],
    ['an object that cannot be text', { toString: 'x' }],
    ['a list', ['a']],
    ['nothing', null],
    ['no number', Number.NaN],
  ])('prints nothing for %s', (_, value) => {
    const view = named('')
    const broken = { ...view, customer: { ...view.customer, firstName: value } } as unknown as typeof view

    const html = renderPage('<p>{{customer.firstName}}</p>', { view: broken })

    expect(html).toBe('<p></p>')
  })

  it('reads own properties only', () => {
    const page =
      '<p>{{event.properties.constructor}}{{event.properties.__proto__}}{{event.properties.toString.name}}</p>'
    const view = aView({ event: { name: 'x', properties: {} } })

    const html = renderPage(page, { view })

    expect(html).toBe('<p></p>')
  })
})

describe('links', () => {
  const links = (page: string) => {
    const seen: string[] = []
    const { mail } = compilePage(page)
    return { mail, seen }
  }

  it.each([
    ['a page of the shop', '<a href="{{cart.url}}">', true],
    ['a page written out', '<a href="https://a.example/x">', true],
    ['one made from parts', '<a href="{{default cart.url shop.url}}">', true],
    ['a link of ours', '<a href="{{links.unsubscribe}}">', false],
    ['one of two links of ours', '<a href="{{default links.online links.unsubscribe}}">', false],
    ['a picture', '<img src="{{shop.logo}}">', false],
  ])('tracks %s: %s → %s', (_, page, tracked) => {
    const { mail } = links(page)

    expect(JSON.stringify(mail.html).includes('"track":true')).toBe(tracked)
  })
})

describe('what leaves the page in another place is refused', () => {
  it.each([
    ['<p {{#if cart}}title="{{/if}}">', /different places/],
    ['<p {{customer.firstName}}="x">', /name of a tag or attribute/],
    ['<p title={{customer.firstName}}>', /needs quotes/],
    ['<p onclick="{{customer.firstName}}">', /would be a script/],
    ['<script>{{customer.firstName}}</script>', /cannot hold scripts/],
    ['<!-- {{customer.firstName}} -->', /in a comment/],
    ['<p>{{#if cart}}<b title="{{/if}}</p>', /different places/],
  ])('%s', (page, message) => {
    const { problems } = compilePage(page)

    expect(problems[0]?.message).toMatch(message)
  })
})

it('a constant with single quotes ends no attribute that is written with them', () => {
  const brand = { font: "'Segoe UI', serif" }
  const page = (text: string) => renderPage(text, { brand })

  expect(page(`<p title="it's" style='font-family:{{brand.font}}'>it's {{brand.font}}</p>`)).toBe(
    `<p title="it's" style='font-family:&#39;Segoe UI&#39;, serif'>it's 'Segoe UI', serif</p>`,
  )
  expect(page('<p lang=\'en\' style="font-family:x, {{brand.font}}">')).toBe(
    `<p lang='en' style="font-family:x, 'Segoe UI', serif">`,
  )
})
