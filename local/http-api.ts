/**
 * API Gateway's HTTP API: routes of the stack, CORS (preflights that no route takes), the payload format 2.0 event,
 * and answers mapped back as the gateway does. Route choice follows its rules: exact before parameter before
 * greedy, method before ANY.
 */
import { randomUUID } from 'node:crypto'
import { type Cors, corsHeaders, preflight } from './http-cors.ts'
import { commonLogTime, eventBody, eventHeaders, eventQuery, type HttpRequest, header } from './http-event.ts'
import type { LambdaFunction } from './lambda.ts'
import type { Stack } from './stack.ts'
import { type Throttle, throttleOf } from './throttle.ts'

export type HttpAnswer = { status: number; headers: Record<string, string | string[]>; body: string | Buffer }

type Route = { method: string; segments: string[]; key: string; target: LambdaFunction }
const MAX_BODY_BYTES = 10 * 1024 * 1024
// AWS would start more environments; here the machine is the limit, and those behind so many come again.
const MAX_WAITING = 256
const RETRY_AFTER_S = 1

export class HttpApi {
  private readonly apiId: string
  private readonly accountId: string
  private readonly routes: Route[]
  private readonly cors: Cors | undefined
  private readonly throttle: Throttle

  constructor(stack: Stack, functions: Map<string, LambdaFunction>) {
    const api = stack.resources('AWS::ApiGatewayV2::Api')[0]
    this.apiId = api?.ref ?? 'none'
    this.accountId = stack.place.accountId
    this.cors = api?.properties.CorsConfiguration as Cors | undefined
    this.throttle = throttleOf(stack)
    this.routes = stack.resources('AWS::ApiGatewayV2::Route').flatMap(({ properties }) => {
      const target = integrationTarget(stack, String(properties.Target ?? ''), functions)
      const key = String(properties.RouteKey)
      const [method = '', path = ''] = key.split(' ')
      return target === undefined ? [] : [{ method, segments: path.split('/').slice(1), key, target }]
    })
  }

  /** Whether a route takes this request (a preflight counts when its path has a route). */
  takes(method: string, path: string): boolean {
    const wanted = method === 'OPTIONS' && this.cors !== undefined ? undefined : method
    return this.find(wanted, path) !== undefined
  }

  async handle(request: HttpRequest): Promise<HttpAnswer> {
    const origin = header(request, 'origin')
    const isPreflight =
      request.method === 'OPTIONS' && header(request, 'access-control-request-method') !== undefined
    const found = this.find(request.method, request.path)
    if (found === undefined && this.cors !== undefined && isPreflight)
      return { status: 204, headers: preflight(this.cors, origin), body: '' }
    if (found === undefined) return json(404, { message: 'Not Found' })
    if (request.body.length > MAX_BODY_BYTES) return json(413, { message: 'Request Entity Too Large' })
    const isRoom = this.throttle.take(request.nowMs) && found.route.target.waitingCount < MAX_WAITING
    const answer = isRoom ? await this.invoke(request, found) : tooMany()
    return { ...answer, headers: { ...answer.headers, ...(this.cors ? corsHeaders(this.cors, origin) : {}) } }
  }

  private async invoke(request: HttpRequest, { route, parameters }: Found): Promise<HttpAnswer> {
    const outcome = await route.target.invoke(this.event(request, route, parameters))
    if (outcome.ok) return answerOf(outcome.value)
    return json(outcome.error.errorType === 'Sandbox.Timedout' ? 503 : 500, {
      message: 'Internal Server Error',
    })
  }

  private find(method: string | undefined, path: string): Found | undefined {
    const segments = path.split('/').slice(1)
    let best: (Found & { rank: string }) | undefined
    for (const route of this.routes) {
      if (method !== undefined && route.method !== 'ANY' && route.method !== method) continue
      const match = matchSegments(route.segments, segments)
      if (match === undefined) continue
      const rank = `${match.rank}${route.method === 'ANY' ? '1' : '0'}`
      if (best === undefined || rank < best.rank) best = { route, parameters: match.parameters, rank }
    }
    return best
  }

