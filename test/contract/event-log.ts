/** What `EventLog`, `Identities` and `Gates` promise, whoever makes them real. */
import { describe, expect, it } from 'vitest'
import { everyTopic, newAddressGate, newCustomerGate, withChoice, withClaim } from '#core/gate'
import { everyLog } from '#flow/redrive'
import { anEvent } from '#test/fixture/build'
import { fresh, type Open } from './world.ts'

const at = '2026-03-02T09:00:00.000Z'

const hostile = `"Robert'); --" <script>alert(1)</script> \u202eاب বাংলা 🛒 \u0000`

export function eventLogContract(open: Open): void {
  describe('EventLog', () => {
    it('gives back an event as it was recorded, hostile text and all', async () => {
      const { events } = await open()
      const customerId = fresh('customer')
      const event = anEvent({
        customerId,
        messageId: hostile,
        anonymousId: 'device',
        properties: { [hostile]: [hostile, 1, null, { deep: [true] }] },
        traits: { name: hostile },
      })

      const answer = await events.record(event, [])

      expect(answer).toBe('stored')
      expect(await events.eventsOf(customerId)).toEqual([event])
    })

    it('tells whose logs are decided on, none of a visitor', async () => {
      const { events } = await open()
      const [rina, omar, visitor] = [fresh('customer'), fresh('customer'), fresh('visitor')]
      for (const customerId of [rina, omar, rina])
        await events.record(anEvent({ customerId, messageId: fresh('m') }), [])
      await events.record(anEvent({ customerId: visitor, reachable: false }), [])

      const found: string[] = []
      for await (const customerId of everyLog(events)) found.push(customerId)

      const hers = found.filter((one) => [rina, omar, visitor].includes(one))
      expect(hers.toSorted()).toEqual([rina, omar].toSorted())
    })

    it('keeps the first of two events with one key', async () => {
      const { events } = await open()
      const customerId = fresh('customer')
      const first = anEvent({ customerId, properties: { sku: 'one' } })
      await events.record(first, [])

      const alone = await events.record({ ...first, properties: { sku: 'two' } }, [])
      const beside = await events.record(first, [
        { kind: 'visitor', anonymousId: fresh('device'), customerId, first: true },
      ])

      expect([alone, beside]).toEqual(['duplicate', 'duplicate'])
      expect(await events.eventsOf(customerId)).toEqual([first])
    })

    it('stores one of many events that come with one key at once', async () => {
      const { events } = await open()
      const event = anEvent({ customerId: fresh('customer') })

      const answers = await Promise.all(Array.from({ length: 10 }, () => events.record(event, [])))

      expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(9)
    })

    it('reads a log in the order of its keys or backwards, after a key and up to a limit', async () => {
      const { events } = await open()
      const customerId = fresh('customer')
      const keys = [
        '2026-03-02T09:00:00.000Z#b',
        '-#z',
        '2026-03-02T09:00:00.000Z#🛒',
        '2026-03-01T00:00:00.000Z#a',
      ]
      for (const key of keys) await events.record(anEvent({ customerId, key }), [])

      const all = await events.eventsOf(customerId)
      const some = await events.eventsOf(customerId, { after: '-#z', limit: 2 })
      const last = await events.eventsOf(customerId, { backwards: true, limit: 2 })
      const before = await events.eventsOf(customerId, { backwards: true, after: last[1]?.key ?? '' })

      const sorted = [
        '-#z',
        '2026-03-01T00:00:00.000Z#a',
        '2026-03-02T09:00:00.000Z#b',
        '2026-03-02T09:00:00.000Z#🛒',
      ]
      expect(all.map((event) => event.key)).toEqual(sorted)
      expect(some.map((event) => event.key)).toEqual(sorted.slice(1, 3))
      expect([...last, ...before].map((event) => event.key)).toEqual(sorted.toReversed())
      expect(await events.eventsOf(fresh('nobody'))).toEqual([])
    })

    it('stores what goes beside an event with it', async () => {
      const { events, identities, gates } = await open()
      const customerId = fresh('customer')
      const [anonymousId, hash, orderId] = [fresh('device'), fresh('hash'), fresh('order')]
      const person = { ...newCustomerGate(), lastOrderAt: at, inbox: { hash, at } }
      const inbox = { ...newAddressGate(), owner: customerId }

      const answer = await events.record(anEvent({ customerId }), [
        { kind: 'visitor', anonymousId, customerId, first: true },
        { kind: 'address', hash, gate: inbox },
        { kind: 'customer', customerId, gate: person },
        { kind: 'order', orderId, messageId: 'event-1' },
      ])

      expect(answer).toBe('stored')
      expect(await identities.visitor(anonymousId)).toBe(customerId)
      expect(await gates.address(hash)).toEqual({ ...inbox, version: 1 })
      expect(await gates.customer(customerId)).toEqual({ ...person, version: 1 })
      expect(await events.orderTakenBy(orderId)).toBe('event-1')
    })

    it('stores nothing when something beside is not as expected', async () => {
      const { events, identities, gates } = await open()
      const customerId = fresh('customer')
      const [anonymousId, hash, orderId] = [fresh('device'), fresh('hash'), fresh('order')]
      const taken = [
        { kind: 'visitor', anonymousId, customerId: 'other', first: true },
        { kind: 'address', hash, gate: newAddressGate() },
        { kind: 'customer', customerId, gate: newCustomerGate() },
        { kind: 'order', orderId, messageId: 'other' },
      ] as const
      await events.record(anEvent({ customerId: fresh('other') }), taken)

      const free = fresh('device')
      for (const one of taken) {
        const beside = [{ kind: 'visitor', anonymousId: free, customerId, first: true } as const, one]
        expect([one.kind, await events.record(anEvent({ customerId }), beside)]).toEqual([
          one.kind,
          'changed',
        ])
      }

      expect(await events.eventsOf(customerId)).toEqual([])
      expect(await identities.visitor(free)).toBeUndefined()
      expect((await gates.address(hash))?.version).toBe(1)
    })

    it('takes events out by their keys, and leaves the others', async () => {
      const { events } = await open()
      const [customerId, another] = [fresh('customer'), fresh('customer')]
      const keys = Array.from({ length: 40 }, (_, index) => `-#${String(index).padStart(2, '0')}${hostile}`)
      for (const key of keys) await events.record(anEvent({ customerId, key }), [])
      await events.record(anEvent({ customerId: another, key: keys[0] ?? '' }), [])

      await events.remove(customerId, [...keys.slice(0, 39), 'not there'])
      await events.remove(customerId, [])

      expect((await events.eventsOf(customerId)).map(({ key }) => key)).toEqual(keys.slice(39))
      expect(await events.eventsOf(another)).toHaveLength(1)
    })

    it('says duplicate when the event is there and what goes beside it has changed as well', async () => {
      const { events } = await open()
      const customerId = fresh('customer')
      const order = { kind: 'order', orderId: fresh('order'), messageId: 'event-1' } as const
      await events.record(anEvent({ customerId }), [order])

      const again = await events.record(anEvent({ customerId }), [order])

      expect(again).toBe('duplicate')
    })

    it('hands a device to its last owner unless it must be the first', async () => {
      const { events, identities } = await open()
      const anonymousId = fresh('device')
      const device = { kind: 'visitor', anonymousId, first: false } as const
      await events.record(anEvent({ customerId: fresh('a') }), [{ ...device, customerId: 'one' }])

      await events.record(anEvent({ customerId: fresh('b') }), [{ ...device, customerId: 'two' }])

      expect(await identities.visitor(anonymousId)).toBe('two')
      expect(await identities.visitor(fresh('device'))).toBeUndefined()
    })

    it('no longer shows browsing after 400 days, but orders, consent, who she is and what we did', async () => {
      const { events, now } = await open()
      const customerId = fresh('customer')
      const kept = [
        anEvent({ customerId, messageId: '1', name: 'Order Completed', source: 'server' }),
        anEvent({ customerId, messageId: '2', name: 'Consent Given', source: 'server' }),
        anEvent({ customerId, messageId: '3', name: 'Identified', type: 'identify' }),
        anEvent({ customerId, messageId: '4', name: 'Email Sent', source: 'homeward' }),
      ]
      for (const event of kept) await events.record(event, [])
      await events.record(anEvent({ customerId, messageId: '5' }), [])
      const atFirst = await events.eventsOf(customerId)

      now.at = '2027-04-07T09:00:00.000Z'

      expect(atFirst).toHaveLength(5)
      expect(await events.eventsOf(customerId)).toEqual(kept)
    })
  })

  describe('Gates', () => {
    it('puts an inbox only over the version that was read', async () => {
      const { gates } = await open()
      const hash = fresh('hash')
      const asked = withChoice(newAddressGate(), { given: true, topics: undefined, at, text: hostile })

      const first = await gates.putAddress(hash, asked)
      const again = await gates.putAddress(hash, asked)
      const read = await gates.address(hash)
      const next = await gates.putAddress(
        hash,
        withClaim(read ?? asked, { messageId: 'm1', at, exempt: true }),
      )

      expect([first, again, next]).toEqual(['stored', 'changed', 'stored'])
      expect(read).toEqual({ ...asked, version: 1 })
      expect(read?.consent[everyTopic]?.text).toBe(hostile)
      expect((await gates.address(hash))?.ring).toEqual([{ messageId: 'm1', at, exempt: true }])
      expect((await gates.address(hash))?.version).toBe(2)
    })

    it('puts a person only over the version that was read', async () => {
      const { gates } = await open()
      const customerId = fresh('customer')
      const person = { ...newCustomerGate(), lastOrderAt: at }

      const first = await gates.putCustomer(customerId, person)
      const again = await gates.putCustomer(customerId, person)
      const next = await gates.putCustomer(customerId, { erased: true, version: 1 })

      expect([first, again, next]).toEqual(['stored', 'changed', 'stored'])
      expect(await gates.customer(customerId)).toEqual({ erased: true, version: 2 })
    })

    it('reads many rows at once, more than one call takes, and leaves out what is not there', async () => {
      const { gates } = await open()
      const ids = Array.from({ length: 130 }, () => fresh('many'))
      const [first = ''] = ids
      for (const id of ids) await gates.putAddress(id, { ...newAddressGate(), owner: hostile })
      await gates.putCustomer(first, { lastOrderAt: at, version: 0 })

      const found = await gates.many({
        addresses: [...ids, first, 'nothing'],
        customers: [first, 'nobody'],
      })

      expect([...found.addresses.keys()].sort()).toEqual([...ids].sort())
      expect(found.addresses.get(first)).toEqual(await gates.address(first))
      expect(found.customers).toEqual(new Map([[first, { lastOrderAt: at, version: 1 }]]))
    })

    it('knows nothing of whom it was never told', async () => {
      const { gates } = await open()

      expect(await gates.address(fresh('hash'))).toBeUndefined()
      expect(await gates.customer(fresh('customer'))).toBeUndefined()
    })
  })
}
