/** A run on its way: waits, branches, sends, and what ends it. */
import { describe, expect, it } from 'vitest'
import { dueOf } from '#core/decide'
import { own } from '#core/event'
import {
  abandonedCart,
  aJourney,
  aLife,
  aMessage,
  aRelease,
  at,
  cartUpdated,
  identify,
  inForce,
  type Life,
  lamp,
  mailEvent,
  orderCompleted,
  told,
  track,
} from '#test/fixture/builder'

const walking = (yaml: string, settings = {}): Life =>
  aLife({ releases: inForce(aRelease({ journeys: [aJourney('j', yaml)], ...settings })) })
const start = track('Ticket Opened', { ticket: 'a' })
const entry = 'enter: { on: Ticket Opened }'

describe('a wait', () => {
  it('of a fixed time is due then', () => {
    const life = walking(`{ ${entry}, steps: [{ wait: 1d }, { send: x }] }`).hear(start)

    const due = dueOf(life.state)
    life.wake(at('08:59', 1))
    const before = life.row('x')
    life.wake(at('09:00', 1))

    expect(due).toBe(at('09:00', 1))
    expect(before).toBeUndefined()
    expect(life.row('x')).toMatchObject({ status: 'PLANNED', round: 1, plannedAt: at('09:00', 1) })
  })

  it('for quiet begins anew whenever the cart is touched', () => {
    const life = aLife().hear(
      cartUpdated('c1'),
      track('Product Added', { ...lamp, cart_id: 'c1' }, { at: at('09:40') }),
    )

    life.wake(at('10:00'))
    const during = life.row('reminder')
    life.sleepUntil(at('10:40'))

    expect(during).toBeUndefined()
    expect(life.row('reminder')?.plannedAt).toBe(at('10:40'))
  })

  it('for quiet counts from when the server heard, and does not heed looking around', () => {
    const life = aLife().hear(
      cartUpdated('c1', { occurredAt: at('08:30'), receivedAt: at('09:00') }),
      track('Product Viewed', lamp, { at: at('09:50') }),
    )

    expect(dueOf(life.state)).toBe(at('10:00'))
  })

  it('for quiet heeds its own subject only', () => {
    const keyed = `{ enter: { on: Ticket Opened, key: event.properties.ticket }, steps: [{ wait: { quiet: 1h } }, { send: x }] }`
    const life = walking(keyed).hear(start, track('Ticket Opened', { ticket: 'b' }, { at: at('09:30') }))

    life.sleepUntil(at('10:00'))

    expect([...life.rows.values()].map(({ key, plannedAt }) => [key, plannedAt])).toEqual([
      ['a', at('10:00')],
    ])
  })

  it('for quiet does not heed old news', () => {
    const life = aLife().hear(
      cartUpdated('c1'),
      cartUpdated('c1', { occurredAt: at('07:00'), receivedAt: at('09:30'), messageId: 'old' }),
    )

    expect(dueOf(life.state)).toBe(at('10:00'))
  })

  it('until an hour is one of her own clock', () => {
    const life = walking(`{ ${entry}, steps: [{ wait: { until: '08:00' } }, { send: x }] }`)

    life.hear(identify({ timezone: 'Asia/Dhaka' }), start)

    expect(dueOf(life.state)).toBe('2026-03-03T02:00:00.000Z')
  })

  describe('for an event', () => {
    const waits = (more = '') =>
      `{ ${entry}, steps: [{ wait: { for: { on: Quiz Taken }, upTo: 2h${more} } }, { send: x }] }`

    it('is over when it happens', () => {
      const life = walking(waits()).hear(start, track('Quiz Taken', {}, { at: at('09:30') }))

      expect(life.row('x')?.plannedAt).toBe(at('09:30'))
    })

    it('is over when it did not in time', () => {
      const life = walking(waits()).hear(start).sleepUntil(at('11:00'))

      expect(life.row('x')?.plannedAt).toBe(at('11:00'))
    })

    it('ends the run where it says so: happened', () => {
      const life = walking(waits(', happens: exit')).hear(start, track('Quiz Taken', {}, { at: at('09:30') }))

      expect(told(life).at(-1)).toBe('exited wait-ended')
      expect(life.decisions.at(-1)?.reason.explanation).toBe('ended: Quiz Taken happened')
    })

    it('ends the run where it says so: did not', () => {
      const life = walking(waits(', else: exit')).hear(start).sleepUntil(at('11:00'))

      expect(life.decisions.at(-1)?.reason.explanation).toBe('ended: Quiz Taken did not happen in time')
      expect(life.rows.size).toBe(0)
    })

    it('heeds its condition', () => {
      const life = walking(
        `{ ${entry}, steps: [{ wait: { for: { on: Quiz Taken, if: { event.properties.score: { gte: 5 } } }, upTo: 2h } }, { send: x }] }`,
      ).hear(start, track('Quiz Taken', { score: 4 }, { at: at('09:20') }))

      const before = life.row('x')
      life.hear(track('Quiz Taken', { score: 5 }, { at: at('09:30') }))

      expect(before).toBeUndefined()
      expect(life.row('x')?.plannedAt).toBe(at('09:30'))
    })

    it('is met by what also began the run', () => {
      const life = walking(
        `{ ${entry}, steps: [{ wait: { for: { on: Ticket Opened }, upTo: 2h } }, { send: x }] }`,
      )

      life.hear(start, track('Ticket Opened', {}, { at: at('09:30') }))

      expect(life.row('x')?.plannedAt).toBe(at('09:30'))
    })

    it.each([
      ['history', { history: true }],
      ['old news', { occurredAt: at('07:00') }],
    ])('is not met by %s', (_name, set) => {
      const life = walking(waits()).hear(start, track('Quiz Taken', {}, { at: at('09:30'), ...set }))

      expect(life.row('x')).toBeUndefined()
    })

    describe('of a mail', () => {
      const clicks = `{ ${entry}, steps: [{ send: first }, { wait: { for: { on: Email Clicked, in: this run }, upTo: 2h, happens: exit } }, { send: second }] }`
      const first = (life: Life) => life.row('first') ?? aMessage()

      it('heeds this run’s', () => {
        const life = walking(clicks).hear(start).sent('first', at('09:01'))

        life.hear(mailEvent(own.clicked, first(life), { at: at('09:05'), more: { human: true } }))

        expect(told(life).at(-1)).toBe('exited wait-ended')
      })

      it('does not heed another run’s, nor a machine’s', () => {
        const life = walking(clicks).hear(start).sent('first', at('09:01'))

        life.hear(
          mailEvent(own.clicked, aMessage({ runId: 'rAnotherAnotherAA' }), { at: at('09:05') }),
          mailEvent(own.clicked, first(life), { at: at('09:06'), more: { human: false } }),
        )

        expect(life.state.runs).toMatchObject([{ waiting: { for: 'event' } }])
      })
    })
  })
})

