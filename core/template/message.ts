/**
 * An ICU message's syntax tree, said in a language. It is walked here rather than by `intl-messageformat`,
 * which throws when a value is missing and knows no places: a mail must go out, and each value must be made
 * safe where it stands. A missing value is empty.
 */
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { formatDate, formatNumber, pluralOf } from './format.ts'

/** Markup that strings may hold. */
export const messageMarkup = ['b', 'strong', 'i', 'em'] as const

/** The element types of the parser, whose own list would pull the parser in. */
const type = { literal: 0, argument: 1, number: 2, date: 3, time: 4, select: 5, plural: 6, pound: 7, tag: 8 }

export interface Speech {
  /** The language of the words. */
  language: string
  /** The locale of the digits. */
  locale: string
  zone: string
  values: Readonly<Record<string, unknown>>
  /** Makes words of the message safe for their place. */
  escape: (text: string) => string
  /** Makes a value safe for its place. */
  show: (value: unknown) => string
  /** Whether tags can be printed there; else only what they hold is. */
  markup: boolean
}

/** What the message says. Elements of an unknown kind say nothing. */
export function say(message: readonly MessageFormatElement[], speech: Speech, pound?: number): string {
  let said = ''
  for (const element of message) said += sayOne(element, speech, pound)
  return said
}

const given = (name: string, { values }: Speech): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined

function sayOne(element: MessageFormatElement, speech: Speech, pound: number | undefined): string {
  if (element.type === type.pound) {
    return pound === undefined ? '' : speech.escape(formatNumber(pound, speech.locale))
  }
  const { value: name } = element as { value: string }
  if (element.type === type.literal) return speech.escape(name)
  if (element.type === type.argument) return speech.show(given(name, speech))
  if (element.type === type.tag) {
    const inside = say((element as { children: MessageFormatElement[] }).children, speech, pound)
    return speech.markup ? `<${name}>${inside}</${name}>` : inside
  }
  return sayFormatted(element, { speech, pound, value: given(name, speech) })
}

type Options = Record<string, { value: MessageFormatElement[] }>

function sayFormatted(
  element: MessageFormatElement,
  of: { speech: Speech; pound: number | undefined; value: unknown },
): string {
  const { speech, pound, value } = of
  if (element.type === type.number) return speech.escape(sayNumber(element, value, speech))
  if (element.type === type.date || element.type === type.time) {
    return speech.escape(sayDate(element, value, speech))
  }
  const options = (element as { options?: Options }).options ?? {}
  if (element.type === type.select) {
    const chosen = own(options, String(value ?? '')) ?? own(options, 'other')
    return say(chosen?.value ?? [], speech, pound)
  }
  const { offset = 0, pluralType = 'cardinal' } = element as {
    offset?: number
    pluralType?: 'cardinal' | 'ordinal'
  }
  const count = typeof value === 'number' && Number.isFinite(value) ? value : 0
  const category = pluralOf(count - offset, speech.language, pluralType)
  const chosen = own(options, `=${count}`) ?? own(options, category) ?? own(options, 'other')
  return say(chosen?.value ?? [], speech, count - offset)
}

const own = (options: Options, name: string) => (Object.hasOwn(options, name) ? options[name] : undefined)

type Style = string | { parsedOptions?: object } | null | undefined
const styleOf = (element: MessageFormatElement): Style => (element as { style?: Style }).style
const optionsOf = (style: Style): object | undefined =>
  typeof style === 'object' && style !== null ? style.parsedOptions : undefined

function sayNumber(element: MessageFormatElement, value: unknown, speech: Speech): string {
  if (typeof value !== 'number') return ''
  const style = styleOf(element)
  if (style === 'percent') return formatNumber(value, speech.locale, { style: 'percent' })
  if (style === 'integer') return formatNumber(value, speech.locale, { maximumFractionDigits: 0 })
  return formatNumber(value, speech.locale, optionsOf(style) as Intl.NumberFormatOptions | undefined)
}

function sayDate(element: MessageFormatElement, value: unknown, speech: Speech): string {
  const style = styleOf(element)
  const options = optionsOf(style) as Intl.DateTimeFormatOptions | undefined
  const { language: locale, zone } = speech
  if (options !== undefined) return formatDate(value, { locale, zone, options })
  if (element.type === type.time) return formatDate(value, { locale, zone, style: 'time' })
  return formatDate(value, { locale, zone, style: typeof style === 'string' ? style : 'medium' })
}
