/** Checks of the work itself: what is live, what waits on queues, what was put aside and what has no known outcome. */
import type { QueueDepth } from '#adapters/doctor-queues'
import { count } from '#cli/terminal/style'
import { limits } from '#core/limits'
import type { Live, Release } from '#core/release'
import type { WriteKeyRow } from '#flow/port'
import type { UnresolvedMessage } from '#flow/unresolved'
import { type Check, ok, wants } from './check.ts'

/** How a command is typed for this stage. */
export type Command = (words: string) => string

/** What is live, and what of it is paused. */
export function liveChecks(live: Live | undefined, release: Release | undefined, command: Command): Check[] {
  if (live === undefined)
    return [wants('Release', 'bad', { found: 'nothing is published', cure: command('npm run publish') })]
  if (release === undefined) {
    const cure = command('npm run publish')
    return [wants('Release', 'bad', { found: `release ${live.release} is live and not stored`, cure })]
  }
  const journeys = count(Object.keys(release.journeys).length, 'journey')
  const checks = [
    ok('Release', `${live.release} with ${journeys}, published ${release.publishedAt.slice(0, 10)}`),
  ]
  if (live.paused.length === 0) return [...checks, ok('Paused', 'nothing')]
  const isAll = live.paused.includes('*')
  const found = isAll ? 'all mail (a stage is so until its first resume)' : live.paused.join(', ')
  const cure = command(isAll ? 'npm run resume' : `npm run resume -- ${live.paused[0]}`)
  return [...checks, wants('Paused', 'warn', { found, cure })]
}

/** What to do about dead letters: work is planned again by itself, a notice of SES is told by nobody else. */
const deadCure = (title: string): string =>
  title === 'observe'
    ? 'read one and the log, mend the cause, then bring them back (docs/operating.md, Alarms)'
    : 'read one and the log, mend the cause, then purge the dead letters: the work comes again by itself (docs/operating.md, Alarms)'

/** What waits on a queue, and what is behind it. */
export function queueChecks(title: string, depth: QueueDepth): Check[] {
  const { waiting, inFlight, delayed, dead } = depth
  const found = `${waiting} waiting, ${inFlight} at work, ${delayed} not due yet`
  const cure = `look at the log of the function behind it (docs/operating.md, Alarms)`
  const checks = [
    waiting > 10_000 ? wants(`Queue ${title}`, 'warn', { found, cure }) : ok(`Queue ${title}`, found),
  ]
  if (dead === undefined || dead === 0) return [...checks, ok(`Dead letters ${title}`, 'none')]
  return [
    ...checks,
    wants(`Dead letters ${title}`, 'bad', {
      found: `${count(dead, 'message')} put aside`,
      cure: deadCure(title),
    }),
  ]
}

/** Customers whose input could not be decided. */
export function parkedCheck(parked: readonly string[], command: Command): Check {
  if (parked.length === 0) return ok('Parked', 'nobody')
  const [first = ''] = parked
  const found = `${count(parked.length, 'customer')}: ${parked.slice(0, 3).join(', ')}${parked.length > 3 ? ' …' : ''}`
  const cure = `${command(`npm run why -- ${first}`)} says what could not be decided; mend it, then ${command('npm run redrive -- --all')}`
  return wants('Parked', 'bad', { found, cure })
}

/** Sends whose outcome nobody knows. */
export function unresolvedCheck(messages: readonly Pick<UnresolvedMessage, 'status'>[]): Check {
  const of = `of mails of the last ${limits.reportOpenDays} days`
  if (messages.length === 0) return ok('Unresolved', `none ${of}`)
  const unknown = messages.filter(({ status }) => status === 'UNKNOWN').length
  const found = `${unknown} waiting for evidence, ${messages.length - unknown} closed without, ${of}`
  const cure =
    '`npm run unresolved` lists them; nothing is sent twice; if there are many, see whether notices of SES arrive (docs/operating.md, Unknown outcomes)'
  return wants('Unresolved', 'warn', { found, cure })
}

/** Whether the shop can send events at all. */
export function writeKeyCheck(rows: readonly WriteKeyRow[], command: Command): Check {
  const of = (kind: WriteKeyRow['kind']) => rows.filter((row) => row.kind === kind).length
  const found = `${of('server')} for servers, ${of('browser')} for pages`
  if (of('server') > 0) return ok('Write keys', found)
  return wants('Write keys', 'bad', { found, cure: command('npm run keys -- create --kind server') })
}
