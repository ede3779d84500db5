/** Who enters a journey, who does not, and the reason that is kept. */
import { describe, expect, it } from 'vitest'
import { decide } from '#core/decide'
import type { Event } from '#core/event'
import { limits } from '#core/limits'
import { newState } from '#core/state'
import { plus } from '#core/time'
import {
  aJourney,
  aLife,
  aRelease,
  at,
  cartUpdated,
  identify,
  inForce,
  type Life,
  lamp,
  orderCompleted,
  rina,
  told,
  track,
} from '#test/fixture/builder'

const entered = (life: Life) => told(life).filter((one) => one.startsWith('entered')).length
const refusedFor = (life: Life, journey = 'abandoned-cart') => life.state.refused[journey]?.code

describe('a cart', () => {
  it.each<[string, Event[], number, string | undefined]>([
    ['enters', [cartUpdated('c1')], 1, undefined],
    ['by a single product enters', [track('Product Added', { ...lamp, cart_id: 'c1' })], 1, undefined],
    ['that is empty does not', [cartUpdated('c1', {}, [])], 0, 'condition-false'],
    [
      'once inside does not enter again',
      [cartUpdated('c1'), cartUpdated('c1', { at: at('09:05') })],
      1,
      undefined,
    ],
    ['heard twice enters once', [cartUpdated('c1'), cartUpdated('c1')], 1, undefined],
    ['as fresh as may be enters', [cartUpdated('c1', { receivedAt: at('10:00') })], 1, undefined],
    ['older than an hour does not', [cartUpdated('c1', { receivedAt: at('10:00:01') })], 0, 'old-news'],
    ['of the history does not', [cartUpdated('c1', { history: true })], 0, 'history'],
    [
      'that was ordered already does not',
      [orderCompleted('o1', 9, { at: at('09:01') }), cartUpdated('c1')],
      0,
      'condition-false',
    ],
    [
      'whose products cannot be read does not',
      [track('Cart Updated', { cart_id: 'c1', products: 'lamp' })],
      0,
      'condition-false',
    ],
  ])('%s', (_name, events, runs, refused) => {
    const life = aLife().hear(...events)

    expect(entered(life)).toBe(runs)
    expect(refusedFor(life)).toBe(refused)
  })

  it('of the same id enters again when the rest is over', () => {
    const life = aLife().hear(cartUpdated('c1'), orderCompleted('o1', 49.9, { at: at('09:10') }))

    life.hear(cartUpdated('c1', { at: at('08:59', 7) }))
    const during = entered(life)
    life.hear(cartUpdated('c1', { at: at('09:00', 8) }))

    expect(during).toBe(1)
    expect(refusedFor(life)).toBe('resting')
    expect(entered(life)).toBe(2)
    expect(new Set(life.decisions.map(({ runId }) => runId)).size).toBe(2)
  })

  it('rests for the journey, whatever the cart', () => {
    const life = aLife().hear(cartUpdated('c1'), orderCompleted('o1', 49.9, { at: at('09:10') }))

    life.hear(cartUpdated('c2', { at: at('09:00', 1) }))

    expect(life.state.refused['abandoned-cart']).toMatchObject({
      code: 'resting',
      explanation: expect.stringContaining(at('09:00', 7)),
    })
  })
})

describe('a visitor’s event', () => {
  it('is aged against the moment we knew whose it was', () => {
    const life = aLife()
    const event = cartUpdated('c1', { customerId: 'a visitor' })

    const { state } = decideAged(event, at('09:59'))
    const { state: later } = decideAged(event, at('10:01'))

    expect(state.runs).toMatchObject([{ startedAt: at('09:00') }])
    expect(later.runs).toEqual([])
    expect(later.refused['abandoned-cart']?.code).toBe('old-news')
    expect(life.state.runs).toEqual([])
  })
})

const decideAged = (event: Event, agedAt: string) =>
  decide(newState(rina, at('00:00')), { kind: 'event', event, agedAt }, inForce())

describe('a key', () => {
  const byOrder = aJourney(
    'by-order',
    `
    enter: { on: Ticket Opened, key: event.properties.ticket }
    steps: [{ wait: 1d }, { send: hello }]
    `,
  )
  const life = () => aLife({ releases: inForce(aRelease({ journeys: [byOrder] })) })

  it('gives each its own run', () => {
    const two = life().hear(
      track('Ticket Opened', { ticket: 'a' }, { messageId: '1' }),
      track('Ticket Opened', { ticket: 7 }, { messageId: '2' }),
      track('Ticket Opened', { ticket: 'a' }, { messageId: '3' }),
    )

    expect(two.state.runs.map(({ key }) => key)).toEqual(['a', '7'])
  })

  it('that the event lacks is a reason', () => {
    const none = life().hear(track('Ticket Opened', { ticket: { id: 'a' } }))

    expect(none.state.runs).toEqual([])
    expect(none.state.refused['by-order']).toMatchObject({
      code: 'no-key',
      explanation: expect.stringContaining('event.properties.ticket'),
    })
  })
})

