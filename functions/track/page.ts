/**
 * Our own pages: one small document, readable at 375 px, without a line of JavaScript it needs and without
 * anything from elsewhere (a content security policy sees to that). Nothing on them names an address. Their
 * colours are the shop's (`functions/track/style.ts`); what stands on each is in `functions/track/page-*.ts`.
 */
import { createHash } from 'node:crypto'
import type { Shown } from '#flow/track-known'
import { styleOf } from './style.ts'
import { type Language, type Words, words } from './words.ts'

/** A page ready to be sent. */
export interface Page {
  status: number
  headers: Record<string, string>
  html: string
}

/** What a page says. `shown` is absent where we do not know whose page it is. */
interface Content {
  status?: number
  language: Language
  shown?: Pick<Shown, 'shop' | 'brand'>
  title: string
  /** HTML, what comes from outside escaped. */
  body: string
  /** A script that the page can do without. */
  script?: string
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as HTML, within an element or an attribute in quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? one)

/** A sentence with its names filled in, as HTML; `<bdi>` keeps a name's own direction to itself. */
export const say = (sentence: string, names: Record<string, string> = {}): string =>
  escapeHtml(sentence).replace(
    /\{(\w+)\}/g,
    (_, name: string) => `<bdi>${escapeHtml(names[name] ?? '')}</bdi>`,
  )

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Headers of what is for her eyes only: not kept, not told to others, not found by search engines. */
export const privately: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
}

/** Nothing is loaded, run or framed but this very style, and this very script where there is one. */
function policyOf(style: string, script: string | undefined): string {
  const scripts = script === undefined ? '' : ` script-src ${hashOf(script)}; connect-src 'self';`
  return `default-src 'none'; style-src ${hashOf(style)};${scripts} form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

function htmlOf(content: Content, style: string): string {
  const { language, shown, title, body, script } = content
  const { direction } = words[language]
  const shop = shown === undefined ? '' : `<p class="shop"><bdi>${escapeHtml(shown.shop.name)}</bdi></p>`
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${shop}
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${script === undefined ? '' : `<script>${script}</script>`}
</body>
</html>
`
}

/** The page of some content, with the headers that belong to it. */
export function pageOf(content: Content): Page {
  const style = styleOf(content.shown?.brand)
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-language': content.language,
    'content-security-policy': policyOf(style, content.script),
    ...privately,
  }
  return { status: content.status ?? 200, headers, html: htmlOf(content, style) }
}

/** The way back to the shop, at a page's end. */
export const visitShop = (said: Words, { shop }: Pick<Shown, 'shop'>): string =>
  `<p class="note"><a href="${escapeHtml(shop.url)}" rel="noreferrer">${say(said.visit, { shop: shop.name })}</a></p>`

/** For whatever is not a link of ours; it never says why. */
export function gonePage(language: Language): Page {
  const said = words[language]
  return pageOf({ status: 404, language, title: said.goneTitle, body: `<p>${say(said.gone)}</p>` })
}

/** When our own side failed. */
export function failedPage(language: Language): Page {
  const said = words[language]
  return pageOf({ status: 503, language, title: said.failedTitle, body: `<p>${say(said.failed)}</p>` })
}

/** When what was posted is not a form of ours. */
export function unreadPage(language: Language): Page {
  const said = words[language]
  return pageOf({ status: 400, language, title: said.failedTitle, body: `<p>${say(said.unread)}</p>` })
}
