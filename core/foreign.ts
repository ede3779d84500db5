/**
 * What a browser says leads to the shop and nowhere else. A browser's key is public, so that a stranger may say
 * it: without this, a stranger's link would stand in a mail of the shop. A text that holds a web address of
 * another host is taken out of the event before it is folded (`core/decide.ts`); the settings say which are the
 * shop's. What comes with the server key is the shop's own word and stays as it is.
 */
import type { Bag, Event } from './event.ts'
import { safeUrl } from './fact.ts'
import type { Settings } from './settings.ts'

const addresses = /\bhttps?:[^\s"'<>]*/gi

/** Where she came from is no address that anything leads to. */
const leadsNowhere: ReadonlySet<string> = new Set(['referrer'])

const hostOf = (url: string | undefined): string | undefined => {
  const safe = safeUrl(url)
  return safe === undefined ? undefined : new URL(safe).hostname.replace(/^www\./, '')
}

/** The hosts that are the shop's, each with what lies below it: of its pages, and those its settings add. */
export function shopHosts({ shop }: Pick<Settings, 'shop'>): string[] {
  const pages = [shop.url, shop.cartUrl, shop.restoreUrl, shop.logo].flatMap((url) => hostOf(url) ?? [])
  return [...new Set([...pages, ...(shop.hosts ?? [])])]
}

/** Whether a web address leads to one of `hosts`; one with a user name in it, or that cannot be read, does not. */
export function leadsTo(url: string, hosts: readonly string[]): boolean {
  const safe = safeUrl(url)
  if (safe === undefined) return false
  const { hostname, username, password } = new URL(safe)
  if (username !== '' || password !== '') return false
  return hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`))
}

function isForeign(text: string, hosts: readonly string[]): boolean {
  // the whole too: what readers of addresses skip (tabs, line ends) hides the beginning of one
  const found = [...(text.match(addresses) ?? []), ...(safeUrl(text) === undefined ? [] : [text])]
  return found.some((address) => !leadsTo(address, hosts))
}

function without(value: unknown, hosts: readonly string[]): unknown {
  if (typeof value === 'string') return isForeign(value, hosts) ? undefined : value
  if (Array.isArray(value)) return value.map((one) => without(one, hosts)).filter((one) => one !== undefined)
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).flatMap(([name, one]): [string, unknown][] => {
    const own = leadsNowhere.has(name) ? one : without(one, hosts)
    return own === undefined ? [] : [[name, own]]
  })
  return Object.fromEntries(kept)
}

/**
 * The event without what leads away from the shop, where only a browser said it; else the event itself.
 * @example withoutForeign(event, settings).properties
 */
export function withoutForeign(event: Event, settings: Pick<Settings, 'shop'>): Event {
  if (event.source !== 'browser') return event
  const hosts = shopHosts(settings)
  const bag = (one: Bag) => without(one, hosts) as Bag
  return {
    ...event,
    properties: bag(event.properties),
    ...(event.traits && { traits: bag(event.traits) }),
    ...(event.context && { context: bag(event.context) }),
  }
}
