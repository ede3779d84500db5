/**
 * Disks that are full and data folders that are half written: what was accepted is there after the restart, what
 * cannot be used is refused with its cure. The small fixture stack; the product's own is in `test/proofs/kill.ts`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Runtime, startRuntime } from '#local/runtime'
import { Store } from '#local/store'
import { assets, aTemplate } from './fixture/template.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fill = fileURLToPath(new URL('./fixture/fill.ts', import.meta.url))
const bootAlone = fileURLToPath(new URL('./fixture/boot.ts', import.meta.url))
const aFolder = () => mkdtempSync(join(tmpdir(), 'disk-'))

/** A command in which no file may grow beyond so many blocks of 512 bytes. */
const limited = (blocks: number, program: string, argument: string) => [
  '-c',
  `ulimit -f ${blocks}; exec "$0" --import ./cli/register.js "$@"`,
  process.execPath,
  program,
  argument,
]

const boot = (dataDir: string) =>
  startRuntime({ template: aTemplate(), assets, dataDir, port: 0, at: '2026-05-01T09:00:00Z' })

const track = async (url: string, customerId: string) => {
  const body = JSON.stringify({
    customerId,
    id: customerId,
    reachable: true,
    to: `${customerId}@example.com`,
  })
  return (await fetch(`${url}/v1/track`, { method: 'POST', body })).status
}

const advance = async ({ url }: Pick<Runtime, 'url'>, by: string) =>
  (await fetch(`${url}/_local/clock`, { method: 'POST', body: JSON.stringify({ advance: by }) })).json()

describe('a full disk', () => {
  it('refuses what the journal cannot keep, and all it kept is read again', () => {
    const file = join(aFolder(), 'state.jsonl')

    const said = JSON.parse(execFileSync('sh', limited(20, fill, file), { cwd: root, encoding: 'utf8' }))
    const again = new Store(file).table('t')

    expect(said.error).toMatch(/state\.jsonl cannot be written.*Free disk space/)
    expect(said.kept).toBeGreaterThan(10)
    expect(again.size).toBe(said.kept)
    expect(again.get(`key ${said.kept - 1}`)).toBeDefined()
  })

  it('takes no more events, and those it took are mailed once there is room again', async () => {
    const dataDir = aFolder()
    const child = spawn('sh', limited(1_000, bootAlone, dataDir), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaints = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text
    })
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const accepted: string[] = []
    for (let count = 0; count < 500; count += 1) {
      const status = await track(url, `c${count}`)
      if (status !== 200) break
      accepted.push(`c${count}@example.com`)
    }
    child.kill('SIGKILL')
    await once(child, 'exit')

    const runtime = await boot(dataDir)
    await advance(runtime, '65m')
    const mailed = runtime.inbox.entries().map(({ to }) => to)
    await runtime.stop()

    expect(accepted.length).toBeGreaterThan(10)
    expect(accepted.length).toBeLessThan(500)
    expect(complaints).toMatch(/The embedded DynamoDB ended by itself.*Stop and start again/s)
    expect(mailed.filter((to) => accepted.includes(to)).toSorted()).toEqual(accepted.toSorted())
  }, 60_000)
})

describe('a data folder that is half written', () => {
  const lived = aFolder()

  /** In it one customer was mailed and another waits for her alarm. */
  beforeAll(async () => {
    const runtime = await boot(lived)
    await track(runtime.url, 'ada')
    await advance(runtime, '70m')
    await track(runtime.url, 'bob')
    await advance(runtime, '1s')
    await runtime.stop()
  }, 60_000)

  function aCopy() {
    const folder = aFolder()
    cpSync(lived, folder, { recursive: true })
    return folder
  }

  it('without its journal is refused: a new one would know neither keys nor time', async () => {
    const dataDir = aCopy()
    rmSync(join(dataDir, 'state.jsonl'))

    await expect(boot(dataDir)).rejects.toThrow(/is half of one.*state\.jsonl.*Restore it, or move/)

    expect(readdirSync(dataDir)).not.toContain('lock')
  })

  it('with half of its journal starts, and who waited is mailed', async () => {
    const dataDir = aCopy()
    const journal = join(dataDir, 'state.jsonl')
    truncateSync(journal, Math.floor(statSync(journal).size / 2))

    const runtime = await boot(dataDir)
    await advance(runtime, '65m')
    const mailed = runtime.inbox.entries().map(({ to }) => to)
    await runtime.stop()

    expect(mailed).toContain('bob@example.com')
  })

  it('with half a database is refused, with what to do', async () => {
    const dataDir = aCopy()
    const file = join(dataDir, 'dynamo.db')
    truncateSync(file, Math.floor(statSync(file).size / 2))

    await expect(boot(dataDir)).rejects.toThrow(/did not start on .*malformed.*move the data folder away/)
  })

  it.each([
    ['state.jsonl', /state\.jsonl, line 1 is no JSON entry.*Move the data folder away/],
    ['dynamo.db', /did not start on .*dynamo\.db.*move the data folder away/],
  ])('damage in %s is named with its cure, and the folder let go again', async (file, message) => {
    const dataDir = aFolder()
    writeFileSync(join(dataDir, file), 'this is no database, and no journal either\n'.repeat(500))

    await expect(boot(dataDir)).rejects.toThrow(message)
    rmSync(join(dataDir, file))
    const mended = await boot(dataDir)
    await mended.stop()

    expect(readdirSync(dataDir)).not.toContain('lock')
  })

  it('with half a mail still lists it, and says what is wrong when it is opened', async () => {
    const dataDir = aCopy()
    const [name = ''] = readdirSync(join(dataDir, 'inbox'))
    const file = join(dataDir, 'inbox', name)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50))

    const runtime = await boot(dataDir)
    const list = await (await fetch(`${runtime.url}/_local/inbox`)).json()
    const answer = await fetch(`${runtime.url}/_local/inbox/${name.replace('.json', '')}`)
    const { detail } = (await answer.json()) as { detail: string }
    await runtime.stop()

    expect(list).toHaveLength(1)
    expect(answer.status).toBe(500)
    expect(detail).toMatch(/is damaged\. .*restore the file, or empty the inbox/)
  })
})
