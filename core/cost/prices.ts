/**
 * What AWS asks for a unit of a service: a list of prices as it stands in `docs/prices.json`, and what a quantity
 * of a month comes to by it. Read `core/cost/usage.ts` next.
 */
import * as z from 'zod'

const Price = z.strictObject({
  unit: z.string().min(1),
  /** So many units cost `price`. */
  per: z.number().positive(),
  /** Units of a month that nobody pays for. */
  free: z.number().nonnegative().default(0),
  /** What is paid up to so many units a month (without the free ones), the last without an end. */
  tiers: z
    .array(z.strictObject({ upTo: z.number().positive().optional(), price: z.number().nonnegative() }))
    .min(1),
  /** The page of AWS it stands on, in words. */
  page: z.string().min(1),
})
type Price = z.infer<typeof Price>

export const services = [
  'dynamodb.writes',
  'dynamodb.reads',
  'dynamodb.storage',
  'dynamodb.backup',
  'lambda.requests',
  'lambda.duration',
  'sqs.requests',
  'sns.requests',
  'ses.mails',
  'api.requests',
  'api.transfer',
  'cloudwatch.logs',
  'cloudwatch.logStorage',
  'cloudwatch.alarms',
  'cloudwatch.metrics',
  'cloudwatch.dashboards',
  'scheduler.runs',
  'secrets.kept',
  'secrets.calls',
] as const
export type Service = (typeof services)[number]

/** The whole list; a price that is missing or unknown is refused. */
export const PriceList = z.strictObject({
  region: z.string(),
  writtenDown: z.iso.date(),
  note: z.string(),
  prices: z.record(z.enum(services), Price),
})
export type PriceList = z.infer<typeof PriceList>

/**
 * What so many units of a month cost, in dollars.
 * @example costOf(3_000_000, { unit: 'call', per: 1_000_000, free: 1_000_000, tiers: [{ price: 0.5 }], page: '' }) // 1
 */
export function costOf(quantity: number, { per, free, tiers }: Price): number {
  const paid = Math.max(0, quantity - free)
  let [dollars, from] = [0, 0]
  for (const { upTo = Number.POSITIVE_INFINITY, price } of tiers) {
    dollars += (Math.max(0, Math.min(paid, upTo) - from) / per) * price
    from = upTo
  }
  return dollars
}
