/**
 * Our mails against the dear way to make them: Handlebars first, then MJML, for every customer. The pages are
 * compared as `normal` sees them, and from the body on: our head is written once, so it holds the styles of
 * parts that this customer does not see (the same effect, a superset).
 */
import fc from 'fast-check'
import { compileMail, type MailSource } from '#adapters/mjml'
import type { CompiledMail } from '#core/template/compiled'
import { renderMail } from '#core/template/render'
import type { View } from '#core/view'
import { hardMails } from '#test/core/template/hard-mails'
import { normal, renderNaively } from '#test/core/template/naive'
import { mail, view } from './random-mail.ts'

/** A mail of one file. */
export const sourceOf = (text: string): MailSource => ({
  name: 'm',
  mjml: { file: 'm.mjml', text },
  layout: {},
  strings: {},
  brand: { file: 'brand.yaml', text: "ink: '#222'\npaper: '#ffffff'" },
})

/** The mail, as it comes back from where it is stored. */
export async function compiledOf(source: MailSource): Promise<CompiledMail> {
  const result = await compileMail(source)
  if ('mail' in result) return JSON.parse(JSON.stringify(result.mail)) as CompiledMail
  const { line, column, message, cure } = result.problems[0] ?? {}
  throw new Error(`refused: ${line}:${column} ${message} → ${cure}`)
}

function bodyOf(html: string): string[] {
  const lines = normal(html)
  return lines.slice(lines.findIndex((line) => line.startsWith('<body')))
}

/** Both pages from the body on, as lines. */
export async function bothBodies(source: MailSource, of: { compiled: CompiledMail; view: View }) {
  const ours = renderMail(of.compiled, of.view, { locale: 'en' }).html
  const theirs = await renderNaively(source, { view: of.view, locale: 'en', strings: {} })
  return { ours: bodyOf(ours), theirs: bodyOf(theirs) }
}

async function difference(text: string, views: readonly View[]): Promise<string | undefined> {
  const source = sourceOf(text)
  const compiled = await compiledOf(source)
  for (const view of views) {
    const { ours, theirs } = await bothBodies(source, { compiled, view })
    const at = ours.findIndex((line, index) => line !== theirs[index])
    const differ = at >= 0 ? at : ours.length === theirs.length ? -1 : ours.length
    if (differ >= 0) return `ours:   ${ours[differ]}\n    theirs: ${theirs[differ]}`
  }
  return undefined
}

/** What is wrong with a hard mail, chosen by the seed, for `people` random customers. */
export async function checkHardMail(seed: number, people = 5): Promise<string | undefined> {
  const [about, text] = hardMails[seed % hardMails.length] ?? ['', '']
  const found = await difference(text, fc.sample(view, { numRuns: people, seed }))
  return found && `${about}\n    ${found}`
}

/** What is wrong with the mail of a seed for `people` customers, made as small as it stays wrong. */
export async function checkMail(seed: number, people = 5): Promise<string | undefined> {
  const views = fc.array(view, { minLength: people, maxLength: people })
  const same = fc.asyncProperty(mail, views, async (text, all) => {
    const found = await difference(text, all)
    if (found !== undefined) throw new Error(found)
  })
  const { failed, counterexample, errorInstance } = await fc.check(same, { seed, numRuns: 1 })
  if (!failed) return undefined
  const [text, all] = counterexample ?? []
  const said = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return `${said}\n    mail: ${text}\n    views: ${JSON.stringify(all)}`
}
