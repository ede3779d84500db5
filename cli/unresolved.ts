/**
 * `npm run unresolved`: mails of which nobody knows whether SES took them: those that still wait for evidence, and
 * until when, and those that were closed without. None of them is ever sent again. Reads only. Exit code 1 when
 * there is one, so that a script can ask.
 */
import { connect } from '#cli/stage/connect'
import { whereFlags, whereOf } from '#cli/stage/where'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { count, harmless, print, say } from '#cli/terminal/style'
import { limits } from '#core/limits'
import { type Day, dayOf, dayPlus } from '#core/report/day'
import type { Instant } from '#core/time'
import { openDays, type UnresolvedMessage, unresolvedMessages } from '#flow/unresolved'

const usage: Usage = {
  command: 'npm run unresolved',
  about:
    'Lists mails whose outcome at SES is not known: what is known, and until when it may still be settled.\n' +
    'Changes nothing; such mails are never sent again. Ends with 1 when there is one, else with 0.',
  flags: {
    ...whereFlags,
    days: {
      value: 'N',
      about: `of mails planned in the last N days, today included (${limits.reportOpenDays})`,
    },
    json: { about: 'print one JSON object: the mails, one by one' },
  },
  examples: ['npm run unresolved', 'npm run unresolved -- --days 60 --stack homeward-prod'],
}

function spanOf(given: Arguments, now: Instant): { from: Day; to: Day } {
  const text = given.value.days
  if (text === undefined) return openDays(now)
  const days = Number(text)
  if (!/^\d{1,3}$/.test(text) || days < 1 || days > limits.reportDays)
    throw new UsageError(`--days is "${text}"; write a number from 1 to ${limits.reportDays}.`)
  return { from: dayPlus(dayOf(now), 1 - days), to: dayOf(now) }
}

function lineOf(one: UnresolvedMessage): string {
  const { customerId, messageId, journey, step, status, plannedAt, claimedAt, waitsUntil } = one
  const tried = claimedAt === undefined ? `planned ${plannedAt}` : `tried at ${claimedAt}`
  const open = waitsUntil === undefined ? 'waits for a notice of SES' : `waits until ${waitsUntil}`
  const stands = status === 'UNKNOWN' ? open : 'closed without evidence; a late notice still settles it'
  return `${customerId}  ${messageId}  ${harmless(journey)}/${harmless(step)}  ${tried}  ${stands}`
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const stage = await connect(whereOf(given))
  const span = spanOf(given, stage.ports.clock())
  const seen = process.stderr.isTTY
    ? (rows: number) => process.stderr.write(`\r${count(rows, 'message')} looked at …`)
    : undefined
  const messages = await unresolvedMessages(stage.ports, span, seen)
  if (seen) say()
  if (given.on.json) print(JSON.stringify({ stack: stage.name, ...span, messages }))
  else for (const one of messages) print(lineOf(one))
  const waiting = messages.filter(({ status }) => status === 'UNKNOWN').length
  const of = `of mails planned since ${span.from}`
  if (messages.length === 0) {
    say(`None ${of}.`)
    return 0
  }
  say(`${waiting} waiting for evidence, ${messages.length - waiting} closed without, ${of}.`)
  say(
    'None is sent again. If there are many, see whether notices of SES arrive: docs/operating.md, Unknown outcomes.',
  )
  return 1
}
