/**
 * Erasure over ports in memory: everything of hers goes and nothing of others; a walk that breaks off anywhere
 * is finished by the next one; what arrives late meets a tombstone. On the booted stack: `test/acceptance/`.
 */
import { describe, expect, it } from 'vitest'
import type { MemoryPorts } from '#adapters/memory/ports'
import type { Event } from '#core/event'
import { newAddressGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { decideCustomer } from '#flow/decide'
import { type ErasePorts, erase, wouldErase } from '#flow/erase'
import { findSubject } from '#flow/person'
import { aCommit, aMessage, anEvent, aRelease } from '#test/fixture/build'
import { aDoor, hers } from '#test/fixture/door'

const door = aDoor()
const mia = 'mia@example.com'
const device = derive('v', 'device-1')
const guest = async () => derive('c', 'address', await door.hashOf('guest@example.com'))

/** Mia: a device before she signed in, an account, a guest she was once, a message, a decision, something parked. */
async function live() {
  const { world } = door
  await door.send('track', { anonymousId: 'device-1', event: 'Product Viewed', properties: { sku: 'one' } })
  await door.send('identify', { userId: '42', anonymousId: 'device-1', traits: { email: mia } })
  await door.track({ event: 'Consent Given', properties: { source: 'sign-up' } })
  await door.track({ event: 'Order Completed', properties: { order_id: 'o-1', total: 5 } })
  await door.send('track', { event: 'Checkout Started', properties: { email: 'guest@example.com' } })
  const before = await world.gates.customer(await guest())
  await world.gates.putCustomer(await guest(), { version: 0, ...before, mergedInto: hers })
  await world.events.record(anEvent({ customerId: hers, key: '-#absorbed', absorbs: await guest() }), [])
  const message = aMessage({ customerId: hers, inbox: await door.hashOf(mia) })
  await world.customers.commit(aCommit({ customerId: hers, effects: [{ kind: 'plan', message }] }))
  await world.customers.park(hers, { at: world.now.at, eventKeys: [], error: 'x' })
  await door.send('identify', {
    userId: '43',
    anonymousId: 'device-1',
    traits: { email: 'noor@example.com' },
  })
}

const subjectOf = async (known: string) => {
  const found = await findSubject(door.world, known)
  if (found === undefined) throw new Error(`nobody is known by ${known}`)
  return found
}

/** All that is stored, as text. */
const everything = ({ tables }: MemoryPorts) =>
  JSON.stringify(tables, (_, value) => (value instanceof Map ? [...value] : value))

describe('erasing somebody', () => {
  it('for show counts what would go, and takes nothing', async () => {
    await live()
    const before = everything(door.world)

    const shown = await wouldErase(door.world, await subjectOf(mia))
    const after = everything(door.world)
    const erased = await erase(door.world, await subjectOf(mia))

    expect(after).toBe(before)
    expect(shown).toEqual(erased)
  })

  it('takes out what is hers on every log, and leaves the rows that say no', async () => {
    await live()

    const erased = await erase(door.world, await subjectOf(mia))

    expect(erased).toMatchObject({ people: 2, devices: 1, inboxes: 2, messages: 1, decisions: 1 })
    for (const id of [hers, await guest(), device]) {
      expect(await door.eventsOf(id)).toEqual([])
      expect(await door.world.gates.customer(id)).toMatchObject({ erased: true })
    }
    expect(await door.box(mia)).toMatchObject({
      erased: true,
      consent: {},
      ring: [],
      suppressed: { why: 'erased' },
    })
    expect(await door.world.messages.messagesOf(hers)).toEqual([])
    expect(await door.world.customers.allParked()).toEqual([])
    expect(await door.world.events.orderTakenBy('o-1')).toBeDefined()
    const { eventStream: _, messageStream: __, ...stored } = door.world.tables
    expect(everything({ ...door.world, tables: stored as never })).not.toContain('mia@')
  })

  it('leaves others what is theirs, also the device she shared', async () => {
    await live()
    const noor = derive('c', 'user', '43')
    const before = await door.eventsOf(noor)

    await erase(door.world, await subjectOf('noor@example.com'))

    expect(before).toHaveLength(1)
    expect(await door.eventsOf(noor)).toEqual([])
    expect(await door.eventsOf(device)).toHaveLength(1)
    expect((await door.world.gates.customer(device))?.erased).toBeUndefined()
    expect((await door.box(mia))?.erased).toBeUndefined()
    expect((await door.eventsOf(hers)).length).toBeGreaterThan(3)
  })

  it.each(['mia@example.com', ' MIA@example.com', '42', hers, 'guest@example.com'])(
    'finds her by %j',
    async (known) => {
      await live()

      expect((await subjectOf(known)).customerId).toBe(hers)
    },
  )

  it('closes an inbox that nobody has, and knows nobody by what was never heard of', async () => {
    const hash = addressHash('bounced@example.com', await door.world.keys.addressKey())
    await door.world.gates.putAddress(hash, { ...newAddressGate(), softBounces: 2 })

    const erased = await erase(door.world, await subjectOf('bounced@example.com'))

    expect(erased).toMatchObject({ people: 0, inboxes: 1 })
    expect(await door.box('bounced@example.com')).toMatchObject({ erased: true, softBounces: 0 })
    expect(await findSubject(door.world, 'nobody@example.com')).toBeUndefined()
    expect(await findSubject(door.world, '  ')).toBeUndefined()
  })
})

describe('broken off', () => {
  /** The ports, of which the n-th write fails. */
  const failingAt = (world: MemoryPorts, at: number): ErasePorts => {
    let writes = 0
    const count =
      <A extends unknown[], R>(act: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        writes += 1
        if (writes === at) throw new Error('the power went')
        return act(...given)
      }
    return {
      ...world,
      gates: {
        ...world.gates,
        putAddress: count(world.gates.putAddress),
        putCustomer: count(world.gates.putCustomer),
      },
      events: { ...world.events, remove: count(world.events.remove) },
      customers: { ...world.customers, erase: count(world.customers.erase) },
      messages: { ...world.messages, removeAll: count(world.messages.removeAll) },
    }
  }

  it('before any of its writes, is finished by the next run', async () => {
    let at = 1
    for (let isBroken = true; isBroken; at += 1) {
      door.world = (await import('#adapters/memory/ports')).memoryPorts('2026-11-24T13:00:00.000Z')
      await door.world.workspace.putWriteKey('server-key', 'server')
      await live()
      const subject = await subjectOf(mia)

      isBroken = await erase(failingAt(door.world, at), subject).then(
        () => false,
        () => true,
      )
      await erase(door.world, await subjectOf(mia))

      const left = await Promise.all([hers, await guest(), device].map((id) => door.eventsOf(id)))
      expect(left.flat(), `broken off at write ${at}`).toEqual([])
      expect(await door.world.messages.messagesOf(hers)).toEqual([])
    }
    expect(at).toBeGreaterThan(10)
  })

  it('is found again afterwards, and says that nothing is left', async () => {
    await live()
    await erase(door.world, await subjectOf(mia))

    const subject = await subjectOf(mia)
    const again = await erase(door.world, subject)

    expect(subject).toMatchObject({ customerId: hers, erased: true })
    expect(again).toMatchObject({ events: 0, messages: 0, decisions: 0 })
  })
})

describe('what comes late', () => {
  it('is refused at the door with 410', async () => {
    await live()
    await erase(door.world, await subjectOf(mia))

    const answers = [
      await door.track({ event: 'Order Completed', properties: { order_id: 'o-2', total: 5 } }),
      await door.send('identify', { traits: { email: mia, firstName: 'Mia' } }),
      await door.send('identify', { traits: { email: 'guest@example.com' } }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([410, 410, 410])
    expect(await door.eventsOf(hers)).toEqual([])
    expect(await door.world.events.orderTakenBy('o-2')).toBeUndefined()
  })

  it('from her device past the door, while its tombstone is put, is taken out at the end', async () => {
    await live()
    const late = anEvent({ customerId: device, key: '-#late', name: 'Product Viewed', reachable: false })
    const pauses: number[] = []
    const pause = async (ms: number) => {
      pauses.push(ms)
      await door.world.events.record(late, [])
    }

    await erase({ ...door.world, pause }, await subjectOf(mia))

    expect(pauses).toEqual([20_000])
    expect(await door.eventsOf(device)).toEqual([])
  })

  it('past the door is taken out again when it is decided, and changes nothing', async () => {
    await live()
    await door.world.workspace.putRelease(aRelease())
    await door.world.workspace.putLive({ release: 1, paused: [] }, undefined)
    await erase(door.world, await subjectOf(mia))
    const late: Event = anEvent({ customerId: hers, name: 'Cart Updated' })
    await door.world.events.record(late, [])

    const outcome = await decideCustomer(door.world, { customerId: hers, events: [late] })
    const alarm = await decideCustomer(door.world, {
      customerId: hers,
      events: [],
      alarmAt: '2027-01-01T00:00:00.000Z',
    })

    expect([outcome, alarm]).toEqual(['decided', 'decided'])
    expect(await door.eventsOf(hers)).toEqual([])
    expect((await door.world.customers.load(hers))?.erased).toBe(true)
    expect(door.world.lines).toEqual([])
  })
})
