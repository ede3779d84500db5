/**
 * A message: one (run, step), for ever. Its life is the table `arrows`: who may move it from where to where.
 * SES accepts at most one mail for a message; where the outcome is not known it ends UNKNOWN and is settled
 * by evidence, never by sending again. Read `flow/deliver.ts` next.
 */
import * as z from 'zod'
import { limits } from './limits.ts'
import { Instant, plus, toMs } from './time.ts'

export const Status = z.enum([
  'PLANNED',
  'CLAIMED',
  'SENT',
  'HELD',
  'SKIPPED',
  'EXPIRED',
  'FAILED',
  'UNKNOWN',
  'CLOSED',
])
export type Status = z.infer<typeof Status>

/** from → to → the only step that writes this arrow. */
export const arrows = {
  PLANNED: { PLANNED: 'decide', CLAIMED: 'deliver', HELD: 'deliver', SKIPPED: 'deliver', EXPIRED: 'deliver' },
  CLAIMED: { SENT: 'deliver', PLANNED: 'deliver', FAILED: 'deliver', UNKNOWN: 'decide' },
  HELD: { PLANNED: 'decide', EXPIRED: 'decide', SKIPPED: 'decide' },
  UNKNOWN: { SENT: 'observe', CLOSED: 'decide' },
  SENT: {},
  SKIPPED: {},
  EXPIRED: {},
  FAILED: {},
  CLOSED: { SENT: 'observe' },
} as const satisfies Record<Status, Partial<Record<Status, 'decide' | 'deliver' | 'observe'>>>

/** Whether the table has an arrow. */
export const mayBecome = (from: Status, to: Status): boolean => Object.hasOwn(arrows[from], to)

/** An answer to a survey: `nps` 0 to 10 (would she recommend us), `ces` 1 to 5 (how easy it was). */
export const Answer = z.object({
  survey: z.enum(['nps', 'ces']),
  score: z.number().int().min(0).max(10),
  at: Instant,
  comment: z.string().optional(),
})
export type Answer = z.infer<typeof Answer>

/** What an order brought that followed a click. */
const Attributed = z.object({ at: Instant, totalMinor: z.number(), currency: z.string() })
export type Attributed = z.infer<typeof Attributed>

/** What the plan says; the row also carries the life's times and, once claimed, the render's inputs. */
export const Message = z.object({
  customerId: z.string(),
  messageId: z.string(),
  status: Status,
  /** How often it was planned: a claim must name the round it was dispatched in. */
  round: z.number(),
  journey: z.string(),
  step: z.string(),
  /** The mail of the journey's folder: `<mail>.mjml`. */
  mail: z.string(),
  runId: z.string(),
  /** What the run is for, e.g. the cart's id. */
  key: z.string(),
  runStartedAt: Instant,
  release: z.number(),
  urgent: z.boolean(),
  /** No send once an order was acknowledged since the run began. */
  exitsOnOrder: z.boolean(),
  /** To the shop's own people instead of her. */
  to: z.literal('shop').optional(),
  /** The entering event, for the mail. */
  event: z.object({ name: z.string(), properties: z.record(z.string(), z.unknown()) }).optional(),
  plannedAt: Instant,
  notBefore: Instant,
  notAfter: Instant,
  claimedAt: Instant.optional(),
  sentAt: Instant.optional(),
  /** Once claimed: the inbox (its keyed hash) it was claimed for. */
  inbox: z.string().optional(),
  until: Instant.optional(),
  sesMessageId: z.string().optional(),
  /** Why it is held, skipped, failed …: a code of `core/reason.ts`. */
  reason: z.string().optional(),
  deliveredAt: Instant.optional(),
  bouncedAt: Instant.optional(),
  complainedAt: Instant.optional(),
  /** The arm of a test that she was in. */
  variant: z.string().optional(),
  /** The first click of a human. */
  clickedAt: Instant.optional(),
  /** The first time its pixel was fetched, where she allows that. */
  openedAt: Instant.optional(),
  /** When she unsubscribed, or chose less, by a link of it. */
  unsubscribedAt: Instant.optional(),
  /** Her answer to the question it asked. */
  answer: Answer.optional(),
  /** Orders within five days of a human click on it: order id → what was paid, refunds taken out. */
  orders: z.record(z.string(), Attributed).optional(),
  /** The last hit on one of its links, by human or machine. */
  lastHitAt: Instant.optional(),
  /** Where its links lead, by index; what the click page answers from. */
  links: z.array(z.string()).optional(),
})
export type Message = z.infer<typeof Message>

/**
 * When a mail that waits for something without a known end (a pause, room in the day's quota, orders) is looked at
 * again: after a quarter of its age, within bounds, so that a shop that stands still for a week costs little; and
 * once more shortly before it would be too late.
 * @example
 * const mail = { plannedAt: '2026-03-02T09:00:00.000Z', notAfter: '2026-03-04T09:00:00.000Z' }
 * lookAgainAt(mail, '2026-03-02T17:00:00.000Z') // '2026-03-02T19:00:00.000Z'
 */
export function lookAgainAt(
  { plannedAt, notAfter }: Pick<Message, 'plannedAt' | 'notAfter'>,
  now: Instant,
): Instant {
  const { share, leastMs, mostMs } = limits.lookAgain
  const wantedMs = (toMs(now) - toMs(plannedAt)) * share
  const next = plus(now, Math.min(Math.max(wantedMs, leastMs), mostMs))
  const last = plus(notAfter, -leastMs)
  if (next <= last) return next
  return last > now ? last : notAfter
}
