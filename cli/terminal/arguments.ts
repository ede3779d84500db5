/**
 * Flags of the commands: declared once, parsed with Node's own parser, shown by `--help`. What is not known is
 * refused with the flag that may have been meant; wrong usage ends with exit code 2.
 */
import { parseArgs } from 'node:util'
import { nearest } from '#core/suggest'

export interface Flag {
  /** The name of its value, such as `DIR`; without one it is a switch. */
  value?: string
  about: string
}

export interface Usage {
  /** As it is typed, e.g. `npm run why`. */
  command: string
  about: string
  /** What stands without a flag, e.g. `<email or id>`; in brackets when it may be left out. */
  operand?: string
  flags: Record<string, Flag>
  examples?: string[]
}

/** Thrown for wrong usage: what, where and the cure in the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}

export interface Arguments {
  /** Values of flags that were given. */
  value: Record<string, string | undefined>
  /** Switches that were given. */
  on: Record<string, boolean>
  operand: string | undefined
}

const help: Flag = { about: 'show this' }

/**
 * The arguments of a command; undefined when it was asked for help, which is then printed.
 * @throws {UsageError} for flags, values and operands the command does not take
 */
export function readArguments(usage: Usage, argv: readonly string[]): Arguments | undefined {
  const flags: Record<string, Flag> = { ...usage.flags, help }
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { value }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  })
  const found: Arguments = { value: {}, on: {}, operand: undefined }
  for (const token of tokens) {
    if (token.kind === 'positional') takeOperand(usage, found, token.value)
    else if (token.kind === 'option')
      takeFlag(usage, flags, { name: token.name, raw: token.rawName, value: token.value }, found)
  }
  if (found.on.help) {
    process.stdout.write(`${helpText(usage)}\n`)
    return undefined
  }
  if (usage.operand?.startsWith('<') && found.operand === undefined)
    throw new UsageError(`${usage.command} needs ${usage.operand}.\nUsage: ${usageLine(usage)}`)
  return found
}

function takeFlag(
  usage: Usage,
  flags: Record<string, Flag>,
  given: { name: string; raw: string; value: string | undefined },
  found: Arguments,
): void {
  const flag = Object.hasOwn(flags, given.name) ? flags[given.name] : undefined
  if (flag === undefined || !given.raw.startsWith('--')) {
    const near = nearest(given.name, Object.keys(flags))
    const cure = near
      ? `Did you mean --${near}?`
      : `There is: ${Object.keys(flags)
          .map((one) => `--${one}`)
          .join(', ')}.`
    throw new UsageError(`${usage.command} has no flag ${given.raw}. ${cure}`)
  }
  if (flag.value === undefined) {
    if (given.value !== undefined)
      throw new UsageError(`${given.raw} takes no value, but "${given.value}" was given. Write it alone.`)
    found.on[given.name] = true
    return
  }
  if (given.value === undefined || given.value === '')
    throw new UsageError(`${given.raw} needs a value: ${given.raw} ${flag.value}.`)
  found.value[given.name] = given.value
}

function takeOperand(usage: Usage, found: Arguments, value: string): void {
  if (usage.operand === undefined)
    throw new UsageError(
      `${usage.command} does not know what "${value}" is; flags begin with --. See --help.`,
    )
  if (found.operand !== undefined)
    throw new UsageError(`${usage.command} takes one ${usage.operand}, but "${value}" was given too.`)
  found.operand = value
}

function usageLine({ command, operand, flags }: Usage): string {
  const dashes = operand === undefined && Object.keys(flags).length === 0 ? '' : ' --'
  const parts = Object.entries(flags).map(([name, { value }]) => `[--${name}${value ? ` ${value}` : ''}]`)
  return [`${command}${dashes}`, ...(operand ? [operand] : []), ...parts].join(' ')
}

/** What `--help` prints. */
export function helpText(usage: Usage): string {
  const flags = Object.entries({ ...usage.flags, help }).map(
    ([name, { value, about }]) => [`--${name}${value ? ` ${value}` : ''}`, about] as const,
  )
  const width = Math.max(...flags.map(([flag]) => flag.length))
  return [
    usage.about,
    '',
    `Usage: ${usageLine(usage)}`,
    '',
    ...flags.map(([flag, about]) => `  ${flag.padEnd(width)}  ${about}`),
    ...(usage.examples ? ['', 'Examples:', ...usage.examples.map((one) => `  ${one}`)] : []),
  ].join('\n')
}
