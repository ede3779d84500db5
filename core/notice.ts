/**
 * What the mail service tells about a mail (SES event publishing, as SNS carries it), read into the few kinds
 * that mean something here. Shapes: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.
 * Notices come late, twice and in any order; `flow/observe.ts` says what follows from one.
 */
import * as z from 'zod'
import { type Instant, toInstant, toMs } from './time.ts'

const Time = z
  .string()
  .refine((text) => !Number.isNaN(toMs(text)), 'not a time')
  .transform((text): Instant => toInstant(toMs(text)))

const Mail = z.object({
  timestamp: Time,
  messageId: z.string().min(1),
  destination: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.array(z.string())).default({}),
})

const Raw = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('Send'), mail: Mail }),
  z.object({ eventType: z.literal('Delivery'), mail: Mail, delivery: z.object({ timestamp: Time }) }),
  z.object({
    eventType: z.literal('Bounce'),
    mail: Mail,
    bounce: z.object({
      bounceType: z.string(),
      bounceSubType: z.string().default(''),
      timestamp: Time,
      feedbackId: z.string(),
    }),
  }),
  z.object({
    eventType: z.literal('Complaint'),
    mail: Mail,
    complaint: z.object({
      timestamp: Time,
      feedbackId: z.string(),
      complaintFeedbackType: z.string().nullish(),
    }),
  }),
  z.object({
    eventType: z.literal('Reject'),
    mail: Mail,
    reject: z.object({ reason: z.string().default('') }),
  }),
])

/** Kinds that mean nothing here: what they tell is known otherwise, or nothing follows from it. */
const ignored: ReadonlySet<string> = new Set([
  'DeliveryDelay',
  'Open',
  'Click',
  'Rendering Failure',
  'Subscription',
])

interface About {
  /** The service's own id of the mail, and when it took it. */
  sesMessageId: string
  sentAt: Instant
  /** Whom it was written to. */
  recipients: string[]
  /** Ours, by its tags; absent on a mail that no message of ours stands behind. */
  message?: { customerId: string; messageId: string }
}

export type Notice = About &
  (
    | { kind: 'sent' }
    | { kind: 'delivered'; at: Instant }
    | { kind: 'bounced'; at: Instant; id: string; weight: 'permanent' | 'soft' | 'content'; code: string }
    | { kind: 'complained'; at: Instant; id: string }
  )

/** Soft bounces that are the mail's fault, not the inbox's. */
const contentFaults: ReadonlySet<string> = new Set([
  'MessageTooLarge',
  'ContentRejected',
  'AttachmentRejected',
])

function weightOf(bounce: { bounceType: string; bounceSubType: string }): 'permanent' | 'soft' | 'content' {
  if (bounce.bounceType === 'Permanent') return 'permanent'
  return contentFaults.has(bounce.bounceSubType) ? 'content' : 'soft'
}

function aboutOf(mail: z.infer<typeof Mail>): About {
  const messageId = mail.tags.messageId?.[0]
  const customerId = mail.tags.customerId?.[0]
  return {
    sesMessageId: mail.messageId,
    sentAt: mail.timestamp,
    recipients: mail.destination.map((address) => /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address),
    ...(messageId !== undefined && customerId !== undefined && { message: { customerId, messageId } }),
  }
}

/**
 * Reads a notice. `ignored`: of a kind that means nothing here. `unreadable`: what is wrong with it.
 * @example readNotice({ eventType: 'Open' }) // { kind: 'ignored', what: 'Open' }
 */
export function readNotice(
  value: unknown,
): Notice | { kind: 'ignored'; what: string } | { kind: 'unreadable'; why: string } {
  const type = z.object({ eventType: z.string() }).safeParse(value)
  if (type.success && ignored.has(type.data.eventType)) return { kind: 'ignored', what: type.data.eventType }
  const read = Raw.safeParse(value)
  if (!read.success) return { kind: 'unreadable', why: z.prettifyError(read.error) }
  const about = aboutOf(read.data.mail)
  switch (read.data.eventType) {
    case 'Send':
      return { ...about, kind: 'sent' }
    case 'Delivery':
      return { ...about, kind: 'delivered', at: read.data.delivery.timestamp }
    case 'Bounce': {
      const { bounce } = read.data
      const code = `${bounce.bounceType}/${bounce.bounceSubType}`
      return {
        ...about,
        kind: 'bounced',
        at: bounce.timestamp,
        id: bounce.feedbackId,
        weight: weightOf(bounce),
        code,
      }
    }
    case 'Complaint': {
      const { complaint } = read.data
      if (complaint.complaintFeedbackType === 'not-spam') return { kind: 'ignored', what: 'not-spam' }
      return { ...about, kind: 'complained', at: complaint.timestamp, id: complaint.feedbackId }
    }
    case 'Reject': {
      // taken, found to be harmful, never delivered: the mail's fault
      const code = `Reject/${read.data.reject.reason}`
      return { ...about, kind: 'bounced', at: about.sentAt, id: about.sesMessageId, weight: 'content', code }
    }
  }
}
