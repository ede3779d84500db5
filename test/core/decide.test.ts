/** The whole decision: alarms before later events, one alarm that is never late, the same from the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, dueOf, type Input, lookups } from '#core/decide'
import { type Event, own } from '#core/event'
import { limits } from '#core/limits'
import { newState, State } from '#core/state'
import { type Instant, plus } from '#core/time'
import {
  abandonedCart,
  aJourney,
  aLife,
  aRelease,
  aState,
  at,
  cartUpdated,
  identify,
  inForce,
  type Life,
  lamp,
  mailEvent,
  orderCompleted,
  rina,
  told,
  track,
} from '#test/fixture/builder'

describe('an alarm', () => {
  it('that is due fires before a later event, at its own time', () => {
    const life = aLife().hear(cartUpdated('c1'), orderCompleted('o1', 9, { at: at('12:00') }))

    expect(told(life)).toEqual(['entered entered', 'planned reminder plan-due', 'exited exit-event'])
    expect(life.row('reminder')?.plannedAt).toBe(at('10:00'))
  })

  it('that is early does nothing', () => {
    const life = aLife().hear(cartUpdated('c1')).wake(at('09:59'))

    expect(life.state.now).toBe(at('09:59'))
    expect(told(life)).toEqual(['entered entered'])
  })

  it('that comes twice plans once', () => {
    const life = aLife().hear(cartUpdated('c1')).wake(at('10:00')).wake(at('10:00'))

    expect(life.effects).toHaveLength(1)
  })

  it('that is a month late walks on from wait to wait, each at its own time', () => {
    const waits = aJourney(
      'waits',
      `{ enter: { on: Ticket Opened }, steps: [{ wait: 1d }, { wait: 2d }, { wait: { until: '09:00' } }, { send: x }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [waits] })) }).hear(track('Ticket Opened'))

    life.wake(at('09:00', 30))

    expect(life.row('x')?.plannedAt).toBe(at('08:00', 4))
  })

  it('is the earliest of runs, calendar, mails and sweeps', () => {
    const outstanding = {
      messageId: 'm',
      runId: 'r',
      journey: 'j',
      step: 's',
      round: 1,
      phase: 'planned' as const,
      notAfter: at('20:00'),
    }
    const run = {
      runId: 'r',
      journey: 'j',
      key: '',
      release: 1,
      startedAt: at('09:00'),
      touchedAt: at('09:00'),
      eventId: 'e',
      position: 0,
    }
    const state = aState({
      runs: [
        { ...run, waiting: { for: 'time', until: at('14:00') } },
        { ...run, waiting: { for: 'message', messageId: 'm' } },
      ],
      schedule: { birthday: { at: at('13:00'), by: 'x' } },
      outstanding: [{ ...outstanding, settleAt: at('12:00') }],
      visitors: [{ visitorId: 'v', foldedAt: at('10:55'), sweepAt: at('11:00') }],
    })

    expect(dueOf(state)).toBe(at('11:00'))
    expect(dueOf({ ...state, visitors: [] })).toBe(at('12:00'))
    expect(dueOf({ ...state, visitors: [], outstanding: [] })).toBe(at('13:00'))
    expect(dueOf({ ...state, visitors: [], outstanding: [], schedule: {} })).toBe(at('14:00'))
    expect(dueOf(aState())).toBeUndefined()
  })
})

describe('time', () => {
  it('never runs backwards', () => {
    const life = aLife().wake(at('12:00')).hear(cartUpdated('c1'))

    expect(life.state.now).toBe(at('12:00'))
  })

  it('of a late event still plans at once what was due meanwhile', () => {
    const life = aLife().wake(at('12:00')).hear(cartUpdated('c1'))

    expect(life.row('reminder')?.plannedAt).toBe(at('12:00'))
  })
})

describe('a visitor', () => {
  const visitor = (now: Instant): Input => ({ kind: 'visitor', visitorId: 'v1', at: now })

  it('whose log was folded in is swept once, five minutes later', () => {
    const first = decide(aState(), visitor(at('09:00')), inForce()).state
    const due = dueOf(first)
    const swept = decide(first, visitor(at('09:05')), inForce()).state

    expect(due).toBe(at('09:05'))
    expect(lookups(first, at('09:05')).visitorIds).toEqual(['v1'])
    expect(lookups(first, at('09:04')).visitorIds).toEqual([])
    expect(swept.visitors).toEqual([{ visitorId: 'v1', foldedAt: at('09:00') }])
    expect(dueOf(swept)).toBeUndefined()
  })

  it('is one of few that are remembered', () => {
    let state = aState()
    for (let index = 0; index < 12; index += 1) {
      state = decide(state, { kind: 'visitor', visitorId: `v${index}`, at: at('09:00') }, inForce()).state
    }

    expect(state.visitors).toHaveLength(limits.linkedVisitors)
  })
})

describe('two journeys', () => {
  it('walk side by side and know their own mails', () => {
    const browse = aJourney(
      'browse',
      `{ intent: browse, enter: { on: Product Viewed }, exit: [{ on: Cart Updated }], steps: [{ wait: 30m }, { send: look }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [abandonedCart, browse] })) })

    life.hear(track('Product Viewed', lamp), cartUpdated('c1', { at: at('09:10') })).sleepUntil(at('10:10'))

    expect(told(life)).toEqual([
      'entered entered',
      'exited exit-event',
      'entered entered',
      'planned reminder plan-due',
    ])
  })
})

/* Laws: random journeys, random events, a mail service that holds, skips, loses. */

