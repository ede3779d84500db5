/** Flags: what is read, and what is said about what is not known. */
import { describe, expect, it } from 'vitest'
import { run as redrive } from '#cli/redrive'
import { run as rollback } from '#cli/rollback'
import { readOptions } from '#cli/start/options'
import { helpText, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'

const usage: Usage = {
  command: 'npm run why',
  about: 'Says why.',
  operand: '<email or id>',
  flags: { journey: { value: 'J', about: 'only this one' }, json: { about: 'as JSON' } },
  examples: ['npm run why -- mia@example.com'],
}

const refusal = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).exitCode).toBe(2)
    return (error as Error).message
  }
  return 'nothing was refused'
}

describe('readArguments', () => {
  it.each([
    [['mia', '--journey', 'cart', '--json']],
    [['--journey=cart', '--json', 'mia']],
    [['--json', '--journey', 'cart', '--', 'mia']],
  ])('reads %j', (argv) => {
    expect(readArguments(usage, argv)).toEqual({
      value: { journey: 'cart' },
      on: { json: true },
      operand: 'mia',
    })
  })

  it.each([
    [['mia', '--jsno'], 'npm run why has no flag --jsno. Did you mean --json?'],
    [['mia', '--xyzzy'], 'npm run why has no flag --xyzzy. There is: --journey, --json, --help.'],
    [['mia', '-x'], 'npm run why has no flag -x. There is: --journey, --json, --help.'],
    [['mia', '--constructor'], 'npm run why has no flag --constructor. There is: --journey, --json, --help.'],
    [['mia', '--journey'], '--journey needs a value: --journey J.'],
    [['mia', '--json=yes'], '--json takes no value, but "yes" was given. Write it alone.'],
    [['mia', 'sam'], 'npm run why takes one <email or id>, but "sam" was given too.'],
    [[], 'npm run why needs <email or id>.\nUsage: npm run why -- <email or id> [--journey J] [--json]'],
  ])('refuses %j', (argv, expected) => {
    expect(refusal(() => readArguments(usage, argv))).toBe(expected)
  })

  it('shows its flags and examples', () => {
    expect(helpText(usage)).toBe(`Says why.

Usage: npm run why -- <email or id> [--journey J] [--json]

  --journey J  only this one
  --json       as JSON
  --help       show this

Examples:
  npm run why -- mia@example.com`)
  })
})

describe('npm start', () => {
  it.each([
    [
      ['--port', '70000'],
      '--port is "70000", which is no port. Write a number from 1 to 65535, or 0 for any.',
    ],
    [['--port', 'x'], '--port is "x", which is no port. Write a number from 1 to 65535, or 0 for any.'],
    [['--at', 'tomorrow'], '--at is "tomorrow", which is no instant. Write it like 2026-05-01T09:00:00Z.'],
    [
      ['--at', '2026-02-31T09:00'],
      '--at is "2026-02-31T09:00", which is no instant. Write it like 2026-05-01T09:00:00Z.',
    ],
    [['--prot', '1'], 'npm start has no flag --prot. Did you mean --port?'],
    [['4400'], 'npm start does not know what "4400" is; flags begin with --. See --help.'],
  ])('refuses %j', (argv, expected) => {
    expect(refusal(() => readOptions(argv))).toBe(expected)
  })

  it('takes an instant in any zone, and a day', () => {
    expect(readOptions(['--at', '2026-05-01T09:00:00+02:00'])?.at).toBe('2026-05-01T07:00:00.000Z')
    expect(readOptions(['--at', '2026-05-01'])?.at).toBe('2026-05-01T00:00:00.000Z')
  })
})

describe('commands', () => {
  it.each([
    [() => redrive([]), 'Say whom: an e-mail address or id, --all, or --from INSTANT [--to INSTANT].'],
    [
      () => redrive(['mia', '--all']),
      'Say whom: an e-mail address or id, --all, or --from INSTANT [--to INSTANT].',
    ],
    [
      () => redrive(['--from', 'x']),
      '--from is "x", which is no instant. Write it like 2026-05-01T09:00:00Z.',
    ],
    [() => rollback(['one']), '"one" is not the number of a release. Write one such as 12, or nothing.'],
  ])('refuse what they cannot use', async (act, expected) => {
    await expect(act()).rejects.toThrow(expected)
  })
})
