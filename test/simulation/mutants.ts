/**
 * `npm run mutants`: plants one mistake after the other into the simulator's build and shows that each is found,
 * by which invariant, in which world and how fast. `--write` puts the table into docs/mutants.md.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Findings, type Proof, standing, wholeNumber } from '#test/proofs/proof'
import { hunt, type Kill } from './hunt.ts'
import { mutants as all } from './mutant-list.ts'

const page = fileURLToPath(new URL('../../docs/mutants.md', import.meta.url))
const defaultSeeds = 60

const intro = `# Planted mistakes

The simulator (\`test/simulation/\`) would be worth little if it found nothing wrong in a wrong product. So mistakes are planted, one at a time, into its own build
of the product (never into the product), and each has to be found: in the worlds of the seeds from 1 on, else by a directed scenario (\`test/simulation/scenarios.ts\`).
\`npm run mutants\` does it again, \`npm run mutants -- --write\` rewrites this table, \`npm run mutants -- --only "late alarm"\` takes one.
`

const cell = (text: string) => text.replaceAll('|', '\\|')

function tableOf(kills: readonly Kill[]): string {
  const rows = kills.map(({ mutant, invariant, seed, what, seconds }) =>
    [mutant, invariant, seed === undefined ? `scenario: ${what}` : `seed ${seed}`, String(seconds)].map(cell),
  )
  const head = ['mistake', 'found by', 'where', 'seconds']
  const widths = head.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

export const mutants: Proof = {
  name: 'mutants',
  about: 'Plants mistakes into the simulated product, one at a time, and shows that each is found.',
  flags: {
    seeds: ['N', `how many worlds each may survive (${defaultSeeds})`],
    only: ['NAME', 'only the mistakes whose name holds this'],
    write: ['', 'write the table into docs/mutants.md'],
  },
  async run(given, say): Promise<Findings> {
    const wanted = all.filter(({ name }) => name.includes(given.only ?? ''))
    const count = wholeNumber(given.seeds, 'seeds') ?? defaultSeeds
    const seeds = Array.from({ length: count }, (_, index) => index + 1)
    const kills: Kill[] = []
    const failures: string[] = []
    for (const mutant of wanted) {
      say(`${kills.length} of ${wanted.length} found, hunting: ${mutant.name}`)
      const kill = await hunt(mutant, { seeds, clockMs: () => performance.now() })
      if (kill === undefined) {
        failures.push(`"${mutant.name}" survived ${count} worlds and all scenarios`)
        continue
      }
      kills.push(kill)
      if (given.json !== 'true')
        process.stdout.write(
          `${mutant.name}: ${kill.invariant} (${kill.seed ?? 'scenario'}, ${kill.seconds} s): ${kill.what}\n`,
        )
    }
    if (given.write === 'true' && failures.length === 0 && given.only === undefined)
      await writeFile(page, `${intro}\n${tableOf(kills)}\n`)
    const figures = { 'mutants.planted': wanted.length, 'mutants.killed': kills.length }
    return { ok: failures.length === 0 && wanted.length > 0, figures, failures }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(mutants)
