/**
 * The Lambda handler of the step `ingest`: HTTP on the one side, `flow/ingest.ts` on the other. It knows
 * paths, headers and encodings of the Segment specification, and decides nothing.
 */
import { BodyUnread, type HttpAnswer, type HttpRequest, jsonAnswer, readRequest } from '#adapters/http'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import type { EventType } from '#core/event'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { problemOf, type RefusalCode, statusOf } from '#core/refusal'
import { browserSettings, type IngestPorts, ingest } from '#flow/ingest'
import type { Log } from '#flow/port'

const endpoints: Readonly<Record<string, EventType | 'batch'>> = {
  track: 'track',
  identify: 'identify',
  page: 'page',
  screen: 'screen',
  alias: 'alias',
  group: 'group',
  batch: 'batch',
  t: 'track',
  i: 'identify',
  p: 'page',
  s: 'screen',
  a: 'alias',
  g: 'group',
  b: 'batch',
}

const refuse = (code: RefusalCode, message: string, headers: Record<string, string> = {}): HttpAnswer =>
  jsonAnswer(statusOf(code), problemOf([{ code, path: '', message }]), headers)

/** The user name of basic authorization (RFC 7617): where Segment's libraries put the write key. */
function keyOf(authorization: string | undefined): string | undefined {
  const match = /^basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(authorization ?? '')
  if (!match) return undefined
  const key = Buffer.from(match[1] ?? '', 'base64')
    .toString('utf8')
    .split(':')[0]
  return key === '' || (key?.length ?? 0) > limits.idCharacters ? undefined : key
}

function bodyOf(request: HttpRequest): { parsed: unknown } | HttpAnswer {
  try {
    return { parsed: JSON.parse(request.text().replace(/^\uFEFF/, '')) }
  } catch (error) {
    if (!(error instanceof BodyUnread)) return refuse('bad-json', 'the body is not JSON (sent as UTF-8)')
    return error.why === 'too-large'
      ? refuse('body-too-large', `a request body is at most ${limits.batchBytes / 1024} KB`)
      : refuse('bad-encoding', 'the body is not gzip, though Content-Encoding says so')
  }
}

async function route(ports: IngestPorts, request: HttpRequest): Promise<HttpAnswer> {
  const path = request.path.replace(/\/+$/, '')
  const settings = /^\/v1\/projects\/([^/]{1,300})\/settings$/.exec(path)
  if (settings) {
    if (request.method !== 'GET') return refuse('wrong-method', 'ask for it with GET', { allow: 'GET' })
    const { host, protocol } = request
    const answer = await browserSettings(ports, { key: decode(settings[1] ?? ''), host, protocol })
    const kept = answer.status === 200 ? { 'cache-control': 'public, max-age=300' } : {}
    return jsonAnswer(answer.status, answer.body, kept)
  }
  const name = /^\/v1\/([a-z]+)$/.exec(path)?.[1] ?? ''
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined
  if (endpoint === undefined)
    return refuse('no-such-page', 'post to /v1/track, identify, page, screen, alias, group or batch')
  if (request.method !== 'POST') return refuse('wrong-method', 'send events with POST', { allow: 'POST' })
  const read = bodyOf(request)
  if (!('parsed' in read)) return read
  const answer = await ingest(ports, {
    endpoint,
    key: keyOf(request.headers.authorization),
    body: read.parsed,
  })
  return jsonAnswer(answer.status, answer.body)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Answers one HTTP request over the given ports; what failed is a 5xx that clients send again. */
export async function answerIngest(ports: IngestPorts & { log: Log }, event: unknown): Promise<HttpAnswer> {
  try {
    return await route(ports, readRequest(event, limits.batchBytes))
  } catch (error) {
    const failed = error instanceof Failed ? error : undefined
    const words = error instanceof Error ? error.message : String(error)
    ports.log({
      level: 'error',
      step: 'ingest',
      event: 'failed',
      code: failed?.code ?? 'unexpected',
      error: words,
    })
    const status = failed?.retryable === false ? 500 : 503
    const title = 'Nothing of this can be counted on; send it again'
    const problem = { type: 'about:blank', title, status, code: failed?.code ?? 'unexpected' }
    return jsonAnswer(status, problem, { 'retry-after': '1' })
  }
}

const ports = { ...portsFrom(), keys: keysFrom(), log: jsonLog('ingest') }

export const handler = async (event: unknown): Promise<HttpAnswer> => answerIngest(ports, event)
