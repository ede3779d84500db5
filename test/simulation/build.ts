/**
 * The simulator built anew, with one mistake planted where asked: exact source texts of `core`, `flow`, the
 * ports in memory or the simulator itself are replaced while it is bundled. A text that is not found exactly
 * once stops the build, so that a mutant can never silently do nothing. The product's files are only read.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** One exact text of a file, and what stands there instead. */
export interface Edit {
  /** From the repository's root, such as `flow/deliver.ts`. */
  file: string
  find: string
  put: string
}

/** What the built simulator offers: the same as the files it is built of. */
export type Simulator = Pick<typeof import('./live.ts'), 'live'> &
  Pick<typeof import('./scenarios.ts'), 'scenarios'>

function planting(edits: readonly Edit[], planted: Set<Edit>): Plugin {
  return {
    name: 'planted mistakes',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = edits.filter(({ file }) => path === join(root, file))
        if (own.length === 0) return undefined
        let contents = await readFile(path, 'utf8')
        for (const edit of own) {
          const times = contents.split(edit.find).length - 1
          if (times !== 1)
            throw new Error(
              `${edit.file} holds the text to be replaced ${times} times, not once: ${edit.find}`,
            )
          contents = contents.replace(edit.find, () => edit.put)
          planted.add(edit)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** Builds and loads a simulator with these edits. Throws when one of them could not be made. */
export async function buildSimulator(edits: readonly Edit[] = []): Promise<Simulator> {
  const planted = new Set<Edit>()
  const built = await build({
    absWorkingDir: root,
    stdin: {
      contents: "export { live } from './live.ts'\nexport { scenarios } from './scenarios.ts'\n",
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [planting(edits, planted)],
  })
  const missing = edits.find((edit) => !planted.has(edit))
  if (missing !== undefined) throw new Error(`${missing.file} is no part of the simulator`)
  const folder = await mkdtemp(join(tmpdir(), 'homeward-simulator-'))
  try {
    const file = join(folder, 'simulator.mjs')
    await writeFile(file, built.outputFiles[0]?.text ?? '')
    return (await import(pathToFileURL(file).href)) as Simulator
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