const duration = fc.constantFrom('10m', '1h', '5h', '1d', '3d')
const leaf = fc.oneof(
  duration.map((time) => `{ wait: ${time} }`),
  duration.map((time) => `{ wait: { quiet: ${time} } }`),
  fc.constantFrom('06:00', '10:00', '23:30').map((time) => `{ wait: { until: '${time}' } }`),
  fc
    .tuple(
      fc.constantFrom('Quiz Taken', 'Email Sent', 'Cart Updated'),
      duration,
      fc.constantFrom('continue', 'exit'),
    )
    .map(
      ([on, time, after]) =>
        `{ wait: { for: { on: ${on} }, upTo: ${time}, happens: ${after}, else: ${after} } }`,
    ),
)
const steps = fc.array(fc.tuple(leaf, fc.boolean()), { minLength: 1, maxLength: 5 }).map((list) => {
  const sends = list.map(([wait], index) => `${wait}, { send: mail-${index} }`)
  const branch = list.some(([, branches]) => branches)
  const arms = `{ branch: [{ if: { cart.count: { gte: 1 } }, steps: [{ send: full }] }, { steps: [{ send: bare }] }] }`
  return `[${[...sends, ...(branch ? [arms] : [])].join(', ')}]`
})
const enter = fc.constantFrom(
  'enter: { on: Cart Updated, key: cart.id }',
  'enter: { on: [Cart Updated, Product Viewed], if: { cart.count: { gte: 1 } }, rest: 1d }',
  'enter: { every: week, on: monday }',
  'enter: { every: day, at: "02:30" }',
  'enter: { date: customer.birthday }',
)
const exit = fc.constantFrom('', 'exit: [{ on: Order Completed }],', 'exit: [{ if: { cart.count: 0 } }],')
const journeys = fc
  .array(fc.tuple(enter, exit, steps), { minLength: 1, maxLength: 3 })
  .map((list) =>
    list.map(([how, ends, walks], index) => aJourney(`j${index}`, `{ ${how}, ${ends} steps: ${walks} }`)),
  )

const happening = fc.record({
  minutes: fc.integer({ min: 0, max: 14 * 1440 }),
  lag: fc.constantFrom<number>(0, 0, 0, 7, 90),
  name: fc.constantFrom('cart', 'cart', 'other cart', 'empty', 'view', 'order', 'quiz', 'who'),
})
const happenings = fc.array(happening, { maxLength: 30 })
const fates = fc.array(fc.constantFrom('sent', 'sent', 'held', 'skipped', 'crashed', 'lost', 'silent'), {
  minLength: 1,
  maxLength: 12,
})

function eventOf(
  { name, minutes, lag }: { name: string; minutes: number; lag: number },
  index: number,
): Event {
  const occurredAt = plus(at('00:00'), minutes * 60_000)
  const set = { at: occurredAt, receivedAt: plus(occurredAt, lag * 60_000), messageId: `e${index}` }
  switch (name) {
    case 'cart':
      return cartUpdated('c1', set)
    case 'other cart':
      return cartUpdated('c2', set)
    case 'empty':
      return cartUpdated('c1', set, [])
    case 'view':
      return track('Product Viewed', lamp, set)
    case 'order':
      return orderCompleted(`o${index}`, 9, set)
    case 'quiz':
      return track('Quiz Taken', {}, set)
    default:
      return identify(
        { birthday: '1990-03-09', timezone: index % 2 ? 'Asia/Dhaka' : 'America/New_York' },
        set,
      )
  }
}

/** Every time at which something is pending, read off the state the slow way. */
const pending = (state: State): Instant[] => [
  ...state.runs.flatMap(({ waiting }) =>
    waiting !== undefined && 'until' in waiting ? [waiting.until] : [],
  ),
  ...Object.values(state.schedule).map((one) => one.at),
  ...state.outstanding.map((one) => one.settleAt),
  ...state.visitors.flatMap(({ sweepAt }) => (sweepAt === undefined ? [] : [sweepAt])),
]

