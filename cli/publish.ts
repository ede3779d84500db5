/**
 * `npm run publish`: checks `templates/`, builds a release of it and makes it live, in the running `npm start`
 * or in a deployed stack. What `check` refuses is not published.
 */
import { resolve } from 'node:path'
import { connect } from '#cli/stage/connect'
import { buildDraft } from '#cli/stage/draft'
import { keyLines, makeWriteKeys } from '#cli/stage/keys'
import { liveLines, overtakenLine } from '#cli/stage/report'
import { sellHere } from '#cli/stage/sample-shop'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { findingsText, summary } from '#cli/terminal/findings'
import { paintFor, pathFromHere, print, say } from '#cli/terminal/style'
import { publish } from '#flow/publish'

const usage: Usage = {
  command: 'npm run publish',
  about: 'Checks templates/ and makes it the live release. The release before stays, for npm run rollback.',
  flags: {
    ...whereFlags,
    templates: { value: 'DIR', about: 'the folder to publish (templates)' },
    'new-keys': { about: 'make another pair of write keys and show it' },
    json: { about: 'print one JSON object: what came of it' },
  },
  examples: ['npm run publish', 'npm run publish -- --stack homeward-prod'],
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const paint = paintFor(process.stderr)
  const folder = resolve(given.value.templates ?? 'templates')
  const { findings, files, draft } = await buildDraft(folder)
  const shown = pathFromHere(folder)
  if (findings.length > 0) say(findingsText(findings, { files, folder: shown, paint }))
  if (draft === undefined) {
    say(`${summary(findings, paint)}. Nothing was published.`)
    if (given.on.json) print(JSON.stringify({ kind: 'refused', findings }))
    return 1
  }

  const stage = await connect(whereOf(given))
  sellHere(draft, stage)
  const published = await publish(stage.ports, draft, { pauseFirst: !stage.isLocal })
  const isFirst = published.kind === 'published' && published.previous === undefined && !stage.isLocal
  const keys = isFirst || given.on['new-keys'] ? await makeWriteKeys(stage.ports) : undefined
  if (published.kind === 'published') for (const line of liveLines(published)) say(line)
  else if (published.kind === 'unchanged') say(`Nothing changed: release ${published.release} is live.`)
  else say(overtakenLine(published.release))
  if (given.on.json) print(JSON.stringify({ stack: stage.name, ...published, ...(keys && { keys }) }))
  else if (keys) for (const line of keyLines(keys)) print(line)
  return published.kind === 'overtaken' ? 1 : 0
}
