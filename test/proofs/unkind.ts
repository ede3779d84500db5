/**
 * Every acceptance story lived again on a runtime that is as unkind as AWS may be: conflicts, an index that is
 * behind, duplicates and other orders, by chance from a seed. What the stories expect stays as it is. The switch
 * is `local/fault-mix.ts`.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Findings, type Proof, standing, wholeNumber } from './proof.ts'

const root = resolve(import.meta.dirname, '../..')
const rates = { conflict: 0.1, 'stale-index': 0.2, duplicate: 0.2, reorder: 0.3 }

/** Files whose expectation unkindness changes, with the reason. */
const excluded: Record<string, string> = {
  'units.test.ts': 'it counts write units, and what is repeated costs units',
  'faults.test.ts': 'it queues faults of its own and reads which are left',
}

interface Told {
  numPassedTests: number
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

/** Runs one file of stories; what vitest tells about it. */
async function liveOnce(file: string, seed: number): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'homeward-unkind-'))
  const told = join(folder, 'told.json')
  const flags = ['--project', 'acceptance', '--reporter=json', `--outputFile=${told}`]
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...flags, file], {
    cwd: root,
    env: { ...process.env, HOMEWARD_FAULTS: JSON.stringify({ seed, rates }) },
    stdio: 'ignore',
  })
  await new Promise((ended) => child.once('close', ended))
  const text = await readFile(told, 'utf8').catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
  if (text === undefined) throw new Error(`vitest said nothing about ${file}`)
  return JSON.parse(text) as Told
}

const failuresOf = (file: string, seed: number, { testResults }: Told): string[] =>
  testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => {
      const [why = ''] = (failureMessages[0] ?? '').split('\n')
      return `seed ${seed}: ${file}: ${fullName}: ${why}`
    })

async function prove(wanted: string, seed: number, say: (line: string) => void): Promise<Findings> {
  const all = (await readdir(join(root, 'test/acceptance'))).filter((file) => file.endsWith('.test.ts'))
  const files = all.filter((file) => file.includes(wanted) && !Object.hasOwn(excluded, file)).sort()
  const failures: string[] = []
  let stories = 0
  for (const [index, file] of files.entries()) {
    say(`${index + 1} of ${files.length}: ${file}, ${stories} stories held, ${failures.length} did not`)
    const told = await liveOnce(`test/acceptance/${file}`, seed)
    stories += told.numPassedTests
    failures.push(...failuresOf(file, seed, told))
    if (told.testResults.every(({ assertionResults }) => assertionResults.length === 0))
      failures.push(`seed ${seed}: ${file}: none of its stories ran`)
  }
  const figures = { 'unkind.seed': seed, 'unkind.stories': stories, 'unkind.failed': failures.length }
  return { ok: failures.length === 0 && stories > 0, figures, failures }
}

export const unkind: Proof = {
  name: 'unkind',
  about: 'Every acceptance story holds with conflicts, an index behind, duplicates and reordering by chance.',
  flags: {
    seed: ['S', 'what befalls whom is chosen from it (1)'],
    files: ['TEXT', 'only files of test/acceptance whose name holds it'],
  },
  run: async ({ seed, files = '' }, say) => prove(files, wholeNumber(seed, 'seed') ?? 1, say),
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(unkind)
