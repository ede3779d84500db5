/**
 * `npm run erase -- <email>`: everything known about one person is taken out for ever. It is asked for once more
 * before it begins; broken off, it goes on when it is run again. What it cannot reach it says.
 */
import { connect } from '#cli/stage/connect'
import { nobody } from '#cli/stage/customer'
import { whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { confirmed } from '#cli/terminal/ask'
import { count, print, say } from '#cli/terminal/style'
import { type Erased, erase, wouldErase } from '#flow/erase'
import { findSubject } from '#flow/person'

const usage: Usage = {
  command: 'npm run erase',
  about: 'Takes out for ever what is known about somebody: profile, events, decisions, mails.',
  operand: '<email or id>',
  flags: {
    ...whereFlags,
    yes: { about: 'do not ask; needed where nobody can be asked' },
    'dry-run': { about: 'say how much would be taken out, change nothing' },
    json: { about: 'print one JSON object: how much was taken out' },
  },
  examples: [
    'npm run erase -- mia@example.com --dry-run',
    'npm run erase -- mia@example.com --stack homeward-prod',
  ],
}

const beyond = [
  'Out of reach: mails that were sent are in her inbox and with SES; logs of the functions name her by a',
  'number only and end by themselves (7 days, prod 90), as do point-in-time backups (35 days). What stays: the',
  'keyed hash of her address and her ids with the mark "erased", so that nothing about her is taken again, and',
  'ids of orders, so that none is counted twice. Her data in the shop itself is the shop’s to erase.',
]

const told = ({ people, devices, inboxes, events, messages, decisions }: Erased): string =>
  `${count(events, 'event')}, ${count(messages, 'mail')} and ${count(decisions, 'decision')} of ` +
  `${people === 1 ? 'one customer' : count(people, 'customer')}, ${count(devices, 'device')} and ` +
  `${inboxes === 1 ? 'one inbox' : `${inboxes} inboxes`}`

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const known = given.operand ?? ''
  const stage = await connect(whereOf(given))
  const subject = await findSubject(stage.ports, known)
  if (subject === undefined) {
    say(nobody(known))
    return 1
  }
  if (given.on['dry-run'] === true) {
    const erased = await wouldErase(stage.ports, subject)
    say(`Would erase: ${told(erased)}. Nothing was changed.`)
    if (given.on.json)
      print(JSON.stringify({ stack: stage.name, dryRun: true, again: subject.erased, erased }))
    return 0
  }
  if (given.on.yes !== true) {
    const sure = await confirmed(`Erase all that ${stage.name} knows about ${known}? It cannot be undone.`)
    if (sure === undefined) throw new UsageError('Nobody is there to be asked; say --yes if you are sure.')
    if (!sure) {
      say('Nothing was erased.')
      return 1
    }
  }
  const progress = process.stderr.isTTY ? (so: Erased) => process.stderr.write(`\r${told(so)} …`) : undefined
  const erased = await erase(stage.ports, subject, progress)
  if (progress) say()
  const nothing = subject.erased && erased.events + erased.messages + erased.decisions === 0
  say(nothing ? 'Erased before; nothing was left.' : `Erased: ${told(erased)}.`)
  for (const line of beyond) say(line)
  if (given.on.json) print(JSON.stringify({ stack: stage.name, again: subject.erased, erased }))
  return 0
}
