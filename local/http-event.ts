/**
 * A request as the payload format 2.0 of API Gateway shows it: lower-case headers joined by commas, cookies apart,
 * forms and bytes in base64.
 */

export type HttpRequest = {
  method: string
  path: string
  rawQuery: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  nowMs: number
}

/** A header's value; several are joined. */
export function header(request: Pick<HttpRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

export function eventHeaders(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    const value = header(request, name)
    if (value !== undefined) headers[name.toLowerCase()] = value
  }
  headers['x-forwarded-for'] = '127.0.0.1'
  headers['x-forwarded-proto'] = 'https'
  headers['x-forwarded-port'] = '443'
  return headers
}

/** The gateway passes textual types as they are and everything else, forms included, in base64. */
export function eventBody(request: HttpRequest): { body: string | undefined; isBase64Encoded: boolean } {
  if (request.body.length === 0) return { body: undefined, isBase64Encoded: false }
  const type = header(request, 'content-type') ?? 'text/plain'
  const isText = /^(text\/|application\/(json|javascript|xml|[^;]*\+json|[^;]*\+xml))/i.test(type)
  const isEncoded = header(request, 'content-encoding') !== undefined
  if (isText && !isEncoded) return { body: request.body.toString(), isBase64Encoded: false }
  return { body: request.body.toString('base64'), isBase64Encoded: true }
}

export function eventQuery(rawQuery: string): Record<string, string> | undefined {
  if (rawQuery === '') return undefined
  const query: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    query[name] = name in query ? `${query[name]},${value}` : value
  }
  return query
}

/** Time as access logs write it. */
export function commonLogTime(nowMs: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(nowMs).toUTCString()) ?? []
  return `${day}/${month}/${year}:${time} +0000`
}
