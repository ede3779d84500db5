/**
 * The text part of a mail, made from the MJML rather than from its HTML: no layout tables, one line a table
 * row, links after their label. Tokens stay where they were, so blocks and loops work in it as in the HTML.
 */
import { attributeOf, type Element, isElement } from './document.ts'
import type { Flat } from './flatten.ts'
import { tokenWord } from './flatten.ts'
import { decodeEntities } from './grow.ts'

const tagOrText = /<!--[\s\S]*?-->|<(\/?)([a-z][\w-]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>|[^<]+|</gi

const ownLines = new Set(['p', 'div', 'h1', 'h2', 'h3', 'h4', 'tr', 'ul', 'ol', 'table', 'li', 'blockquote'])
const silent = new Set(['style', 'script', 'title'])

interface Writing {
  flat: Flat
  /** Numbers a link, and answers with its word. */
  linkWord(url: string): string
}

const attributeIn = (attributes: string, name: string): string | undefined => {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes)
  return match?.[1] ?? match?.[2]
}

const squeeze = (text: string) => text.replace(/\s+/g, ' ')

/** HTML of an ending tag as text with tokens. */
function htmlToText(html: string, writing: Writing): string {
  let text = ''
  let hidden = ''
  const links: { url: string | undefined; from: number }[] = []
  for (const match of html.matchAll(tagOrText)) {
    const [whole, slash, tagName, attributes = ''] = match
    const tag = tagName?.toLowerCase()
    if (tag === undefined) {
      if (!whole.startsWith('<!--') && hidden === '') text += squeeze(whole)
      continue
    }
    if (hidden !== '') {
      if (slash === '/' && tag === hidden) hidden = ''
      continue
    }
    if (silent.has(tag) && slash !== '/') hidden = tag
    else if (tag === 'br') text += '\n'
    else if (tag === 'td' || tag === 'th') text += slash === '/' ? '  ' : ''
    else if (tag === 'a' && slash !== '/')
      links.push({ url: attributeIn(attributes, 'href'), from: text.length })
    else if (tag === 'a') text = closeAnchor(text, links.pop(), writing)
    else if (ownLines.has(tag)) text += tag === 'li' && slash !== '/' ? '\n- ' : '\n'
  }
  return decodeEntities(text)
}

function closeAnchor(
  text: string,
  link: { url: string | undefined; from: number } | undefined,
  writing: Writing,
) {
  if (link?.url === undefined || link.url === '' || link.url.startsWith('#')) return text
  const label = text.slice(link.from).trim()
  if (label === '' || label === link.url) return text.slice(0, link.from) + writing.linkWord(link.url)
  return `${text.slice(0, link.from)}${label}: ${writing.linkWord(link.url)}`
}

function write(element: Element, writing: Writing): string {
  const { tag, content } = element
  const href = attributeOf(element, 'href')
  if (tag === 'mj-raw' || tag === 'mj-style' || tag === 'mj-image') return ''
  if (tag === 'mj-divider') return '\n---\n\n'
  if (tag === 'mj-spacer') return '\n'
  if (content !== undefined) {
    const text = htmlToText(content, writing).trim()
    if (href === undefined || href === '') return text === '' ? '' : `${text}\n\n`
    return text === '' ? '' : `${text}: ${writing.linkWord(href)}\n\n`
  }
  return element.children.map((child) => (isElement(child) ? write(child, writing) : child.word)).join('')
}

/** The text part of a document's body, with tokens; adds tokens for its links. */
export function plainText(body: Element, flat: Flat): string {
  const nonce = flat.pattern.source.split('(')[0] ?? ''
  const linkWord = (url: string) => {
    const place = flat.placeAt(body.at)
    const id = flat.tokens.push({ kind: 'url', parts: decodeEntities(url), place }) - 1
    return tokenWord(nonce, id)
  }
  return write(body, { flat, linkWord })
}
