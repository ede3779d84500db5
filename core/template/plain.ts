/**
 * The text part of a mail, made from the MJML rather than from its HTML: no layout tables, one line a table
 * row, links as numbered notes at its end. Tokens stay where they were, so blocks and loops work in it as in the HTML.
 */
import { attributeOf, type Element, isElement } from './document.ts'
import { decodeEntities } from './entity.ts'
import { type Piece, piecesOf } from './pieces.ts'
import { type Flat, tokenWord } from './token.ts'

const ownLines = new Set([
  ...['div', 'tr', 'ul', 'ol', 'table', 'li', 'blockquote'],
  ...['center', 'section', 'pre', 'dt', 'dd'],
])
const silent = new Set(['style', 'script', 'title'])

interface Writing {
  flat: Flat
  /** The word for a link: as it is, or as the number of a note at the end. */
  linkWord(url: string, as: 'plain' | 'note'): string
}

const squeeze = (text: string) => text.replace(/\s+/g, ' ')

interface Read {
  text: string
  /** The tag whose content is not shown. */
  hidden: string
  links: { url: string | undefined; from: number }[]
  cellFrom: number
  /** Lists under way: the number of the last item, none where they have no order, and where they began. */
  lists: { last: number | undefined; from: number }[]
  /** Where what is struck out began. */
  struckFrom: number
}

/** A break that melts with its neighbours, and the gap between two cells: `render.ts` settles both. */
const softBreak = '\u2028'
const gap = '\t'
const divider = '\n---\n\n'

/** HTML of an ending tag as text with tokens. */
function htmlToText(html: string, writing: Writing): string {
  const read: Read = { text: '', hidden: '', links: [], cellFrom: 0, lists: [], struckFrom: 0 }
  for (const piece of piecesOf(html)) {
    if ('tag' in piece) readTag(piece, { read, writing })
    else if (read.hidden === '') read.text += squeeze(piece.text)
  }
  return decodeEntities(read.text.replace(/ {2,}/g, ' '))
}

function readTag(
  { tag, closes, attributes }: Extract<Piece, { tag: string }>,
  { read, writing }: { read: Read; writing: Writing },
): void {
  if (read.hidden !== '') {
    if (closes && tag === read.hidden) read.hidden = ''
  } else if (silent.has(tag)) read.hidden = closes ? '' : tag
  else if (tag === 'br') read.text += '\n'
  else if (tag === 'hr') read.text += divider
  // Inside a link, what a picture shows is what the link says.
  else if (tag === 'img') read.text += read.links.length > 0 ? ` ${attributes.alt ?? ''} ` : ''
  else if (tag === 's' || tag === 'del') readStruck(closes, read)
  else if (tag === 'td' || tag === 'th') readCell(closes, { read, writing })
  else if (tag === 'a' && !closes) {
    read.links.push({ url: attributes.href, from: read.text.length })
  } else if (tag === 'a') read.text = closeAnchor(read.text, read.links.pop(), writing)
  else if (tag === 'p' || /^h[1-6]$/.test(tag)) read.text += '\n\n'
  else if (tag === 'ul' || tag === 'ol') readList(tag, { closes, read })
  else if (tag === 'li' && !closes) read.text += `${softBreak}${itemMark(read, writing)} `
  else if (ownLines.has(tag)) read.text += softBreak
}

/** What is struck out stands in brackets; nothing leaves none. */
function readStruck(closes: boolean, read: Read): void {
  if (!closes) {
    read.struckFrom = read.text.length
    return
  }
  const struck = read.text.slice(read.struckFrom).trim()
  read.text = read.text.slice(0, read.struckFrom) + (struck === '' ? '' : ` (${struck})`)
}

function readList(tag: 'ul' | 'ol', { closes, read }: { closes: boolean; read: Read }): void {
  read.text += softBreak
  if (closes) read.lists.pop()
  else read.lists.push({ last: tag === 'ol' ? 0 : undefined, from: read.text.length })
}

/** What an item of the innermost list begins with: how often a block repeats it is known at sending alone. */
function itemMark({ lists, text }: Read, { flat }: Writing): string {
  const list = lists.at(-1)
  if (list?.last === undefined) return '-'
  const words = text.slice(list.from).matchAll(flat.pattern)
  if ([...words].some(([, id]) => flat.tokens[Number(id)]?.kind === 'open')) return '-'
  list.last += 1
  return `${list.last}.`
}

/** Cells that show nothing, such as pictures, leave no gap. */
function readCell(closes: boolean, { read, writing }: { read: Read; writing: Writing }): void {
  if (!closes) {
    read.cellFrom = read.text.length
    return
  }
  const { pattern, tokens } = writing.flat
  const shown = read.text
    .slice(read.cellFrom)
    .replace(pattern, (word, id) => (tokens[Number(id)]?.kind === 'print' ? word : ''))
  if (decodeEntities(shown).replaceAll(softBreak, '').trim() !== '') read.text += gap
}

function closeAnchor(
  text: string,
  link: { url: string | undefined; from: number } | undefined,
  writing: Writing,
) {
  if (link?.url === undefined || link.url === '' || link.url.startsWith('#')) return text
  const label = text.slice(link.from).trim()
  if (label === '' || label === link.url)
    return text.slice(0, link.from) + writing.linkWord(link.url, 'plain')
  return `${text.slice(0, link.from)}${label}${writing.linkWord(link.url, 'note')}`
}

function write(element: Element, writing: Writing): string {
  const { tag, content } = element
  const href = attributeOf(element, 'href')
  if (tag === 'mj-raw' || tag === 'mj-style') return ''
  if (tag === 'mj-image') {
    const alt = attributeOf(element, 'alt')?.trim() ?? ''
    return href === undefined || alt === ''
      ? ''
      : `${decodeEntities(alt)}${writing.linkWord(href, 'note')}\n\n`
  }
  if (tag === 'mj-divider') return divider
  if (tag === 'mj-spacer') return '\n'
  if (content !== undefined) {
    const text = htmlToText(content, writing).trim()
    if (href === undefined || href === '') return text === '' ? '' : `${text}\n\n`
    return text === '' ? '' : `${text}${writing.linkWord(href, 'note')}\n\n`
  }
  return element.children.map((child) => (isElement(child) ? write(child, writing) : child.word)).join('')
}

/** The text part of a document's body, with tokens; adds tokens for its links. */
export function plainText(body: Element, flat: Flat): string {
  const nonce = flat.pattern.source.split('(')[0] ?? ''
  const linkWord = (url: string, as: 'plain' | 'note') => {
    const place = flat.placeAt(body.at)
    const id = flat.tokens.push({ kind: 'url', parts: decodeEntities(url), as, place }) - 1
    return tokenWord(nonce, id)
  }
  return write(body, { flat, linkWord })
}
