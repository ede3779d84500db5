/**
 * The people of the sample year: names of nine countries in their own scripts, with the accents, quotes and
 * right-to-left letters that real customers bring, and a way each of them shops. All addresses end in
 * example.com: nothing of it is anybody's.
 */
import type { Chance } from './random.ts'

type Country = {
  locale: string
  timeZone: string
  currency: 'EUR' | 'BDT'
  share: number
  first: readonly [string, ...string[]]
  last: readonly [string, ...string[]]
}

const countries: readonly [Country, ...Country[]] = [
  {
    locale: 'bn-BD',
    timeZone: 'Asia/Dhaka',
    currency: 'BDT',
    share: 6,
    first: ['রহিমা', 'সাদিয়া', 'ফারহানা', 'তানভীর', 'মাহমুদা', 'শিরীন', 'আয়েশা', 'রাকিব'],
    last: ['খাতুন', 'ইসলাম', 'আক্তার', 'হোসেন', 'চৌধুরী', 'বেগম', 'রহমান'],
  },
  {
    locale: 'de-DE',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    share: 5,
    first: ['Jürgen', 'Käthe', 'Sören', 'Anneliese', 'Björn', 'Ute', 'Mareike'],
    last: ['Groß', 'Müller-Lüdenscheidt', 'Weiß', 'Schäfer', 'Özdemir', 'von der Heide'],
  },
  {
    locale: 'en-GB',
    timeZone: 'Europe/London',
    currency: 'EUR',
    share: 5,
    first: ['Siobhán', 'Alfie', 'Priya', 'Gwen', 'Harriet', 'Callum'],
    last: ["O'Neill", 'Smith', 'Patel', "D'Arcy", 'Llewellyn', 'Fraser'],
  },
  {
    locale: 'fr-FR',
    timeZone: 'Europe/Paris',
    currency: 'EUR',
    share: 3,
    first: ['Zoë', 'François', 'Élodie', 'Maël', 'Hélène'],
    last: ['Lefèvre', "L'Hôpital", 'Bézier', 'Garçon', 'Noël'],
  },
  {
    locale: 'es-ES',
    timeZone: 'Europe/Madrid',
    currency: 'EUR',
    share: 3,
    first: ['Íñigo', 'María José', 'Lucía', 'Ramón "Moncho"'],
    last: ['Peña', 'Gutiérrez Solana', 'Ibáñez', 'Zúñiga'],
  },
  {
    locale: 'ar-EG',
    timeZone: 'Africa/Cairo',
    currency: 'EUR',
    share: 3,
    first: ['ليلى', 'يوسف', 'مريم', 'عمر', 'هدى'],
    last: ['حسن', 'عبد الرحمن', 'منصور', 'الشريف'],
  },
  {
    locale: 'sv-SE',
    timeZone: 'Europe/Stockholm',
    currency: 'EUR',
    share: 2,
    first: ['Åsa', 'Örjan', 'Maja', 'Linnéa'],
    last: ['Sjöström', 'Ångström', 'Lindqvist'],
  },
  {
    locale: 'pl-PL',
    timeZone: 'Europe/Warsaw',
    currency: 'EUR',
    share: 2,
    first: ['Małgorzata', 'Łukasz', 'Zofia'],
    last: ['Wójcik', 'Brzęczyszczykiewicz', 'Żak'],
  },
  {
    locale: 'en-US',
    timeZone: 'America/New_York',
    currency: 'EUR',
    share: 4,
    first: ['Jordan', 'Beyoncé', 'Tyrell', 'Madison'],
    last: ['Nguyen', 'Smith <Jr.>', 'Washington', 'de la Cruz'],
  },
]

export interface Person {
  userId: string
  anonymousId: string
  email: string
  firstName: string
  lastName: string
  locale: string
  timeZone: string
  currency: 'EUR' | 'BDT'
  birthday: string | undefined
  /** How many days ago she first came. */
  joinedDaysAgo: number
  /** How often she comes by in a year, and how often she buys when something is in the cart. */
  visits: number
  buys: number
  /** Whether she said yes, and how likely she clicks a mail, or leaves the list by one. */
  consent: 'all' | 'reminders' | 'none'
  clicks: number
  leaves: number
  /** Her employer's scanner opens every link before she does. */
  scanned: boolean
  withdraws: boolean
}

const wheel = countries.flatMap((country) => Array<Country>(country.share).fill(country))

function habits(chance: Chance): Pick<Person, 'joinedDaysAgo' | 'visits' | 'buys' | 'clicks'> {
  const kind = chance.next()
  if (kind < 0.15) return { joinedDaysAgo: chance.whole(200, 364), visits: 8, buys: 0.7, clicks: 0.5 }
  if (kind < 0.55) return { joinedDaysAgo: chance.whole(40, 364), visits: 4, buys: 0.5, clicks: 0.3 }
  if (kind < 0.75) return { joinedDaysAgo: chance.whole(60, 364), visits: 5, buys: 0.12, clicks: 0.2 }
  if (kind < 0.9) return { joinedDaysAgo: chance.whole(240, 364), visits: 2, buys: 0.6, clicks: 0.1 }
  return { joinedDaysAgo: chance.whole(1, 30), visits: 14, buys: 0.5, clicks: 0.4 }
}

/** One of them. The same chance gives the same person. */
export function personOf(number: number, chance: Chance): Person {
  const { locale, timeZone, currency, first, last } = chance.pick(wheel as [Country, ...Country[]])
  const month = String(chance.whole(1, 12)).padStart(2, '0')
  const day = String(chance.whole(1, 28)).padStart(2, '0')
  const says = chance.next()
  return {
    userId: `sample-${number}`,
    anonymousId: `device-of-sample-${number}`,
    email: `customer.${number}@example.com`,
    firstName: chance.pick(first),
    lastName: chance.pick(last),
    locale,
    timeZone,
    currency,
    birthday: chance.happens(0.6) ? `${chance.whole(1950, 2005)}-${month}-${day}` : undefined,
    ...habits(chance),
    consent: says < 0.68 ? 'all' : says < 0.78 ? 'reminders' : 'none',
    leaves: 0.012,
    scanned: chance.happens(0.08),
    withdraws: chance.happens(0.04),
  }
}
