/**
 * `npm run why -- <email or id>`: her timeline, and for every journey why she is in it, was, or never entered,
 * in the words of the decisions themselves. What it shows is read as it is stored; `flow/explain.ts` reads it.
 */
import { connect } from '#cli/stage/connect'
import { nobody } from '#cli/stage/customer'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { paintFor, print, say } from '#cli/terminal/style'
import { whyText } from '#cli/terminal/why-text'
import { cureFor } from '#core/suggest'
import { customerView, why } from '#flow/explain'

const usage: Usage = {
  command: 'npm run why',
  about: 'Says why somebody did, or did not, get a mail.',
  operand: '<email or id>',
  flags: {
    ...whereFlags,
    journey: { value: 'J', about: 'only this journey' },
    json: { about: 'print one JSON object: who she is, her timeline, and why, journey by journey' },
  },
  examples: ['npm run why -- mia@example.com', 'npm run why -- mia@example.com --journey abandoned-cart'],
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const customer = given.operand ?? ''
  const { journey } = given.value
  const { ports } = await connect(whereOf(given))
  const view = await customerView(ports, customer)
  const answer = await why(ports, { customer, ...(journey !== undefined && { journey }) })
  if (view === undefined || answer === undefined) {
    say(nobody(customer))
    return 1
  }
  if (journey !== undefined && answer.journeys.length === 0 && answer.reason === undefined) {
    const live = await ports.workspace.live()
    const there = Object.keys((live && (await ports.workspace.release(live.release)))?.journeys ?? {})
    say(`There is no journey "${journey}" in the live release; ${cureFor(journey, there)}`)
    return 1
  }
  if (given.on.json) print(JSON.stringify({ ...view, ...answer }))
  else print(whyText(view, answer, { journey, paint: paintFor(process.stdout) }))
  return 0
}
