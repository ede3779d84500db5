/**
 * Importing through the door of the house: what comes of rows on gates and logs, that a file taken in twice or
 * broken off anywhere is as if once, and that nobody is mailed by it. The command itself: `test/acceptance/`.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { choiceFor } from '#core/gate'
import { derive } from '#core/id'
import { customerColumns } from '#core/import/columns'
import { customerItem, type Item } from '#core/import/customer'
import { limits } from '#core/limits'
import { type ImportPorts, importChunk } from '#flow/import'
import { aDoor, hers } from '#test/fixture/door'

const door = aDoor()

const header = ['email', 'userId', 'firstName', 'status', 'consentAt', 'consentSource', 'unsubscribedAt']

/** Items of rows given as `email,userId,…` in the order of `header`. */
function itemsOf(rows: readonly string[], fingerprint = 'file'): Item[] {
  const { columns } = customerColumns(header, new Map())
  const options = {
    fingerprint,
    now: '2026-11-24T13:00:00.000Z',
    status: undefined,
    consentSource: undefined,
  }
  return rows.map((text, index) => customerItem(columns, { row: index + 2, cells: text.split(',') }, options))
}

const importing = (rows: readonly string[], fingerprint?: string) =>
  importChunk(door.world, itemsOf(rows, fingerprint))

const guest = async (address: string) => derive('c', 'address', await door.hashOf(address))

describe('a row', () => {
  it('that agreed opens her inbox, as history', async () => {
    const taken = await importing(['mia@example.com,,Mia,subscribed,2024-05-31,Form,'])

    const box = await door.box('mia@example.com')
    const events = await door.eventsOf(await guest('mia@example.com'))
    expect(taken).toEqual({ counts: { subscribed: 1 }, told: [] })
    expect(box?.consent['*']).toEqual({ given: true, at: '2024-05-31T00:00:00.000Z', source: 'Form' })
    expect(events.map(({ name, history, source }) => [name, history, source])).toEqual([
      ['Identified', true, 'server'],
      ['Consent Given', true, 'server'],
    ])
  })

  it('that left closes it, against an older yes and whichever row comes first', async () => {
    await importing([
      'mia@example.com,,,unsubscribed,,,2025-01-01',
      'mia@example.com,,,subscribed,2024-05-31,Form,',
      'noor@example.com,,,subscribed,2025-05-31,Form,',
      'noor@example.com,,,unsubscribed,,,2025-01-01',
      'rina@example.com,,,unsubscribed,,,',
      'rina@example.com,,,subscribed,2026-11-24,Form,',
    ])

    const choices = await Promise.all(
      ['mia', 'noor', 'rina'].map(async (name) => {
        const box = await door.box(`${name}@example.com`)
        return box && choiceFor(box, 'news')
      }),
    )
    expect(choices).toEqual([false, true, false])
  })

  it('that bounced closes the inbox alone, and an older reason stays', async () => {
    await importing(['mia@example.com,,,bounced,,,'])
    await importing(['mia@example.com,,,complained,,,'], 'another')

    expect(await door.box('mia@example.com')).toMatchObject({ suppressed: { why: 'bounce' } })
    expect(await door.eventsOf(await guest('mia@example.com'))).toEqual([])
  })

  it('that bounced twice in one file, or while others change the inbox, closes it once', async () => {
    const { putAddress } = door.world.gates
    let isMet = false
    door.world.gates.putAddress = async (hash, gate) => {
      if (!isMet) {
        isMet = true
        await door.send('identify', { userId: '42', traits: { email: 'mia@example.com' } })
      }
      return putAddress(hash, gate)
    }

    await importing(['mia@example.com,,,bounced,,,', 'mia@example.com,,,complained,,,'])

    expect(await door.box('mia@example.com')).toMatchObject({ owner: hers, suppressed: { why: 'bounce' } })
  })

  it('with a user id is that account, and an address of another stays theirs', async () => {
    await door.send('identify', { userId: '7', traits: { email: 'noor@example.com' } })

    const taken = await importing([
      'mia@example.com,42,Mia,,,,',
      'noor@example.com,43,Noor,,,,',
      'kim@example.com,null,Kim,,,,',
    ])

    expect(await door.box('mia@example.com')).toMatchObject({ owner: hers })
    expect(await door.box('noor@example.com')).toMatchObject({ owner: derive('c', 'user', '7') })
    expect(taken.told.map(({ row, kind, column }) => [row, kind, column])).toEqual([
      [3, 'note', 'traits.email'],
      [4, 'note', 'userId'],
    ])
    expect(taken.told[0]?.cure).toContain('alias')
  })

  it('of somebody who was erased is refused, and nothing of it is kept', async () => {
    const hash = await door.hashOf('mia@example.com')
    await door.world.gates.putAddress(hash, {
      consent: {},
      softBounces: 0,
      ring: [],
      erased: true,
      version: 0,
    })

    const taken = await importing([
      'mia@example.com,,Mia,subscribed,2024-05-31,Form,',
      'mia@example.com,,,bounced,,,',
    ])

    expect(taken.counts).toEqual({ refused: 1, suppressed: 1 })
    expect(taken.told.map(({ kind, cure }) => [kind, cure])).toEqual([
      ['refused', 'nothing: she asked to be forgotten, and is'],
      ['note', 'nothing: she asked to be forgotten, and is'],
    ])
    expect(await door.eventsOf(await guest('mia@example.com'))).toEqual([])
    expect((await door.box('mia@example.com'))?.suppressed).toBeUndefined()
  })
})

