/**
 * Track: what happens behind the links in mails. A click leads to where the mail's own link was stored to
 * lead, nowhere else, and becomes an event; an unsubscribe changes the inbox before it is answered, then
 * becomes an event. Reading a page changes nothing: machines follow links too.
 */
import { type Event, own, ownEvent } from '#core/event'
import { safeUrl } from '#core/fact'
import { Failed } from '#core/failed'
import {
  type AddressGate,
  type Chosen,
  choiceFor,
  choose,
  everyTopic,
  newAddressGate,
  newCustomerGate,
  withChoice,
} from '#core/gate'
import { isHuman } from '#core/human'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { type Link, readToken } from '#core/link'
import type { Message } from '#core/message'
import type { Settings } from '#core/settings'
import type { Instant } from '#core/time'
import { follow } from './identify.ts'
import type { Clock, EventLog, Gates, Keys, Log, Messages, Workspace } from './port.ts'

export interface TrackPorts {
  clock: Clock
  log: Log
  keys: Pick<Keys, 'linkKeys'>
  gates: Gates
  events: Pick<EventLog, 'record'>
  messages: Pick<Messages, 'load' | 'noteClick'>
  workspace: Pick<Workspace, 'live' | 'release'>
}

async function noteHit(
  ports: TrackPorts,
  message: Message,
  hit: { index: number; url: string; human: boolean },
) {
  const { customerId, messageId, journey, step, runId } = message
  const { index, url, human } = hit
  const now = ports.clock()
  await ports.messages.noteClick(customerId, messageId, { at: now, human })
  // once a link for people and once for machines: hits beyond that are in the row's count only
  const cause = derive('e', messageId, 'clicked', index, human ? 'human' : 'machine')
  const properties = { messageId, journey, step, runId, human, link: index, url }
  await ports.events.record(ownEvent(own.clicked, { customerId, cause, now, properties }), [])
}

/**
 * Where a click leads; undefined: the token is none of ours, or the mail has no such link. A look (`HEAD`)
 * records nothing. What could not be recorded is logged, she is sent on all the same.
 */
export async function click(
  ports: TrackPorts,
  hit: { token: string; userAgent: string | undefined; look: boolean },
): Promise<string | undefined> {
  const link = readToken(hit.token, 'click', await ports.keys.linkKeys())
  const message = link && (await ports.messages.load(link.customerId, link.messageId))
  const url = link && safeUrl(message?.links?.[link.index])
  if (link === undefined || message === undefined || url === undefined) return undefined
  if (hit.look) return url
  const human = isHuman({ at: ports.clock(), userAgent: hit.userAgent }, message)
  try {
    await noteHit(ports, message, { index: link.index, url, human })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    ports.log({
      level: 'error',
      step: 'track',
      event: 'click-lost',
      messageId: message.messageId,
      error: words,
    })
  }
  return url
}

/** What the unsubscribe page shows. */
export interface Unsubscribing {
  shop: Settings['shop']
  /** The shop's locale: what is spoken where the browser asks for nothing we have. */
  locale: string
  /** The topic of the mail she came from, with its names by locale; absent when it is no longer declared. */
  topic?: { id: string; names: Record<string, string> }
}

interface Known {
  link: Link
  message: Message | undefined
  page: Unsubscribing
}

async function know(ports: TrackPorts, token: string): Promise<Known | undefined> {
  const link = readToken(token, 'unsubscribe', await ports.keys.linkKeys())
  if (link === undefined) return undefined
  const [message, live] = await Promise.all([
    ports.messages.load(link.customerId, link.messageId),
    ports.workspace.live(),
  ])
  const release = live && (await ports.workspace.release(live.release))
  if (release === undefined)
    throw new Failed({
      code: 'nothing-published',
      message: 'nothing is published on this stage; publish first',
      retryable: true,
    })
  const { shop, locale, topics } = release.settings
  const id = message && release.journeys[message.journey]?.journey.topic
  const names = id === undefined ? undefined : topics[id]?.name
  return { link, message, page: { shop, locale, ...(id && names && { topic: { id, names } }) } }
}

/** What the page of an unsubscribe link shows; undefined: the token is none of ours. Changes nothing. */
export const lookAtUnsubscribing = async (
  ports: TrackPorts,
  token: string,
): Promise<Unsubscribing | undefined> => (await know(ports, token))?.page

interface No {
  customerId: string
  topics: string[] | undefined
  at: Instant
}

/** When the no that holds for all of `topics` was said; undefined: there is none, or a yes came after it. */
function standingNo(gate: AddressGate, topics: string[] | undefined): Instant | undefined {
  const topic = topics?.[0] ?? everyTopic
  const no = gate.consent[topic]
  if (no === undefined || no.given) return undefined
  const concerned = topics ?? Object.keys(gate.consent)
  return concerned.every((one) => choiceFor(gate, one) === false) ? no.at : undefined
}

/** Says no on an inbox. Answers when the no that now stands was said: an earlier one is left as it is. */
async function withdraw(gates: Gates, hash: string, no: Omit<No, 'customerId'>): Promise<Instant> {
  const chosen: Chosen = { given: false, source: 'unsubscribe', topics: no.topics, at: no.at }
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const gate = (await gates.address(hash)) ?? newAddressGate()
    const before = standingNo(gate, no.topics)
    if (before !== undefined) return before
    if ((await gates.putAddress(hash, withChoice(gate, chosen))) === 'stored') return no.at
  }
  throw new Failed({ code: 'contended', message: 'the inbox is being changed by others', retryable: true })
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
  const known = await know(ports, asked.token)
  if (known === undefined) return undefined
  const { topic } = known.page
  const from = topic === undefined ? 'all' : asked.from
  const topics = topic !== undefined && from === 'topic' ? [topic.id] : undefined
  const now = ports.clock()
  const { customerId, gate } = await follow(ports.gates, known.link.customerId)
  const hash = known.message?.inbox ?? gate.inbox?.hash
  const no = { customerId, topics, at: now }
  if (hash === undefined) await waitForInbox(ports, eventOfNo(known, no), no)
  else {
    const at = await withdraw(ports.gates, hash, no)
    await ports.events.record(eventOfNo(known, { ...no, at }), [])
  }
  return { ...known.page, from }
}
