/**
 * How a message stands in the table Messages: what never changes is deflated, what its life changes stands
 * outside, so that an arrow is one small update.
 *
 *     customerId, messageId   keys
 *     status, round           the life; the stream to `dispatch` is filtered by `status`
 *     notBefore, until, reason, claimedAt, inbox, sentAt, sesMessageId, deliveredAt, bouncedAt, complainedAt,
 *     clickedAt (first human click), lastHitAt (last click by whomever), clicks (raw count), openedAt,
 *     unsubscribedAt, answer (to its survey), orders (attributed to it: order id → what it brought)
 *     reportShard, day        the index `report`: `<journey>#<shard>`, `<day planned>#<messageId>`
 *     body                    the plan; once claimed also the render's inputs, the hash of
 *                             its compiled mail and where its links lead; deflated
 *
 * Read `adapters/dynamo-messages.ts` next.
 */
import * as z from 'zod'
import { fraction } from '#core/id'
import { Message, Status } from '#core/message'
import { Instant } from '#core/time'
import { Packed, pack, readPacked, readRow, schema, unpack } from './dynamo-row.ts'

/** The partition of the index `report`. */
export const reportShard = (journey: string, shard: number): string => `${journey}#${shard}`

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
  openedAt: Instant.optional(),
  unsubscribedAt: Instant.optional(),
  answer: Message.shape.answer,
  orders: Message.shape.orders,
}

const MessageRow = z.object({
  customerId: z.string(),
  messageId: z.string(),
  ...lives,
  body: Packed,
})

const isLife = (name: string) => Object.hasOwn(lives, name)

/** What of a message stands inside; `claimed`: with what it was rendered from, so that it can be shown again. */
export function packBody(
  message: Message,
  claimed: { links?: string[]; inputs?: unknown; mailHash?: string } = {},
): Uint8Array {
  const { customerId: _, messageId: __, links: ___, ...rest } = message
  const plan = Object.entries(rest).filter(([name]) => !isLife(name))
  return pack({ schema, ...Object.fromEntries(plan), ...claimed })
}

/**
 * The row of a message: what its life changes outside, the plan inside. A journey's messages lie on `reportShards`
 * partitions of the index, so that a campaign heats none of them.
 */
export function messageRow(message: Message, reportShards: number): Record<string, unknown> {
  const { customerId, messageId, links, ...rest } = message
  const outside = Object.entries(rest).filter(([name]) => isLife(name))
  const shard = Math.floor(fraction(messageId) * reportShards)
  return {
    customerId,
    messageId,
    ...Object.fromEntries(outside),
    reportShard: reportShard(message.journey, shard),
    day: `${message.plannedAt.slice(0, 10)}#${messageId}`,
    body: packBody(message, links && { links }),
  }
}

/** The message of a row, also of a row's image in the stream. Throws `row-too-new` or `row-unreadable`. */
export function messageOfRow(row: unknown): Message {
  const { body, ...outside } = readRow(MessageRow, row, 'a row of Messages')
  return readPacked(Message, { body, outside }, `the message ${outside.messageId} of ${outside.customerId}`)
}

const RenderedBody = z.object({ inputs: z.unknown(), mailHash: z.string() })

/** What the mail of a row was rendered from; undefined where that is not (or no longer) kept. */
export function renderedOfRow(row: unknown): { inputs: unknown; mailHash: string } | undefined {
  const { body, messageId } = readRow(MessageRow, row, 'a row of Messages')
  const read = RenderedBody.safeParse(unpack(body, `the message ${messageId}`))
  return read.success && read.data.inputs !== undefined ? read.data : undefined
}
