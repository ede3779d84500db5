/**
 * What a decision comes to: sentences about journeys and messages (`Decision`), and changes of message rows
 * that are stored in one transaction with the state (`MessageEffect`).
 */
import type { Attributed, Message } from './message.ts'
import type { Reason } from './reason.ts'
import type { Instant } from './time.ts'

/** One decision of a commit, as it is kept and shown. */
export interface Decision {
  journey: string
  runId?: string
  step?: string
  messageId?: string
  outcome:
    | 'entered'
    | 'exited'
    | 'finished'
    | 'planned'
    | 'held'
    | 'skipped'
    | 'expired'
    | 'unknown'
    | 'closed'
    | 'refused'
  reason: Reason
  /** Told by another step's event, which said it in the log already. */
  told?: boolean
}

/** A change of a message that goes with a commit of the state. */
export type MessageEffect =
  /** Puts the row; when it exists, nothing happens (that is what makes planning safe to repeat). */
  | { kind: 'plan'; message: Message }
  /** Moves it, if it is still as `from` and in `round`. `PLANNED` counts the round up. */
  | {
      kind: 'move'
      messageId: string
      from: Message['status']
      round: number
      to: 'PLANNED' | 'EXPIRED' | 'SKIPPED' | 'UNKNOWN' | 'CLOSED'
      reason: string
      notBefore?: Instant
    }
  /** Notes on a row all that is attributed to its mail: order id → what it brought. Replaces what was noted. */
  | { kind: 'attribute'; customerId: string; messageId: string; orders: Record<string, Attributed> }
