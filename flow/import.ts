/**
 * Import: items of a file (`core/import/`) taken in through the same door as every event of the shop, as
 * history, so that ids, gates and idempotency are the house's own. Chunk by chunk: one person's items in the
 * order of the file, different people side by side. A chunk that is taken in again changes nothing, because
 * ids of events come of the file's content; so whoever calls notes how many chunks are done and goes on there.
 */
import pLimit from 'p-limit'
import { Failed } from '#core/failed'
import { type AddressGate, newAddressGate } from '#core/gate'
import { addressHash } from '#core/id'
import type { Item, Suppression } from '#core/import/customer'
import { limits } from '#core/limits'
import type { Refusal, Warning } from '#core/refusal'
import { type IngestPorts, ingest } from './ingest.ts'

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

/** What is read stays known for one item: its second call meets the rows its first one wrote. */
function remembering(ports: ImportPorts): IngestPorts {
  const gates = new Map<string, unknown>()
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    if (!gates.has(key)) gates.set(key, read())
    return gates.get(key) as Promise<T>
  }
  return {
    ...ports,
    // what is imported is said by the shop itself, as by its server
    // and history is no sign of life
    workspace: {
      writeKey: async () => 'server',
      pulse: async () => undefined,
      putPulse: async () => 'changed',
      live: async () => undefined,
      release: async () => undefined,
    },
    identities: {
      user: (userId) => once(`user ${userId}`, () => ports.identities.user(userId)),
      visitor: (anonymousId) => ports.identities.visitor(anonymousId),
    },
    gates: {
      ...ports.gates,
      address: (hash) => once(`address ${hash}`, () => ports.gates.address(hash)),
      customer: (customerId) => once(`customer ${customerId}`, () => ports.gates.customer(customerId)),
    },
    events: {
      ...ports.events,
      record: async (event, beside) => {
        const answer = await ports.events.record(event, beside)
        if (answer !== 'stored') gates.clear()
        for (const one of answer === 'stored' ? beside : []) {
          if (one.kind === 'user') gates.set(`user ${one.userId}`, Promise.resolve(one.customerId))
          if (one.kind !== 'address' && one.kind !== 'customer') continue
          const id = one.kind === 'address' ? one.hash : one.customerId
          const gate = { ...one.gate, version: one.gate.version + 1 }
          gates.set(`${one.kind} ${id}`, Promise.resolve(gate))
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

async function suppress(ports: ImportPorts, { email, why, at }: Suppression): Promise<'done' | 'erased'> {
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

async function takeItem(ports: ImportPorts, item: Item, taken: Taken): Promise<void> {
  const { row } = item
  taken.told.push(...item.notes.map((note) => ({ row, ...note })))
  let standing: string = item.standing
  if (item.suppress !== undefined && (await suppress(ports, item.suppress)) === 'erased') {
    const message = 'this inbox was erased; nothing is written to it anyway'
    taken.told.push(toldOf(row, 'note', { code: 'erased', path: 'email', message }))
  }
  const remembered = remembering(ports)
  for (const body of item.calls) {
    const answer = await ingest(remembered, { endpoint: 'batch', key: 'import', body: { batch: [body] } })
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
  const atOnce = pLimit(limits.importConcurrency)
  const work = byPerson(items).map((list) =>
    atOnce(async () => {
      for (const item of list) await takeItem(ports, item, taken)
    }),
  )
  for (const done of await Promise.allSettled(work)) if (done.status === 'rejected') throw done.reason
  taken.told.sort((left, right) => left.row - right.row)
  return taken
}
