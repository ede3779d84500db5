/**
 * `npm run keys`: the write keys of a stage. Lists them by what may be told of them, makes new ones and shows
 * each once, takes old ones back. Rotating is making a new one first and revoking the old one when it is no
 * longer used: in between both work, so that no event of the shop is refused.
 */
import { connect, type Stage } from '#cli/stage/connect'
import { type KeyKind, makeWriteKey, purposes } from '#cli/stage/keys'
import { whereFlags, whereOf } from '#cli/stage/where'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { harmless, print, say } from '#cli/terminal/style'
import type { WriteKeyRow } from '#flow/port'

const shared = { ...whereFlags, json: { about: 'print JSON' } }
const kind = { value: 'server|browser', about: 'who will use it: the shop’s server, or its pages' }
const name = { value: 'TEXT', about: 'what to call it in the list' }

const usages: Record<'list' | 'create' | 'rotate' | 'revoke', Usage> = {
  list: {
    command: 'npm run keys',
    about:
      'Lists the write keys of a stage, never the keys themselves.\n' +
      'npm run keys -- create | rotate | revoke makes and takes them; each has its own --help.',
    flags: shared,
    examples: [
      'npm run keys -- --stack homeward-prod',
      'npm run keys -- create --kind browser --name web',
      'npm run keys -- rotate --kind server',
      'npm run keys -- revoke aB3x',
    ],
  },
  create: {
    command: 'npm run keys -- create',
    about: 'Makes a write key and shows it, this once.',
    flags: { ...shared, kind, name },
  },
  rotate: {
    command: 'npm run keys -- rotate',
    about: 'Makes a write key beside those of its kind, and says how to take the old ones back.',
    flags: { ...shared, kind, name },
  },
  revoke: {
    command: 'npm run keys -- revoke',
    about: 'Takes a write key back: from now on calls with it are answered with 401.',
    operand: '<last four characters or id>',
    flags: { ...shared, last: { about: 'also when it is the last one of its kind' } },
  },
}

const isVerb = (word: string | undefined): word is keyof typeof usages =>
  word !== undefined && Object.hasOwn(usages, word)

export async function run(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv
  const verb = isVerb(first) ? first : 'list'
  if (verb === 'list' && first !== undefined && !first.startsWith('-') && first !== 'list')
    throw new UsageError(`npm run keys does not know "${first}". There is: create, rotate, revoke.`)
  const given = readArguments(usages[verb], isVerb(first) ? rest : argv)
  if (given === undefined) return 0
  const wanted = verb === 'create' || verb === 'rotate' ? kindOf(given) : undefined
  const stage = await connect(whereOf(given))
  if (verb === 'revoke') return revoke(stage, given)
  if (wanted === undefined) return list(stage, given)
  return make(stage, given, { kind: wanted, isRotation: verb === 'rotate' })
}

function kindOf(given: Arguments): KeyKind {
  const { kind: word } = given.value
  if (word === 'server' || word === 'browser') return word
  const was = word === undefined ? 'missing' : `"${word}"`
  throw new UsageError(`--kind is ${was}; write --kind server or --kind browser.`)
}

const short = ({ id }: WriteKeyRow): string => id.slice(0, 8)

const line = (row: WriteKeyRow): string => {
  const made = row.createdAt?.slice(0, 16).replace('T', ' ') ?? 'before keys had dates'
  return `${row.kind.padEnd(7)}  …${row.tail ?? '????'}  ${short(row)}  ${made}  ${harmless(row.name ?? '')}`.trimEnd()
}

/** Servers' before browsers', the youngest first. */
const inOrder = (rows: readonly WriteKeyRow[]): WriteKeyRow[] =>
  rows.toSorted((left, right) =>
    left.kind === right.kind
      ? (right.createdAt ?? '').localeCompare(left.createdAt ?? '')
      : right.kind.localeCompare(left.kind),
  )

async function list({ ports, name: stack }: Stage, given: Arguments): Promise<number> {
  const rows = inOrder(await ports.workspace.writeKeys())
  if (given.on.json) print(JSON.stringify({ stack, keys: rows }))
  else for (const row of rows) print(line(row))
  if (rows.length === 0) say('There are none. Make one: npm run keys -- create --kind server')
  return 0
}

const revokeCommand = (stage: Stage, row: WriteKeyRow): string => {
  const named = row.tail ?? short(row)
  const flags = stage.isLocal ? '' : ` --stack ${stage.name}`
  return `npm run keys -- revoke${flags} ${named.startsWith('-') ? `-- ${named}` : named}`
}

async function make(
  stage: Stage,
  given: Arguments,
  { kind: wanted, isRotation }: { kind: KeyKind; isRotation: boolean },
): Promise<number> {
  const { workspace } = stage.ports
  const before = inOrder(await workspace.writeKeys()).filter((row) => row.kind === wanted)
  const called = given.value.name
  const key = await makeWriteKey(stage.ports, { kind: wanted, ...(called !== undefined && { name: called }) })
  if (given.on.json) print(JSON.stringify({ stack: stage.name, kind: wanted, key }))
  else print(key)
  say(`Shown this once: keep it where the shop keeps its secrets. It is ${purposes[wanted]}.`)
  if (!isRotation || before.length === 0) return 0
  say(
    wanted === 'server'
      ? 'Both work now. When every server of the shop has the new one, take the old back:'
      : 'Both work now. Put the new one into the pages, give open tabs and caches a day, then take the old back:',
  )
  for (const row of before) say(`  ${revokeCommand(stage, row)}`)
  return 0
}

async function revoke({ ports, name: stack }: Stage, given: Arguments): Promise<number> {
  const named = given.operand ?? ''
  const rows = await ports.workspace.writeKeys()
  const meant = rows.filter((row) => row.tail === named || (named.length >= 6 && row.id.startsWith(named)))
  const [row] = meant
  if (row === undefined || meant.length > 1) {
    say(row === undefined ? `No key is known by "${named}".` : `${meant.length} keys end so; give the id.`)
    for (const one of inOrder(row === undefined ? rows : meant)) say(`  ${line(one)}`)
    return 1
  }
  const others = rows.filter((one) => one.kind === row.kind && one !== row)
  if (others.length === 0 && given.on.last !== true) {
    say(`It is the last key of the ${row.kind}: every call of it would be refused. Make another first:`)
    say(`  npm run keys -- rotate --kind ${row.kind}`)
    say('If nothing is to call any more, say --last.')
    return 1
  }
  await ports.workspace.removeWriteKey(row.id)
  say(`Revoked: ${line(row)}`)
  if (given.on.json) print(JSON.stringify({ stack, revoked: row }))
  return 0
}
