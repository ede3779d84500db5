/**
 * Amounts as customers read them: the symbol, digits and grouping of CLDR for their locale, and as many
 * decimals as the currency has. Formatters are kept, since making one costs thirty times what using one does.
 */
import { fractionDigits, toMajor } from './currency.ts'
import { limits } from './limits.ts'

const formatters = new Map<string, Intl.NumberFormat>()

export type CurrencyDisplay = 'symbol' | 'narrowSymbol' | 'code' | 'name'

function formatterFor(locale: string, currency: string, display: CurrencyDisplay): Intl.NumberFormat {
  const key = `${locale}|${currency}|${display}`
  const known = formatters.get(key)
  if (known !== undefined) return known
  const digits = fractionDigits(currency)
  const formatter = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: display,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  if (formatters.size >= limits.template.formatters) formatters.clear()
  formatters.set(key, formatter)
  return formatter
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
  return formatterFor(of.locale, currency, of.display ?? 'symbol').format(toMajor(minor, currency))
}
