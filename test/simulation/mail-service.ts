/**
 * The mail service: takes a mail or not, says so or not, and tells later what became of it, if at all. What it
 * took is the truth the oracle goes by; what it said is all that `deliver` and `observe` have. Whether an error
 * means "surely not" is decided as `adapters/ses.ts` does (`test/adapters/ses.test.ts` proves that mapping).
 */
import { type Instant, plus } from '#core/time'
import type { Mail, Mailer, SendOutcome } from '#flow/port'
import { type Chance, chanceOf } from './chance.ts'
import type { Functions, Invocation } from './invocation.ts'

/** A mail that was taken. */
export interface Accepted {
  sesMessageId: string
  at: Instant
  mail: Mail
  messageId: string
  customerId: string
}

export interface MailServiceOptions {
  seed: number
  functions: Functions
  accepted: (accepted: Accepted, invocation: Invocation) => void
  /** A notice on its way to `observe`. */
  notice: (raw: unknown, delayMs: number) => void
  /** Whether this mailbox is gone at that time. */
  bounces: (address: string, at: Instant) => boolean
}

/** One request on the wire: whether the mail was taken, what was answered, and after how long. */
interface Wire {
  taken: boolean
  outcome: SendOutcome
  takenMs: number
  answeredMs: number
  /** An SDK left to itself would try again. */
  retryable: boolean
}

/** How often one send is tried on the wire: the SDK is told once. */
const wireAttempts = 1

const quota = { perDay: 50_000, sentLastDay: 0, perSecond: 14 }

export class MailService {
  private readonly options: MailServiceOptions
  private readonly chance: Chance
  private readonly mailboxes: Chance
  private readonly stoppedFromMs: number
  private readonly stoppedToMs: number
  readonly accepted: Accepted[] = []

  constructor(options: MailServiceOptions) {
    this.options = options
    const { scheduler, faults } = options.functions.runtime
    this.chance = chanceOf(options.seed, 'mail service')
    this.mailboxes = chanceOf(options.seed, 'mailboxes')
    const isStopped = this.chance.hit(0.15) && faults.mix.rejectedMail > 0
    this.stoppedFromMs = scheduler.nowMs() + this.chance.int(6, 100) * 3_600_000
    this.stoppedToMs = isStopped ? this.stoppedFromMs + this.chance.int(1, 8) * 3_600_000 : 0
  }

  mailerFor(invocation: Invocation): Mailer {
    return { quota: async () => quota, send: (mail) => this.send(mail, invocation) }
  }

  private wire(): Wire {
    const { chance } = this
    const { faults, scheduler } = this.options.functions.runtime
    const answeredMs = chance.hit(0.05) ? chance.int(300, 7900) : chance.int(5, 300)
    const at = { answeredMs, takenMs: chance.int(1, answeredMs) }
    const nowMs = scheduler.nowMs()
    if (nowMs >= this.stoppedFromMs && nowMs < this.stoppedToMs && !faults.healed)
      return {
        ...at,
        taken: false,
        outcome: { kind: 'stopped', error: 'SendingPausedException' },
        retryable: false,
      }
    if (faults.hit('throttledMail')) {
      const error = chance.pick(['TooManyRequestsException 429', 'ECONNREFUSED'])
      return { ...at, taken: false, outcome: { kind: 'not-sent', error }, retryable: true }
    }
    if (faults.hit('failedMail')) {
      const error = chance.pick(['InternalFailure 500', 'ECONNRESET', 'timeout'])
      const taken = chance.hit(0.5)
      const late = error === 'timeout' ? { answeredMs: 8000, takenMs: chance.int(1, 8000) } : at
      return { ...late, taken, outcome: { kind: 'ambiguous', error }, retryable: true }
    }
    if (faults.chance.hit(0.1) && faults.hit('rejectedMail'))
      return {
        ...at,
        taken: false,
        outcome: { kind: 'rejected', error: 'MessageRejected' },
        retryable: false,
      }
    return { ...at, taken: true, outcome: { kind: 'sent', sesMessageId: '' }, retryable: false }
  }

