/** `npm run rollback [-- N]`: makes the release before the live one, or release N, live again. */
import { connect } from '#cli/stage/connect'
import { rolledBack } from '#cli/stage/report'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { print, say } from '#cli/terminal/style'
import { rollback } from '#flow/publish'

const usage: Usage = {
  command: 'npm run rollback',
  about:
    'Makes an earlier release live again. No release is ever lost: you can go forth again by its number.',
  operand: '[N]',
  flags: { ...whereFlags, json: { about: 'print one JSON object: what came of it' } },
  examples: ['npm run rollback', 'npm run rollback -- 12 --stack homeward-prod'],
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const { operand } = given
  if (operand !== undefined && !/^[1-9]\d{0,8}$/.test(operand))
    throw new UsageError(`"${operand}" is not the number of a release. Write one such as 12, or nothing.`)
  const stage = await connect(whereOf(given))
  const result = await rollback(stage.ports, operand === undefined ? undefined : Number(operand))
  const { lines, code } = rolledBack(result)
  for (const line of lines) say(line)
  if (given.on.json) print(JSON.stringify({ stack: stage.name, ...result }))
  return code
}
