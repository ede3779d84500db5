/**
 * `npm run parked`: whose input could not be decided and was put aside, since when, with which error, and the
 * command that decides it again. Reads only. Exit code 1 when somebody is parked, so that a script can ask.
 */
import { connect, type Stage } from '#cli/stage/connect'
import { forStage, whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { count, harmless, print, say } from '#cli/terminal/style'
import { type ParkedInput, parkedInputs } from '#flow/parked'

const usage: Usage = {
  command: 'npm run parked',
  about:
    'Lists customers of whom something could not be decided, since when and why. Changes nothing.\n' +
    'Ends with 1 when there is anybody, else with 0.',
  flags: {
    ...whereFlags,
    json: { about: 'print one JSON object: who is parked, since when, what, why' },
  },
  examples: ['npm run parked', 'npm run parked -- --stack homeward-prod'],
}

/** A parked input as a line, and its error under it. */
function linesOf({ customerId, since, eventKeys, moreFrom, error }: ParkedInput): string[] {
  const events = eventKeys.length === 0 ? 'her alarm' : count(eventKeys.length, 'event')
  const what = moreFrom === undefined ? events : `${events} and more, received from ${moreFrom} on`
  const words = harmless(error).split('\n').slice(0, 3)
  return [`${customerId}  since ${since}  ${what}`, ...words.map((line) => `  ${line}`)]
}

/** What mends it, typed for this stage. */
const cures = (stage: Pick<Stage, 'name' | 'isLocal'>, [first]: readonly ParkedInput[]): string[] => [
  `${forStage(stage, `npm run why -- ${first?.customerId ?? ''}`)} tells of one of them. Mend what throws (usually:`,
  `publish a release that can be walked, or deploy the build that can), then ${forStage(stage, 'npm run redrive -- --all')}`,
  `(--dry-run says first what would come of it).`,
]

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const stage = await connect(whereOf(given))
  const parked = await parkedInputs(stage.ports.customers)
  if (given.on.json) print(JSON.stringify({ stack: stage.name, parked }))
  else for (const line of parked.flatMap(linesOf)) print(line)
  if (parked.length === 0) {
    say('Nobody is parked.')
    return 0
  }
  say(`${count(parked.length, 'customer')} parked.`)
  for (const line of cures(stage, parked)) say(line)
  return 1
}
