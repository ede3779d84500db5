/**
 * What the ready journeys rest on: points that are come past once, a silence after the last order, a mail with
 * a topic of its own, a low answer that is told to the shop, and an exit that is about this order only.
 */
import { describe, expect, it } from 'vitest'
import { decide, dueOf } from '#core/decide'
import { eventOf } from '#core/enter'
import { own } from '#core/event'
import { mailsToShop } from '#core/journey'
import { nextProducts } from '#core/present'
import { topicOf } from '#core/program'
import { plus } from '#core/time'
import {
  aJourney,
  aLife,
  aMessage,
  aRelease,
  at,
  inForce,
  type Life,
  lamp,
  mailEvent,
  orderCompleted,
  told,
  track,
} from '#test/fixture/builder'

const reward = aJourney('reward', '{ intent: loyalty, enter: { points: 500 }, steps: [{ send: reward }] }')
/** The gift comes an hour later, as the shipped one does. */
const later = aJourney(
  'reward',
  '{ intent: loyalty, enter: { points: 500 }, steps: [{ wait: 1h }, { send: reward }] }',
)
const winBack = aJourney(
  'win-back',
  `
  intent: news
  enter: { after: 90d, since: customer.lastOrderAt, at: '10:00' }
  exit: [{ on: Order Completed }]
  steps: [{ send: missed }]
  `,
)
const afterOrder = aJourney(
  'after-order',
  `
  intent: service
  topic: orders
  enter: { on: Order Completed, key: order.id }
  exit: [{ on: [Order Refunded, Order Cancelled] }]
  steps:
    - send: question
      topic: reminders
    - wait:
        for: { on: Survey Answered, if: { event.properties.score: { lte: 6 } }, in: this run }
        upTo: 14d
        else: exit
    - send: unhappy
      to: shop
  `,
)

const living = (...journeys: (typeof reward)[]): Life => aLife({ releases: inForce(aRelease({ journeys })) })
const entered = (life: Life) => told(life).filter((one) => one.startsWith('entered')).length
const refunded = (id: string, total: number, time: string) =>
  track('Order Refunded', { order_id: id, total, currency: 'EUR' }, { at: at(time) })

/** Runs her alarms up to an instant; every mail that is planned goes out at once. */
function live(life: Life, until: string): Life {
  for (let due = dueOf(life.state); due !== undefined && due <= until; due = dueOf(life.state)) {
    life.wake(due)
    const row = [...life.rows.values()].find(({ status }) => status === 'PLANNED')
    if (row === undefined) continue
    life.sent(row.step, plus(row.plannedAt, 1000))
    life.rows.clear()
  }
  return life
}

