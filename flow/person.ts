/**
 * A person whole: by whatever she is known, found through her logs, her states and the gates, which alone say
 * what is hers now. What erasure and export walk. Reads only. Read `flow/erase.ts` and `flow/export.ts` next.
 */
import { readAddress } from '#core/address'
import type { Event } from '#core/event'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import type { State } from '#core/state'
import { addressOf } from '#core/traits'
import { follow } from './identify.ts'
import type { Customers, EventLog, Gates, Identities, Keys, Messages } from './port.ts'

export interface PersonPorts {
  keys: Pick<Keys, 'addressKey'>
  identities: Identities
  gates: Pick<Gates, 'address' | 'customer'>
  events: Pick<EventLog, 'eventsOf'>
  customers: Pick<Customers, 'load'>
  messages: Pick<Messages, 'messagesOf'>
}

/** Whom something is asked about: a person, or an inbox that nobody has. */
export interface Subject {
  customerId: string | undefined
  /** The keyed hash of the address she was named by. */
  inbox: string | undefined
  /** She was erased. */
  erased: boolean
}

/** Everyone and everything found to be her. The first of `people` is she, then whom she took over. */
export interface Found {
  people: Set<string>
  visitors: Set<string>
  inboxes: Set<string>
  /** What the shop knows her by, as her logs say: addresses that are hers, user ids, devices. */
  known: { addresses: Set<string>; userIds: Set<string>; anonymousIds: Set<string> }
}

/** Whom a text stands for: an id of ours, an address, a user id or a device. */
export async function findSubject(ports: PersonPorts, known: string): Promise<Subject | undefined> {
  const text = known.trim()
  if (text === '' || text.length > limits.idCharacters) return undefined
  const email = readAddress(text)
  const inbox = email === undefined ? undefined : addressHash(email, await ports.keys.addressKey())
  const box = inbox === undefined ? undefined : await ports.gates.address(inbox)
  const device = await ports.identities.visitor(text)
  const ours = /^[cv][A-Za-z0-9_-]{16}$/.test(text) ? text : undefined
  const byAddress = inbox === undefined ? [] : [box?.owner, derive('c', 'address', inbox)]
  const byId = [derive('c', 'user', text), device, derive('v', text)]
  for (const id of [ours, ...byAddress, ...byId]) {
    if (id === undefined) continue
    const { customerId, gate } = await follow(ports.gates, id)
    const erased = gate.erased === true
    if (erased || gate.version > 0 || (await isStored(ports, customerId)))
      return { customerId, inbox, erased }
  }
  return box && { customerId: undefined, inbox, erased: box.erased === true }
}

const isStored = async ({ customers, events }: PersonPorts, customerId: string): Promise<boolean> =>
  (await customers.load(customerId)) !== undefined ||
  (await events.eventsOf(customerId, { limit: 1 })).length > 0

/** Her log, page by page, however long it is. */
export async function* pagesOf(ports: PersonPorts, customerId: string): AsyncGenerator<Event[]> {
  let after: string | undefined
  for (;;) {
    const from = { limit: limits.viewedEvents, ...(after !== undefined && { after }) }
    const page = await ports.events.eventsOf(customerId, from)
    if (page.length > 0) yield page
    if (page.length < limits.viewedEvents) return
    after = page.at(-1)?.key
  }
}

/** What one log and one state say of whom else she is. Not yet believed: the gates say whether it is so. */
interface Hints {
  people: Set<string>
  visitors: Set<string>
  addresses: Set<string>
  userIds: Set<string>
  anonymousIds: Set<string>
}

const emailIn = (bag: unknown): string | undefined => {
  const email = bag !== null && typeof bag === 'object' && 'email' in bag ? bag.email : undefined
  return readAddress(email)
}

function hintsOfEvent(hints: Hints, event: Event): void {
  const { folds, anonymousId, absorbs, traits, context, userId } = event
  if (userId !== undefined) hints.userIds.add(userId)
  if (anonymousId !== undefined) hints.anonymousIds.add(anonymousId)
  if (folds !== undefined) hints.visitors.add(folds)
  if (anonymousId !== undefined) hints.visitors.add(derive('v', anonymousId))
  if (absorbs !== undefined) hints.people.add(absorbs)
  for (const email of [emailIn(traits), emailIn(context?.traits)]) if (email) hints.addresses.add(email)
}

function hintsOfState(hints: Hints, state: State): void {
  for (const { visitorId } of state.visitors) hints.visitors.add(visitorId)
  for (const id of state.absorbed ?? []) hints.people.add(id)
  const email = readAddress(addressOf(state))
  if (email !== undefined) hints.addresses.add(email)
}

async function hintsOf(ports: PersonPorts, customerId: string): Promise<Hints> {
  const hints: Hints = {
    people: new Set(),
    visitors: new Set(),
    addresses: new Set(),
    userIds: new Set(),
    anonymousIds: new Set(),
  }
  const stored = await ports.customers.load(customerId)
  if (stored !== undefined) hintsOfState(hints, stored.state)
  for await (const page of pagesOf(ports, customerId)) for (const event of page) hintsOfEvent(hints, event)
  return hints
}

/** Whether an id stands for her now. */
const isHer = async (ports: PersonPorts, id: string, customerId: string): Promise<boolean> =>
  (await follow(ports.gates, id)).customerId === customerId

async function inboxesOf(ports: PersonPorts, of: { id: string; customerId: string; hints: Hints }) {
  const key = await ports.keys.addressKey()
  const gate = await ports.gates.customer(of.id)
  const sentTo = (await ports.messages.messagesOf(of.id)).flatMap(({ inbox }) => inbox ?? [])
  const hashes = new Set([...of.hints.addresses].map((email) => addressHash(email, key)).concat(sentTo))
  if (gate?.inbox !== undefined) hashes.add(gate.inbox.hash)
  const hers: string[] = []
  for (const hash of hashes) {
    const owner = (await ports.gates.address(hash))?.owner
    if (owner !== undefined && (await isHer(ports, owner, of.customerId))) hers.push(hash)
  }
  return hers
}

/**
 * Looks through all she is known by; ids that others have by now are left to them. Who became another since she was
 * found is collected as that other.
 */
export async function collect(ports: PersonPorts, subject: Subject): Promise<Found> {
  const { inbox } = subject
  const known = {
    addresses: new Set<string>(),
    userIds: new Set<string>(),
    anonymousIds: new Set<string>(),
  }
  const found: Found = { people: new Set(), visitors: new Set(), inboxes: new Set(), known }
  if (inbox !== undefined) found.inboxes.add(inbox)
  if (subject.customerId === undefined) return found
  const key = await ports.keys.addressKey()
  const { customerId } = await follow(ports.gates, subject.customerId)
  found.people.add(customerId).add(subject.customerId)
  for (const id of found.people) {
    const hints = await hintsOf(ports, id)
    for (const hash of await inboxesOf(ports, { id, customerId, hints })) {
      found.inboxes.add(hash)
      // a guest of this inbox who became her
      hints.people.add(derive('c', 'address', hash))
    }
    for (const email of hints.addresses)
      if (found.inboxes.has(addressHash(email, key))) known.addresses.add(email)
    for (const userId of hints.userIds) known.userIds.add(userId)
    for (const anonymousId of hints.anonymousIds) known.anonymousIds.add(anonymousId)
    for (const one of hints.people) if (await isHer(ports, one, customerId)) found.people.add(one)
    for (const one of hints.visitors) if (await isHer(ports, one, customerId)) found.visitors.add(one)
  }
  return found
}
