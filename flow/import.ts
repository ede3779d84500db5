/**
 * Import: items of a file (`core/import/`) taken in through the same door as every event of the shop, as
 * history, so that ids, gates and idempotency are the house's own. Chunk by chunk: one person's items in the
 * order of the file, different people side by side. A chunk that is taken in again changes nothing, because
 * ids of events come of the file's content; so whoever calls notes how many chunks are done and goes on there.
 */
import pLimit from 'p-limit'
import { Failed } from '#core/failed'
import { type AddressGate, newAddressGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import type { Item, Suppression } from '#core/import/customer'
import { limits } from '#core/limits'
import type { Refusal, Warning } from '#core/refusal'
import { type IngestPorts, ingest } from './ingest.ts'
import type { Beside } from './port.ts'

export type ImportPorts = Omit<IngestPorts, 'workspace'>

/** What a row came to, told with its row: what was not taken, or not whole, and what to do about it. */
export interface Told {
  row: number
  kind: 'refused' | 'note'
  column: string
  what: string
  cure: string
}

export interface Taken {
  /** How many items ended how: their standing, or `refused`. */
  counts: Record<string, number>
  told: Told[]
}

/** Rows as they were read, or are since they were written: `<kind> <id>` → the row. */
type Known = Map<string, unknown>

/** Reads what the items of a chunk will ask for, in few calls. */
async function prefetch(ports: ImportPorts, items: readonly Item[]): Promise<Known> {
  const key = await ports.keys.addressKey()
  const idsOf = (prefix: string) =>
    items.flatMap(({ ids }) => ids.flatMap((id) => (id.startsWith(prefix) ? [id.slice(prefix.length)] : [])))
  const addresses = [...new Set(idsOf('address '))].map((address) => addressHash(address, key))
  const users = [...new Set(idsOf('user '))]
  const rows = await ports.gates.many({ addresses, customers: [] })
  const customers = [
    ...addresses.map((hash) => rows.addresses.get(hash)?.owner ?? derive('c', 'address', hash)),
    ...users.map((userId) => derive('c', 'user', userId)),
  ]
  const people = (await ports.gates.many({ addresses: [], customers })).customers
  return new Map<string, unknown>([
    ...addresses.map((hash): [string, unknown] => [`address ${hash}`, rows.addresses.get(hash)]),
    ...customers.map((id): [string, unknown] => [`customer ${id}`, people.get(id)]),
  ])
}

/** What goes beside an event, by its name among the known rows, and the row as it will stand. */
const rowOf = (one: Beside): [string, unknown] => {
  if (one.kind === 'address') return [`address ${one.hash}`, { ...one.gate, version: one.gate.version + 1 }]
  if (one.kind === 'customer')
    return [`customer ${one.customerId}`, { ...one.gate, version: one.gate.version + 1 }]
  return [one.kind, undefined]
}

/**
 * The ports of a chunk: rows that are known are not read again. A row that others changed since is seen when it
 * is to be written, because every write is conditional on what was read; it is then read anew.
 */
function remembering(ports: ImportPorts, known: Known): IngestPorts {
  const once = async <T>(name: string, read: () => Promise<T>): Promise<T> => {
    if (!known.has(name)) known.set(name, await read())
    return known.get(name) as T
  }
  return {
    ...ports,
    // what is imported is said by the shop itself, as by its server
    // and history is no sign of life
    workspace: {
      writeKey: async () => 'server',
      pulse: async () => undefined,
      putPulse: async () => 'changed',
      strangers: async () => undefined,
      putStrangers: async () => 'changed',
      live: async () => undefined,
      release: async () => undefined,
    },
    gates: {
      ...ports.gates,
      address: (hash) => once(`address ${hash}`, () => ports.gates.address(hash)),
      putAddress: (hash, gate) => {
        known.delete(`address ${hash}`)
        return ports.gates.putAddress(hash, gate)
      },
      customer: (customerId) => once(`customer ${customerId}`, () => ports.gates.customer(customerId)),
    },
    events: {
      ...ports.events,
      record: async (event, beside) => {
        const answer = await ports.events.record(event, beside)
        for (const [name, row] of beside.map(rowOf)) {
          if (answer === 'stored') known.set(name, row)
          else known.delete(name)
        }
        return answer
      },
    },
  }
}

const cures: Partial<Record<Refusal['code'] | Warning['code'], string>> = {
  erased: 'nothing: she asked to be forgotten, and is',
  'address-of-another': 'if both are one person, let the shop’s server say alias',
  'consent-of-another': 'import the choice with the user id of whoever has the address',
  'placeholder-id': 'give an id that names one person, or the address alone',
}

const toldOf = (row: number, kind: Told['kind'], { code, path, message }: Refusal | Warning): Told => ({
  row,
  kind,
  column: path,
  what: message,
  cure: cures[code] ?? 'correct the row and import it again',
})

async function suppress(ports: IngestPorts, { email, why, at }: Suppression): Promise<'done' | 'erased'> {
  const hash = addressHash(email, await ports.keys.addressKey())
  for (let tries = 0; tries < limits.conflictAttempts; tries += 1) {
    const gate: AddressGate = (await ports.gates.address(hash)) ?? newAddressGate()
    if (gate.erased) return 'erased'
    if (gate.suppressed !== undefined) return 'done'
    const next = { ...gate, suppressed: { why, at: at ?? ports.clock() } }
    if ((await ports.gates.putAddress(hash, next)) === 'stored') return 'done'
  }
  throw new Failed({ code: 'contended', message: 'an inbox kept changing under the import', retryable: true })
}

type Body = { errors?: Refusal[]; warnings?: Warning[] }

async function takeItem(ports: IngestPorts, item: Item, taken: Taken): Promise<void> {
  const { row } = item
  taken.told.push(...item.notes.map((note) => ({ row, ...note })))
  let standing: string = item.standing
  if (item.suppress !== undefined && (await suppress(ports, item.suppress)) === 'erased') {
    const message = 'this inbox was erased; nothing is written to it anyway'
    taken.told.push(toldOf(row, 'note', { code: 'erased', path: 'email', message }))
  }
  for (const body of item.calls) {
    const answer = await ingest(ports, { endpoint: 'batch', key: 'import', body: { batch: [body] } })
    const said = answer.body as { refused?: { errors: Refusal[] }[] } & Body
    const refusals = said.refused?.flatMap(({ errors }) => errors) ?? []
    if (refusals.length > 0) standing = 'refused'
    taken.told.push(...refusals.map((one) => toldOf(row, 'refused', one)))
    taken.told.push(...(said.warnings ?? []).map((one) => toldOf(row, 'note', one)))
    if (refusals.length > 0) break
  }
  taken.counts[standing] = (taken.counts[standing] ?? 0) + 1
}

/** The items, one list a person, each in the order of the file. */
function byPerson(items: readonly Item[]): Item[][] {
  const lists = new Map<string, Item[]>()
  const all = new Set<Item[]>()
  for (const item of items) {
    const met = new Set<Item[]>()
    for (const id of item.ids) {
      const list = lists.get(id)
      if (list !== undefined) met.add(list)
    }
    const list = [...[...met].flat(), item]
    for (const one of met) all.delete(one)
    all.add(list)
    for (const id of list.flatMap(({ ids }) => ids)) lists.set(id, list)
  }
  return [...all]
}

/**
 * Takes a chunk of items in. Repeating it is safe. Throws `Failed` when the infrastructure does, after all that
 * was under way has ended.
 */
export async function importChunk(ports: ImportPorts, items: readonly Item[]): Promise<Taken> {
  const taken: Taken = { counts: {}, told: [] }
  const remembered = remembering(ports, await prefetch(ports, items))
  const atOnce = pLimit(limits.importConcurrency)
  const work = byPerson(items).map((list) =>
    atOnce(async () => {
      for (const item of list) await takeItem(remembered, item, taken)
    }),
  )
  for (const done of await Promise.allSettled(work)) if (done.status === 'rejected') throw done.reason
  taken.told.sort((left, right) => left.row - right.row)
  return taken
}
