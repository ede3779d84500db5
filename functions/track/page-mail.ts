/**
 * Pages about a mail itself: the mail as it was sent, or that it can no longer be shown; and her second yes.
 * See `flow/track-online.ts` and `flow/track-confirm.ts`.
 */
import type { Shown } from '#flow/track-known'
import { type Page, pageOf, privately, say, visitShop } from './page.ts'
import { type Language, words } from './words.ts'

/** A mail's own styles and pictures, as mail programs allow them; nothing in it runs, is sent or framed. */
const mailPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline' https:",
  'font-src https:',
  'img-src https: http: data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The mail as a page. */
export const mailPage = (html: string): Page => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': mailPolicy,
    ...privately,
  },
  html,
})

/** When what the mail was made of is no longer kept. */
export function oldPage(language: Language, shown: Shown): Page {
  const said = words[language]
  const body = `<p>${say(said.old)}</p>\n${visitShop(said, shown)}`
  return pageOf({ status: 410, language, shown, title: said.oldTitle, body })
}

/** The question whether she wants mail: a button. */
export function confirmPage(language: Language, shown: Shown): Page {
  const said = words[language]
  const body = `<p>${say(said.confirm, { shop: shown.shop.name })}</p>
<form method="post">
<button>${say(said.confirmYes)}</button>
</form>
<p class="note">${say(said.confirmNote)}</p>`
  return pageOf({ language, shown, title: said.confirmTitle, body })
}

/** What stood there for her to say yes to: its proof. */
export const confirmWords = (language: Language, { shop }: Shown): string =>
  `${words[language].confirm.replace('{shop}', shop.name)} ${words[language].confirmYes}`

/** That she confirmed. */
export function confirmedPage(language: Language, shown: Shown): Page {
  const said = words[language]
  const body = `<p role="status">${say(said.confirmed, { shop: shown.shop.name })}</p>\n${visitShop(said, shown)}`
  return pageOf({ language, shown, title: said.confirmedTitle, body })
}
