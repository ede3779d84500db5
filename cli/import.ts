/**
 * `npm run import -- customers.csv`: a shop's subscribers, unsubscribes and suppressions, or (`--orders`) its
 * orders of the past, taken in as history: nobody is mailed because of it. It looks at the whole file first,
 * shows how far it has come, and goes on where it was broken off when it is run again.
 */
import { importLoop } from '#cli/import/loop'
import { type Asked, sourceOf } from '#cli/import/source'
import { countLines, survey, surveyText } from '#cli/import/survey'
import { connect } from '#cli/stage/connect'
import { whereFlags, whereOf } from '#cli/stage/where'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { count, paintFor, print, say } from '#cli/terminal/style'
import { readMap } from '#core/import/columns'
import { readStatus } from '#core/import/customer'

const usage: Usage = {
  command: 'npm run import',
  about:
    'Takes in customers (who agreed, who left, who bounced) or past orders from a CSV file. Nobody is mailed\n' +
    'because of it; running it again changes nothing. See docs/importing.md.',
  operand: '<file.csv>',
  flags: {
    ...whereFlags,
    orders: { about: 'the file holds orders, a row a product' },
    'dry-run': { about: 'only look: what its columns are taken for, what would come of it, what is wrong' },
    map: { value: 'COLUMN=FIELD', about: 'what a column is, such as "E-Mail=email, Punkte=points, Notes="' },
    status: { value: 'STATUS', about: 'what rows without a status are: subscribed, unsubscribed, bounced …' },
    'consent-source': { value: 'TEXT', about: 'where they agreed, for rows that do not say' },
    encoding: { value: 'utf-8|latin1', about: 'how the text is written (utf-8)' },
    json: { about: 'print one JSON object: what came of it' },
  },
  examples: [
    'npm run import -- customers.csv --dry-run',
    'npm run import -- mailchimp.csv --status subscribed --consent-source "Sign-up form" --stack homeward-prod',
    'npm run import -- orders.csv --orders',
  ],
}

function askedOf(given: Arguments): Asked {
  const { map: mapping = '', status, encoding = 'utf-8', 'consent-source': consentSource } = given.value
  const map = readMap(mapping)
  if (map === undefined)
    throw new UsageError(
      `--map is "${mapping}"; write column=field, such as "E-Mail=email, Vorname=firstName".`,
    )
  if (status !== undefined && readStatus(status) === undefined)
    throw new UsageError(
      `--status is "${status}"; write subscribed, unsubscribed, suppressed, bounced, complained or none.`,
    )
  if (encoding !== 'utf-8' && encoding !== 'latin1')
    throw new UsageError(`--encoding is "${encoding}"; write utf-8 or latin1.`)
  return { file: given.operand ?? '', orders: given.on.orders === true, encoding, map, status, consentSource }
}

/** An import begins where the stage is; a look needs none and takes this machine's clock. */
export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const asked = askedOf(given)
  const isDry = given.on['dry-run'] === true
  const stage = isDry ? undefined : await connect(whereOf(given))
  const source = await sourceOf(asked)
  const seen = await survey(source, stage?.ports.clock() ?? new Date().toISOString())
  for (const line of surveyText(asked, seen, paintFor(process.stderr))) say(line)
  if (seen.header === undefined || seen.header.problems.length > 0) return 1
  if (stage === undefined) {
    say('Nothing was imported: this was only a look.')
    if (given.on.json) print(JSON.stringify({ dryRun: true, ...seen }))
    return (seen.counts.refused ?? 0) > 0 ? 1 : 0
  }
  say()
  const where = { file: asked.file, total: seen.items, noun: asked.orders ? 'order' : 'row' }
  const localData = stage.isLocal ? whereOf(given).data : undefined
  const came = await importLoop(stage, source, { ...where, localData })
  if (came.interrupted) {
    say(`Stopped after ${count(came.done, where.noun)}; run the same command again to go on.`)
    return 1
  }
  say(`Imported into ${stage.name}, ${Math.round(came.perSecond).toLocaleString('en')} a second:`)
  for (const line of countLines(came.counts)) say(line)
  if (came.told > 0) say(`${count(came.told, 'thing')} to know, row by row, in ${came.errors}`)
  if (given.on.json) print(JSON.stringify({ stack: stage.name, ...came }))
  return (came.counts.refused ?? 0) > 0 ? 1 : 0
}
