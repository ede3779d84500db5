/** Every command that works on a stage takes `--stack`, for one that is deployed, and goes there and nowhere else. */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connect } from '#cli/stage/connect'

/** They work on files, or are the stage. */
const withoutStage = new Set(['check', 'cost', 'preview', 'schema', 'start'])

const commands = readdirSync(resolve(import.meta.dirname, '../../cli')).flatMap((file) =>
  file.endsWith('.ts') && !file.endsWith('.d.ts') && file !== 'ts-hook.ts' ? [file.slice(0, -3)] : [],
)

/** What a command wants beside `--stack`. */
const wanted: Record<string, string[]> = {
  erase: ['mia@example.com'],
  export: ['mia@example.com'],
  import: ['customers.csv'],
  redrive: ['--all'],
  'send-test': ['welcome', '--to', 'me@shop.example'],
  why: ['mia@example.com'],
}

interface Command {
  run(argv: string[]): Promise<number>
}

const commandOf = (name: string): Promise<Command> => import(`../../cli/${name}.ts`)

/** All clients of the SDK send by this. */
const client = Object.getPrototypeOf(CloudFormationClient.prototype) as CloudFormationClient

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
    const { run } = await commandOf(command)

    const code = await run(['--help'])

    expect(code).toBe(0)
    expect(said.includes('--stack NAME')).toBe(!withoutStage.has(command))
    // the first import of the template compiler takes its time
  }, 60_000)
})

const onStage = commands.filter((command) => !withoutStage.has(command))

it.each(onStage)(
  'npm run %s looks up the stack that --stack names',
  async (command) => {
    const { run } = await commandOf(command)
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
    const asked = vi.spyOn(client, 'send').mockRejectedValue(new Error('the stack does not exist'))

    await run([...(wanted[command] ?? []), '--stack', 'homeward-named']).catch(() => 1)

    expect(asked.mock.calls.map(([{ input }]) => input)).toEqual([{ StackName: 'homeward-named' }])
  },
  60_000,
)

it('the tables of a stage are those its stack names, in AWS and not in what runs here', async () => {
  const Outputs = [{ OutputKey: 'WorkspaceTable', OutputValue: 'named-workspace' }]
  const asked = vi.spyOn(client, 'send').mockImplementation(async () => ({ Stacks: [{ Outputs }] }))

  const { ports } = await connect({ stack: 'homeward-named', data: '.homeward' })
  await ports.workspace.live()

  expect(asked.mock.lastCall?.[0].input).toMatchObject({ TableName: 'named-workspace' })
  const clients = asked.mock.contexts as CloudFormationClient[]
  expect(clients.map(({ config }) => config.isCustomEndpoint)).toEqual([false, false])
})
