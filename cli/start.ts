/**
 * `npm start`: all of Homeward on this machine. Bundles the functions, synthesizes the stack, boots the runtime
 * from its template, publishes `templates/` and goes on publishing whatever is saved there. The parts are in
 * `cli/start/`; the runtime itself is `local/runtime.ts`, which knows nothing of the product.
 */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { connect, type Stage } from '#cli/stage/connect'
import { buildDraft, type Compiled } from '#cli/stage/draft'
import { overtakenLine } from '#cli/stage/report'
import { sellHere } from '#cli/stage/sample-shop'
import { openBrowser } from '#cli/start/browser'
import { addSamples } from '#cli/start/demo'
import { hasKeys, hotkeysLine, listenForKeys } from '#cli/start/hotkeys'
import { localKeys } from '#cli/start/local-keys'
import { readOptions, type StartOptions } from '#cli/start/options'
import { addSampleYear } from '#cli/start/sample/sample'
import { jsonScreen, type Screen } from '#cli/start/screen'
import { synthesizeLocal } from '#cli/start/synth'
import { watchFolder } from '#cli/start/watch'
import { wordScreen } from '#cli/start/words'
import { publish } from '#flow/publish'
import { type Runtime, startRuntime } from '#local/runtime'
import { openShop } from '#local/shop/backend'
import { readAssembly } from '#local/template'

const END_MS = 4_500
const REPEAT_MS = 1_000

export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === undefined) return 0
  const ending = endOnSignal()
  const compiled: Compiled = new Map()
  // Mails compile while the stack is synthesized; what is wrong with them is told later, in its turn.
  const compiling = buildDraft(options.templates, compiled).catch(() => undefined)
  const screen = options.json
    ? jsonScreen()
    : wordScreen(await version(), hasKeys() ? hotkeysLine : undefined)
  const synthesis = await screen.step(
    ({ fresh }) => (fresh ? 'functions and stack are as they were' : 'functions bundled, stack synthesized'),
    synthesizeLocal,
  )
  const runtime = await screen
    .step('stack booted', () => boot(options, synthesis.template, screen))
    .catch(explained(options))
  ending.stop = async () => {
    screen.stopping()
    await runtime.stop()
  }
  if (options.port !== 0 && runtime.port !== options.port)
    screen.note(`  Port ${options.port} is taken; ${runtime.port} is used instead.`)
  if (options.at !== undefined && runtime.resumed)
    screen.note(
      `  --at is for empty data; the clock of ${options.dataDir} goes on at ${runtime.clock.iso()}.`,
    )
  await compiling
  await bringUp(options, { runtime, screen, compiled, quit: ending.now })
  return ending.code
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function boot(options: StartOptions, template: string, screen: Screen): Promise<Runtime> {
  const assembly = readAssembly(dirname(template), 'homeward-local')
  return startRuntime({
    ...assembly,
    dataDir: options.dataDir,
    port: options.port,
    at: options.at,
    onDecision: (decision) => screen.decision(decision),
    onLine: ({ step, stream, text, json }) => {
      if (stream === 'stderr' || json?.level === 'error') screen.note(`  ${step}: ${text}`)
    },
  })
}

/** Publishes, makes the keys, lets the samples in, shows it all, and stays. */
async function bringUp(
  options: StartOptions,
  it: { runtime: Runtime; screen: Screen; compiled: Compiled; quit: () => void },
): Promise<void> {
  const { runtime, screen, compiled, quit } = it
  const stage = await connect({ stack: undefined, data: options.dataDir })
  const republish = () => publishTemplates(options.templates, { stage, screen, compiled, runtime })
  const keys = await localKeys(options.dataDir, stage.ports)
  const release = await screen.step(
    (live) => (live === null ? 'templates checked, nothing published' : 'templates checked and published'),
    republish,
  )
  const wantsSamples = options.demo && !runtime.resumed && release !== null
  const samples = wantsSamples ? await letIn({ runtime, screen, stage, serverKey: keys.server }) : 0
  const { url, resumed, clock } = runtime
  runtime.mount('/shop/api/', openShop({ url, keys, dataDir: options.dataDir, now: () => clock.iso() }))
  // The key of a server never reaches a page.
  runtime.setStatus({ keys: { browser: keys.browser }, release })
  screen.ready({ url, keys, release, resumed, samples, now: runtime.clock.iso(), dataDir: options.dataDir })
  await watchFolder(options.templates, async () => {
    await republish().catch((error: Error) =>
      screen.note(`The templates could not be published: ${error.message}`),
    )
  })
  if (options.open) openBrowser(url)
  if (!options.json && hasKeys()) listenForKeys({ url, say: screen.note, quit })
}

