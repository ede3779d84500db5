/**
 * Bundles the functions and synthesizes stage local, in a process of its own (the CDK stays out of this one),
 * and not at all when nothing changed. Two starts at once take turns, because both write the same files.
 */
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { takeLock } from '../install.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Synthesis {
  template: string
  fresh: boolean
}

/** Where the template is. Fails with what the bundler or the CDK said. */
export async function synthesizeLocal(): Promise<Synthesis> {
  await mkdir(`${root}.cache`, { recursive: true })
  const release = await takeLock(`${root}.cache/synth.lock`)
  try {
    const out = await runNode([
      '--import',
      './cli/register.js',
      'infra/synth.ts',
      'local',
      `${root}.cache/synth`,
    ])
    return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Synthesis
  } finally {
    release()
  }
}

async function runNode(args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => void child.kill()
  process.once('exit', end)
  let out = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0)
    throw new Error(`The stack could not be synthesized from infra/ and functions/:\n${complaints.trim()}`)
  return out
}