  private send(mail: Mail, invocation: Invocation): Promise<SendOutcome> {
    const { functions } = this.options
    const { scheduler, faults, witness } = functions.runtime
    const fate = faults.fate({ dangerous: true, changes: false })
    const who = `${invocation.step} ${invocation.id}`
    return new Promise((resolve) => {
      const attempt = (left: number) => {
        if (fate.kind === 'killed-before') return functions.kill(invocation, 'before its mail was sent')
        const wire = this.wire()
        if (wire.taken) {
          // On the wire already: it is taken whether or not its sender still lives.
          scheduler.after(wire.takenMs, () => {
            const sesMessageId = this.take(mail, invocation)
            if (wire.outcome.kind === 'sent') wire.outcome = { kind: 'sent', sesMessageId }
          })
        }
        functions.later(invocation, wire.answeredMs, () => {
          if (fate.kind === 'killed-after') return functions.kill(invocation, 'after its mail was sent')
          if (wire.retryable && left > 1) return attempt(left - 1)
          if (wire.outcome.kind !== 'sent') {
            invocation.struck += 1
            witness.count(`mail.${wire.outcome.kind}`)
            const { kind, error } = wire.outcome
            witness.tell(who, `the mail service answers ${kind} (${error})`)
          }
          resolve(wire.outcome)
        })
      }
      functions.later(invocation, 1, () => attempt(wireAttempts))
    })
  }

  private take(mail: Mail, invocation: Invocation): string {
    const { scheduler } = this.options.functions.runtime
    const sesMessageId = `ses-${this.accepted.length + 1}`
    const { messageId = '', customerId = '' } = mail.tags
    const taken: Accepted = { sesMessageId, at: scheduler.now(), mail, messageId, customerId }
    this.accepted.push(taken)
    this.options.accepted(taken, invocation)
    this.tellOf(taken)
    return sesMessageId
  }

  private tellOf({ sesMessageId, at, mail }: Accepted): void {
    const { mailboxes } = this
    const about = {
      timestamp: at,
      messageId: sesMessageId,
      destination: [mail.to],
      tags: Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]])),
    }
    this.publish({ eventType: 'Send', mail: about }, mailboxes.int(100, 3000))
    const arrivesMs = mailboxes.int(1000, 20_000)
    const timestamp = plus(at, arrivesMs)
    const feedbackId = `feedback-${sesMessageId}`
    if (this.options.bounces(mail.to, at)) {
      const bounce = { bounceType: 'Permanent', bounceSubType: 'General', timestamp, feedbackId }
      return this.publish({ eventType: 'Bounce', mail: about, bounce }, arrivesMs)
    }
    if (mailboxes.hit(0.03)) {
      const bounce = { bounceType: 'Transient', bounceSubType: 'MailboxFull', timestamp, feedbackId }
      return this.publish({ eventType: 'Bounce', mail: about, bounce }, arrivesMs)
    }
    this.publish({ eventType: 'Delivery', mail: about, delivery: { timestamp } }, arrivesMs)
    if (!mailboxes.hit(0.03)) return
    const complainedMs = mailboxes.int(60_000, 10 * 3_600_000)
    const complaint = { timestamp: plus(at, complainedMs), feedbackId }
    this.publish({ eventType: 'Complaint', mail: about, complaint }, complainedMs)
  }

  private publish(raw: unknown, afterMs: number): void {
    const { faults } = this.options.functions.runtime
    const { chance } = this
    const { witness } = this.options.functions.runtime
    if (faults.hit('noticeLost')) return witness.count('noticesLost')
    const lateMs = faults.hit('noticeLate') ? chance.int(1, 12) * 3_600_000 : 0
    this.options.notice(raw, afterMs + lateMs)
    if (!faults.hit('noticeTwice')) return
    witness.count('duplicates')
    this.options.notice(raw, afterMs + lateMs + chance.int(1000, 3_600_000))
  }
}
