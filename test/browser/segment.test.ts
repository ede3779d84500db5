/**
 * Segment's browser library, unmodified, in a real browser: it asks for its settings, then posts its calls as
 * `text/plain`, from a page of another origin as a shop's is. It talks to the door over a socket, with everything
 * behind it in memory; preflights are answered as the gateway does. Batches of the same library are in here too; the library for servers is in `test/functions/ingest.test.ts`.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { browserHeaders } from '#adapters/shape'
import { derive } from '#core/id'
import { answerIngest } from '#functions/ingest'
import { corsHeaders, preflight } from '#local/http-cors'
import { besides } from '#local/page/assets'
import { describeInBrowser, openPage } from './browser.ts'

let world: MemoryPorts
let server: Server
let origin: string
const types = new Set<string>()
/** How many posts are still answered by 503. */
let failing = 0

/** As `infra/api.ts` has it on the stage local. */
const cors = {
  AllowOrigins: ['*'],
  AllowMethods: ['GET', 'POST'],
  AllowHeaders: browserHeaders.sent,
  ExposeHeaders: browserHeaders.read,
}

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<link rel="icon" href="data:,"><script src="/analytics.min.js"></script></head><body><h1>A shop</h1></body></html>`

beforeAll(async () => {
  const library = await readFile(besides.get('/analytics.min.js') ?? '')
  server = createServer(async (incoming, outgoing) => {
    if (incoming.url === '/') return outgoing.writeHead(200, { 'content-type': 'text/html' }).end(page)
    if (incoming.url === '/analytics.min.js')
      return outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(library)
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { origin: asking } = incoming.headers
    if (incoming.method === 'OPTIONS') return outgoing.writeHead(204, preflight(cors, asking)).end()
    const shared = corsHeaders(cors, asking)
    if (incoming.method === 'POST' && failing-- > 0) return outgoing.writeHead(503, shared).end()
    if (incoming.method === 'POST') types.add(incoming.headers['content-type'] ?? '')
    const answer = await answerIngest(world, {
      rawPath: incoming.url ?? '',
      headers: incoming.headers,
      requestContext: { http: { method: incoming.method } },
      body: Buffer.concat(chunks).toString(),
    })
    return outgoing.writeHead(answer.statusCode, { ...answer.headers, ...shared }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

beforeEach(async () => {
  failing = 0
  world = memoryPorts(new Date().toISOString())
  await world.workspace.putWriteKey('browser-key', 'browser')
})

const stored = () => [...world.tables.events.values()].flatMap((log) => [...log.values()])

/** Loads the library as a shop does, and makes its calls. */
async function browse(more: object): Promise<string[]> {
  const { page: tab, complaints, close } = await openPage(origin.replace('127.0.0.1', 'localhost'))
  const host = origin.replace('http://', '')
  const own = JSON.stringify({ apiHost: `${host}/v1`, protocol: 'http', ...more })
  await tab.evaluate(`(async () => {
    const { AnalyticsBrowser } = window.AnalyticsNext
    const analytics = AnalyticsBrowser.load(
      { writeKey: 'browser-key', cdnURL: '${origin}' },
      { integrations: { 'Segment.io': ${own} } },
    )
    await analytics.page('Home')
    await analytics.track('Product Viewed', { product_id: 'p-1', name: 'Linen throw', price: 49.5, currency: 'EUR' })
    await analytics.identify('42', { firstName: 'Rina', email: 'rina@example.com' })
    await analytics.track('Cart Updated', { cart_id: 'c-1', currency: 'EUR', products: [{ product_id: 'p-1', price: 49.5 }] })
  })()`)
  await vi.waitFor(() => expect(stored()).toHaveLength(4), { timeout: 20_000 })
  await close()
  return complaints
}

describeInBrowser('@segment/analytics-next, unmodified', () => {
  it.each([
    ['one by one', {}],
    ['in batches', { deliveryStrategy: { strategy: 'batching', config: { size: 2, timeout: 100 } } }],
  ])('sends its calls in, %s', async (_, more) => {
    const complaints = await browse(more)

    const hers = await world.events.eventsOf(derive('c', 'user', '42'))
    expect(complaints).toEqual([])
    expect(hers.map(({ name }) => name)).toEqual(['Identified', 'Cart Updated'])
    expect(hers[0]?.folds).toMatch(/^v/)
    expect(hers[0]?.traits).toEqual({ firstName: 'Rina' })
    expect(
      stored()
        .filter(({ reachable }) => !reachable)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Page Viewed', 'Product Viewed'])
    expect(types).toEqual(new Set(['text/plain']))
  })

  it('sends again what could not be taken at first', async () => {
    failing = 2

    const complaints = await browse({})

    expect(failing).toBeLessThan(0)
    expect(complaints.filter((one) => !one.includes('503'))).toEqual([])
  })
})
