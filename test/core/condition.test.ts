/** Conditions as data: each operator, groups, and that a false condition tells what was found. */
import { describe, expect, it } from 'vitest'
import { Condition, fieldsOf, holds, type Trace } from '#core/condition'

const fields = {
  customer: { firstName: 'Zoë', orderCount: 2, interests: ['Linen', 'wool'], locale: undefined },
  cart: { count: 0, total: 19.5 },
}

const condition = (value: unknown) => Condition.parse(value)

describe('holds', () => {
  it.each([
    [{ 'cart.count': 0 }, true],
    [{ 'cart.count': { eq: 0 } }, true],
    [{ 'cart.count': { ne: 0 } }, false],
    [{ 'cart.count': { gte: 1 } }, false],
    [{ 'cart.total': { gt: 19, lt: 20 } }, true],
    [{ 'cart.total': { gt: 19, lt: 19.5 } }, false],
    [{ 'cart.total': { lte: 19.5 } }, true],
    [{ 'customer.firstName': { eq: 'ZOË' } }, true],
    [{ 'customer.firstName': { in: ['Ann', 'Zoë'] } }, true],
    [{ 'customer.interests': { contains: 'linen' } }, true],
    [{ 'customer.firstName': { contains: 'zo' } }, true],
    [{ 'customer.locale': { exists: false } }, true],
    [{ 'customer.nothing': { exists: true } }, false],
    [{ 'customer.nothing': { lt: 5 } }, false],
    [{ 'customer.firstName': { gt: 1 } }, false],
    [{ 'customer.constructor': { exists: true } }, false],
    [{ 'cart.count': 0, 'customer.orderCount': 3 }, false],
    [{ all: [{ 'cart.count': 0 }, { 'customer.orderCount': 2 }] }, true],
    [{ any: [{ 'cart.count': 9 }, { 'customer.orderCount': 2 }] }, true],
    [{ not: { any: [{ 'cart.count': 9 }, { 'customer.orderCount': 2 }] } }, false],
  ])('%j is %s', (written, expected) => {
    expect(holds(condition(written), fields)).toBe(expected)
  })

  it('leaves a trace of what was found', () => {
    const trace: Trace[] = []

    holds(condition({ all: [{ 'cart.count': { gte: 1 } }, { 'customer.orderCount': 2 }] }), fields, trace)

    expect(trace).toEqual([{ field: 'cart.count', wanted: { gte: 1 }, found: 0, holds: false }])
  })
})

describe('Condition', () => {
  it.each([
    { 'cart.count': {} },
    { 'cart.count': { gt1: 1 } },
    { count: 1 },
    { all: [] },
    { all: [{ 'cart.count': 1 }], 'cart.count': 1 },
    'cart.count > 1',
  ])('refuses %j', (written) => {
    expect(Condition.safeParse(written).success).toBe(false)
  })

  it('names the fields it reads', () => {
    const written = { all: [{ 'cart.count': 1 }, { not: { any: [{ 'cart.id': 'x', 'order.id': 'y' }] } }] }

    expect(fieldsOf(condition(written))).toEqual(['cart.count', 'cart.id', 'order.id'])
  })
})
