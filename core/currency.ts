/**
 * Amounts: stored in minor units (cents, paisa, yen) beside an ISO 4217 code, written and compared in major
 * units. How many minor units make a major one is CLDR's word, asked once a currency.
 */
import * as z from 'zod'

/** An ISO 4217 code in capitals, e.g. `BDT`. */
export const Currency = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/, 'a currency is a code of three letters, such as EUR or BDT')

const digits = new Map<string, number>()

/** Decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD; 2 where it is not known. */
export function fractionDigits(currency: string): number {
  const known = digits.get(currency)
  if (known !== undefined) return known
  let count = 2
  try {
    count =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
  } catch {
    // not a code Intl knows: two places, as most have
  }
  digits.set(currency, count)
  return count
}

/** Major units to minor ones, rounded to the nearest. @example toMinor(12.5, 'EUR') // 1250 */
export const toMinor = (major: number, currency: string): number =>
  Math.round(major * 10 ** fractionDigits(currency))

/**
 * Major units rounded to the ten-thousandth, which no currency divides further (ISO 4217), so that sums of them do
 * not depend on the order they were added in. @example roundMajor(0.1 + 0.2) // 0.3
 */
export const roundMajor = (major: number): number => Math.round(major * 10_000) / 10_000

/** Minor units to major ones. @example toMajor(1250, 'EUR') // 12.5 */
export const toMajor = (minor: number, currency: string): number => minor / 10 ** fractionDigits(currency)
