/**
 * The Lambda handler of the step `track`: the public side of the links in mails. One row a kind of link says
 * which methods it knows; pages are in `track/page*.ts`. Whoever brings a token that is none of ours sees one
 * and the same page, whatever the link.
 */
import { stageFrom } from '#adapters/environment'
import { BodyUnread, type HttpAnswer, type HttpRequest, readRequest } from '#adapters/http'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { limits } from '#core/limits'
import { keyIdOf, pathOf } from '#core/link'
import { click, type Hit } from '#flow/track'
import { confirmConsent, lookAtConfirming } from '#flow/track-confirm'
import type { Shown, TrackPorts } from '#flow/track-known'
import { online } from '#flow/track-online'
import { open } from '#flow/track-open'
import { lookAtPreferences, savePreferences, type Worded } from '#flow/track-preferences'
import { restore } from '#flow/track-restore'
import { answerSurvey, lookAtSurvey, scoreOf } from '#flow/track-survey'
import { lookAtUnsubscribing, unsubscribe } from '#flow/track-unsubscribe'
import { failedPage, gonePage, type Page, privately, unreadPage } from './track/page.ts'
import { confirmedPage, confirmPage, confirmWords, mailPage, oldPage } from './track/page-mail.ts'
import { preferencesPage, preferenceWords, wantedOf } from './track/page-preferences.ts'
import { surveyPage, thanksPage, wrongPage } from './track/page-survey.ts'
import { askPage, donePage } from './track/page-unsubscribe.ts'
import { type Language, pickLanguage } from './track/words.ts'

/** What is asked for, and the language to answer in once the shop's is known. */
interface Asked {
  token: string
  request: HttpRequest
  languageOf: (shown: { locale: string }) => Language
}

/** Answers a request; undefined: its token is none of ours. */
type Answer = (ports: TrackPorts, asked: Asked) => Promise<HttpAnswer | Page | undefined>

interface Route {
  get: Answer
  post?: Answer
}

const pixel = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

