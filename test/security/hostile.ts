/**
 * Requests as an enemy would write them, from a seed: calls that are nearly right, with one or more of their
 * parts replaced by something no shop sends; bodies that are no JSON, no UTF-8, no gzip, too deep, too many, too
 * large; paths, methods and headers of every kind. What must hold of the answers is in `fuzz.ts`.
 */
import { gzipSync } from 'node:zlib'
import { type Chance, chance } from './chance.ts'
import {
  fields,
  forms,
  headerNames,
  headerValues,
  ids,
  methods,
  names,
  noJson,
  oddPaths,
  paths,
  raw,
  texts,
  times,
  values,
} from './hostile-words.ts'

/** An HTTP envelope as the gateway hands it to a function. */
export interface Envelope {
  rawPath: string
  rawQueryString: string
  headers: Record<string, string>
  body?: string
  isBase64Encoded: boolean
  requestContext: { domainName: string; http: { method: string } }
}

const deep = (levels: number, open: string, close: string) => raw(open.repeat(levels) + close.repeat(levels))

/** Anything at all. */
function junk(of: Chance, depth = 0): unknown {
  if (of.once(60)) return of.pick(noJson)
  switch (of.below(depth > 3 ? 2 : 7)) {
    case 0:
      return of.pick(texts)
    case 1:
      return of.pick(values)
    case 2:
      return Array.from({ length: of.below(5) }, () => junk(of, depth + 1))
    case 3:
      return of.once(200) ? Array.from({ length: 3000 }, () => of.below(10)) : of.below(2 ** 31)
    case 4:
      return of.once(10) ? deep(of.pick([9, 100, 2_000]), '[', ']') : of.pick(texts)
    case 5:
      return of.once(10) ? deep(of.pick([9, 100, 1_000]), '{"a":', '}') : of.pick(values)
    default: {
      const entries = Array.from({ length: of.below(4) }, () => [
        of.pick([...texts, ...fields]),
        junk(of, depth + 1),
      ])
      return Object.fromEntries(entries)
    }
  }
}

const maybe = (of: Chance, value: unknown): unknown => (of.once(40) ? junk(of) : value)

function product(of: Chance): Record<string, unknown> {
  return {
    product_id: maybe(of, of.pick(['mug', 'lamp', 7])),
    name: maybe(of, 'Morning mug'),
    price: maybe(of, of.once(20) ? of.pick([-1, 1e13, 'NaN', '']) : of.pick([18.5, '18.5', 0])),
    quantity: maybe(of, of.once(20) ? of.pick([0, -1, 1.5, 1e9, '1e3']) : of.pick([1, 2, '3'])),
    currency: maybe(of, of.once(20) ? of.pick(['XXX', '€', 'EURO']) : of.pick(['EUR', 'eur', 'BDT', ''])),
    url: maybe(of, of.pick(texts)),
    image_url: maybe(of, of.pick(texts)),
    category: maybe(of, of.pick(texts)),
  }
}

function propertiesOf(of: Chance): unknown {
  return {
    ...product(of),
    cart_id: maybe(of, of.pick(['c1', 'c2', 3])),
    order_id: maybe(of, `o-${of.below(200)}`),
    total: maybe(of, of.once(20) ? of.pick([-5, 1e13, '1e999']) : of.pick([1, '12.50', 1e12])),
    products: maybe(
      of,
      Array.from({ length: of.once(20_000) ? 1001 : of.below(4) }, () => product(of)),
    ),
    topics: maybe(
      of,
      of.once(10)
        ? of.pick([[], 'reminders', [{}]])
        : of.pick([['reminders'], undefined, ['__proto__'], [7]]),
    ),
    email: maybe(of, of.pick(texts)),
    confirmed: maybe(of, of.pick([true, 'true', undefined])),
  }
}

const traitsOf = (of: Chance): unknown => ({
  email: maybe(of, `person${of.below(40)}@example.com`),
  firstName: maybe(of, of.pick(texts)),
  locale: maybe(of, of.pick(['en', 'bn_BD', 'xx-yy-zz', '-', 'und-u-co-'.repeat(20)])),
  timezone: maybe(of, of.pick(['Asia/Dhaka', 'Etc/GMT+14', '../../etc', 'UTC\u0000'])),
  birthday: maybe(of, of.pick(['1990-02-29', '--02-30', '2026-13-01', '0000-00-00'])),
  [of.pick(texts)]: junk(of),
})

/** One call, most of it right. */
function call(of: Chance): unknown {
  if (of.once(40)) return junk(of)
  const one: Record<string, unknown> = {
    type: maybe(of, of.pick(['track', 'track', 'identify', 'page', 'screen', 'alias', 'group'])),
    event: maybe(of, of.pick(names)),
    messageId: of.once(3) ? undefined : maybe(of, `m-${of.below(100_000)}`),
    userId: of.once(3) ? undefined : maybe(of, of.pick(ids)),
    anonymousId: of.once(2) ? maybe(of, of.pick(ids)) : undefined,
    previousId: of.once(6) ? maybe(of, of.pick(ids)) : undefined,
    timestamp: of.once(3) ? (of.once(8) ? of.pick(texts) : of.pick(times)) : undefined,
    sentAt: of.once(6) ? (of.once(8) ? of.pick(texts) : of.pick(times)) : undefined,
    properties: maybe(of, propertiesOf(of)),
    traits: of.once(2) ? maybe(of, traitsOf(of)) : undefined,
    context: of.once(2)
      ? maybe(of, {
          traits: maybe(of, traitsOf(of)),
          history: maybe(of, of.pick([true, false, undefined])),
          page: maybe(of, { url: of.pick(texts) }),
          [of.pick(texts)]: junk(of),
        })
      : undefined,
  }
  if (of.once(6)) one[of.pick(fields)] = junk(of)
  if (of.once(10)) one[of.pick(texts)] = junk(of)
  if (of.once(1_000)) one.padding = 'x'.repeat(33_000)
  return one
}

