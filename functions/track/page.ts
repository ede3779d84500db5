/**
 * Our own pages: one small document, readable at 375 px, without a line of JavaScript and without anything
 * from elsewhere (a content security policy sees to that). Nothing on them names an address.
 */
import { createHash } from 'node:crypto'
import type { Unsubscribing } from '#flow/track'
import { type Language, nameIn, words } from './words.ts'

export interface Page {
  status: number
  language: Language
  html: string
}

const style = `
:root{color-scheme:light dark;--ink:#1d1d1b;--soft:#5c5a55;--paper:#f6f3ee;--card:#fff;--line:#e4ded4;--button:#1d1d1b;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#f3efe8;--soft:#b3ada2;--paper:#171614;--card:#211f1c;--line:#37332d;--button:#f3efe8;--on:#171614}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--paper);color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans Bengali","Noto Sans",sans-serif}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:32px 28px;overflow-wrap:anywhere}
.shop{margin:0 0 20px;color:var(--soft);font-size:15px}
h1{margin:0 0 12px;font-size:24px;line-height:1.3}
p{margin:0 0 20px}
form{display:grid;gap:12px}
button{width:100%;min-height:52px;padding:12px 18px;border-radius:12px;border:1px solid var(--button);background:var(--button);color:var(--on);font:inherit;font-weight:600;cursor:pointer;overflow-wrap:anywhere}
button.plain{background:transparent;color:var(--ink);border-color:var(--line);font-weight:500}
button:focus-visible,a:focus-visible{outline:3px solid #2f6fde;outline-offset:2px}
.note{margin:24px 0 0;color:var(--soft);font-size:15px}
a{color:inherit}
`

const styleHash = createHash('sha256').update(style).digest('base64')

/** Headers of every page: nothing is loaded, run, framed, cached or told to others. */
export const pageHeaders = (language: Language): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-language': language,
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
})

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? one)

/** A sentence with its names filled in, as HTML; `<bdi>` keeps a name's own direction to itself. */
const say = (sentence: string, names: Record<string, string>): string =>
  escapeHtml(sentence).replace(
    /\{(\w+)\}/g,
    (_, name: string) => `<bdi>${escapeHtml(names[name] ?? '')}</bdi>`,
  )

function documentOf(language: Language, of: { title: string; shop?: string; body: string }): string {
  const { direction } = words[language]
  const shop = of.shop === undefined ? '' : `<p class="shop"><bdi>${escapeHtml(of.shop)}</bdi></p>`
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(of.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${shop}
<h1>${escapeHtml(of.title)}</h1>
${of.body}
</main>
</body>
</html>
`
}

/** The question: a button for the topic of the mail, one for all mail. Shown on GET; changes nothing. */
export function askPage(language: Language, of: Unsubscribing): Page {
  const said = words[language]
  const topic = of.topic === undefined ? '' : nameIn(of.topic.names, language)
  const names = { shop: of.shop.name, topic }
  const stopTopic = `<button name="from" value="topic">${say(said.stopTopic, names)}</button>`
  const stopAll = (kind: string) =>
    `<button name="from" value="all"${kind}>${say(said.stopAll, names)}</button>`
  const buttons = of.topic === undefined ? stopAll('') : `${stopTopic}\n${stopAll(' class="plain"')}`
  const body = `<p>${say(of.topic === undefined ? said.askAll : said.ask, names)}</p>
<form method="post">
${buttons}
</form>
<p class="note">${escapeHtml(said.note)}</p>`
  return {
    status: 200,
    language,
    html: documentOf(language, { title: said.title, shop: of.shop.name, body }),
  }
}

/** What was done. */
export function donePage(language: Language, of: Unsubscribing & { from: 'topic' | 'all' }): Page {
  const said = words[language]
  const topic = of.topic === undefined ? '' : nameIn(of.topic.names, language)
  const names = { shop: of.shop.name, topic }
  const stopAll =
    of.from === 'all'
      ? ''
      : `<form method="post">
<button name="from" value="all" class="plain">${say(said.stopAll, names)}</button>
</form>`
  const body = `<p>${say(of.from === 'all' ? said.doneAll : said.done, names)}</p>
${stopAll}
<p class="note">${escapeHtml(said.note)}</p>
<p class="note"><a href="${escapeHtml(of.shop.url)}" rel="noreferrer">${say(said.visit, names)}</a></p>`
  return {
    status: 200,
    language,
    html: documentOf(language, { title: said.doneTitle, shop: of.shop.name, body }),
  }
}

/** For whatever is not a link of ours; it never says why. */
export function gonePage(language: Language): Page {
  const said = words[language]
  const body = `<p>${escapeHtml(said.gone)}</p>`
  return { status: 404, language, html: documentOf(language, { title: said.goneTitle, body }) }
}

/** When our own side failed. */
export function failedPage(language: Language): Page {
  const said = words[language]
  const body = `<p>${escapeHtml(said.failed)}</p>`
  return { status: 503, language, html: documentOf(language, { title: said.failedTitle, body }) }
}
