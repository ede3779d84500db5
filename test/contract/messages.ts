/** What `Messages` promises, whoever makes it real. */
import { describe, expect, it } from 'vitest'
import { ownEvent } from '#core/event'
import { newAddressGate } from '#core/gate'
import type { Message, Status } from '#core/message'
import { anEvent } from '#test/fixture/build'
import { claimed, claimOf, links, planned } from './message-world.ts'
import { fresh, type Open } from './world.ts'

const at = '2026-03-02T09:00:00.000Z'
const later = '2026-03-02T10:00:00.000Z'

const heldEvent = (message: Message) =>
  ownEvent('Message Held', {
    customerId: message.customerId,
    cause: fresh('cause'),
    now: at,
    properties: { messageId: message.messageId },
  })

function claimContract(open: Open): void {
  describe('Messages.claim', () => {
    it('claims message and inbox together', async () => {
      const world = await open()
      const message = await planned(world)
      const hash = fresh('hash')

      const answer = await world.messages.claim(claimOf(message, hash))

      expect(answer).toBe('claimed')
      expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
        ...message,
        status: 'CLAIMED',
        claimedAt: at,
        inbox: hash,
        links,
      })
      expect(await world.gates.address(hash)).toEqual({
        ...newAddressGate(),
        ring: [{ messageId: message.messageId, at }],
        version: 1,
      })
    })

    it('notes in the ring that a mail is exempt from caps', async () => {
      const world = await open()
      const message = await planned(world)
      const hash = fresh('hash')

      await world.messages.claim({ ...claimOf(message, hash), exempt: true })

      expect((await world.gates.address(hash))?.ring).toEqual([
        { messageId: message.messageId, at, exempt: true },
      ])
    })

    it('lets one of many claims of a message win', async () => {
      const world = await open()
      const message = await planned(world)
      const hash = fresh('hash')

      const answers = await Promise.all(
        Array.from({ length: 8 }, () => world.messages.claim(claimOf(message, hash))),
      )

      expect(answers.filter((answer) => answer === 'claimed')).toHaveLength(1)
      expect((await world.gates.address(hash))?.ring).toHaveLength(1)
    })

    it('changes nothing when the inbox is another than was judged', async () => {
      const world = await open()
      const message = await planned(world)
      const hash = fresh('hash')
      await world.gates.putAddress(hash, newAddressGate())

      const absent = await world.messages.claim(claimOf(message, hash))
      const older = await world.messages.claim(claimOf(message, hash, { ...newAddressGate(), version: 7 }))

      expect([absent, older]).toEqual(['changed', 'changed'])
      expect((await world.messages.load(message.customerId, message.messageId))?.status).toBe('PLANNED')
      expect((await world.gates.address(hash))?.ring).toEqual([])
    })

    it('changes nothing when the message was planned again meanwhile, or is gone', async () => {
      const world = await open()
      const message = await planned(world, { round: 2 })
      const hash = fresh('hash')

      const older = await world.messages.claim(claimOf({ ...message, round: 1 }, hash))
      const gone = await world.messages.claim(claimOf({ ...message, messageId: 'gone' }, hash))

      expect([older, gone]).toEqual(['changed', 'changed'])
      expect(await world.gates.address(hash)).toBeUndefined()
    })

    const run = { runStartedAt: at }
    it.each([
      ['ordered when the run began', { lastOrderAt: at }, run, 'changed'],
      ['ordered since the run began', { lastOrderAt: later }, run, 'changed'],
      ['ordered before the run began', { lastOrderAt: '2026-03-02T08:59:59.999Z' }, run, 'claimed'],
      [
        'ordered, in a journey that orders do not end',
        { lastOrderAt: later },
        { exitsOnOrder: false },
        'claimed',
      ],
      ['merged', { mergedInto: 'another' }, { exitsOnOrder: false }, 'changed'],
      ['erased', { erased: true }, { exitsOnOrder: false }, 'changed'],
      ['known, no more', {}, run, 'claimed'],
    ])('heeds the person: %s', async (_, person, set, expected) => {
      const world = await open()
      const message = await planned(world, set)
      const { customerId } = message
      const beside = [{ kind: 'customer', customerId, gate: { ...person, version: 0 } } as const]
      await world.events.record(anEvent({ customerId }), beside)

      const answer = await world.messages.claim(claimOf(message, fresh('hash')))

      expect(answer).toBe(expected)
    })
  })
}

