/**
 * What is told late, twice, or of two records that turn out to be one: nobody is mailed about what is over, and
 * nothing that a guest brings along is lost.
 */
import { beforeEach, expect, it } from 'vitest'
import { decideAll, worksOf } from '#flow/decide'
import { redrive } from '#flow/redrive'
import { abandonedCart, aJourney, aRelease, aSettings, at, lamp } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'

const hour = 3_600_000
const email = 'rina@example.com'
const asGuest = { context: { traits: { email } } }

const browse = aJourney(
  'browse',
  `
  intent: browse
  enter: { on: Product Viewed, if: { cart.count: { eq: 0 } }, rest: 7d }
  exit: [{ on: [Cart Updated, Order Completed] }]
  steps: [{ wait: { quiet: 2h } }, { send: looked }]
  `,
)
const thanks = aJourney(
  'thanks',
  `
  intent: service
  topic: orders
  enter: { on: Order Completed, key: order.id }
  exit: [{ on: [Order Refunded, Order Cancelled] }]
  steps: [{ send: thanks }]
  `,
)
const quote = aJourney(
  'quote',
  `
  enter: { on: Quote Begun, rest: 7d }
  exit: [{ on: Quote Asked }]
  steps: [{ wait: 1h }, { send: quote }]
  `,
)

let loop: Loop
const tells = (event: string, more: object = {}) => loop.say('track', { userId: '42', event, ...more })
const order = (order_id: string) => ({ properties: { order_id, total: 9, products: [lamp] } })
const cart = { properties: { cart_id: 'c', products: [lamp] } }
const ordersOf = async (customerId: string) =>
  (await loop.world.customers.load(customerId))?.state.totals.orderCount
const signsIn = (more: object = {}) => loop.say('identify', { userId: '42', traits: { email }, ...more })
const journeys = () => loop.mails().map(({ journey }) => journey)

beforeEach(async () => {
  const settings = aSettings({ remindersWithoutConsent: true, quietHours: { from: '03:00', to: '03:01' } })
  loop = await aLoop(aRelease({ settings, journeys: [abandonedCart, browse, thanks, quote] }))
})

it('a view told after the order that followed it begins no reminder', async () => {
  await signsIn()
  await loop.pass(600_000)
  await tells('Order Completed', order('o'))
  await loop.pass(60_000)

  await tells('Product Viewed', { properties: lamp, timestamp: at('09:05') })
  await loop.pass(3 * hour)

  expect(journeys()).toEqual(['thanks'])
})

it('an order told after it was cancelled is not thanked for', async () => {
  await signsIn()
  await tells('Order Cancelled', { properties: { order_id: 'o' }, timestamp: at('08:59') })
  await loop.settle()

  await tells('Order Completed', { ...order('o'), timestamp: at('08:50') })
  await loop.pass(hour)

  expect(await ordersOf(loop.user('42'))).toBe(0)
  expect(journeys()).toEqual([])
})

it('a no by her id holds for the address that mail goes to, after two accounts became one', async () => {
  for (const [userId, address] of [
    ['old', 'x@example.com'],
    ['42', 'y@example.com'],
    ['old', 'x@example.com'],
  ]) {
    await loop.say('identify', { userId, traits: { email: address } })
    await loop.pass(hour)
  }
  await loop.say('alias', { userId: '42', previousId: 'old' })
  await loop.pass(hour)

  await tells('Consent Withdrawn')
  await tells('Cart Updated', cart)
  await loop.pass(3 * hour)

  expect(journeys()).toEqual([])
})

it('a no of a device holds for the guest whom its browser names', async () => {
  await loop.say('track', { anonymousId: 'd', event: 'Consent Withdrawn' })
  await loop.say('identify', { anonymousId: 'd', traits: { email } }, 'browser-key')

  await loop.say('track', { anonymousId: 'd', event: 'Cart Updated', ...cart }, 'browser-key')
  await loop.pass(3 * hour)

  expect(journeys()).toEqual([])
})

