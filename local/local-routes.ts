/**
 * `/_local/*`: the runtime's own interface, for the page, for tests and for people with curl. It exists here only;
 * every refusal is a problem document that says what to do. Product views come from the `console` function.
 */

import type { Clock } from './clock.ts'
import { type FaultRequest, readFaultRequest } from './fault-request.ts'
import type { Faults } from './faults.ts'
import type { HttpAnswer } from './http-api.ts'
import type { Inbox } from './inbox.ts'
import type { LambdaFunction } from './lambda.ts'
import type { CallCounter } from './layers.ts'
import type { Permissions } from './permissions.ts'
import type { SesStanding } from './ses.ts'
import { parseDuration, type Travel } from './travel.ts'

export type LocalHost = {
  clock: Clock
  travel: Travel
  inbox: Inbox
  calls: CallCounter
  faults: Faults
  permissions: Permissions
  ses: { readonly standing: SesStanding; become: (standing: Partial<SesStanding>) => void }
  console: () => LambdaFunction | undefined
  status: () => Record<string, unknown>
  onClock: () => void
}

export type LocalRequest = { method: string; path: string; body: Buffer }
type Handler = (host: LocalHost, request: LocalRequest, argument: string) => HttpAnswer | Promise<HttpAnswer>

/** Answers a request below `/_local/`. Never throws. */
export async function answerLocal(host: LocalHost, request: LocalRequest): Promise<HttpAnswer> {
  const [name = '', ...rest] = request.path.slice('/_local/'.length).split('/')
  const argument = decoded(rest.join('/'))
  if (argument === undefined) return problem(400, 'bad-request', `${request.path} is no valid path.`)
  const kind = argument === '' ? name : `${name}/*`
  const methods = routes[kind]
  if (methods === undefined)
    return problem(404, 'not-found', `There is no ${request.path}. See docs/operating.md.`)
  const handler = methods[request.method]
  if (handler === undefined) {
    const allowed = Object.keys(methods).join(', ')
    return problem(405, 'method-not-allowed', `${request.path} takes ${allowed}, not ${request.method}.`)
  }
  try {
    return await handler(host, request, argument)
  } catch (error) {
    if (error instanceof Refused) return problem(400, 'bad-request', error.message)
    return problem(500, 'failed', error instanceof Error ? error.message : String(error))
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

class Refused extends Error {}

const routes: Record<string, Record<string, Handler>> = {
  clock: {
    GET: (host) => json({ now: host.clock.iso() }),
    POST: async (host, request) => {
      const target = readTarget(host, bodyOf(request))
      const travelled = await host.travel.travel(target)
      host.onClock()
      return json(travelled)
    },
  },
  inbox: {
    GET: (host) => json(host.inbox.entries()),
    DELETE: (host) => {
      host.inbox.clear()
      return empty
    },
  },
  'inbox/*': {
    GET: (host, _, id) => {
      const mail = host.inbox.read(id)
      return mail === undefined ? problem(404, 'not-found', `The inbox holds no mail ${id}.`) : json(mail)
    },
  },
  calls: {
    GET: (host) => json(host.calls.list()),
    DELETE: (host) => {
      host.calls.reset()
      return empty
    },
  },
  'customers/*': { GET: (host, _, id) => customer(host, id) },
  faults: {
    GET: (host) => json(host.faults.list()),
    POST: (host, request) => {
      const asked = readFault(bodyOf(request))
      if ('mix' in asked) host.faults.become(asked.mix)
      else host.faults.add(asked.fault, asked.times)
      return json(host.faults.list())
    },
    DELETE: (host) => {
      host.faults.clear()
      return empty
    },
  },
  permissions: { GET: (host) => json(host.permissions.report()) },
  ses: {
    GET: (host) => json(host.ses.standing),
    POST: (host, request) => {
      host.ses.become(readStanding(bodyOf(request)))
      return json(host.ses.standing)
    },
  },
  status: { GET: (host) => json(host.status()) },
}

function readTarget(
  host: LocalHost,
  body: Record<string, unknown>,
): (nowMs: number) => number | Promise<number> {
  const { advance, to } = body
  if (typeof advance === 'string') {
    const duration = parseDuration(advance)
    if (duration === undefined) {
      throw new Refused(
        `"advance" is "${advance}", which is no duration. Write it like "1h30m", "90s" or "2d".`,
      )
    }
    return (nowMs) => nowMs + duration
  }
  if (to === 'next-alarm') {
    return async (nowMs) => {
      const alarm = await host.travel.nextAlarm()
      // The tick that fires an alarm comes at the next whole minute.
      return alarm === undefined ? nowMs : Math.max(nowMs, Math.ceil(alarm / 60_000) * 60_000)
    }
  }
  const instant = typeof to === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(to) ? Date.parse(to) : Number.NaN
  if (Number.isNaN(instant)) {
    throw new Refused(
      'Say how far: {"advance":"1h30m"}, {"to":"2026-05-01T09:00:00Z"} or {"to":"next-alarm"}.',
    )
  }
  return (nowMs) => {
    if (instant >= nowMs) return instant
    throw new Refused(
      `The clock stands at ${new Date(nowMs).toISOString()} and never goes back to ${String(to)}.`,
    )
  }
}

function readFault(body: Record<string, unknown>): FaultRequest {
  try {
    return readFaultRequest(body)
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error))
  }
}

function readStanding(body: Record<string, unknown>): Partial<SesStanding> {
  const { sandbox, ...numbers } = body
  for (const [name, value] of Object.entries(numbers)) {
    if (!['perDay', 'perSecond', 'sent'].includes(name))
      throw new Refused(`"${name}" is nothing of the account. There is: perDay, perSecond, sent, sandbox.`)
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new Refused(`"${name}" is ${JSON.stringify(value)}; it must be a number.`)
  }
  if (sandbox !== undefined && typeof sandbox !== 'boolean')
    throw new Refused(`"sandbox" is ${JSON.stringify(sandbox)}; it must be true or false.`)
  return body as Partial<SesStanding>
}

async function customer(host: LocalHost, id: string): Promise<HttpAnswer> {
  const fn = host.console()
  if (fn === undefined) return problem(501, 'no-console', 'The stack has no function console to ask.')
  const outcome = await fn.invoke({ view: 'customer', id })
  if (!outcome.ok) return problem(500, outcome.error.errorType, outcome.error.errorMessage)
  const value = outcome.value as Record<string, unknown> | null
  if (value === null) return problem(404, 'no-such-customer', `No customer has the id or address ${id}.`)
  const status = Number(value.status ?? value.statusCode ?? 200)
  if (typeof value.code === 'string' && status >= 400)
    return problem(status, value.code, String(value.detail ?? value.title))
  return json(value)
}

function bodyOf(request: LocalRequest): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(request.body.toString())
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>
  } catch {
    // Said below, together with bodies that are JSON but no object.
  }
  throw new Refused('The body must be a JSON object.')
}

function json(body: unknown): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}

const empty: HttpAnswer = { status: 204, headers: {}, body: '' }

/** RFC 9457 problem document. */
export function problem(status: number, code: string, detail: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({ type: 'about:blank', title: code.replaceAll('-', ' '), status, code, detail }),
  }
}
