/** What our own pages say, by language (`words-<language>.ts`), and which language a browser wants. */
import { arabic } from './words-ar.ts'
import { bengali } from './words-bn.ts'
import { english } from './words-en.ts'

export type Words = Record<keyof typeof english, string>

export const words = { en: english, bn: bengali, ar: arabic } as const satisfies Record<string, Words>
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

/** A number as it is written in a language. */
export const numberIn = (value: number, language: Language): string =>
  new Intl.NumberFormat(language).format(value)