describe('an entry', () => {
  it('has its bound', () => {
    const many = aJourney(
      'many',
      `{ enter: { on: Ticket Opened, key: event.properties.ticket }, steps: [{ wait: 1d }, { send: x }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [many] })) })

    for (let ticket = 0; ticket <= limits.liveRuns; ticket += 1) {
      life.hear(track('Ticket Opened', { ticket }, { messageId: `ticket ${ticket}` }))
    }

    expect(life.state.runs).toHaveLength(limits.liveRuns)
    expect(refusedFor(life, 'many')).toBe('too-many-runs')
  })

  it('begins when its event was received, though it is decided later', () => {
    const life = aLife({ state: newState(rina, at('12:00')) }).hear(cartUpdated('c1'))

    expect(life.state.runs).toMatchObject([{ startedAt: at('09:00'), touchedAt: at('09:00') }])
    expect(life.state.now).toBe(at('12:00'))
  })

  it('keeps the event’s plain properties, cut', () => {
    const any = aJourney('any', `{ enter: { on: Ticket Opened }, steps: [{ wait: 1d }, { send: x }] }`)
    const url = `https://shop.example/${'x'.repeat(300)}`
    const longUrl = `https://shop.example/${'x'.repeat(600)}`
    const properties = { text: 'x'.repeat(999), count: 3, nested: { a: 1 }, yes: true, url, longUrl }
    const life = aLife({ releases: inForce(aRelease({ journeys: [any] })) })

    life.hear(track('Ticket Opened', properties))

    expect(life.state.runs[0]?.event).toEqual({
      name: 'Ticket Opened',
      properties: { text: 'x'.repeat(200), count: 3, yes: true, url },
    })
  })

  it('keeps what is known by name, however much else is told', () => {
    const thanks = aJourney(
      'thanks',
      `{ enter: { on: Order Completed, key: order.id }, steps: [{ wait: 1d }, { send: x }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [thanks] })) })
    const others = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`field_${n}`, n]))

    life.hear(track('Order Completed', { ...others, order_id: 'a', currency: 'USD', total: 50 }))

    expect(life.state.runs[0]).toMatchObject({
      key: 'a',
      event: { properties: { currency: 'USD', total: 50 } },
    })
    expect(Object.keys(life.state.runs[0]?.event?.properties ?? {})).toHaveLength(40)
  })

  it('does not happen for an order that was counted before', () => {
    const thanks = aJourney(
      'thanks',
      `{ intent: service, topic: orders, enter: { on: Order Completed }, steps: [{ send: thanks }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [thanks] })) })

    life.hear(orderCompleted('o1', 9)).sent('thanks', at('09:01'))
    life.hear(orderCompleted('o1', 9, { at: at('09:02'), messageId: 'webhook', repeat: true }))

    expect(entered(life)).toBe(1)
  })

  it('waits for its condition to hold at that moment', () => {
    const vip = aJourney(
      'vip',
      `{ enter: { on: Ticket Opened, if: { customer.traits.vip: true } }, steps: [{ wait: 1d }, { send: x }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [vip] })) })

    life.hear(track('Ticket Opened', {}, { messageId: '1' }))
    const before = life.state.refused.vip
    life.hear(
      identify({ vip: true }),
      track('Ticket Opened', {}, { messageId: '2', at: plus(at('09:00'), 1000) }),
    )

    expect(before).toMatchObject({
      code: 'condition-false',
      explanation: expect.stringContaining('customer.traits.vip is not known'),
    })
    expect(entered(life)).toBe(1)
  })

  it('has the same run and mail ids for the same cause, whenever it is decided', () => {
    const one = aLife().hear(cartUpdated('c1')).sleepUntil(at('10:00'))
    const other = aLife({ state: newState(rina, at('12:00')) }).hear(cartUpdated('c1'))

    expect([...other.rows.values()].map(({ plannedAt }) => plannedAt)).toEqual([at('12:00')])
    expect([...one.rows.keys()]).toEqual([...other.rows.keys()])
    expect(one.state.runs[0]?.runId).toBe(other.state.runs[0]?.runId)
  })
})
