/**
 * A module hook that strips the types of `.ts` files with esbuild, for Node versions that cannot. It changes
 * nothing else: names resolve as Node resolves them, through `"imports"` in package.json. What was stripped
 * once is kept in `.cache/typescript` under the hash of its source. Loaded by `cli/register.js`, never directly.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const options = { loader: 'ts', sourcemap: 'inline', target: 'node20' }
const { version } = createRequire(import.meta.url)('esbuild/package.json')
const folder = fileURLToPath(new URL(`../.cache/typescript/${version}/`, import.meta.url))

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return nextLoad(url, context)
  const sourcefile = fileURLToPath(url)
  const contents = readFileSync(sourcefile)
  const name = createHash('sha256')
    .update(JSON.stringify({ ...options, sourcefile }))
    .update(contents)
  const kept = `${folder}${name.digest('base64url')}.js`
  return {
    format: 'module',
    source: read(kept) ?? (await strip(contents, sourcefile, kept)),
    shortCircuit: true,
  }
}

function read(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

async function strip(contents, sourcefile, kept) {
  const { transform } = await import('esbuild')
  const { code } = await transform(contents, { ...options, sourcefile })
  try {
    mkdirSync(folder, { recursive: true })
    const draft = `${folder}${randomUUID()}`
    writeFileSync(draft, code)
    renameSync(draft, kept)
  } catch {
    // A folder that cannot be written to only costs time.
  }
  return code
}
