/**
 * How a message stands in the table Messages: what never changes is deflated, what its life changes stands
 * outside, so that an arrow is one small update.
 *
 *     customerId, messageId   keys
 *     status, round           the life; the stream to `dispatch` is filtered by `status`
 *     notBefore, until, reason, claimedAt, inbox, sentAt, sesMessageId, deliveredAt, bouncedAt, complainedAt,
 *     clickedAt (first human click), lastHitAt (last click by whomever), clicks (raw count)
 *     reportShard, day        the index `report`: `<journey>#<0..15>`, `<day planned>#<messageId>`
 *     body                    the plan, deflated
 *     claim                   once claimed: the render's inputs and where its links lead, deflated
 *
 * Read `adapters/dynamo-messages.ts` next.
 */
import * as z from 'zod'
import { fraction } from '#core/id'
import { Message, Status } from '#core/message'
import { Instant } from '#core/time'
import { Packed, pack, readPacked, readRow, unpack } from './dynamo-row.ts'

/** A journey's messages lie on so many partitions of the index, so that a campaign heats none of them. */
const reportShards = 16

const lives = {
  status: Status,
  round: z.number(),
  notBefore: Instant,
  until: Instant.optional(),
  reason: z.string().optional(),
  claimedAt: Instant.optional(),
  inbox: z.string().optional(),
  sentAt: Instant.optional(),
  sesMessageId: z.string().optional(),
  deliveredAt: Instant.optional(),
  bouncedAt: Instant.optional(),
  complainedAt: Instant.optional(),
  clickedAt: Instant.optional(),
  lastHitAt: Instant.optional(),
}

const MessageRow = z.object({
  customerId: z.string(),
  messageId: z.string(),
  ...lives,
  body: Packed,
  claim: Packed.optional(),
})

const Claimed = z.object({ links: z.array(z.string()), inputs: z.unknown() })

/** The row of a message: what its life changes outside, the plan inside. */
export function messageRow(message: Message): Record<string, unknown> {
  const { customerId, messageId, ...rest } = message
  const isLife = (name: string) => Object.hasOwn(lives, name)
  const outside = Object.entries(rest).filter(([name]) => isLife(name))
  const plan = Object.entries(rest).filter(([name]) => !isLife(name))
  const shard = Math.floor(fraction(messageId) * reportShards)
  return {
    customerId,
    messageId,
    ...Object.fromEntries(outside),
    reportShard: `${message.journey}#${shard}`,
    day: `${message.plannedAt.slice(0, 10)}#${messageId}`,
    body: pack(Object.fromEntries(plan)),
  }
}

/** What is kept when a message is claimed. */
export const packClaim = (claim: z.infer<typeof Claimed>): Uint8Array => pack(claim)

/** The message of a row, also of a row's image in the stream. Throws `row-too-new` or `row-unreadable`. */
export function messageOfRow(row: unknown): Message {
  const { body, claim, ...outside } = readRow(MessageRow, row, 'a row of Messages')
  const what = `the message ${outside.messageId} of ${outside.customerId}`
  const claimed = claim && readRow(Claimed, unpack(claim, what), what)
  return readPacked(
    Message,
    { body, outside: { ...outside, ...(claimed && { links: claimed.links }) } },
    what,
  )
}
