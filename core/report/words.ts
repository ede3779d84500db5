/**
 * The words of a report: what each figure of the shop means and whose definition it is, and a reason as it holds
 * of many messages at once. `npm run report -- --explain` prints them; `docs/report.md` says more.
 */
import { type ReasonCode, reason, reasonCodes } from '#core/reason'

/** Sentences of reasons that name details of one message, said of many. */
const ofMany: Partial<Record<ReasonCode, string>> = {
  cap: 'the frequency cap was reached: she gets no more mails in so few days',
  'quiet-hours': 'it was night where she lives',
  'no-consent': 'no consent to its topic is recorded',
  unsubscribed: 'she unsubscribed from its topic',
  suppressed: 'the address bounced or complained before',
  ordered: 'she ordered before it went out',
  'exit-condition': 'what its journey ends by came true',
  'subject-gone': 'what it was about is no longer there',
  quota: "the day's quota of the mail service is nearly spent",
  'warm-up': "the warm-up's ceiling of the day is reached",
  'no-orders': 'no order has arrived for longer than is usual: reminders wait',
  rejected: 'the mail service will never take it',
  'not-sent': 'surely not sent; planned again',
  'mail-broken': 'the mail could not be rendered',
}

const isCode = (code: string): code is ReasonCode => (reasonCodes as string[]).includes(code)

/** A reason's sentence; a code that this build does not know stands for itself. */
export const sentenceOf = (code: string): string =>
  isCode(code) ? (ofMany[code] ?? reason(code).explanation) : code

/** What the figures mean. */
export const definitions: Readonly<Record<string, string>> = {
  planned: 'Messages that a journey decided to send on that UTC day. All other figures are about these.',
  sent: 'Accepted by the mail service, once and for ever.',
  delivered: "Taken by the recipient's mail server.",
  clicked: 'Messages that a human clicked in, once or more. Scanners of mail are not counted.',
  opened:
    'Messages whose pixel was fetched, of those who allowed it. Apple and Google fetch by themselves: never compare it.',
  'orders, revenue':
    'Orders within 5 days after a human click, each of the last mail clicked (last touch); refunds and cancellations taken out.',
  unsubscribed: 'Messages by whose links she unsubscribed or chose less.',
  'carts left':
    'Of carts begun (filled from empty) in the 30 days before yesterday, the share not ordered within 24 hours. Baymard Institute: sessions that put something in the cart and did not complete the purchase.',
  reminded: 'Of those carts, how many a mail went out about.',
  recovered: 'Of the reminded ones, how many were ordered after a human click in such a mail.',
  'came back': 'Of customers with at least one order, the share with two or more (repeat customer rate).',
  NPS: 'Promoters (9, 10) less detractors (0 to 6), in percent of answers (Reichheld 2003), with the interval that holds the true value in 95 of 100 such samples (adjusted Wald, Rocks 2016).',
  CES: 'Mean of how easy it was, 1 (hard) to 5 (easy), with its 95 % interval.',
}
