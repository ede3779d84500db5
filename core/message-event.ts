/** What became of a message, as her log is told of it. */
import { type Event, own, ownEvent } from './event.ts'
import { derive } from './id.ts'
import type { Message } from './message.ts'
import type { Instant } from './time.ts'

/** What every event about a message says of it. */
export const factsOf = ({ messageId, journey, step, runId, round }: Message) => ({
  messageId,
  journey,
  step,
  runId,
  round,
})

/** An event about one round of a message; `what` makes its id, so that whoever tells it second changes nothing. */
export const messageEvent = (
  message: Message,
  of: { name: string; what: string; now: Instant; more?: Record<string, unknown> },
): Event =>
  ownEvent(of.name, {
    customerId: message.customerId,
    cause: derive('e', message.messageId, of.what, message.round),
    now: of.now,
    properties: { ...factsOf(message), ...of.more },
  })

/** That a mail went out: told by whoever knows it first. */
export const sentEvent = (message: Message, now: Instant): Event =>
  messageEvent(message, { name: own.sent, what: 'sent', now })
