/** Batches of a table's stream in which one row cannot be read: the others of the batch do not wait for it. */
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { expect, it } from 'vitest'
import { eventRow } from '#adapters/dynamo-events'
import { messageRow } from '#adapters/dynamo-message-row'
import type { Event } from '#core/event'
import { decideBatch } from '#functions/decide'
import { dispatchBatch } from '#functions/dispatch'
import { aMessage, at, cartUpdated, rina } from '#test/fixture/builder'
import { aStory } from '#test/fixture/story'

type Row = Record<string, unknown>

const streamOf = (keys: readonly string[], rows: readonly Row[]) =>
  ({
    Records: rows.map((row, index) => ({
      dynamodb: {
        SequenceNumber: `${index + 1}`,
        Keys: marshall(Object.fromEntries(keys.map((key) => [key, row[key]]))),
        NewImage: marshall(row, { removeUndefinedValues: true }),
      },
    })),
  }) as unknown as DynamoDBStreamEvent

const events = (...rows: Row[]) => streamOf(['customerId', 'key'], rows)
const messages = (...rows: Row[]) => streamOf(['customerId', 'messageId'], rows)

/** The row with nothing in it that could be read. */
const corrupt = (row: Row): Row => ({ ...row, body: Buffer.from('secret') })
const cartOf = (customerId: string): Event => cartUpdated('c1', { customerId })

it('an event that cannot be read is parked by its key, and the others are decided', async () => {
  const story = aStory()
  const bad = cartOf('cBad')

  const answer = await decideBatch(
    story.decide,
    events(eventRow(cartOf(rina)), corrupt(eventRow(bad)), eventRow(cartOf('cMina'))),
  )

  expect(answer).toEqual({ batchItemFailures: [] })
  expect([...story.tables.customers.keys()].sort()).toEqual(['cMina', rina].sort())
  expect(story.tables.parked.get('cBad')).toMatchObject({
    eventKeys: [bad.key],
    error: expect.stringContaining('cannot be read'),
  })
  expect(story.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { event: 'parked', customerId: 'cBad', eventKeys: [bad.key] },
  ])
  expect(JSON.stringify(story.lines)).not.toContain('secret')
})

it('an event of nobody knows whom is told, and the others are decided', async () => {
  const story = aStory()

  const answer = await decideBatch(story.decide, {
    Records: [{ dynamodb: {} }, ...events(eventRow(cartOf(rina))).Records],
  })

  expect(answer).toEqual({ batchItemFailures: [] })
  expect([...story.tables.customers.keys()]).toEqual([rina])
  expect(story.lines).toMatchObject([{ level: 'error', event: 'unreadable' }, { event: 'decision' }])
})

it('an event of a newer layout comes again, and is not parked', async () => {
  const story = aStory()

  const answer = decideBatch(story.decide, events({ ...eventRow(cartOf(rina)), schema: 2 }))

  await expect(answer).rejects.toMatchObject({ code: 'row-too-new' })
  expect(story.tables.parked.size).toBe(0)
})

it('a message that cannot be read is told by its key, and the others are dispatched', async () => {
  const story = aStory()
  const rows = ['m1', 'm2', 'm3'].map((messageId) =>
    messageRow(aMessage({ customerId: rina, messageId, notBefore: at('09:00') }), 1),
  )
  const [one = {}, two = {}, three = {}] = rows

  await dispatchBatch({ ...story, queues: story.deliveryQueues }, messages(one, corrupt(two), three))

  expect(story.deliveryQueues.dispatched.map(({ messageId }) => messageId)).toEqual(['m1', 'm3'])
  expect(story.lines).toMatchObject([
    { level: 'error', step: 'dispatch', event: 'unreadable', customerId: rina, messageId: 'm2' },
  ])
  expect(JSON.stringify(story.lines)).not.toContain('secret')
})

it('a message of a newer layout comes again', async () => {
  const story = aStory()
  const ports = { ...story, queues: story.deliveryQueues }

  const answer = dispatchBatch(ports, messages({ ...messageRow(aMessage(), 1), schema: 2 }))

  await expect(answer).rejects.toMatchObject({ code: 'row-too-new' })
})
