/**
 * What the functions of a template do when a mail is rendered. They take whatever a customer's data holds and
 * never throw: what makes no sense is empty or false. Their names and values are checked by `call.ts`.
 */
import { toMajor } from '#core/currency'
import { type CurrencyDisplay, formatMoney } from '#core/money'
import { formatDate, formatNumber } from './format.ts'

/** What a function may know of the mail it is in. */
export interface Manner {
  /** Locale of digits and amounts. */
  locale: string
  /** Language of words and dates. */
  language: string
  /** The customer's time zone. */
  zone: string
}

type Named = Readonly<Record<string, unknown>>
type Apply = (values: readonly unknown[], named: Named, manner: Manner) => unknown

/** Handlebars' idea of empty: missing, an empty text, false, or a list of nothing. */
export const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : !value && value !== 0

/** Handlebars' idea of true: not empty, and not zero. */
export const isTrue = (value: unknown): boolean => value !== 0 && !isEmpty(value)

const isBlank = (value: unknown) => value === undefined || value === null || value === ''

const same = (left: unknown, right: unknown) =>
  typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : left === right

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

const displays: Readonly<Record<string, CurrencyDisplay>> = {
  narrow: 'narrowSymbol',
  code: 'code',
  name: 'name',
}

export const functions: Readonly<Record<string, Apply>> = {
  money: ([minor], named, { locale }) => {
    const display = displays[String(named.display)] ?? 'symbol'
    return formatMoney(minor, { currency: named.currency, locale, display })
  },
  major: ([minor], named) =>
    typeof minor === 'number' ? toMajor(minor, String(named.currency ?? '')) : undefined,
  date: ([value], named, { language, zone }) => {
    const style = typeof named.style === 'string' ? named.style : 'long'
    const where = typeof named.zone === 'string' ? named.zone : zone
    return formatDate(value, { locale: language, zone: where, style })
  },
  number: ([value], named, { locale }) => {
    if (typeof value !== 'number') return ''
    const { decimals } = named
    if (typeof decimals !== 'number') return formatNumber(value, locale)
    const digits = Math.min(20, Math.max(0, Math.trunc(decimals)))
    return formatNumber(value, locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  },
  default: (values) => values.find((value) => !isBlank(value)),
  require: ([value]) => value,
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
}