describe('points', () => {
  it.each<[string, Parameters<Life['hear']>, number, number | undefined]>([
    ['below the first step bring nothing', [orderCompleted('a', 499)], 0, undefined],
    ['that reach it bring one run', [orderCompleted('a', 500)], 1, 500],
    ['past three steps at once bring one run, for the highest', [orderCompleted('a', 1700)], 1, 1500],
    [
      'past the next step bring the next run',
      [orderCompleted('a', 600), orderCompleted('b', 500, { at: at('09:20') })],
      2,
      1000,
    ],
    ['of the history count and bring nothing', [orderCompleted('a', 600, { history: true })], 0, 500],
    [
      'told twice bring one run',
      [orderCompleted('a', 600), orderCompleted('a', 600, { at: at('09:05'), repeat: true })],
      1,
      500,
    ],
  ])('%s', (_name, events, runs, reached) => {
    const life = living(reward).hear(...events)

    expect(entered(life)).toBe(runs)
    expect(life.state.reached?.reward).toBe(reached)
  })

  it('taken back end the run, whose mail does not go out', () => {
    const life = living(later).hear(orderCompleted('a', 600), refunded('a', 600, '09:10'))

    expect(told(life)).toContain('exited subject-gone')
    expect(life.state).toMatchObject({ runs: [], reached: { reward: 0 } })
  })

  it('taken back while the gift is held, and gathered again, bring it', () => {
    const life = living(later).hear(orderCompleted('a', 600)).wake(at('10:00'))
    const [first] = [...life.rows.values()]
    const held = life.move(first ?? aMessage(), 'HELD', { until: at('20:00') })
    life.hear(mailEvent(own.held, held, { at: at('10:01'), more: { until: at('20:00'), code: 'cap' } }))

    life.hear(refunded('a', 600, '11:00'), orderCompleted('b', 600, { at: at('12:00') })).wake(at('13:00'))

    expect([...life.rows.values()].map(({ status }) => status)).toEqual(['SKIPPED', 'PLANNED'])
  })

  it('taken back while the gift may be on its way count as come past', () => {
    const life = living(later).hear(orderCompleted('a', 600)).wake(at('10:00'))

    life.hear(refunded('a', 600, '10:01'), orderCompleted('b', 600, { at: at('12:00') })).wake(at('13:00'))

    expect(entered(life)).toBe(1)
    expect(life.state.reached?.reward).toBe(500)
  })

  it('taken back by one event, two gifts at once, may both be gathered again', () => {
    const life = living(later).hear(
      orderCompleted('a', 700),
      orderCompleted('b', 400, { at: at('09:10') }),
      refunded('a', 700, '09:20'),
    )
    const { reached } = life.state

    life.hear(orderCompleted('c', 200, { at: at('09:30') }))

    expect(reached?.reward).toBe(0)
    expect(life.state.runs.map(({ key }) => key)).toEqual(['500'])
  })

  it('taken back while its twin may be sending the gift count as come past', () => {
    const life = living(later).hear(orderCompleted('a', 600)).wake(at('10:00'))
    const [first] = [...life.rows.values()]
    const held = life.move(first ?? aMessage(), 'HELD', { until: at('10:16') })
    life.hear(
      mailEvent(own.held, held, { at: at('10:01'), more: { until: at('10:16'), code: 'being-sent' } }),
    )

    life.hear(refunded('a', 600, '10:02'))

    expect(life.state.reached?.reward).toBe(500)
  })

  it('taken back bring no gift for what history came past', () => {
    const life = living(later).hear(
      orderCompleted('a', 1000, { history: true }),
      orderCompleted('b', 600, { history: true, at: at('09:05') }),
      orderCompleted('c', 450, { at: at('09:10') }),
    )

    life.hear(refunded('a', 1000, '09:20'), orderCompleted('d', 460, { at: at('09:30') }))

    expect(entered(life)).toBe(1)
    expect(life.state.reached?.reward).toBe(1500)
  })

  it('taken back after the gift went out, and gathered again, bring no second run', () => {
    const life = living(reward).hear(orderCompleted('a', 600))
    live(life, at('00:00', 1))

    life.hear(
      refunded('a', 600, '09:10'),
      orderCompleted('b', 600, { at: at('09:20', 2), receivedAt: at('09:20', 2) }),
    )

    expect(life.state.runs).toEqual([])
    expect(entered(life)).toBe(1)
  })

  it('gathered before the journey was there bring no run', () => {
    const life = living().hear(orderCompleted('a', 1200))

    life.releases = inForce(aRelease({ journeys: [reward] }))
    life.hear(orderCompleted('b', 10, { at: at('09:10') }))
    const before = entered(life)
    life.hear(orderCompleted('c', 400, { at: at('09:20') }))

    expect(before).toBe(0)
    expect(entered(life)).toBe(1)
    expect(life.state.reached?.reward).toBe(1500)
  })
})

it('points that a guest and an account come past together bring one run', () => {
  const account = living(reward).hear(orderCompleted('a', 300))
  const guest = living(reward).hear(orderCompleted('b', 300))
  const from = { ...guest.state, customerId: 'cGuestGuestGuestG' }

  const once = decide(
    account.state,
    { kind: 'absorb', at: at('10:00'), from, mails: new Map() },
    account.releases,
  )

  expect(once.decisions.map(({ outcome }) => outcome)).toEqual(['entered', 'planned'])
  expect(once.state.reached?.reward).toBe(500)
})

describe('a silence', () => {
  it('ends ninety days after the last order, at ten by her clock, once', () => {
    const life = living(winBack).hear(orderCompleted('a', 20))

    const due = dueOf(life.state)
    live(life, at('00:00', 400))

    // ninety days on, Berlin keeps summer time
    expect(due).toBe('2026-06-01T08:00:00.000Z')
    expect(entered(life)).toBe(1)
    expect(life.state.schedule).toEqual({})
  })

  it('is counted from the last order, whichever is told first', () => {
    const life = living(winBack).hear(
      orderCompleted('b', 20, { at: at('09:00', 10), messageId: 'b' }),
      orderCompleted('a', 20, { at: at('09:00'), receivedAt: at('09:01', 10) }),
    )

    expect(life.state.schedule['win-back']?.at).toBe('2026-06-11T08:00:00.000Z')
  })

  it('begins anew with another order', () => {
    const life = living(winBack).hear(orderCompleted('a', 20))

    live(life, at('00:00', 100)).hear(orderCompleted('b', 20, { at: at('09:00', 101) }))
    live(life, at('00:00', 300))

    expect(entered(life)).toBe(2)
  })

  it('that was over before it was known of brings nothing, now or later', () => {
    const old = { at: at('09:00', -91), receivedAt: at('09:00'), history: true }
    const life = living(winBack).hear(orderCompleted('a', 20, old))

    live(life, at('00:00', 400))

    expect(entered(life)).toBe(0)
  })

  it('of an imported order ends in time', () => {
    const old = { at: at('09:00', -80), receivedAt: at('09:00'), history: true }
    const life = living(winBack).hear(orderCompleted('a', 20, old))

    live(life, at('00:00', 20))

    expect(entered(life)).toBe(1)
  })

  it('does not end twice for her who flies west on the day', () => {
    const life = living(winBack).hear(
      track('x', {}, { traits: { timezone: 'Asia/Dhaka' }, type: 'identify' }),
      orderCompleted('a', 20),
    )
    const due = dueOf(life.state) ?? ''

    life
      .wake(due)
      .hear(track('y', {}, { traits: { timezone: 'America/New_York' }, type: 'identify', at: due }))
    live(life, at('00:00', 400))

    expect(entered(life)).toBe(1)
  })
})

