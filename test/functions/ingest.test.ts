/**
 * The door as HTTP: paths, keys, encodings, and the unmodified Segment library for servers talking to it over
 * a socket. What is taken and refused is in `test/flow/ingest.test.ts`.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Analytics } from '@segment/analytics-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { answerIngest } from '#functions/ingest'

let world: MemoryPorts

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:00.000Z')
  await world.workspace.putWriteKey('server-key', 'server')
  await world.workspace.putWriteKey('browser-key', 'browser')
})

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

const request = (path: string, more: object = {}, method = 'POST') => ({
  version: '2.0',
  rawPath: path,
  headers: { authorization: basic('server-key'), 'content-type': 'application/json' },
  requestContext: { domainName: 'api.example', http: { method } },
  isBase64Encoded: false,
  ...more,
})

const cart = { userId: '42', event: 'Cart Viewed', messageId: 'm-1', type: 'track' }
const hers = derive('c', 'user', '42')
const stored = () => world.events.eventsOf(hers)
const bodyOf = (answer: { body: string }) => JSON.parse(answer.body)

describe('paths', () => {
  it.each(['/v1/track', '/v1/t', '/v1/track/'])('%s takes a tracked event', async (path) => {
    const answer = await answerIngest(world, request(path, { body: JSON.stringify(cart) }))

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(await stored()).toHaveLength(1)
  })

  it.each([
    ['identify', 'i'],
    ['page', 'p'],
    ['screen', 's'],
    ['alias', 'a'],
    ['group', 'g'],
  ])('/v1/%s and /v1/%s take their call', async (long, short) => {
    for (const name of [long, short]) {
      const answer = await answerIngest(world, request(`/v1/${name}`, { body: '{"userId":"42"}' }))
      expect(answer.statusCode).toBe(200)
    }

    expect((await stored()).map((event) => event.type)).toEqual([long])
  })

  it.each(['/v1/batch', '/v1/b'])('%s takes a batch', async (path) => {
    const answer = await answerIngest(world, request(path, { body: JSON.stringify({ batch: [cart] }) }))

    expect(bodyOf(answer)).toEqual({ success: true, accepted: 1, refused: [] })
  })

  it.each([
    ['/v1/nonsense', 'POST', 404, 'no-such-page'],
    ['/v1/__proto__', 'POST', 404, 'no-such-page'],
    ['/v1/constructor', 'POST', 404, 'no-such-page'],
    ['/v1/track', 'GET', 405, 'wrong-method'],
  ])('%s by %s is answered with %i', async (path, method, status, code) => {
    const answer = await answerIngest(world, request(path, {}, method))

    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(bodyOf(answer).code).toBe(code)
  })

  it('gives the browser library its settings', async () => {
    const answer = await answerIngest(world, request('/v1/projects/browser-key/settings', {}, 'GET'))

    expect(answer.statusCode).toBe(200)
    expect(bodyOf(answer).integrations['Segment.io']).toMatchObject({
      apiKey: 'browser-key',
      apiHost: 'api.example/v1',
      protocol: 'https',
    })
  })
})

describe('keys', () => {
  it('in the body do as well as in the header', async () => {
    const body = JSON.stringify({ ...cart, writeKey: 'browser-key' })
    const answer = await answerIngest(
      world,
      request('/v1/t', { body, headers: { 'content-type': 'text/plain' } }),
    )

    expect(answer.statusCode).toBe(200)
    expect((await stored())[0]?.source).toBe('browser')
  })

  it.each([['Basic !!!'], ['Bearer server-key'], [basic('other')], ['Basic Og==']])(
    '%s is none',
    async (authorization) => {
      const answer = await answerIngest(
        world,
        request('/v1/t', { body: JSON.stringify(cart), headers: { authorization } }),
      )

      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBeUndefined()
    },
  )
})

describe('bodies', () => {
  const gzipped = (text: string) => ({
    body: gzipSync(text).toString('base64'),
    isBase64Encoded: true,
    headers: { authorization: basic('server-key'), 'content-encoding': 'gzip' },
  })

  it('come as text/plain, in base64, or in gzip', async () => {
    const text = JSON.stringify(cart)
    const plain = {
      body: text,
      headers: { authorization: basic('server-key'), 'content-type': 'text/plain' },
    }
    const base64 = { body: Buffer.from(text).toString('base64'), isBase64Encoded: true }

    const statuses = await Promise.all(
      [plain, base64, gzipped(text)].map(
        async (more) => (await answerIngest(world, request('/v1/t', more))).statusCode,
      ),
    )

    expect(statuses).toEqual([200, 200, 200])
    expect(await stored()).toHaveLength(1)
  })

  it.each([
    ['no JSON', { body: '{"a":' }, 400, 'bad-json'],
    ['nothing', {}, 400, 'bad-json'],
    [
      'what is not gzip',
      { body: 'aGVsbG8=', isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } },
      400,
      'bad-encoding',
    ],
    ['too large', { body: 'x'.repeat(limits.batchBytes + 1) }, 413, 'body-too-large'],
    ['a gzip bomb', gzipped(' '.repeat(50_000_000)), 413, 'body-too-large'],
    [
      'nested without end',
      { body: `{"userId":"42","event":"A","properties":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}` },
      400,
      'too-deep',
    ],
  ])('%s: refused', async (_, more, status, code) => {
    const answer = await answerIngest(world, request('/v1/t', more))

    expect(bodyOf(answer).code).toBe(code)
    expect(answer.statusCode).toBe(status)
    expect(world.tables.events.size).toBe(0)
  })

  it('whose storing failed are answered so that they are sent again, without words from inside', async () => {
    world.events.record = async () => {
      throw new Error('rina@example.com: the table is away')
    }
    const answer = await answerIngest(world, request('/v1/t', { body: JSON.stringify(cart) }))

    expect(answer.statusCode).toBe(503)
    expect(answer.body).not.toContain('table')
    expect(world.lines).toMatchObject([{ level: 'error', step: 'ingest', event: 'failed' }])
  })
})

describe('@segment/analytics-node, unmodified', () => {
  let server: Server
  let host: string

  beforeEach(async () => {
    server = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      const event = request(incoming.url ?? '', {
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('base64'),
        isBase64Encoded: true,
        requestContext: { http: { method: incoming.method } },
      })
      const answer = await answerIngest(world, event)
      outgoing.writeHead(answer.statusCode, answer.headers).end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterEach(() => {
    server.close()
  })

  it('sends its calls in', async () => {
    const errors: unknown[] = []
    const analytics = new Analytics({ writeKey: 'server-key', host, flushAt: 10 })
    analytics.on('error', (error) => errors.push(error))
    world.now.at = new Date().toISOString()

    analytics.identify({ userId: '42', traits: { email: 'rina@example.com', firstName: 'Rina' } })
    analytics.track({
      userId: '42',
      event: 'Order Completed',
      properties: { order_id: 'o-1', total: 12.5, currency: 'EUR' },
    })
    analytics.track({ anonymousId: 'device-1', event: 'Product Viewed', properties: { product_id: 'p-1' } })
    analytics.page({ userId: '42', name: 'Home' })
    await analytics.closeAndFlush()

    expect(errors).toEqual([])
    expect((await stored()).map((event) => event.name).sort()).toEqual([
      'Identified',
      'Order Completed',
      'Page Viewed',
    ])
    expect(await world.events.eventsOf(derive('v', 'device-1'))).toMatchObject([{ reachable: false }])
  })
})
