/**
 * Every field of the view holds an attack, each with a mark of its own, and is printed in every place a value can
 * stand in. What comes out is read as a browser and as Outlook would: it has the elements, attributes, links and
 * styles of a harmless mail, and each value is where it belongs.
 */
import { type DefaultTreeAdapterTypes as Dom, parse, parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import type { CompiledMail } from '#core/template/compiled'
import { type Field, viewField } from '#core/template/field'
import { renderMail } from '#core/template/render'
import type { View } from '#core/view'
import { compiledOf, sourceOf } from '#test/oracle/mail'
import { compilePage } from './build.ts'
import { payloads } from './payloads.ts'

/** A field of the view, how a template prints it, and the loop it stands in. */
interface Leaf {
  name: string
  kind: string
  print: string
  loop: string | undefined
}

function leavesOf(field: Field, name: string, loop?: string): Leaf[] {
  if (field.is === 'object') {
    return Object.entries(field.fields).flatMap(([key, inner]) =>
      leavesOf(inner, name === '' ? key : `${name}.${key}`, loop),
    )
  }
  if (field.is === 'list') return leavesOf(field.of, `${name}[]`, name)
  const path = loop === undefined ? name : name.slice(loop.length + 3) || 'this'
  const kind = field.is === 'value' ? (field.kind ?? 'text') : 'any'
  const printed = field.is === 'any' ? `${path}.attack` : path
  return [{ name: field.is === 'any' ? `${name}.attack` : name, kind, print: printed, loop }]
}

const leaves = leavesOf(viewField, '')
/** HTML is the shop's own, and nothing else prints it: `core/template/rich-text.ts`. */
const printed = leaves.filter(({ kind }) => kind !== 'html')
const call = ({ kind, print }: Leaf) => (kind === 'money' || kind === 'date' ? `${kind} ${print}` : print)

/** Every place a value can stand in. */
function everywhere(leaf: Leaf): string {
  const one = `{{${call(leaf)}}}`
  const given = /\s/.test(call(leaf)) ? `(${call(leaf)})` : call(leaf)
  const page = `<div><p>${one}</p>
<i title="${one}" class='${one}' alt="${one}" lang="${one}">x</i><textarea>${one}</textarea>
<b style="color:${one};margin:0">x</b><style>.a{color:${one} }</style>
<u style="background:url('${one}')">x</u><s style="background:url(https://shop.example/${one})">x</s>
<a href="${one}">x</a><img src="${one}" alt="${one}"><table background="${one}" width="${one}"><tr><td>x</td></tr></table>
<a class="part" href="https://shop.example/p/${one}/x?q=${one}&amp;z=1#${one}">x</a>
<!--[if mso]><v:rect title="${one}" href="${one}"><v:fill src="${one}" color="${one}" /></v:rect><![endif]-->
<em>{{t "said" name=${given}}}</em></div>`
  return leaf.loop === undefined ? page : `{{#each ${leaf.loop}}}${page}{{/each}}`
}

const strings = { en: "said: 'You, <b>{name}</b>'" }

/** A view whose every leaf is what `value` says for it. */
function viewOf(value: (index: number) => string): View {
  let index = -1
  const fill = (field: Field): unknown => {
    if (field.is === 'object') {
      return Object.fromEntries(Object.entries(field.fields).map(([key, inner]) => [key, fill(inner)]))
    }
    if (field.is === 'list') return [fill(field.of)]
    index += 1
    return field.is === 'any' ? { attack: value(index) } : value(index)
  }
  // Nothing is of its type here: what is stored is hostile too.
  return fill(viewField) as View
}

const isElement = (node: Dom.Node): node is Dom.Element => 'attrs' in node

function* nodesOf(node: Dom.Node): Generator<Dom.Node> {
  yield node
  if ('data' in node && node.nodeName === '#comment') {
    // What Outlook sees.
    const inside = /^\[if[^\]]*\]>([\s\S]*)<!\[endif\]$/.exec(node.data)?.[1]
    if (inside !== undefined) for (const inner of parseFragment(inside).childNodes) yield* nodesOf(inner)
  }
  if ('childNodes' in node) for (const child of node.childNodes) yield* nodesOf(child)
}

/** Elements with the names of their attributes, and comments; a name that runs the other way is set apart. */
const shapeOf = (nodes: readonly Dom.Node[]): string[] =>
  nodes
    .filter(({ nodeName }) => nodeName !== '#text' && nodeName !== 'bdi')
    .map((node) =>
      isElement(node) ? [node.nodeName, ...node.attrs.map(({ name }) => name)].join(' ') : node.nodeName,
    )

const attributeOf = (node: Dom.Element, name: string) =>
  node.attrs.find((one) => one.name === name)?.value ?? ''
