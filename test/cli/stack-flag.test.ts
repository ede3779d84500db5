/** Every command that works on a stage takes `--stack`, for one that is deployed. */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'

/** They work on files, or are the stage. */
const withoutStage = new Set(['check', 'cost', 'preview', 'schema', 'start'])

const commands = readdirSync(resolve(import.meta.dirname, '../../cli')).flatMap((file) =>
  file.endsWith('.ts') && !file.endsWith('.d.ts') && file !== 'ts-hook.ts' ? [file.slice(0, -3)] : [],
)

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(commands)('npm run %s', (command) => {
  it(`${withoutStage.has(command) ? 'needs no stage' : 'says what --stack is'}`, async () => {
    let said = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text)
      return true
    })
    const { run } = (await import(`../../cli/${command}.ts`)) as { run: (argv: string[]) => Promise<number> }

    const code = await run(['--help'])

    expect(code).toBe(0)
    expect(said.includes('--stack NAME')).toBe(!withoutStage.has(command))
    // the first import of the template compiler takes its time
  }, 60_000)
})
