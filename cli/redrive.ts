/**
 * `npm run redrive`: decides again what was parked because deciding it threw, once the cause is mended and
 * deployed; or a span of time that the stream gave up. Doing it twice plans no mail twice; what is decided again
 * beyond her last 128 events counts again as interest in products, and as an order when more than 50 came after
 * it. A span reads the whole table of events once for whose they are, and then each log.
 */
import { connect, type Stage } from '#cli/stage/connect'
import { findCustomer, nobody } from '#cli/stage/customer'
import { whereFlags, whereOf } from '#cli/stage/where'
import { decisionLine } from '#cli/start/words'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { count, paintFor, print, say } from '#cli/terminal/style'
import { dryPorts, everyLog, type Redriven, type RedrivePorts, redrive, redriveSpan } from '#flow/redrive'

const usage: Usage = {
  command: 'npm run redrive',
  about: 'Decides again what was parked, or (--from, --to) everything received in a span of time.',
  operand: '[email or id]',
  flags: {
    ...whereFlags,
    all: { about: 'everybody who has something parked' },
    from: { value: 'INSTANT', about: 'what was received from then on, such as 2026-05-01T09:00:00Z' },
    to: { value: 'INSTANT', about: 'and before then (now)' },
    'dry-run': { about: 'decide and say what would come of it, store nothing' },
    json: { about: 'print a JSON line for each customer' },
  },
  examples: [
    'npm run redrive -- mia@example.com',
    'npm run redrive -- --all --dry-run --stack homeward-prod',
    'npm run redrive -- --all --stack homeward-prod',
  ],
}

interface Span {
  from: string
  to: string
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const chosen = [given.operand !== undefined, given.on.all === true, given.value.from !== undefined]
  if (!chosen.includes(true) || (chosen[0] && chosen[1]))
    throw new UsageError('Say whom: an e-mail address or id, --all, or --from INSTANT [--to INSTANT].')
  const from = instantOf(given, 'from')
  const to = instantOf(given, 'to')
  const stage = await connect(whereOf(given))
  const span = from === undefined ? undefined : { from, to: to ?? stage.ports.clock() }
  const paint = paintFor(process.stdout)
  const dryRun = given.on['dry-run'] === true
  const stored: RedrivePorts = {
    ...stage.ports,
    log: (line) => {
      if (line.event === 'decision' && !given.on.json) print(decisionLine(asDecision(line), paint))
    },
  }
  const ports = dryRun ? dryPorts(stored) : stored
  const tally: Record<Redriven, number> = { nothing: 0, decided: 0, parked: 0 }
  for await (const customerId of whom(stage, given, span)) {
    const result = await (span ? redriveSpan(ports, customerId, span) : redrive(ports, customerId))
    tally[result] += 1
    if (given.on.json) print(JSON.stringify({ customerId, result, ...(dryRun && { dryRun }) }))
    const why = result === 'parked' ? (await ports.customers.parked(customerId))?.error : undefined
    if (why !== undefined) say(`${customerId} still cannot be decided: ${why}`)
  }
  if (tally.decided + tally.parked + tally.nothing === 0 && given.operand !== undefined) {
    say(nobody(given.operand))
    return 1
  }
  say(
    `${count(tally.decided, 'customer')} ${dryRun ? 'would be ' : ''}decided again` +
      `${tally.parked > 0 ? `, ${tally.parked} still parked` : ''}` +
      `${tally.nothing > 0 ? `, ${tally.nothing} with nothing to decide` : ''}.` +
      `${dryRun ? ' Nothing was changed.' : ''}`,
  )
  return tally.parked > 0 ? 1 : 0
}

async function* whom(stage: Stage, given: Arguments, span: Span | undefined): AsyncGenerator<string> {
  const { customers, events } = stage.ports
  if (given.operand !== undefined) {
    const customerId = await findCustomer(stage.ports, given.operand)
    if (customerId !== undefined) yield customerId
  } else if (span === undefined) yield* await customers.allParked()
  else yield* everyLog(events)
}

function instantOf(given: Arguments, name: 'from' | 'to'): string | undefined {
  const text = given.value[name]
  if (text === undefined) return undefined
  const ms = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new UsageError(`--${name} is "${text}", which is no instant. Write it like 2026-05-01T09:00:00Z.`)
}

const asDecision = (line: Record<string, unknown>) => {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    event: 'decision' as const,
    at: String(line.at),
    customerId: text(line.customerId),
    journey: text(line.journey),
    step: text(line.journeyStep),
    outcome: String(line.outcome),
    reason: line.reason,
  }
}
