/**
 * `strings.<locale>.yaml`: what a journey's mails say in one language. The mail's name, below it a key and its
 * words as an ICU message (`{count, plural, one {# item} other {# items}}`). Parsed at publish; a mail keeps
 * the messages it uses. A key must be there in every language that the journey has a file of.
 */
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser'
import { readYaml, type YamlFile } from '#core/document'
import { limits } from '#core/limits'
import { cureFor } from '#core/suggest'
import type { Findings, Wording } from './findings.ts'
import { ancestry } from './format.ts'
import { messageMarkup } from './message.ts'
import type { SourceFile } from './problem.ts'

/** The language every string must be there in. */
export const fallbackLocale = 'en'

/** The words of one language, from one file; a mail's own come before those of the layout. */
interface Words {
  file: YamlFile
  /** The key they stand below. */
  below: string
  messages: Record<string, unknown>
}

function read(source: SourceFile, of: { below: string; findings: Findings }): Words | undefined {
  const file = readYaml(source)
  of.findings.problems.push(...file.problems)
  const whole = file.value
  if (whole === undefined || whole === null) return undefined
  const messages = isBag(whole) && Object.hasOwn(whole, of.below) ? whole[of.below] : {}
  if (isBag(messages)) return { file, below: of.below, messages }
  of.findings.problems.push({
    ...file.at([of.below]),
    message: `\`${of.below}\` holds no strings`,
    cure: 'write its strings below it, two spaces in: `subject: Your cart`',
  })
  return undefined
}

const isBag = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const markup: ReadonlySet<string> = new Set(messageMarkup)

/** The strings of a mail: its journey's files and the layout's, by locale. */
export interface StringFiles {
  mail: string
  strings: Readonly<Record<string, SourceFile>>
  layoutStrings?: Readonly<Record<string, SourceFile>>
}

type Messages = Record<string, MessageFormatElement[]>

/**
 * The messages that the wordings of a mail use, by locale and key: for each language the journey has a file of, and
 * the fallback. A region takes from its language what it does not say otherwise.
 */
export function compileStrings(files: StringFiles, findings: Findings): Record<string, Messages> {
  const compiled: Record<string, Messages> = {}
  const uses = byKey(findings.wordings)
  const fallback = wordsOf(fallbackLocale, { files, findings })
  for (const locale of new Set([fallbackLocale, ...Object.keys(files.strings)])) {
    const words = locale === fallbackLocale ? fallback : wordsOf(locale, { files, findings })
    const messages: Messages = {}
    for (const [key, wordings] of uses) {
      const source = words.find((one) => Object.hasOwn(one.messages, key))
      const original = fallback.find((one) => Object.hasOwn(one.messages, key))
      if (original === undefined) missing(wordings, { files, words, locale, findings })
      else if (source === undefined) untranslated(key, { files, words, locale, original, findings })
      const message = source && compileMessage(source, { key, wordings, findings })
      if (message !== undefined) messages[key] = message
    }
    compiled[locale] = messages
  }
  return compiled
}

/** The words of a locale and of what is more general: those of the mail before those of the layout. */
function wordsOf(locale: string, { files, findings }: { files: StringFiles; findings: Findings }): Words[] {
  return ancestry(locale)
    .flatMap((one) => [
      { below: files.mail, source: files.strings[one] },
      { below: 'layout', source: files.layoutStrings?.[one] },
    ])
    .flatMap(({ below, source }) => (source === undefined ? [] : (read(source, { below, findings }) ?? [])))
}

function byKey(wordings: readonly Wording[]): Map<string, Wording[]> {
  const uses = new Map<string, Wording[]>()
  for (const wording of wordings) uses.set(wording.key, [...(uses.get(wording.key) ?? []), wording])
  return uses
}

interface Lack {
  files: StringFiles
  words: Words[]
  locale: string
  findings: Findings
}

