/**
 * Who can sign in at the sample shop without being thought up: the accounts it offers, and the sample customers
 * that a first start tells Homeward of.
 */
import type { Account } from './store.ts'

/** Offered at the sign-in; `marketing`: whether the tick comes along. */
export const samples: readonly Account[] = [
  {
    userId: 'shopper-ida',
    email: 'ida@example.com',
    name: 'Ida Holm',
    locale: 'en',
    timeZone: 'Europe/Copenhagen',
    marketing: true,
  },
  {
    userId: 'shopper-rahima',
    email: 'rahima@example.com',
    name: 'রহিমা খাতুন',
    locale: 'bn',
    timeZone: 'Asia/Dhaka',
    marketing: true,
  },
  {
    userId: 'shopper-theo',
    email: 'theo@example.com',
    name: 'Theo Marsh',
    locale: 'en',
    timeZone: 'America/New_York',
    marketing: false,
  },
]

const sampleCustomer = /^(?:(mia|nusrat|jose|noor|sam)|customer\.(\d+))@example\.com$/

/**
 * The id by which Homeward knows the sample customer of an address: under another the shop would make a second
 * account, which mail does not reach. Undefined for everybody else.
 */
export function sampleIdOf(email: string): string | undefined {
  const [, name, number] = sampleCustomer.exec(email) ?? []
  return number === undefined ? name : `sample-${number}`
}
