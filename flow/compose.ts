/**
 * Compose: a claimed-to-be message as a mail, made of what is true now: her cart and profile, the live
 * release's words, links of her own. Used by `deliver`, and by whatever shows the same mail again, so that
 * preview, test send and real send are one.
 */

import { makeToken } from '#core/link'
import type { Message } from '#core/message'
import { mailView } from '#core/present'
import type { ReleasedJourney } from '#core/release'
import type { Settings } from '#core/settings'
import type { State } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { missingFrom, renderMail } from '#core/template/render'
import type { Instant } from '#core/time'
import { localeOf } from '#core/traits'
import type { View } from '#core/view'
import type { Mail } from './port.ts'

/** What of the stage a mail carries. */
export interface Sender {
  /** The mailbox mails come from: an address, a display name before it if the stage has one. */
  from: string
  /** Where our links lead, without a trailing slash. */
  linkBaseUrl: string
  /** What stands under every mail. */
  postalAddress: string
  /** Link-signing keys by version. */
  linkKeys: Record<string, string>
}

export interface Composed {
  mail: Mail
  /** What it was rendered from: enough to show it again. */
  inputs: View
  /** The shop's pages it leads to, by index. */
  links: string[]
}

/** The mail, or the fields it cannot do without that are no longer there. */
export type Composition = Composed | { missing: string[] }

export interface Subject {
  message: Message
  journey: ReleasedJourney
  settings: Settings
  state: State
  compiled: CompiledMail
  address: string
  sender: Sender
  now: Instant
}

/** Renders a message. Throws what the renderer throws: a mail that is too large, a broken template. */
export function compose(of: Subject): Composition {
  const { message, journey, settings, state, compiled, sender, now } = of
  const token = (purpose: 'click' | 'unsubscribe', index = 0) =>
    makeToken(
      { purpose, customerId: message.customerId, messageId: message.messageId, index },
      sender.linkKeys,
    )
  const unsubscribe = `${sender.linkBaseUrl}/u/${token('unsubscribe')}`
  const view = mailView(state, {
    settings,
    journey: { id: journey.id, name: journey.journey.name },
    step: message.step,
    event: message.event,
    links: { unsubscribe, preferences: unsubscribe },
    postalAddress: sender.postalAddress,
    now,
  })
  const missing = missingFrom(compiled, view)
  if (missing.length > 0) return { missing }
  const links: string[] = []
  const link = (url: string): string => {
    const known = links.indexOf(url)
    const index = known < 0 ? links.push(url) - 1 : known
    return `${sender.linkBaseUrl}/c/${token('click', index)}`
  }
  const { subject, html, text } = renderMail(compiled, view, {
    locale: localeOf(state, settings.locale),
    link,
  })
  const mail: Mail = {
    to: of.address,
    from: sender.from,
    subject,
    html,
    text,
    headers: {
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    tags: {
      messageId: message.messageId,
      customerId: message.customerId,
      journey: message.journey,
      step: message.step,
    },
  }
  return { mail, inputs: view, links }
}
