/**
 * Bundles every Lambda handler with one esbuild call: `functions/<step>.ts` becomes `dist/<step>/index.mjs`.
 * Tests, the local runtime and `cdk deploy` run these same bytes. Nothing is built when no input changed.
 * The stack that deploys the result is in `infra/stack.ts`.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildFailure, type BuildOptions, build } from 'esbuild'
import { type Step, steps } from '#adapters/shape'
import { fingerprint, hasFingerprint, keepFingerprint } from './fingerprint.ts'
import { InfraError } from './main.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** What was bundled: for every step its size in bytes, minified; `fresh` when nothing had to be built. */
export type Bundles = { fresh: boolean; bytes: Record<Step, number> }

/** Thrown when a source of a handler does not build. */
class BundleError extends InfraError {
  override readonly name = 'BundleError'

  constructor({ errors }: BuildFailure) {
    const lines = errors.map(({ location, text }) =>
      location ? `  ${location.file}:${location.line}:${location.column + 1}: ${text}` : `  ${text}`,
    )
    super('bundle', `The functions cannot be bundled; mend these places first:\n${lines.join('\n')}`)
  }
}

const sources = ['adapters', 'core', 'flow', 'functions', 'infra/bundle.ts', 'package-lock.json']

/**
 * Makes `dist/<step>/index.mjs` for every step, unless they are there already from the same sources.
 * Safe to repeat.
 * @throws {BundleError} listing file:line:column of every source that does not build
 */
export async function bundle(): Promise<Bundles> {
  const mark = await fingerprint(root, sources)
  const outputs = steps.map((step) => `${root}dist/${step}/index.mjs`)
  const fresh = await hasFingerprint(`${root}dist`, mark, outputs)
  if (!fresh) {
    await buildAll()
    await keepFingerprint(`${root}dist`, mark)
  }
  return { fresh, bytes: await sizes() }
}

async function buildAll(): Promise<void> {
  const result = await build(options()).catch((error: BuildFailure) => {
    throw new BundleError(error)
  })
  const meta = { path: `${root}dist/meta.json`, contents: Buffer.from(JSON.stringify(result.metafile)) }
  await Promise.all([...result.outputFiles, meta].map(replaceFile))
}

function options() {
  const require = createRequire(import.meta.url)
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(steps.map((step) => [`${step}/index`, `functions/${step}.ts`])),
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    // Some dependencies are CommonJS and call `require`, which an ES module does not have.
    banner: { js: "import{createRequire as r}from'module';const require=r(import.meta.url);" },
    // Messages are parsed when a release is published; the functions carry the parsed tree only.
    alias: {
      '@formatjs/icu-messageformat-parser': require.resolve(
        '@formatjs/icu-messageformat-parser/no-parser.js',
      ),
    },
    metafile: true,
    write: false,
    logLevel: 'silent',
  } as const satisfies BuildOptions
}

/**
 * Whoever reads the file meanwhile sees the old bytes or the new ones, never half of them; and nobody who takes
 * the folder as an asset sees the draft.
 */
async function replaceFile(file: { path: string; contents: Uint8Array }): Promise<void> {
  const drafts = `${root}dist/.drafts`
  await Promise.all([path.dirname(file.path), drafts].map((folder) => mkdir(folder, { recursive: true })))
  const draft = `${drafts}/${randomUUID()}`
  await writeFile(draft, file.contents)
  await rename(draft, file.path)
}

async function sizes(): Promise<Record<Step, number>> {
  const entries = steps.map(async (step) => [step, (await readFile(`${root}dist/${step}/index.mjs`)).length])
  return Object.fromEntries(await Promise.all(entries))
}
