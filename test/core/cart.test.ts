/** The cart: snapshots and changes, late, repeated, reversed, ordered. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cartOf, emptied, unnamed, withChange, withSnapshot } from '#core/cart'
import type { Cart, Item } from '#core/item'
import { limits } from '#core/limits'
import type { CartLog } from '#core/state'
import { plus } from '#core/time'
import { at } from '#test/fixture/builder'

const empty: CartLog = { deltas: [] }
const item = (id: string, set: Partial<Item> = {}): Item => ({
  id,
  currency: 'EUR',
  quantity: 1,
  priceMinor: 1000,
  ...set,
})
const cart = (id: string, ...items: Item[]): Cart => ({ id, currency: 'EUR', totalMinor: 5000, items })

type Step = (log: CartLog) => CartLog
const snapshot =
  (time: string, ...items: Item[]): Step =>
  (log) =>
    withSnapshot(log, cart('c1', ...items), at(time))
const change =
  (kind: 'added' | 'removed') =>
  (time: string, one: Item, cartId?: string): Step =>
  (log) =>
    withChange(log, {
      key: `${kind} ${one.id} ${time}`,
      at: at(time),
      change: kind,
      item: one,
      ...(cartId !== undefined && { cartId }),
    })
const added = change('added')
const removed = change('removed')
const ordered =
  (time: string): Step =>
  (log) =>
    emptied(log, at(time))

const cartAfter = (...steps: Step[]) => cartOf(steps.reduce((log, step) => step(log), empty))
const contents = (of: Cart | undefined) =>
  of?.items
    .map(({ id, sku, quantity }) => [quantity, id, ...(sku === undefined ? [] : [sku])].join(' '))
    .join(', ')

describe('the cart', () => {
  it.each<[string, Step[], string | undefined]>([
    ['nothing heard', [], undefined],
    ['a snapshot', [snapshot('09:00', item('lamp'))], '1 lamp'],
    ['a later snapshot', [snapshot('09:00', item('lamp')), snapshot('09:05', item('rug'))], '1 rug'],
    [
      'an older snapshot comes late',
      [snapshot('09:05', item('rug')), snapshot('09:00', item('lamp'))],
      '1 rug',
    ],
    ['an empty snapshot', [snapshot('09:00', item('lamp')), snapshot('09:05')], ''],
    ['added to a snapshot', [snapshot('09:00', item('lamp')), added('09:05', item('rug'))], '1 lamp, 1 rug'],
    [
      'more of it',
      [snapshot('09:00', item('lamp')), added('09:05', item('lamp', { quantity: 2 }))],
      '3 lamp',
    ],
    [
      'another variant',
      [snapshot('09:00', item('lamp')), added('09:05', item('lamp', { variant: 'red' }))],
      '1 lamp, 1 lamp',
    ],
    [
      'another article of one product',
      [added('09:00', item('tee', { sku: 'tee-s' })), added('09:05', item('tee', { sku: 'tee-m' }))],
      '1 tee tee-s, 1 tee tee-m',
    ],
    [
      'more of the second article',
      [
        snapshot('09:00', item('tee'), item('tee', { sku: 'tee-m' })),
        added('09:05', item('tee', { sku: 'tee-m' })),
      ],
      '1 tee, 2 tee tee-m',
    ],
    [
      'an article, told of without its number before',
      [snapshot('09:00', item('tee')), added('09:05', item('tee', { sku: 'tee-m' }))],
      '2 tee tee-m',
    ],
    [
      'the second article taken out',
      [
        snapshot('09:00', item('tee', { sku: 'tee-s' }), item('tee', { sku: 'tee-m' })),
        removed('09:05', item('tee', { sku: 'tee-m' })),
      ],
      '1 tee tee-s',
    ],
    [
      'added before the snapshot, heard after',
      [snapshot('09:05', item('lamp')), added('09:00', item('rug'))],
      '1 lamp',
    ],
    ['taken out', [snapshot('09:00', item('lamp'), item('rug')), removed('09:05', item('lamp'))], '1 rug'],
    [
      'one of three taken out',
      [added('09:00', item('lamp', { quantity: 3 })), removed('09:05', item('lamp'))],
      '2 lamp',
    ],
    [
      'more taken out than there were',
      [added('09:00', item('lamp')), removed('09:05', item('lamp', { quantity: 9 }))],
      '',
    ],
    [
      'taken out, heard before it was put in',
      [removed('09:05', item('lamp')), added('09:00', item('lamp'))],
      '',
    ],
    [
      'taken out what was not there',
      [snapshot('09:00', item('rug')), removed('09:05', item('lamp'))],
      '1 rug',
    ],
    ['ordered', [snapshot('09:00', item('lamp')), ordered('09:05')], undefined],
    ['ordered, heard before', [ordered('09:05'), snapshot('09:00', item('lamp'))], undefined],
    [
      'ordered and filled again',
      [snapshot('09:00', item('lamp')), ordered('09:05'), added('09:10', item('rug'))],
      '1 rug',
    ],
    ['an old order comes late', [snapshot('09:10', item('lamp')), ordered('09:05')], '1 lamp'],
    [
      'a change of before the order comes late',
      [ordered('09:05'), added('09:10', item('rug')), added('09:00', item('lamp'))],
      '1 rug',
    ],
    ['ordered at that instant', [snapshot('09:05', item('lamp')), ordered('09:05')], undefined],
  ])('%s', (_name, steps, expected) => {
    expect(contents(cartAfter(...steps))).toBe(expected)
  })

  it('is worth what the shop says until it is changed', () => {
    const said = cartAfter(snapshot('09:00', item('lamp')))
    const changed = cartAfter(
      snapshot('09:00', item('lamp')),
      added('09:05', item('rug', { priceMinor: 250 })),
    )

    expect(said?.totalMinor).toBe(5000)
    expect(changed?.totalMinor).toBe(1250)
  })

  it('is worth nothing that can be told once a thing without a price is in it, until that is out again', () => {
    const { priceMinor: _, ...unpriced } = item('rug')
    const filled = [snapshot('09:00', item('lamp')), added('09:05', unpriced)]

    expect(cartAfter(...filled)).not.toHaveProperty('totalMinor')
    expect(cartAfter(...filled, removed('09:10', unpriced))?.totalMinor).toBe(1000)
  })

  it('keeps the price and the article of two lines apart', () => {
    const both = cartAfter(
      added('09:00', item('tee', { sku: 'tee-s', priceMinor: 2000 })),
      added('09:05', item('tee', { sku: 'tee-m', priceMinor: 2200 })),
    )

    expect(both?.totalMinor).toBe(4200)
  })

  it('has a stand-in id until the shop names it', () => {
    expect(cartAfter(added('09:00', item('lamp')))?.id).toBe(unnamed)
    expect(contents(cartAfter(added('09:00', item('lamp')), added('09:01', item('rug'), 'c9')))).toBe(
      '1 lamp, 1 rug',
    )
    expect(cartAfter(added('09:00', item('lamp')), added('09:01', item('rug'), 'c9'))?.id).toBe('c9')
  })

  it('begins empty where another cart begins', () => {
    const next = cartAfter(snapshot('09:00', item('lamp')), added('09:05', item('rug'), 'c2'))

    expect(next?.id).toBe('c2')
    expect(contents(next)).toBe('1 rug')
  })

  it('takes a change that is heard twice once', () => {
    const once = added('09:05', item('rug'))

    expect(contents(cartAfter(snapshot('09:00', item('lamp')), once, once))).toBe('1 lamp, 1 rug')
  })

  it('keeps the newest word on an item', () => {
    const cheaper = cartAfter(added('09:00', item('lamp')), added('09:05', item('lamp', { priceMinor: 900 })))

    expect(cheaper?.totalMinor).toBe(1800)
  })

  it('forgets what an order ended', () => {
    const log = [snapshot('09:00', item('lamp')), added('09:01', item('rug')), ordered('09:05')].reduce(
      (before, step) => step(before),
      empty,
    )

    expect(log).toEqual({ deltas: [], emptiedAt: at('09:05') })
  })

  it('stays bounded and whole however many changes come', () => {
    const count = limits.cartDeltas * 3
    let log = empty
    for (let index = 0; index < count; index += 1) {
      const when = plus(at('09:00'), Math.floor(index / 2) * 1000)
      log = withChange(log, { key: `k${index}`, at: when, change: 'added', item: item('lamp') })
    }

    expect(log.deltas.length).toBeLessThanOrEqual(limits.cartDeltas)
    expect(contents(cartOf(log))).toBe(`${count} lamp`)
  })

  it('folds the oldest changes first, also one that came late', () => {
    const changes = Array.from({ length: limits.cartDeltas }, (_, index) => index + 1).concat(0)
    let log = empty
    for (const second of changes) {
      const when = plus(at('09:00'), second * 1000)
      log = withChange(log, { key: `k${second}`, at: when, change: 'added', item: item('lamp') })
    }

    expect(contents(cartOf(log))).toBe(`${changes.length} lamp`)
  })

  it('holds at most so many items', () => {
    const many = Array.from({ length: limits.cartItems }, (_, index) => item(`p${index}`))

    const full = cartAfter(snapshot('09:00', ...many), added('09:05', item('one more')))

    expect(full?.items).toHaveLength(limits.cartItems)
  })

  it('is the same in whichever order its events arrive', () => {
    const ids = fc.constantFrom('lamp', 'rug', 'vase')
    const minutes = fc.integer({ min: 10, max: 59 })
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('snapshot' as const),
        minute: minutes,
        ids: fc.array(ids, { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constantFrom('added' as const, 'removed' as const), minute: minutes, id: ids }),
      fc.record({ kind: fc.constant('ordered' as const), minute: minutes }),
    )
    const steps = fc.uniqueArray(step, { selector: ({ minute }) => minute, maxLength: 12 })
    const toStep = (one: typeof step extends fc.Arbitrary<infer T> ? T : never): Step => {
      const time = `09:${one.minute}`
      if (one.kind === 'snapshot') return snapshot(time, ...[...new Set(one.ids)].map((id) => item(id)))
      if (one.kind === 'ordered') return ordered(time)
      return one.kind === 'added' ? added(time, item(one.id)) : removed(time, item(one.id))
    }
    const shuffled = steps.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
    )
    const property = fc.property(shuffled, ([list, again]) => {
      const inOrder = [...list].sort((a, b) => a.minute - b.minute).map(toStep)

      expect(cartAfter(...again.map(toStep))).toEqual(cartAfter(...inOrder))
    })

    fc.assert(property, { numRuns: 300 })
  })
})