function arrowContract(open: Open): void {
  describe('Messages, once claimed', () => {
    it('confirms once, and answers a repeated confirmation alike', async () => {
      const world = await open()
      const message = await claimed(world)
      const sent = { at: later, sesMessageId: 'ses-1' }

      const first = await world.messages.confirm(message, sent)
      const again = await world.messages.confirm(message, sent)
      const other = await world.messages.confirm(message, { ...sent, sesMessageId: 'ses-2' })

      expect([first, again, other]).toEqual(['confirmed', 'confirmed', 'changed'])
      expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
        ...message,
        status: 'SENT',
        sentAt: later,
        sesMessageId: 'ses-1',
      })
    })

    it('does not confirm what was never claimed', async () => {
      const world = await open()
      const message = await planned(world)

      const answer = await world.messages.confirm(message, { at, sesMessageId: 'ses-1' })

      expect(answer).toBe('changed')
    })

    it('releases into the next round and out of the ring, keeping what else the inbox learned', async () => {
      const world = await open()
      const hash = fresh('hash')
      const other = await claimed(world, hash)
      const message = await claimed(world, hash)

      const answer = await world.messages.release(message, { hash, notBefore: later, reason: 'not-sent' })
      const again = await world.messages.release(message, { hash, notBefore: later, reason: 'not-sent' })

      expect([answer, again]).toEqual(['released', 'changed'])
      const { claimedAt: _, inbox: __, links: ___, ...plain } = message
      expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
        ...plain,
        status: 'PLANNED',
        round: 2,
        notBefore: later,
        reason: 'not-sent',
      })
      const gate = await world.gates.address(hash)
      expect(gate?.ring.map((entry) => entry.messageId)).toEqual([other.messageId])
      expect(gate?.version).toBe(3)
    })

    it('can be claimed again after a release', async () => {
      const world = await open()
      const hash = fresh('hash')
      const message = await claimed(world, hash)
      await world.messages.release(message, { hash, notBefore: at, reason: 'not-sent' })
      const again = await world.messages.load(message.customerId, message.messageId)
      const gate = await world.gates.address(hash)

      const answer = await world.messages.claim(claimOf(again ?? message, hash, gate))

      expect(answer).toBe('claimed')
    })

    it('fails out of the ring and with the event that tells of it, once', async () => {
      const world = await open()
      const hash = fresh('hash')
      const other = await claimed(world, hash)
      const message = await claimed(world, hash)
      const event = heldEvent(message)

      const first = await world.messages.fail(message, { hash, reason: 'rejected', event })
      const again = await world.messages.fail(message, {
        hash,
        reason: 'rejected',
        event: heldEvent(message),
      })

      expect([first, again]).toEqual(['refused', 'changed'])
      const gate = await world.gates.address(hash)
      expect(gate?.ring.map((entry) => entry.messageId)).toEqual([other.messageId])
      expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
        ...message,
        status: 'FAILED',
        reason: 'rejected',
      })
      expect(await world.events.eventsOf(message.customerId)).toEqual([event])
    })

    it('fails with the event that is told already', async () => {
      const world = await open()
      const hash = fresh('hash')
      const message = await claimed(world, hash)
      const event = heldEvent(message)
      await world.events.record(event, [])

      const answer = await world.messages.fail(message, { hash, reason: 'rejected', event })

      expect(answer).toBe('refused')
      expect(await world.messages.load(message.customerId, message.messageId)).toMatchObject({
        status: 'FAILED',
      })
      expect((await world.gates.address(hash))?.ring).toEqual([])
    })
  })

  describe('Messages.refuse', () => {
    it.each(['HELD', 'SKIPPED', 'EXPIRED'] as const)(
      'moves a planned message to %s with its event',
      async (to) => {
        const world = await open()
        const message = await planned(world)
        const event = heldEvent(message)
        const until = to === 'HELD' ? { until: later } : {}

        const answer = await world.messages.refuse(message, { to, reason: 'cap', event, ...until })

        expect(answer).toBe('refused')
        expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
          ...message,
          status: to,
          reason: 'cap',
          ...until,
        })
        expect(await world.events.eventsOf(message.customerId)).toEqual([event])
      },
    )

    it('stores neither when the message is no longer planned in this round', async () => {
      const world = await open()
      const message = await claimed(world)
      const event = heldEvent(message)

      const answer = await world.messages.refuse(message, { to: 'HELD', reason: 'cap', event })
      const older = await planned(world, { round: 3 })
      const late = await world.messages.refuse({ ...older, round: 2 }, { to: 'HELD', reason: 'cap', event })

      expect([answer, late]).toEqual(['changed', 'changed'])
      expect(await world.events.eventsOf(message.customerId)).toEqual([])
    })

    it('moves the message when its event is there already', async () => {
      const world = await open()
      const message = await planned(world)
      const event = heldEvent(message)
      await world.events.record(event, [])

      const answer = await world.messages.refuse(message, { to: 'SKIPPED', reason: 'suppressed', event })

      expect(answer).toBe('refused')
      expect((await world.messages.load(message.customerId, message.messageId))?.status).toBe('SKIPPED')
      expect(await world.events.eventsOf(message.customerId)).toEqual([event])
    })
  })
}

