/**
 * `npm run export -- <email>`: all that is known about one person as one JSON document, to stdout or a file. It
 * is written as it is read, so that it may be long. What it holds is in `docs/operating.md`.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { connect } from '#cli/stage/connect'
import { nobody } from '#cli/stage/customer'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { count, print, say } from '#cli/terminal/style'
import { type About, type Entry, exportPerson } from '#flow/export'
import { findSubject } from '#flow/person'

const usage: Usage = {
  command: 'npm run export',
  about: 'Writes all that is known about somebody as JSON: what she may ask a shop for.',
  operand: '<email or id>',
  flags: {
    ...whereFlags,
    out: { value: 'FILE', about: 'write it to a file only you can read (else stdout)' },
    'dry-run': { about: 'say how much it would be, write nothing' },
    json: {
      about: 'with --out or --dry-run, print one JSON object: how much it was (the export is JSON anyhow)',
    },
  },
  examples: [
    'npm run --silent export -- mia@example.com > mia.json',
    'npm run export -- mia@example.com --out mia.json --stack homeward-prod',
  ],
}

const lists = ['events', 'decisions', 'messages'] as const

/** The document piece by piece, an entry a line. */
async function* piecesOf(about: About, entries: AsyncIterable<Entry>, tally: Record<string, number>) {
  yield JSON.stringify(about, null, 2).replace(/\n}$/, '')
  let open: (typeof lists)[number] | undefined
  for await (const { list, value } of entries) {
    // lists come in their order; those that are empty are there too
    for (let next = open; next !== list; next = open) {
      open = lists[open === undefined ? 0 : lists.indexOf(open) + 1]
      yield `${next === undefined ? '' : '\n  ]'},\n  "${open}": [`
    }
    yield `${tally[list] === undefined ? '' : ','}\n    ${JSON.stringify(value)}`
    tally[list] = (tally[list] ?? 0) + 1
  }
  const rest = lists.slice(open === undefined ? 0 : lists.indexOf(open) + 1)
  yield `${open === undefined ? '' : '\n  ]'}${rest.map((list) => `,\n  "${list}": []`).join('')}\n}\n`
}

async function write(pieces: AsyncIterable<string>, out: string | undefined): Promise<void> {
  const stream = out === undefined ? process.stdout : createWriteStream(out, { mode: 0o600 })
  for await (const piece of pieces) {
    if (!stream.write(piece)) await once(stream, 'drain')
  }
  if (stream !== process.stdout) await finished(stream.end())
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const known = given.operand ?? ''
  const { ports, name } = await connect(whereOf(given))
  const subject = await findSubject(ports, known)
  if (subject === undefined) {
    say(nobody(known))
    return 1
  }
  const { about, entries } = await exportPerson(ports, subject)
  const { out } = given.value
  const dryRun = given.on['dry-run'] === true
  const tally: Record<string, number> = {}
  const pieces = piecesOf(about, entries, tally)
  if (dryRun) for await (const _ of pieces);
  else await write(pieces, out)
  const { events = 0, decisions = 0, messages = 0 } = tally
  const counted = { stack: name, ...(dryRun && { dryRun }), ...(out !== undefined && { out }) }
  if (given.on.json && (dryRun || out !== undefined))
    print(JSON.stringify({ ...counted, events, decisions, messages }))
  const what = `${count(events, 'event')}, ${count(decisions, 'decision')}, ${count(messages, 'mail')}`
  const where = out === undefined ? '' : ` written to ${out}`
  say(`${what}${dryRun ? '. Nothing was written' : where}.${subject.erased ? ' She was erased.' : ''}`)
  return 0
}