const textOf = (node: Dom.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''

const safeUrl = /^(#|https?:\/\/[^\s"'<>\\`]+|(mailto|tel):[^\s"'<>\\`]*)?$/
const safeStyles = [
  /^color:[#\w\s.,%-]*;margin:0$/,
  /^background:url\('(#|https?:\/\/[^'()\s]*|(mailto|tel):[^'()\s]*)'\)$/,
  /^background:url\(https:\/\/shop\.example\/[^'"()\s]*\)$/,
]

/** What of a page leads or looks elsewhere than its template says. */
function wrongIn(nodes: readonly Dom.Node[]): string[] {
  return nodes.filter(isElement).flatMap((node) => {
    const wrong = node.attrs
      .filter(({ name }) => ['href', 'src', 'background'].includes(name))
      .filter(({ value }) => !safeUrl.test(value))
    const style = attributeOf(node, 'style')
    if (style !== '' && !safeStyles.some((safe) => safe.test(style)))
      wrong.push({ name: 'style', value: style })
    const text = textOf(node)
    if (node.nodeName === 'style' && !/^\.a\{color:[#\w\s.,%-]* ?\}$/.test(text))
      wrong.push({ name: 'sheet', value: text })
    if (attributeOf(node, 'class') === 'part' && node.nodeName === 'a') wrong.push(...wrongPart(node))
    return wrong.map(({ name, value }) => `${node.nodeName} ${name}=${value}`)
  })
}

function wrongPart(node: Dom.Element) {
  const value = attributeOf(node, 'href')
  const { origin, pathname, searchParams } = new URL(value)
  const stays = origin === 'https://shop.example' && /^\/p\/[^/]*\/x$/.test(pathname)
  return stays && searchParams.get('z') === '1' && [...searchParams].length === 2
    ? []
    : [{ name: 'part', value }]
}

const parts = Array.from({ length: 4 }, (_, part) => printed.filter((_, index) => index % 4 === part))
const pages = parts.map((some) => {
  const { mail, problems } = compilePage(some.map(everywhere).join('\n'), { strings })
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return mail
})
const nodesIn = (mail: CompiledMail, view: View) => [
  ...nodesOf(parse(renderMail(mail, view, { locale: 'en' }).html)),
]
const harmless = pages.map((mail) =>
  shapeOf(
    nodesIn(
      mail,
      viewOf(() => 'Mia'),
    ),
  ),
)

/** Short ones stand alone, so that they are exactly what they are. */
const marked = (payload: string, index: number) => (payload.length < 3 ? payload : `${payload}m${index}e`)

describe('every field, in every place', () => {
  it('is a view of at least sixty fields and sixty attacks', () => {
    expect(printed.length).toBeGreaterThanOrEqual(60)
    expect(payloads.length).toBeGreaterThanOrEqual(60)
    expect(new Set(payloads).size).toBe(payloads.length)
  })

  it.each(payloads)('%j', (payload) => {
    const view = viewOf((index) => marked(payload, index))

    for (const [part, mail] of pages.entries()) {
      const nodes = nodesIn(mail, view)

      expect(shapeOf(nodes)).toEqual(harmless[part])
      expect(wrongIn(nodes)).toEqual([])
      const shown = nodes.filter(({ nodeName }) => nodeName === 'p').map(textOf)
      const marks = (parts[part] ?? []).map((leaf) =>
        leaf.kind === 'text' || leaf.kind === 'any' ? `m${leaves.indexOf(leaf)}e` : '',
      )
      if (payload.length >= 3) expect(shown.filter((text, at) => !text.endsWith(marks[at] ?? ''))).toEqual([])
    }
  })
})

const [name, product] = ['{{customer.firstName}}', '{{name}}']
const wholeMail = `---
from: '${name} of {{shop.name}}'
---
<mjml><mj-head><mj-title>${name} | {{event.properties.attack}}</mj-title><mj-preview>${name}</mj-preview>
<mj-attributes><mj-class name="x" color="${name}" /></mj-attributes><mj-style>.y{color:${name} }</mj-style>
<mj-style inline="inline">.z{color:${name} }</mj-style></mj-head>
<mj-body background-color="${name}"><mj-section background-color="${name}" background-url="${name}" css-class="${name}">
<mj-column border-radius="${name}"><mj-text mj-class="x" font-size="${name}">${name}<p class="z">{{event.properties.attack}}</p></mj-text>
<mj-button href="${name}" title="${name}" background-color="${name}">Go ${name}</mj-button>
<mj-button href="https://shop.example/p/${name}/x?q=${name}">Go</mj-button>
<mj-image src="${name}" alt="${name}" title="${name}" href="https://shop.example/${name}" />
<mj-social><mj-social-element name="facebook" href="${name}" alt="${name}">To ${name}</mj-social-element></mj-social>
<mj-table>{{#each cart.items}}<tr><td title="${product}">${product}</td></tr>{{/each}}</mj-table>
<mj-text>{{shop.address}} <a href="{{links.unsubscribe}}">x</a></mj-text></mj-column></mj-section></mj-body></mjml>`

describe('a whole mail, through MJML', async () => {
  const mail = await compiledOf(sourceOf(wholeMail))
  const shape = shapeOf(
    nodesIn(
      mail,
      viewOf(() => 'Mia'),
    ),
  )

  it.each(payloads)('%j', (payload) => {
    const view = viewOf((index) => marked(payload, index))

    const { subject, from } = renderMail(mail, view, { locale: 'en' })
    const nodes = nodesIn(mail, view)

    expect(shapeOf(nodes)).toEqual(shape)
    expect(
      nodes
        .filter(isElement)
        .flatMap(({ attrs }) => attrs)
        .filter(({ name, value }) => name === 'href' && !safeUrl.test(value)),
    ).toEqual([])
    for (const line of [subject, from]) {
      expect(line).toMatch(/\S/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066\u2067]/)
    }
  })
})

it('takes data of the names of prototypes for data', () => {
  const stored =
    '{"__proto__":{"firstName":"x"},"constructor":{"prototype":{"firstName":"y"}},"toString":"z"}'
  const { mail, problems } = compilePage(
    '<p>{{event.properties.valueOf}}{{event.properties.hasOwnProperty.name}}{{customer.firstName}}{{event.properties.toString}}</p>',
  )
  const view = {
    ...viewOf(() => 'Mia'),
    customer: JSON.parse(stored),
    event: { name: 'x', properties: JSON.parse(stored) },
  }

  const { html } = renderMail(mail, view, { locale: 'en' })

  expect(problems).toEqual([])
  expect(html).toBe('<p>z</p>')
  expect(Object.hasOwn(Object.prototype, 'firstName')).toBe(false)
})
