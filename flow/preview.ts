/**
 * Preview: a mail as a sample customer would see it, made by the composer of real mails (`tryOn`), and whether she
 * would get it at all, judged as every mail is before it goes out. Nothing is sent or written.
 */

import { judge } from '#core/claim'
import { fieldOf } from '#core/condition'
import { newAddressGate, newCustomerGate, withChoice } from '#core/gate'
import { entryByEvent, mailsToShop } from '#core/journey'
import type { Message } from '#core/message'
import { fieldsOf } from '#core/present'
import type { Reason } from '#core/reason'
import { type Sample, sampleOf } from '#core/sample'
import type { SamplePerson } from '#core/sample/people'
import type { Settings } from '#core/settings'
import type { Run } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { type Instant, plus } from '#core/time'
import { localeOf } from '#core/traits'
import { bytesOf, type Chosen, localesOf, tryOn } from './send-test.ts'

export interface PreviewAsked {
  chosen: Chosen
  compiled: CompiledMail
  settings: Settings
  person: SamplePerson
  /** Instead of hers. */
  locale?: string | undefined
  /** Where the pictures of sample wares lie. */
  pictures: string
  now: Instant
}

export interface Preview {
  locale: string
  /** Those it is written in. */
  locales: string[]
  subject: string
  html: string
  text: string
  /** Of the HTML as it would be sent, with links of ours in place of the shop's. */
  sentBytes: number
  /** What the mail cannot do without that is not there for her: then it is empty, and never sent. */
  missing: string[]
  /** Why she would get no such mail. */
  withheld?: Reason
}

/** The signature of links that lead nowhere. */
const sender = {
  from: 'preview@shop.example',
  linkBaseUrl: 'https://links.shop.example',
  postalAddress: '12 Mill Lane, 10115 Berlin',
  linkKeys: { '0': 'of no mail that was ever sent' },
}

function runOf(message: Message, key: string): Run {
  const { runId, journey, runStartedAt: at } = message
  return { runId, journey, key, release: 0, startedAt: at, touchedAt: at, eventId: '', position: 0 }
}

/** Why the mail would be skipped; that it might wait for a better hour is of no interest here. */
function withheldFrom(sample: Sample, message: Message, asked: PreviewAsked): Reason | undefined {
  const { chosen, settings, person, now } = asked
  const { journey } = chosen
  const key = entryByEvent(journey.journey.enter)?.key
  const fields = fieldsOf(sample.state, { settings, event: sample.event })
  const run = runOf(message, key === undefined ? '' : String(fieldOf(fields, key) ?? ''))
  const choice = { given: person.unsubscribed !== true, topics: undefined, at: plus(now, -60_000) }
  const toShop = mailsToShop(journey.journey.steps).has(chosen.mail)
  const verdict = judge({
    message: toShop ? { ...message, to: 'shop' } : message,
    ...{ journey, settings, state: { ...sample.state, runs: [run] }, now },
    ...{ address: sender.from, gate: withChoice(newAddressGate(), choice), person: newCustomerGate() },
    ...{ paused: [], allowList: ['*'] },
  })
  return verdict.to === 'SKIPPED' || verdict.to === 'EXPIRED' ? verdict.reason : undefined
}

/** The mail as `person` would see it. Throws what the renderer throws: a mail that is too large. */
export function previewMail(asked: PreviewAsked): Preview {
  const { chosen, compiled, settings, now } = asked
  const sample = sampleOf(chosen.journey, asked)
  const locale = asked.locale ?? localeOf(sample.state, settings.locale)
  const trial = { ...sample, settings, compiled, locale, sender, address: sender.from, now }
  const { message, shown, sent } = tryOn(chosen, trial)
  const withheld = withheldFrom(sample, message, asked)
  const about = { locale, locales: localesOf(compiled), ...(withheld && { withheld }) }
  if ('missing' in shown || 'missing' in sent) {
    const missing = 'missing' in shown ? shown.missing : []
    return { ...about, subject: '', html: '', text: '', sentBytes: 0, missing }
  }
  const { subject, html, text } = shown.mail
  return { ...about, subject, html, text, sentBytes: bytesOf(sent.mail.html), missing: [] }
}
