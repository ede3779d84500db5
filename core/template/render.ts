/**
 * Renders a compiled mail for one customer: a plain walk over data, without MJML, template compiler or eval.
 * Preview, test send and real send are this function. It never throws for what a customer's data holds.
 */
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { limits } from '#core/limits'
import { isTimeZone } from '#core/time'
import type { View } from '#core/view'
import { isEmpty } from './apply.ts'
import type { CompiledMail } from './compiled.ts'
import { ancestry, cutTo, directionOf, keeping, localeOf } from './format.ts'
import { type Moment, readPath, type Writer, writer } from './walk.ts'

export interface RenderOptions {
  /** BCP 47, as a profile has it; what is none, or not there, is the mail's fallback language. */
  locale: string
  /** Rewrites a link to a page (http, https); called once a distinct URL. `links.*` are left as they are. */
  link?: (url: string) => string
}

export interface RenderedMail {
  /** One line without control characters, at most 150 characters. */
  subject: string
  /** The display name it comes from, one line like the subject; absent or empty: the stage's own. */
  from?: string
  html: string
  text: string
}

interface Program {
  subject: Writer
  from: Writer | undefined
  html: Writer
  text: Writer
  tongue(wanted: string): Tongue
}

const programs = new WeakMap<CompiledMail, Program>()

function programOf(mail: CompiledMail): Program {
  const known = programs.get(mail)
  if (known !== undefined) return known
  const program = {
    subject: writer(mail.subject),
    from: mail.from && writer(mail.from),
    html: writer(mail.html),
    text: writer(mail.text),
    tongue: keeping((wanted: string) => tongueOf(mail, wanted)),
  }
  programs.set(mail, program)
  return program
}

/** The language of the mail that a locale is served in: itself, a more general one, else the fallback. */
export function languageOf(mail: CompiledMail, locale: string): string {
  const there = new Map(Object.keys(mail.strings).map((name) => [name.toLowerCase(), name]))
  for (const ancestor of ancestry(locale)) {
    const found = there.get(ancestor.toLowerCase())
    if (found !== undefined) return found
  }
  return mail.fallback
}

/** How one mail speaks to customers of one locale. */
interface Tongue {
  locale: string
  language: string
  direction: 'ltr' | 'rtl'
  messageOf(key: string): readonly MessageFormatElement[] | undefined
}

/** The messages of a language, and where it has none those of what is more general, at last the fallback's. */
function messagesOf(mail: CompiledMail, language: string): Tongue['messageOf'] {
  const messages = new Map<string, readonly MessageFormatElement[]>()
  for (const locale of [...ancestry(language), mail.fallback].reverse()) {
    const own = Object.hasOwn(mail.strings, locale) ? mail.strings[locale] : undefined
    for (const [key, message] of Object.entries(own ?? {})) {
      // Written by the parser at publish; the release is ours.
      messages.set(key, message as MessageFormatElement[])
    }
  }
  return (key) => messages.get(key)
}

function tongueOf(mail: CompiledMail, wanted: string): Tongue {
  const locale = localeOf(wanted) ?? mail.fallback
  const served = languageOf(mail, locale)
  // Written in her language: then also dated her region's way.
  const language = ancestry(locale).includes(served) ? locale : served
  return { locale, language, direction: directionOf(language), messageOf: messagesOf(mail, served) }
}

function momentOf(program: Program, view: View, { locale, link }: RenderOptions): Moment {
  const rewritten = new Map<string, string>()
  const zone = view.customer.timeZone
  const tongue = program.tongue(locale)
  return {
    locale: tongue.locale,
    language: tongue.language,
    direction: tongue.direction,
    messageOf: tongue.messageOf,
    zone: zone !== undefined && isTimeZone(zone) ? zone : 'UTC',
    now: view.now,
    frames: [view],
    turns: [],
    turnsLeft: limits.template.loopTurns,
    notes: [],
    link: (url) => {
      if (link === undefined) return url
      const known = rewritten.get(url)
      if (known !== undefined) return known
      const made = link(url)
      rewritten.set(url, made)
      return made
    },
  }
}

const oneLine = (text: string) =>
  cutTo(text.replace(/[\s\u2028\u2029]+/g, ' ').trim(), limits.template.subjectGraphemes)

/** What a run of white space and of the marks of `plain.ts` comes to: a break is stronger than a gap before it. */
function settle(run: string): string {
  const line = run.indexOf('\n')
  if (line >= 0) return run.includes('\n', line + 1) ? '\n\n' : '\n'
  const [soft, gap] = [run.lastIndexOf('\u2028'), run.lastIndexOf('\t')]
  if (soft < 0 && gap < 0) return run.replace(/ {4,}/g, '   ')
  return soft > gap ? '\n' : '   '
}

/** Lines of the text part, whatever blocks left between them. */
const tidy = (text: string) => `${text.replace(/[\u2028\t\u00a0 \n]{2,}|[\u2028\t]/g, settle).trim()}\n`

const notesOf = ({ notes }: Moment): string =>
  notes.length === 0 ? '' : `\n${notes.map((url, index) => `[${index + 1}] ${url}\n`).join('')}`

/**
 * Subject, HTML and text of a mail for what is known of one customer.
 * Links are rewritten in the order they stand in the HTML. Same mail, view and options: same bytes.
 */
export function renderMail(mail: CompiledMail, view: View, options: RenderOptions): RenderedMail {
  const program = programOf(mail)
  const moment = momentOf(program, view, options)
  const html = program.html(moment)
  moment.turnsLeft = limits.template.loopTurns
  const text = tidy(program.text(moment)) + notesOf(moment)
  const from = program.from && oneLine(program.from(moment))
  return { subject: oneLine(program.subject(moment)), ...(from !== undefined && { from }), html, text }
}

/** The fields the mail cannot do without that this view lacks, e.g. `offer.code`. */
export const missingFrom = (mail: CompiledMail, view: View): string[] =>
  mail.required.filter((name) => {
    const value = readPath(view, name.split('.'))
    return isEmpty(value) && value !== false
  })
