/** The flags of `npm start`, read and checked before anything is built. */
import { resolve } from 'node:path'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'

export interface StartOptions {
  port: number
  dataDir: string
  templates: string
  at: string | undefined
  json: boolean
  demo: boolean
  open: boolean
}

const usage: Usage = {
  command: 'npm start',
  about: 'Runs all of Homeward on this machine, on a clock you can turn. Nothing leaves the machine.',
  flags: {
    port: { value: 'N', about: 'where to listen (4400; the next free one when taken; 0 = any)' },
    data: { value: 'DIR', about: 'where everything is kept (.homeward)' },
    at: {
      value: 'INSTANT',
      about: 'the virtual instant that empty data starts at, such as 2026-05-01T09:00:00Z',
    },
    templates: {
      value: 'DIR',
      about: 'the folder that is published, at once when a file is saved (templates)',
    },
    json: { about: 'print JSON lines: ready, then decisions, releases and problems' },
    'no-demo': { about: 'no sample customers' },
    'no-open': { about: 'do not open the browser' },
  },
  examples: [
    'npm start',
    'npm start -- --at 2026-12-24T08:00:00Z --data .homeward-christmas',
    'npm start --silent -- --json | jq   (--silent keeps npm from printing its own two lines first)',
  ],
}

/** The options; undefined when only help was wanted. */
export function readOptions(argv: readonly string[]): StartOptions | undefined {
  const given = readArguments(usage, argv)
  if (given === undefined) return undefined
  const json = given.on.json === true
  const isWatched = process.stdout.isTTY === true && !process.env.CI
  return {
    port: portOf(given),
    dataDir: resolve(given.value.data ?? '.homeward'),
    templates: resolve(given.value.templates ?? 'templates'),
    at: instantOf(given),
    json,
    demo: !given.on['no-demo'],
    open: isWatched && !json && !given.on['no-open'],
  }
}

function portOf({ value: { port } }: Arguments): number {
  if (port === undefined) return 4400
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new UsageError(`--port is "${port}", which is no port. Write a number from 1 to 65535, or 0 for any.`)
}

const written = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

function instantOf({ value: { at } }: Arguments): string | undefined {
  if (at === undefined) return undefined
  const ms = written.test(at) ? Date.parse(at) : Number.NaN
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new UsageError(`--at is "${at}", which is no instant. Write it like 2026-05-01T09:00:00Z.`)
}
