/** The commands of whoever operates a stage say what they take: JSON everywhere, a dry run where they change something. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as erase from '#cli/erase'
import * as exporting from '#cli/export'
import * as parked from '#cli/parked'
import * as pause from '#cli/pause'
import * as redrive from '#cli/redrive'
import * as resume from '#cli/resume'
import { switched } from '#cli/stage/report'
import { forStage } from '#cli/stage/where'
import * as unresolved from '#cli/unresolved'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What a command prints and how it ends. */
async function ran(command: { run(argv: readonly string[]): Promise<number> }, ...argv: string[]) {
  const out: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  const code = await command.run(argv)
  return { code, out: out.join('') }
}

const changing = { redrive, pause, resume, erase, export: exporting }
const reading = { parked, unresolved }

describe('--help', () => {
  it.each(Object.entries({ ...changing, ...reading }))(
    'of %s names --json and --stack',
    async (name, command) => {
      const { code, out } = await ran(command, '--help')

      expect(code).toBe(0)
      expect(out).toContain(`Usage: npm run ${name} --`)
      expect(out).toMatch(/^ {2}--json /m)
      expect(out).toMatch(/^ {2}--stack NAME /m)
    },
  )

  it.each(Object.entries(changing))('of %s names --dry-run', async (_, command) => {
    const { out } = await ran(command, '--help')

    expect(out).toMatch(/^ {2}--dry-run /m)
  })

  it.each(Object.entries(reading))('of %s says how it ends', async (_, command) => {
    const { out } = await ran(command, '--help')

    expect(out).toContain('Ends with 1 when there is')
  })
})

it('a dry run of a switch is told as what would be', () => {
  const { lines, code } = switched(
    { kind: 'switched', paused: ['*'] },
    { journey: '*', paused: true, dryRun: true },
  )

  expect(lines).toEqual(['Would pause all mail. Nothing was changed.'])
  expect(code).toBe(0)
})

it('a command is typed for its stage', () => {
  const prod = { name: 'homeward-prod', isLocal: false }

  expect(forStage(prod, 'npm run parked')).toBe('npm run parked -- --stack homeward-prod')
  expect(forStage(prod, 'npm run redrive -- --all')).toBe('npm run redrive -- --all --stack homeward-prod')
  expect(forStage({ ...prod, isLocal: true }, 'npm run parked')).toBe('npm run parked')
})
