/**
 * Addresses of pages, changed as text: what a shop wrote stays as it is, byte for byte, and only the parameters
 * that are asked for are put in.
 */
import { escapePart } from './escape.ts'

/** Whether this is the address of a page or picture on the web. */
export const isPage = (value: unknown): value is string =>
  typeof value === 'string' && /^https?:\/\//i.test(value)

const nameOf = (pair: string): string => {
  const name = pair.split('=')[0] ?? ''
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/**
 * The address with parameters set, before its `#`; those that are empty are left out.
 * @example withParameters('https://a.example/x?a=1#top', { b: 'c d' }) // 'https://a.example/x?a=1&b=c%20d#top'
 */
export function withParameters(url: string, parameters: Readonly<Record<string, unknown>>): string {
  const [, page = url, query, anchor = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url) ?? []
  const set = Object.entries(parameters).flatMap(([name, value]) =>
    (typeof value === 'string' && value !== '') || typeof value === 'number'
      ? [`${escapePart(name)}=${escapePart(String(value))}`]
      : [],
  )
  const names = new Set(set.map(nameOf))
  const kept = (query ?? '').split('&').filter((pair) => pair !== '' && !names.has(nameOf(pair)))
  const pairs = [...kept, ...set].join('&')
  return `${page}${pairs === '' ? '' : `?${pairs}`}${anchor}`
}
