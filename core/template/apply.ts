/**
 * What the functions of a template do when a mail is rendered. They take whatever a customer's data holds and
 * never throw: what makes no sense is empty or false. None reads a clock or rolls dice: the time is the view's.
 * Their names and values are checked by `call.ts`.
 */
import { toMajor } from '#core/currency'
import { type CurrencyDisplay, formatMoney } from '#core/money'
import { cutTo, formatDate, formatList, formatNumber, formatTimeTo, pluralOf } from './format.ts'
import { isPage, withParameters } from './url.ts'

/** What a function may know of the mail it is in. */
export interface Manner {
  /** Locale of digits and amounts. */
  locale: string
  /** Language of words and dates. */
  language: string
  /** The customer's time zone. */
  zone: string
  /** When the mail is made. */
  now: string
}

type Named = Readonly<Record<string, unknown>>
type Apply = (values: readonly unknown[], named: Named, manner: Manner) => unknown

/** Handlebars' idea of empty: missing, an empty text, false, or a list of nothing. */
export const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : !value && value !== 0

/** Handlebars' idea of true: not empty, and not zero. */
export const isTrue = (value: unknown): boolean => value !== 0 && !isEmpty(value)

const isBlank = (value: unknown) => value === undefined || value === null || value === ''
const own = (from: object, name: string): unknown =>
  Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined

const same = (left: unknown, right: unknown) =>
  typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : (left ?? null) === (right ?? null)

function ordered(values: readonly unknown[], accept: (order: number) => boolean): boolean {
  const [left, right] = values
  if (typeof left === 'number' && typeof right === 'number') return accept(left - right)
  if (typeof left !== 'string' || typeof right !== 'string') return false
  return accept(left < right ? -1 : left > right ? 1 : 0)
}

function reckon(values: readonly unknown[], how: (left: number, right: number) => number): unknown {
  const [left, right] = values
  return typeof left === 'number' && typeof right === 'number' ? how(left, right) : undefined
}

/** A list in pieces of `size`, which is at least 1. */
function rows(list: unknown, size: unknown): unknown {
  if (!Array.isArray(list) || typeof size !== 'number' || !(size >= 1)) return undefined
  const width = Math.floor(size)
  return Array.from({ length: Math.ceil(list.length / width) }, (_, row) =>
    list.slice(row * width, (row + 1) * width),
  )
}

function join(list: unknown, { field, separator }: Named, { language, locale }: Manner): string {
  if (!Array.isArray(list)) return ''
  const texts = list.flatMap((one: unknown) => {
    const value = field === undefined ? one : lookup(one, field)
    return typeof value === 'number'
      ? formatNumber(value, locale)
      : isBlank(value)
        ? []
        : (textOf(value) ?? [])
  })
  return typeof separator === 'string' ? texts.join(separator) : formatList(texts, language)
}

function lookup(from: unknown, key: unknown): unknown {
  const name = textOf(key)
  return name === undefined || from === null || typeof from !== 'object' ? undefined : own(from, name)
}

const displays: Readonly<Record<string, CurrencyDisplay>> = {
  narrow: 'narrowSymbol',
  code: 'code',
  name: 'name',
}

export const functions: Readonly<Record<string, Apply>> = {
  money: ([minor], named, { locale }) => {
    const display = lookup(displays, named.display) as CurrencyDisplay | undefined
    return formatMoney(minor, { currency: named.currency, locale, display: display ?? 'symbol' })
  },
  major: ([minor], { currency }) =>
    typeof minor === 'number' ? toMajor(minor, textOf(currency) ?? '') : undefined,
  date: ([value], named, { language, zone }) => {
    const style = typeof named.style === 'string' ? named.style : 'long'
    const where = typeof named.zone === 'string' ? named.zone : zone
    return formatDate(value, { locale: language, zone: where, style })
  },
  number: ([value], { decimals }, { locale }) => {
    if (typeof value !== 'number') return ''
    if (typeof decimals !== 'number' || Number.isNaN(decimals)) return formatNumber(value, locale)
    const digits = Math.min(20, Math.max(0, Math.trunc(decimals)))
    return formatNumber(value, locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  },
  relativeTime: ([at], _, { language, now }) => formatTimeTo(at, { locale: language, now, which: 'either' }),
  countdown: ([at], _, { language, now }) => formatTimeTo(at, { locale: language, now, which: 'ahead' }),
  plural: ([value], named, { language }) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return ''
    return own(named, pluralOf(value, language, 'cardinal')) ?? named.other
  },
  default: (values) => values.find((value) => !isBlank(value)),
  require: ([value]) => value,
  join: ([list], named, manner) => join(list, named, manner),
  truncate: ([text, most]) =>
    typeof most === 'number' && most >= 1 ? cutTo(textOf(text) ?? '', Math.floor(most)) : '',
  upper: ([text], _, { language }) => textOf(text)?.toLocaleUpperCase(language),
  lower: ([text], _, { language }) => textOf(text)?.toLocaleLowerCase(language),
  eq: ([left, right]) => same(left, right),
  ne: ([left, right]) => !same(left, right),
  gt: (values) => ordered(values, (order) => order > 0),
  gte: (values) => ordered(values, (order) => order >= 0),
  lt: (values) => ordered(values, (order) => order < 0),
  lte: (values) => ordered(values, (order) => order <= 0),
  and: (values) => values.every(isTrue),
  or: (values) => values.some(isTrue),
  not: ([value]) => !isTrue(value),
  times: (values) => reckon(values, (left, right) => left * right),
  plus: (values) => reckon(values, (left, right) => left + right),
  minus: (values) => reckon(values, (left, right) => left - right),
  limit: ([list, most]) =>
    Array.isArray(list) && typeof most === 'number'
      ? list.slice(0, Math.max(0, Math.floor(most)))
      : undefined,
  chunk: ([list, size]) => rows(list, size),
  lookup: ([from, key]) => lookup(from, key),
  image: ([url], { width, fallback, parameter }) => {
    if (!isPage(url)) return isPage(fallback) ? fallback : ''
    const sized = typeof width === 'number' && typeof parameter === 'string'
    return sized ? withParameters(url, { [parameter]: width }) : url
  },
  link: ([url], named) => (isPage(url) ? withParameters(url, named) : url),
}

/** Functions whose words are of the mail's own language and direction. */
export const speaksItself: ReadonlySet<string> = new Set([
  'money',
  'number',
  'date',
  'relativeTime',
  'countdown',
])
