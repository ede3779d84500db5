/**
 * Erase: everything known about one person taken out for ever. Tombstones on the gates come first, so that
 * nothing new is taken or sent; then the walk: logs of her devices, then those who were merged into her, then
 * she. Who is found through whom goes before whom, so that a walk that was broken off finds the rest when it
 * is run again. What is on its way meanwhile meets a tombstone: at `ingest`, `deliver` and `decide`.
 */
import { readAddress } from '#core/address'
import type { Event } from '#core/event'
import { Failed } from '#core/failed'
import { type AddressGate, type CustomerGate, newCustomerGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import type { State } from '#core/state'
import { addressOf } from '#core/traits'
import { follow } from './identify.ts'
import type { Clock, Customers, EventLog, Gates, Identities, Keys, Messages } from './port.ts'

export interface ErasePorts {
  clock: Clock
  keys: Pick<Keys, 'addressKey'>
  identities: Identities
  gates: Gates
  events: Pick<EventLog, 'eventsOf' | 'remove'>
  customers: Pick<Customers, 'load' | 'erase'>
  messages: Pick<Messages, 'messagesOf' | 'removeAll'>
}

/** Whom an erasure is about: a person, or an inbox that nobody has. */
export interface Subject {
  customerId: string | undefined
  /** The keyed hash of the address she was named by. */
  inbox: string | undefined
  /** She was erased before; what came in half is finished. */
  again: boolean
}

/** How many rows were taken out, and of how many people, devices and inboxes they were. */
export interface Erased {
  inboxes: number
  people: number
  devices: number
  events: number
  messages: number
  decisions: number
}

/** Everyone and everything found to be her. The first of `people` is she, then whom she took over. */
interface Found {
  people: Set<string>
  visitors: Set<string>
  inboxes: Set<string>
}

/** Whom a text stands for: an id of ours, an address, a user id or a device. */
export async function findSubject(ports: ErasePorts, known: string): Promise<Subject | undefined> {
  const text = known.trim()
  if (text === '' || text.length > limits.idCharacters) return undefined
  const email = readAddress(text)
  const inbox = email === undefined ? undefined : addressHash(email, await ports.keys.addressKey())
  const box = inbox === undefined ? undefined : await ports.gates.address(inbox)
  const [user, device] = await Promise.all([ports.identities.user(text), ports.identities.visitor(text)])
  const ours = /^[cv][A-Za-z0-9_-]{16}$/.test(text) ? text : undefined
  const byAddress = inbox === undefined ? [] : [box?.owner, derive('c', 'address', inbox)]
  const byId = [user ?? derive('c', 'user', text), device, derive('v', text)]
  for (const id of [ours, ...byAddress, ...byId]) {
    if (id === undefined) continue
    const { customerId, gate } = await follow(ports.gates, id)
    const again = gate.erased === true
    if (again || gate.version > 0 || (await isStored(ports, customerId))) return { customerId, inbox, again }
  }
  return box && { customerId: undefined, inbox, again: box.erased === true }
}

const isStored = async ({ customers, events }: ErasePorts, customerId: string): Promise<boolean> =>
  (await customers.load(customerId)) !== undefined ||
  (await events.eventsOf(customerId, { limit: 1 })).length > 0

/** Her log, page by page, however long it is. */
async function* pagesOf(ports: ErasePorts, customerId: string): AsyncGenerator<Event[]> {
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
}

const emailIn = (bag: unknown): string | undefined => {
  const email = bag !== null && typeof bag === 'object' && 'email' in bag ? bag.email : undefined
  return readAddress(email)
}

function hintsOfEvent(hints: Hints, event: Event): void {
  const { folds, anonymousId, absorbs, traits, context } = event
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

async function hintsOf(ports: ErasePorts, customerId: string): Promise<Hints> {
  const hints: Hints = { people: new Set(), visitors: new Set(), addresses: new Set() }
  const stored = await ports.customers.load(customerId)
  if (stored !== undefined) hintsOfState(hints, stored.state)
  for await (const page of pagesOf(ports, customerId)) for (const event of page) hintsOfEvent(hints, event)
  return hints
}

/** Whether an id stands for her now. */
const isHer = async (ports: ErasePorts, id: string, customerId: string): Promise<boolean> =>
  (await follow(ports.gates, id)).customerId === customerId

async function inboxesOf(ports: ErasePorts, of: { id: string; customerId: string; hints: Hints }) {
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

/** Looks through all she is known by; ids that others have by now are left to them. */
async function collect(ports: ErasePorts, { customerId, inbox }: Subject): Promise<Found> {
  const found: Found = { people: new Set(), visitors: new Set(), inboxes: new Set() }
  if (inbox !== undefined) found.inboxes.add(inbox)
  if (customerId === undefined) return found
  found.people.add(customerId)
  for (const id of found.people) {
    const hints = await hintsOf(ports, id)
    for (const hash of await inboxesOf(ports, { id, customerId, hints })) {
      found.inboxes.add(hash)
      // a guest of this inbox who became her
      hints.people.add(derive('c', 'address', hash))
    }
    for (const one of hints.people) if (await isHer(ports, one, customerId)) found.people.add(one)
    for (const one of hints.visitors) if (await isHer(ports, one, customerId)) found.visitors.add(one)
  }
  return found
}

/** Puts what `change` makes of a row until nobody came first; undefined: it is as it should be. */
async function settle<G>(
  read: () => Promise<G>,
  change: (gate: G) => G | undefined,
  put: (gate: G) => Promise<'stored' | 'changed'>,
): Promise<void> {
  for (let tries = 0; tries < limits.conflictAttempts; tries += 1) {
    const next = change(await read())
    if (next === undefined || (await put(next)) === 'stored') return
  }
  const message = 'a row of hers kept changing under the erasure; run it again'
  throw new Failed({ code: 'contended', message, retryable: true })
}

const closedInbox = (gate: AddressGate | undefined, at: string): AddressGate => ({
  ...(gate?.owner !== undefined && { owner: gate.owner }),
  consent: {},
  softBounces: 0,
  ring: [],
  suppressed: { why: 'erased', at },
  erased: true,
  version: gate?.version ?? 0,
})

/** What late writers and old links still find by: who she became, and the hash of her inbox. */
const closedPerson = ({ mergedInto, inbox, version }: CustomerGate): CustomerGate => ({
  ...(mergedInto !== undefined && { mergedInto }),
  ...(inbox !== undefined && { inbox }),
  erased: true,
  version,
})

/** The tombstones: from here on nothing of her is taken, and nothing is sent to her. */
async function close({ gates, clock }: ErasePorts, found: Found): Promise<void> {
  for (const hash of found.inboxes)
    await settle(
      () => gates.address(hash),
      (gate) => (gate?.erased ? undefined : closedInbox(gate, clock())),
      async (gate) => (gate === undefined ? 'stored' : gates.putAddress(hash, gate)),
    )
  for (const id of [...found.people, ...found.visitors])
    await settle(
      async () => (await gates.customer(id)) ?? newCustomerGate(),
      (gate) => (gate.erased ? undefined : closedPerson(gate)),
      (gate) => gates.putCustomer(id, gate),
    )
}

async function removeLog(ports: ErasePorts, id: string): Promise<number> {
  let removed = 0
  for await (const page of pagesOf(ports, id)) {
    await ports.events.remove(
      id,
      page.map(({ key }) => key),
    )
    removed += page.length
  }
  return removed
}

const sizeOf = ({ people, visitors, inboxes }: Found) => people.size + visitors.size + inboxes.size

/**
 * Erases a person. `tell` hears of progress. Repeating it is safe: what is gone is not there, what came in
 * meanwhile is taken out. Throws `Failed` when the infrastructure does; then run it again.
 */
export async function erase(
  ports: ErasePorts,
  subject: Subject,
  tell: (so: Erased) => void = () => undefined,
): Promise<Erased> {
  let found = await collect(ports, subject)
  // Until nobody new turns up: a device may have become hers before the tombstones stood.
  for (let size = 0; size < sizeOf(found); ) {
    size = sizeOf(found)
    await close(ports, found)
    found = await collect(ports, subject)
  }
  const [inboxes, people, devices] = [found.inboxes.size, found.people.size, found.visitors.size]
  const done: Erased = { inboxes, people, devices, events: 0, messages: 0, decisions: 0 }
  tell(done)
  for (const id of found.visitors) {
    done.events += await removeLog(ports, id)
    tell(done)
  }
  for (const id of [...found.people].reverse()) {
    done.decisions += await ports.customers.erase(id)
    done.messages += await ports.messages.removeAll(id)
    done.events += await removeLog(ports, id)
    tell(done)
  }
  // Once more over the logs: what was being stored when the tombstones were put.
  for (const id of [...found.visitors, ...found.people]) done.events += await removeLog(ports, id)
  return done
}