const redirect = (to: string | undefined): HttpAnswer | undefined =>
  to === undefined
    ? undefined
    : {
        statusCode: 302,
        headers: { location: to, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
        body: '',
      }

/** Headers by which browsers say that they only fetch ahead, in case she clicks. */
const ahead = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const
const isAhead = ({ headers }: HttpRequest): boolean =>
  ahead.some((name) => /prefetch|preview|prerender/i.test(headers[name] ?? ''))

/** What is only fetched ahead has nobody behind it. */
const hitOf = ({ token, request }: Asked): Hit => ({
  token,
  userAgent: isAhead(request) ? undefined : request.headers['user-agent'],
  look: request.method === 'HEAD',
})

/** The form that was posted; undefined: it cannot be read. */
function formOf(request: HttpRequest): URLSearchParams | undefined {
  try {
    return new URLSearchParams(request.text())
  } catch (error) {
    if (error instanceof BodyUnread) return undefined
    throw error
  }
}

const routes: Record<string, Route> = {
  [pathOf.click]: { get: async (ports, asked) => redirect(await click(ports, hitOf(asked))) },
  [pathOf.restore]: { get: async (ports, asked) => redirect(await restore(ports, hitOf(asked))) },
  [pathOf.open]: {
    get: async (ports, asked) => {
      const headers = { 'content-type': 'image/gif', ...privately }
      const known = await open(ports, hitOf(asked))
      return known ? { statusCode: 200, headers, body: pixel, isBase64Encoded: true } : undefined
    },
  },
  [pathOf.online]: {
    get: async (ports, { token, languageOf }) => {
      const found = await online(ports, token)
      if (found === undefined) return undefined
      return found.html === undefined ? oldPage(languageOf(found), found) : mailPage(found.html)
    },
  },
  [pathOf.unsubscribe]: {
    get: async (ports, { token, languageOf }) => {
      const found = await lookAtUnsubscribing(ports, token)
      return found && askPage(languageOf(found), found)
    },
    // a mail program's one-click (RFC 8058) presses no button and means the mail's topic
    post: async (ports, { token, request, languageOf }) => {
      const from = formOf(request)?.get('from') === 'all' ? 'all' : 'topic'
      const done = await unsubscribe(ports, { token, from })
      return done && donePage(languageOf(done), done)
    },
  },
  [pathOf.preferences]: {
    get: async (ports, { token, languageOf }) => {
      const found = await lookAtPreferences(ports, token)
      return found && preferencesPage(languageOf(found), { ...found, saved: false })
    },
    post: async (ports, { token, request, languageOf }) => {
      const wanted = wantedOf(formOf(request) ?? new URLSearchParams())
      const looked = wanted === undefined ? await lookAtPreferences(ports, token) : undefined
      if (wanted === undefined) return looked && unreadPage(languageOf(looked))
      const worded: Worded = (page, topics) => preferenceWords(languageOf(page), page, topics)
      const saved = await savePreferences(ports, { token, wanted, worded })
      return saved && preferencesPage(languageOf(saved), { ...saved, saved: true })
    },
  },
  [pathOf.survey]: {
    get: async (ports, { token, request, languageOf }) => {
      const found = await lookAtSurvey(ports, token)
      const sent = request.query.get('score')
      if (found === undefined) return undefined
      const linked = sent === null ? undefined : scoreOf(found.survey, sent)
      const wrong = sent !== null && linked === undefined
      return wrong ? wrongPage(languageOf(found), found) : surveyPage(languageOf(found), { ...found, linked })
    },
    post: async (ports, { token, request, languageOf }) => {
      const form = formOf(request) ?? new URLSearchParams()
      const [score, comment] = [form.get('score') ?? '', form.get('comment') ?? '']
      const byItself = form.get('by') === 'itself'
      const userAgent = request.headers['user-agent']
      const given = await answerSurvey(ports, { token, score, comment, byItself, userAgent })
      if (given === undefined) return undefined
      const { kind, page } = given
      if (kind === 'wrong') return wrongPage(languageOf(page), page)
      const thanks = thanksPage(languageOf(page), page)
      return kind === 'left' ? { statusCode: 204, headers: { ...privately }, body: '' } : thanks
    },
  },
  [pathOf.confirm]: {
    get: async (ports, { token, languageOf }) => {
      const found = await lookAtConfirming(ports, token)
      return found && confirmPage(languageOf(found), found)
    },
    post: async (ports, { token, languageOf }) => {
      const worded = (shown: Shown) => confirmWords(languageOf(shown), shown)
      const done = await confirmConsent(ports, { token, worded })
      return done && confirmedPage(languageOf(done), done)
    },
  },
}

/** The answer as HTTP; a look (`HEAD`) gets its headers alone. */
function shown(answer: HttpAnswer | Page, look: boolean): HttpAnswer {
  const whole =
    'html' in answer ? { statusCode: answer.status, headers: answer.headers, body: answer.html } : answer
  return look ? { statusCode: whole.statusCode, headers: whole.headers, body: '' } : whole
}

const notAllowed = (allow: string): HttpAnswer => ({ statusCode: 405, headers: { allow }, body: '' })

async function answerOf(ports: TrackPorts, request: HttpRequest): Promise<HttpAnswer | Page> {
  const languageOf = (page?: { locale: string }) =>
    pickLanguage(request.headers['accept-language'], page?.locale)
  const [, kind = '', token = ''] = /^\/([a-z])\/([^/]{1,200})\/?$/.exec(request.path) ?? []
  const route = Object.hasOwn(routes, kind) ? routes[kind] : undefined
  if (route === undefined) return gonePage(languageOf())
  const reads = request.method === 'GET' || request.method === 'HEAD'
  const answer = reads ? route.get : request.method === 'POST' ? route.post : undefined
  if (answer === undefined) return notAllowed(route.post === undefined ? 'GET, HEAD' : 'GET, HEAD, POST')
  const keys = { linkKeys: async () => ports.keys.linkKeys(keyIdOf(token)) }
  return (await answer({ ...ports, keys }, { token, request, languageOf })) ?? gonePage(languageOf())
}

/** Answers one HTTP request over the given ports. */
export async function answerTrack(ports: TrackPorts, event: unknown): Promise<HttpAnswer> {
  const request = readRequest(event, limits.formBytes)
  const look = request.method === 'HEAD'
  try {
    return shown(await answerOf(ports, request), look)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    ports.log({ level: 'error', step: 'track', event: 'failed', error: words })
    return shown(failedPage(pickLanguage(request.headers['accept-language'])), look)
  }
}

const ports = { ...portsFrom(), keys: keysFrom(), log: jsonLog('track'), stage: stageFrom() }

export const handler = async (event: unknown): Promise<HttpAnswer> => answerTrack(ports, event)
