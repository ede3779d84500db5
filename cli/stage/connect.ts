/**
 * From a name to a stage one can work on: its stack tells its tables and queues, the ports are opened on them.
 * A running `npm start` answers as AWS does, so that every command works on both; its clock is the virtual one.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import type { Aws } from '#adapters/aws'
import type { Environment } from '#adapters/environment'
import { portsFrom, type StoredPorts } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { queuesFrom } from '#adapters/sqs'
import { findStack } from '#adapters/stack'
import { pathFromHere } from '#cli/terminal/style'
import { toInstant } from '#core/time'
import type { Clock, Keys, WakeQueue } from '#flow/port'
import type { Where } from './where.ts'

interface Time {
  clock: Clock
  pause: (ms: number) => Promise<void>
}

export interface Stage {
  name: string
  isLocal: boolean
  /** Where the shop and the links of mails reach it. */
  apiUrl: string | undefined
  /** How its AWS is reached, its variables as its functions have them, and all it says of itself. */
  aws: Aws
  environment: Environment
  outputs: Readonly<Record<string, string>>
  ports: StoredPorts & Time & { wakeQueue: WakeQueue; keys: Keys }
}

const Running = z.object({ url: z.url(), pid: z.number().int() })

/** The stage, ready to work on. Fails with what to do when it is not there. */
export async function connect(where: Where): Promise<Stage> {
  if (where.stack !== undefined) return open(where.stack, { isLocal: false, aws: {}, time: undefined })
  const { url } = await runningIn(where.data)
  const aws: Aws = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
  }
  return open('homeward-local', { isLocal: true, aws, time: await virtualTime(url) })
}

async function open(
  name: string,
  by: { isLocal: boolean; aws: Aws; time: Time | undefined },
): Promise<Stage> {
  const { environment, outputs } = await findStack(name, by.aws)
  const stored = portsFrom(environment, by.aws)
  const { wakeQueue } = queuesFrom(environment, by.aws)
  const keys = keysFrom(environment, by.aws)
  const time = by.time ?? { clock: stored.clock, pause: (ms: number) => setTimeout(ms) }
  const ports = { ...stored, wakeQueue, keys, ...time }
  const { isLocal, aws } = by
  return { name, isLocal, apiUrl: outputs.ApiUrl, aws, environment, outputs, ports }
}

/** The runtime that uses a data folder. */
async function runningIn(dataDir: string): Promise<z.infer<typeof Running>> {
  const text = await readFile(join(dataDir, 'runtime.json'), 'utf8').catch(() => undefined)
  const running = Running.safeParse(text === undefined ? undefined : parse(text))
  const isUp = running.success && (await fetch(`${running.data.url}/_local/clock`).then(isOk, () => false))
  if (running.success && isUp) return running.data
  throw new Error(
    `No Homeward is running with the data folder ${pathFromHere(resolve(dataDir))}. Run npm start in another terminal ` +
      '(--data names another folder), or name a deployed stack: --stack homeward-dev.',
  )
}

const isOk = (response: Response): boolean => response.ok

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The runtime's clock, as far ahead of ours as it is now; a pause moves it on. */
async function virtualTime(url: string): Promise<Time> {
  const response = await fetch(`${url}/_local/clock`)
  const { now } = z.object({ now: z.iso.datetime() }).parse(await response.json())
  let aheadMs = Date.parse(now) - Date.now()
  const pause = async (ms: number) => {
    await fetch(`${url}/_local/clock`, { method: 'POST', body: JSON.stringify({ advance: `${ms / 1000}s` }) })
    aheadMs += ms
  }
  return { clock: () => toInstant(Date.now() + aheadMs), pause }
}
