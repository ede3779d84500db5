/**
 * The unsubscribe page, and the one click of mail programs (RFC 8058): the inbox says no before it is answered,
 * then it becomes an event and is noted on the mail. Repeating it is safe. See `flow/track-known.ts`.
 */
import { type Event, ownEvent } from '#core/event'
import { Failed } from '#core/failed'
import {
  type AddressGate,
  type Chosen,
  choiceFor,
  choose,
  everyTopic,
  newCustomerGate,
  noAt,
  refusedBefore,
  withChoice,
} from '#core/gate'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { topicOf } from '#core/program'
import type { Instant } from '#core/time'
import { follow } from './identify.ts'
import type { Gates } from './port.ts'
import { changeInbox, type Known, know, type Shown, type TrackPorts } from './track-known.ts'

/** What the unsubscribe page shows. */
export interface Unsubscribing extends Shown {
  /** The topic of the mail she came from, with its names by locale; absent when it is of kind service, or gone. */
  topic?: { id: string; names: Record<string, string> }
}

function pageOf({ message, release, shown }: Known): Unsubscribing {
  const journey = message && release.journeys[message.journey]
  const id = journey && topicOf(journey, message.step)
  const topic = id === undefined ? undefined : release.settings.topics[id]
  // service mail is not stopped by topic: what is left to stop is marketing
  const names = topic?.kind === 'marketing' ? topic.name : undefined
  return { ...shown, ...(id && names && { topic: { id, names } }) }
}

/** What the page of an unsubscribe link shows; undefined: the token is none of ours. Changes nothing. */
export async function lookAtUnsubscribing(
  ports: TrackPorts,
  token: string,
): Promise<Unsubscribing | undefined> {
  const known = await know(ports, token, 'unsubscribe')
  return known && pageOf(known)
}

interface No {
  customerId: string
  topics: string[] | undefined
  at: Instant
}

/** When the no that was just said for all of `topics` was; undefined: it was not, or a yes came after it. */
function sameNo(gate: AddressGate, { topics, at }: Omit<No, 'customerId'>): Instant | undefined {
  const topic = topics?.[0] ?? everyTopic
  const no = gate.consent[topic]
  if (no === undefined || no.given || refusedBefore(gate, topic, at)) return undefined
  const concerned = topics ?? Object.keys(gate.consent)
  return concerned.every((one) => choiceFor(gate, one) === false) ? no.at : undefined
}

/** Says no on an inbox. Answers when the no that now stands was said: the same one is left as it is. */
async function withdraw(gates: Gates, hash: string, no: Omit<No, 'customerId'>): Promise<Instant> {
  let at = no.at
  await changeInbox(gates, hash, (inbox) => {
    const before = sameNo(inbox, no)
    at = before ?? noAt(inbox, no.at)
    const chosen: Chosen = { given: false, source: 'unsubscribe', topics: no.topics, at }
    return before === undefined ? withChoice(inbox, chosen) : undefined
  })
  return at
}

/** The event of a no; its id holds when it was said, so that saying it again is the same event. */
function eventOfNo(known: Known, { customerId, topics, at }: No): Event {
  const { messageId, journey, step } = known.message ?? { messageId: known.link.messageId }
  const properties = {
    ...(topics && { topics }),
    source: 'unsubscribe',
    messageId,
    ...(journey !== undefined && { journey, step }),
  }
  const cause = derive('e', messageId, 'unsubscribed', topics?.[0] ?? everyTopic, at)
  return ownEvent('Consent Withdrawn', { customerId, cause, now: at, properties })
}

/** The no of someone whose inbox is not known: it waits on her own gate, in one transaction with its event. */
async function waitForInbox(ports: TrackPorts, event: Event, no: No): Promise<void> {
  const chosen: Chosen = { given: false, source: 'unsubscribe', topics: no.topics, at: no.at }
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const gate = (await ports.gates.customer(no.customerId)) ?? newCustomerGate()
    const next = { ...gate, pending: choose(gate.pending ?? {}, chosen) }
    const beside = { kind: 'customer' as const, customerId: no.customerId, gate: next }
    if ((await ports.events.record(event, [beside])) !== 'changed') return
  }
  throw new Failed({ code: 'contended', message: 'her gate is being changed by others', retryable: true })
}

/**
 * Unsubscribes the inbox a mail went to, from the mail's topic or from all mail; the inbox first, then the
 * event. Repeating it is safe. Undefined: the token is none of ours.
 */
export async function unsubscribe(
  ports: TrackPorts,
  asked: { token: string; from: 'topic' | 'all' },
): Promise<(Unsubscribing & { from: 'topic' | 'all' }) | undefined> {
  const known = await know(ports, asked.token, 'unsubscribe')
  if (known === undefined) return undefined
  const page = pageOf(known)
  const { topic } = page
  const from = topic === undefined ? 'all' : asked.from
  const topics = topic !== undefined && from === 'topic' ? [topic.id] : undefined
  const { link } = known
  const now = ports.clock()
  const { customerId, gate } = await follow(ports.gates, link.customerId)
  const hash = known.message?.inbox ?? gate.inbox?.hash
  // nothing is written to her any more, and nothing is kept of it
  if (gate.erased === true) return { ...page, from }
  const no = { customerId, topics, at: now }
  if (hash === undefined) await waitForInbox(ports, eventOfNo(known, no), no)
  else {
    const at = await withdraw(ports.gates, hash, no)
    await ports.events.record(eventOfNo(known, { ...no, at }), [])
  }
  await ports.messages.note(link.customerId, link.messageId, { unsubscribedAt: now })
  return { ...page, from }
}
