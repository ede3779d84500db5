/**
 * A new release lives on with what the last one left: the rows of every release (`test/fixture/upgrade/`) are read,
 * decided on and mailed by this code, and a row of a newer layout is refused by a failure that says so, and stays
 * as it is, whoever comes upon it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failed } from '#core/failed'
import { newAddressGate } from '#core/gate'
import { newState } from '#core/state'
import { type Dynoxide, startDynoxide } from '#test/fixture/dynoxide'
import {
  aStoredLoop,
  fromJson,
  type Row,
  type Rows,
  type StoredLoop,
} from '#test/fixture/upgrade/stored-loop'
import { aDay } from '#test/fixture/upgrade/write'

const folder = resolve(import.meta.dirname, '../fixture/upgrade')
const versions = readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
  one.isDirectory() ? one.name : [],
)
const left = '2026-03-02T21:00:00.000Z'
const hour = 3_600_000

const rowsOf = (version: string): Rows =>
  fromJson(readFileSync(resolve(folder, version, 'rows.json'), 'utf8'))

/** Rows as they were before they carried their layout. */
const unstamped = (rows: Rows): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([table, some]) => [table, some.map(({ schema: _, ...row }) => row)]),
  )

/** What kind of row it is, by the words of the adapters' headers. */
function kindOf(table: string, row: Row): string {
  if (table === 'gates') return `gates ${String(row.gate).split(':')[0]}`
  if (table === 'workspace') return `workspace ${row.kind}${row.id === 'progress' ? ' progress' : ''}`
  if (table !== 'customers') return table
  return `customers ${row.erased ? 'tombstone' : String(row.key).split('#')[0]}`
}

const kindsOf = (rows: Rows) => [
  ...new Set(Object.entries(rows).flatMap(([table, some]) => some.map((row) => kindOf(table, row)))),
]

let dynoxide: Dynoxide
let worlds = 0

beforeAll(async () => {
  dynoxide = await startDynoxide()
})
afterAll(async () => dynoxide.close())

async function worldWith(rows: Rows): Promise<StoredLoop> {
  worlds += 1
  const loop = await aStoredLoop(dynoxide, `upgrade${worlds}`, left)
  await loop.put(rows)
  return loop
}

describe.each(versions)('what release %s left', (version) => {
  it.each([
    ['as it was written', (rows: Rows) => rows],
    ['from before rows carried their layout', unstamped],
  ])('is decided on and mailed, %s', async (_, change) => {
    const loop = await worldWith(change(rowsOf(version)))

    await loop.pass(14 * hour)
    await loop.say('track', { userId: 'rina', event: 'Product Viewed', properties: { product_id: 'p2' } })
    await loop.count()

    // Rina's second mail, Mia's first that was held over the night; Noor has ordered.
    expect(loop.mails().sort()).toEqual(['mia@example.com reminder', 'rina@example.com last-call'])
    const decided = await loop.world.customers.decisionsOf(loop.user('rina'))
    expect(decided.length).toBeGreaterThan(2)
    expect(await loop.world.customers.load(loop.user('gone'))).toMatchObject({ erased: true })
    expect(await loop.world.customers.allParked()).toEqual([loop.user('ada')])
  })

  it('is joined by what is parked now, and taken out', async () => {
    const rows = rowsOf(version)
    const parked = rows.customers?.filter((row) => row.key === 'PARKED').map(({ version: _, ...row }) => row)
    const { world, user } = await worldWith({ ...rows, customers: parked ?? [] })
    const ada = user('ada')
    const before = await world.customers.parked(ada)

    await world.customers.park(ada, { at: left, eventKeys: ['new'], error: 'again' })
    const after = await world.customers.parked(ada)
    const older = before && (await world.customers.unpark(ada, before))
    const newer = after && (await world.customers.unpark(ada, after))

    expect(before).toMatchObject({ version: 0 })
    expect(after).toMatchObject({ at: before?.at, version: 1, error: 'again' })
    expect(after?.eventKeys).toEqual([...(before?.eventKeys ?? []), 'new'].sort())
    expect([older, newer]).toEqual(['changed', 'unparked'])
  })

  it('is of every kind that this release writes', async () => {
    const loop = await aDay(dynoxide, `day${version.replaceAll('.', '')}`)

    const written = kindsOf(await loop.rows())

    expect(kindsOf(rowsOf(version)).sort()).toEqual(written.sort())
  })
})

