/**
 * Checks of this machine: what `npm start` and `npm run check` need. Everything outside is asked through the
 * ports, so that each finding has a test; `machinePorts` makes them real.
 */
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDraft } from '#cli/stage/draft'
import { count } from '#cli/terminal/style'
import type { Finding } from '#core/finding'
import { startDatabase } from '#local/dynamo-process'
import { type Check, ok, wants } from './check.ts'

export interface MachinePorts {
  /** `20.19.0`, without a `v`. */
  node: string
  /** The least that package.json asks for, such as `20.19`. */
  least: string
  isPortFree(port: number): Promise<boolean>
  /** Starts the embedded database on a throw-away file and ends it; answers what was started. Throws with the cure. */
  tryDatabase(): Promise<string>
  /** Bytes that are free where the data folder is. */
  freeBytes(): Promise<number>
  /** The templates, read over; `journeys` is undefined when they cannot be published. */
  templates(): Promise<{ findings: readonly Finding[]; journeys: number | undefined }>
  environment: Readonly<Record<string, string | undefined>>
  /** Where `npm start` runs with the data folder; undefined: it does not. */
  running: string | undefined
}

const port = 4400
const leastBytes = 500 * 1024 * 1024

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function nodeCheck({ node, least }: MachinePorts): Check {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor)
  if (!isOld) return ok('Node.js', node)
  return wants('Node.js', 'bad', { found: node, cure: `install ${least} or newer from https://nodejs.org` })
}

async function portCheck({ isPortFree, running }: MachinePorts): Promise<Check> {
  if (running !== undefined) return ok('Port', `npm start runs at ${running}`)
  if (await isPortFree(port)) return ok('Port', `${port} is free`)
  const found = `${port} is taken by another program`
  return wants('Port', 'warn', { found, cure: 'npm start takes the next free one, or the one --port names' })
}

async function databaseCheck(ports: MachinePorts): Promise<Check> {
  const name = 'Embedded database'
  try {
    return ok(name, await ports.tryDatabase())
  } catch (error) {
    return wants(name, 'bad', { found: 'it does not start', cure: words(error) })
  }
}

async function diskCheck(ports: MachinePorts): Promise<Check> {
  const free = await ports.freeBytes().catch(() => undefined)
  if (free === undefined) return ok('Disk', 'not known')
  const found = `${(free / 1024 ** 3).toFixed(1)} GB free`
  if (free >= leastBytes) return ok('Disk', found)
  return wants('Disk', 'warn', {
    found,
    cure: 'make room, or keep the data elsewhere: npm start -- --data DIR',
  })
}

async function templatesCheck(ports: MachinePorts): Promise<Check> {
  const { findings, journeys } = await ports.templates()
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const cure = 'npm run check'
  if (journeys === undefined)
    return wants('Templates', 'bad', { found: `${count(errors, 'problem')}; they cannot be published`, cure })
  if (findings.length > 0)
    return wants('Templates', 'warn', { found: count(findings.length, 'warning'), cure })
  return ok('Templates', `${count(journeys, 'journey')}, nothing to complain of`)
}

/** Only whether there is a hint of credentials: they are not read here. */
function credentialsCheck({ environment }: MachinePorts): Check {
  const hints = [
    'AWS_PROFILE',
    'AWS_ACCESS_KEY_ID',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ]
  const hint = hints.find((name) => environment[name])
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION
  const where = region === undefined ? 'no AWS_REGION' : `region ${region}`
  return ok(
    'AWS',
    `${hint === undefined ? 'no credentials named' : `by ${hint}`}, ${where} (only --stack and deploying need them)`,
  )
}

/** All checks of the machine, in the order they are shown. */
export async function machineChecks(ports: MachinePorts): Promise<Check[]> {
  const [onPort, database, disk, templates] = await Promise.all([
    portCheck(ports),
    databaseCheck(ports),
    diskCheck(ports),
    templatesCheck(ports),
  ])
  const chromium = ports.environment.CHROMIUM_PATH
  return [
    nodeCheck(ports),
    onPort,
    database,
    disk,
    templates,
    ok('Chromium', `${chromium ?? 'the one that comes with the tests'} (only the browser tests need it)`),
    credentialsCheck(ports),
  ]
}

const isPortFree = (wanted: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

async function tryDatabase(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'homeward-doctor-'))
  try {
    const database = await startDatabase(join(folder, 'try.db'))
    await database.stop()
    const given = process.env.DYNAMODB_ENDPOINT
    return given ? `DYNAMODB_ENDPOINT is ${given}` : 'starts'
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The machine we are on. */
export const machinePorts = (of: {
  least: string
  templates: string
  running: string | undefined
}): MachinePorts => ({
  node: process.versions.node,
  least: of.least,
  isPortFree,
  tryDatabase,
  freeBytes: async () => {
    const { bavail, bsize } = await statfs('.')
    return bavail * bsize
  },
  templates: async () => {
    const { findings, draft } = await buildDraft(of.templates)
    return { findings, journeys: draft && Object.keys(draft.journeys).length }
  },
  environment: process.env,
  running: of.running,
})
