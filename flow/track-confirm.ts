/**
 * Double opt-in: her second yes, by the button of a page that only her inbox could lead to. The inbox says yes
 * first, for the topics she asked for, then it becomes the event `Consent Given`. See `flow/track-known.ts`.
 */
import { ownEvent } from '#core/event'
import { factOf } from '#core/fact'
import { type AddressGate, type Chosen, choiceFor, everyTopic, opensTopic, withChoice } from '#core/gate'
import { derive } from '#core/id'
import type { Instant } from '#core/time'
import {
  changeInbox,
  fromMail,
  type Known,
  know,
  readerOf,
  type Shown,
  type TrackPorts,
} from './track-known.ts'

const source = 'double opt-in'

/** The page of a confirming link; undefined: the token is none of ours, or she is gone. Changes nothing. */
export async function lookAtConfirming(ports: TrackPorts, token: string): Promise<Shown | undefined> {
  const known = await know(ports, token, 'confirm')
  const reader = known?.message && (await readerOf(ports, known))
  return reader === undefined ? undefined : known?.shown
}

/** The topics she asked for; undefined: all. */
function topicsOf({ message, release }: Known): readonly string[] | undefined {
  const properties = message?.event?.properties ?? {}
  const fact = factOf({ type: 'track', name: 'Consent Given', properties }, release.settings.currency)
  return fact.kind === 'consent' ? fact.topics : undefined
}

/** When the yes that stands for all of the topics was confirmed; undefined: it does not stand for each of them. */
function standingYes(inbox: AddressGate, topics: readonly string[] | undefined): Instant | undefined {
  const chosen = Object.keys(inbox.consent).filter((topic) => topic !== opensTopic)
  const wanted = topics ?? [everyTopic, ...chosen]
  const yes = inbox.consent[wanted[0] ?? everyTopic]
  const stands = wanted.every((topic) => choiceFor(inbox, topic) === true)
  return stands && yes?.source === source ? yes.at : undefined
}

/**
 * Confirms; `worded`: the words that stood before her, kept as proof. Repeating it is safe. Undefined: the
 * token is none of ours, or she is gone.
 */
export async function confirmConsent(
  ports: TrackPorts,
  asked: { token: string; worded: (shown: Shown) => string },
): Promise<Shown | undefined> {
  const known = await know(ports, asked.token, 'confirm')
  const reader = known?.message && (await readerOf(ports, known))
  if (known === undefined || reader === undefined) return undefined
  const topics = topicsOf(known)
  const text = asked.worded(known.shown)
  const now = ports.clock()
  let at = now
  await changeInbox(ports.gates, reader.hash, (inbox) => {
    const before = standingYes(inbox, topics)
    at = before ?? now
    const yes: Chosen = { given: true, topics, at: now, source, text }
    return before === undefined ? withChoice(inbox, yes) : undefined
  })
  const properties = { ...(topics && { topics }), source, text, ...fromMail(known) }
  const cause = derive('e', known.link.messageId, 'confirmed', at)
  const of = { customerId: reader.customerId, cause, now: at, properties }
  await ports.events.record(ownEvent('Consent Given', of), [])
  return known.shown
}
