/**
 * What is only seen when a mail is made for somebody: every sample customer gets it in her own language, and
 * the one whose mail is largest in each; what she would not like to get is told. One who lacks what the mail
 * requires gets none, and is left out. The customers are those of `core/sample.ts`; called by `cli/stage/draft.ts`.
 */
import { error, type Finding, warning } from './finding.ts'
import { limits } from './limits.ts'
import type { SampleView } from './sample.ts'
import type { CompiledMail } from './template/compiled.ts'
import { placeAt, type SourceFile } from './template/problem.ts'
import { missingFrom, type RenderedMail, renderMail } from './template/render.ts'

/** A mail, the file it was made of, and whom it is tried with. */
export interface Tried {
  mail: CompiledMail
  source: SourceFile
  samples: readonly SampleView[]
  /** The shop's own people get it: it needs no way out. */
  toShop: boolean
}

interface Made extends RenderedMail {
  /** Whom it was made for, and in which language. */
  who: string
  bytes: number
  sample: SampleView
}

/** What is wrong with a mail for some sample customer; each kind is told once, of the worst. */
export function checkSamples(tried: Tried): Finding[] {
  const samples = tried.samples.filter(({ view }) => missingFrom(tried.mail, view).length === 0)
  const own = samples.map((sample) => make(tried.mail, sample, sample.locale))
  const largest = own.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (largest === undefined) return tried.samples.length === 0 ? [] : [forNobody(tried)]
  const locales = Object.keys(tried.mail.strings)
  const made = [...own, ...locales.map((locale) => make(tried.mail, largest.sample, locale))]
  return [
    ...tooLarge(made, tried.source),
    ...withoutSubject(made, tried.source),
    ...withoutText(made, tried.source),
    ...(tried.toShop ? [] : withoutWayOut(made, tried.source)),
  ]
}

/** A mail that cannot be tried: whether it is ever sent, only real customers show. */
function forNobody({ mail, source, samples }: Tried): Finding {
  const lacked = mail.required.filter((name) =>
    samples.every(({ view }) => missingFrom(mail, view).includes(name)),
  )
  const names = (lacked.length > 0 ? lacked : mail.required).map((name) => `\`${name}\``).join(' and ')
  const message = `no sample customer has ${names}, which this mail requires: it was tried with nobody`
  return warning({ ...top(source), message, cure: 'see that something fills it, or require less' })
}

/** Links as long as the real ones: what click tracking makes of them. */
const trackedLink = `https://links.shop.example/c/${'x'.repeat(60)}`
const characters = new TextEncoder()

function make(mail: CompiledMail, sample: SampleView, locale: string): Made {
  const rendered = renderMail(mail, sample.view, { locale, link: () => trackedLink })
  const who = `the sample customer “${sample.title}” in ${locale}`
  return { ...rendered, who, sample, bytes: characters.encode(rendered.html).length }
}

const top = ({ file }: SourceFile) => ({ file, line: 1, column: 1 })
const subjectIn = (source: SourceFile) => placeAt(source, Math.max(0, source.text.indexOf('<mj-title')))

function tooLarge(made: readonly Made[], source: SourceFile): Finding[] {
  const largest = made.toSorted((a, b) => b.bytes - a.bytes)[0]
  const { htmlBytes, nearBytes } = limits.template
  if (largest === undefined || largest.bytes <= nearBytes) return []
  const kilobytes = Math.ceil(largest.bytes / 1024)
  const most = htmlBytes / 1024
  const finding = {
    ...top(source),
    message: `for ${largest.who} the mail is ${kilobytes} KB; Gmail cuts off what is beyond ${most}, the footer first`,
    cure: 'show fewer products ({{#each cart.items limit=8}}), or make it shorter',
  }
  return [largest.bytes > htmlBytes ? error(finding) : warning(finding)]
}

function withoutSubject(made: readonly Made[], source: SourceFile): Finding[] {
  const most = limits.template.subjectGraphemes
  const empty = made.find(({ subject }) => subject === '')
  const long = made.find(({ subject }) => subject.length >= most && subject.endsWith('…'))
  const place = subjectIn(source)
  return [
    ...(empty === undefined
      ? []
      : [
          error({
            ...place,
            message: `the subject is empty for ${empty.who}`,
            cure: 'write words that do not depend on her: {{default customer.firstName "you"}}',
          }),
        ]),
    ...(long === undefined
      ? []
      : [
          error({
            ...place,
            message: `the subject is longer than ${most} characters for ${long.who}`,
            cure: 'make it shorter, or cut what it quotes: {{truncate product.name 40}}',
          }),
        ]),
  ]
}

function withoutText(made: readonly Made[], source: SourceFile): Finding[] {
  const empty = made.find(({ text }) => text.trim() === '')
  if (empty === undefined) return []
  const message = `the plain-text part is empty for ${empty.who}`
  return [error({ ...top(source), message, cure: 'say it in <mj-text> too: pictures have no text part' })]
}

/** A link to leave by and an address that are there for some only are not there. */
function withoutWayOut(made: readonly Made[], source: SourceFile): Finding[] {
  const duties = [
    { name: 'links.unsubscribe', of: ({ view }: SampleView) => view.links.unsubscribe },
    { name: 'shop.address', of: ({ view }: SampleView) => view.shop.address ?? '' },
  ]
  return duties.flatMap(({ name, of }) => {
    const lacking = made.find(({ text, sample }) => !oneLine(text).includes(oneLine(of(sample))))
    if (lacking === undefined) return []
    const message = `\`${name}\`, which the law wants in every mail, is not shown for ${lacking.who}`
    return [error({ ...top(source), message, cure: 'let {{> footer}} stand in no block' })]
  })
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ')
