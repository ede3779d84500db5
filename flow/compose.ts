/**
 * Compose: a claimed-to-be message as a mail, made of what is true now: her cart and profile, the live
 * release's words, links of her own. Used by `deliver`, and by whatever shows the same mail again
 * (`flow/track-online.ts`), so that preview, test send and real send are one.
 */

import type { Message } from '#core/message'
import { type Linking, linkTo, ownLinks } from '#core/own-links'
import { mailView } from '#core/present'
import type { ReleasedJourney } from '#core/release'
import type { Settings } from '#core/settings'
import type { State } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { missingFrom, type RenderedMail, renderMail } from '#core/template/render'
import type { Instant } from '#core/time'
import type { View } from '#core/view'
import type { Mail } from './port.ts'

/** What of the stage a mail carries. */
export interface Sender extends Linking {
  /** The mailbox mails come from: an address, a display name before it if the stage has one. */
  from: string
  /** What stands under every mail. */
  postalAddress: string
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
  /** Whether she lets us see that she opens our mails; absent: no. */
  opens?: boolean
}

/**
 * A compiled mail with the shop's pages led to by way of our click links; `links`: those pages by index. The same
 * mail, view and keys give the same bytes, which is what "view online" rests on.
 */
export function renderLinked(
  compiled: CompiledMail,
  view: View,
  of: Pick<Message, 'customerId' | 'messageId'> & Linking,
): RenderedMail & { links: string[] } {
  const links: string[] = []
  const ours = Object.values(view.links)
  const link = (url: string): string => {
    if (ours.some((one) => url === one || url.startsWith(`${one}?`))) return url
    const known = links.indexOf(url)
    const index = known < 0 ? links.push(url) - 1 : known
    return linkTo(of, 'click', { ...of, index })
  }
  // The view's locale is hers, else the shop's when it was made.
  const rendered = renderMail(compiled, view, { locale: view.customer.locale ?? compiled.fallback, link })
  return { ...rendered, links }
}

/** The mailbox under another display name. What could end a name, or look like an address of its own, is left out. */
function mailboxNamed(name: string, mailbox: string): string {
  const shown = name.replace(/["\\<>]/g, '').trim()
  const address = /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox
  return shown === '' ? mailbox : `"${shown}" <${address}>`
}

/** The HTML with a picture of one invisible point at its end. */
function withPixel(html: string, url: string): string {
  const pixel = `<img src="${url}" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">`
  const end = html.lastIndexOf('</body>')
  return end < 0 ? html + pixel : html.slice(0, end) + pixel + html.slice(end)
}

/** Renders a message. Throws what the renderer throws: a mail that is too large, a broken template. */
export function compose(of: Subject): Composition {
  const { message, journey, settings, state, compiled, sender, now } = of
  const { customerId, messageId, event, runId } = message
  const answer = state.runs.find((run) => run.runId === runId)?.answer
  const links = ownLinks({ customerId, messageId, event, state }, sender)
  const view = mailView(state, {
    settings,
    journey: { id: journey.id, name: journey.journey.name },
    step: message.step,
    event,
    ...(answer !== undefined && { answer }),
    ...('points' in journey.journey.enter && { reached: Number(message.key) }),
    links,
    postalAddress: sender.postalAddress,
    now,
  })
  const missing = missingFrom(compiled, view)
  if (missing.length > 0) return { missing }
  // Her links are hers: what the shop's people click is no click of hers, and they cannot unsubscribe her.
  const toShop = message.to === 'shop'
  const rendered = toShop
    ? { ...renderMail(compiled, view, { locale: settings.locale }), links: [] }
    : renderLinked(compiled, view, { ...message, ...sender })
  const { subject, html, text, links: pages } = rendered
  const measured = settings.measureOpens && of.opens === true && !toShop
  const mail: Mail = {
    to: of.address,
    from: rendered.from === undefined ? sender.from : mailboxNamed(rendered.from, sender.from),
    subject,
    html: measured ? withPixel(html, linkTo(message, 'open', sender)) : html,
    text,
    headers: toShop
      ? {}
      : {
          'List-Unsubscribe': `<${links.unsubscribe}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
    tags: {
      messageId: message.messageId,
      customerId: message.customerId,
      journey: message.journey,
      step: message.step,
    },
  }
  return { mail, inputs: view, links: pages }
}
