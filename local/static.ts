/**
 * Serves the runtime's page: files of one folder and nothing outside it. Small enough to read from disk each time,
 * so that an edited page is seen on reload.
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { besides } from '#local/page/assets'
import type { HttpAnswer } from './http-api.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** The file behind a path (`/` is index.html), or undefined when there is none of a known type. */
export async function readPage(folder: string, path: string): Promise<HttpAnswer | undefined> {
  const wanted = decoded(path)
  if (wanted === undefined || wanted.includes('\0')) return undefined
  const beside = besides.get(wanted)
  const file = beside ?? normalize(join(folder, pageOf(wanted)))
  if (beside === undefined && !file.startsWith(normalize(folder + sep))) return undefined
  const type = types[extname(file).toLowerCase()]
  if (type === undefined) return undefined
  try {
    const body = await readFile(file)
    return { status: 200, headers: { 'content-type': type, 'cache-control': 'no-cache' }, body }
  } catch {
    return undefined
  }
}

/** A path of the sample shop is one page, which shows what the path says. */
function pageOf(path: string): string {
  if (path.endsWith('/')) return `${path}index.html`
  const isShop = path === '/shop' || (path.startsWith('/shop/') && extname(path) === '')
  return isShop ? '/shop/index.html' : path
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
