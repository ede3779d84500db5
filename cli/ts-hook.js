/**
 * A module hook that strips the types of `.ts` files with esbuild, for Node versions that cannot. It changes
 * nothing else: names resolve as Node resolves them, through `"imports"` in package.json. Loaded by
 * `cli/register.js`, never directly.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return nextLoad(url, context)
  const sourcefile = fileURLToPath(url)
  const contents = await readFile(sourcefile, 'utf8')
  const { code } = await transform(contents, {
    loader: 'ts',
    sourcefile,
    sourcemap: 'inline',
    target: 'node20',
  })
  return { format: 'module', source: code, shortCircuit: true }
}
