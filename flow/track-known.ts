/**
 * What all public pages begin with: the token read, the message it names, the live release they speak by, and
 * the inbox that the mail went to. Tokens that are none of ours, and people who were erased, are unknown.
 */
import type { Brand } from '#core/brand'
import { Failed } from '#core/failed'
import { type AddressGate, newAddressGate } from '#core/gate'
import { limits } from '#core/limits'
import { type Link, type Purpose, readToken } from '#core/link'
import type { Message } from '#core/message'
import type { Release } from '#core/release'
import type { Settings } from '#core/settings'
import { follow } from './identify.ts'
import type { Clock, Customers, EventLog, Gates, Keys, Log, Messages, Workspace } from './port.ts'

export interface TrackPorts {
  clock: Clock
  log: Log
  keys: Pick<Keys, 'linkKeys'>
  gates: Gates
  events: Pick<EventLog, 'record'>
  customers: Pick<Customers, 'load'>
  messages: Pick<Messages, 'load' | 'noteClick' | 'note' | 'inputs'>
  workspace: Pick<Workspace, 'live' | 'release' | 'mail'>
  stage: { readonly linkBaseUrl: string }
}

/** What every page shows. */
export interface Shown {
  shop: Settings['shop']
  /** The shop's locale: what is spoken where the browser asks for nothing we have. */
  locale: string
  /** How the shop's pages look. */
  brand: Brand | undefined
}

/** What a token of ours leads to. */
export interface Known {
  link: Link
  /** Absent where the row is gone. */
  message: Message | undefined
  release: Release
  shown: Shown
}

/** What a token names; undefined: it was not made by us, or not for this purpose. Changes nothing. */
export async function know(ports: TrackPorts, token: string, purpose: Purpose): Promise<Known | undefined> {
  const link = readToken(token, purpose, await ports.keys.linkKeys())
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
  const { shop, locale } = release.settings
  return { link, message, release, shown: { shop, locale, brand: release.brand } }
}

/** Who the reader of a mail is now, and the inbox it went to. */
export interface Reader {
  customerId: string
  hash: string
  inbox: AddressGate
}

/** The reader; undefined: she was erased, or no inbox of hers is known. */
export async function readerOf(ports: TrackPorts, known: Known): Promise<Reader | undefined> {
  const { customerId, gate } = await follow(ports.gates, known.link.customerId)
  const hash = known.message?.inbox ?? gate.inbox?.hash
  if (gate.erased === true || hash === undefined) return undefined
  const inbox = (await ports.gates.address(hash)) ?? newAddressGate()
  return inbox.erased === true ? undefined : { customerId, hash, inbox }
}

/**
 * Changes an inbox under its version; `change` answers undefined where nothing is to be changed, and is not asked
 * about one that was erased. Answers the inbox as it stands then. Throws `Failed` when others keep changing it.
 */
export async function changeInbox(
  gates: Gates,
  hash: string,
  change: (inbox: AddressGate) => AddressGate | undefined,
): Promise<AddressGate> {
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const inbox = (await gates.address(hash)) ?? newAddressGate()
    const next = inbox.erased === true ? undefined : change(inbox)
    if (next === undefined) return inbox
    if ((await gates.putAddress(hash, next)) === 'stored') return next
  }
  throw new Failed({ code: 'contended', message: 'the inbox is being changed by others', retryable: true })
}

/** What an event of a page says of the mail it was reached from. */
export function fromMail({ link, message }: Known): Record<string, unknown> {
  const { messageId } = link
  if (message === undefined) return { messageId }
  const { journey, step, runId } = message
  return { messageId, journey, step, runId }
}
