/**
 * Second pass, the heart: from a page with tokens to a tree, every expression with the context it stands in.
 * Attributes that hold links become link nodes. A block must leave the page where it found it; what stands
 * where no value is safe is refused. Used by `finish.ts`.
 */
import type { Context, Expression, Node, Tree } from './compiled.ts'
import { decodeEntities } from './entity.ts'
import { safeStyle } from './escape.ts'
import { atStart, type Standing, sameStanding, step } from './markup.ts'
import type { Problem } from './problem.ts'
import type { Flat, Token } from './token.ts'

const urlAttributes = new Set([
  ...['href', 'src', 'background', 'action', 'poster', 'cite', 'formaction', 'xlink:href'],
  ...['data', 'ping', 'longdesc', 'lowsrc', 'dynsrc', 'codebase', 'manifest', 'icon'],
])
/** Elements that load or do something, whatever their attributes are; mail programs drop them. */
const active = new Set([
  ...['script', 'iframe', 'frame', 'object', 'embed', 'applet', 'meta', 'base', 'link', 'param'],
  ...['svg', 'math', 'animate', 'set', 'use', 'image', 'foreignobject'],
])

const labels = new Set(['alt', 'title', 'aria-label', 'aria-description', 'summary'])

interface Open {
  nodes: Tree
  /** The token that opened it; none for the page itself and for a link. */
  token?: number
  before: Standing
  /** Where the first branch ended, once there was an `else`. */
  branch?: { nodes: Tree; ended: Standing }
}

interface Growing {
  flat: Flat
  problems: Problem[]
  /** What text around the expressions is: a page, or plain text. */
  plain: boolean
  standing: Standing
  stack: Open[]
}

const top = (growing: Growing): Open => growing.stack.at(-1) ?? { nodes: [], before: growing.standing }

function push(nodes: Tree, node: Node): void {
  const last = nodes.length - 1
  const before = nodes[last]
  if (typeof node === 'string' && typeof before === 'string') nodes[last] = before + node
  else if (node !== '') nodes.push(node)
}

/** The tree of an HTML page with tokens. Problems are added to `problems`. */
export const growPage = (text: string, of: { flat: Flat; problems: Problem[] }): Tree =>
  grow(text, { ...of, plain: false })

/** The tree of plain text with tokens. */
export const growText = (text: string, of: { flat: Flat; problems: Problem[] }): Tree =>
  grow(text, { ...of, plain: true })

function grow(text: string, of: { flat: Flat; problems: Problem[]; plain: boolean }): Tree {
  const root: Open = { nodes: [], before: atStart() }
  const growing: Growing = { ...of, standing: atStart(), stack: [root] }
  let at = 0
  for (const match of text.matchAll(of.flat.pattern)) {
    growStatic(text.slice(at, match.index), growing)
    growToken(Number(match[1]), growing)
    at = match.index + match[0].length
  }
  growStatic(text.slice(at), growing)
  return root.nodes
}

function growStatic(text: string, growing: Growing): void {
  if (growing.plain) return push(top(growing).nodes, text)
  const { standing } = growing
  let flushed = 0
  let at = 0
  while (at < text.length) {
    const wasIn = inLink(standing)
    const next = step(text, at, standing)
    if (!wasIn && inLink(standing)) {
      push(top(growing).nodes, text.slice(flushed, next))
      growing.stack.push({ nodes: [], before: { ...standing } })
      flushed = next
    } else if (wasIn && !inLink(standing)) {
      push(top(growing).nodes, decodeEntities(text.slice(flushed, next - 1)))
      closeLink(growing)
      flushed = next - 1
    }
    at = next
  }
  const rest = text.slice(flushed)
  push(top(growing).nodes, inLink(standing) ? decodeEntities(rest) : rest)
}

const inLink = ({ mode, attribute }: Standing) => mode === 'value' && urlAttributes.has(attribute)

/** Turns what was gathered in a link's attribute into a node. Static links that nobody tracks stay text. */
function closeLink(growing: Growing): void {
  const open = growing.stack.pop()
  if (open === undefined) return
  const { tag, attribute } = open.before
  const isAnchor = (tag === 'a' || tag === 'area') && attribute === 'href'
  const [only] = open.nodes
  const isStatic = open.nodes.length === 0 || (open.nodes.length === 1 && typeof only === 'string')
  const address = typeof only === 'string' ? only : ''
  const { nodes } = top(growing)
  if (isStatic && !(isAnchor && /^https?:/i.test(address))) push(nodes, encodeEntities(address))
  else nodes.push({ url: markParts(open.nodes), track: isAnchor && !isOwn(open.nodes), as: 'attribute' })
}

