/**
 * The page of previews: a small server on this machine's own address, which needs nothing but the folder. It
 * tells open pages when a file was saved (Server-Sent Events) and shows each mail in a frame without scripts.
 * Foreign Host headers are refused (DNS rebinding), and so are other sites.
 */
import { type FSWatcher, watch } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { samplePeople } from '#core/sample/people'
import { cureFor } from '#core/suggest'
import { type Preview, previewMail } from '#flow/preview'
import { samplePerson } from '#flow/send-test'
import type { HttpAnswer } from '#local/http-api'
import { Live } from '#local/live'
import { readPage } from '#local/static'
import { Workshop } from './workshop.ts'

const settleMs = 60
const pages = join(import.meta.dirname, 'page')
/** What is shared with the page of `npm start`, at the same place beside this one as on the disk. */
const shared = '/local/page/'
const sharedFolder = join(import.meta.dirname, '../../local/page')

const fileAt = (path: string): Promise<HttpAnswer | undefined> =>
  path.startsWith(shared) ? readPage(sharedFolder, path.slice(shared.length - 1)) : readPage(pages, path)

export interface PreviewServer {
  url: string
  mails(): Promise<string[]>
  stop(): Promise<void>
}

/** Serves previews of `folder` on `port` (0: any). Fails when the port is taken. */
export async function servePreviews(of: {
  folder: string
  port: number
  clock: () => string
}): Promise<PreviewServer> {
  const workshop = new Workshop(of.folder)
  const live = new Live()
  const watcher = watchSaves(of.folder, () => {
    workshop.forget()
    live.tell('saved', {})
  })
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(error instanceof Error ? error.message : String(error))
    })
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', (error) => {
      watcher.close()
      failed(error)
    })
    server.listen(of.port, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, port)
    if (refused !== undefined) return send(response, refused)
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    if (pathname === '/events') return live.add(response)
    const asked = { workshop, url, now: of.clock(), searchParams }
    if (pathname === '/preview') return send(response, json(await previewOf(asked)))
    if (pathname === '/mail') return send(response, await mailPage(asked))
    send(response, (await fileAt(pathname)) ?? { status: 404, headers: {}, body: 'not found' })
  }

  return {
    url,
    mails: () => workshop.mails(),
    async stop() {
      watcher.close()
      live.stop()
      server.closeAllConnections()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
}

/** Calls `saved` once a file of the folder was written, and the last of a row of writes is over. */
function watchSaves(folder: string, saved: () => void): FSWatcher {
  let settling: NodeJS.Timeout | undefined
  return watch(folder, { recursive: true }, () => {
    clearTimeout(settling)
    settling = setTimeout(saved, settleMs).unref()
  })
}

function refusal({ method, headers }: IncomingMessage, port: number): HttpAnswer | undefined {
  const plain = { 'content-type': 'text/plain; charset=utf-8' }
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? ''))
    return { status: 403, headers: plain, body: `This page is at http://127.0.0.1:${port}.` }
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site')
    return { status: 403, headers: plain, body: 'Other sites have no business here.' }
  return method === 'GET' ? undefined : { status: 405, headers: { allow: 'GET' }, body: '' }
}

interface Asked {
  workshop: Workshop
  url: string
  now: string
  searchParams: URLSearchParams
}

/** What the page shows of one mail and one sample customer. */
async function previewOf(asked: Asked) {
  const { workshop, searchParams } = asked
  const mail = searchParams.get('mail') ?? ''
  const mails = await workshop.mails()
  const { made, isCurrent, findings } = await workshop.look(mail)
  const about = { mails, mail, samples: samplePeople, limitBytes: gmailBytes, isCurrent, findings }
  if (made === undefined)
    return {
      ...about,
      unknown: mails.includes(mail) ? undefined : `There is no mail "${mail}"; ${cureFor(mail, mails)}`,
    }
  const shown = rendered(made, asked)
  return { ...about, ...shown }
}

/** Gmail cuts what is longer. */
const gmailBytes = 102 * 1024

type Rendered = Preview | { broken: string }

function rendered(made: NonNullable<Awaited<ReturnType<Workshop['look']>>['made']>, asked: Asked): Rendered {
  const { searchParams, now, url } = asked
  const person = samplePerson(searchParams.get('sample') ?? undefined) ?? samplePerson()
  if (person === undefined) return { broken: 'there is no sample customer' }
  const locale = searchParams.get('locale') || undefined
  try {
    return previewMail({ ...made, person, locale, now, pictures: `${url}${shared}pictures` })
  } catch (error) {
    return { broken: error instanceof Error ? error.message : String(error) }
  }
}

/** The mail itself, for a frame: by day or by night whatever the machine's own scheme is, and without scripts. */
async function mailPage(asked: Asked): Promise<HttpAnswer> {
  const { made } = await asked.workshop.look(asked.searchParams.get('mail') ?? '')
  const preview = made && rendered(made, asked)
  const html = preview !== undefined && 'html' in preview ? preview.html : ''
  const night = asked.searchParams.get('scheme') === 'dark'
  const policy =
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
  }
  return { status: 200, headers, body: withTarget(inScheme(html, night)) }
}

/** What the mail says of the night is said of always, or of never. */
const inScheme = (html: string, night: boolean): string =>
  html.replace(/@media\s*\(prefers-color-scheme:\s*dark\)/g, night ? '@media all' : '@media not all')

/** Links of a mail open in a new tab, as in a mail program. */
const withTarget = (html: string): string => html.replace(/<head[^>]*>/i, '$&<base target="_blank">')

const json = (body: unknown): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
