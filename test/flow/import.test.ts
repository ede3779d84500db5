/**
 * Importing through the door of the house: what comes of rows on gates and logs, that a file taken in twice or
 * broken off anywhere is as if once, and that nobody is mailed by it. The command itself: `test/acceptance/`.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
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

/** Items of rows given as `email,userId,…` in the order of `header`; `first`: how many stand before them in the file. */
function itemsOf(rows: readonly string[], { fingerprint = 'file', first = 0 } = {}): Item[] {
  const { columns } = customerColumns(header, new Map())
  const options = {
    fingerprint,
    now: '2026-11-24T13:00:00.000Z',
    status: undefined,
    consentSource: undefined,
  }
  return rows.map((text, index) =>
    customerItem(columns, { row: first + index + 2, cells: text.split(',') }, options),
  )
}

const importing = (rows: readonly string[], fingerprint?: string) =>
  importChunk(door.world, itemsOf(rows, fingerprint === undefined ? {} : { fingerprint }))

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

/** A list of customers of every kind, most of them inboxes that bounced; some are of one person. */
const aList = (length: number): string[] =>
  Array.from({ length }, (_, index) => {
    const email = `person-${index % 97 === 0 ? 0 : index}@shoppers.example`
    const kind = index % 10
    if (kind === 6) return `${email},,Mia ${index},subscribed,2024-05-31,Form,`
    if (kind === 7) return `account-${index}@shoppers.example,user-${index},Ann,subscribed,,,`
    if (kind === 8) return `${email},,,unsubscribed,,,2025-01-01`
    if (kind === 9) return `${email},,Kim ${index},,,,`
    return `${email},,,bounced,,,2025-01-01`
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

/** Takes in what is not in yet, and notes after each chunk how many rows are. */
async function importRest(
  ports: ImportPorts,
  rows: readonly string[],
  progress = { done: 0 },
  chunkRows: number = limits.importChunkRows,
): Promise<void> {
  while (progress.done < rows.length) {
    const chunk = rows.slice(progress.done, progress.done + chunkRows)
    await importChunk(ports, itemsOf(chunk, { first: progress.done }))
    progress.done += chunk.length
  }
}

interface Break {
  /** Which write is the last that is asked for. */
  at: number
  /** It throws; or it is not written, or only its answer is lost, and nothing answers any more: a killed process. */
  by: 'thrown' | 'unwritten' | 'unanswered'
}

/** Imports until it is broken off: from then on nothing is written. Answers what was noted by then. */
async function importBroken(
  world: MemoryPorts,
  { rows, chunkRows, at, by }: Break & { rows: readonly string[]; chunkRows?: number },
): Promise<{ done: number }> {
  const progress = { done: 0 }
  let writes = 0
  let die = (_: 'dead') => {}
  const dead = new Promise<'dead'>((resolve) => {
    die = resolve
  })
  const end = (): Promise<never> => {
    if (by === 'thrown') throw new Error('broken off')
    die('dead')
    return new Promise(() => {})
  }
  const write = async <T>(run: () => Promise<T>): Promise<T> => {
    writes += 1
    if (writes > at || (writes === at && by !== 'unanswered')) return end()
    const answer = await run()
    return writes < at ? answer : end()
  }
  const { events, gates } = world
  const dying: ImportPorts = {
    ...world,
    events: { ...events, record: (event, beside) => write(() => events.record(event, beside)) },
    gates: { ...gates, putAddress: (hash, gate) => write(() => gates.putAddress(hash, gate)) },
  }
  const ended = await Promise.race([dead, importRest(dying, rows, progress, chunkRows).catch(String)])
  expect(ended).toBe(by === 'thrown' ? 'Error: broken off' : 'dead')
  return progress
}

const aBreak = (writes: { min: number; max: number }): fc.Arbitrary<Break> =>
  fc.record({ at: fc.integer(writes), by: fc.constantFrom('thrown', 'unwritten', 'unanswered') })

describe('a file', () => {
  it('taken in again changes nothing', async () => {
    const rows = aList(300)
    await importRest(door.world, rows, { done: 0 }, 100)
    const once = stored(door.world)
    door.world.now.at = '2026-11-25T13:00:00.000Z'

    await importRest(door.world, rows, { done: 0 }, 70)

    expect(stored(door.world)).toBe(once)
  })

  it('broken off at any write, and gone on with behind what was noted, is as if never broken off', async () => {
    const [rows, chunkRows] = [aList(300), 100]
    const whole = memoryPorts('2026-11-24T13:00:00.000Z')
    await importRest(whole, rows, { done: 0 }, chunkRows)

    await fc.assert(
      fc.asyncProperty(aBreak({ min: 1, max: rows.length }), async (one) => {
        const world = memoryPorts('2026-11-24T13:00:00.000Z')
        const progress = await importBroken(world, { rows, chunkRows, ...one })
        await importRest(world, rows, progress, chunkRows)

        expect(stored(world)).toBe(stored(whole))
      }),
      { numRuns: 10 },
    )
  })

  it('of 100,000 rows, broken off half-way, is in once, each row as it says', async () => {
    const rows = aList(100_000)
    const inboxes = (wanted: RegExp) =>
      new Set(rows.filter((row) => wanted.test(row)).map((row) => row.split(',')[0]))
    const left = inboxes(/,unsubscribed,/)

    await fc.assert(
      fc.asyncProperty(aBreak({ min: 40_000, max: 80_000 }), async (one) => {
        const world = memoryPorts('2026-11-24T13:00:00.000Z')
        const progress = await importBroken(world, { rows, ...one })
        await importRest(world, rows, progress)

        const { eventStream, persons } = world.tables
        const gates = [...world.tables.addresses.values()]
        const choices = gates.map(({ consent }) => consent['*']?.given)
        expect(eventStream).toHaveLength(60_000)
        expect(new Set(eventStream.map(({ messageId }) => messageId)).size).toBe(60_000)
        expect(eventStream.every(({ history }) => history === true)).toBe(true)
        expect(persons.size).toBe(inboxes(/^(?!.*,bounced,)/).size)
        expect(gates).toHaveLength(inboxes(/./).size)
        expect(gates.filter((gate) => gate.suppressed)).toHaveLength(inboxes(/,bounced,/).size)
        expect(choices.filter((given) => given === false)).toHaveLength(left.size)
        const joined = [...inboxes(/,Form,/)].filter((inbox) => !left.has(inbox))
        expect(choices.filter((given) => given === true)).toHaveLength(joined.length)
      }),
      { numRuns: 1, endOnFailure: true },
    )
  }, 240_000)
})