/** A key that nobody wrote; told once, for the fallback. */
function missing([wording]: readonly Wording[], { files, words, locale, findings }: Lack): void {
  if (wording === undefined || locale !== fallbackLocale) return
  const { mail } = files
  const known = words.flatMap(({ messages }) => Object.keys(messages))
  findings.problems.push({
    ...wording.place,
    message: `there is no string \`${wording.key}\` for ${mail} in strings.${fallbackLocale}.yaml`,
    cure: cureFor(wording.key, known, `add \`${wording.key}:\` below \`${mail}:\` there`),
  })
}

/** A key that is there in the fallback only: she would read two languages in one mail. */
function untranslated(key: string, lack: Lack & { original: Words }): void {
  const { files, words, locale, original, findings } = lack
  const there = original.file.atKey([original.below, key])
  const isLayout = original.below === 'layout'
  const own = (isLayout ? files.layoutStrings : files.strings)?.[locale]
  const found = words.find(({ below, file }) => below === original.below && file.file === own?.file)
  const place = found?.file.atKey([found.below]) ?? (own && { file: own.file, line: 1, column: 1 }) ?? there
  const file = original.file.file.replace(/[\w-]+(\.ya?ml)$/, `${locale}$1`)
  findings.problems.push({
    ...place,
    message: `\`${key}\` of ${original.below} has no words in ${locale}`,
    cure: `${own === undefined ? `add ${file} and ` : ''}translate it from ${there.file}:${there.line}`,
  })
}

interface Use {
  key: string
  wordings: readonly Wording[]
  findings: Findings
}

function compileMessage({ file, below, messages }: Words, use: Use): MessageFormatElement[] | undefined {
  const { key, findings } = use
  const refuse = (message: string, cure: string) => {
    findings.problems.push({ ...file.at([below, key]), message, cure })
    return undefined
  }
  const text = messages[key]
  if (typeof text !== 'string' || text.trim() === '') {
    return refuse(`\`${key}\` is no text`, 'write the words behind it, in quotes if need be')
  }
  if (text.length > limits.template.messageCharacters) {
    return refuse(`\`${key}\` is longer than ${limits.template.messageCharacters} characters`, 'split it')
  }
  try {
    const message = parse(text, { captureLocation: false, requiresOtherClause: true })
    const wrong = wrongIn(message, use)
    return wrong === undefined ? message : refuse(wrong.message, wrong.cure)
  } catch (error) {
    const code = error instanceof Error ? error.message : String(error)
    return refuse(
      `\`${key}\` cannot be read (${code.toLowerCase().replaceAll('_', ' ')})`,
      'write names as {name}, and plurals as {count, plural, one {# item} other {# items}}',
    )
  }
}

/** What a message speaks of that the mail does not hand it, or markup that strings may not hold. */
function wrongIn(message: MessageFormatElement[], { key, wordings }: Use) {
  const names = [...new Set(namesIn(message))]
  for (const { names: given } of wordings) {
    const unknown = names.find((name) => !name.startsWith('<') && !given.includes(name))
    if (unknown === undefined) continue
    const hands = given.length > 0 ? given.join(', ') : 'nothing'
    return {
      message: `\`${key}\` speaks of {${unknown}}, but the mail hands it ${hands}`,
      cure: cureFor(unknown, given, `write {{t "${key}" ${unknown}=…}} in the mail`),
    }
  }
  const tag = names.find((name) => name.startsWith('<') && !markup.has(name.slice(1)))
  if (tag === undefined) return undefined
  const allowed = [...markup].map((one) => `<${one}>`).join(', ')
  return { message: `\`${key}\` holds ${tag}>`, cure: `strings may hold ${allowed}` }
}

/** The names of a message's arguments; tags as `<b`. */
function namesIn(message: readonly MessageFormatElement[]): string[] {
  return message.flatMap((element): string[] => {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        return []
      case TYPE.tag:
        return [`<${element.value}`, ...namesIn(element.children)]
      case TYPE.select:
      case TYPE.plural:
        return [element.value, ...Object.values(element.options).flatMap((option) => namesIn(option.value))]
      default:
        return [element.value]
    }
  })
}
