/**
 * Erase: everything known about one person taken out for ever. Tombstones on the gates come first, so that
 * nothing new is taken or sent; then the walk: logs of her devices, then those who were merged into her, then
 * she. Who is found through whom goes before whom, so that a walk that was broken off finds the rest when it
 * is run again. What is on its way meanwhile meets a tombstone: at `ingest`, `deliver` and `decide`.
 */
import { Failed } from '#core/failed'
import { type AddressGate, type CustomerGate, newCustomerGate } from '#core/gate'
import { limits } from '#core/limits'
import { collect, type Found, type PersonPorts, pagesOf, type Subject } from './person.ts'
import type { Clock, Customers, EventLog, Gates, Messages } from './port.ts'

export interface ErasePorts extends PersonPorts {
  clock: Clock
  pause: (ms: number) => Promise<void>
  gates: Gates
  events: Pick<EventLog, 'eventsOf' | 'remove'>
  customers: Pick<Customers, 'load' | 'erase'>
  messages: Pick<Messages, 'messagesOf' | 'removeAll'>
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

/** What `wouldErase` reads. */
export interface LookPorts extends PersonPorts {
  customers: Pick<Customers, 'load' | 'decisionsOf' | 'parked'>
}

/** What an erasure would take out now, counted and left where it is. Reads only. */
export async function wouldErase(ports: LookPorts, subject: Subject): Promise<Erased> {
  const { people, visitors, inboxes } = await collect(ports, subject)
  const sizes = { inboxes: inboxes.size, people: people.size, devices: visitors.size }
  const found: Erased = { ...sizes, events: 0, messages: 0, decisions: 0 }
  for (const id of [...visitors, ...people])
    for await (const page of pagesOf(ports, id)) found.events += page.length
  for (const id of people) {
    const decisions = await ports.customers.decisionsOf(id)
    found.decisions += decisions.length + ((await ports.customers.parked(id)) === undefined ? 0 : 1)
    found.messages += (await ports.messages.messagesOf(id)).length
  }
  return found
}

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
  // Once more over the logs: what was being stored when the tombstones were put. What comes onto hers later
  // `decide` takes out; nobody looks at the logs of devices.
  if (found.visitors.size > 0) await ports.pause(limits.ingestEndsMs)
  for (const id of [...found.visitors, ...found.people]) done.events += await removeLog(ports, id)
  return done
}
