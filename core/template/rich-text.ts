/**
 * HTML of the shop's own that may stand in a mail unescaped: a few tags without attributes, and links. It is
 * checked by a strict list when settings are read, and once more where it is printed: what is not of the list is
 * printed as text. As the text part has it, it is words, line breaks and addresses.
 */
import { decodeEntities } from './entity.ts'
import { escapeHtml } from './escape.ts'

const pairs = ['b', 'em', 'i', 'li', 'ol', 'p', 's', 'strong', 'u', 'ul']
/** One tag: alone, opening (a link in the second group), or closing. */
const tag = new RegExp(
  `<(?:br ?/?|(${pairs.join('|')})|(a) href="(?:https?://|mailto:|tel:)[^"<>\\s]*"|/(a|${pairs.join('|')}))>`,
  'y',
)

/** What is wrong with a text as such HTML, or undefined when nothing is. */
export function richTextProblem(text: string): string | undefined {
  const open: string[] = []
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    tag.lastIndex = at
    const match = tag.exec(text)
    if (match === null) {
      const known = pairs.map((one) => `<${one}>`).join(' ')
      return `holds ${text.slice(at, at + 20)}; it may hold ${known} <br> and <a href="https://…">, without other attributes`
    }
    const [whole, pair, link, closed] = match
    const opened = pair ?? link
    if (opened !== undefined) open.push(opened)
    else if (closed !== undefined && open.pop() !== closed) return `holds ${whole} where another tag is open`
  }
  const left = open.at(-1)
  return left === undefined ? undefined : `never closes <${left}>`
}

/** The HTML as it can stand in the text of a page. */
export const safeRichText = (text: string): string =>
  richTextProblem(text) === undefined ? text : escapeHtml(text)

/** The HTML as plain text; links stand behind their words. */
export function plainRichText(text: string): string {
  if (richTextProblem(text) !== undefined) return text
  const words = text
    .replace(/\s+/g, ' ')
    .replace(/<a href="([^"]*)">(.*?)<\/a>/g, (_, url, label) => (label === url ? url : `${label}: ${url}`))
    .replace(/ ?<(?:br ?\/?|\/p|\/ul|\/ol|p)> ?/g, '\n')
    .replace(/ ?<li> ?/g, '\n- ')
    .replace(/<[^>]+>/g, '')
    .trim()
  return decodeEntities(words)
}
