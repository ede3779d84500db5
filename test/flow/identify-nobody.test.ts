/** Ids that name nobody, people who were merged or erased, and the order of one person's calls in a batch. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { newAddressGate } from '#core/gate'
import { derive } from '#core/id'
import { ingest } from '#flow/ingest'
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

    const events = [...door.world.tables.events.values()].flatMap((log) => [...log.values()])
    expect(answer).toMatchObject({
      status: 200,
      body: { warnings: [{ code: 'placeholder-id', path: 'userId' }] },
    })
    expect(events).toMatchObject([{ reachable: false }])
    expect(door.world.tables.eventStream).toEqual([])
  })

  it('do not make one log of all strangers', async () => {
    await view({ userId: 'guest' })
    await view({ userId: 'guest' })

    expect(door.world.tables.events.size).toBe(2)
  })

  it('link no device', async () => {
    await send('identify', { userId: 'guest', anonymousId: 'device-1' })

    expect(await door.world.identities.visitor('device-1')).toBeUndefined()
    expect(await door.eventsOf(visitor('device-1'))).toMatchObject([{ reachable: false }])
  })

  it('as a device are linked to no one', async () => {
    await send('identify', { userId: '42', anonymousId: 'null' })
    await send('identify', { userId: '43', anonymousId: 'null' })

    expect(await door.world.identities.visitor('null')).toBeUndefined()
    expect((await door.eventsOf(user('42')))[0]?.folds).toBeUndefined()
  })

  it('count for nothing where the address says who it is', async () => {
    await view({ userId: 'guest', properties: { email: 'rina@example.com' } })

    expect(await door.eventsOf(await guest('rina@example.com'))).toMatchObject([{ reachable: true }])
  })

  it('change no gate', async () => {
    await send('track', { event: 'Consent Withdrawn', userId: 'guest' })
    await send('track', { event: 'Order Completed', userId: 'guest', properties: { order_id: 'o-1' } })

    expect(door.world.tables.persons.size).toBe(0)
    expect(door.world.tables.orders.size).toBe(0)
  })
})

describe('people who', () => {
  it('were merged are followed to where they went', async () => {
    door.world.tables.persons.set(user('42'), { mergedInto: user('43'), version: 1 })
    door.world.tables.persons.set(user('43'), { mergedInto: user('44'), version: 1 })

    await view({ userId: '42' })

    expect(await door.eventsOf(user('44'))).toHaveLength(1)
  })

  it('own an inbox through who was merged into them keep it', async () => {
    await send('identify', { userId: '42', traits: { email: 'rina@example.com' } })
    const gate = await door.world.gates.customer(user('42'))
    door.world.tables.persons.set(user('42'), { ...gate, mergedInto: user('43'), version: 9 })

    const answer = await send('identify', { userId: '43', traits: { email: 'rina@example.com' } })

    expect(answer.body).not.toHaveProperty('warnings')
  })

  it.each([
    ['by user id', { userId: '42' }],
    ['by device', { anonymousId: 'device-1' }],
  ])('were erased are refused, named %s', async (_, who) => {
    await send('identify', { userId: '42', anonymousId: 'device-1' })
    door.world.tables.persons.set(user('42'), { erased: true, version: 5 })

    const answer = await view(who)

    expect(answer).toMatchObject({ status: 410, body: { code: 'erased' } })
  })

  it('were erased are refused by their address too', async () => {
    door.world.tables.addresses.set(await door.hashOf('rina@example.com'), {
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
    await ingest(door.world, {
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

    expect((await door.eventsOf(visitor('device-1'))).map((event) => event.messageId)).toEqual(['m-1'])
    expect((await door.eventsOf(user('42'))).map((event) => event.messageId)).toEqual(['m-3', 'm-4', 'm-5'])
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
