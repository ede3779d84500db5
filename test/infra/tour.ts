/**
 * A stage's whole life by its commands, in a copy of the project: deployed, deployed again with one function
 * changed, then destroyed while it is protected and once it no longer is. What it should show is judged in
 * `test/proofs/stack.ts`; the account is `cloud.ts`.
 */
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '#infra/bundle'
import { openCloud } from './cloud.ts'
import type { Change } from './cloud-stacks.ts'
import { npmRun } from './commands.ts'

/** What one command did: how it ended, what it said, what it uploaded. */
export type Visit = { code: number; said: string; uploads: string[]; seconds: number }

export type Tour = {
  deploy: Visit
  diff: Visit
  redeploy: Visit
  /** The changes that the second deployment made to the stack. */
  changes: Change[]
  destroyProtected: Visit
  destroy: Visit
  kept: string[]
  removed: string[]
  /** Archives the first template names; each is an upload. */
  archives: string[]
  close: () => Promise<void>
}

const stack = 'homeward-prod'
const parts = [
  ...['adapters', 'cli', 'core', 'flow', 'functions', 'infra', 'cdk.json', 'package.json'],
  ...['package-lock.json', 'tsconfig.json'],
]

/** The project as it is, in a folder that may be changed; what is installed is linked. */
function copyOfProject(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'homeward-tour-'))
  for (const part of parts) cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

/** Takes the tour; `say` tells which command runs. */
export async function takeTour(say: (line: string) => void): Promise<Tour> {
  const cloud = await openCloud()
  const cwd = copyOfProject()
  const from = { cwd, output: path.join(cwd, 'cdk.out'), cloud }
  const run = async (script: string, ...rest: string[]): Promise<Visit> => {
    say(`npm run ${script} ${rest.join(' ')}`)
    const [before, at] = [new Set(cloud.uploads.keys()), performance.now()]
    const ended = await npmRun(from, script, '-c', 'stage=prod', ...rest)
    const uploads = [...cloud.uploads.keys()].filter((key) => !before.has(key))
    return { ...ended, uploads, seconds: Math.round((performance.now() - at) / 100) / 10 }
  }

  const deploy = await run('deploy', '--require-approval', 'never')
  const first = cloud.formation.stacks.get(stack)
  const archives = [...new Set(first?.body?.match(/[0-9a-f]{64}\.zip/g))]
  appendFileSync(path.join(cwd, 'functions/wake.ts'), '\nexport const changed = true\n')
  const diff = await run('diff', '--no-change-set')
  const redeploy = await run('deploy', '--require-approval', 'never')
  const changes = cloud.formation.stacks.get(stack)?.history.at(-1) ?? []
  const destroyProtected = await run('destroy', '--force')
  const { kept, removed } = cloud.formation
  const standing = cloud.formation.stacks.get(stack)
  if (standing) standing.isProtected = false
  const destroy = await run('destroy', '--force')
  const close = async () => {
    await cloud.close()
    rmSync(cwd, { recursive: true, force: true })
  }
  return { deploy, diff, redeploy, changes, destroyProtected, destroy, kept, removed, archives, close }
}
