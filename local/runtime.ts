/**
 * The embedded local runtime: boots a synthesized stack on this machine. Everything about the product comes from
 * the template; here the parts are only put together, in the order they need each other, and taken apart again.
 * Read next: `stack.ts` (the template), `aws.ts` (each AWS call), `travel.ts` (the clock).
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Activity } from './activity.ts'
import { assemble } from './assemble.ts'
import type { Layer } from './aws.ts'
import { Clock } from './clock.ts'
import type { Decision, FunctionLine } from './decisions.ts'
import { DynamoClient } from './dynamo-client.ts'
import { startDatabase } from './dynamo-process.ts'
import { createTables, tablesOf } from './dynamo-tables.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import { checkWhole, LOCK, lockFolder } from './lock.ts'
import type { Permissions } from './permissions.ts'
import { Endpoint, type Mounted } from './server.ts'
import type { SesQuota } from './ses.ts'
import { Stack } from './stack.ts'
import { Store } from './store.ts'
import type { Assets, Template } from './template.ts'
import type { Travel } from './travel.ts'

export type RuntimeOptions = {
  template: Template
  /** Asset hash → folder with the function's code. */
  assets: Assets
  /** Everything the runtime keeps; made when missing. */
  dataDir: string
  /** The first port to try; 0 = any free one. */
  port: number
  /** Where empty data starts on the virtual clock, ISO-8601; ignored when the data has a clock already. */
  at?: string | undefined
  /** `homeward-local` by default. */
  stackName?: string
  region?: string
  quota?: SesQuota
  /** Runs every tick of the wake schedule instead of skipping those that would find nothing. */
  everyTick?: boolean
  pageFolder?: string
  onLine?: (line: FunctionLine) => void
  onDecision?: (decision: Decision) => void
  onMail?: (mail: InboxEntry) => void
  /** Layers around every AWS call, inside permission checks and counting: the seam for unkindness. */
  layers?: Layer[]
}

const LOADING = 'loading'

/** A running runtime. */
export type Runtime = {
  url: string
  port: number
  /** Whether the data folder held a stack's data already. */
  resumed: boolean
  clock: Clock
  travel: Travel
  inbox: Inbox
  stack: Stack
  permissions: Permissions
  /** Invokes a function by its step's name, as the operator would. Throws when the stack has none. */
  invoke: (step: string, event: unknown) => Promise<unknown>
  /** Adds to what `GET /_local/status` tells, e.g. keys and release. */
  setStatus: (status: Record<string, unknown>) => void
  /**
   * Loads tables with what was decided elsewhere: while `act` writes, no stream is read, and what it wrote is
   * taken as done. For a stack at rest. When it is cut short by a kill, the data folder begins anew at the next
   * boot: half a load would be decided as news.
   */
  load: (act: () => Promise<void>) => Promise<void>
  /** Lets `answer` answer everything below the path `prefix`, beside what the stack serves. */
  mount: (prefix: string, answer: Mounted) => void
  /** Ends everything within five seconds. What was in flight is repeated at the next start. */
  stop: () => Promise<void>
}

/**
 * Boots the stack. Rejects with what, where and cure when the folder is taken or damaged, no port is free, the
 * database cannot start, or the template holds what AWS would refuse; nothing is left running then.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const endings: (() => void | Promise<void>)[] = []
  const stop = once(async () => {
    for (const ending of endings.reverse()) await ending()
  })
  try {
    return await boot(options, { endings, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

type Life = { endings: (() => void | Promise<void>)[]; stop: () => Promise<void> }

async function boot(options: RuntimeOptions, life: Life): Promise<Runtime> {
  const { dataDir } = options
  life.endings.push(lockFolder(dataDir))
  forgetHalfALoad(dataDir)
  checkWhole(dataDir)
  const endpoint = new Endpoint()
  await endpoint.listen(options.port)
  life.endings.push(() => endpoint.close())
  const { store, clock, resumed } = openTime(options, life)
  const stack = new Stack(options.template, placeOf(options, endpoint.url))
  const database = await startDatabase(join(dataDir, 'dynamo.db'))
  life.endings.push(database.stop)
  const client = new DynamoClient(database.endpoint)
  life.endings.push(() => client.close())
  const tables = tablesOf(stack)
  await createTables(client, tables)
  const { endings, stop } = life
  const activity = new Activity()
  const parts = assemble({ options, endings, endpoint, store, clock, stack, client, tables, activity })
  announce(dataDir, endpoint.url, endings)
  const mount: Runtime['mount'] = (prefix, answer) => endpoint.mount(prefix, answer)
  const load: Runtime['load'] = async (act) => {
    writeFileSync(join(dataDir, LOADING), '')
    await parts.load(act).finally(() => rmSync(join(dataDir, LOADING), { force: true }))
  }
  return { ...parts, load, resumed, url: endpoint.url, port: endpoint.port, clock, stack, mount, stop }
}

/** Empties a folder whose load was cut short: it holds nothing else yet. The lock stays. */
function forgetHalfALoad(dataDir: string): void {
  if (!existsSync(join(dataDir, LOADING))) return
  // The mark goes last, so that a kill in here is no worse.
  const others = readdirSync(dataDir).filter((name) => name !== LOCK && name !== LOADING)
  for (const name of [...others, LOADING]) rmSync(join(dataDir, name), { recursive: true, force: true })
}

function openTime(options: RuntimeOptions, life: Life): { store: Store; clock: Clock; resumed: boolean } {
  const store = new Store(join(options.dataDir, 'state.jsonl'))
  life.endings.push(() => store.close())
  const times = store.table<number>('clock')
  const known = times.get('offsetMs')
  const offsetMs = known ?? (options.at === undefined ? 0 : instantOf(options.at) - Date.now())
  times.set('offsetMs', offsetMs)
  const clock = new Clock({
    offsetMs,
    onJump: (offset) => times.set('offsetMs', offset),
    seenMs: times.get('realMs'),
    onSeen: (realMs) => times.set('realMs', realMs),
  })
  life.endings.push(() => clock.stop())
  return { store, clock, resumed: known !== undefined }
}

function instantOf(text: string): number {
  const instant = Date.parse(text)
  if (!Number.isNaN(instant)) return instant
  throw new Error(`--at is "${text}", which is no instant. Write it like 2026-05-01T09:00:00Z.`)
}

function placeOf(options: RuntimeOptions, baseUrl: string) {
  return {
    stackName: options.stackName ?? 'homeward-local',
    region: options.region ?? 'us-east-1',
    accountId: '000000000000',
    partition: 'aws',
    urlSuffix: 'amazonaws.com',
    baseUrl,
  }
}

/** `runtime.json` tells other commands where this runtime listens. */
function announce(dataDir: string, url: string, endings: Life['endings']): void {
  const file = join(dataDir, 'runtime.json')
  writeFileSync(file, `${JSON.stringify({ url, pid: process.pid })}\n`)
  endings.push(() => rmSync(file, { force: true }))
}

function once(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= act()
    return running
  }
}
