/** Two records of one person as one: orders, sums, wishes and runs, whichever of the two heard them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeKnown } from '#core/absorb'
import { cartOf, withChange } from '#core/cart'
import { decide } from '#core/decide'
import type { Event } from '#core/event'
import { fold } from '#core/fold'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { mergeOrders, withOrder } from '#core/order'
import type { Run, State } from '#core/state'
import {
  aJourney,
  aRelease,
  aSettings,
  aState,
  at,
  cartUpdated,
  inForce,
  lamp,
  track,
} from '#test/fixture/builder'

const settings = aSettings()
const guestId = 'cGuestGuestGuest1'

const folded = (events: readonly Event[], set: Partial<State> = {}): State =>
  events.reduce((state, event) => {
    const next = fold(state, event, settings)
    return 'ignored' in next ? state : next.state
  }, aState(set))

const asGuest = (events: readonly Event[] = []) => folded(events, { customerId: guestId })

const order = (id: string, total: number, when = at('10:00')) =>
  track('Order Completed', { order_id: id, total, currency: 'EUR', products: [lamp] }, { at: when })
const refund = (id: string, total: number, when = at('11:00')) =>
  track('Order Refunded', { order_id: id, total, currency: 'EUR' }, { at: when })

const aRun = (set: Partial<Run> = {}): Run => ({
  runId: 'rHers',
  journey: 'abandoned-cart',
  key: 'cart-1',
  release: 1,
  startedAt: at('09:00'),
  touchedAt: at('09:00'),
  eventId: 'e-1',
  position: 2,
  waiting: { for: 'time', until: at('20:00') },
  ...set,
})

const absorbed = (state: State, from: State, mails: [string, Pick<Message, 'status'>][] = []) =>
  decide(
    state,
    { kind: 'absorb', at: at('12:00'), from: { ...from, movedTo: state.customerId }, mails: new Map(mails) },
    inForce(),
  )

describe('orders of two records', () => {
  it('add up', () => {
    const merged = mergeKnown(folded([order('a', 10)]), asGuest([order('b', 5)]), 1)

    expect(merged.totals).toMatchObject({ orderCount: 2, points: 15, paidMinor: { EUR: 1500 } })
  })

  it('count once where both know one', () => {
    const merged = mergeKnown(folded([order('a', 10)]), asGuest([order('a', 10)]), 1)

    expect(merged.totals).toMatchObject({ orderCount: 1, points: 10, paidMinor: { EUR: 1000 } })
  })

  it('take back what was refunded on the other record', () => {
    const merged = mergeKnown(folded([refund('a', 4)]), asGuest([order('a', 10)]), 1)

    expect(merged.totals).toMatchObject({ orderCount: 1, points: 6, paidMinor: { EUR: 600 } })
  })

  it('add refunds that each heard by itself, and count one that both heard once', () => {
    const [first, second] = [refund('a', 4), refund('a', 1, at('12:00'))]
    const apart = mergeKnown(folded([order('a', 10), first]), asGuest([second]), 1)
    const same = mergeKnown(folded([order('a', 10), first]), asGuest([first]), 1)

    expect(apart.totals.paidMinor).toEqual({ EUR: 500 })
    expect(same.totals.paidMinor).toEqual({ EUR: 600 })
  })

  it('come out as if one record had heard all, however they were dealt out', () => {
    const facts = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c'),
        name: fc.constantFrom('Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled'),
        total: fc.integer({ min: 1, max: 50 }),
        guest: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(facts, (list) => {
        const events = list.map(({ id, name, total }, minute) =>
          track(
            name,
            { order_id: id, total, currency: 'EUR', products: [lamp] },
            { at: at(`10:${String(minute).padStart(2, '0')}`) },
          ),
        )
        const mine = events.filter((_, index) => list[index]?.guest === false)
        const theirs = events.filter((_, index) => list[index]?.guest === true)
        const merged = mergeKnown(folded(mine), asGuest(theirs), settings.loyalty.pointsPerUnit)
        const whole = folded(events)
        const sums = ({ totals: { orderCount, paidMinor, points } }: State) => ({
          orderCount,
          paidMinor,
          points,
        })
        expect(sums(merged)).toEqual(sums(whole))
        expect(merged.orders.map(({ id }) => id).sort()).toEqual(whole.orders.map(({ id }) => id).sort())
      }),
    )
  })
})

describe('the ring of what was folded', () => {
  it('keeps the newer half of each at least, and never grows past its limit', () => {
    const names = (letter: string) => Array.from({ length: limits.appliedEvents }, (_, n) => `${letter}${n}`)
    const merged = mergeKnown(
      aState({ applied: names('a') }),
      aState({ customerId: guestId, applied: names('b') }),
      1,
    )

    expect(merged.applied).toHaveLength(limits.appliedEvents)
    expect(merged.applied).toContain(`a${limits.appliedEvents / 2}`)
    expect(merged.applied).toContain(`b${limits.appliedEvents / 2}`)
  })
})

describe('runs', () => {
  it('go over as they stand', () => {
    const { state, decisions } = absorbed(aState(), { ...asGuest(), runs: [aRun()] })

    expect(state.runs).toEqual([aRun()])
    expect(decisions).toEqual([])
  })

  it('of one journey for one thing: the one that came further goes on', () => {
    const hers = aRun({ runId: 'rMine', position: 0 })
    const { state, decisions } = absorbed(aState({ runs: [hers] }), { ...asGuest(), runs: [aRun()] })

    expect(state.runs.map(({ runId }) => runId)).toEqual(['rHers'])
    expect(decisions).toMatchObject([{ runId: 'rMine', outcome: 'exited', reason: { code: 'merged' } }])
  })

  it('of one journey for one thing, equally far: her own goes on', () => {
    const hers = aRun({ runId: 'rMine' })
    const { state, decisions } = absorbed(aState({ runs: [hers] }), { ...asGuest(), runs: [aRun()] })

    expect(state.runs.map(({ runId }) => runId)).toEqual(['rMine'])
    expect(decisions).toMatchObject([{ runId: 'rHers', outcome: 'exited', reason: { code: 'merged' } }])
  })

  it('whose mail went out are ahead of one that waits for its own', () => {
    const waiting = (messageId: string) => ({ for: 'message' as const, messageId })
    const hers = aRun({ runId: 'rMine', position: 1, waiting: waiting('mMine') })
    const theirs = aRun({ position: 1, waiting: waiting('mHers') })
    const from = { ...asGuest([cartUpdated('cart-1')]), runs: [theirs] }
    const { state, effects } = absorbed(aState({ runs: [hers] }), from, [['mHers', { status: 'SENT' }]])

    expect(state.runs.map(({ runId, position }) => ({ runId, position }))).toEqual([
      { runId: 'rHers', position: 2 },
    ])
    expect(effects).toEqual([])
  })

  it('whose mail went out leave one of that name, planned here too, to be looked after', () => {
    const run = aRun({ position: 1, waiting: { for: 'message' as const, messageId: 'mBoth' } })
    const planned = {
      messageId: 'mBoth',
      runId: run.runId,
      journey: run.journey,
      step: 'reminder',
      round: 1,
      phase: 'planned' as const,
      settleAt: at('12:15'),
      notAfter: at('20:00'),
    }
    const from = { ...asGuest([cartUpdated('cart-1')]), runs: [run] }
    const { state } = absorbed(aState({ runs: [run], outstanding: [planned] }), from, [
      ['mBoth', { status: 'SENT' }],
    ])

    expect(state.runs.map(({ position }) => position)).toEqual([2])
    expect(state.outstanding).toEqual([planned])
  })

  it('that are too many end, and say so', () => {
    const full = Array.from({ length: limits.liveRuns }, (_, n) => aRun({ runId: `r${n}`, key: `k${n}` }))
    const { state, decisions } = absorbed(aState({ runs: full }), { ...asGuest(), runs: [aRun()] })

    expect(state.runs).toHaveLength(limits.liveRuns)
    expect(decisions).toMatchObject([{ runId: 'rHers', reason: { code: 'too-many-runs' } }])
  })

  it('are taken over once', () => {
    const from = { ...asGuest([order('a', 10)]), runs: [aRun()] }
    const once = absorbed(aState(), from).state
    const twice = absorbed(once, from).state

    expect(twice).toEqual(once)
  })
})

describe('what would not fit', () => {
  it('is never the device whose log is still to be swept', () => {
    const swept = Array.from({ length: 8 }, (_, index) => ({ visitorId: `v${index}`, foldedAt: at('08:00') }))
    const isNew = { visitorId: 'new', foldedAt: at('09:00'), sweepAt: at('09:05') }

    const merged = mergeKnown(aState({ visitors: swept }), aState({ visitors: [isNew] }), 1)

    expect(merged.visitors).toContainEqual(isNew)
  })

  it('of two carts is folded, not forgotten', () => {
    const filled = (hour: string, name: string, count: number) =>
      Array.from({ length: count }, (_, index) => index).reduce((cart, index) => {
        const key = `${name}${index}`
        const item = { id: key, currency: 'EUR', quantity: 1 }
        return withChange(cart, {
          key,
          item,
          at: at(`${hour}:${String(index).padStart(2, '0')}`),
          change: 'added',
        })
      }, aState().cart)
    const [guest, account] = [filled('09', 'guest', 40), filled('10', 'account', 20)]

    const merged = mergeKnown(aState({ cart: account }), aState({ cart: guest }), 1)

    expect(cartOf(merged.cart)?.items).toHaveLength(60)
  })

  it.each([false, true])('an order that was imported stays so, whoever heard it (%s)', (isTurned) => {
    const told = (change: 'completed' | 'refunded', more: { history?: boolean } = {}) => {
      const of = { orderId: 'o', currency: 'EUR', items: [], totalMinor: 500 }
      return withOrder(aState(), {
        change,
        order: of,
        eventId: change,
        at: at('09:00'),
        history: false,
        pointsPerUnit: 1,
        ...more,
      })
    }
    const both = [told('completed', { history: true }), told('refunded')] as const
    const [one, other] = isTurned ? ([both[1], both[0]] as const) : both

    expect(mergeOrders(one, other, 1).orders[0]?.history).toBe(true)
  })
})

describe('a run that one customer would not have begun', () => {
  const rested = aJourney(
    'abandoned-cart',
    'enter: { on: Cart Updated, key: cart.id, rest: 1d }\nintent: cart\ntopic: reminders\nsteps: [{ wait: 1h }, { send: reminder }]',
  )
  const releases = inForce(aRelease({ journeys: [rested] }))
  const entered = { 'abandoned-cart': at('08:30') }
  const over = (one: Partial<State>, other: Partial<State>) => {
    const from = { ...aState({ customerId: guestId, ...other }), movedTo: 'x' }
    const input = { kind: 'absorb' as const, at: at('12:00'), from, mails: new Map() }
    return decide(aState(one), input, releases)
  }

  it.each([
    ['of her own', { runs: [aRun({ position: 0 })] }, { entered }],
    ['of who becomes her', { entered }, { runs: [aRun({ position: 0 })] }],
  ])('%s ends: the other record entered while its journey rests', (_whose, one, other) => {
    expect(over(one, other).decisions.map(({ outcome, reason }) => `${outcome} ${reason.code}`)).toEqual([
      'exited merged',
    ])
  })

  it('goes on where the other record entered long before', () => {
    const long = { entered: { 'abandoned-cart': at('08:30', -2) } }

    expect(over({ runs: [aRun({ position: 0 })] }, long).state.runs).toHaveLength(1)
  })
})
