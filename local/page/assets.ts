/**
 * What the local page needs beside its own folder, by the path it is served at: Segment's browser library,
 * unmodified, as its package brings it. `local/static.ts` serves these next to the files of `local/page/`.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

function library(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@segment/analytics-next/package.json')
    return join(dirname(manifest), 'dist', 'umd', 'index.js')
  } catch {
    return undefined
  }
}

const file = library()

/** URL path → absolute file. Empty when the package is not installed: the page then says what is missing. */
export const besides: ReadonlyMap<string, string> = new Map(
  file === undefined ? [] : [['/analytics.min.js', file]],
)