/** Lets fate have its way with every planned mail. */
function deliverAll(life: Life, fate: () => string, now: Instant): void {
  for (const row of [...life.rows.values()].filter(({ status }) => status === 'PLANNED')) {
    if (row.notAfter <= now) {
      life.move(row, 'EXPIRED')
      life.hear(mailEvent(own.skipped, row, { at: now, more: { code: 'expired', explanation: 'late' } }))
      continue
    }
    switch (fate()) {
      case 'sent':
        life.move(life.move(row, 'CLAIMED', { claimedAt: now }), 'SENT', { sentAt: now })
        life.hear(mailEvent(own.sent, row, { at: now }))
        break
      case 'silent':
        life.move(life.move(row, 'CLAIMED', { claimedAt: now }), 'SENT', { sentAt: now })
        break
      case 'held': {
        const until = [plus(now, 5 * 3_600_000), row.notAfter].sort()[0] ?? now
        life.move(row, 'HELD', { until })
        life.hear(mailEvent(own.held, row, { at: now, more: { until, code: 'cap', explanation: 'held' } }))
        break
      }
      case 'skipped':
        life.move(row, 'SKIPPED')
        life.hear(mailEvent(own.skipped, row, { at: now, more: { code: 'no-consent', explanation: 'no' } }))
        break
      case 'crashed':
        life.move(row, 'CLAIMED', { claimedAt: now })
        break
      default:
      // The dispatch is lost: the row stays planned.
    }
  }
}

const calendar = (life: Life) =>
  Object.values(life.releases.live.journeys).some(
    ({ journey }) => !('on' in journey.enter && Array.isArray(journey.enter.on)),
  )

describe('whatever happens', () => {
  const stories = fc.tuple(journeys, happenings, fates)

  function lives(
    [list, what, doom]: typeof stories extends fc.Arbitrary<infer T> ? T : never,
    check: (life: Life) => void,
  ) {
    const life = aLife({
      releases: inForce(aRelease({ journeys: list })),
      state: newState(rina, at('00:00')),
    })
    let turn = 0
    const fate = () => doom[turn++ % doom.length] ?? 'sent'
    const events = what.map(eventOf).sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1))
    const sleep = (until: Instant) => {
      let turns = 0
      for (let due = dueOf(life.state); due !== undefined && due <= until; due = dueOf(life.state)) {
        turns += 1
        if (turns > 5000) throw new Error(`the alarms before ${until} never end`)
        life.wake(due)
        check(life)
        deliverAll(life, fate, life.state.now)
        check(life)
      }
    }
    for (const event of events) {
      sleep(event.receivedAt)
      life.hear(event)
      check(life)
      deliverAll(life, fate, life.state.now)
      check(life)
    }
    return { life, sleep }
  }

  it('the alarm is never late, the state stays whole, each step is planned once', () => {
    const property = fc.property(stories, (story) => {
      const { life } = lives(story, ({ state }) => {
        const times = pending(state)

        expect(dueOf(state)).toBe(times.length === 0 ? undefined : times.sort()[0])
        expect(State.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
      })
      const plans = life.effects.flatMap((effect) => (effect.kind === 'plan' ? [effect.message] : []))
      const steps = plans.map(({ runId, step }) => `${runId} ${step}`)

      expect(new Set(steps).size).toBe(steps.length)
      expect(new Set(plans.map(({ messageId }) => messageId)).size).toBe(plans.length)
    })

    fc.assert(property, { numRuns: 30 })
  })

  it('every run and every mail comes to an end', () => {
    const property = fc.property(stories, (story) => {
      const { life, sleep } = lives(story, () => {})
      if (calendar(life)) life.releases = inForce(aRelease({ number: 2, journeys: [] }), life.releases.live)
      life.wake(life.state.now)

      sleep(at('00:00', 90))

      expect(life.state.runs).toEqual([])
      expect(life.state.outstanding).toEqual([])
      expect(
        [...life.rows.values()].filter(
          ({ status }) =>
            status === 'PLANNED' || status === 'HELD' || status === 'CLAIMED' || status === 'UNKNOWN',
        ),
      ).toEqual([])
    })

    fc.assert(property, { numRuns: 30 })
  })

  it('the same state through JSON decides the same', () => {
    const property = fc.property(stories, happening, (story, next) => {
      const { life } = lives(story, () => {})
      const input: Input = { kind: 'event', event: eventOf(next, 999) }
      const stored = State.parse(JSON.parse(JSON.stringify(life.state)))

      const one = decide(life.state, input, life.releases)
      const other = decide(stored, input, life.releases)

      expect(JSON.stringify(other)).toBe(JSON.stringify(one))
    })

    fc.assert(property, { numRuns: 25 })
  })

  it('old news lets nobody enter', () => {
    const stale = happenings.map((list) => list.map((one) => ({ ...one, lag: 61 + one.lag })))
    const byEvent = journeys.map((list) =>
      list.map((one) => ({ ...one, journey: { ...one.journey, enter: abandonedCart.journey.enter } })),
    )
    const property = fc.property(fc.tuple(byEvent, stale, fates), (story) => {
      const { life } = lives(story, () => {})

      expect(life.decisions.filter(({ outcome }) => outcome === 'entered')).toEqual([])
    })

    fc.assert(property, { numRuns: 30 })
  })
})
