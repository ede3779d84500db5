/** What `Customers` promises, whoever makes it real. */
import { describe, expect, it } from 'vitest'
import { limits } from '#core/limits'
import { reason } from '#core/reason'
import { aCommit, aMessage, aState } from '#test/fixture/build'
import { fresh, type Open, type World } from './world.ts'

const at = '2026-03-02T09:00:00.000Z'
const later = '2026-03-02T10:00:00.000Z'

const row = {
  at,
  eventIds: ['event-1'],
  release: 1,
  decisions: [
    {
      journey: 'abandoned-cart',
      runId: 'run-1',
      outcome: 'entered' as const,
      reason: reason('entered', { event: 'Cart Updated' }),
    },
  ],
}

async function everybody({ customers }: World): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await customers.all(after)
    found.push(...page.customerIds)
    after = page.next
  } while (after !== undefined)
  return found
}

function commitContract(open: Open): void {
  describe('Customers.commit', () => {
    it('stores a state that comes back as it was', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      const state = aState({ customerId, traits: { firstName: { value: 'রহিমা "🛒"', at } } })

      const answer = await customers.commit(aCommit({ customerId, state, due: later }))

      expect(answer).toBe('committed')
      expect(await customers.load(customerId)).toEqual({ state, version: 1, due: later })
      expect(await customers.load(fresh('nobody'))).toBeUndefined()
    })

    it('lets one of two commits over the same version win', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      await customers.commit(aCommit({ customerId }))

      const answers = await Promise.all(
        [later, at].map((due) => customers.commit(aCommit({ customerId, due, expectedVersion: 1 }))),
      )

      expect(answers.sort()).toEqual(['changed', 'committed'])
      expect((await customers.load(customerId))?.version).toBe(2)
    })

    it('refuses a first commit where there is a state, and a later one where there is none', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      await customers.commit(aCommit({ customerId }))

      const first = await customers.commit(aCommit({ customerId }))
      const none = await customers.commit(aCommit({ customerId: fresh('customer'), expectedVersion: 3 }))

      expect([first, none]).toEqual(['changed', 'changed'])
    })

    it('stores decision row and messages with the state', async () => {
      const { customers, messages } = await open()
      const customerId = fresh('customer')
      const message = aMessage({ customerId })

      const answer = await customers.commit(
        aCommit({ customerId, row, effects: [{ kind: 'plan', message }] }),
      )

      expect(answer).toBe('committed')
      expect(await customers.decisionsOf(customerId)).toEqual([{ ...row, version: 1 }])
      expect(await messages.messagesOf(customerId)).toEqual([message])
    })

    it('stores nothing of a commit whose state has changed', async () => {
      const { customers, messages } = await open()
      const customerId = fresh('customer')
      await customers.commit(aCommit({ customerId }))

      const effects = [{ kind: 'plan', message: aMessage({ customerId }) } as const]
      const answer = await customers.commit(aCommit({ customerId, row, effects }))

      expect(answer).toBe('changed')
      expect(await customers.decisionsOf(customerId)).toEqual([])
      expect(await messages.messagesOf(customerId)).toEqual([])
    })

    it('leaves a message alone that was planned before, and stores the rest', async () => {
      const { customers, messages } = await open()
      const customerId = fresh('customer')
      const [one, two] = [
        aMessage({ customerId, messageId: 'm1' }),
        aMessage({ customerId, messageId: 'm2' }),
      ]
      await customers.commit(aCommit({ customerId, effects: [{ kind: 'plan', message: one }] }))

      const again = await customers.commit(
        aCommit({
          customerId,
          expectedVersion: 1,
          effects: [
            { kind: 'plan', message: { ...one, mail: 'another' } },
            { kind: 'plan', message: two },
          ],
        }),
      )

      expect(again).toBe('committed')
      expect(await messages.messagesOf(customerId)).toEqual([one, two])
      expect((await customers.load(customerId))?.version).toBe(2)
    })

    it('stores the state when no change of a message holds any more', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      const effect = { kind: 'plan', message: aMessage({ customerId }) } as const
      await customers.commit(aCommit({ customerId, effects: [effect] }))

      const again = await customers.commit(aCommit({ customerId, expectedVersion: 1, effects: [effect] }))

      expect(again).toBe('committed')
      expect((await customers.load(customerId))?.version).toBe(2)
    })

    it('moves a message that is as expected, and drops the move of one that is not', async () => {
      const { customers, messages } = await open()
      const customerId = fresh('customer')
      const held = aMessage({ customerId, messageId: 'm1', status: 'HELD', until: later, reason: 'cap' })
      const sent = aMessage({ customerId, messageId: 'm2', status: 'SENT', sentAt: at })
      const plans = [held, sent].map((message) => ({ kind: 'plan', message }) as const)
      await customers.commit(aCommit({ customerId, effects: plans }))

      const move = { kind: 'move', round: 1, from: 'HELD', to: 'PLANNED', reason: 'hold-over' } as const
      const answer = await customers.commit(
        aCommit({
          customerId,
          expectedVersion: 1,
          row,
          effects: [
            { ...move, messageId: 'm1', notBefore: later },
            { ...move, messageId: 'm2' },
            { ...move, messageId: 'nothing' },
          ],
        }),
      )

      expect(answer).toBe('committed')
      const { until: _, ...again } = held
      expect(await messages.messagesOf(customerId)).toEqual([
        { ...again, status: 'PLANNED', round: 2, notBefore: later, reason: 'hold-over' },
        sent,
      ])
      expect(await customers.decisionsOf(customerId)).toHaveLength(1)
    })

    it('keeps the round in every move but one back to planned', async () => {
      const { customers, messages } = await open()
      const customerId = fresh('customer')
      const message = aMessage({ customerId, status: 'CLAIMED', claimedAt: at })
      await customers.commit(aCommit({ customerId, effects: [{ kind: 'plan', message }] }))

      const move = { kind: 'move', messageId: 'message-1', from: 'CLAIMED', round: 1, to: 'UNKNOWN' } as const
      await customers.commit(
        aCommit({ customerId, expectedVersion: 1, effects: [{ ...move, reason: 'unknown' }] }),
      )

      expect(await messages.load(customerId, 'message-1')).toEqual({
        ...message,
        status: 'UNKNOWN',
        reason: 'unknown',
      })
    })
  })
}

