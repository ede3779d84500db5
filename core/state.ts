/**
 * What is known about one customer: derived from her log by `core/fold.ts`, walked by `core/run.ts`, stored
 * as one deflated value. Nothing in it is the only copy of a fact. It survives a JSON round trip unchanged;
 * its lists are bounded by `core/limits.ts`.
 */
import * as z from 'zod'
import { Cart, Item } from './item.ts'
import { Answer } from './message.ts'
import { Instant } from './time.ts'

/**
 * A trait and when it was given: the later one wins, in whichever order they arrive; `said`: only a browser said
 * it, whose word never stands against the server's (`core/traits.ts`).
 */
const Trait = z.object({ value: z.unknown(), at: Instant, said: z.literal('browser').optional() })
export type Trait = z.infer<typeof Trait>

/**
 * The cart as a snapshot and the single changes after it, so that late and reversed events give the same cart.
 * `emptiedAt`: an order was completed; what is older than that is no longer in a cart.
 */
const CartLog = z.object({
  snapshot: Cart.extend({ at: Instant }).optional(),
  deltas: z.array(
    z.object({
      key: z.string(),
      at: Instant,
      change: z.enum(['added', 'removed']),
      cartId: z.string().optional(),
      item: Item,
    }),
  ),
  emptiedAt: Instant.optional(),
})
export type CartLog = z.infer<typeof CartLog>

/** A mail of hers, by its row. */
const Clicked = z.object({ customerId: z.string(), messageId: z.string() })

const Order = z.object({
  id: z.string(),
  at: Instant.optional(),
  currency: z.string(),
  /** When its currency was named last; absent: never, the shop's stands in, or a row of before this was kept. */
  currencyAt: Instant.optional(),
  totalMinor: z.number().optional(),
  /** The total as it was said, where this currency's minor units cannot: another may still be named. */
  totalMajor: z.number().optional(),
  totalAt: Instant.optional(),
  refundedMinor: z.number(),
  /** What was refunded without a currency being named: in this order's, beside `refundedMinor`. */
  refundedMajor: z.number().optional(),
  /** Short hashes of the events that told of refunds: one told again is not taken out again. */
  refunds: z.array(z.string()).optional(),
  cancelled: z.boolean(),
  /** Loyalty points it has brought so far. */
  points: z.number(),
  /** The mail whose click it followed: that mail's row says what it brought. */
  after: Clicked.optional(),
  /** It was told as history: no mail brought it. */
  history: z.literal(true).optional(),
})
export type Order = z.infer<typeof Order>

const BegunCart = z.object({
  at: Instant,
  orderedAt: Instant.optional(),
  /** The mails about it that went out. */
  remindedBy: z.array(z.string()).optional(),
})

const Totals = z.object({
  orderCount: z.number(),
  /** Currency → minor units paid, refunds taken out. */
  paidMinor: z.record(z.string(), z.number()),
  points: z.number(),
  firstOrderAt: Instant.optional(),
  lastOrderAt: Instant.optional(),
  lastSeenAt: Instant.optional(),
  since: Instant.optional(),
})

/** Where a run stands. */
const Waiting = z.discriminatedUnion('for', [
  z.object({ for: z.literal('time'), until: Instant }),
  z.object({ for: z.literal('quiet'), until: Instant, ms: z.number() }),
  z.object({ for: z.literal('event'), until: Instant }),
  z.object({ for: z.literal('message'), messageId: z.string() }),
])
export type Waiting = z.infer<typeof Waiting>

export const Run = z.object({
  runId: z.string(),
  journey: z.string(),
  /** What there is one run for, e.g. the cart's id; empty when the journey names no key. */
  key: z.string(),
  release: z.number(),
  /** `receivedAt` of the event (or the due time of the alarm) that it entered by. */
  startedAt: Instant,
  /** When the server last heard of what the run is about: quiet is counted from here. */
  touchedAt: Instant,
  eventId: z.string(),
  /** The name and properties of the entering event, cut to what conditions and mails may ask for. */
  event: z.object({ name: z.string(), properties: z.record(z.string(), z.unknown()) }).optional(),
  position: z.number(),
  /** Of a run by points: the multiple she had come past before. */
  reachedBefore: z.number().optional(),
  waiting: Waiting.optional(),
  /** Her last answer to a question that this run asked. */
  answer: Answer.optional(),
})
export type Run = z.infer<typeof Run>

