/** What our own pages say, by language. `{topic}` and `{shop}` are filled in. Which language: `pickLanguage`. */

const english = {
  direction: 'ltr',
  title: 'Unsubscribe',
  ask: 'Do you no longer want “{topic}” from {shop}?',
  askAll: 'Do you no longer want mail from {shop}?',
  stopTopic: 'Unsubscribe from “{topic}”',
  stopAll: 'Stop all marketing mail',
  doneTitle: 'You are unsubscribed',
  done: 'You will get no more “{topic}” from {shop}.',
  doneAll: 'You will get no more marketing mail from {shop}.',
  note: 'Mail about your orders is not affected. A mail that was already on its way may still arrive.',
  visit: 'Go to {shop}',
  goneTitle: 'There is nothing here',
  gone: 'This link is not complete, or it is not one of ours. Please copy it whole from your mail.',
  failedTitle: 'That did not work',
  failed: 'Something went wrong on our side. Please try again in a moment.',
} as const

type Words = Record<keyof typeof english, string>

const bengali: Words = {
  direction: 'ltr',
  title: 'সাবস্ক্রিপশন বন্ধ করুন',
  ask: 'আপনি কি {shop} থেকে আর “{topic}” পেতে চান না?',
  askAll: 'আপনি কি {shop} থেকে আর ইমেইল পেতে চান না?',
  stopTopic: '“{topic}” বন্ধ করুন',
  stopAll: 'সব প্রচারমূলক ইমেইল বন্ধ করুন',
  doneTitle: 'আপনার সাবস্ক্রিপশন বন্ধ হয়েছে',
  done: '{shop} থেকে আপনি আর “{topic}” পাবেন না।',
  doneAll: '{shop} থেকে আপনি আর কোনো প্রচারমূলক ইমেইল পাবেন না।',
  note: 'আপনার অর্ডার সংক্রান্ত ইমেইল আগের মতোই আসবে। যে ইমেইল আগেই পাঠানো হয়েছে, তা এখনও পৌঁছাতে পারে।',
  visit: '{shop}-এ যান',
  goneTitle: 'এখানে কিছু নেই',
  gone: 'লিংকটি অসম্পূর্ণ, অথবা এটি আমাদের লিংক নয়। ইমেইল থেকে পুরো লিংকটি কপি করুন।',
  failedTitle: 'কাজটি সম্পন্ন হয়নি',
  failed: 'আমাদের দিকে একটি সমস্যা হয়েছে। একটু পরে আবার চেষ্টা করুন।',
}

export const words = { en: english, bn: bengali } as const satisfies Record<string, Words>
export type Language = keyof typeof words

const isLanguage = (name: string): name is Language => Object.hasOwn(words, name)

/** The language a browser asks for (RFC 9110 Accept-Language), of those we speak; else the shop's, else English. */
export function pickLanguage(accept: string | undefined, shopLocale = 'en'): Language {
  const asked = (accept ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const quality = parameters
        .map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1])
        .find((one) => one !== undefined)
      return { language: tag.split('-')[0] ?? '', weight: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight)
  for (const { language } of asked) if (isLanguage(language)) return language
  const own = shopLocale.toLowerCase().split('-')[0] ?? ''
  return isLanguage(own) ? own : 'en'
}

/** A topic's or shop's name in a language: as said for it, else in any language it was given. */
export function nameIn(names: Readonly<Record<string, string>>, language: string): string {
  const exact = Object.entries(names).find(([locale]) => locale.toLowerCase().split('-')[0] === language)
  return exact?.[1] ?? names.en ?? Object.values(names)[0] ?? ''
}
