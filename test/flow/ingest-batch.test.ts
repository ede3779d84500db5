/** Batches: the good are stored, the bad answered one by one; and what others change meanwhile. */
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { ingest } from '#flow/ingest'
import { aDoor, hers, problem } from '#test/fixture/door'

const door = aDoor()

describe('a batch', () => {
  const good = (messageId: string, userId = '42') => ({
    type: 'track',
    event: 'Cart Viewed',
    userId,
    messageId,
  })

  it('stores the good and answers the bad one by one', async () => {
    const answer = await door.send('batch', {
      batch: [
        good('m-1'),
        { ...good('m-2'), event: '' },
        { type: 'nonsense', userId: '42' },
        good('m-4', '43'),
      ],
    })

    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        accepted: 2,
        refused: [
          { index: 1, messageId: 'm-2', errors: [{ code: 'no-name', path: 'event' }] },
          { index: 2, messageId: null, errors: [{ code: 'unknown-type', path: 'type' }] },
        ],
      },
    })
    expect((await door.eventsOf(hers)).map((event) => event.messageId)).toEqual(['m-1'])
    expect(await door.eventsOf(derive('c', 'user', '43'))).toHaveLength(1)
  })

  it('is refused when all of it is bad', async () => {
    const answer = await door.send('batch', { batch: [{ ...good('m-1'), event: '' }] })

    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      code: 'nothing-accepted',
      success: false,
      accepted: 0,
      refused: [{ index: 0, messageId: 'm-1' }],
    })
  })

  it.each([
    ['no list', {}, 'empty-batch'],
    ['an empty list', { batch: [] }, 'empty-batch'],
    [
      'more than 100 events',
      { batch: Array.from({ length: 101 }, (_, i) => good(`m-${i}`)) },
      'too-many-events',
    ],
  ])('is refused with %s', async (_, body, code) => {
    const answer = await door.send('batch', body)

    expect(answer.status).toBe(400)
    expect(problem(answer).code).toBe(code)
    expect(door.world.tables.events.size).toBe(0)
  })

  it('corrects the times of its events by its own sentAt', async () => {
    const event = { ...good('m-1'), timestamp: '2026-11-24T13:09:00.000Z' }
    await door.send('batch', { sentAt: '2026-11-24T13:10:00.000Z', batch: [event] })

    const [stored] = await door.eventsOf(hers)
    expect(stored?.occurredAt).toBe('2026-11-24T12:59:00.000Z')
  })

  it('takes the write key of the body or of its first event', async () => {
    const byBody = await ingest(door.world, {
      endpoint: 'batch',
      key: undefined,
      body: { writeKey: 'server-key', batch: [good('m-1')] },
    })
    const byEvent = await ingest(door.world, {
      endpoint: 'batch',
      key: undefined,
      body: { batch: [{ ...good('m-2'), writeKey: 'browser-key' }] },
    })

    expect([byBody.status, byEvent.status]).toEqual([200, 200])
    expect((await door.eventsOf(hers)).map((event) => event.source)).toEqual(['server', 'browser'])
  })

  it('says which of its events it warned about', async () => {
    const answer = await door.send('batch', { batch: [good('m-1'), { ...good('m-2'), userId: 'guest' }] })

    expect(answer.body).toMatchObject({
      accepted: 2,
      warnings: [{ index: 1, messageId: 'm-2', code: 'placeholder-id', path: 'userId' }],
    })
  })

  it('sent again after half of it was stored is stored once', async () => {
    await door.send('batch', { batch: [good('m-1')] })

    const answer = await door.send('batch', { batch: [good('m-1'), good('m-2')] })

    expect(answer.body).toMatchObject({ accepted: 2 })
    expect(await door.eventsOf(hers)).toHaveLength(2)
  })
})

describe('what others change meanwhile', () => {
  it('is read again', async () => {
    const record = door.world.events.record
    let meddled = 0
    door.world.events.record = async (event, beside) => {
      if (meddled < 3 && event.name === 'Order Completed') {
        meddled += 1
        await door.track({
          event: 'Order Completed',
          messageId: `m-x${meddled}`,
          properties: { order_id: `x-${meddled}` },
        })
      }
      return record(event, beside)
    }

    const answer = await door.track({
      event: 'Order Completed',
      messageId: 'm-1',
      properties: { order_id: 'o-1' },
    })

    expect(answer.status).toBe(200)
    expect(await door.world.events.orderTakenBy('o-1')).toBe('m-1')
  })

  it('for ever is a failure that may be tried again', async () => {
    door.world.events.record = async () => 'changed'

    await expect(door.track({ event: 'Cart Viewed', messageId: 'm-1' })).rejects.toMatchObject({
      code: 'contended',
      retryable: true,
    })
  })

  it('fails a batch as a whole only after all that was under way has ended', async () => {
    const record = door.world.events.record
    door.world.events.record = async (event, beside) => {
      if (event.userId === '1') throw new Error('the table is away')
      return record(event, beside)
    }
    const batch = Array.from({ length: limits.ingestConcurrency * 2 }, (_, i) => ({
      type: 'track',
      event: 'A',
      userId: String(i + 1),
      messageId: `m-${i}`,
    }))

    await expect(door.send('batch', { batch })).rejects.toThrow('the table is away')
    expect(door.world.tables.events.size).toBe(batch.length - 1)
  })
})
