/**
 * The sample customers: who a mail is looked at with before anybody gets it. Each is there for one thing that
 * mails get wrong. Read `core/sample.ts` next, which makes them whole.
 */

export interface SamplePerson {
  slug: string
  title: string
  /** What she shows, in one line. */
  about: string
  /** Absent: the shop's own. */
  firstName?: string
  lastName?: string
  locale?: string
  timeZone?: string
  /** What she pays in, and how many times the shop's prices that is. */
  currency?: { code: string; times: number }
  /** Lines of her cart and her order. */
  lines: number
  unsubscribed?: true
}

/** A good customer, of whom everything is known; every other one differs from her in one thing. */
export const regular: SamplePerson = {
  ...{ slug: 'regular', title: 'A regular', about: 'Everything is known of her, three things in her cart.' },
  ...{ firstName: 'Mia', lastName: 'Sample', lines: 3 },
}

const { firstName: _, lastName: __, ...nameless } = regular

export const samplePeople: readonly SamplePerson[] = [
  regular,
  { ...nameless, slug: 'no-name', title: 'No name', about: 'Nobody told us what she is called.' },
  {
    ...{ ...regular, slug: 'long-name', title: 'A long name', about: 'A first name of 60 characters.' },
    firstName: 'Maximiliana-Theodora Wolfeschlegelsteinhausenbergerdorff-Ann',
  },
  {
    ...{ ...regular, slug: 'markup-name', title: '<b>"O\'Brien"</b>', about: 'A name with HTML and quotes.' },
    firstName: '<b>"O\'Brien"</b>',
  },
  {
    ...{
      ...regular,
      slug: 'bengali',
      title: 'Bengali',
      about: 'Bengali words and digits, taka, Dhaka time.',
    },
    ...{ firstName: 'রহিমা', lastName: 'খাতুন', locale: 'bn-BD', timeZone: 'Asia/Dhaka' },
    currency: { code: 'BDT', times: 120 },
  },
  {
    ...{ ...regular, slug: 'arabic', title: 'Arabic', about: 'From right to left, with Arabic digits.' },
    ...{ firstName: 'ريم', lastName: 'منصور', locale: 'ar-EG', timeZone: 'Africa/Cairo' },
    currency: { code: 'EGP', times: 55 },
  },
  { ...regular, slug: 'empty-cart', title: 'Empty cart', about: 'Nothing is in her cart.', lines: 0 },
  { ...regular, slug: 'many-items', title: '25 items', about: 'A cart of 25 lines.', lines: 25 },
  {
    ...{ ...regular, slug: 'unsubscribed', title: 'Unsubscribed', about: 'She wants no marketing mail.' },
    unsubscribed: true,
  },
]