/** Everything that reads or changes a row of a kind; each must refuse one of a newer layout. */
const touching: Record<string, (loop: StoredLoop, row: Row) => Promise<unknown>[]> = {
  events: ({ world }, row) => [world.events.eventsOf(String(row.customerId))],
  'customers STATE': ({ world }, row) => [world.customers.load(String(row.customerId))],
  'customers tombstone': ({ world }, row) => [world.customers.load(String(row.customerId))],
  'customers D': ({ world }, row) => [world.customers.decisionsOf(String(row.customerId))],
  'customers PARKED': ({ world }, row) => [
    world.customers.parked(String(row.customerId)),
    world.customers.park(String(row.customerId), { at: left, eventKeys: [], error: 'again' }),
  ],
  'gates address': ({ world }, row) => [world.gates.address(idOf(row))],
  'gates customer': ({ world }, row) => [world.gates.customer(idOf(row))],
  'gates visitor': ({ world }, row) => [world.identities.visitor(idOf(row))],
  'gates order': ({ world }, row) => [world.events.orderTakenBy(idOf(row))],
  messages: ({ world }, row) => {
    const [customerId, messageId] = [String(row.customerId), String(row.messageId)]
    return [
      world.messages.load(customerId, messageId),
      world.messages.messagesOf(customerId),
      world.messages.inputs(customerId, messageId),
      world.messages.note(customerId, messageId, { openedAt: left }),
      world.messages.noteClick(customerId, messageId, { at: left, human: true }),
      world.messages.observe(customerId, messageId, { deliveredAt: left }),
    ]
  },
  'workspace blob': ({ world }) => [world.workspace.release(1), world.workspace.mail('hash-of-reminder')],
  'workspace live': ({ world }) => [world.workspace.live()],
  'workspace mail': ({ world }, row) => [world.workspace.mail(String(row.id))],
  'workspace pulse': ({ world }) => [world.workspace.pulse()],
  'workspace rate': ({ world, now }) => [
    world.workspace.leasedOn(Date.parse(now.at)),
    world.workspace.leaseRate({
      total: 1,
      marketing: 1,
      ratePerSecond: 14,
      waitMs: 20_000,
      nowMs: Date.parse(now.at),
    }),
  ],
  'workspace release': ({ world }) => [world.workspace.release(1)],
  'workspace report': ({ world }) => [world.reports.days('2026-03-01', '2026-03-03')],
  'workspace report progress': (loop) => [loop.world.reports.progress(), loop.count()],
  'workspace strangers': ({ world }) => [world.workspace.strangers('browser-key')],
  'workspace write-key': ({ world }) => [world.workspace.writeKeys()],
}

const idOf = (row: Row) => String(row.gate).slice(String(row.gate).indexOf(':') + 1)

/** Rows of which every one of a kind has a newer layout; what it means is known to nobody here. */
const newer = (rows: Rows, kind: string): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([table, some]) => [
      table,
      some.map((row) => (kindOf(table, row) === kind ? { ...row, schema: 2 } : row)),
    ]),
  )

const codeOf = (error: unknown) => (error instanceof Failed ? `${error.code} ${error.retryable}` : error)

describe('a row of a newer layout', () => {
  const rows = rowsOf(versions.at(-1) ?? '')

  it.each(kindsOf(rows))('is refused with its cure, and stays as it is: %s', async (kind) => {
    const changed = newer(rows, kind)
    const loop = await worldWith(changed)
    const [row = {}] = Object.entries(changed).flatMap(([table, some]) =>
      some.filter((one) => kindOf(table, one) === kind),
    )

    const refusals = await Promise.all(
      (touching[kind]?.(loop, row) ?? []).map(async (one) => one.then(() => 'accepted', codeOf)),
    )

    expect(refusals.length).toBeGreaterThan(0)
    expect(new Set(refusals)).toEqual(new Set(['row-too-new false']))
    expect(sorted(await loop.rows())).toEqual(sorted(changed))
  })

  it('is not written over by who has not read it', async () => {
    const changed = Object.fromEntries(kindsOf(rows).map((kind) => [kind, newer(rows, kind)]))
    const fails = async (kind: string, act: (loop: StoredLoop) => Promise<unknown>) => {
      const loop = await worldWith(changed[kind] ?? {})
      const outcome = await act(loop).then((answer) => answer, codeOf)
      expect(sorted(await loop.rows()), kind).toEqual(sorted(changed[kind] ?? {}))
      return outcome
    }
    const customerId = 'cr1OTPGq4NeqOwfDK'
    const commit = {
      customerId,
      state: newState(customerId, left),
      due: undefined,
      row: undefined,
      effects: [],
    }

    const outcomes = [
      await fails('workspace mail', async ({ world }) => {
        const mail = await (await worldWith(rows)).world.workspace.mail('hash-of-reminder')
        return mail && world.workspace.putMail('hash-of-reminder', mail)
      }),
      await fails('customers STATE', async ({ world }) =>
        world.customers.commit({ ...commit, expectedVersion: 1 }),
      ),
      await fails('gates address', async ({ world }) =>
        world.gates.putAddress('2RsUlUXZ-jaxQiaGGjjNKx4S', newAddressGate()),
      ),
    ]

    expect(outcomes).toEqual(['row-too-new false', 'changed', 'changed'])
  })
})

/** Rows in an order of their own. */
const sorted = (rows: Rows): Row[] => {
  const nameOf = ({ customerId, key, messageId, gate, kind, id }: Row) =>
    [customerId, key, messageId, gate, kind, id].join(' ')
  return Object.values(rows)
    .flat()
    .sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
}