/** A link made by us for this message, such as `links.unsubscribe`. */
const isOwn = (nodes: Tree): boolean => {
  const [only] = nodes
  if (nodes.length !== 1 || typeof only !== 'object' || !('print' in only)) return false
  return ownLinks(only.print)
}
const ownLinks = (expression: Expression): boolean =>
  'path' in expression
    ? expression.frame === 0 && expression.path[0] === 'links'
    : 'call' in expression && expression.call !== 't' && expression.with.every(ownLinks)

/** What follows the start of a link is only a part of it and is encoded as such. */
export function markParts(tree: Tree): Tree {
  let started = false
  const mark = (nodes: Tree): Tree =>
    nodes.map((node): Node => {
      if (typeof node === 'string') {
        started ||= node.trim() !== ''
        return node
      }
      if ('print' in node) {
        const as: Context = started ? 'urlPart' : 'url'
        started = true
        return { ...node, as }
      }
      const before = started
      const branch = (inner: Tree) => {
        started = before
        const marked = mark(inner)
        return { marked, ended: started }
      }
      const both = (yes: Tree, no: Tree) => {
        const first = branch(yes)
        const second = branch(no)
        started = first.ended || second.ended
        return [first.marked, second.marked] as const
      }
      if ('if' in node) {
        const [yes, no] = both(node.yes, node.no)
        return { ...node, yes, no }
      }
      if ('each' in node || 'with' in node) {
        const [body, none] = both(node.do, node.none)
        return { ...node, do: body, none }
      }
      return node
    })
  return mark(tree)
}

function refuse(token: Token, growing: Growing, says: { message: string; cure: string }): void {
  growing.problems.push({ ...token.place, ...says })
}

function growToken(id: number, growing: Growing): void {
  const token = growing.flat.tokens[id]
  if (token === undefined) return
  switch (token.kind) {
    case 'print':
      return growPrint(token, growing)
    case 'open':
      if (!growing.plain) checkBlockPlace(token, growing)
      growing.stack.push({ nodes: [], token: id, before: { ...growing.standing } })
      return
    case 'else':
      return growElse(token, growing)
    case 'close':
      return growClose(token, growing)
    case 'url':
      return growUrl(token, growing)
  }
}

function growUrl(token: Extract<Token, { kind: 'url' }>, growing: Growing): void {
  const parts = growText(token.parts, growing)
  top(growing).nodes.push({ url: markParts(parts), track: !isOwn(parts), as: token.as })
}

function growPrint(token: Extract<Token, { kind: 'print' }>, growing: Growing): void {
  const context = contextAt(growing)
  if (typeof context !== 'string') return refuse(token, growing, context)
  const { expression } = token
  if (context === 'css' && 'value' in expression && safeStyle(String(expression.value)) === 'unset') {
    const message = `this value cannot stand in a style: ${expression.value}`
    return refuse(token, growing, { message, cure: "write it in brand.yaml with single quotes (') only" })
  }
  if (isLink(context) && hostIsOpen(growing.standing)) {
    return refuse(token, growing, {
      message: 'a value straight behind the host of a link could lead to another host',
      cure: 'write a / between them, as in https://shop.example/{{…}}',
    })
  }
  if (startsLink(context, growing.standing) && isToldData(expression)) {
    return refuse(token, growing, {
      message: 'a string that is told values cannot be where a link begins: they could lead to another host',
      cure: 'keep the values out of the string and write them behind it: {{t "shop"}}?name={{…}}',
    })
  }
  if (isHtml(expression) && context !== 'text' && context !== 'plain') {
    const message = 'HTML can stand in text only, not in an attribute, title or style'
    return refuse(token, growing, { message, cure: 'move it between the tags' })
  }
  growing.standing.gone += valueMark
  top(growing).nodes.push({ print: expression, as: context })
}

/** Whether a value in this place is a link from its beginning on. */
const startsLink = (context: Context, { gone }: Standing) =>
  context === 'cssUrl' || (context === 'url' && gone.trim() === '')

/** Whether an expression may come out as words of the shop with a customer's among them. */
const isToldData = (expression: Expression): boolean => {
  if (!('call' in expression)) return false
  const { call, with: values, named = {} } = expression
  if (call === 't') return Object.keys(named).length > 0
  return [...values, ...(call === 'image' ? Object.values(named) : [])].some(isToldData)
}

/** HTML of the shop's own, which is printed as it is. */
const isHtml = (expression: Expression) => 'call' in expression && expression.call === 'html'

function contextAt({ plain, standing }: Growing): Context | { message: string; cure: string } {
  if (plain) return 'plain'
  switch (standing.mode) {
    case 'text':
      return 'text'
    case 'title':
      return 'label'
    case 'style':
      return styleContext(standing)
    case 'value':
      return contextOfAttribute(standing)
    case 'script':
      return { message: 'a mail cannot hold scripts', cure: 'take <script> out; mail programs drop it' }
    case 'comment':
      return { message: 'an expression in a comment is lost', cure: 'write {{!-- … --}} to comment it out' }
    case 'bare value':
    case 'before value':
      return { message: 'an attribute with an expression needs quotes', cure: 'write name="{{…}}"' }
    case 'tag':
    case 'name':
      return {
        message: 'an expression cannot be the name of a tag or attribute',
        cure: 'put it into the value of an attribute, or {{#if …}} around the whole',
      }
  }
}

