/**
 * Values made safe for the place they stand in. Customers' data is hostile: it may hold tags, quotes, control
 * characters, scripts as links, or letters that turn the line around. Each function gives a string that cannot
 * leave its place; none of them throws.
 */
import type { Context } from './compiled.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unwanted = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Without control characters and without those that override the direction of what follows. */
export const clean = (text: string): string => text.replace(unwanted, '')

/** The common signs of western texts are here for speed alone: one of them doubles the width of a whole page. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '€': '&euro;',
  '–': '&ndash;',
  '—': '&mdash;',
  '‘': '&lsquo;',
  '’': '&rsquo;',
  '“': '&ldquo;',
  '”': '&rdquo;',
  '…': '&hellip;',
}
const special = /[&<>"'€–—‘’“”…]/

/** For text and quoted attributes of HTML. */
export function escapeHtml(text: string): string {
  if (!special.test(text)) return text
  let escaped = ''
  for (const character of text) escaped += entities[character] ?? character
  return escaped
}

const leftToRight = /[A-Za-z\u00c0-\u058f\u0900-\u1fff\u2c00-\ufb1c]/
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Whether a value runs against the direction of the mail, so that it would pull its neighbours along. */
export const runsAgainst = (text: string, direction: 'ltr' | 'rtl'): boolean =>
  direction === 'ltr' ? rightToLeft.test(text) : leftToRight.test(text)

const schemes = /^(https?:\/\/|mailto:|tel:)/i

/** What a cleaned text is as a link: http, https, mailto or tel, with nothing that could end its place; else `#`. */
export function safeLink(text: string): string {
  const link = text.trim()
  if (!schemes.test(link)) return '#'
  return link.replace(/[\s"'<>\\^`{|}]/g, (character) => encodeURIComponent(character).replace("'", '%27'))
}

const loneHalf = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/**
 * A value as one part of a link, in its path, query or fragment (RFC 3986, 2.1): nothing in it can change where
 * the link leads. Lone dots would, as a part of a path, and are left out.
 */
export const escapePart = (text: string): string =>
  /^\.\.?$/.test(text)
    ? ''
    : encodeURIComponent(text.replace(loneHalf, '\ufffd')).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      )

/** A value of a style sheet: colours, lengths, names; anything else is `unset`. */
export const safeStyle = (text: string): string => (/^[#\w\s.,%-]{0,200}$/.test(text) ? text : 'unset')

/** A cleaned value, made safe for its place. */
export function escapeFor(context: Context, text: string): string {
  switch (context) {
    case 'text':
    case 'label':
    case 'attribute':
      return escapeHtml(text)
    case 'plain':
    case 'url':
      return text
    case 'urlPart':
      return escapePart(text)
    case 'css':
      return safeStyle(text)
    case 'cssUrl':
      return escapeHtml(safeLink(text).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29')))
  }
}
