/** Who an event is about: users, addresses, devices, shared devices. Ids that name nobody are in the file beside. */
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { aDoor } from '#test/fixture/door'

const door = aDoor()
type Send = typeof door.send
let count = 0
const send = async (endpoint: Parameters<Send>[0], body: object, key?: string) => {
  count += 1
  return door.send(endpoint, { messageId: `m-${count}`, ...body }, key)
}
const view = (who: object, key?: string) => send('track', { event: 'Cart Viewed', ...who }, key)

const user = (userId: string) => derive('c', 'user', userId)
const visitor = (anonymousId: string) => derive('v', anonymousId)
const guest = async (address: string) => derive('c', 'address', await door.hashOf(address))

describe('looked up', () => {
  it('by user id before the address and the device', async () => {
    await view({ userId: '42', anonymousId: 'device-1', properties: { email: 'rina@example.com' } })

    expect(await door.eventsOf(user('42'))).toMatchObject([
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
    expect(await door.eventsOf(hers)).toMatchObject([{ reachable: true }])
    expect((await door.box('rina@example.com'))?.owner).toBe(hers)
  })

  it('by the device it was linked to', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' }, 'browser-key')

    expect((await door.eventsOf(user('42'))).map((event) => event.name)).toEqual([
      'Identified',
      'Cart Viewed',
    ])
  })

  it('by a device nobody knows as a visitor, who cannot be written to', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')

    expect(await door.eventsOf(visitor('device-1'))).toMatchObject([{ reachable: false }])
    expect(door.world.tables.eventStream).toEqual([])
  })

  it('writes a visitor’s browsing as one plain put', async () => {
    const lists: number[] = []
    const record = door.world.events.record
    door.world.events.record = async (event, beside) => {
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
    const record = door.world.events.record
    door.world.events.record = async (event, beside) => {
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

    expect(await door.eventsOf(user('42'))).toMatchObject([{ traits: { email: 'Rina@example.com' } }])
    expect((await door.box('rina@example.com'))?.owner).toBe(user('42'))
    expect((await door.world.gates.customer(user('42')))?.inbox).toEqual({
      hash: await door.hashOf('rina@example.com'),
      at: '2026-11-24T13:00:00.000Z',
    })
  })

  it('in the context of an event reaches her profile together with the other traits there', async () => {
    await view({ userId: '42', context: { traits: { email: 'rina@example.com', firstName: 'Rina' } } })

    expect((await door.eventsOf(user('42')))[0]?.traits).toEqual({
      email: 'rina@example.com',
      firstName: 'Rina',
    })
  })

  it('is taken back by null, from the server only', async () => {
    await send('identify', { userId: '42', traits: { email: null } })
    await send('identify', { userId: '43', traits: { email: null } }, 'browser-key')

    expect((await door.eventsOf(user('42')))[0]?.traits).toEqual({ email: null })
    expect((await door.eventsOf(user('43')))[0]?.traits).toBeUndefined()
  })

  it('of someone else stays theirs; the event is kept without it', async () => {
    await send('identify', { userId: '7', traits: { email: 'rina@example.com' } })

    const answer = await send('identify', {
      userId: '42',
      traits: { email: 'rina@example.com', firstName: 'R' },
    })

    expect(answer).toMatchObject({ status: 200, body: { warnings: [{ code: 'address-of-another' }] } })
    expect((await door.box('rina@example.com'))?.owner).toBe(user('7'))
    expect((await door.eventsOf(user('42')))[0]?.traits).toEqual({ firstName: 'R' })
    expect((await door.world.gates.customer(user('42')))?.inbox).toBeUndefined()
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

    expect((await door.world.gates.customer(user('42')))?.inbox?.hash).toBe(
      await door.hashOf('new@example.com'),
    )
    expect((await door.box('old@example.com'))?.owner).toBe(user('42'))
  })

  it('without a user id goes to whom the inbox belongs', async () => {
    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    await view({ properties: { email: 'RINA@example.com' } })

    expect((await door.eventsOf(user('42'))).map((event) => event.name).sort()).toEqual([
      'Cart Viewed',
      'Identified',
    ])
  })
})

describe('a device', () => {
  const deviceOf = (anonymousId: string) => door.world.identities.visitor(anonymousId)

  it('is linked by the first identify, which folds its log in', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')
    await send('identify', { userId: '42', anonymousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await door.eventsOf(user('42'))).toMatchObject([
      { name: 'Identified', folds: visitor('device-1') },
    ])
  })

  it('is folded once: identifying again folds nothing', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await send('identify', { userId: '42', anonymousId: 'device-1' })

    expect((await door.eventsOf(user('42'))).filter((event) => event.folds !== undefined)).toHaveLength(1)
  })

  it('an identify told twice at once is linked once', async () => {
    const identify = { userId: '42', anonymousId: 'device-1' }
    await Promise.all([send('identify', identify), send('identify', identify), send('identify', identify)])

    const events = await door.eventsOf(user('42'))
    expect(events).toHaveLength(3)
    expect(events.filter((event) => event.folds !== undefined)).toHaveLength(1)
  })

  it('shared by two goes to who identified last; what was the first one’s stays hers', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' })
    await send('identify', { userId: '43', anonymousId: 'device-1' })
    await view({ anonymousId: 'device-1' })

    expect((await door.eventsOf(user('42'))).map((event) => event.name)).toEqual([
      'Identified',
      'Cart Viewed',
    ])
    expect((await door.eventsOf(user('43'))).map((event) => [event.name, event.folds])).toEqual([
      ['Identified', undefined],
      ['Cart Viewed', undefined],
    ])
  })

  it('nobody’s yet is linked by an event that names both', async () => {
    await view({ userId: '42', anonymousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await door.eventsOf(user('42'))).toMatchObject([{ folds: visitor('device-1') }])
  })

  it('of someone is not moved by an event that names both', async () => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    await view({ userId: '43', anonymousId: 'device-1' })

    expect(await deviceOf('device-1')).toBe(user('42'))
  })

  it('is one of several: each is folded by its first link', async () => {
    await send('identify', { userId: '42', anonymousId: 'phone' })
    await send('identify', { userId: '42', anonymousId: 'laptop' })

    expect((await door.eventsOf(user('42'))).map((event) => event.folds)).toEqual([
      visitor('phone'),
      visitor('laptop'),
    ])
  })

  it('is named by previousId in an alias', async () => {
    await view({ anonymousId: 'device-1' }, 'browser-key')
    await send('alias', { userId: '42', previousId: 'device-1' }, 'browser-key')

    expect(await deviceOf('device-1')).toBe(user('42'))
    expect(await door.eventsOf(user('42'))).toMatchObject([{ folds: visitor('device-1') }])
  })
})
