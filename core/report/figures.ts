/**
 * What messages come to, counted: every figure is a sum over rows of Messages, so that two counts can be added,
 * in whatever pages the rows come, and a report equals a recount. What each figure means to a reader stands in
 * `docs/report.md`; lines and days are made of figures in `core/report/day.ts`.
 */
import * as z from 'zod'
import type { Message } from '#core/message'

/** How many, by a name: a reason's code, a score, a currency. */
const Counts = z.record(z.string(), z.number())
type Counts = z.infer<typeof Counts>

export const Figures = z.object({
  planned: z.number(),
  /** Planned or claimed, and not known to have ended. */
  waiting: z.number(),
  sent: z.number(),
  /** By reason. */
  held: Counts,
  skipped: Counts,
  expired: Counts,
  failed: Counts,
  unknown: z.number(),
  closed: z.number(),
  delivered: z.number(),
  bounced: z.number(),
  complained: z.number(),
  opened: z.number(),
  /** Messages that a human clicked in, once or more. */
  clicked: z.number(),
  unsubscribed: z.number(),
  orders: z.number(),
  /** By currency, in minor units, refunds taken out. */
  revenueMinor: Counts,
  /** Answers by score, 0 to 10 and 1 to 5. */
  nps: Counts,
  ces: Counts,
})
export type Figures = z.infer<typeof Figures>

export const noFigures = (): Figures => ({
  planned: 0,
  waiting: 0,
  sent: 0,
  held: {},
  skipped: {},
  expired: {},
  failed: {},
  unknown: 0,
  closed: 0,
  delivered: 0,
  bounced: 0,
  complained: 0,
  opened: 0,
  clicked: 0,
  unsubscribed: 0,
  orders: 0,
  revenueMinor: {},
  nps: {},
  ces: {},
})

const own = (counts: Counts, name: string): number => (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0)

const plus = (counts: Counts, name: string, by: number): Counts => ({
  ...counts,
  [name]: own(counts, name) + by,
})

/** Two counts as one, their names in order, those that come to nothing left out. */
function together(one: Counts, other: Counts): Counts {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
  const sums = names.map((name) => [name, own(one, name) + own(other, name)] as const)
  return Object.fromEntries(sums.filter(([, sum]) => sum !== 0))
}

/** The sum of two counts. @example added(noFigures(), noFigures()).planned // 0 */
export function added(one: Figures, other: Figures): Figures {
  const sum = noFigures()
  for (const name of Object.keys(sum) as (keyof Figures)[]) {
    const [left, right] = [one[name], other[name]]
    const both =
      typeof left === 'number' || typeof right === 'number'
        ? Number(left) + Number(right)
        : together(left, right)
    Object.assign(sum, { [name]: both })
  }
  return sum
}

/** Where a message stands. */
function standing({ status, reason = 'unknown' }: Message): Partial<Figures> {
  switch (status) {
    case 'PLANNED':
    case 'CLAIMED':
      return { waiting: 1 }
    case 'SENT':
      return { sent: 1 }
    case 'HELD':
      return { held: { [reason]: 1 } }
    case 'SKIPPED':
      return { skipped: { [reason]: 1 } }
    case 'EXPIRED':
      return { expired: { [reason]: 1 } }
    case 'FAILED':
      return { failed: { [reason]: 1 } }
    case 'UNKNOWN':
      return { unknown: 1 }
    case 'CLOSED':
      return { closed: 1 }
  }
}

const once = (at: string | undefined): number => (at === undefined ? 0 : 1)

function revenueOf(orders: NonNullable<Message['orders']>): Counts {
  let revenue: Counts = {}
  for (const { currency, totalMinor } of Object.values(orders)) revenue = plus(revenue, currency, totalMinor)
  return together(revenue, {})
}

/** What one message adds. */
export function figuresOf(message: Message): Figures {
  const { answer, orders = {} } = message
  return {
    ...noFigures(),
    planned: 1,
    ...standing(message),
    delivered: once(message.deliveredAt),
    bounced: once(message.bouncedAt),
    complained: once(message.complainedAt),
    opened: once(message.openedAt),
    clicked: once(message.clickedAt),
    unsubscribed: once(message.unsubscribedAt),
    orders: Object.keys(orders).length,
    revenueMinor: revenueOf(orders),
    ...(answer !== undefined && { [answer.survey]: { [String(answer.score)]: 1 } }),
  }
}

/** How many in all. */
export const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
