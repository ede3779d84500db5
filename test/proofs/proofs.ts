/**
 * `npm run proofs`: everything that is too long for `npm test`, one proof after the other, and one table at the
 * end. `--write` keeps the table with its commit in docs/proofs.md. What a proof is: `proof.ts`.
 */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { oracle } from '#test/oracle/oracle'
import { mutants } from '#test/simulation/mutants'
import { simulate } from '#test/simulation/simulate'
import { fuzz } from './fuzz.ts'
import { kill } from './kill.ts'
import { load } from './load.ts'
import { type Findings, type Proof, progressLine, standing } from './proof.ts'
import { stack } from './stack.ts'
import { unkind } from './unkind.ts'

const root = resolve(import.meta.dirname, '../..')
const page = join(root, 'docs', 'proofs.md')
export const all: Proof[] = [simulate, mutants, oracle, fuzz, stack, kill, load, unkind]

/** Smaller sizes that are through in a quarter of an hour. */
export const quick: Record<string, Record<string, string>> = {
  simulate: { seeds: '200' },
  oracle: { cases: '200' },
  fuzz: { requests: '20000' },
  kill: { kills: '5' },
  load: { minutes: '1' },
  unkind: { files: 'cart' },
}

interface Run {
  name: string
  seconds: number
  findings: Findings
}

async function runOne(proof: Proof, given: Record<string, string | undefined>): Promise<Run> {
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 1000)
  const say = (line: string) => progressLine(`${proof.name}  ${seconds()} s  ${line}`)
  const findings = await proof.run(given, say).catch((error: unknown) => ({
    ok: false,
    figures: {},
    failures: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
  }))
  progressLine('')
  const mark = findings.ok ? styleText('green', '✓') : styleText('red', '✗')
  process.stderr.write(`${mark} ${proof.name.padEnd(10)} ${seconds()} s\n`)
  for (const failure of findings.failures) process.stderr.write(`    ${failure}\n`)
  return { name: proof.name, seconds: seconds(), findings }
}

/** The rows of the table in docs/proofs.md. */
export function tableOf(runs: readonly Run[], about: { commit: string; machine: string }): string {
  const rows = runs.flatMap(({ name, seconds, findings }) =>
    Object.entries(findings.figures).map(
      ([key, value], index) =>
        `| ${index === 0 ? `\`${name}\`` : ''} | \`${key}\` | ${value} | ${index === 0 ? `${seconds} s` : ''} |`,
    ),
  )
  return [
    `Commit ${about.commit}, ${about.machine}:`,
    '',
    '| proof | figure | last | took |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** Puts `table` between the two marks of the page, and leaves the rest as it is. */
export const withTable = (text: string, table: string): string =>
  text.replace(
    /(<!-- figures -->\n)[\s\S]*(\n<!-- end of figures -->)/,
    (_, before: string, after: string) => `${before}\n${table}\n${after}`,
  )

const about = () => ({
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim(),
  machine: `Node ${process.versions.node}`,
})

/** Every proof, one after the other. */
export const proofs: Proof = {
  name: 'proofs',
  about: 'Runs every proof that is too long for npm test: an hour or two, or a quarter with --quick.',
  flags: {
    only: ['NAMES', `some of ${all.map(({ name }) => name).join(', ')} (with commas between)`],
    quick: ['', 'smaller sizes'],
    write: ['', 'keep the figures in docs/proofs.md'],
  },
  async run(given) {
    const names = given.only?.split(',') ?? all.map(({ name }) => name)
    const unknown = names.filter((name) => !all.some((proof) => proof.name === name))
    if (unknown.length > 0)
      return { ok: false, figures: {}, failures: unknown.map((name) => `there is no proof "${name}"`) }
    const runs: Run[] = []
    for (const proof of all.filter(({ name }) => names.includes(name)))
      runs.push(await runOne(proof, given.quick === undefined ? {} : (quick[proof.name] ?? {})))
    if (given.write !== undefined)
      await writeFile(page, withTable(await readFile(page, 'utf8'), tableOf(runs, about())))
    return {
      ok: runs.every(({ findings }) => findings.ok),
      figures: Object.assign({}, ...runs.map(({ findings }) => findings.figures)),
      failures: runs.flatMap(({ name, findings }) =>
        findings.failures.map((failure) => `${name}: ${failure}`),
      ),
    }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(proofs)
