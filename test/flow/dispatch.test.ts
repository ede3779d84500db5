/** Planned messages onto their queue, not before their time. */
import { describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { dispatch } from '#flow/dispatch'
import { aMessage, at } from '#test/fixture/builder'

describe('a planned message', () => {
  it.each([
    ['at once', at('10:00'), 0],
    ['that was due before', at('09:00'), 0],
    ['in half a minute', at('10:00:30'), 30_000],
    ['no longer than a queue can wait', at('12:00'), 900_000],
  ])('is queued %s', async (_name, notBefore, delayMs) => {
    const ports = memoryPorts(at('10:00'))
    const { customerId, messageId } = aMessage()

    await dispatch({ clock: ports.clock, queues: ports.deliveryQueues }, [
      aMessage({ notBefore, round: 3, urgent: false }),
    ])

    expect(ports.deliveryQueues.dispatched).toEqual([
      { customerId, messageId, round: 3, urgent: false, delayMs },
    ])
  })
})
