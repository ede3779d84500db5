/**
 * The Lambda handler of the step `track`: the public side of the links in mails. Pages are in `track/page.ts`;
 * whoever brings a token that is none of ours sees one and the same page.
 */
import { BodyUnread, type HttpAnswer, type HttpRequest, readRequest } from '#adapters/http'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { limits } from '#core/limits'
import { click, lookAtUnsubscribing, type TrackPorts, unsubscribe } from '#flow/track'
import { askPage, donePage, failedPage, gonePage, type Page, pageHeaders } from './track/page.ts'
import { pickLanguage } from './track/words.ts'

const shown = (page: Page, look: boolean): HttpAnswer => ({
  statusCode: page.status,
  headers: pageHeaders(page.language),
  body: look ? '' : page.html,
})

const languageOf = (request: HttpRequest, shopLocale?: string) =>
  pickLanguage(request.headers['accept-language'], shopLocale)

const gone = (request: HttpRequest) => shown(gonePage(languageOf(request)), request.method === 'HEAD')

const notAllowed = (allow: string): HttpAnswer => ({ statusCode: 405, headers: { allow }, body: '' })

async function answerClick(ports: TrackPorts, request: HttpRequest, token: string): Promise<HttpAnswer> {
  const look = request.method === 'HEAD'
  if (!look && request.method !== 'GET') return notAllowed('GET, HEAD')
  const to = await click(ports, { token, userAgent: request.headers['user-agent'], look })
  if (to === undefined) return gone(request)
  const headers = { location: to, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  return { statusCode: 302, headers, body: '' }
}

/** The button that was pressed; a mail program's one-click (RFC 8058) presses none and means the mail's topic. */
function pressed(request: HttpRequest): 'topic' | 'all' {
  try {
    return new URLSearchParams(request.text()).get('from') === 'all' ? 'all' : 'topic'
  } catch (error) {
    if (error instanceof BodyUnread) return 'topic'
    throw error
  }
}

async function answerUnsubscribe(
  ports: TrackPorts,
  request: HttpRequest,
  token: string,
): Promise<HttpAnswer> {
  if (request.method === 'POST') {
    const done = await unsubscribe(ports, { token, from: pressed(request) })
    return done === undefined ? gone(request) : shown(donePage(languageOf(request, done.locale), done), false)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET, HEAD, POST')
  const asked = await lookAtUnsubscribing(ports, token)
  return asked === undefined
    ? gone(request)
    : shown(askPage(languageOf(request, asked.locale), asked), request.method === 'HEAD')
}

/** Answers one HTTP request over the given ports. */
export async function answerTrack(ports: TrackPorts, event: unknown): Promise<HttpAnswer> {
  const request = readRequest(event, limits.formBytes)
  try {
    const [, kind, token = ''] = /^\/([cu])\/([^/]{1,200})\/?$/.exec(request.path) ?? []
    if (kind === 'c') return await answerClick(ports, request, token)
    if (kind === 'u') return await answerUnsubscribe(ports, request, token)
    return gone(request)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    ports.log({ level: 'error', step: 'track', event: 'failed', error: words })
    return shown(failedPage(languageOf(request)), request.method === 'HEAD')
  }
}

const ports = { ...portsFrom(), keys: keysFrom(), log: jsonLog('track') }

export const handler = async (event: unknown): Promise<HttpAnswer> => answerTrack(ports, event)
