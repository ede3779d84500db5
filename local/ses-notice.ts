/**
 * What becomes of an accepted mail, and the notices SES publishes about it, in its documented event-publishing
 * form: mailbox-simulator addresses and the account's suppression list decide. Pure.
 */
import { randomUUID } from 'node:crypto'
import { bareAddress } from './ses-request.ts'

/** The fate of one recipient. */
export type Fate = 'delivered' | 'bounced' | 'bounced softly' | 'complained' | 'suppressed'

export type NoticeType = 'Send' | 'Delivery' | 'Bounce' | 'Complaint'
export type Notice = { type: NoticeType; body: Record<string, unknown> }

export type SentMail = {
  id: string
  at: string
  from: string
  to: string[]
  recipients: string[]
  subject: string
  headers: [string, string][]
  tags: Record<string, string>
  configurationSet: string | undefined
  accountId: string
  identityArn: string
}

const SIMULATOR = 'simulator.amazonses.com'

// `softbounce` is ours: SES's simulator has no address for a full mailbox, and five of those must be testable.
const simulated: Record<string, Fate> = {
  bounce: 'bounced',
  softbounce: 'bounced softly',
  complaint: 'complained',
  suppressionlist: 'suppressed',
}

/** What becomes of mail to this address. `suppressed` answers for the account's own list. */
export function fateOf(address: string, suppressed: (address: string) => boolean): Fate {
  const [local = '', domain = ''] = address.toLowerCase().split('@')
  if (domain === SIMULATOR) return simulated[local.split('+')[0] ?? ''] ?? 'delivered'
  return suppressed(address) ? 'suppressed' : 'delivered'
}

/** The notices of one mail in the order SES sends them. */
export function noticesOf(mail: SentMail, fates: Map<string, Fate>): Notice[] {
  const common = { mail: describe(mail) }
  const notices: Notice[] = [{ type: 'Send', body: { eventType: 'Send', ...common, send: {} } }]
  for (const [address, fate] of fates) {
    if (fate === 'delivered' || fate === 'complained') notices.push(delivery(mail, address, common))
    if (fate === 'complained') notices.push(complaint(mail, address, common))
    if (fate === 'bounced' || fate === 'bounced softly' || fate === 'suppressed') {
      notices.push({
        type: 'Bounce',
        body: { eventType: 'Bounce', bounce: bounce(mail, address, fate), ...common },
      })
    }
  }
  return notices
}

function delivery(mail: SentMail, address: string, common: object): Notice {
  const body = {
    eventType: 'Delivery',
    ...common,
    delivery: {
      timestamp: mail.at,
      processingTimeMillis: 500,
      recipients: [address],
      smtpResponse: '250 2.6.0 Message received',
      reportingMTA: 'a8-70.smtp-out.amazonses.com',
    },
  }
  return { type: 'Delivery', body }
}

function complaint(mail: SentMail, address: string, common: object): Notice {
  const body = {
    eventType: 'Complaint',
    complaint: {
      complainedRecipients: [{ emailAddress: address }],
      timestamp: mail.at,
      feedbackId: randomUUID(),
      complaintSubType: null,
      userAgent: 'Amazon SES Mailbox Simulator',
      complaintFeedbackType: 'abuse',
      arrivalDate: mail.at,
    },
    ...common,
  }
  return { type: 'Complaint', body }
}

const bounceKinds = {
  bounced: { type: 'Permanent', subType: 'General', status: '5.1.1', code: 'smtp; 550 5.1.1 user unknown' },
  'bounced softly': {
    type: 'Transient',
    subType: 'MailboxFull',
    status: '4.2.2',
    code: 'smtp; 452 4.2.2 mailbox full',
  },
  suppressed: {
    type: 'Permanent',
    subType: 'OnAccountSuppressionList',
    status: '5.1.1',
    code: 'Amazon SES did not send the message to this address because it is on the suppression list.',
  },
} as const

function bounce(mail: SentMail, address: string, fate: keyof typeof bounceKinds) {
  const kind = bounceKinds[fate]
  return {
    bounceType: kind.type,
    bounceSubType: kind.subType,
    bouncedRecipients: [
      { emailAddress: address, action: 'failed', status: kind.status, diagnosticCode: kind.code },
    ],
    timestamp: mail.at,
    feedbackId: randomUUID(),
    reportingMTA: 'dns; a8-70.smtp-out.amazonses.com',
  }
}

function describe(mail: SentMail) {
  const own = Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]]))
  return {
    timestamp: mail.at,
    source: mail.from,
    sourceArn: mail.identityArn,
    sendingAccountId: mail.accountId,
    messageId: mail.id,
    destination: mail.recipients,
    headersTruncated: false,
    headers: mail.headers.map(([name, value]) => ({ name, value })),
    commonHeaders: { from: [mail.from], to: mail.to, messageId: mail.id, subject: mail.subject },
    tags: {
      'ses:source-tls-version': ['TLSv1.3'],
      'ses:operation': ['SendEmail'],
      ...(mail.configurationSet === undefined ? {} : { 'ses:configuration-set': [mail.configurationSet] }),
      'ses:source-ip': ['127.0.0.1'],
      'ses:from-domain': [bareAddress(mail.from).split('@')[1] ?? ''],
      'ses:caller-identity': ['local'],
      ...own,
    },
  }
}