function erasureContract(open: Open): void {
  describe('Customers.erase', () => {
    it('leaves a tombstone that no commit under way gets past', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      const state = aState({ customerId, traits: { firstName: { value: 'Rina', at } } })
      await customers.commit(aCommit({ customerId, state, row, due: at }))
      await customers.commit(aCommit({ customerId, state, row, due: at, expectedVersion: 1 }))
      await customers.park(customerId, { at, eventKeys: ['k1'], error: 'broken' })

      const rows = await customers.erase(customerId)
      const underWay = await customers.commit(aCommit({ customerId, state, expectedVersion: 2 }))

      expect([rows, underWay]).toEqual([3, 'changed'])
      expect(await customers.load(customerId)).toMatchObject({
        erased: true,
        version: 3,
        state: { traits: {} },
      })
      expect(await customers.decisionsOf(customerId)).toEqual([])
      expect(await customers.parked(customerId)).toBeUndefined()
      expect(await customers.allParked()).toEqual([])
      expect(await customers.dueAt('2999-01-01T00:00:00.000Z', 10)).toEqual([])
    })

    it('holds for whom nothing was decided yet, is safe to repeat, and hides her from the list', async () => {
      const world = await open()
      const [erased, kept] = [fresh('erased'), fresh('kept')]
      await world.customers.commit(aCommit({ customerId: kept }))

      const rows = [await world.customers.erase(erased), await world.customers.erase(erased)]
      const first = await world.customers.commit(aCommit({ customerId: erased }))

      expect([...rows, first]).toEqual([0, 0, 'changed'])
      expect((await world.customers.load(erased))?.erased).toBe(true)
      expect((await world.customers.load(kept))?.erased).toBeUndefined()
      expect(await everybody(world)).toEqual([kept])
    })
  })
}

/** Who has an alarm, and since when: also run with alarms spread over many shards. */
export function alarmContract(open: Open): void {
  describe('Customers.dueAt', () => {
    it('finds customers by their alarm, earliest first, and not the others', async () => {
      const { customers } = await open()
      const [late, early, none, future] = ['late', 'early', 'none', 'future'].map(fresh) as [
        string,
        string,
        string,
        string,
      ]
      await customers.commit(aCommit({ customerId: late, due: later }))
      await customers.commit(aCommit({ customerId: early, due: at }))
      await customers.commit(aCommit({ customerId: none }))
      await customers.commit(aCommit({ customerId: future, due: '2026-03-02T10:00:00.001Z' }))

      const due = await customers.dueAt(later, 10)

      expect(due).toEqual([
        { customerId: early, due: at },
        { customerId: late, due: later },
      ])
    })

    it('forgets an alarm that a commit leaves out, and gives at most the limit', async () => {
      const { customers } = await open()
      const [first, second] = [fresh('first'), fresh('second')]
      for (const customerId of [first, second]) await customers.commit(aCommit({ customerId, due: at }))

      const limited = await customers.dueAt(at, 1)
      await customers.commit(aCommit({ customerId: first, expectedVersion: 1 }))

      expect(limited).toHaveLength(1)
      expect(await customers.dueAt(at, 10)).toEqual([{ customerId: second, due: at }])
      expect((await customers.load(first))?.due).toBeUndefined()
    })
  })
}