describe('an answer', () => {
  const asked = () => {
    const life = living(afterOrder).hear(orderCompleted('a', 20))
    const question = life.row('question')
    life.sent('question', at('09:01'))
    return { life, runId: question?.runId ?? '' }
  }
  const answer = (runId: string, score: number) =>
    track(
      'Survey Answered',
      { messageId: 'm1', journey: 'after-order', step: 'question', runId, survey: 'nps', score },
      { at: at('10:00'), source: 'homeward' },
    )

  it.each([
    ['of six goes to the shop', 6, 'shop'],
    ['of seven does not', 7, undefined],
  ] as const)('%s', (_name, score, to) => {
    const { life, runId } = asked()

    life.hear(answer(runId, score))

    expect(life.row('unhappy')?.to).toBe(to)
    expect(life.state.answer?.score).toBe(score)
  })

  it('to another run’s question is not heard by this one', () => {
    const { life } = asked()

    life.hear(answer('rAnotherRunAnothe', 2))

    expect(life.row('unhappy')).toBeUndefined()
  })

  it('a refund of another order leaves the run, one of its own ends it', () => {
    const { life } = asked()

    life.hear(refunded('b', 20, '09:30'))
    const other = life.state.runs.length
    life.hear(refunded('a', 20, '09:40'))

    expect(other).toBe(1)
    expect(life.state.runs).toEqual([])
  })
})

describe('a mail', () => {
  it('belongs to its own topic where it names one, else to the journey’s', () => {
    expect(topicOf(afterOrder, 'question')).toBe('reminders')
    expect(topicOf(afterOrder, 'unhappy')).toBe('orders')
    expect(topicOf(afterOrder, 'gone')).toBe('orders')
  })

  it('is the shop’s only when she never gets it', () => {
    const both = aJourney(
      'both',
      '{ enter: { on: X }, steps: [{ send: a, to: shop }, { id: b, send: a }, { send: c, to: shop }] }',
    )

    expect([...mailsToShop(both.journey.steps)]).toEqual(['c'])
  })
})

describe('an event, as a run keeps it', () => {
  it('keeps the lines of an order, cut, and the topics of a choice', () => {
    const products = Array.from({ length: 20 }, (_, id) => ({ ...lamp, product_id: `p${id}`, more: [1] }))

    const order = eventOf(track('Order Completed', { order_id: 'a', products }))
    const choice = eventOf(track('Consent Requested', { topics: ['offers'] }))

    expect(order.properties.products).toHaveLength(12)
    expect(order.properties.products).toContainEqual({ ...lamp, product_id: 'p3' })
    expect(choice.properties.topics).toEqual(['offers'])
  })
})

describe('what to show next', () => {
  const seen = (id: string, category: string, time: string) =>
    track('Product Viewed', { ...lamp, product_id: id, category }, { at: at(time) })

  it('is what she saw, neither has nor bought, of categories she likes first', () => {
    const life = living().hear(
      seen('rug', 'Home', '09:01'),
      seen('pan', 'Kitchen', '09:02'),
      seen('pot', 'Kitchen', '09:03'),
      seen('vase', 'Home', '09:04'),
      seen('cup', 'Kitchen', '09:05'),
      track('Order Completed', { order_id: 'a', total: 1, products: [{ ...lamp, product_id: 'pot' }] }),
      track(
        'Cart Updated',
        { cart_id: 'c', products: [{ ...lamp, product_id: 'pan' }] },
        { at: at('09:10') },
      ),
    )

    expect(nextProducts(life.state).map(({ id }) => id)).toEqual(['cup', 'vase', 'rug'])
    expect(nextProducts(life.state, 'vase').map(({ id }) => id)).toEqual(['cup', 'rug'])
  })
})
