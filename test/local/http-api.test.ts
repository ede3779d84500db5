/** The HTTP API: which route takes a request, the event it becomes, the answer it comes back as. */
import { describe, expect, it } from 'vitest'
import { HttpApi } from '#local/http-api'
import type { HttpRequest } from '#local/http-event'
import type { LambdaFunction } from '#local/lambda'
import { Stack } from '#local/stack'
import type { Template } from '#local/template'

const place = {
  stackName: 's',
  region: 'us-east-1',
  accountId: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  baseUrl: 'http://127.0.0.1:4400',
}

/** How many requests a second the stage lets through, and how many at once. */
const settings = { ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3 }

function template(keys: string[]): Template {
  const routes = keys.map((RouteKey, index) => [
    `Route${index}`,
    {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { RouteKey, Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'I' }]] } },
    },
  ])
  return {
    Resources: {
      Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { DefaultRouteSettings: settings } },
      I: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: { IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
      },
      ...Object.fromEntries(routes),
    },
  }
}

/** An API whose function answers `answer` and keeps the events it saw. */
function anApi(keys: string[], answer: unknown = { statusCode: 200 }) {
  const stack = new Stack(template(keys), place)
  const events: Record<string, unknown>[] = []
  const fn = {
    spec: { arn: stack.resource('Fn').arn },
    waitingCount: 0,
    invoke: async (event: Record<string, unknown>) => {
      events.push(event)
      return answer instanceof Error
        ? { ok: false, error: { errorType: 'Error', errorMessage: answer.message, trace: [] } }
        : { ok: true, value: answer }
    },
  }
  return { api: new HttpApi(stack, new Map([['fn', fn as unknown as LambdaFunction]])), events, fn }
}

const aRequest = (change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/v1/track',
  rawQuery: '',
  headers: { host: '127.0.0.1:4400', 'content-type': 'application/json' },
  body: Buffer.from('{}'),
  nowMs: Date.parse('2026-05-01T09:00:00Z'),
  ...change,
})

describe('routes', () => {
  const keys = ['ANY /v1/{proxy+}', 'GET /v1/settings', 'ANY /v1/{name}', 'GET /c/{token}']

  it.each([
    ['POST', '/v1/track', 'ANY /v1/{name}', { name: 'track' }],
    ['POST', '/v1/projects/k/settings', 'ANY /v1/{proxy+}', { proxy: 'projects/k/settings' }],
    ['GET', '/v1/settings', 'GET /v1/settings', undefined],
    ['POST', '/v1/settings', 'ANY /v1/{name}', { name: 'settings' }],
    ['GET', '/c/a%2Fb', 'GET /c/{token}', { token: 'a/b' }],
  ])('%s %s goes to %s', async (method, path, key, parameters) => {
    const { api, events } = anApi(keys)

    await api.handle(aRequest({ method, path }))

    expect(events).toMatchObject([{ routeKey: key }])
    expect(events[0]?.pathParameters).toEqual(parameters)
  })

  it.each([
    ['POST', '/c/token'],
    ['GET', '/c/'],
    ['GET', '/c/a/b'],
    ['GET', '/'],
  ])('%s %s has none', (method, path) => {
    expect(anApi(keys).api.takes(method, path)).toBe(false)
  })
})

describe('the event', () => {
  const seen = async (change: Partial<HttpRequest>) => {
    const { api, events } = anApi(['ANY /v1/{proxy+}'])
    await api.handle(aRequest(change))
    return events[0]
  }

  it('has the payload format 2.0', async () => {
    const event = await seen({
      rawQuery: 'a=1&a=2&b=%C3%BC',
      headers: { host: 'h', 'content-type': 'text/plain', cookie: 'x=1; y=2', 'x-many': ['1', '2'] },
      body: Buffer.from('{"ü":1}'),
    })

    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/v1/track',
      rawQueryString: 'a=1&a=2&b=%C3%BC',
      queryStringParameters: { a: '1,2', b: 'ü' },
      cookies: ['x=1', 'y=2'],
      headers: { 'x-many': '1,2' },
      body: '{"ü":1}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'POST', sourceIp: '127.0.0.1' }, time: '01/May/2026:09:00:00 +0000' },
    })
  })

  it.each([
    ['application/json', false],
    ['application/vnd.api+json; charset=utf-8', false],
    ['text/plain;charset=UTF-8', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
  ])('of %s is in base64: %s', async (type, encoded) => {
    const event = await seen({
      headers: { 'content-type': type },
      body: Buffer.from('List-Unsubscribe=One-Click'),
    })

    expect(event?.isBase64Encoded).toBe(encoded)
    expect(Buffer.from(String(event?.body), encoded ? 'base64' : 'utf8').toString()).toBe(
      'List-Unsubscribe=One-Click',
    )
  })

  it('has no body where none came', async () => {
    expect(await seen({ method: 'GET', body: Buffer.alloc(0) })).not.toHaveProperty('body')
  })
})

describe('the answer', () => {
  it.each([
    [
      'a whole answer',
      { statusCode: 302, headers: { Location: '/x' }, cookies: ['a=1'], body: '' },
      302,
      { location: '/x', 'set-cookie': ['a=1'] },
      '',
    ],
    ['a bare object', { success: true }, 200, { 'content-type': 'application/json' }, '{"success":true}'],
    [
      'bytes',
      { statusCode: 200, headers: { 'content-type': 'image/gif' }, body: 'R0lG', isBase64Encoded: true },
      200,
      { 'content-type': 'image/gif' },
      'GIF',
    ],
    ['a failure', new Error('x'), 500, {}, '{"message":"Internal Server Error"}'],
  ])('comes from %s', async (_, value, status, headers, body) => {
    const answer = await anApi(['ANY /v1/{proxy+}'], value).api.handle(aRequest())

    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject(headers)
    expect(answer.body.toString()).toBe(body)
  })
})

describe('too much', () => {
  it('beyond the burst of the stage is answered 429 with when to come again, and its rate lets more through', async () => {
    const { api, events } = anApi(['ANY /v1/{proxy+}'])
    const nowMs = Date.parse('2026-05-01T09:00:00Z')
    const statusesAt = async (ms: number, count: number) => {
      const answers = Array.from({ length: count }, () => api.handle(aRequest({ nowMs: ms })))
      return (await Promise.all(answers)).map(({ status }) => status)
    }

    const burst = await statusesAt(nowMs, 4)
    const refused = await api.handle(aRequest({ nowMs }))
    const later = await statusesAt(nowMs + 1_000, 3)

    expect(burst).toEqual([200, 200, 200, 429])
    expect(refused).toMatchObject({
      headers: { 'retry-after': '1' },
      body: '{"message":"Too Many Requests"}',
    })
    expect(later).toEqual([200, 200, 429])
    expect(events).toHaveLength(5)
  })

  it('while hundreds wait for the function is answered 429, before anything is invoked', async () => {
    const { api, events, fn } = anApi(['ANY /v1/{proxy+}'])
    fn.waitingCount = 256

    const refused = await api.handle(aRequest())
    fn.waitingCount = 255
    const taken = await api.handle(aRequest())

    expect([refused.status, taken.status]).toEqual([429, 200])
    expect(events).toHaveLength(1)
  })
})
