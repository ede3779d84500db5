/**
 * Export: all that is known about one person, as it is stored, for her who asks for it. Her ids, her inboxes
 * with what they chose, her profile, her log and those of her devices, what was decided about her, her mails
 * with what they were made from. Reads only. What it holds is written down in `docs/operating.md`.
 */
import type { CustomerGate } from '#core/gate'
import { addressHash } from '#core/id'
import type { State } from '#core/state'
import { collect, type Found, type PersonPorts, pagesOf, type Subject } from './person.ts'
import type { Clock, Customers, Messages } from './port.ts'

export interface ExportPorts extends PersonPorts {
  clock: Clock
  customers: Pick<Customers, 'load' | 'decisionsOf' | 'parked'>
  messages: Pick<Messages, 'messagesOf' | 'inputs'>
}

/** What stands before the lists. */
export interface About {
  schema: 1
  exportedAt: string
  ids: { customerId: string | null; userIds: string[]; addresses: string[]; devices: string[] }
  inboxes: Record<string, unknown>[]
  people: { customerId: string; gate: CustomerGate | null; state: State | null; parked: unknown }[]
}

/** One entry of the export's lists, in the order of the lists. */
export type Entry = { list: 'events' | 'decisions' | 'messages'; value: unknown }

async function inboxesOf(ports: ExportPorts, found: Found): Promise<Record<string, unknown>[]> {
  const key = await ports.keys.addressKey()
  const addresses = new Map([...found.known.addresses].map((email) => [addressHash(email, key), email]))
  const inboxes = [...found.inboxes].map(async (hash) => {
    const gate = await ports.gates.address(hash)
    return { hash, address: addresses.get(hash) ?? null, ...gate }
  })
  return Promise.all(inboxes)
}

async function personOf(ports: ExportPorts, customerId: string): Promise<About['people'][number]> {
  const [gate, stored, parked] = await Promise.all([
    ports.gates.customer(customerId),
    ports.customers.load(customerId),
    ports.customers.parked(customerId),
  ])
  return { customerId, gate: gate ?? null, state: stored?.state ?? null, parked: parked ?? null }
}

async function* entriesOf(ports: ExportPorts, found: Found): AsyncGenerator<Entry> {
  for (const id of [...found.visitors, ...found.people])
    for await (const page of pagesOf(ports, id)) for (const value of page) yield { list: 'events', value }
  for (const customerId of found.people)
    for (const row of await ports.customers.decisionsOf(customerId))
      yield { list: 'decisions', value: { customerId, ...row } }
  for (const customerId of found.people)
    for (const message of await ports.messages.messagesOf(customerId)) {
      const rendered = await ports.messages.inputs(customerId, message.messageId)
      yield { list: 'messages', value: { ...message, renderedFrom: rendered?.inputs ?? null } }
    }
}

/** All there is about her: first what is one, then her lists entry by entry, so that no log is too long. */
export async function exportPerson(
  ports: ExportPorts,
  subject: Subject,
): Promise<{ about: About; entries: AsyncGenerator<Entry> }> {
  const found = await collect(ports, subject)
  const { userIds, addresses, anonymousIds } = found.known
  const about: About = {
    schema: 1,
    exportedAt: ports.clock(),
    ids: {
      customerId: subject.customerId ?? null,
      userIds: [...userIds],
      addresses: [...addresses],
      devices: [...anonymousIds],
    },
    inboxes: await inboxesOf(ports, found),
    people: await Promise.all([...found.people].map((id) => personOf(ports, id))),
  }
  return { about, entries: entriesOf(ports, found) }
}
