/**
 * What a proof is: something too long for `npm test` that runs by command, tells how far it is, and ends in
 * figures and a verdict. `npm run proofs` (`proofs.ts`) runs them all; `standing()` lets one run alone.
 */
import { parseArgs, styleText } from 'node:util'

export interface Findings {
  ok: boolean
  /** Keys as in docs/proofs.md, e.g. `kill.twice`; what is counted has no unit, the rest ends in it. */
  figures: Record<string, number>
  /** What failed, one line each, with what repeats it (a seed, a file). */
  failures: string[]
}

export interface Proof {
  name: string
  /** One line: what is proven. */
  about: string
  /** Flags of its own beside `--json` and `--help`: name → [what its value is called, what it does]. */
  flags?: Record<string, [value: string, about: string]>
  /** `say` shows one line of progress on stderr, over the last one. */
  run(given: Record<string, string | undefined>, say: (line: string) => void): Promise<Findings>
}

/** A flag that cannot be read; its message says which and how it is written. */
export class WrongFlag extends Error {}

/** The whole number a flag was given; undefined: it was not given. Throws `WrongFlag` for anything else. */
export function wholeNumber(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new WrongFlag(`--${flag} is "${text}"; give a whole number such as 42`)
}

/** Writes a line of progress over the last one on a terminal, and a line of its own elsewhere. */
export function progressLine(line: string): void {
  const { isTTY, columns = 80 } = process.stderr
  process.stderr.write(isTTY ? `\r\x1b[2K${line.slice(0, columns - 1)}` : `${line}\n`)
}

export function print(proof: Pick<Proof, 'name'>, findings: Findings): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
  const mark = findings.ok ? styleText('green', 'ok') : styleText('red', 'FAILED')
  process.stdout.write(`${proof.name}: ${mark}\n`)
  for (const [key, value] of Object.entries(findings.figures))
    process.stdout.write(`  ${key.padEnd(32)} ${value}\n`)
  for (const failure of findings.failures) process.stdout.write(`  ${failure}\n`)
}

function helpOf({ name, about, flags = {} }: Proof): string {
  const all = { ...flags, json: ['', 'print one JSON object'], help: ['', 'show this'] }
  const lines = Object.entries(all).map(
    ([flag, [value, says]]) => `  ${`--${flag}${value ? ` ${value}` : ''}`.padEnd(18)} ${says}`,
  )
  return `${about}\n\nUsage: npm run ${name} -- [flags]\n\n${lines.join('\n')}\n`
}

/** Runs one proof as a command and ends the process: 0 when it holds, 1 when not, 2 for a wrong flag. */
export async function standing(proof: Proof, argv = process.argv.slice(2)): Promise<never> {
  const own = Object.fromEntries(
    Object.entries(proof.flags ?? {}).map(([flag, [value]]) => [
      flag,
      { type: value === '' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  let values: Record<string, unknown>
  try {
    values = parseArgs({
      args: argv,
      options: { ...own, json: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${helpOf(proof)}`)
    process.exit(2)
  }
  if (values.help === true) {
    process.stdout.write(helpOf(proof))
    process.exit(0)
  }
  const given = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))
  const findings = await proof.run(given, progressLine).catch((error: unknown): never => {
    if (!(error instanceof WrongFlag)) throw error
    process.stderr.write(`${error.message}\n\n${helpOf(proof)}`)
    process.exit(2)
  })
  if (values.json === true) process.stdout.write(`${JSON.stringify(findings)}\n`)
  else print(proof, findings)
  process.exit(findings.ok ? 0 : 1)
}
