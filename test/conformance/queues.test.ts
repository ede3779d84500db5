/** Our SQS endpoint answers AWS's own client as documented, and as fauxqs does, which others made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedOf, outcomeOf } from './case.ts'
import { queueCases } from './queues.ts'
import { type OpenQueueSide, openFauxqs, openLocalQueues } from './queues-sides.ts'

describe.each([
  { name: 'local', open: openLocalQueues },
  { name: 'fauxqs', open: openFauxqs },
])('$name', ({ name, open }) => {
  let opened: OpenQueueSide

  beforeAll(async () => {
    opened = await open()
  }, 60_000)
  afterAll(async () => opened?.close())

  it.each(queueCases)('$name', async (one) => {
    expect(await outcomeOf(one, opened.side)).toEqual(expectedOf(one, name))
  })
})
