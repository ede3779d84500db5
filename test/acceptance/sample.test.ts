/**
 * The first `npm start` with its sample customers: three hundred people with a past year, loaded once and never
 * decided twice; Mia's story begins now.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const START_MS = 120_000
const at = '2026-05-05T10:00:00.000Z'

type Started = { url: string; decisions: { outcome: string }[]; stop: () => Promise<void> }

let data: string
let homeward: Started

/** `npm start` with the sample customers in, as a person starts it first. */
async function start(): Promise<Started> {
  const flags = ['--json', '--no-open', '--port', '0', '--data', data, '--at', at]
  const child = spawn(process.execPath, ['cli/run.js', 'start', ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const decisions: { outcome: string }[] = []
  const url = await new Promise<string>((tell, fail) => {
    child.once('exit', (code) => fail(new Error(`npm start ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; url: string; outcome: string }
      if (said.event === 'decision') decisions.push(said)
      if (said.event === 'ready') tell(said.url)
    })
  })
  const stop = async () => {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
  return { url, decisions, stop }
}

const get = async <T>(path: string): Promise<T> => (await fetch(homeward.url + path)).json() as Promise<T>
const advance = async (by: string) => {
  const body = JSON.stringify({ advance: by })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${homeward.url}/_local/clock`, { method: 'POST', headers, body })
  return (await answer.json()) as { sent: number }
}

type Known = { timeline: { at: string; kind: string; name: string }[] }
type Head = { to: string; at: string; journey: string; step: string }

describe('npm start with its sample customers', () => {
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'homeward-sample-'))
    homeward = await start()
  }, START_MS)

  afterAll(async () => {
    await homeward?.stop()
    await rm(data, { recursive: true, force: true })
  }, START_MS)

  it('knows what somebody lived through, and shows the last mails', async () => {
    const mails = await get<Head[]>('/_local/inbox')
    const [last] = mails.filter(({ to }) => to.startsWith('customer.')).slice(-1)
    const known = await get<Known>(`/_local/customers/${encodeURIComponent(last?.to ?? '')}`)

    expect(mails.length).toBeGreaterThan(20)
    expect(last?.at && last.at <= at).toBe(true)
    expect(known.timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['event', 'decision', 'message']),
    )
  })

  it('begins with the story of Mia, and decides nothing of the past again', async () => {
    const before = await get<Head[]>('/_local/inbox')
    await advance('1h1m')
    const after = await get<Head[]>('/_local/inbox')
    const fresh = after.slice(before.length)

    expect(fresh.map(({ to }) => to)).toContain('mia@example.com')
    expect(homeward.decisions.length).toBeLessThan(60)
  })
})
