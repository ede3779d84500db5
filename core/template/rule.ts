/**
 * What MJML would do wrong with expressions, refused with a place and a cure before MJML sees it: values that
 * its layout arithmetic needs to know, blocks that cross elements. The
 * list of attributes was found by substitution (compile a token and put the value in after, or the value at
 * once: same HTML?), not by reading MJML's documentation.
 */
import { limits } from '#core/limits'
import type { Settled } from './defaults.ts'
import { attributeOf, type Child, type Complaint, type Element, isElement } from './document.ts'
import { piecesOf } from './pieces.ts'
import type { Flat, Token } from './token.ts'

/** Percentages of these become numbers for Outlook. */
const backgrounds = [
  'background-position',
  'background-position-x',
  'background-position-y',
  'background-size',
]
const sides = ['padding', 'padding-left', 'padding-right']
const borders = ['border', 'border-left', 'border-right']
const innerBorders = borders.map((name) => `inner-${name}`)
/** Attributes that MJML reckons or chooses with: an expression there gives another mail than its value would. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  'mj-body': ['width'],
  'mj-section': [...backgrounds, ...sides, ...borders, 'full-width', 'gutter'],
  'mj-wrapper': [...backgrounds, ...sides, ...borders, 'full-width'],
  'mj-column': [...sides, ...borders, ...innerBorders, 'width'],
  'mj-group': ['width'],
  'mj-hero': [...sides, 'height', 'mode', 'padding-bottom', 'padding-top'],
  'mj-image': [...sides, ...borders, 'fluid-on-mobile', 'height', 'width'],
  'mj-divider': [...sides, 'align', 'width'],
  'mj-table': ['cellspacing', 'width'],
  'mj-button': ['width'],
  'mj-social': ['icon-size', 'mode'],
  'mj-social-element': ['icon-position', 'icon-size', 'name'],
  'mj-accordion': ['icon-position'],
  'mj-accordion-element': ['icon-position'],
  'mj-breakpoint': ['width'],
}

/** Elements of MJML that a mail cannot have, and what to do instead. */
export const refused: Readonly<Record<string, string>> = {
  'mj-include': 'write {{> name}}: the file is templates/layout/name.mjml',
  'mj-carousel': 'show the pictures one below the other; few mail programs can turn pages',
  'mj-navbar': 'write links into <mj-text>; few mail programs can open a menu',
  'mj-html-attributes': 'write the attributes where they belong, with <mj-raw> if need be',
}

/** Elements that may hold blocks between their children. */
const holders = new Set([
  'mj-body',
  'mj-wrapper',
  'mj-section',
  'mj-group',
  'mj-column',
  'mj-hero',
  'mj-social',
  'mj-accordion',
])

interface Checking {
  tokens: readonly Token[]
  pattern: RegExp
  settled: Settled
  found: Complaint[]
  elements: number
}

/** Everything in a document that must not go to MJML. */
export function complaintsOf(
  root: Element,
  { flat: { tokens, pattern }, settled }: { flat: Flat; settled: Settled },
): Complaint[] {
  const checking: Checking = { tokens, pattern, settled, found: [], elements: 0 }
  checkElement(root, { depth: 0, checking })
  const { elements, elementDepth } = limits.template
  if (checking.elements > elements) {
    const message = `the mail has more than ${elements} elements`
    checking.found.push({
      at: root.at,
      message,
      cure: 'make it smaller, or put repeated parts into {{#each}}',
    })
  }
  if (checking.found.some(({ message }) => message === tooDeep)) {
    return checking.found
      .filter(({ message }) => message !== tooDeep)
      .concat({
        at: root.at,
        message: `elements are more than ${elementDepth} deep`,
        cure: 'take some wrappers out',
      })
  }
  return checking.found
}

const tooDeep = 'too deep'

function checkElement(element: Element, at: { depth: number; checking: Checking }): void {
  const { checking, depth } = at
  checking.elements += 1
  if (depth > limits.template.elementDepth) {
    checking.found.push({ at: element.at, message: tooDeep, cure: '' })
    return
  }
  const cure = refused[element.tag]
  if (cure !== undefined) {
    checking.found.push({ at: element.at, message: `<${element.tag}> is not available`, cure })
  }
  checkAttributes(element, checking)
  if (element.content !== undefined) checkContent(element, element.content, checking)
  checkChildren(element, checking)
  for (const child of element.children) {
    if (isElement(child)) checkElement(child, { depth: depth + 1, checking })
  }
}

const tokensIn = (text: string, { pattern, tokens }: Checking) =>
  [...text.matchAll(pattern)].flatMap((match) => {
    const id = Number(match[1])
    const token = tokens[id]
    return token === undefined ? [] : [{ id, token, index: match.index }]
  })

const written = (token: Token | undefined) =>
  token?.kind === 'open' ? `{{#${token.written}}}` : 'an expression'

