/**
 * What so many customers use of AWS in a month: what each thing that happens costs in units, as counted on the
 * booted stack (`counted`, held equal by `test/acceptance/units.test.ts`), times how often it happens (`habits`,
 * an assumption that is said). What was measured nowhere (`assumed`: times in Lambda, lines of logs, bytes kept)
 * is rounded up. Read `core/cost/bottleneck.ts` next.
 */
import type { Service } from './prices.ts'

/** Database units of one of each: the most that the acceptance test lets them cost. */
export const counted = {
  /** A visitor's page view: stored, not decided. */
  visitorEvent: { writes: 1, reads: 2 },
  /** A customer's page view, folded and decided. */
  customerEvent: { writes: 5, reads: 5 },
  /** A changed cart that begins a journey. */
  cart: { writes: 9, reads: 6 },
  /** A journey mail from its alarm to its notice of delivery. */
  mail: { writes: 29, reads: 20 },
  /** A click on a link of a mail, decided. */
  click: { writes: 6, reads: 4 },
  /** An order, and the mail of thanks for it. */
  order: { writes: 38, reads: 26 },
} as const

/** How often things happen: for each customer who can be written to, in a month of 30 days. */
export interface Habits {
  /** Page views before anybody is known, her own share of passers-by included. */
  visitorEvents: number
  customerEvents: number
  carts: number
  orders: number
  /** Mails of journeys, beside the thanks for orders. */
  mails: number
  /** Of mails, those that are clicked in. */
  clicked: number
  /** The busiest second against the mean. */
  peak: number
  /** The busiest day against the mean. */
  peakDay: number
  /** Of customers, those whom one date (a monthly statement) writes to in the same four hours. */
  sameDate: number
}

export const habits: Habits = {
  visitorEvents: 20,
  customerEvents: 10,
  carts: 0.5,
  orders: 0.15,
  mails: 2,
  clicked: 0.05,
  peak: 10,
  peakDay: 3,
  sameDate: 0.3,
}

/** What is not counted but taken for granted, on the high side: no batching, no compression. */
export const assumed = {
  /** GB-seconds of Lambda: memory of the step times how long it is billed for one. */
  gbSeconds: {
    event: 0.5 * 0.03,
    decision: 1 * 0.04,
    mail: 1 * 0.4 + 0.5 * 0.06 + 0.25 * 0.02,
    click: 0.5 * 0.03,
  },
  /** Functions that run for a mail: decide twice, dispatch, deliver, observe twice. */
  invocations: { mail: 6 },
  /** Wake, dispatch and two notices, each sent, received and deleted alone. */
  sqsRequests: { mail: 12 },
  notices: { mail: 2 },
  logBytes: { event: 600, decision: 700, mail: 4_000 },
  responseBytes: 500,
  storedBytes: { event: 1_024, customer: 2_048, decision: 512, mail: 2_560 },
  /** Logs of prod are kept so many months, at a fifth of their size. */
  logMonths: 3,
  logKept: 0.2,
  /** Tables as they are a year after the first event. */
  months: 12,
} as const

/** What stands there whatever happens; the alarms, counts and boards are those of the synthesized stack. */
export const standing = {
  alarms: 15,
  metrics: 7,
  dashboards: 1,
  secrets: 2,
  queues: 4,
  schedules: { wake: 43_200, report: 720 },
  /** Each queue is asked by five pollers, each at least every 20 seconds. */
  pollsPerQueue: 5 * 3 * 60 * 24 * 30,
  /** Each tick asks each shard of the index `due`, half a unit each. */
  shards: 64,
  /** The report reads as much as a minute's run allows, and walks the customers once a day. */
  reportReadsPerRun: 450_000,
} as const

/** How many of each thing happen in a month. */
export function monthOf(customers: number, of: Habits) {
  const { visitorEvents, customerEvents, carts, orders, mails, clicked } = of
  const each = { visitorEvents, customerEvents, carts, orders, mails, clicks: clicked * (mails + orders) }
  const entries = Object.entries(each).map(([name, count]) => [name, count * customers] as const)
  return Object.fromEntries(entries) as Record<keyof typeof each, number>
}
export type Month = ReturnType<typeof monthOf>

function units(month: Month, of: 'writes' | 'reads'): number {
  return (
    month.visitorEvents * counted.visitorEvent[of] +
    month.customerEvents * counted.customerEvent[of] +
    month.carts * counted.cart[of] +
    month.orders * counted.order[of] +
    month.mails * counted.mail[of] +
    month.clicks * counted.click[of]
  )
}

const GB = 1024 ** 3

/** Bytes in the tables after `assumed.months`. */
function storedGb(customers: number, month: Month): number {
  const { event, customer, decision, mail } = assumed.storedBytes
  const events = month.visitorEvents + month.customerEvents + month.carts + month.orders + month.clicks
  const decisions = month.carts + month.orders + 2 * month.mails
  const mails = month.mails + month.orders
  const grown = (events + mails) * event + decisions * decision + mails * mail
  return (customers * customer + assumed.months * grown) / GB
}

/** What the report reads of messages in a month: all of the open fortnight each hour, as far as its time allows. */
function reportReads(customers: number, month: Month): number {
  const openRows = ((month.mails + month.orders) * 14) / 30
  const perRun = Math.min(openRows * 0.55, standing.reportReadsPerRun)
  const walk = Math.min(customers * 0.25, standing.reportReadsPerRun)
  return standing.schedules.report * perRun + 30 * walk
}

/** Units of each service that a month of so many customers uses. */
export function usageOf(customers: number, of: Habits = habits): Record<Service, number> {
  const month = monthOf(customers, of)
  const decided = month.customerEvents + month.carts + month.orders + month.clicks
  const events = month.visitorEvents + month.customerEvents + month.carts + month.orders
  const mails = month.mails + month.orders
  const requests = events + month.clicks
  const { wake, report } = standing.schedules
  const { gbSeconds, logBytes } = assumed
  const logGb = (requests * logBytes.event + decided * logBytes.decision + mails * logBytes.mail) / GB
  return {
    'dynamodb.writes': units(month, 'writes'),
    'dynamodb.reads': units(month, 'reads') + wake * standing.shards * 0.5 + reportReads(customers, month),
    'dynamodb.storage': storedGb(customers, month),
    'dynamodb.backup': storedGb(customers, month),
    'lambda.requests': requests + decided + mails * assumed.invocations.mail + wake + report,
    'lambda.duration':
      events * gbSeconds.event +
      decided * gbSeconds.decision +
      mails * gbSeconds.mail +
      month.clicks * gbSeconds.click +
      wake * 0.25 * 0.1 +
      report * 60,
    'sqs.requests': mails * assumed.sqsRequests.mail + standing.queues * standing.pollsPerQueue,
    'sns.requests': mails * assumed.notices.mail,
    'ses.mails': mails,
    'api.requests': requests,
    'api.transfer': (requests * assumed.responseBytes) / GB,
    'cloudwatch.logs': logGb,
    'cloudwatch.logStorage': logGb * assumed.logMonths * assumed.logKept,
    'cloudwatch.alarms': standing.alarms,
    'cloudwatch.metrics': standing.metrics,
    'cloudwatch.dashboards': standing.dashboards,
    'scheduler.runs': wake + report,
    'secrets.kept': standing.secrets,
    'secrets.calls': (requests + mails) / 1_000,
  }
}
