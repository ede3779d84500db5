/**
 * How a locale writes: numbers, dates, plurals and the direction of its script. Amounts and digits follow the
 * customer's locale, words and dates the language the mail is written in. Formatters are kept (bounded).
 */
import { limits } from '#core/limits'

/** Well-formed BCP 47 of what a profile says (`bn_BD` too); undefined when it is none. */
export function localeOf(written: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(written.trim().replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

/** The locale itself and what is more general: `bn-BD` → `bn-BD`, `bn`. */
export function ancestry(locale: string): string[] {
  const parts = locale.replace(/-u-.*$/, '').split('-')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}

const rightToLeft = new Set(['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Syrc', 'Thaa'])

/** The direction the locale's script runs in. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(new Intl.Locale(locale).maximize().script ?? '') ? 'rtl' : 'ltr'
}

/** `make`, with what it made kept by its key: few enough of them, whatever keys customers' data brings. */
export function keeping<T>(make: (key: string) => T): (key: string) => T {
  const kept = new Map<string, T>()
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = make(key)
    if (kept.size >= limits.template.formatters) kept.clear()
    kept.set(key, made)
    return made
  }
}

const kept = new Map<string, unknown>()

function keep<T>(key: string, make: () => T): T {
  const known = kept.get(key)
  if (known !== undefined) return known as T
  const made = make()
  if (kept.size >= limits.template.formatters) kept.clear()
  kept.set(key, made)
  return made
}

/** A number in the locale's digits and grouping. */
export function formatNumber(value: number, locale: string, options?: Intl.NumberFormatOptions): string {
  if (!Number.isFinite(value)) return ''
  const key = options === undefined ? `n|${locale}` : `n|${locale}|${JSON.stringify(options)}`
  return keep(key, () => new Intl.NumberFormat(locale, options)).format(value)
}

/** The CLDR plural category of a number. */
export const pluralOf = (value: number, locale: string, type: 'cardinal' | 'ordinal'): string =>
  keep(`p|${locale}|${type}`, () => new Intl.PluralRules(locale, { type })).select(value)

/** Texts as a list in words: “a, b and c”. */
export const formatList = (texts: readonly string[], locale: string): string =>
  keep(`l|${locale}`, () => new Intl.ListFormat(locale, { type: 'conjunction' })).format(texts)

const styles: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  short: { dateStyle: 'short' },
  medium: { dateStyle: 'medium' },
  long: { dateStyle: 'long' },
  full: { dateStyle: 'full' },
  day: { day: 'numeric', month: 'long' },
  month: { month: 'long', year: 'numeric' },
  weekday: { weekday: 'long' },
  time: { timeStyle: 'short' },
}

/** Names of the ways to write a date. */
export const dateStyles = Object.keys(styles)

interface When {
  ms: number
  /** A date without a time is the same day everywhere. */
  zone?: string
  style?: string
}

function readWhen(value: unknown): When | undefined {
  if (value instanceof Date) return { ms: value.getTime() }
  if (typeof value === 'number') return { ms: value }
  if (typeof value !== 'string') return undefined
  const yearless = /^--(\d\d)-?(\d\d)$/.exec(value)
  if (yearless) return { ms: Date.parse(`2024-${yearless[1]}-${yearless[2]}`), zone: 'UTC', style: 'day' }
  return /^\d{4}-\d\d-\d\d$/.test(value) ? { ms: Date.parse(value), zone: 'UTC' } : { ms: Date.parse(value) }
}

/** A date in the language's words, in `zone`; empty when it is no date or the zone is unknown. */
export function formatDate(
  value: unknown,
  of: { locale: string; zone: string; style?: string; options?: Intl.DateTimeFormatOptions },
): string {
  const when = readWhen(value)
  if (when === undefined || Number.isNaN(when.ms)) return ''
  const style = when.style ?? of.style ?? 'long'
  const options = of.options ?? (Object.hasOwn(styles, style) ? styles[style] : styles.long)
  const timeZone = when.zone ?? of.zone
  const key = `d|${of.locale}|${timeZone}|${of.options === undefined ? style : JSON.stringify(options)}`
  try {
    return keep(key, () => new Intl.DateTimeFormat(of.locale, { ...options, timeZone })).format(when.ms)
  } catch {
    return ''
  }
}

const unitsMs: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/**
 * How far away an instant is from `now`, in the largest unit that fits; empty when it is none. `either` way it is
 * rounded to the nearest; what is `ahead` is rounded down, to promise no time that is not there, and the past is empty.
 */
export function formatTimeTo(
  at: unknown,
  of: { locale: string; now: string; which: 'either' | 'ahead' },
): string {
  const awayMs = (readWhen(at)?.ms ?? Number.NaN) - Date.parse(of.now)
  if (!Number.isFinite(awayMs) || (of.which === 'ahead' && awayMs <= 0)) return ''
  const round = of.which === 'ahead' ? Math.floor : Math.round
  const unitOf = (ms: number) => unitsMs.find(([, unitMs]) => ms >= unitMs) ?? ['minute' as const, 60_000]
  const [, roughMs] = unitOf(Math.abs(awayMs))
  // Rounded up, 59.7 minutes are an hour.
  const roundedMs = Math.max(60_000, round(Math.abs(awayMs) / roughMs) * roughMs)
  const [unit, unitMs] = unitOf(roundedMs)
  const count = Math.max(1, Math.floor(roundedMs / unitMs)) * (awayMs < 0 ? -1 : 1)
  return keep(`r|${of.locale}`, () => new Intl.RelativeTimeFormat(of.locale)).format(count, unit)
}

const graphemes = () => keep('g', () => new Intl.Segmenter('en', { granularity: 'grapheme' }))

/** At most `limit` characters as people count them. */
export function cutTo(text: string, limit: number): string {
  if (text.length <= limit) return text
  let shorter = ''
  let count = 0
  for (const { segment } of graphemes().segment(text)) {
    count += 1
    if (count > limit) return `${shorter.trimEnd()}…`
    if (count < limit) shorter += segment
  }
  return text
}
