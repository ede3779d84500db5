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
import { ancestry, cutTo, directionOf, localeOf } from './format.ts'
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

function messagesOf(mail: CompiledMail, language: string) {
  const chain = [...ancestry(language), mail.fallback]
  return (key: string): readonly MessageFormatElement[] | undefined => {
    for (const locale of chain) {
      const messages = Object.hasOwn(mail.strings, locale) ? mail.strings[locale] : undefined
      // Written by the parser at publish; the release is ours.
      if (messages !== undefined && Object.hasOwn(messages, key))
        return messages[key] as MessageFormatElement[]
    }
    return undefined
  }
}

function momentOf(mail: CompiledMail, view: View, { locale: wanted, link }: RenderOptions): Moment {
  const locale = localeOf(wanted) ?? mail.fallback
  const served = languageOf(mail, locale)
  // Written in her language: then also dated her region's way.
  const language = ancestry(locale).includes(served) ? locale : served
  const rewritten = new Map<string, string>()
  const zone = view.customer.timeZone
  return {
    locale,
    language,
    direction: directionOf(language),
    zone: zone !== undefined && isTimeZone(zone) ? zone : 'UTC',
    now: view.now,
    frames: [view],
    turns: [],
    turnsLeft: limits.template.loopTurns,
    messageOf: messagesOf(mail, served),
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

/** Lines of the text part: marks of `plain.ts` become breaks and gaps, whatever blocks left between them. */
const tidy = (text: string) =>
  `${text
    .replace(/[\u2028\u00a0 ]*\t[\t\u00a0 ]*/g, '\t')
    .replace(/[\u2028\t\u00a0 ]*\u2028[\u2028\t\u00a0 ]*/g, '\u2028')
    .replace(/[\u2028\t\u00a0 ]*\n[\u2028\t\u00a0 ]*/g, '\n')
    .replaceAll('\u2028', '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replaceAll('\t', '   ')
    .replace(/ {4,}/g, '   ')
    .trim()}\n`

/**
 * Subject, HTML and text of a mail for what is known of one customer.
 * Links are rewritten in the order they stand in the HTML. Same mail, view and options: same bytes.
 */
export function renderMail(mail: CompiledMail, view: View, options: RenderOptions): RenderedMail {
  const program = programOf(mail)
  const moment = momentOf(mail, view, options)
  const html = program.html(moment)
  moment.turnsLeft = limits.template.loopTurns
  const text = tidy(program.text(moment))
  const from = program.from && oneLine(program.from(moment))
  return { subject: oneLine(program.subject(moment)), ...(from !== undefined && { from }), html, text }
}

/** The fields the mail cannot do without that this view lacks, e.g. `offer.code`. */
export const missingFrom = (mail: CompiledMail, view: View): string[] =>
  mail.required.filter((name) => {
    const value = readPath(view, name.split('.'))
    return isEmpty(value) && value !== false
  })