function evidenceContract(open: Open): void {
  describe('Messages.observe', () => {
    const seen = { sesMessageId: 'ses-1', sentAt: at, deliveredAt: later }
    it.each(['CLAIMED', 'UNKNOWN', 'CLOSED'] as const)(
      'proves a message that is %s to be sent',
      async (status) => {
        const world = await open()
        const message = await planned(world, { status, claimedAt: at })

        await world.messages.observe(message.customerId, message.messageId, seen)
        await world.messages.observe(message.customerId, message.messageId, { deliveredAt: at })

        expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
          ...message,
          ...seen,
          status: 'SENT',
        })
      },
    )

    it('takes the time of a delivery for that of the send when it was told no other', async () => {
      const world = await open()
      const message = await planned(world, { status: 'UNKNOWN' })

      await world.messages.observe(message.customerId, message.messageId, { deliveredAt: later })

      expect(await world.messages.load(message.customerId, message.messageId)).toMatchObject({
        status: 'SENT',
        sentAt: later,
        deliveredAt: later,
      })
    })

    const others: Status[] = ['PLANNED', 'SENT', 'HELD', 'SKIPPED', 'EXPIRED', 'FAILED']
    it.each(others)('only notes times on a message that is %s', async (status) => {
      const world = await open()
      const message = await planned(world, { status })

      await world.messages.observe(message.customerId, message.messageId, { bouncedAt: later })
      await world.messages.observe(message.customerId, message.messageId, { sentAt: at })

      expect(await world.messages.load(message.customerId, message.messageId)).toEqual({
        ...message,
        bouncedAt: later,
      })
    })

    it('does nothing about a message that does not exist', async () => {
      const world = await open()

      const answer = await world.messages.observe('nobody', 'nothing', seen)

      expect(answer).toBe('noted')
      expect(await world.messages.load('nobody', 'nothing')).toBeUndefined()
    })
  })

  describe('Messages.noteClick', () => {
    it('answers the row as it was and keeps the first human click', async () => {
      const world = await open()
      const message = await planned(world, { status: 'SENT', sentAt: at })
      const { customerId, messageId } = message

      const robot = await world.messages.noteClick(customerId, messageId, { at, human: false })
      const first = await world.messages.noteClick(customerId, messageId, { at: later, human: true })
      const second = await world.messages.noteClick(customerId, messageId, {
        at: '2026-03-02T11:00:00.000Z',
        human: true,
      })

      expect([robot, first]).toEqual([message, { ...message, lastHitAt: at }])
      expect(second).toEqual({ ...message, clickedAt: later, lastHitAt: later })
      expect(await world.messages.noteClick(customerId, 'nothing', { at, human: true })).toBeUndefined()
      expect(await world.messages.load(customerId, 'nothing')).toBeUndefined()
    })
  })
}

export function messagesContract(open: Open): void {
  claimContract(open)
  arrowContract(open)
  evidenceContract(open)
}
