/**
 * A tokenised MJML document as a small tree with the places of everything. MJML's "ending tags" hold HTML that
 * is kept as it is. It exists so that what MJML would silently drop or bend can be seen first. Next: `rule.ts`.
 */
import { nearest } from '#core/suggest'

export interface Attribute {
  name: string
  value: string
  /** Offset of the name in the document. */
  at: number
}

export interface Element {
  tag: string
  at: number
  attributes: Attribute[]
  children: Child[]
  /** What an ending tag holds, and the offset it begins at. */
  content?: string
  contentAt?: number
}

export type Child = Element | { word: string; token: number; at: number }

export const isElement = (child: Child): child is Element => 'tag' in child

/** What went wrong, at an offset of the document. */
export interface Complaint {
  at: number
  message: string
  cure: string
}

/** Tags that MJML leaves the content of alone. */
export const endingTags: ReadonlySet<string> = new Set([
  'mj-accordion-text',
  'mj-accordion-title',
  'mj-breakpoint',
  'mj-button',
  'mj-navbar-link',
  'mj-preview',
  'mj-raw',
  'mj-social-element',
  'mj-style',
  'mj-table',
  'mj-text',
  'mj-title',
  'mj-carousel-image',
])

const opening = /<([A-Za-z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>/y
const closing = /<\/([A-Za-z][\w-]*)\s*>/y
const skipped = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!doctype[^>]*>/iy
const attribute = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?/g

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

export type Read = { root: Element; comments: { at: number; text: string }[] } | { complaint: Complaint }

/** Reads a document; the first thing that is no MJML stops it. Comments are left out, and told apart. */
export function readDocument(text: string, token: RegExp): Read {
  if (!/<mjml[\s>]/.test(text)) return { complaint: noMail }
  const comments: { at: number; text: string }[] = []
  const top: Element = { tag: '', at: 0, attributes: [], children: [] }
  const open: Element[] = [top]
  let at = 0
  while (at < text.length) {
    const parent = open.at(-1) ?? top
    const step = readOne(text, at, { parent, token })
    if ('complaint' in step) return { complaint: misspelt(open) ?? step.complaint }
    if (step.comment) comments.push({ at, text: text.slice(at, step.next) })
    if (step.opened !== undefined) open.push(step.opened)
    if (step.closed !== undefined) {
      if (open.length === 1 || parent.tag !== step.closed)
        return { complaint: unmatched(parent, step.closed, at) }
      open.pop()
    }
    at = step.next
  }
  const left = open.at(-1)
  if (left !== undefined && left !== top) {
    const message = `<${left.tag}> is never closed`
    return { complaint: { at: left.at, message, cure: `write </${left.tag}> where it ends` } }
  }
  const root = rootOf(top)
  return 'message' in root ? { complaint: root } : { root, comments }
}

/** An open element that was meant to hold text, which is why what it holds cannot be read. */
function misspelt(open: readonly Element[]): Complaint | undefined {
  for (const { tag, at } of open) {
    const meant = nearest(tag, [...endingTags, 'mj-accordion-element'])
    if (meant !== undefined) {
      return { at, message: `there is no element <${tag}>`, cure: `did you mean <${meant}>?` }
    }
  }
  return undefined
}

function unmatched(parent: Element, closed: string, at: number): Complaint {
  if (parent.tag === '') return { at, message: `</${closed}> closes nothing`, cure: 'take it out' }
  const message = `</${closed}> stands where <${parent.tag}> is still open`
  return { at, message, cure: `close it first with </${parent.tag}>` }
}

function unclosed({ tag }: Element, before: string, at: number): Complaint {
  const met = /^<\/?[\w-]+/.exec(before)?.[0] ?? ''
  return {
    at,
    message: `${met}> stands in <${tag}>, which holds text and HTML only`,
    cure: `close it first with </${tag}>`,
  }
}

const noMail: Complaint = {
  at: 0,
  message: 'a mail is one <mjml> element',
  cure: 'begin with <mjml> and end with </mjml>',
}

function rootOf(top: Element): Element | Complaint {
  const root = top.children.filter(isElement)[0]
  const isMail = root !== undefined && root.tag === 'mjml' && top.children.length === 1
  return isMail ? root : { ...noMail, at: root?.at ?? 0 }
}

interface Step {
  next: number
  opened?: Element
  closed?: string
  comment?: boolean
}

function readOne(
  text: string,
  at: number,
  of: { parent: Element; token: RegExp },
): Step | { complaint: Complaint } {
  if (text[at] !== '<') return readText(text, at, of)
  const skip = matchAt(skipped, text, at)
  if (skip !== null) return { next: at + skip[0].length, comment: true }
  const close = matchAt(closing, text, at)
  if (close !== null) return { next: at + close[0].length, closed: close[1] ?? '' }
  const open = matchAt(opening, text, at)
  if (open === null) {
    return { complaint: { at, message: 'this tag cannot be read', cure: 'look for a missing > or quote' } }
  }
  const [whole, tag = '', attributes = '', slash] = open
  const element: Element = { tag, at, attributes: [], children: [] }
  const complaint = readAttributes(element, { text: attributes, at: at + 1 + tag.length, token: of.token })
  if (complaint !== undefined) return { complaint }
  of.parent.children.push(element)
  const next = at + whole.length
  if (slash === '/') return { next }
  if (!endingTags.has(tag)) return { next, opened: element }
  const end = text.indexOf(`</${tag}`, next)
  if (end < 0) {
    return { complaint: { at, message: `<${tag}> is never closed`, cure: `write </${tag}> where it ends` } }
  }
  const inside = text.slice(next, end)
  const foreign = tag === 'mj-raw' ? -1 : inside.search(/<\/?mj-/)
  if (foreign >= 0) return { complaint: unclosed(element, inside.slice(foreign), next + foreign) }
  element.content = inside
  element.contentAt = next
  return { next: text.indexOf('>', end) + 1 }
}

function readText(
  text: string,
  at: number,
  of: { parent: Element; token: RegExp },
): Step | { complaint: Complaint } {
  const end = text.indexOf('<', at)
  const next = end < 0 ? text.length : end
  const written = text.slice(at, next)
  let rest = 0
  for (const match of written.matchAll(of.token)) {
    const before = written.slice(rest, match.index)
    if (before.trim() !== '') return { complaint: loose(before, at + rest) }
    of.parent.children.push({ word: match[0], token: Number(match[1]), at: at + match.index })
    rest = match.index + match[0].length
  }
  const after = written.slice(rest)
  return after.trim() === '' ? { next } : { complaint: loose(after, at + rest) }
}

const loose = (written: string, from: number): Complaint => ({
  at: from + Math.max(0, written.search(/\S/)),
  message: `text between elements would be lost: “${written.trim().slice(0, 40)}”`,
  cure: 'put it into <mj-text> … </mj-text>',
})

function readAttributes(
  element: Element,
  of: { text: string; at: number; token: RegExp },
): Complaint | undefined {
  for (const match of of.text.matchAll(attribute)) {
    const [, name = '', double, single, bare] = match
    const at = of.at + match.index
    if (name.search(of.token) >= 0) {
      const message = `an expression cannot be the name of an attribute of <${element.tag}>`
      return { at, message, cure: 'write the attribute out and put the expression into its value' }
    }
    if (bare !== undefined || (double ?? single) === undefined) {
      return { at, message: `the value of \`${name}\` needs quotes`, cure: `write ${name}="…"` }
    }
    element.attributes.push({ name, value: double ?? single ?? '', at })
  }
  return undefined
}

/** The value of an attribute. */
export const attributeOf = (element: Element, name: string): string | undefined =>
  element.attributes.find((one) => one.name === name)?.value

/** A document that MJML reads, and the element behind each of its lines: MJML complains by line. */
export function writeDocument(root: Element): { text: string; lines: Element[] } {
  const lines: Element[] = []
  let text = ''
  const write = (element: Element) => {
    const attributes = element.attributes.map(({ name, value }) => ` ${name}="${oneLine(value)}"`).join('')
    text += `<${element.tag}${attributes}>`
    lines.push(element)
    if (element.content !== undefined) {
      for (const _ of element.content.matchAll(/\n/g)) lines.push(element)
      text += element.content
    } else {
      text += '\n'
      for (const child of element.children) {
        if (isElement(child)) write(child)
        else {
          text += `<mj-raw>${child.word}</mj-raw>\n`
          lines.push(element)
        }
      }
      lines.push(element)
    }
    text += `</${element.tag}>\n`
  }
  write(root)
  return { text, lines }
}

const oneLine = (value: string) => value.replace(/\s*\n\s*/g, ' ').replaceAll('"', '&quot;')