describe('a branch', () => {
  const branching = `
    ${'enter: { on: Ticket Opened }'}
    steps:
      - branch:
          - if: { customer.orderCount: { gte: 1 } }
            steps: [{ send: again }]
          - if: { customer.traits.vip: true }
            steps: [{ send: dear }]
          - steps: [{ send: anyone }]
      - send: both
    `

  it.each([
    [
      'the first that holds',
      [orderCompleted('o1', 9, { at: at('08:00') }), identify({ vip: true })],
      'again',
    ],
    ['the next', [identify({ vip: true })], 'dear'],
    ['else the last', [], 'anyone'],
  ])('goes %s, and on behind it', (_name, events, step) => {
    const life = walking(branching).hear(...events, start)

    life.sent(step, at('09:01')).sent('both', at('09:02'))

    expect([...life.rows.values()].map((row) => row.step)).toEqual([step, 'both'])
    expect(told(life).at(-1)).toBe('finished finished')
  })

  it('that nothing holds of is passed by', () => {
    const life = walking(
      `{ ${entry}, steps: [{ branch: [{ if: { customer.orderCount: 9 }, steps: [{ send: x }] }] }, { send: y }] }`,
    ).hear(start)

    expect([...life.rows.values()].map((row) => row.step)).toEqual(['y'])
  })
})

