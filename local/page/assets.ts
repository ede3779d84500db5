/**
 * Which files make up the local page, by the path they are served at. The runtime answers `GET` of these paths
 * with the file's bytes and content type, nothing else of the folder; adding a file to `local/page/` is enough
 * to serve it. The browser library of Segment comes unmodified from its package. Start with `page.js`.
 */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file to serve: its absolute path and the content type of the answer. */
export interface Asset {
  file: string
  contentType: string
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
}

const folder = dirname(fileURLToPath(import.meta.url))

/**
 * URL path → file: `/` is the page, `/page/<file>` everything beside it, `/page/analytics.min.js` the browser
 * library. Reads the folder once when called. Throws when @segment/analytics-next is not installed.
 */
export function pageAssets(): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const contentType = contentTypes[extname(entry)]
    if (contentType === undefined) continue
    const path = entry === 'index.html' ? '/' : `/page/${entry.replaceAll('\\', '/')}`
    assets.set(path, { file: join(folder, entry), contentType })
  }
  const manifest = createRequire(import.meta.url).resolve('@segment/analytics-next/package.json')
  const library = join(dirname(manifest), 'dist', 'umd', 'index.js')
  assets.set('/page/analytics.min.js', { file: library, contentType: 'text/javascript; charset=utf-8' })
  return assets
}
