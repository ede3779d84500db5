/**
 * Traits: what the shop says of a customer, by the names of Segment's identify call and ours beside them
 * (locale, timezone, occupation, region, interests). Each is read into one form; the later one wins by when
 * it was said, in whichever order they arrive. A trait that cannot be read is left out, never guessed.
 */
import type { Event } from './event.ts'
import { limits } from './limits.ts'
import type { State, Trait } from './state.ts'
import { isTimeZone } from './time.ts'

const asText = (value: unknown): string | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).trim()
  return text === '' ? undefined : text.slice(0, limits.nameCharacters)
}

/** `bn_BD` and `bn-bd` as `bn-BD`; undefined when it is no locale. */
function asLocale(value: unknown): string | undefined {
  const text = asText(value)
  if (text === undefined) return undefined
  try {
    return Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

const asTimeZone = (value: unknown): string | undefined =>
  typeof value === 'string' && isTimeZone(value) ? value : undefined

/** A day as `YYYY-MM-DD`, or `--MM-DD` where the year is not known. */
function asDay(value: unknown): string | undefined {
  const match = /^(\d{4}|-)-(\d\d)-(\d\d)(T|$)/.exec(asText(value) ?? '')
  if (!match) return undefined
  const [, year, month, day] = match
  const inYear = `${year === '-' ? '2024' : year}-${month}-${day}`
  const read = new Date(`${inYear}T00:00:00Z`)
  const real = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(inYear)
  return real ? `${year}-${month}-${day}` : undefined
}

function asList(value: unknown): string[] | undefined {
  const parts = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(parts)) return undefined
  const list = parts.flatMap((part) => asText(part) ?? [])
  return list.length === 0 ? undefined : list.slice(0, limits.interests)
}

const asAddress = (value: unknown): string | undefined => {
  const text = asText(value)
  return text !== undefined && /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(text) ? text : undefined
}

const part = (value: unknown, key: string): unknown =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** Trait → the names it may be sent by → how it is read. */
const readers: Record<string, { names: string[]; read: (value: unknown) => unknown }> = {
  email: { names: ['email'], read: asAddress },
  name: { names: ['name'], read: asText },
  firstName: { names: ['firstName', 'first_name'], read: asText },
  lastName: { names: ['lastName', 'last_name'], read: asText },
  locale: { names: ['locale', 'language'], read: asLocale },
  timeZone: { names: ['timezone', 'timeZone'], read: asTimeZone },
  gender: { names: ['gender'], read: asText },
  occupation: { names: ['occupation', 'title'], read: asText },
  birthday: { names: ['birthday'], read: asDay },
  phone: { names: ['phone'], read: asText },
  region: { names: ['region'], read: asText },
  interests: { names: ['interests'], read: asList },
}

const known = new Set(Object.values(readers).flatMap((reader) => reader.names))

/** Custom traits are kept under this prefix, so that no name of theirs meets one of ours. */
const custom = 'custom:'

/** The traits an event gives: of an identify call, else those in its context. `null` takes a trait back. */
export function traitsOf(event: Event): Record<string, unknown> {
  const sent = event.traits ?? part(event.context, 'traits')
  const given: Record<string, unknown> = {}
  if (sent !== null && typeof sent === 'object') readGiven(sent as Record<string, unknown>, given)
  const locale = asLocale(part(event.context, 'locale'))
  const timeZone = asTimeZone(part(event.context, 'timezone'))
  if (locale !== undefined) given['device:locale'] = locale
  if (timeZone !== undefined) given['device:timeZone'] = timeZone
  return given
}

function readGiven(sent: Record<string, unknown>, given: Record<string, unknown>): void {
  for (const [trait, { names, read }] of Object.entries(readers)) {
    const name = names.find((one) => Object.hasOwn(sent, one))
    if (name === undefined) continue
    const value = sent[name] === null ? null : read(sent[name])
    if (value !== undefined) given[trait] = value
  }
  const { address } = sent
  const region =
    asText(part(address, 'state')) ?? asText(part(address, 'region')) ?? asText(part(address, 'city'))
  const country = asText(part(address, 'country'))
  if (region !== undefined && given.region === undefined) given.region = region
  if (country !== undefined) given.country = country
  for (const [name, value] of Object.entries(sent)) {
    if (known.has(name) || name === 'address') continue
    if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) || value === null)
      given[custom + name] = value
    else if (typeof value === 'string') given[custom + name] = value.slice(0, limits.nameCharacters)
  }
}

type Traits = State['traits']

/** What a browser knows better than the shop: what she speaks, and what time it is where she is. */
const browsersOwn = (name: string): boolean =>
  name === 'locale' || name === 'timeZone' || name.startsWith('device:')

/**
 * Which of two traits of one name stands: the server's word before a browser's, whose key is public; else the
 * later, and of two at one time the greater as text. It is the same in whichever order they come.
 */
export function strongerTrait(one: Trait, other: Trait): Trait {
  if (one.said !== other.said) return one.said === undefined ? one : other
  if (one.at !== other.at) return one.at > other.at ? one : other
  return JSON.stringify(one.value) >= JSON.stringify(other.value) ? one : other
}

/** Traits with those of one event, as `strongerTrait` says. */
export function withTraits(
  traits: Traits,
  given: Record<string, unknown>,
  { occurredAt: at, source }: Pick<Event, 'occurredAt' | 'source'>,
): Traits {
  let next: Traits | undefined
  let customs = Object.keys(traits).filter((name) => name.startsWith(custom)).length
  for (const [name, value] of Object.entries(given)) {
    const before = traits[name]
    const said = source === 'browser' && !browsersOwn(name) ? { said: 'browser' as const } : {}
    const trait: Trait = { value, at, ...said }
    if (before !== undefined) {
      // Said again counts as said later: something else that was said in between may still arrive.
      if (strongerTrait(before, trait) === before) continue
    } else if (name.startsWith(custom)) {
      if (customs >= limits.customTraits) continue
      customs += 1
    }
    next ??= { ...traits }
    next[name] = trait
  }
  return next ?? traits
}

/** A trait of text, or undefined. */
export function textTrait(state: State, name: string): string | undefined {
  const value = state.traits[name]?.value
  return typeof value === 'string' ? value : undefined
}

/** The customer's address as last given. */
export const addressOf = (state: State): string | undefined => textTrait(state, 'email')

/** Her time zone: as given, else her device's, else the shop's. */
export const zoneOf = (state: State, shopZone: string): string =>
  textTrait(state, 'timeZone') ?? textTrait(state, 'device:timeZone') ?? shopZone

/** Her locale: as given, else her device's, else the shop's. */
export const localeOf = (state: State, shopLocale: string): string =>
  textTrait(state, 'locale') ?? textTrait(state, 'device:locale') ?? shopLocale

/** Traits that are not ours, by the name they were sent by. */
export const customTraits = (state: State): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(state.traits).flatMap(([name, trait]) =>
      name.startsWith(custom) && trait.value !== null ? [[name.slice(custom.length), trait.value]] : [],
    ),
  )
