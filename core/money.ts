/**
 * Amounts as customers read them: the symbol, digits and grouping of CLDR for their locale, and as many
 * decimals as the currency has. Formatters are kept, since making one costs thirty times what using one does.
 */
import { fractionDigits, toMajor } from './currency.ts'
import { limits } from './limits.ts'

export type CurrencyDisplay = 'symbol' | 'narrowSymbol' | 'code' | 'name'

/** What says an amount of major units, and what it said: a shop's prices are few, its customers many. */
interface Speaker {
  formatter: Intl.NumberFormat
  said: Map<number, string>
}

const speakers = new Map<string, Speaker>()

function speakerFor(locale: string, currency: string, display: CurrencyDisplay): Speaker {
  const key = `${locale}|${currency}|${display}`
  const known = speakers.get(key)
  if (known !== undefined) return known
  const digits = fractionDigits(currency)
  const formatter = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: display,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const speaker: Speaker = { formatter, said: new Map() }
  if (speakers.size >= limits.template.formatters) speakers.clear()
  speakers.set(key, speaker)
  return speaker
}

/**
 * An amount of `minor` units in words and digits of `locale`; empty when it is not a number.
 * @example formatMoney(125050, { currency: 'EUR', locale: 'en' }) // '€1,250.50'
 */
export function formatMoney(
  minor: unknown,
  of: { currency: unknown; locale: string; display?: CurrencyDisplay },
): string {
  if (typeof minor !== 'number' || !Number.isFinite(minor)) return ''
  const currency = typeof of.currency === 'string' ? of.currency.toUpperCase() : ''
  if (!/^[A-Z]{3}$/.test(currency)) return ''
  const { formatter, said } = speakerFor(of.locale, currency, of.display ?? 'symbol')
  const known = said.get(minor)
  if (known !== undefined) return known
  const words = formatter.format(toMajor(minor, currency))
  if (said.size >= limits.template.amounts) said.clear()
  said.set(minor, words)
  return words
}