function parkingContract(open: Open): void {
  describe('Customers.park', () => {
    const parkedOf = async ({ customers }: World, customerId: string) => {
      const parked = await customers.parked(customerId)
      if (parked === undefined) throw new Error(`nothing is parked of ${customerId}`)
      return parked
    }

    it('keeps what is parked until it is taken out, joining what comes later', async () => {
      const world = await open()
      const { customers } = world
      const [one, two] = [fresh('one'), fresh('two')]
      await customers.park(one, { at, eventKeys: ['k2'], error: 'first' })
      await customers.park(one, { at: later, eventKeys: ['k1', 'k2'], error: 'last' })
      await customers.park(two, { at, eventKeys: [], error: 'alarm' })

      const both = await customers.allParked()
      const parked = await parkedOf(world, one)
      const answer = await customers.unpark(one, parked)

      expect(both.sort()).toEqual([one, two].sort())
      expect(parked).toEqual({ at, eventKeys: ['k1', 'k2'], error: 'last', version: 2 })
      expect(answer).toBe('unparked')
      expect(await customers.parked(one)).toBeUndefined()
      expect(await customers.allParked()).toEqual([two])
      expect(await customers.dueAt('2999-01-01T00:00:00.000Z', 10)).toEqual([])
    })

    it('keeps all that is parked side by side', async () => {
      const world = await open()
      const customerId = fresh('customer')
      const park = (eventKeys: string[]) => world.customers.park(customerId, { at, eventKeys, error: 'x' })

      await Promise.all([park([]), park(['k1']), park(['k2'])])
      await Promise.all([park(['k3']), park(['k4'])])

      expect((await parkedOf(world, customerId)).eventKeys).toEqual(['k1', 'k2', 'k3', 'k4'])
    })

    it('takes out nothing that was parked since it was read', async () => {
      const world = await open()
      const { customers } = world
      const customerId = fresh('customer')
      await customers.park(customerId, { at, eventKeys: ['k1'], error: 'x' })
      const older = await parkedOf(world, customerId)
      await customers.park(customerId, { at: later, eventKeys: ['k2'], error: 'x' })

      const more = await customers.unpark(customerId, older)
      const kept = await parkedOf(world, customerId)
      await customers.unpark(customerId, kept)
      const gone = await customers.unpark(customerId, kept)
      await customers.park(customerId, { at: later, eventKeys: ['k3'], error: 'x' })
      const anew = await customers.unpark(customerId, older)

      expect([more, gone, anew]).toEqual(['changed', 'changed', 'changed'])
      expect(kept.eventKeys).toEqual(['k1', 'k2'])
      expect((await parkedOf(world, customerId)).eventKeys).toEqual(['k3'])
    })

    it('keeps since when there is more than it has room for', async () => {
      const world = await open()
      const customerId = fresh('customer')
      const eventKeys = Array.from({ length: limits.parkedEvents }, (_, index) => `k${1000 + index}`)
      const park = (keys: string[], receivedAt?: string) =>
        world.customers.park(customerId, {
          at: later,
          eventKeys: keys,
          error: 'x',
          ...(receivedAt !== undefined && { receivedAt }),
        })

      await park(eventKeys, at)
      await park(eventKeys.slice(0, 1), at)
      const full = await parkedOf(world, customerId)
      await park(['m1'])
      await park(['m2'], '2026-03-02T09:20:00.000Z')
      await park(['m3'], '2026-03-02T09:30:00.000Z')

      expect(full.moreFrom).toBeUndefined()
      expect(await parkedOf(world, customerId)).toMatchObject({
        eventKeys,
        moreFrom: '2026-03-02T09:20:00.000Z',
      })
    })
  })
}

export function customersContract(open: Open): void {
  commitContract(open)
  erasureContract(open)
  alarmContract(open)
  describe('Customers', () => {
    it('lists decisions in the order of their versions', async () => {
      const { customers } = await open()
      const customerId = fresh('customer')
      for (let version = 0; version < 11; version += 1) {
        await customers.commit(aCommit({ customerId, expectedVersion: version, row }))
      }

      const rows = await customers.decisionsOf(customerId)

      expect(rows.map((each) => each.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    })

    it('lists everybody with a state, once', async () => {
      const world = await open()
      const ids = Array.from({ length: 120 }, () => fresh('customer'))
      await Promise.all(ids.map((customerId) => world.customers.commit(aCommit({ customerId, row }))))
      await world.customers.park(fresh('parked'), { at, eventKeys: [], error: 'no state' })

      const found = await everybody(world)

      expect(found.sort()).toEqual(ids.sort())
    })
  })
  parkingContract(open)
}