/** Checks the folder and makes it live where it is good and new. Answers what is live then. */
async function publishTemplates(
  folder: string,
  it: { stage: Stage; screen: Screen; compiled: Compiled; runtime: Runtime },
): Promise<number | null> {
  const { stage, screen } = it
  const { findings, files, draft } = await buildDraft(folder, it.compiled)
  if (draft !== undefined) sellHere(draft, stage)
  const live = await stage.ports.workspace.live()
  if (findings.length > 0) screen.problems(findings, { files, folder, isLive: live !== undefined })
  if (draft === undefined) return live?.release ?? null
  const published = await publish(stage.ports, draft)
  if (published.kind === 'overtaken') screen.note(overtakenLine(published.release))
  if (published.kind === 'published' && published.previous !== undefined) screen.published(published)
  it.runtime.setStatus({ release: published.release })
  return published.release ?? null
}

/** The sample customers: those with a past year, then the five whose stories begin now. */
async function letIn(it: { runtime: Runtime; screen: Screen; stage: Stage; serverKey: string }) {
  const { runtime, screen, stage, serverKey } = it
  const lived = await screen
    .step(
      (year) => (year ? `a year of ${year.people} sample customers, ${year.mails} mails` : 'no sample year'),
      () =>
        addSampleYear({ runtime, stage }, ({ part, people, mails }) =>
          screen.progress(part, `a year is lived: ${people} sample customers, ${mails} mails`),
        ),
    )
    .catch((error: Error) => screen.note(`  The sample year is left out: ${error.message}`))
  return (lived?.people ?? 0) + (await addSamples({ url: runtime.url, serverKey }))
}

interface Ending {
  /** What to end; set once there is something. */
  stop: () => Promise<void>
  now: () => void
  code: number
}

/** SIGINT and SIGTERM end it all cleanly within five seconds; a second signal ends it at once. */
function endOnSignal(): Ending {
  let since: number | undefined
  const ending: Ending = { stop: async () => {}, now: () => {}, code: 0 }
  ending.now = () => {
    // npm passes on a Ctrl-C that the terminal sent to everybody already: that is one wish, not two.
    if (since !== undefined && performance.now() - since < REPEAT_MS) return
    if (since !== undefined) process.exit(1)
    since = performance.now()
    setTimeout(() => process.exit(1), END_MS).unref()
    ending
      .stop()
      .catch((error: Error) => process.stderr.write(`${error.message}\n`))
      .finally(() => process.exit(0))
  }
  process.on('SIGINT', ending.now)
  process.on('SIGTERM', ending.now)
  return ending
}

const diskCures: Record<string, string> = {
  ENOSPC: 'the disk is full: make room, or choose another folder with --data',
  EDQUOT: 'the disk quota is used up: make room, or choose another folder with --data',
  EROFS: 'it cannot be written: choose another folder with --data',
  EACCES: 'it may not be written by you: choose another folder with --data',
}

/** Says what of a failed boot is the data folder's, with a cure. */
function explained(options: StartOptions): (error: unknown) => never {
  return (error) => {
    const { code = '', message } = error as NodeJS.ErrnoException
    const known = Object.hasOwn(diskCures, code) ? code : /disk is full/.test(message) ? 'ENOSPC' : undefined
    if (known === undefined) throw error
    throw new Error(`The data folder ${options.dataDir} failed: ${diskCures[known]}.`, { cause: error })
  }
}
