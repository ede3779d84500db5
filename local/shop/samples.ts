/**
 * Accounts that are offered at the sample shop's sign-in, so that nobody has to think one up; `marketing`:
 * whether the tick comes along.
 */
import type { Account } from './store.ts'

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
