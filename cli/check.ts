/**
 * `npm run check`: whether `templates/` can be published, said like a compiler says it. Exit code 1 when it
 * cannot. Nothing is written and nothing is needed but the files.
 */
import { resolve } from 'node:path'
import { buildDraft } from '#cli/stage/draft'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { findingsText, summary } from '#cli/terminal/findings'
import { count, paintFor, pathFromHere, print } from '#cli/terminal/style'
import { mailsOf } from '#core/journey'

const usage: Usage = {
  command: 'npm run check',
  about: 'Checks journeys, mails, translations and settings, without publishing anything.',
  flags: {
    templates: { value: 'DIR', about: 'the folder to check (templates)' },
    json: { about: 'print one JSON object: problems, warnings, findings' },
  },
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const folder = resolve(given.value.templates ?? 'templates')
  const { findings, files, draft } = await buildDraft(folder)
  const problems = findings.filter(({ severity }) => severity === 'error').length
  if (given.on.json) {
    print(JSON.stringify({ problems, warnings: findings.length - problems, findings }))
    return problems > 0 ? 1 : 0
  }
  const paint = paintFor(process.stdout)
  const shown = pathFromHere(folder)
  if (findings.length > 0) print(findingsText(findings, { files, folder: shown, paint }))
  const journeys = Object.values(draft?.journeys ?? {})
  const mails = journeys.flatMap(({ journey }) => mailsOf(journey.steps)).length
  const what = draft ? ` in ${count(journeys.length, 'journey')} with ${count(mails, 'mail')}` : ''
  print(`${summary(findings, paint)}${what}`)
  return problems > 0 ? 1 : 0
}
