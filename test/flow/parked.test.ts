/** What is parked is listed, decided again for show, and left as it was; what is without a known outcome is found by its days. */
import { describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { figuresOf } from '#core/report/figures'
import { plus } from '#core/time'
import { parkedInputs } from '#flow/parked'
import type { Customers } from '#flow/port'
import { switchMail } from '#flow/publish'
import { dryPorts, everyLog, redrive, redriveSpan } from '#flow/redrive'
import { unresolvedMessages } from '#flow/unresolved'
import { aCommit, aMessage, anEvent, aRelease, aState } from '#test/fixture/build'

const at = '2026-03-02T09:00:00.000Z'

async function aWorld(release = aRelease()): Promise<MemoryPorts> {
  const world = memoryPorts(at)
  await world.workspace.putRelease(release)
  await world.workspace.putLive({ release: release.number, paused: [] }, undefined)
  return world
}

/** All that is stored, as text. */
const everything = ({ tables }: MemoryPorts) =>
  JSON.stringify(tables, (_, value) => (value instanceof Map ? [...value] : value))

describe('what is parked', () => {
  it('is listed with its error, the longest waiting first', async () => {
    const { customers } = await aWorld()
    await customers.park('a', { at: '2026-03-02T08:00:00.000Z', eventKeys: ['one', 'two'], error: 'second' })
    await customers.park('b', { at: '2026-03-01T08:00:00.000Z', eventKeys: [], error: 'first' })

    const parked = await parkedInputs(customers)

    expect(parked).toEqual([
      { customerId: 'b', since: '2026-03-01T08:00:00.000Z', eventKeys: [], error: 'first' },
      { customerId: 'a', since: '2026-03-02T08:00:00.000Z', eventKeys: ['one', 'two'], error: 'second' },
    ])
  })

  it('that is taken out while it is listed is left out', async () => {
    const parked = await parkedInputs({ allParked: async () => ['gone'], parked: async () => undefined })

    expect(parked).toEqual([])
  })
})

const order = anEvent({ name: 'Order Completed', properties: { order_id: 'o-1', total: 5 } })

async function parkedOrder(world: MemoryPorts) {
  await world.events.record(order, [])
  await world.customers.park(order.customerId, { at, eventKeys: [order.key], error: 'a circle' })
}

describe('a redrive', () => {
  it('decides what was parked while it decided the rest', async () => {
    const world = await aWorld()
    await parkedOrder(world)
    const late = anEvent({
      ...order,
      key: '-#late',
      messageId: 'late',
      properties: { order_id: 'o-2', total: 7 },
    })
    await world.events.record(late, [])
    let commits = 0
    const commit: Customers['commit'] = async (one) => {
      commits += 1
      if (commits === 1)
        await world.customers.park(order.customerId, { at, eventKeys: [late.key], error: 'a circle' })
      return world.customers.commit(one)
    }

    const outcome = await redrive({ ...world, customers: { ...world.customers, commit } }, order.customerId)

    expect(outcome).toBe('decided')
    expect((await world.customers.load(order.customerId))?.state.totals.orderCount).toBe(2)
    expect(await world.customers.allParked()).toEqual([])
  })

  it('leaves parked what others keep adding to', async () => {
    const world = await aWorld()
    await parkedOrder(world)
    const unpark: Customers['unpark'] = async () => 'changed'

    const outcome = await redrive({ ...world, customers: { ...world.customers, unpark } }, order.customerId)

    expect(outcome).toBe('parked')
    expect(await world.customers.allParked()).toEqual([order.customerId])
  })

  it('of a log with a row that cannot be read leaves her parked, with that error', async () => {
    const world = await aWorld()
    await parkedOrder(world)
    const eventsOf = async () => {
      throw new Failed({ code: 'row-unreadable', message: 'a row of hers', retryable: false })
    }
    const ports = { ...world, events: { ...world.events, eventsOf } }

    const outcomes = [
      await redrive(ports, order.customerId),
      await redriveSpan(ports, order.customerId, { from: at, to: '2026-03-03T00:00:00.000Z' }),
    ]

    expect(outcomes).toEqual(['parked', 'parked'])
    expect(await world.customers.parked(order.customerId)).toMatchObject({
      eventKeys: [order.key],
      error: 'a row of hers',
    })
  })

  it('decides more events than were listed', async () => {
    const world = await aWorld()
    const before = anEvent({
      ...order,
      key: '-#before',
      messageId: 'before',
      receivedAt: '2026-03-02T07:00:00.000Z',
    })
    const orders = Array.from({ length: limits.parkedEvents + 2 }, (_, index) =>
      anEvent({
        ...order,
        key: `-#m${index}`,
        messageId: `m${index}`,
        properties: { order_id: `o-${index}`, total: 5 },
        receivedAt: plus('2026-03-02T08:00:00.000Z', index * 1000),
      }),
    )
    for (const event of [before, ...orders]) await world.events.record(event, [])
    for (const { customerId, key, receivedAt } of orders)
      await world.customers.park(customerId, { at, eventKeys: [key], receivedAt, error: 'a circle' })

    const outcome = await redrive(world, order.customerId)

    expect(outcome).toBe('decided')
    expect((await world.customers.load(order.customerId))?.state.totals.orderCount).toBe(orders.length)
    expect(await world.customers.allParked()).toEqual([])
  })
})

describe('a span that the stream gave up', () => {
  it('is decided for who has no state yet, too', async () => {
    const world = await aWorld()
    const first = anEvent({ name: 'Order Completed', properties: { order_id: 'o-1', total: 10 } })
    await world.events.record(first, [])
    world.tables.eventStream.splice(0)

    const outcomes: string[] = []
    for await (const customerId of everyLog(world.events))
      outcomes.push(await redriveSpan(world, customerId, { from: at, to: '2026-03-03T00:00:00.000Z' }))

    expect(outcomes).toEqual(['decided'])
    const known = await world.customers.load(first.customerId)
    expect(known?.state.totals.orderCount).toBe(1)
  })
})

describe('redriving for show', () => {
  it('comes to what a redrive comes to, and changes nothing', async () => {
    const world = await aWorld()
    await parkedOrder(world)
    const before = everything(world)

    const dry = await redrive(dryPorts(world), order.customerId)
    const after = everything(world)
    const real = await redrive(world, order.customerId)

    expect(dry).toBe('decided')
    expect(after).toBe(before)
    expect(real).toBe(dry)
    expect(await parkedInputs(world.customers)).toEqual([])
  })

  it('tells what would still be parked, with its new error', async () => {
    const circle = {
      id: 'circle',
      journey: {
        name: 'Circle',
        topic: 'reminders',
        enter: { on: ['Order Completed'] },
        exit: [],
        steps: [],
      },
      program: [{ op: 'jump', to: 0 }],
      mails: {},
    }
    // A program that no journey.yaml compiles to.
    const world = await aWorld(aRelease({ journeys: { circle } as never }))
    await parkedOrder(world)
    const before = everything(world)
    const ports = dryPorts(world)

    const dry = await redrive(ports, order.customerId)

    expect(dry).toBe('parked')
    expect((await ports.customers.parked(order.customerId))?.error).not.toBe('a circle')
    expect((await world.customers.parked(order.customerId))?.error).toBe('a circle')
    expect(everything(world)).toBe(before)
  })

  it('of a span decides its events and changes nothing', async () => {
    const world = await aWorld()
    await parkedOrder(world)
    const before = everything(world)

    const dry = await redriveSpan(dryPorts(world), order.customerId, {
      from: at,
      to: '2026-03-03T00:00:00.000Z',
    })

    expect(dry).toBe('decided')
    expect(everything(world)).toBe(before)
  })
})

it('a pause for show answers what would be paused and leaves the switch', async () => {
  const { workspace } = await aWorld()

  const switched = await switchMail(workspace, { journey: '*', paused: true, dryRun: true })

  expect(switched).toEqual({ kind: 'switched', paused: ['*'] })
  expect((await workspace.live())?.paused).toEqual([])
})

describe('what has no known outcome', () => {
  const now = '2026-03-20T12:00:00.000Z'
  const put = async (world: MemoryPorts, set: Partial<Message>) => {
    const message = aMessage({ messageId: `m-${set.plannedAt}-${set.status}`, ...set })
    world.tables.messages.set(
      message.customerId,
      new Map(world.tables.messages.get(message.customerId)).set(message.messageId, { message, clicks: 0 }),
    )
    return message
  }
  const asked = { from: '2026-03-01', to: '2026-03-20' }
  const journeys = { 'abandoned-cart': { id: 'abandoned-cart' } } as never

  it('is found by the days it was planned on, with how long it waits; what ended is not', async () => {
    const world = await aWorld(aRelease({ journeys }))
    world.now.at = now
    const unknown = await put(world, {
      status: 'UNKNOWN',
      plannedAt: '2026-03-19T09:00:00.000Z',
      claimedAt: at,
    })
    await put(world, { status: 'CLOSED', plannedAt: '2026-03-10T09:00:00.000Z' })
    await put(world, { status: 'CLOSED', plannedAt: '2026-02-10T09:00:00.000Z' })
    for (const status of ['SENT', 'PLANNED', 'CLAIMED', 'SKIPPED', 'FAILED'] as const)
      await put(world, { status, plannedAt: '2026-03-19T10:00:00.000Z' })
    const { messageId, notAfter } = unknown
    const settleAt = '2026-03-22T09:20:00.000Z'
    const outstanding = [{ ...unknown, messageId, notAfter, settleAt, phase: 'unknown' as const }]
    await world.customers.commit(aCommit({ state: aState({ outstanding }) }))
    const seen: number[] = []

    const found = await unresolvedMessages(world, asked, (rows) => seen.push(rows))

    expect(found.map(({ status, plannedAt, waitsUntil }) => [status, plannedAt, waitsUntil])).toEqual([
      ['UNKNOWN', '2026-03-19T09:00:00.000Z', settleAt],
      ['CLOSED', '2026-03-10T09:00:00.000Z', undefined],
    ])
    expect(found[0]).toMatchObject({ customerId: 'customer-1', journey: 'abandoned-cart', claimedAt: at })
    expect(seen.at(-1)).toBe(7)
  })

  it('is not looked for on days that the report closed without one', async () => {
    const world = await aWorld(aRelease({ journeys }))
    world.now.at = now
    const day = async (name: string, status: Message['status']) => {
      const message = await put(world, { status, plannedAt: `${name}T09:00:00.000Z` })
      const line = { step: 'reminder', figures: figuresOf(message) }
      await world.reports.putDay({ day: name, journey: 'abandoned-cart', closed: true, lines: [line] })
    }
    await day('2026-03-01', 'SENT')
    await day('2026-03-02', 'CLOSED')
    await day('2026-03-03', 'SENT')
    const spans: [string, string][] = []
    const reports = {
      ...world.reports,
      planned: async (of: { journey: string; from: string; to: string }, after?: string) => {
        spans.push([of.from, of.to])
        return world.reports.planned(of, after)
      },
    }

    const found = await unresolvedMessages({ ...world, reports }, asked)

    expect(found.map(({ status }) => status)).toEqual(['CLOSED'])
    expect(spans).toEqual([
      ['2026-03-02', '2026-03-02'],
      ['2026-03-04', '2026-03-20'],
    ])
  })

  it('that was settled since the index was read is left out', async () => {
    const world = await aWorld(aRelease({ journeys }))
    world.now.at = now
    const message = await put(world, { status: 'UNKNOWN', plannedAt: '2026-03-19T09:00:00.000Z' })
    const messages = { ...world.messages, load: async () => ({ ...message, status: 'SENT' as const }) }

    const found = await unresolvedMessages({ ...world, messages }, asked)

    expect(found).toEqual([])
  })
})
