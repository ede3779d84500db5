/**
 * The one HTTP endpoint: AWS calls (told by their SigV4 header), `/_local/*`, the stack's HTTP API, and the page.
 * Bound to 127.0.0.1; foreign Host headers are refused everywhere (DNS rebinding), cross-site requests wherever a
 * web page has no business.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Activity } from './activity.ts'
import { type Aws, readSignature } from './aws.ts'
import type { Clock } from './clock.ts'
import type { HttpAnswer, HttpApi } from './http-api.ts'
import type { Live } from './live.ts'
import { answerLocal, type LocalHost, problem } from './local-routes.ts'
import type { Permissions } from './permissions.ts'
import { readPage } from './static.ts'

const MAX_BODY_BYTES = 45 * 1024 * 1024
const PORTS_TRIED = 100

/** What the endpoint serves; set once everything is built. */
export type Served = {
  aws: Aws
  api: HttpApi
  local: LocalHost
  live: Live
  permissions: Permissions
  clock: Clock
  activity: Activity
  pageFolder: string
}

/** A server of its own below a path, such as the sample shop's. */
export type Mounted = (request: {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}) => Promise<HttpAnswer>

export class Endpoint {
  readonly server: Server
  port = 0
  private served: Served | undefined
  private readonly mounts = new Map<string, Mounted>()

  constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error) => {
        process.stderr.write(`${request.method} ${request.url} failed: ${String(error)}\n`)
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    })
    this.server.keepAliveTimeout = 60_000
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Listens on `port` or the next free one. Throws when there is none. */
  async listen(port: number): Promise<void> {
    for (let offset = 0; offset < PORTS_TRIED; offset++) {
      if (await this.tryPort(port === 0 ? 0 : port + offset)) return
    }
    throw new Error(`No port from ${port} to ${port + PORTS_TRIED - 1} is free. Choose another with --port.`)
  }

  serve(served: Served): void {
    this.served = served
  }

  /** Lets `answer` answer everything below `prefix`; other sites are refused there. */
  mount(prefix: string, answer: Mounted): void {
    this.mounts.set(prefix, answer)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }

  private async tryPort(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => {
        this.server.off('listening', listening)
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
        else reject(error)
      }
      const listening = () => {
        this.server.off('error', failed)
        const address = this.server.address()
        this.port = typeof address === 'object' && address !== null ? address.port : port
        resolve(true)
      }
      this.server.once('error', failed)
      this.server.once('listening', listening)
      this.server.listen(port, '127.0.0.1')
    })
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const served = this.served
    if (served === undefined) return send(response, problem(503, 'starting', 'The runtime is starting.'))
    response.sendDate = false
    response.setHeader('date', new Date(served.clock.now()).toUTCString())
    if (!this.isOurHost(request.headers.host)) {
      return send(
        response,
        problem(403, 'foreign-host', `Host ${request.headers.host} is not this runtime: use ${this.url}.`),
      )
    }
    const body = await readBody(request)
    if (body === undefined) return send(response, problem(413, 'too-large', 'The body is longer than 45 MB.'))
    const url = urlOf(this.url, request.url ?? '/')
    if (url === undefined) return send(response, problem(400, 'bad-request', 'The address cannot be read.'))
    const signature = readSignature(request.headers.authorization)
    const isOwn = url.pathname.startsWith('/_local/')
    const mounted = [...this.mounts].find(([prefix]) => url.pathname.startsWith(prefix))?.[1]
    if ((signature !== undefined || isOwn || mounted !== undefined) && this.isCrossSite(request)) {
      return send(response, problem(403, 'cross-site', 'Requests from other sites are refused here.'))
    }
    if (signature !== undefined) return this.aws(served, { request, response, url, body, signature })
    if (url.pathname === '/_local/events' && request.method === 'GET') return served.live.add(response)
    if (isOwn) {
      const method = request.method ?? 'GET'
      return send(response, await answerLocal(served.local, { method, path: url.pathname, body }))
    }
    if (mounted !== undefined) {
      const { method = 'GET', headers } = request
      return send(response, await mounted({ method, path: url.pathname, headers, body }))
    }
    return this.visit(served, { request, response, url, body })
  }

  private async aws(
    served: Served,
    call: Exchange & { signature: { accessKey: string; service: string } },
  ): Promise<void> {
    const answer = await served.aws.handle({
      principal: served.permissions.byAccessKey(call.signature.accessKey),
      service: call.signature.service,
      method: call.request.method ?? 'POST',
      path: call.url.pathname,
      query: call.url.searchParams,
      headers: call.request.headers,
      body: call.body,
    })
    if (answer.dropped === true) {
      call.request.socket.destroy()
      return
    }
    call.response.setHeader('x-amzn-requestid', randomUUID())
    send(call.response, { status: answer.status, headers: answer.headers ?? {}, body: answer.body })
  }

  private async visit(served: Served, { request, response, url, body }: Exchange): Promise<void> {
    const method = request.method ?? 'GET'
    if (served.api.takes(method, url.pathname)) {
      const end = served.activity.begin(`${method} ${url.pathname}`)
      try {
        const rawQuery = url.search.slice(1)
        const nowMs = served.clock.now()
        const { headers } = request
        return send(
          response,
          await served.api.handle({ method, path: url.pathname, rawQuery, headers, body, nowMs }),
        )
      } finally {
        end()
      }
    }
    const page =
      method === 'GET' || method === 'HEAD' ? await readPage(served.pageFolder, url.pathname) : undefined
    send(response, page ?? problem(404, 'not-found', `There is no ${method} ${url.pathname} here.`))
  }

  private isOurHost(host: string | undefined): boolean {
    return [`127.0.0.1:${this.port}`, `localhost:${this.port}`, `[::1]:${this.port}`].includes(host ?? '')
  }

  private isCrossSite(request: IncomingMessage): boolean {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
    return origin !== undefined && !this.isOurHost(origin.replace(/^https?:\/\//, ''))
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL; body: Buffer }

/** Joined as text: `//host/x` must stay a path, not become another host. */
function urlOf(base: string, path: string): URL | undefined {
  const isReadable = path.startsWith('/') && URL.canParse(base + path)
  return isReadable ? new URL(base + path) : undefined
}

/** Undefined when the body is too long or its sender went away. Events, not `for await`: this runs for every call of every function. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
      else resolve(undefined)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => resolve(undefined))
  })
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
  response.end(answer.body)
}
