/**
 * An event as it is stored: a Segment call, resolved to a customer and given the server's times. It holds the
 * properties as the shop sent them; what they mean is `core/fact.ts`. Facts that Homeward itself makes
 * (a mail went out, a message was held) are events of type `track` and source `homeward` on the same log.
 */
import * as z from 'zod'
import { Instant } from './time.ts'

export const EventType = z.enum(['track', 'identify', 'page', 'screen', 'alias', 'group'])
export type EventType = z.infer<typeof EventType>

const Bag = z.record(z.string(), z.unknown())
export type Bag = z.infer<typeof Bag>

export const Event = z.object({
  customerId: z.string(),
  /** `<timestamp as sent, UTC, or "-">#<messageId>`: what makes a retried put the same put. */
  key: z.string(),
  messageId: z.string(),
  type: EventType,
  /** The event's name of the Segment e-commerce spec; for the other calls `Identified`, `Page Viewed` … */
  name: z.string(),
  /** When it happened: the client's time, its clock corrected by `sentAt`, never after `receivedAt`. */
  occurredAt: Instant,
  /** When we answered for it. */
  receivedAt: Instant,
  source: z.enum(['server', 'browser', 'homeward']),
  /** False: a visitor nobody can write to yet, or quarantined. `decide` never sees it until it is folded in. */
  reachable: z.boolean(),
  anonymousId: z.string().optional(),
  userId: z.string().optional(),
  properties: Bag,
  traits: Bag.optional(),
  context: Bag.optional(),
  /** Imported as history: folds, never enters. */
  history: z.boolean().optional(),
  /** An order whose id was seen before, or a yes that is asked for and stands: kept, and begins nothing. */
  repeat: z.boolean().optional(),
  /** The visitor whose log this identify folds in. */
  folds: z.string().optional(),
  /** The customer (a guest, or an account named by `alias`) who became this one by this event. */
  absorbs: z.string().optional(),
})
export type Event = z.infer<typeof Event>

/** The key of an event: two puts with one key are one event. */
export const eventKey = (timestampAsSent: Instant | undefined, messageId: string): string =>
  `${timestampAsSent ?? '-'}#${messageId}`

/** Names of the facts that Homeward itself puts on a customer's log. */
export const own = {
  sent: 'Email Sent',
  held: 'Message Held',
  skipped: 'Message Skipped',
  clicked: 'Email Clicked',
  bounced: 'Email Bounced',
  complained: 'Email Complained',
  answered: 'Survey Answered',
} as const

/** An event of our own about `customerId`, as of `now`; `cause` makes its id, so that repeating it is one event. */
export function ownEvent(
  name: string,
  of: { customerId: string; cause: string; now: Instant; properties: Bag },
): Event {
  return {
    customerId: of.customerId,
    key: eventKey(undefined, of.cause),
    messageId: of.cause,
    type: 'track',
    name,
    occurredAt: of.now,
    receivedAt: of.now,
    source: 'homeward',
    reachable: true,
    properties: of.properties,
  }
}
