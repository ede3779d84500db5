/**
 * Synthesizes a stage without the CDK's command line: offline, without an account, in a few seconds, and not
 * at all when nothing changed since the last time. `npm start` runs this file as a process of its own, so that
 * the CDK library leaves no trace in it: `node --import ./cli/register.js infra/synth.ts [stage] [folder]`
 * prints one line of JSON, a `Synthesis`.
 */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Bundles, bundle, root } from './bundle.ts'
import { fingerprint, hasFingerprint, keepFingerprint } from './fingerprint.ts'
import { runAsProgram } from './main.ts'

/** Where the template is and the bundles it deploys; `fresh` when nothing had to be done. */
type Synthesis = { stage: string; template: string; fresh: boolean; bytes: Bundles['bytes'] }

const sources = [
  ...['adapters/shape.ts', 'core/allow-list.ts', 'core/limits.ts'],
  ...['infra', 'cdk.json', 'package-lock.json'],
]

/**
 * Bundles the handlers and writes `<outDir>/homeward-<stage>.template.json` with its assets.
 * Safe to repeat. Every stage is linted (`infra/lint/lint.ts`, a tenth of a second); AWS's own rules take three
 * seconds and are asked for dev and prod only. Fails as `bundle` and `readStage` do, and on findings of either.
 */
export async function synthesize({ stage, outDir }: { stage: string; outDir: string }): Promise<Synthesis> {
  const bundles = await bundle()
  const folder = path.resolve(outDir)
  const template = path.join(folder, `homeward-${stage}.template.json`)
  const handlers = Object.keys(bundles.bytes).map((step) => `dist/${step}/index.mjs`)
  const mark = await fingerprint(root, [...sources, ...handlers], stage)
  const fresh = await hasFingerprint(folder, mark, [template])
  if (!fresh) {
    await write(stage, folder)
    await keepFingerprint(folder, mark)
  }
  return { stage, template, fresh, bytes: bundles.bytes }
}

/** Synthesizes beside the folder and moves the result in, so that nobody reads half a template. */
async function write(stage: string, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`
  try {
    await synthesizeInto(draft, stage)
    await mkdir(folder, { recursive: true })
    // Bundles before the template that names them.
    const names = (await readdir(draft)).sort((left, right) => rank(left) - rank(right))
    for (const name of names) await moveInto(folder, path.join(draft, name))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function synthesizeInto(outdir: string, stage: string): Promise<void> {
  const { createApp } = await import('./app.ts')
  const context = { ...(await contextOfCdkJson()), stage }
  const validated = stage !== 'local'
  const app = createApp({ outdir, context, builtinCloudFormationValidation: validated })
  if (validated) {
    const { addChecks } = await import('./checks.ts')
    addChecks(app)
  }
  app.synth()
  const { lintFile } = await import('./lint/lint.ts')
  await lintFile(path.join(outdir, `homeward-${stage}.template.json`))
}

const rank = (name: string) => (name.startsWith('asset.') ? 0 : name.endsWith('.template.json') ? 2 : 1)

async function moveInto(folder: string, source: string): Promise<void> {
  const target = path.join(folder, path.basename(source))
  await rename(source, target).catch(async (error: NodeJS.ErrnoException) => {
    // An asset is named by its content: one that is there already is the same.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
}

/** What the CDK's command line would pass to the app: the flags and stages of `cdk.json`. */
export async function contextOfCdkJson(): Promise<Record<string, unknown>> {
  const { context } = JSON.parse(await readFile(`${root}cdk.json`, 'utf8')) as {
    context: Record<string, unknown>
  }
  return context
}

await runAsProgram(import.meta, async () => {
  const [stage = 'local', outDir = `${root}cdk.out`] = process.argv.slice(2)
  console.log(JSON.stringify(await synthesize({ stage, outDir })))
})