const stringify = (value: unknown): string => {
  const text = JSON.stringify(value) ?? ''
  if (!text.includes('\\u0000raw:')) return text
  return text.replace(/"\\u0000raw:(.*?)\\u0000"/g, (_, written: string) => JSON.parse(`"${written}"`))
}

function batchOf(of: Chance): unknown {
  const length = of.once(30) ? 101 : of.below(8)
  const batch = Array.from({ length }, () => (of.once(15) ? { batch: [call(of)] } : call(of)))
  return { batch: maybe(of, batch), sentAt: maybe(of, undefined), writeKey: maybe(of, undefined) }
}

function textOf(of: Chance, batched: boolean): string {
  const whole = stringify(batched !== of.once(8) ? batchOf(of) : call(of))
  if (of.once(40)) return whole.slice(0, of.below(whole.length + 1))
  if (of.once(60)) return of.pick(texts)
  if (of.once(60)) return of.pick(['\ufeff', ' ', '\t\n']) + whole
  if (of.once(80)) return `[${whole.slice(0, 200)},`.repeat(50)
  if (of.once(5_000)) return `{"a":"${'x'.repeat(600_000)}"}`
  return whole
}

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

function headersOf(of: Chance): Record<string, string> {
  const key = of.once(40) ? of.pick(texts) : of.pick(['server-key', 'server-key', 'browser-key'])
  const headers: Record<string, string> = of.once(40) ? {} : { authorization: basic(key) }
  for (let more = of.below(3); more > 0; more -= 1) headers[of.pick(headerNames)] = of.pick(headerValues)
  return headers
}

/** The body as bytes on the wire: plain, in base64, in gzip, or said to be what it is not. */
function wrapped(of: Chance, text: string): Pick<Envelope, 'body' | 'isBase64Encoded'> & { gzip?: boolean } {
  const bytes = Buffer.from(text)
  if (of.once(80)) return { body: text, isBase64Encoded: true }
  if (of.once(80)) bytes.fill(0xff, 0, Math.min(bytes.length, 1 + of.below(8)))
  if (of.once(5_000))
    return {
      body: gzipSync(Buffer.alloc(5_000_000, 32)).toString('base64'),
      isBase64Encoded: true,
      gzip: true,
    }
  if (of.once(20)) return { body: gzipSync(bytes).toString('base64'), isBase64Encoded: true, gzip: true }
  if (of.once(4)) return { body: bytes.toString('base64'), isBase64Encoded: true }
  return { body: bytes.toString('utf8'), isBase64Encoded: false }
}

function envelope(of: Chance, at: { path: string; query?: string; method: string; text?: string }): Envelope {
  const { gzip = false, ...body } = at.text === undefined ? { isBase64Encoded: false } : wrapped(of, at.text)
  const headers = headersOf(of)
  if (gzip) headers['content-encoding'] = 'gzip'
  return {
    rawPath: at.path,
    rawQueryString: at.query ?? '',
    headers,
    ...body,
    requestContext: { domainName: 'api.example', http: { method: at.method } },
  }
}

function trackRequest(of: Chance, links: readonly string[]): Envelope {
  const odd = of.once(20) ? of.pick(['', 'z', 'cc', '__proto__']) : of.pick([...'cuopsvay'])
  const good = of.once(3) ? `${odd}/${of.pick([...texts, 'A'.repeat(60)])}` : of.pick(links)
  const link = of.once(8) ? good.slice(0, -1) + of.pick(['A', '%', '/', '\u0000']) : good
  const query = of.once(3)
    ? of.pick(['score=7', 'score=%00', 'url=//evil.example', '&&==', 'score=7&score=8'])
    : ''
  const method = of.once(8) ? of.pick(methods) : of.pick(['GET', 'POST', 'HEAD'])
  const text =
    method === 'POST' || of.once(10) ? (of.once(4) ? textOf(of, false) : of.pick(forms)) : undefined
  const tail = of.once(12) ? of.pick(['/', '//', '/x', '?x', '%2f']) : ''
  return envelope(of, {
    path: `/${link}${tail}`,
    query,
    method,
    ...(text !== undefined && { text }),
  })
}

function ingestRequest(of: Chance): Envelope {
  const path = of.once(25) ? of.pick(oddPaths) : of.pick(paths)
  const method = of.once(25) ? of.pick(methods) : 'POST'
  return envelope(of, { path, method, text: textOf(of, /\/b(atch)?$/.test(path)) })
}

/** The requests of a seed, without end. `links`: real ones that were really sent, as `c/<token>`. */
export function* hostile(seed: number, links: readonly string[]): Generator<Envelope> {
  const of = chance(seed)
  for (;;) yield of.once(4) ? trackRequest(of, links) : ingestRequest(of)
}
