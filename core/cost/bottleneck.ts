/**
 * What gives way first when there are more customers: for each part that has an end, how much of it the busiest
 * moment needs, and what to turn when that is more than there is. Ends are those of a granted account that nobody
 * has raised and of `cdk.json` as it is; a new account has less (the sandbox of SES, ten invocations at once).
 */
import { limits } from '#core/limits'
import { type Habits, habits, monthOf } from './usage.ts'

export interface Bottleneck {
  name: string
  /** What the busiest moment needs and what there is, in `unit`. */
  needs: number
  has: number
  unit: string
  /** What to turn, and where. */
  turn: string
}

/** What there is before anybody turns anything. */
export const ends = {
  sesPerSecond: 14,
  sesPerDay: 50_000,
  /** `throttle` of `infra/api.ts`. */
  apiPerSecond: 1_000,
  lambdaAtOnce: 1_000,
  /** `maxConcurrency` of prod in `cdk.json`. */
  maxConcurrency: 10,
  /** A table on demand takes so much from its first second on, and so much at all. */
  newTableWrites: 4_000,
  tableWrites: 40_000,
  /** One row can be read so often a second, consistently; one partition takes so many writes. */
  rowReads: 3_000,
  partitionWrites: 1_000,
  /** Partitions a new table on demand has, so many shards has its stream. */
  newTablePartitions: 4,
  /** Rows that a run of `report` counts, and customers that it walks, in the minute it has. */
  reportRows: 900_000,
  reportCustomers: 270_000,
} as const

/** How long one takes, in seconds, rounded up: the same as `assumed.gbSeconds` is made of. */
const seconds = { ingest: 0.03, decide: 0.04, deliverBatch: 0.4 } as const
const monthSeconds = 30 * 86_400
const herdSeconds = 4 * 3_600

type Rates = { requests: number; decided: number; mails: number; alarms: number; mailsPerDay: number }

/** Things a second in the busiest moment. */
function ratesOf(customers: number, of: Habits): Rates {
  const month = monthOf(customers, of)
  const mails = month.mails + month.orders
  const perSecond = (count: number) => (count / monthSeconds) * of.peak
  const herd = (customers * of.sameDate) / herdSeconds
  const decided = month.customerEvents + month.carts + month.orders + month.clicks
  return {
    requests: perSecond(month.visitorEvents + decided),
    decided: perSecond(decided + mails),
    mails: Math.max(perSecond(mails), herd),
    // A look at products waits for quiet once a visit, taken as four views.
    alarms: Math.max(perSecond(mails + month.carts + month.customerEvents / 4), herd),
    mailsPerDay: Math.max((mails / 30) * of.peakDay, customers * of.sameDate),
  }
}

function mailing({ mails, mailsPerDay, alarms }: Rates): Bottleneck[] {
  const rate = { name: 'SES: granted rate', needs: mails, has: ends.sesPerSecond, unit: 'mails a second' }
  const day = { name: 'SES: granted day', needs: mailsPerDay, has: ends.sesPerDay, unit: 'mails a day' }
  const perInvocation = limits.queueBatch / seconds.deliverBatch
  return [
    {
      ...rate,
      turn: 'Service Quotas, Amazon SES, Sending rate; until then mail waits and what is urgent goes first',
    },
    {
      ...day,
      turn: 'Service Quotas, Amazon SES, Daily sending quota; until then what matters least is held',
    },
    {
      name: 'deliver: invocations of one queue',
      needs: mails,
      has: ends.maxConcurrency * perInvocation,
      unit: 'mails a second',
      turn: '`maxConcurrency` of the stage in cdk.json, up to 1,000',
    },
    {
      name: 'the row of the shared rate',
      needs: mails,
      has: ends.partitionWrites,
      unit: 'leases a second, one mail each',
      turn: 'fills batches by itself (ten mails a lease); beyond 10,000 mails a second a second stage with its own domain',
    },
    {
      name: 'wake: customers a tick',
      needs: alarms * 60,
      has: limits.wakeCustomers,
      unit: 'alarms a minute',
      turn: '`wakeCustomers` in core/limits.ts, with the timeout of `wake` in infra/functions.ts; what is late is only late',
    },
  ]
}

/** `customers` is here for what has to be walked. */
function storing(customers: number, { requests, decided, mails }: Rates): Bottleneck[] {
  const writes = requests + 2 * mails
  const shards = Math.max(ends.newTablePartitions, Math.ceil(writes / ends.partitionWrites))
  const perShard = limits.decideConcurrency / seconds.decide
  return [
    {
      name: 'the door: throttle of the API',
      needs: requests,
      has: ends.apiPerSecond,
      unit: 'requests a second',
      turn: '`throttle` in infra/api.ts (an account has 10,000); let the shop’s server send batches of up to 100 events',
    },
    {
      name: 'the row of the write key',
      needs: requests,
      has: ends.rowReads,
      unit: 'reads a second',
      turn: 'a key for each of the shop’s servers and sites (npm run keys -- create), and batches',
    },
    {
      name: 'Events: a table that is new',
      needs: writes,
      has: ends.newTableWrites,
      unit: 'write units a second',
      turn: 'nothing when traffic grows within hours; before a sale set warm throughput on the table',
    },
    {
      name: 'Customers: the table’s quota',
      needs: 2 * decided + 10 * mails,
      has: ends.tableWrites,
      unit: 'write units a second',
      turn: 'Service Quotas, Amazon DynamoDB, Table-level write throughput limit',
    },
    {
      name: 'decide: shards of the Events stream',
      needs: decided,
      has: shards * perShard,
      unit: 'events a second',
      turn: '`parallelizationFactor` in infra/table-stream.ts, up to 10: no fold relies on order',
    },
    {
      name: 'Lambda: invocations at once',
      needs:
        requests * seconds.ingest +
        decided * seconds.decide +
        (mails / limits.queueBatch) * seconds.deliverBatch,
      has: ends.lambdaAtOnce,
      unit: 'at once',
      turn: 'Service Quotas, AWS Lambda, Concurrent executions',
    },
    {
      name: 'the index `due`: its shards',
      needs: 2 * decided,
      has: 64 * ends.partitionWrites,
      unit: 'write units a second, were every alarm moved',
      turn: '`dueShards` of the stage in cdk.json, up to 256; it may grow, never shrink',
    },
    {
      name: 'report: the walk of the shop',
      needs: customers,
      has: 24 * ends.reportCustomers,
      unit: 'customers a day',
      turn: '`timeoutSeconds` of report in infra/functions.ts, up to 900; until then the shop’s figures are days old',
    },
  ]
}

function counting(customers: number, of: Habits): Bottleneck {
  const month = monthOf(customers, of)
  return {
    name: 'report: rows of the open fortnight',
    needs: ((month.mails + month.orders) * 14) / 30,
    has: ends.reportRows,
    unit: 'rows an hour',
    turn: '`timeoutSeconds` of report in infra/functions.ts, up to 900; until then the figures are hours old',
  }
}

/** All of them, the one that gives way first at the front. */
export function bottlenecksOf(customers: number, of: Habits = habits): Bottleneck[] {
  const rates = ratesOf(customers, of)
  const all = [...mailing(rates), ...storing(customers, rates), counting(customers, of)]
  return all.sort((one, other) => other.needs / other.has - one.needs / one.has)
}
