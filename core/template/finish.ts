/**
 * Second pass: from MJML's HTML with tokens to a compiled mail. It makes sure that MJML lost nothing, shortens
 * the page, gives every expression its context, and takes subject, preheader and text part from the document.
 */
import { limits } from '#core/limits'
import type { CompiledMail, Tree } from './compiled.ts'
import { isElement } from './document.ts'
import { decodeEntities } from './entity.ts'
import { growPage, growText } from './grow.ts'
import { minify } from './minify.ts'
import { plainText } from './plain.ts'
import { elementsOf, inOrder, type MailSource, type Prepared } from './prepare.ts'
import type { Problem } from './problem.ts'
import { fallbackLocale } from './strings.ts'

/** Keeps the first words of the mail out of the inbox's preview line. */
const padding = `<div style="display:none;max-height:0;overflow:hidden">${'&#847;&zwnj;&nbsp;'.repeat(60)}</div>`

const bytes = (tree: Tree): number => {
  let sum = 0
  for (const node of tree) {
    if (typeof node === 'string') sum += new TextEncoder().encode(node).length
    else if ('if' in node) sum += Math.max(bytes(node.yes), bytes(node.no))
    else if ('each' in node || 'with' in node) sum += bytes(node.do)
  }
  return sum
}

/** The compiled mail, or what is wrong with the page it would give. */
export function finish(
  html: string,
  of: { source: MailSource; prepared: Prepared },
): { mail: CompiledMail } | { problems: Problem[] } {
  const { flat, root, findings, strings, sender } = of.prepared
  const problems: Problem[] = [...lost(html, of.prepared)]
  const title = elementsOf(root, 'mj-title')[0]?.content ?? ''
  const preview = elementsOf(root, 'mj-preview')[0]?.content ?? ''
  const body = root.children.filter(isElement).find(({ tag }) => tag === 'mj-body') ?? root
  const plain = plainText(body, flat)
  const grown = { flat, problems }
  const page = growPage(minify(padded(html, preview)), grown)
  const subject = growText(decodeEntities(title.trim()), grown)
  const preheader = growText(decodeEntities(preview.trim()), grown)
  const before: Tree = preheader.length > 0 ? [...preheader, '\n\n'] : []
  const mail: CompiledMail = {
    schema: 1,
    subject,
    preheader,
    ...(sender && { from: growText(sender.text, { flat: sender, problems }) }),
    html: page,
    text: [...before, ...growText(plain, grown)],
    strings,
    fallback: fallbackLocale,
    variables: [...findings.variables].toSorted(),
    required: [...findings.required].toSorted(),
    htmlBytes: bytes(page),
  }
  if (problems.length === 0 && mail.htmlBytes > limits.template.htmlBytes) {
    const kilobytes = Math.ceil(mail.htmlBytes / 1024)
    const message = `the mail is ${kilobytes} KB before any data; Gmail cuts off what is beyond ${limits.template.htmlBytes / 1024}`
    problems.push({ file: of.source.mjml.file, line: 1, column: 1, message, cure: 'make it shorter' })
  }
  if (problems.length === 0 && JSON.stringify(mail).length > limits.template.compiledCharacters) {
    const message = 'the mail is too large to be kept'
    const cure = 'make it shorter, or put repeated parts into {{#each}}'
    problems.push({ file: of.source.mjml.file, line: 1, column: 1, message, cure })
  }
  return problems.length > 0 ? { problems: inOrder(problems) } : { mail }
}

/** Expressions that MJML dropped: nothing the marketer wrote may silently be missing from the mail. */
function lost(html: string, { flat, text, root }: Prepared): Problem[] {
  const written = new Set([...text.matchAll(flat.pattern)].map((match) => match[1]))
  // Defaults for elements that this mail does not have go nowhere, rightly.
  const defaults = JSON.stringify(elementsOf(root, 'mj-attributes'))
  for (const match of defaults.matchAll(flat.pattern)) written.delete(match[1])
  const kept = new Set([...html.matchAll(flat.pattern)].map((match) => match[1]))
  return [...written].flatMap((id) => {
    const token = flat.tokens[Number(id)]
    if (kept.has(id) || token === undefined) return []
    const message = 'this expression is lost: MJML puts it nowhere'
    return [
      { ...token.place, message, cure: 'use an attribute that the element knows, or put it into the text' },
    ]
  })
}

function padded(html: string, preview: string): string {
  if (preview === '') return html
  const end = html.indexOf('</div>', html.indexOf('<body'))
  return end < 0 ? html : `${html.slice(0, end + 6)}${padding}${html.slice(end + 6)}`
}
