/**
 * The sample year put into the embedded database reads back, through the adapters, as it was lived in memory:
 * states, decisions, messages, logs and gates, each alarm where `wake` finds it. The last mails are in the inbox.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { portsFrom, type StoredPorts } from '#adapters/ports'
import { tables as named, environment as settings } from '#adapters/shape'
import { buildDraft } from '#cli/stage/draft'
import { loadYears } from '#cli/start/sample/load'
import { liveYear, type Year } from '#cli/start/sample/year'
import type { Release } from '#core/release'
import { publish } from '#flow/publish'
import { reportDays } from '#flow/report'
import type { Inbox, InboxEntry } from '#local/inbox'
import { type Dynoxide, startDynoxide } from '#test/fixture/dynoxide'

const now = '2026-11-24T13:00:00.000Z'
const START_MS = 120_000
const stage = {
  sender: 'a@shop.example',
  linkBaseUrl: 'https://l.example',
  postalAddress: 'x',
  allowList: ['*'],
}

let dynoxide: Dynoxide
let year: Year
let stored: StoredPorts
let release: Release
const shown: InboxEntry[] = []

async function live(): Promise<Year> {
  const ports = memoryPorts(now)
  const { draft } = await buildDraft('templates')
  if (draft === undefined) throw new Error('the templates have errors')
  await publish(ports, draft)
  const [published] = ports.tables.releases.values()
  if (published === undefined) throw new Error('nothing was published')
  release = published
  const { mails } = ports.tables
  return liveYear({
    seed: 3,
    people: 4,
    now,
    release,
    mails,
    keys: ports.keys,
    stage,
    url: 'https://s.example',
  })
}

describe('the sample year, loaded', () => {
  beforeAll(async () => {
    dynoxide = await startDynoxide()
    const names = await dynoxide.makeTables('sample')
    const environment: Record<string, string> = {
      [settings.dueShards]: '4',
      [settings.reportShards]: '2',
    }
    for (const [kind, { env }] of Object.entries(named)) environment[env] = names[kind as keyof typeof names]
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
    const aws = { endpoint: dynoxide.endpoint, region: 'us-east-1', credentials }
    const inbox = { add: (entry: InboxEntry) => shown.push(entry) } as unknown as Inbox
    year = await live()
    stored = portsFrom(environment, aws)
    const place = { aws, environment, ports: stored }
    const years = async function* () {
      yield year
    }
    await loadYears(years(), { runtime: { load: (act) => act(), inbox }, stage: place })
  }, START_MS)

  afterAll(async () => dynoxide.close())

  it('reads back as it was lived', async () => {
    const { tables } = year
    const memory = memoryPorts(now)
    Object.assign(memory.tables, tables)
    for (const [customerId, { state, version, due }] of tables.customers) {
      const found = await stored.customers.load(customerId)
      expect(found).toEqual({ state: JSON.parse(JSON.stringify(state)), version, due })
      expect(await stored.customers.decisionsOf(customerId)).toEqual(tables.decisions.get(customerId) ?? [])
      expect(await stored.messages.messagesOf(customerId)).toEqual(
        await memory.messages.messagesOf(customerId),
      )
      expect(await stored.gates.customer(customerId)).toEqual(await memory.gates.customer(customerId))
    }
    for (const customerId of tables.events.keys())
      expect(await stored.events.eventsOf(customerId)).toEqual(await memory.events.eventsOf(customerId))
    for (const [hash, gate] of tables.addresses) expect(await stored.gates.address(hash)).toEqual(gate)
    for (const [anonymousId, customerId] of tables.visitors)
      expect(await stored.identities.visitor(anonymousId)).toBe(customerId)
    expect(tables.customers.size).toBe(4)
  })

  it('leaves each alarm where it is found', async () => {
    const dues = [...year.tables.customers.values()].flatMap(({ due }) => due ?? [])
    const found = await stored.customers.dueAt('2099-01-01T00:00:00.000Z', 100)

    expect(found.map(({ due }) => due).sort()).toEqual(dues.sort())
    expect(dues.every((due) => due > now)).toBe(true)
  })

  it('reports the closed days as a recount of the rows does', async () => {
    const ports = { ...stored, clock: () => now, log: () => {} }
    await ports.workspace.putRelease({ ...release, number: 1 })
    await ports.workspace.putLive({ release: 1, paused: [] }, undefined)
    const asked = { from: '2026-09-01', to: '2026-11-24' }
    const { days } = await reportDays(ports, asked)
    const { differs } = await reportDays(ports, { ...asked, recount: true })

    expect(days.length).toBeGreaterThan(3)
    expect(differs).toEqual([])
  })

  it('shows the last mails', () => {
    expect(shown).toHaveLength(Math.min(50, year.mails.length))
    expect(shown.at(-1)?.id).toBe(year.mails.at(-1)?.sesMessageId)
  })
})
