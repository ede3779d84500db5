/**
 * The envelope of an HTTP request and answer (API Gateway, payload format 2.0) made plain: the body as text,
 * whether it came in base64 or gzip, bounded before it is unpacked. Used by the functions behind the HTTP API.
 */
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'

const Envelope = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string().optional()).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    domainName: z.string().optional(),
    http: z.object({ method: z.string() }),
  }),
})

/** A request as functions read it; header names are in small letters. */
export interface HttpRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string | undefined>>
  /** The host it was sent to, with its port where it has one. */
  host: string
  protocol: 'http' | 'https'
  /** The body as text; throws `BodyUnread`. */
  text: () => string
}

export interface HttpAnswer {
  statusCode: number
  headers: Record<string, string>
  body: string
  isBase64Encoded?: boolean
}

/** Thrown when a body is larger than it may be, or not in the encoding it says. */
export class BodyUnread extends Error {
  readonly why: 'too-large' | 'bad-encoding'

  constructor(why: 'too-large' | 'bad-encoding') {
    super(`the body is ${why}`)
    this.name = 'BodyUnread'
    this.why = why
  }
}

function unzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    const tooLarge = error instanceof RangeError
    throw new BodyUnread(tooLarge ? 'too-large' : 'bad-encoding')
  }
}

/** Reads the envelope; `maxBytes` bounds the body, unpacked. Throws a `ZodError` when it is no HTTP envelope. */
export function readRequest(event: unknown, maxBytes: number): HttpRequest {
  const envelope = Envelope.parse(event)
  const headers = Object.fromEntries(
    Object.entries(envelope.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const text = () => {
    const sent = Buffer.from(envelope.body ?? '', envelope.isBase64Encoded ? 'base64' : 'utf8')
    const zipped = /^(x-)?gzip$/i.test(headers['content-encoding']?.trim() ?? '')
    if (sent.length > maxBytes) throw new BodyUnread('too-large')
    return (zipped ? unzip(sent, maxBytes) : sent).toString('utf8')
  }
  const host = headers.host ?? envelope.requestContext.domainName ?? ''
  const plain = headers['x-forwarded-proto'] === 'http' || /^(127\.0\.0\.1|localhost)(:|$)/.test(host)
  return {
    method: envelope.requestContext.http.method.toUpperCase(),
    path: envelope.rawPath,
    query: new URLSearchParams(envelope.rawQueryString),
    headers,
    host,
    protocol: plain ? 'http' : 'https',
    text,
  }
}

/** An answer in JSON: `application/problem+json` from 400 on. */
export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HttpAnswer => ({
  statusCode: status,
  headers: {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  },
  body: JSON.stringify(body),
})