it('a guest is taken over once, though the call that did it was told of two accounts', async () => {
  await loop.say('track', { ...asGuest, event: 'Order Completed', ...order('o') })
  await loop.settle()
  const signIn = { userId: 'old', messageId: 'sign-in' }
  await signsIn(signIn)
  const lagging = loop.world.tables.eventStream.splice(0)
  await loop.say('alias', { userId: '42', previousId: 'old' })
  await signsIn(signIn)
  await loop.settle()

  loop.world.tables.eventStream.push(...lagging)
  await loop.settle()

  expect(await ordersOf(loop.user('42'))).toBe(1)
})

it('a guest who could not be taken over is, by a redrive', async () => {
  await loop.say('track', { ...asGuest, event: 'Order Completed', ...order('o') })
  await loop.pass(60_000)
  await loop.say('track', { ...asGuest, event: 'Cart Updated', ...cart })
  await loop.settle()
  const guest = await loop.guest(email)
  const { releases, customers, parked } = loop.world.tables
  const [row, good] = [customers.get(guest), releases.get(1)]
  if (row === undefined || good === undefined) throw new Error('nobody is known')
  const waiting = { for: 'message' as const, messageId: 'never' }
  const runs = row.state.runs.map((run) => ({ ...run, position: 1, waiting }))
  customers.set(guest, { ...row, state: { ...row.state, runs } })
  const endless = {
    ...abandonedCart,
    program: [
      { op: 'jump' as const, to: 1 },
      { op: 'jump' as const, to: 1 },
    ],
  }
  releases.set(1, { ...good, journeys: { 'abandoned-cart': endless } })
  await signsIn()
  await loop.carry()
  const wasParked = parked.has(loop.user('42'))

  releases.set(1, good)
  const answer = await redrive(loop.world, loop.user('42'))
  await loop.pass(48 * hour)

  expect([wasParked, answer]).toEqual([true, 'decided'])
  expect(await ordersOf(loop.user('42'))).toBe(1)
})

it('what ended a guest’s run ends it too when it comes with the sign-in that takes her over', async () => {
  await loop.say('track', { ...asGuest, event: 'Quote Begun' })
  await loop.settle()
  loop.world.now.at = at('09:10')
  await loop.say('track', { ...asGuest, event: 'Quote Asked' })
  const late = loop.world.tables.eventStream.splice(0)
  loop.world.now.at = at('09:11')
  await signsIn()
  const signIn = loop.world.tables.eventStream.splice(0)
  const { commit } = loop.world.customers
  let isKilled = false
  const dying: typeof commit = async (one) => {
    if (isKilled || one.customerId !== loop.user('42')) return commit(one)
    isKilled = true
    throw new Error('killed between closing the guest and her own commit')
  }
  const ports = { ...loop.world, customers: { ...loop.world.customers, commit: dying } }
  await decideAll(ports, worksOf(signIn))
  await decideAll(ports, worksOf(late))

  await decideAll(ports, worksOf([...signIn, ...loop.world.tables.eventStream.splice(0)]))
  await loop.pass(3 * hour)

  expect(isKilled).toBe(true)
  expect(journeys()).toEqual([])
})

it('a mail whose sender ended before it told her log is told by whoever settles it', async () => {
  const { record } = loop.world.events
  loop.world.events.record = async (event, beside) => {
    if (event.name === 'Email Sent') throw new Error('killed')
    return record(event, beside)
  }
  await signsIn()
  await tells('Cart Updated', cart)
  await loop.pass(hour)
  loop.world.events.record = record

  await loop.pass(hour)

  const told = (await loop.world.events.eventsOf(loop.user('42'))).filter(({ name }) => name === 'Email Sent')
  expect(journeys()).toEqual(['abandoned-cart'])
  expect(told.map(({ properties }) => properties.step)).toEqual(['reminder'])
})
