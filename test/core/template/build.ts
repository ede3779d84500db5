/**
 * Mails for tests: a page with expressions compiled without MJML, and a view whose defaults are plain. What a
 * test sets is what matters to it.
 */
import type { CompiledMail } from '#core/template/compiled'
import { newFindings } from '#core/template/findings'
import { flatten } from '#core/template/flatten'
import { growPage, growText } from '#core/template/grow'
import type { Problem } from '#core/template/problem'
import { renderMail } from '#core/template/render'
import { rootScope } from '#core/template/scope'
import { compileStrings } from '#core/template/strings'
import type { View, ViewItem } from '#core/view'

export const anItem = (set: Partial<ViewItem> = {}): ViewItem => ({
  id: 'p1',
  name: 'Saree',
  price: 275_000,
  currency: 'BDT',
  quantity: 1,
  ...set,
})

export const aView = (set: Partial<View> = {}): View => ({
  customer: { firstName: 'Mia', timeZone: 'Asia/Dhaka' },
  cart: { id: 'c1', items: [anItem()], count: 1, total: 275_000, currency: 'BDT' },
  shop: { name: 'Nakshi', url: 'https://shop.example/', address: 'Road 5, Dhaka', currency: 'BDT' },
  links: { unsubscribe: 'https://go.example/u/token' },
  journey: { name: 'abandoned-cart' },
  now: '2026-11-24T13:00:00.000Z',
  ...set,
})

interface Page {
  /** Locale → YAML of strings below `mail:`. */
  strings?: Record<string, string>
  layout?: Record<string, string>
  brand?: Record<string, string | number>
  plain?: boolean
}

/** A page (or plain text) compiled as a mail's HTML, and what is wrong with it. */
export function compilePage(text: string, of: Page = {}): { mail: CompiledMail; problems: Problem[] } {
  const findings = newFindings()
  const layout = Object.fromEntries(
    Object.entries(of.layout ?? {}).map(([name, part]) => [name, { file: `${name}.mjml`, text: part }]),
  )
  const scope = rootScope(of.brand ?? {})
  const flat = flatten({ file: 'mail.mjml', text }, { layout, scope, findings })
  const files = Object.entries(of.strings ?? {}).map(([locale, lines]) => [
    locale,
    { file: `strings.${locale}.yaml`, text: `mail:\n${lines.replace(/^/gm, '  ')}\n` },
  ])
  const strings = compileStrings({ mail: 'mail', strings: Object.fromEntries(files) }, findings)
  const { problems } = findings
  const html = (of.plain ? growText : growPage)(flat.text, { flat, problems })
  const mail: CompiledMail = {
    schema: 1,
    subject: of.plain ? html : [],
    preheader: [],
    html,
    text: [],
    strings,
    fallback: 'en',
    variables: [...findings.variables],
    required: [...findings.required],
    htmlBytes: 0,
  }
  return { mail, problems }
}

/** A page rendered for a view; throws when it does not compile. */
export function renderPage(text: string, of: Page & { view?: View; locale?: string } = {}): string {
  const { mail, problems } = compilePage(text, of)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  const stored = JSON.parse(JSON.stringify(mail)) as CompiledMail
  return renderMail(stored, of.view ?? aView(), { locale: of.locale ?? 'en' }).html
}