describe('a run ends', () => {
  it('by an order, on whatever way it comes', () => {
    const life = aLife().hear(cartUpdated('c1'), orderCompleted('o1', 49.9, { at: at('09:30') }))

    expect(told(life)).toEqual(['entered entered', 'exited exit-event'])
    expect(life.decisions.at(-1)?.reason.explanation).toBe('ended by Order Completed')
    expect(dueOf(life.state)).toBeUndefined()
  })

  it('when what it must not be comes true', () => {
    const life = aLife().hear(cartUpdated('c1'), cartUpdated('c1', { at: at('09:10') }, []))

    expect(told(life).at(-1)).toBe('exited exit-condition')
    expect(life.decisions.at(-1)?.reason.explanation).toBe('ended because cart.count is 0')
  })

  it('when another cart took the place of its own', () => {
    const life = aLife().hear(cartUpdated('c1'), cartUpdated('c2', { at: at('09:10') }))

    expect(told(life).slice(0, 2)).toEqual(['entered entered', 'exited subject-gone'])
  })

  it('but not when its nameless cart is given a name', () => {
    const life = aLife().hear(
      track('Product Added', lamp),
      cartUpdated('c1', { at: at('09:10') }),
      cartUpdated('c1', { at: at('09:20') }),
    )

    life.sleepUntil(at('10:20'))

    expect(life.state.runs).toMatchObject([{ key: 'c1' }])
    expect(life.row('reminder')).toMatchObject({ key: 'c1', plannedAt: at('10:20') })
  })

  it('by old news and by history too', () => {
    const old = { occurredAt: at('09:01'), receivedAt: at('09:00', 1) }
    const late = aLife().hear(cartUpdated('c1'), orderCompleted('o1', 9, old))
    const imported = aLife().hear(
      cartUpdated('c1'),
      orderCompleted('o1', 9, { at: at('09:05'), history: true }),
    )

    expect(told(late)).toContain('exited exit-event')
    expect(told(imported)).toContain('exited exit-event')
  })

  it('never by an order of the past that is imported meanwhile', () => {
    const life = aLife().hear(
      cartUpdated('c1'),
      orderCompleted('o1', 9, { at: '2024-06-01T10:00:00.000Z', history: true }),
    )

    expect(told(life)).not.toContain('exited exit-event')
    expect(life.state.runs).toHaveLength(1)
  })

  it('by an event whose condition holds only', () => {
    const yaml = `{ ${entry}, exit: [{ on: Quiz Taken, if: { event.properties.score: 5 } }], steps: [{ wait: 1d }, { send: x }] }`
    const life = walking(yaml).hear(start, track('Quiz Taken', { score: 4 }, { at: at('09:10') }))

    const before = life.state.runs.length
    life.hear(track('Quiz Taken', { score: 5 }, { at: at('09:20') }))

    expect(before).toBe(1)
    expect(told(life).at(-1)).toBe('exited exit-event')
  })

  it('when its journey is gone from the release it entered with', () => {
    const life = aLife().hear(cartUpdated('c1'))

    life.releases = inForce(aRelease({ number: 2, journeys: [] }), aRelease({ number: 1, journeys: [] }))
    life.wake(at('10:00'))

    expect(told(life).at(-1)).toBe('exited journey-removed')
  })

  it('and is walked as it was when it entered, whatever is published meanwhile', () => {
    const first = aRelease()
    const life = aLife({ releases: inForce(first) }).hear(cartUpdated('c1'))
    const shorter = aJourney('abandoned-cart', `{ ${entry}, steps: [{ send: other }] }`)

    life.releases = inForce(aRelease({ number: 2, journeys: [shorter] }), first)
    life.sleepUntil(at('10:00'))

    expect(life.row('reminder')).toMatchObject({ release: 1 })
  })

  it('never by walking in a circle', () => {
    const circle = { ...abandonedCart, program: [{ op: 'jump' as const, to: 0 }] }
    const life = aLife({ releases: inForce(aRelease({ journeys: [circle] })) })

    expect(() => life.hear(cartUpdated('c1'))).toThrow('walks more than 64 steps without waiting; add a wait')
  })
})

describe('a mail', () => {
  it('is planned with its times, and the run waits for its end', () => {
    const life = aLife().hear(cartUpdated('c1')).sleepUntil(at('10:00'))

    expect(life.row('reminder')).toMatchObject({
      status: 'PLANNED',
      round: 1,
      key: 'c1',
      urgent: true,
      exitsOnOrder: true,
      runStartedAt: at('09:00'),
      notBefore: at('10:00'),
      notAfter: at('10:00', 1),
      event: { name: 'Cart Updated', properties: { cart_id: 'c1' } },
    })
    expect(life.state.runs[0]?.waiting).toEqual({
      for: 'message',
      messageId: life.row('reminder')?.messageId,
    })
  })

  it('lets the run go on once it was sent', () => {
    const life = aLife().hear(cartUpdated('c1')).sleepUntil(at('10:00')).sent('reminder', at('10:01'))

    life.sleepUntil(at('09:00', 1))

    expect(life.row('last-call')?.plannedAt).toBe('2026-03-03T09:00:00.000Z')
    expect(life.state.outstanding.map(({ step }) => step)).toEqual(['last-call'])
  })

  it.each([
    ['loyalty', false],
    ['news', false],
    ['cart', true],
    ['service', true],
  ])('of the intent %s is urgent: %s', (intent, urgent) => {
    const life = walking(`{ intent: ${intent}, ${entry}, steps: [{ send: x }] }`).hear(start)

    expect(life.row('x')?.urgent).toBe(urgent)
  })

  it.each([
    ['24h', '', at('09:00', 1)],
    ['7d', 'expires: 7d,', at('09:00', 7)],
    ['the end of her day', 'expires: end of day,', '2026-03-02T23:00:00.000Z'],
  ])('is too late after %s', (_name, expires, notAfter) => {
    const life = walking(`{ ${expires} ${entry}, steps: [{ send: x }] }`).hear(start)

    expect(life.row('x')?.notAfter).toBe(notAfter)
  })

  it('of the end of the day that has 25 hours lives to its end', () => {
    const autumn = '2026-10-25T00:30:00.000Z'
    const life = walking(`{ expires: end of day, ${entry}, steps: [{ send: x }] }`)

    life.hear(track('Ticket Opened', {}, { at: autumn }))

    expect(life.row('x')?.notAfter).toBe('2026-10-25T23:00:00.000Z')
  })

  it('of a journey that an order begins is not stopped by that order', () => {
    const again = `{ enter: { on: Order Completed }, exit: [{ on: Order Completed }], steps: [{ wait: 30d }, { send: x }] }`
    const life = walking(again).hear(orderCompleted('o1', 9))

    life.sleepUntil(at('09:00', 30))

    expect(life.row('x')).toMatchObject({ exitsOnOrder: true, runStartedAt: '2026-03-02T09:00:00.001Z' })
  })
})
