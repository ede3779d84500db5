/** What an event changes on the gates before it is answered: orders and choices about consent. */
import { describe, expect, it } from 'vitest'
import { aDoor, hers } from '#test/fixture/door'

const door = aDoor()

describe('orders', () => {
  const order = (more: object) => ({
    event: 'Order Completed',
    messageId: 'm-order',
    properties: { order_id: 'o-1', total: 20, currency: 'EUR' },
    ...more,
  })
  const gate = () => door.world.gates.customer(hers)

  it('are on the person’s gate before the answer, by the server’s time', async () => {
    await door.track(order({ timestamp: '2026-11-24T10:00:00.000Z' }))

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect(await door.world.events.orderTakenBy('o-1')).toBe('m-order')
  })

  it('told twice by two messages are kept and marked as a repeat', async () => {
    await door.track(order({}))
    await door.track(order({ messageId: 'm-webhook' }))

    const events = await door.eventsOf(hers)
    expect(events.map((event) => [event.messageId, event.repeat ?? false])).toEqual([
      ['m-order', false],
      ['m-webhook', true],
    ])
  })

  it('told again by the same message are one event, not a repeat', async () => {
    await door.track(order({}))
    door.world.now.at = '2026-11-24T14:00:00.000Z'

    await door.track(order({}))

    expect(await door.eventsOf(hers)).toMatchObject([{ messageId: 'm-order' }])
    expect((await door.eventsOf(hers))[0]?.repeat).toBeUndefined()
    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('of one message told with two times are no repeat of themselves', async () => {
    await door.track(order({ timestamp: '2026-11-24T12:00:00.000Z' }))
    await door.track(order({ timestamp: '2026-11-24T12:00:01.000Z' }))

    expect((await door.eventsOf(hers)).map((event) => event.repeat ?? false)).toEqual([false, false])
  })

  it('imported as history raise the last order no higher than their own time', async () => {
    const context = { history: true }
    await door.track(order({ timestamp: '2024-05-01T10:00:00.000Z', context }))
    expect((await gate())?.lastOrderAt).toBe('2024-05-01T10:00:00.000Z')

    await door.track(order({ messageId: 'm-2', properties: { order_id: 'o-2' } }))
    await door.track(
      order({
        messageId: 'm-3',
        properties: { order_id: 'o-3' },
        timestamp: '2025-05-01T10:00:00.000Z',
        context,
      }),
    )

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect((await door.eventsOf(hers)).map((event) => event.history ?? false)).toEqual([false, true, true])
  })

  it('of a device are kept with the device, and go to the person it becomes', async () => {
    await door.send('track', order({ anonymousId: 'device-1' }))
    door.world.now.at = '2026-11-24T13:30:00.000Z'

    await door.send('identify', { userId: '42', anonymousId: 'device-1' })

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  })

  it('that meet the identify of their device half-way find the customer', async () => {
    const record = door.world.events.record
    let met = false
    door.world.events.record = async (event, beside) => {
      if (!met && event.name === 'Order Completed') {
        met = true
        await door.send('identify', { userId: '42', anonymousId: 'device-1' })
      }
      return record(event, beside)
    }

    await door.send('track', order({ anonymousId: 'device-1' }))

    expect((await gate())?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
    expect((await door.eventsOf(hers)).map((event) => event.name)).toContain('Order Completed')
  })
})

it('an order whose device is linked between two reads of it finds the customer', async () => {
  const visitor = door.world.identities.visitor
  let met = false
  door.world.identities.visitor = async (anonymousId) => {
    const before = await visitor(anonymousId)
    if (!met) {
      met = true
      await door.send('identify', { userId: '42', anonymousId })
    }
    return before
  }

  await door.send('track', {
    event: 'Order Completed',
    anonymousId: 'device-1',
    properties: { order_id: 'o-1' },
  })

  expect((await door.world.gates.customer(hers))?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
  expect((await door.eventsOf(hers)).map((event) => event.name)).toContain('Order Completed')
})

describe('consent', () => {
  const given = {
    event: 'Consent Given',
    properties: { topics: ['news'], source: 'checkout', text: 'Yes please' },
  }

  it('is on the inbox before the answer', async () => {
    await door.track({ ...given, messageId: 'm-1', context: { traits: { email: 'rina@example.com' } } })

    const gate = await door.box('rina@example.com')
    expect(gate).toMatchObject({
      owner: hers,
      consent: {
        news: { given: true, at: '2026-11-24T13:00:00.000Z', source: 'checkout', text: 'Yes please' },
      },
    })
  })

  it('without an address goes to the inbox that is known to be hers', async () => {
    await door.send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    await door.track({ event: 'Consent Withdrawn', messageId: 'm-2' })

    expect((await door.box('rina@example.com'))?.consent).toEqual({
      '*': { given: false, at: '2026-11-24T13:00:00.000Z' },
    })
  })

  it('before any address is known waits for it', async () => {
    await door.track({ ...given, messageId: 'm-1' })
    expect((await door.world.gates.customer(hers))?.pending).toMatchObject({ news: { given: true } })

    await door.send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    expect((await door.box('rina@example.com'))?.consent).toMatchObject({ news: { given: true } })
    expect((await door.world.gates.customer(hers))?.pending).toBeUndefined()
  })

  it('of a device waits with the device, then with the person, then goes to her inbox', async () => {
    await door.send('track', { ...given, anonymousId: 'device-1' })
    await door.send('identify', { userId: '42', anonymousId: 'device-1' })
    expect((await door.world.gates.customer(hers))?.pending).toMatchObject({ news: { given: true } })

    await door.send('identify', { userId: '42', traits: { email: 'rina@example.com' } })

    expect((await door.box('rina@example.com'))?.consent).toMatchObject({ news: { given: true } })
  })

  it('told in reverse order ends as the later choice', async () => {
    const email = { context: { traits: { email: 'rina@example.com' } } }
    await door.track({ event: 'Consent Withdrawn', ...email, timestamp: '2026-11-24T12:00:00.000Z' })
    await door.track({ event: 'Consent Given', ...email, timestamp: '2026-11-24T11:00:00.000Z' })

    expect((await door.box('rina@example.com'))?.consent['*']?.given).toBe(false)
  })

  it('for an inbox of another customer: a no is taken, a yes is not', async () => {
    await door.send('identify', { userId: '7', traits: { email: 'rina@example.com' } })
    const email = { context: { traits: { email: 'rina@example.com' } } }

    const yes = await door.track({ ...given, ...email, messageId: 'm-1' })
    expect(yes.body).toMatchObject({
      warnings: [{ code: 'address-of-another' }, { code: 'consent-of-another' }],
    })
    expect((await door.box('rina@example.com'))?.consent).toEqual({})

    await door.track({ event: 'Consent Withdrawn', ...email, messageId: 'm-2' })
    expect((await door.box('rina@example.com'))?.consent['*']?.given).toBe(false)
  })
})