/** What of a URL in a style has gone by; undefined outside of one. */
const goneOfUrl = ({ gone }: Standing) => /url\(\s*(?:['"]|&quot;|&#39;|&apos;)?([^)'"]*)$/i.exec(gone)?.[1]

const styleContext = (standing: Standing): Context => {
  const gone = goneOfUrl(standing)
  if (gone === undefined) return 'css'
  return gone.trim() === '' ? 'cssUrl' : 'urlPart'
}

/** Stands in what has gone by for a value. */
const valueMark = '\u0001'
const isLink = (context: Context) => context === 'url' || context === 'urlPart'

/** Whether what comes next would still be a part of the host that a link leads to. */
const hostIsOpen = (standing: Standing) =>
  new RegExp(`^\\s*(?:${valueMark}|https?://|//)[^/?#]*$`, 'i').test(
    standing.mode === 'value' && standing.attribute !== 'style' ? standing.gone : (goneOfUrl(standing) ?? ''),
  )

function contextOfAttribute(standing: Standing): Context | { message: string; cure: string } {
  const { attribute, tag } = standing
  if (active.has(tag)) {
    const message = `an attribute of <${tag}> cannot depend on the customer`
    return { message, cure: `take <${tag}> out; mail programs drop it` }
  }
  if (attribute.startsWith('on')) {
    return { message: `\`${attribute}\` would be a script`, cure: 'take it out; mail programs drop it' }
  }
  if (attribute === 'style') return styleContext(standing)
  if (attribute === 'srcset') return { message: '`srcset` cannot hold an expression', cure: 'use `src`' }
  if (urlAttributes.has(attribute)) return 'url'
  return labels.has(attribute) ? 'label' : 'attribute'
}

function checkBlockPlace(token: Extract<Token, { kind: 'open' }>, growing: Growing): void {
  const { standing } = growing
  const { mode, gone } = standing
  if (token.block.opens === 'each' && inLink(standing) && (gone.trim() === '' || hostIsOpen(standing))) {
    refuse(token, growing, {
      message: 'a loop cannot write the host of a link',
      cure: 'begin the link with https://shop.example/ or {{shop.url}}/, and loop behind it',
    })
  }
  if (mode === 'name' || mode === 'bare value' || mode === 'before value' || mode === 'script') {
    refuse(token, growing, {
      message: 'a block cannot stand here, inside a name or a value without quotes',
      cure: 'put quotes around the value',
    })
  }
}

/** The block that `token` continues; complains when another one is open. */
function opened(token: Token & { of: number }, growing: Growing): Open | undefined {
  const open = growing.stack.at(-1)
  if (open !== undefined && open.token === token.of) return open
  const opener = growing.flat.tokens[token.of]
  const place = opener ?? token
  refuse(place, growing, {
    message: 'this block opens in one place of the page and closes in another',
    cure: 'open and close it in the same element or attribute',
  })
  return undefined
}

function growElse(token: Token & { of: number }, growing: Growing): void {
  const open = opened(token, growing)
  if (open === undefined) return
  open.branch = { nodes: open.nodes, ended: { ...growing.standing } }
  open.nodes = []
  growing.standing = { ...open.before }
}

function growClose(token: Token & { of: number }, growing: Growing): void {
  const open = opened(token, growing)
  if (open === undefined) return
  growing.stack.pop()
  const opener = growing.flat.tokens[token.of]
  if (opener === undefined || opener.kind !== 'open') return
  const expected = open.branch?.ended ?? open.before
  if (hostIsOpen(expected)) growing.standing.gone = expected.gone
  if (!growing.plain && !sameStanding(expected, growing.standing)) {
    refuse(opener, growing, {
      message: 'the two ways through this block leave the page in different places',
      cure: 'open and close tags and quotes inside the same branch',
    })
  }
  const first = open.branch?.nodes ?? open.nodes
  const second = open.branch === undefined ? [] : open.nodes
  const { block } = opener
  const { nodes } = top(growing)
  if (block.opens === 'if') nodes.push({ if: block.test, yes: first, no: second })
  else if (block.opens === 'with')
    nodes.push({ with: block.value, frame: block.frame, do: first, none: second })
  else {
    const limit = block.limit === undefined ? {} : { limit: block.limit }
    nodes.push({ each: block.list, frame: block.frame, ...limit, do: first, none: second })
  }
}

const encodeEntities = (text: string) =>
  text.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`)
