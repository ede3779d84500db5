/** What `npm run pause` and `npm run resume` share: both move the pause switch of one journey or of all. */
import { connect } from '#cli/stage/connect'
import { switched } from '#cli/stage/report'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { print, say } from '#cli/terminal/style'
import { switchMail } from '#flow/publish'

/** Runs the command that pauses (or resumes) what its operand names, all mail without one. */
export async function runSwitch(
  command: { name: string; about: string; paused: boolean },
  argv: readonly string[],
): Promise<number> {
  const usage: Usage = {
    command: `npm run ${command.name}`,
    about: command.about,
    operand: '[journey]',
    flags: {
      ...whereFlags,
      'dry-run': { about: 'say what would come of it, change nothing' },
      json: { about: 'print one JSON object: what came of it' },
    },
    examples: [`npm run ${command.name}`, `npm run ${command.name} -- abandoned-cart --stack homeward-prod`],
  }
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const dryRun = given.on['dry-run'] === true
  const to = { journey: given.operand ?? '*', paused: command.paused, dryRun }
  const stage = await connect(whereOf(given))
  const result = await switchMail(stage.ports.workspace, to)
  const { lines, code } = switched(result, to)
  for (const line of lines) say(line)
  if (given.on.json) print(JSON.stringify({ stack: stage.name, ...(dryRun && { dryRun }), ...result }))
  return code
}
