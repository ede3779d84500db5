/** What `Messages` promises of rows that pages look at, and of rows that erasure takes out. */
import { describe, expect, it } from 'vitest'
import { aCommit, aMessage } from '#test/fixture/build'
import { claimed, inputs, planned } from './message-world.ts'
import { fresh, type Open } from './world.ts'

const at = '2026-03-02T09:00:00.000Z'
const later = '2026-03-02T10:00:00.000Z'

function pageContract(open: Open): void {
  describe('Messages.note', () => {
    it('keeps the first time and the last answer', async () => {
      const world = await open()
      const message = await planned(world, { status: 'SENT', sentAt: at })
      const { customerId, messageId } = message
      const answer = { survey: 'nps' as const, score: 9, at }
      const other = { survey: 'nps' as const, score: 0, at: later, comment: 'ধীর 🐌' }

      await world.messages.note(customerId, messageId, { openedAt: at, unsubscribedAt: at, answer })
      await world.messages.note(customerId, messageId, { openedAt: later, answer: other })
      await world.messages.note(customerId, messageId, { unsubscribedAt: later })
      await world.messages.note(customerId, messageId, {})

      expect(await world.messages.load(customerId, messageId)).toEqual({
        ...message,
        openedAt: at,
        unsubscribedAt: at,
        answer: other,
      })
    })

    it('makes no row where there is none', async () => {
      const world = await open()

      await world.messages.note('nobody', 'nothing', { openedAt: at })

      expect(await world.messages.load('nobody', 'nothing')).toBeUndefined()
    })
  })

  describe('Messages.inputs', () => {
    it('answers what the claim kept, whatever becomes of the message', async () => {
      const world = await open()
      const { customerId, messageId } = await claimed(world)
      await world.messages.observe(customerId, messageId, { sesMessageId: 'ses-1', deliveredAt: later })
      await world.messages.note(customerId, messageId, { openedAt: later })

      expect(await world.messages.inputs(customerId, messageId)).toEqual({ inputs, mailHash: 'mail-1' })
    })

    it('is undefined for what was never claimed, was released, or is not there', async () => {
      const world = await open()
      const plan = await planned(world)
      const hash = fresh('hash')
      const released = await claimed(world, hash)
      await world.messages.release(released, { hash, notBefore: later, reason: 'not-sent' })

      const answers = await Promise.all(
        [plan, released, { customerId: 'nobody', messageId: 'nothing' }].map((one) =>
          world.messages.inputs(one.customerId, one.messageId),
        ),
      )

      expect(answers).toEqual([undefined, undefined, undefined])
    })
  })
}

function removalContract(open: Open): void {
  describe('Messages.removeAll', () => {
    it('takes out what is hers, and what was claimed of it is never confirmed', async () => {
      const world = await open()
      const message = await claimed(world)
      const hers = aMessage({ customerId: message.customerId, messageId: fresh('message') })
      await world.customers.commit(
        aCommit({
          customerId: hers.customerId,
          expectedVersion: 1,
          effects: [{ kind: 'plan', message: hers }],
        }),
      )
      const others = await planned(world)

      const removed = await world.messages.removeAll(message.customerId)
      const again = await world.messages.removeAll(message.customerId)
      const confirmed = await world.messages.confirm(message, { at, sesMessageId: 'ses-1' })

      expect([removed, again, confirmed]).toEqual([2, 0, 'changed'])
      expect(await world.messages.messagesOf(message.customerId)).toEqual([])
      expect(await world.messages.load(others.customerId, others.messageId)).toEqual(others)
    })

    it('stays gone when evidence or a click comes afterwards', async () => {
      const world = await open()
      const { customerId, messageId } = await claimed(world)
      await world.messages.removeAll(customerId)

      await world.messages.observe(customerId, messageId, { sesMessageId: 'ses-1', sentAt: at })
      await world.messages.noteClick(customerId, messageId, { at, human: true })

      expect(await world.messages.messagesOf(customerId)).toEqual([])
    })
  })
}

export function messageRowsContract(open: Open): void {
  pageContract(open)
  removalContract(open)
}
