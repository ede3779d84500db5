/** SIGKILL in the middle: nothing accepted is lost, the database does not outlive the runtime. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = fileURLToPath(new URL('./fixture/boot.ts', import.meta.url))

async function bootProcess(dataDir: string) {
  const child = spawn(process.execPath, ['--import', './cli/register.js', program, dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { url, kill }
}

/** Processes whose command line names the data folder. */
const processesOn = (dataDir: string) =>
  execFileSync('ps', ['axo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(dataDir))

const post = async (url: string, body: object) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json()

it('an event accepted before the kill is mailed after the restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kill-'))
  const first = await bootProcess(dataDir)
  await post(`${first.url}/v1/track`, { customerId: 'ada', id: 'e1', reachable: true, to: 'ada@example.com' })
  await first.kill()

  await expect.poll(() => processesOn(dataDir), { timeout: 10_000 }).toEqual([])
  const second = await bootProcess(dataDir)
  const travelled = await post(`${second.url}/_local/clock`, { advance: '2h' })
  const inbox = await (await fetch(`${second.url}/_local/inbox`)).json()
  await second.kill()

  expect(travelled).toMatchObject({ ran: 1, sent: 1 })
  expect(inbox).toMatchObject([{ to: 'ada@example.com' }])
}, 60_000)