/** The attributes of an MJML element that must not depend on the customer. */
export const fixedNames = (tag: string): readonly string[] => fixed[tag] ?? []

function checkAttributes(element: Element, checking: Checking): void {
  const decisive = fixedNames(element.tag).flatMap((name) => checking.settled(element, name) ?? [])
  for (const { name, value, at } of decisive) {
    const startsWithNumber = /border/.test(name) && /^\d/.test(value)
    if (tokensIn(value, checking).length === 0 || startsWithNumber) continue
    checking.found.push({
      at,
      message: `\`${name}\` of <${element.tag}> decides the layout and cannot hold an expression`,
      cure: 'write a number, or put {{#if …}} around two elements',
    })
  }
  for (const { name, value, at } of element.attributes) {
    const inside = tokensIn(value, checking)
    if (name === 'mj-class' && inside.length > 0) {
      const message = '`mj-class` cannot depend on the customer'
      checking.found.push({ at, message, cure: 'put {{#if …}} around two elements' })
    }
    balance(inside, { at, checking, where: `the value of \`${name}\`` })
  }
}

function checkContent(element: Element, content: string, checking: Checking): void {
  const inside = tokensIn(content, checking)
  const from = element.contentAt ?? element.at
  const placed = inside.map(({ id, token, index }) => ({ id, token, at: from + index }))
  checkActive(element, content, checking)
  balance(placed, { at: element.at, checking, where: `<${element.tag}>` })
  const isInline = element.tag === 'mj-style' && attributeOf(element, 'inline') === 'inline'
  if (isInline && inside.some(({ token }) => token.kind !== 'print')) {
    checking.found.push({
      at: element.at,
      message: 'a block cannot stand in styles that are copied into elements',
      cure: 'take `inline="inline"` away, or put the block into the element',
    })
  }
}

/** Elements of HTML that mail programs take out, with what is in them. */
const dropped = new Set(['script', 'iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'base'])

function checkActive(element: Element, content: string, { found }: Checking): void {
  if (element.tag === 'mj-style') return
  for (const piece of piecesOf(content)) {
    if (!('tag' in piece) || piece.closes) continue
    const at = (element.contentAt ?? element.at) + piece.at
    if (dropped.has(piece.tag)) {
      const message = `a mail cannot hold <${piece.tag}>`
      found.push({ at, message, cure: 'take it out; mail programs drop it' })
    }
    const handler = Object.keys(piece.attributes).find((name) => /^on[a-z]/.test(name))
    if (handler === undefined) continue
    const message = `\`${handler}\` would be a script`
    found.push({ at, message, cure: 'take it out; mail programs drop it' })
  }
}

type Numbered = { id: number; token: Token; at?: number }

/** Blocks open and close in one place: the same attribute, the same text, the same element. */
function balance(inside: readonly Numbered[], of: { at: number; checking: Checking; where: string }): void {
  const open: number[] = []
  for (const { id, token, at = of.at } of inside) {
    if (token.kind === 'open') open.push(id)
    if (token.kind !== 'else' && token.kind !== 'close') continue
    if (open.at(-1) !== token.of) {
      of.checking.found.push(crossing(of.checking.tokens[token.of], { at, where: of.where, ends: true }))
      return
    }
    if (token.kind === 'close') open.pop()
  }
  const left = open.at(-1)
  if (left !== undefined) {
    const at = inside.find(({ id }) => id === left)?.at ?? of.at
    of.checking.found.push(crossing(of.checking.tokens[left], { at, where: of.where, ends: false }))
  }
}

const crossing = (token: Token | undefined, of: { at: number; where: string; ends: boolean }): Complaint => ({
  at: of.at,
  message: `${written(token)} ${of.ends ? 'closes' : 'opens'} inside ${of.where} and ${of.ends ? 'opens' : 'closes'} outside it`,
  cure: 'open and close a block in one element, around whole elements',
})

function checkChildren(element: Element, checking: Checking): void {
  const words = element.children.filter((child): child is Exclude<Child, Element> => !isElement(child))
  if (words.length === 0) return
  const inside = words.flatMap(({ token: id, at }) => {
    const token = checking.tokens[id]
    return token === undefined ? [] : [{ id, token, at }]
  })
  for (const { token, at } of inside) {
    if (token.kind === 'print') {
      const message = 'an expression between elements would be lost'
      checking.found.push({ at, message, cure: 'put it into <mj-text> … </mj-text>' })
    }
  }
  const [first] = inside
  if (first === undefined || first.token.kind === 'print') return
  if (!holders.has(element.tag)) {
    const message = `${written(first.token)} cannot stand directly in <${element.tag}>`
    const cure = 'put it around elements of <mj-body>, a section or a column'
    checking.found.push({ at: first.at, message, cure })
    return
  }
  balance(inside, { at: element.at, checking, where: `<${element.tag}>` })
}
