/** Orders and the mails they are thanks to: the last human click, five days, refunds taken out again. */
import { expect, it } from 'vitest'
import { own } from '#core/event'
import { type Instant, plus } from '#core/time'
import { aLife, aMessage, at, cartUpdated, mailEvent, orderCompleted, track } from '#test/fixture/builder'

const day = 86_400_000
const clicked = (messageId: string, when: Instant, human = true) =>
  mailEvent(own.clicked, aMessage({ messageId }), { at: when, more: { human } })

/** A life with two mails sent, and her clicks. */
function aReader(...clicks: ReturnType<typeof clicked>[]) {
  const life = aLife()
  for (const messageId of ['mReminder', 'mLastCall'])
    life.rows.set(messageId, aMessage({ messageId, status: 'SENT' }))
  return life.hear(...clicks)
}

const ordersOf = (life: ReturnType<typeof aReader>, messageId: string) => life.rows.get(messageId)?.orders

it.each([
  ['at once', 0, true],
  ['four days later', 4 * day, true],
  ['five days later to the second', 5 * day, true],
  ['a second after that', 5 * day + 1000, false],
  ['before she clicked', -1000, false],
])('an order %s counts for the mail: %s', (_, laterMs, counts) => {
  const life = aReader(clicked('mReminder', at('09:00')))

  life.hear(orderCompleted('o-1', 20, { at: plus(at('09:00'), laterMs) }))

  const orders = { 'o-1': { at: plus(at('09:00'), laterMs), totalMinor: 2000, currency: 'EUR' } }
  expect(ordersOf(life, 'mReminder')).toEqual(counts ? orders : undefined)
})

it('the last click takes it, a machine’s takes nothing', () => {
  const life = aReader(
    clicked('mReminder', at('09:00')),
    clicked('mLastCall', at('10:00')),
    clicked('mReminder', at('11:00'), false),
  )

  life.hear(orderCompleted('o-1', 20, { at: at('12:00') }))

  expect(ordersOf(life, 'mLastCall')).toMatchObject({ 'o-1': { totalMinor: 2000 } })
  expect(ordersOf(life, 'mReminder')).toBeUndefined()
})

it('two orders add up, a refund is taken out of its own, a cancelled one brings nothing', () => {
  const life = aReader(clicked('mReminder', at('09:00')))

  life.hear(
    orderCompleted('o-1', 20, { at: at('10:00') }),
    orderCompleted('o-2', 30, { at: at('11:00') }),
    track('Order Refunded', { order_id: 'o-1', total: 5, currency: 'EUR' }, { at: at('10:00', 20) }),
    track('Order Cancelled', { order_id: 'o-2' }, { at: at('11:00', 20) }),
  )

  expect(ordersOf(life, 'mReminder')).toMatchObject({ 'o-1': { totalMinor: 1500 }, 'o-2': { totalMinor: 0 } })
})

it.each([
  ['updated', 'Order Updated', 4800, { totalMinor: 4800, currency: 'JPY' }],
  ['refunded', 'Order Refunded', 1000, { totalMinor: 4000, currency: 'JPY' }],
])('an order %s without a currency brings what is left of it in its own', (_, name, total, left) => {
  const life = aReader(clicked('mReminder', at('09:00')))

  life.hear(
    track('Order Completed', { order_id: 'o-1', total: 5000, currency: 'JPY' }, { at: at('10:00') }),
    track(name, { order_id: 'o-1', total }, { at: at('10:00', 1) }),
  )

  expect(ordersOf(life, 'mReminder')).toEqual({ 'o-1': { at: at('10:00'), ...left } })
})

it('an order told twice counts once, an imported one not at all', () => {
  const life = aReader(clicked('mReminder', at('09:00')))

  life.hear(orderCompleted('o-1', 20, { at: at('09:30'), history: true }))
  life.hear(orderCompleted('o-2', 20, { at: at('10:00') }), orderCompleted('o-2', 20, { at: at('10:00') }))

  expect(Object.keys(ordersOf(life, 'mReminder') ?? {})).toEqual(['o-2'])
})

it('carts that were begun are remembered, and which of them was ordered', () => {
  const life = aLife().hear(
    cartUpdated('c-1', { at: at('09:00') }),
    cartUpdated('c-1', { at: at('09:10') }),
    orderCompleted('o-1', 20, { at: at('09:20') }),
    cartUpdated('c-2', { at: at('10:00') }),
  )

  expect(life.state.carts).toEqual([{ at: at('09:00'), orderedAt: at('09:20') }, { at: at('10:00') }])
})

it('a click told after the order it came before still takes it, but not what is history or has its mail', () => {
  const life = aReader(clicked('mLastCall', at('08:00')))

  life.hear(
    orderCompleted('o-old', 10, { at: at('09:40'), history: true }),
    orderCompleted('o-1', 20, { at: at('09:30') }),
    orderCompleted('o-2', 30, { at: at('09:00', 6) }),
    clicked('mReminder', at('09:00', 5)),
  )

  expect(Object.keys(ordersOf(life, 'mLastCall') ?? {})).toEqual(['o-1'])
  expect(Object.keys(ordersOf(life, 'mReminder') ?? {})).toEqual(['o-2'])
})

it('a cart remembers the mails about it that went out, whoever clicks', () => {
  const life = aLife().hear(cartUpdated('c-1', { at: at('09:00') }))

  life.sleepUntil(at('10:00')).sent('reminder', at('10:01'))

  const { messageId } = life.row('reminder') ?? {}
  expect(life.state.carts).toEqual([{ at: at('09:00'), remindedBy: [messageId] }])
})
