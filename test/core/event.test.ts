/**
 * Every version of an event that was ever accepted is kept as a file, `test/fixture/event/<type>/v<n>.json`,
 * and is accepted still and means the same: a shop's code and a shop's log outlive ours.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryPorts } from '#adapters/memory/ports'
import { Event, EventType, eventKey, own, ownEvent } from '#core/event'
import { factOf } from '#core/fact'
import { readCall } from '#core/segment'
import { ingest } from '#flow/ingest'

const folder = new URL('../fixture/event/', import.meta.url)
const Kept = z.object({
  key: z.enum(['server', 'browser']),
  call: z.looseObject({ type: EventType }),
  means: z.unknown(),
})

const kept = readdirSync(folder).flatMap((type) =>
  readdirSync(new URL(`${type}/`, folder)).map((file) => ({
    name: `${type}/${file}`,
    ...Kept.parse(JSON.parse(readFileSync(new URL(`${type}/${file}`, folder), 'utf8'))),
  })),
)

describe('an event as it was once accepted', () => {
  it.each(kept)('$name is read without a warning and means the same', ({ key, call, means }) => {
    const read = readCall(call, { source: key })

    if ('refusals' in read) throw new Error(JSON.stringify(read.refusals))
    expect(read.warnings).toEqual([])
    expect(JSON.parse(JSON.stringify(factOf(read.call, 'EUR')))).toEqual(means)
  })

  it.each(kept)('$name is stored, and its row is an event', async ({ key, call }) => {
    const world = memoryPorts('2026-11-24T13:00:00.000Z')
    await world.workspace.putWriteKey('key', key)

    const answer = await ingest(world, { endpoint: call.type, key: 'key', body: call })

    const [stored] = [...world.tables.events.values()].flatMap((log) => [...log.values()])
    expect(answer).toMatchObject({ status: 200, body: { success: true } })
    expect(Event.parse(stored)).toEqual(stored)
  })

  it('is kept for every type of call, and for every name that means something', () => {
    const types = new Set(kept.map(({ call }) => call.type))
    const names = new Set(kept.map(({ call }) => call.event))

    expect([...types].sort()).toEqual([...EventType.options].sort())
    expect(meaningful.filter((name) => !names.has(name))).toEqual([])
  })
})

/** Names that change what is known of a customer; our own are made by us, in whatever version is running. */
const meaningful = [
  'Product Viewed',
  'Product Clicked',
  'Products Searched',
  'Product Added',
  'Product Removed',
  'Cart Updated',
  'Order Completed',
  'Order Updated',
  'Order Refunded',
  'Order Cancelled',
  'Consent Given',
  'Consent Withdrawn',
]

describe('an event of our own', () => {
  it('has an id made of its cause, so that the same cause is one event', () => {
    const of = { customerId: 'c1', cause: 'e1', now: '2026-11-24T13:00:00.000Z', properties: {} }

    expect(ownEvent(own.sent, of)).toMatchObject({
      key: '-#e1',
      messageId: 'e1',
      source: 'homeward',
      reachable: true,
    })
  })
})

describe('a key', () => {
  it('is the time as sent and the message id, or a dash where no time was sent', () => {
    expect(eventKey('2026-11-24T13:00:00.000Z', 'm-1')).toBe('2026-11-24T13:00:00.000Z#m-1')
    expect(eventKey(undefined, 'm-1')).toBe('-#m-1')
  })
})