  private event(
    request: HttpRequest,
    route: Route,
    parameters: Record<string, string>,
  ): Record<string, unknown> {
    const headers = eventHeaders(request)
    const { body, isBase64Encoded } = eventBody(request)
    const query = eventQuery(request.rawQuery)
    const cookies = headers.cookie?.split('; ')
    delete headers.cookie
    return {
      version: '2.0',
      routeKey: route.key,
      rawPath: request.path,
      rawQueryString: request.rawQuery,
      ...(cookies ? { cookies } : {}),
      headers,
      ...(query ? { queryStringParameters: query } : {}),
      requestContext: {
        accountId: this.accountId,
        apiId: this.apiId,
        domainName: headers.host,
        domainPrefix: this.apiId,
        http: {
          method: request.method,
          path: request.path,
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: headers['user-agent'] ?? '',
        },
        requestId: randomUUID(),
        routeKey: route.key,
        stage: '$default',
        time: commonLogTime(request.nowMs),
        timeEpoch: request.nowMs,
      },
      ...(Object.keys(parameters).length > 0 ? { pathParameters: parameters } : {}),
      ...(body === undefined ? {} : { body }),
      isBase64Encoded,
    }
  }
}

type Found = { route: Route; parameters: Record<string, string> }

function integrationTarget(
  stack: Stack,
  target: string,
  functions: Map<string, LambdaFunction>,
): LambdaFunction | undefined {
  const id = target.replace(/^integrations\//, '')
  const integration = stack
    .resources('AWS::ApiGatewayV2::Integration')
    .find((candidate) => candidate.ref === id)
  const uri = String(integration?.properties.IntegrationUri ?? '')
  return [...functions.values()].find((fn) => uri.includes(fn.spec.arn))
}

function matchSegments(
  wanted: string[],
  actual: string[],
): { parameters: Record<string, string>; rank: string } | undefined {
  const parameters: Record<string, string> = {}
  let rank = ''
  for (const [index, segment] of wanted.entries()) {
    const given = actual[index]
    if (given === undefined) return undefined
    const name = /^\{([^+}]+)(\+?)\}$/.exec(segment)
    if (name?.[1] === undefined) {
      if (segment !== given) return undefined
      rank += '0'
    } else if (name[2] === '+') {
      const rest = actual.slice(index).join('/')
      if (rest === '') return undefined
      return { parameters: { ...parameters, [name[1]]: decode(rest) }, rank: `${rank}2` }
    } else {
      if (given === '') return undefined
      parameters[name[1]] = decode(given)
      rank += '1'
    }
  }
  return wanted.length === actual.length ? { parameters, rank } : undefined
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function answerOf(value: unknown): HttpAnswer {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : JSON.stringify(value)
    return { status: 200, headers: { 'content-type': 'application/json' }, body: body ?? '' }
  }
  const answer = value as {
    statusCode: unknown
    headers?: Record<string, unknown>
    body?: string
    cookies?: string[]
    isBase64Encoded?: boolean
  }
  const headers: Record<string, string | string[]> = {}
  for (const [name, content] of Object.entries(answer.headers ?? {}))
    headers[name.toLowerCase()] = String(content)
  headers['content-type'] ??= 'application/json'
  if (answer.cookies !== undefined) headers['set-cookie'] = answer.cookies
  const body = answer.body ?? ''
  return {
    status: Number(answer.statusCode),
    headers,
    body: answer.isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  }
}

/** What the gateway answers beyond the stage's rate, and when to come again. */
function tooMany(): HttpAnswer {
  const answer = json(429, { message: 'Too Many Requests' })
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(RETRY_AFTER_S) } }
}

function json(status: number, body: unknown): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