/** A list of customers of every kind, some guests of them twice. */
const aList = (length: number): string[] =>
  Array.from({ length }, (_, index) => {
    const email = `person-${index % 97 === 0 ? 0 : index}@shoppers.example`
    const kind = index % 10
    if (kind === 6) return `${email},,Mia ${index},subscribed,2024-05-31,Form,`
    if (kind === 7) return `account-${index}@shoppers.example,user-${index},Ann,subscribed,,,`
    if (kind === 8) return `${email},,,unsubscribed,,,2025-01-01`
    if (kind === 9) return `${email},,,bounced,,,2025-01-01`
    return `${email},,Kim ${index},,,,`
  })

/** A mark of all that is stored, whichever order it was stored in. */
const stored = ({ tables }: MemoryPorts): string => {
  const { eventStream, messageStream: _, ...rest } = tables
  const sorted = (map: Map<string, unknown>): unknown =>
    [...map].sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, value]) => [key, plain(value)])
  const plain = (value: unknown): unknown => (value instanceof Map ? sorted(value) : value)
  const all = Object.entries(rest).map(([name, value]) => [name, plain(value)])
  return createHash('sha256')
    .update(JSON.stringify([eventStream.length, all]))
    .digest('hex')
}

async function importAll(ports: ImportPorts, items: readonly Item[], chunk: number): Promise<void> {
  for (let from = 0; from < items.length; from += chunk) {
    await importChunk(ports, items.slice(from, from + chunk))
  }
}

describe('a file', () => {
  it('taken in again changes nothing', async () => {
    const items = itemsOf(aList(300))
    await importAll(door.world, items, 100)
    const once = stored(door.world)
    door.world.now.at = '2026-11-25T13:00:00.000Z'

    await importAll(door.world, items, 70)

    expect(stored(door.world)).toBe(once)
  })

  it('broken off in the middle of a chunk and gone on with is as if never broken off', async () => {
    const items = itemsOf(aList(300))
    const whole = memoryPorts('2026-11-24T13:00:00.000Z')
    await importAll(whole, items, 100)
    for (const at of [1, 7, 60, 133, 260, 300]) {
      const world = memoryPorts('2026-11-24T13:00:00.000Z')
      let writes = 0
      const dying: ImportPorts = {
        ...world,
        events: {
          ...world.events,
          record: async (event, beside) => {
            writes += 1
            if (writes >= at) throw new Error('killed')
            return world.events.record(event, beside)
          },
        },
      }
      await expect(importAll(dying, items, 100)).rejects.toThrow('killed')

      await importAll(world, items, 100)

      expect(stored(world), `killed at write ${at}`).toBe(stored(whole))
    }
  })

  it('of 100,000 rows, killed half-way, ends as one that was not', async () => {
    const items = itemsOf(aList(100_000))
    const world = memoryPorts('2026-11-24T13:00:00.000Z')
    const half = 50_000 - (50_000 % limits.importChunkRows)
    await importAll(world, items.slice(0, half + 300), limits.importChunkRows)

    await importAll(world, items.slice(half), limits.importChunkRows)

    const people = new Set(items.flatMap(({ calls, ids }) => (calls.length > 0 ? (ids[0] ?? []) : [])))
    const events = items.reduce((sum, { calls }) => sum + calls.length, 0)
    expect(world.tables.eventStream).toHaveLength(events)
    expect(new Set(world.tables.eventStream.map(({ messageId }) => messageId)).size).toBe(events)
    expect(world.tables.eventStream.every(({ history }) => history === true)).toBe(true)
    expect(world.tables.persons.size).toBeGreaterThanOrEqual(people.size)
  }, 240_000)
})
