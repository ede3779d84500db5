/** Who an event is about: users, addresses, devices, shared devices, and ids that name nobody. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { newAddressGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { ingest } from '#flow/ingest'
import { type MemoryPorts, memoryPorts } from '#test/fixture/memory/ports'

let world: MemoryPorts

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:00.000Z')
  await world.workspace.putWriteKey('server-key', 'server')
  await world.workspace.putWriteKey('browser-key', 'browser')
})

type Endpoint = Parameters<typeof ingest>[1]['endpoint']
let count = 0
const send = async (endpoint: Endpoint, body: object, key = 'server-key') => {
  count += 1
  return ingest(world, { endpoint, key, body: { messageId: `m-${count}`, ...body } })
}
const view = (who: object, key?: string) => send('track', { event: 'Cart Viewed', ...who }, key)

const user = (userId: string) => derive('c', 'user', userId)
const visitor = (anonymousId: string) => derive('v', anonymousId)
const hashOf = async (address: string) => addressHash(address, await world.keys.addressKey())
const guest = async (address: string) => derive('c', 'address', await hashOf(address))
const box = async (address: string) => world.gates.address(await hashOf(address))
const eventsOf = (customerId: string) => world.events.eventsOf(customerId)

describe('looked up', () => {
  it('by user id before the address and the device', async () => {
    await view({ userId: '42', anonymousId: 'device-1', properties: { email: 'rina@example.com' } })

    expect(await eventsOf(user('42'))).toMatchObject([
      { reachable: true, userId: '42', anonymousId: 'device-1' },
    ])
  })

  it.each([
    ['traits.email', { traits: { email: 'Rina@Example.com' } }],
    ['context.traits.email', { context: { traits: { email: 'rina@example.com' } } }],
    ['properties.email', { properties: { email: ' rina@example.com ' } }],
  ])('by the address in %s before the device', async (_, where) => {
    await view({ anonymousId: 'device-1', ...where })

    const hers = await guest('rina@example.com')
    expect(await eventsOf(hers)).toMatchObject([{ reachable: true }])
    expect((await box('rina@example.com'))?.owner).toBe(hers)
  })

  it('by the device it was linked to', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' }, 'browser-key')

    expect((await eventsOf(user('42'))).map((event) => event.name)).toEqual(['Identified', 'Cart Viewed'])
  })

  it('by a device nobody knows as a visitor, who cannot be written to', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')

    expect(await eventsOf(visitor('device-1'))).toMatchObject([{ reachable: false }])
    expect(world.tables.eventStream).toEqual([])
  })

  it('by a row of the user id where there is one', async () => {
    world.tables.users.set('42', 'cElsewhere')
    await view({ userId: '42' })

    expect(await eventsOf('cElsewhere')).toHaveLength(1)
  })

  it('writes a visitor’s browsing as one plain put', async () => {
    const lists: number[] = []
    const record = world.events.record
    world.events.record = async (event, beside) => {
      lists.push(beside.length)
      return record(event, beside)
    }
    await view({ anonymousId: 'device-1' }, 'browser-key')

    expect(lists).toEqual([0])
  })

  it('writes a customer’s browsing, and identifying her again, as one plain put', async () => {
    const identify = { userId: '42', anonymousId: 'device-1', traits: { email: 'rina@example.com' } }
    await send('identify', identify)
    const lists: number[] = []
    const record = world.events.record
    world.events.record = async (event, beside) => {
      lists.push(beside.length)
      return record(event, beside)
    }

    await send('identify', identify)
    await view({ userId: '42', anonymousId: 'device-1' }, 'browser-key')

    expect(lists).toEqual([0, 0])
  })
})

describe('an address', () => {
  it('becomes the inbox of whom the server says, and reaches her profile', async () => {
    await view({ userId: '42', properties: { email: 'Rina@example.com' } })

    expect(await eventsOf(user('42'))).toMatchObject([{ traits: { email: 'Rina@example.com' } }])
    expect((await box('rina@example.com'))?.owner).toBe(user('42'))
    expect((await world.gates.customer(user('42')))?.inbox).toEqual({
      hash: await hashOf('rina@example.com'),
      at: '2026-11-24T13:00:00.000Z',
    })
  })

  it('in the context of an event reaches her profile together with the other traits there', async () => {
    await view({ userId: '42', context: { traits: { email: 'rina@example.com', firstName: 'Rina' } } })

    expect((await eventsOf(user('42')))[0]?.traits).toEqual({ email: 'rina@example.com', firstName: 'Rina' })
  })

  it('is taken back by null, from the server only', async () => {
    await send('identify', { userId: '42', traits: { email: null } })
    await send('identify', { userId: '43', traits: { email: null } }, 'browser-key')

    expect((await eventsOf(user('42')))[0]?.traits).toEqual({ email: null })
    expect((await eventsOf(user('43')))[0]?.traits).toBeUndefined()
  })

  it('of someone else stays theirs; the event is kept without it', async () => {
    await send('identify', { userId: '7', traits: { email: 'rina@example.com' } })

    const answer = await send('identify', {
      userId: '42',
      traits: { email: 'rina@example.com', firstName: 'R' },
    })

    expect(answer).toMatchObject({ status: 200, body: { warnings: [{ code: 'address-of-another' }] } })
    expect((await box('rina@example.com'))?.owner).toBe(user('7'))
    expect((await eventsOf(user('42')))[0]?.traits).toEqual({ firstName: 'R' })
    expect((await world.gates.customer(user('42')))?.inbox).toBeUndefined()
  })

  it('said later is her inbox from then on, in whichever order it is heard', async () => {
    await send('identify', {
      userId: '42',
      traits: { email: 'new@example.com' },
      timestamp: '2026-11-24T12:00:00.000Z',
    })
    await send('identify', {
      userId: '42',
      traits: { email: 'old@example.com' },
      timestamp: '2026-11-20T12:00:00.000Z',
    })

    expect((await world.gates.customer(user('42')))?.inbox?.hash).toBe(await hashOf('new@example.com'))
    expect((await box('old@example.com'))?.owner).toBe(user('42'))
  })

  it('without a user id goes to whom the inbox belongs', async () => {
    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await view({ properties: { email: 'RINA@example.com' } })

    expect((await eventsOf(user('42'))).map((event) => event.name).sort()).toEqual([
      'Cart Viewed',
      'Identified',
    ])
  })
})

describe('a device', () => {
  const deviceOf = (anonymousId: string) => world.identities.visitor(anonymousId)

  it('is linked by the first identify, which folds its log in', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')
    await send('identify', { userId: '42', anonymousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await eventsOf(user('42'))).toMatchObject([{ name: 'Identified', folds: visitor('device-1') }])
  })

  it('is folded once: identifying again folds nothing', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await send('identify', { userId: '42', anonymousId: 'device-1' })

    expect((await eventsOf(user('42'))).filter((event) => event.folds !== undefined)).toHaveLength(1)
  })

  it('an identify told twice at once is linked once', async () => {
    const identify = { userId: '42', anonymousId: 'device-1' }
    await Promise.all([send('identify', identify), send('identify', identify), send('identify', identify)])

    const events = await eventsOf(user('42'))
    expect(events).toHaveLength(3)
    expect(events.filter((event) => event.folds !== undefined)).toHaveLength(1)
  })

  it('shared by two goes to who identified last; what was the first one’s stays hers', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' })
    await send('identify', { userId: '43', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' })

    expect((await eventsOf(user('42'))).map((event) => event.name)).toEqual(['Identified', 'Cart Viewed'])
    expect((await eventsOf(user('43'))).map((event) => [event.name, event.folds])).toEqual([
      ['Identified', undefined],
      ['Cart Viewed', undefined],
    ])
  })

  it('nobody’s yet is linked by an event that names both', async () => {
    await view({ userId: '42', anonymousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await eventsOf(user('42'))).toMatchObject([{ folds: visitor('device-1') }])
  })

  it('of someone is not moved by an event that names both', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ userId: '43', anonymousId: 'device-1' })

    expect(await deviceOf('device-1')).toBe(user('42'))
  })

  it('is one of several: each is folded by its first link', async () => {
    await send('identify', { userId: '42', anonymousId: 'phone' })
    await send('identify', { userId: '42', anonymousId: 'laptop' })

    expect((await eventsOf(user('42'))).map((event) => event.folds)).toEqual([
      visitor('phone'),
      visitor('laptop'),
    ])
  })

  it('is named by previousId in an alias', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')
    await send('alias', { userId: '42', previousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await eventsOf(user('42'))).toMatchObject([{ folds: visitor('device-1') }])
  })
})

describe('ids that name nobody', () => {
  it.each([
    'guest',
    'Guest',
    'null',
    'undefined',
    '0',
    0,
    'anonymous',
    '[object Object]',
    'NaN',
    '00000000-0000-0000-0000-000000000000',
  ])('userId %s is kept on a log only, with a warning', async (userId) => {
    const answer = await view({ userId })

    const events = [...world.tables.events.values()].flatMap((log) => [...log.values()])
    expect(answer).toMatchObject({
      status: 200,
      body: { warnings: [{ code: 'placeholder-id', path: 'userId' }] },
    })
    expect(events).toMatchObject([{ reachable: false }])
    expect(world.tables.eventStream).toEqual([])
  })

  it('do not make one log of all strangers', async () => {
    await view({ userId: 'guest' })
    await view({ userId: 'guest' })

    expect(world.tables.events.size).toBe(2)
  })

  it('link no device', async () => {
    await send('identify', { userId: 'guest', anonymousId: 'device-1' })

    expect(await world.identities.visitor('device-1')).toBeUndefined()
    expect(await eventsOf(visitor('device-1'))).toMatchObject([{ reachable: false }])
  })

  it('as a device are linked to no one', async () => {
    await send('identify', { userId: '42', anonymousId: 'null' })
    await send('identify', { userId: '43', anonymousId: 'null' })

    expect(await world.identities.visitor('null')).toBeUndefined()
    expect((await eventsOf(user('42')))[0]?.folds).toBeUndefined()
  })

  it('count for nothing where the address says who it is', async () => {
    await view({ userId: 'guest', properties: { email: 'rina@example.com' } })

    expect(await eventsOf(await guest('rina@example.com'))).toMatchObject([{ reachable: true }])
  })

  it('change no gate', async () => {
    await send('track', { event: 'Consent Withdrawn', userId: 'guest' })
    await send('track', { event: 'Order Completed', userId: 'guest', properties: { order_id: 'o-1' } })

    expect(world.tables.persons.size).toBe(0)
    expect(world.tables.orders.size).toBe(0)
  })
})

describe('people who', () => {
  it('were merged are followed to where they went', async () => {
    world.tables.persons.set(user('42'), { mergedInto: user('43'), version: 1 })
    world.tables.persons.set(user('43'), { mergedInto: user('44'), version: 1 })

    await view({ userId: '42' })

    expect(await eventsOf(user('44'))).toHaveLength(1)
  })

  it('own an inbox through who was merged into them keep it', async () => {
    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    const gate = await world.gates.customer(user('42'))
    world.tables.persons.set(user('42'), { ...gate, mergedInto: user('43'), version: 9 })

    const answer = await send('identify', { userId: '43', traits: { email: 'rina@example.com' } })

    expect(answer.body).not.toHaveProperty('warnings')
  })

  it.each([
    ['by user id', { userId: '42' }],
    ['by device', { anonymousId: 'device-1' }],
  ])('were erased are refused, named %s', async (_, who) => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    world.tables.persons.set(user('42'), { erased: true, version: 5 })

    const answer = await view(who)

    expect(answer).toMatchObject({ status: 410, body: { code: 'erased' } })
  })

  it('were erased are refused by their address too', async () => {
    world.tables.addresses.set(await hashOf('rina@example.com'), {
      ...newAddressGate(),
      erased: true,
      version: 1,
    })

    const answer = await view({ properties: { email: 'rina@example.com' } })

    expect(answer).toMatchObject({ status: 410, body: { code: 'erased' } })
  })
})

describe('a batch', () => {
  it('takes one person’s calls in the order they were sent, whatever id each names her by', async () => {
    const call = (type: string, who: object, messageId: string) => ({
      type,
      event: 'Cart Viewed',
      messageId,
      ...who,
    })
    await ingest(world, {
      endpoint: 'batch',
      key: 'server-key',
      body: {
        batch: [
          call('track', { anonymousId: 'device-1' }, 'm-1'),
          call('track', { userId: '7' }, 'm-2'),
          call(
            'identify',
            { userId: '42', anonymousId: 'device-1', traits: { email: 'rina@example.com' } },
            'm-3',
          ),
          call('track', { anonymousId: 'device-1' }, 'm-4'),
          call('track', { context: { traits: { email: 'rina@example.com' } } }, 'm-5'),
        ],
      },
    })

    expect((await eventsOf(visitor('device-1'))).map((event) => event.messageId)).toEqual(['m-1'])
    expect((await eventsOf(user('42'))).map((event) => event.messageId)).toEqual(['m-3', 'm-4', 'm-5'])
  })

  it('stores every event that it accepts, whoever they name', async () => {
    const id = fc.constantFrom('1', '2', 'guest', undefined)
    const who = fc.record({ userId: id, anonymousId: fc.constantFrom('a', 'b', 'null', undefined) })
    const named = who.filter(({ userId, anonymousId }) => userId !== undefined || anonymousId !== undefined)
    await fc.assert(
      fc.asyncProperty(fc.array(named, { minLength: 1, maxLength: 20 }), async (people) => {
        const fresh = memoryPorts()
        await fresh.workspace.putWriteKey('server-key', 'server')
        const batch = people.map((one, index) => ({
          type: 'track',
          event: 'A',
          messageId: `m-${index}`,
          ...one,
        }))

        const answer = await ingest(fresh, { endpoint: 'batch', key: 'server-key', body: { batch } })

        const kept = [...fresh.tables.events.values()].reduce((sum, log) => sum + log.size, 0)
        expect(answer.body).toMatchObject({ accepted: people.length, refused: [] })
        expect(kept).toBe(people.length)
      }),
      { numRuns: 60 },
    )
  })
})