/** A planned message whose end this state has not heard of yet. */
export const Outstanding = z.object({
  messageId: z.string(),
  runId: z.string(),
  journey: z.string(),
  step: z.string(),
  round: z.number(),
  phase: z.enum(['planned', 'held', 'unknown']),
  /** When to look again: the hold's end, or when it must have been sent long ago. */
  settleAt: Instant,
  notAfter: Instant,
})
export type Outstanding = z.infer<typeof Outstanding>

export const State = z.object({
  schema: z.literal(1),
  customerId: z.string(),
  /** The latest logical time this state has been decided at. */
  now: Instant,
  traits: z.record(z.string(), Trait),
  totals: Totals,
  orders: z.array(Order),
  /** Category → interest with forward decay: `weight` as of `at`. */
  categories: z.record(z.string(), z.object({ weight: z.number(), at: Instant })),
  cart: CartLog,
  recent: z.array(z.object({ item: Item, at: Instant })),
  consent: z.object({ givenAt: Instant.optional() }),
  runs: z.array(Run),
  /** Journey → when a run last started: what `rest` is counted from. */
  entered: z.record(z.string(), Instant),
  /** Journey → when, as history tells, she last did what it begins by: `rest` is counted from there too. */
  imported: z.record(z.string(), Instant).optional(),
  /** Journey → when its date or recurring time is next due, and the terms that was reckoned by. */
  schedule: z.record(z.string(), z.object({ at: Instant, by: z.string() })),
  /** Journey → why she last did not enter it. */
  refused: z.record(
    z.string(),
    z.object({ at: Instant, code: z.string(), explanation: z.string(), eventId: z.string() }),
  ),
  outstanding: z.array(Outstanding),
  /** Short hashes of the message ids folded last: what comes twice is folded once. */
  applied: z.array(z.string()),
  /** Visitors folded in; their log is read once more at `sweepAt` for puts that were in flight. */
  visitors: z.array(z.object({ visitorId: z.string(), foldedAt: Instant, sweepAt: Instant.optional() })),
  minute: z.object({ at: z.string(), count: z.number() }),
  /** Who she became, once absorbed: nothing is decided here any more, what still comes is forwarded. */
  movedTo: z.string().optional(),
  /** Customers whose states were taken over. */
  absorbed: z.array(z.string()).optional(),
  /** When she was lately asked whether she wants mail, oldest first. */
  asked: z.array(Instant).optional(),
  /** Journey → the highest multiple of its points she ever came past. */
  reached: z.record(z.string(), z.number()).optional(),
  /** Journey → how often a multiple was given back, because its points were taken before its mail went out. */
  returned: z.record(z.string(), z.number()).optional(),
  /** Her last human click on a mail: what orders are attributed to. */
  lastClick: Clicked.extend({ at: Instant }).optional(),
  /** Her last answer to a survey. */
  answer: Answer.optional(),
  /** Products bought lately, by a short hash of their ids: they are not shown to her again. */
  bought: z.array(z.object({ product: z.string(), at: Instant })).optional(),
  /** Carts she began, newest last, and when each was ordered. */
  carts: z.array(BegunCart).optional(),
})
export type State = z.infer<typeof State>

/** A customer nothing is known about yet. */
export const newState = (customerId: string, now: Instant): State => ({
  schema: 1,
  customerId,
  now,
  traits: {},
  totals: { orderCount: 0, paidMinor: {}, points: 0 },
  orders: [],
  categories: {},
  cart: { deltas: [] },
  recent: [],
  consent: {},
  runs: [],
  entered: {},
  schedule: {},
  refused: {},
  outstanding: [],
  applied: [],
  visitors: [],
  minute: { at: '', count: 0 },
})
