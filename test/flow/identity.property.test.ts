/**
 * Whatever order calls come in (identify, alias, events of server and browser, late and twice): there is one
 * customer a person, and nothing of hers is lost or counted twice. Each property lives random stories through
 * the loop in memory; a failing story is shrunk and printed by fast-check.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeKnown } from '#core/absorb'
import { derive } from '#core/id'
import type { Message } from '#core/message'
import type { Release } from '#core/release'
import type { State } from '#core/state'
import { follow } from '#flow/identify'
import { abandonedCart, aJourney, aRelease, aSettings, lamp } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'
import { addresses, byBrowser, byServer, type Said, story, storyOfChoices, users } from '#test/fixture/said'

const thanks = aJourney(
  'thanks',
  'enter: { on: Order Completed, key: order.id }\nintent: service\ntopic: orders\nsteps: [{ send: thanks }]',
)
const quietHours = { from: '03:00', to: '03:01' }
const release = aRelease({ settings: aSettings({ quietHours }), journeys: [abandonedCart, thanks] })
const remindingBut = (set: Record<string, unknown>) =>
  aRelease({
    settings: aSettings({ remindersWithoutConsent: true, cap: { mails: 50, within: '7d' }, ...set }),
    journeys: [abandonedCart, thanks],
  })
const reminding = remindingBut({ quietHours })
/** The first reminder of a story is held until the evening. */
const holding = remindingBut({ quietHours: { from: '10:30', to: '20:00' } })

type Told = { twice?: boolean; reversed?: boolean; from?: string }

/** Tells a story, each call a minute after the one before. */
async function tell(loop: Loop, list: readonly Said[], options: Told = {}): Promise<void> {
  const turned = options.reversed ? <T>(events: T[]) => events.toReversed() : undefined
  for (const [index, { endpoint, key, body, carried: now }] of list.entries()) {
    const messageId = `${options.from ?? 'story'}-${index}`
    for (let times = options.twice ? 2 : 1; times > 0; times -= 1)
      await loop.say(endpoint, { ...body, messageId }, key)
    if (now) await loop.settle(turned)
    loop.world.now.at = new Date(Date.parse(loop.world.now.at) + 60_000).toISOString()
  }
  await loop.settle(turned)
}

/** Lives a story from the beginning. */
async function live(list: readonly Said[], options: Told & { release?: Release } = {}): Promise<Loop> {
  const loop = await aLoop(options.release ?? release)
  await tell(loop, list, options)
  return loop
}

const messages = ({ world }: Loop): Message[] =>
  [...world.tables.messages.values()].flatMap((rows) => [...rows.values()].map(({ message }) => message))

/** Mails that were sent, each with the order or cart it is about, and who she is whom it was sent to. */
function sent(loop: Loop) {
  const { gates } = loop.world
  const rows = new Map(messages(loop).map((message) => [message.messageId, message]))
  return Promise.all(
    loop.mails().map(async (mail) => {
      const { key, customerId = '' } = rows.get(mail.messageId) ?? {}
      return { ...mail, key, person: (await follow(gates, customerId)).customerId }
    }),
  )
}

const states = ({ world }: Loop): State[] => [...world.tables.customers.values()].map(({ state }) => state)
const alive = (loop: Loop) => states(loop).filter(({ movedTo }) => movedTo === undefined)

type LivedBy = Parameters<typeof live>[1] & { stories?: typeof story; numRuns?: number }

/** A property over stories; few, because each is a whole life. */
const always = (
  check: (loop: Loop, list: Said[]) => Promise<void> | void,
  { stories = story, numRuns = 40, ...options }: LivedBy = {},
) =>
  fc.assert(
    fc.asyncProperty(stories, async (list) => check(await live(list, options), list)),
    { numRuns },
  )

describe('whatever is said in whatever order', () => {
  it('merges never run in a circle', () =>
    always(async ({ world }) => {
      for (const customerId of world.tables.persons.keys()) {
        const seen = new Set<string>()
        for (let id: string | undefined = customerId; id !== undefined; ) {
          expect(seen.has(id)).toBe(false)
          seen.add(id)
          id = world.tables.persons.get(id)?.mergedInto
        }
      }
    }))

  it('an account’s or guest’s record is closed exactly when she was merged', () =>
    always((loop) => {
      const { persons } = loop.world.tables
      for (const { customerId, movedTo } of states(loop))
        expect(movedTo !== undefined).toBe(persons.get(customerId)?.mergedInto !== undefined)
    }))

  it('every order that was accepted is counted by exactly one customer, once', () =>
    always((loop) => {
      const counted = alive(loop).flatMap(({ orders }) => orders.map(({ id }) => id))
      expect(counted.sort()).toEqual([...loop.world.tables.orders.keys()].sort())
      for (const { totals, orders } of alive(loop)) expect(totals.orderCount).toBe(orders.length)
    }))

  it('money and points are those of the orders', () =>
    always((loop) => {
      for (const { totals, orders } of alive(loop)) {
        expect(totals.points).toBe(10 * orders.length)
        expect(totals.paidMinor.EUR ?? 0).toBe(1000 * orders.length)
      }
    }))

  it('an inbox has one owner, who is not merged into anybody, once her row is followed', () =>
    always(async ({ world }) => {
      for (const gate of world.tables.addresses.values()) {
        if (gate.owner === undefined) continue
        const owner = await follow(world.gates, gate.owner)
        expect(owner.gate.mergedInto).toBeUndefined()
      }
    }))

  it('no two living customers have one address', () =>
    always(async (loop) => {
      const claimed = alive(loop).flatMap(({ traits }) => (traits.email ? [String(traits.email.value)] : []))
      expect(new Set(claimed).size).toBe(claimed.length)
    }))

  it('whoever signs in with an address nobody’s account has gets the guest’s record', () =>
    always(async (loop) => {
      for (const address of addresses) {
        const guest = await loop.guest(address)
        const merged = loop.world.tables.persons.get(guest)?.mergedInto
        if (merged === undefined) continue
        expect((await loop.world.gates.address(await loop.hash(address)))?.owner).not.toBe(guest)
      }
    }))

  // an inbox may come into other hands, and whoever has it then may have a cart of the same name
  it('nobody is sent one mail twice, nor one inbox of hers two mails of one step for one order or cart', () =>
    fc.assert(
      fc.asyncProperty(story, story, async (before, after) => {
        const loop = await live(before, { release: reminding })
        await loop.pass(2 * 3_600_000)
        await tell(loop, after, { from: 'later' })
        await loop.pass(3 * 86_400_000)
        const mails = (await sent(loop)).map(({ person, to, journey, step, key }) =>
          [person, to, journey, step, key].join(' '),
        )
        expect([...new Set(mails)]).toEqual(mails)
        const ids = loop.mails().map(({ messageId }) => messageId)
        expect([...new Set(ids)]).toEqual(ids)
      }),
      { numRuns: 40 },
    ))

  it('an order is thanked for at most once', () =>
    always(async (loop) => {
      const orders = (await sent(loop)).flatMap(({ journey, key }) => (journey === 'thanks' ? [key] : []))
      expect([...new Set(orders)]).toEqual(orders)
    }))

  it('nobody is in one journey for one cart twice', () =>
    always((loop) => {
      for (const { runs } of alive(loop)) {
        const places = runs.map(({ journey, key }) => `${journey} ${key}`)
        expect(new Set(places).size).toBe(places.length)
      }
    }))

  it('a no that was said to an inbox stands until a later yes, whoever absorbs whom', () =>
    always(
      async (loop, list) => {
        const consents = list.flatMap(({ body }, place) =>
          body.event === 'Consent Given' || body.event === 'Consent Withdrawn' ? [{ ...body, place }] : [],
        ) as { event: string; place: number; userId?: string; context?: { traits: { email: string } } }[]
        for (const email of addresses) {
          const last = consents.findLast(
            ({ userId, context }) => userId === undefined && context?.traits.email === email,
          )
          if (last?.event !== 'Consent Withdrawn') continue
          // a yes by user id, told later, is the only thing that may stand over it
          const isOver = consents.some(
            ({ event, userId, place }) =>
              event === 'Consent Given' && userId !== undefined && place > last.place,
          )
          const gate = await loop.world.gates.address(await loop.hash(email))
          if (!isOver) expect(gate?.consent.reminders?.given).toBe(false)
        }
      },
      { stories: storyOfChoices, numRuns: 200 },
    ))

  it('every mail planned has an end', () =>
    always(
      async (loop) => {
        await loop.pass(100 * 3_600_000)
        for (const { status } of messages(loop)) expect(['SENT', 'SKIPPED', 'EXPIRED']).toContain(status)
      },
      { release: holding },
    ))

  it('a record that was taken over stays as it was, but for its mails', () =>
    always(async (loop) => {
      const before = states(loop).filter(({ movedTo }) => movedTo !== undefined)
      for (const userId of users)
        await loop.say('track', {
          userId,
          event: 'Product Viewed',
          properties: { ...lamp, product_id: 'new' },
        })
      await loop.settle()
      for (const { customerId, recent, orders, traits } of before) {
        const now = (await loop.world.customers.load(customerId))?.state
        expect({ recent: now?.recent, orders: now?.orders, traits: now?.traits }).toEqual({
          recent,
          orders,
          traits,
        })
      }
    }))

  it('an event told to whoever she was reaches who she is', () =>
    always(async (loop) => {
      for (const userId of users) {
        await loop.say('track', {
          userId,
          event: 'Product Viewed',
          properties: { ...lamp, product_id: userId },
        })
        await loop.settle()
        const { customerId } = await follow(loop.world.gates, loop.user(userId))
        const now = (await loop.world.customers.load(customerId))?.state
        expect(now?.recent.map(({ item }) => item.id)).toContain(userId)
      }
    }))
})

describe('however it is told', () => {
  const outline = (loop: Loop) =>
    alive(loop)
      .map(({ customerId, orders, traits }) => ({
        customerId,
        orders: orders.map(({ id }) => id).sort(),
        email: traits.email?.value,
      }))
      .sort((a, b) => (a.customerId < b.customerId ? -1 : 1))

  it('twice is as once', () =>
    fc.assert(
      fc.asyncProperty(story, async (list) => {
        expect(outline(await live(list, { twice: true }))).toEqual(outline(await live(list)))
      }),
      { numRuns: 25 },
    ))

  it('a stream that brings events backwards gives the same customers', () =>
    fc.assert(
      fc.asyncProperty(story, async (list) => {
        expect(outline(await live(list, { reversed: true }))).toEqual(outline(await live(list)))
      }),
      { numRuns: 25 },
    ))

  it('a stream that lags until the end gives the same customers', () =>
    fc.assert(
      fc.asyncProperty(story, async (list) => {
        const lagging = list.map((call) => ({ ...call, carried: false }))
        expect(outline(await live(lagging))).toEqual(outline(await live(list)))
      }),
      { numRuns: 25 },
    ))

  it('browsers alone change no gate of an account', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(byServer, { maxLength: 6 }),
        fc.array(byBrowser, { maxLength: 6 }),
        async (by1, by2) => {
          const loop = await live(by1)
          const before = structuredClone(loop.world.tables.addresses)
          for (const { endpoint, key, body } of by2) await loop.say(endpoint, body, key)
          await loop.settle()
          for (const [hash, gate] of before) {
            if (gate.owner === undefined || gate.unverified === true) continue
            expect(loop.world.tables.addresses.get(hash)).toEqual(gate)
          }
        },
      ),
      { numRuns: 40 },
    ))
})

describe('the merge of two records', () => {
  it('is the same whichever of them absorbs, as far as facts go', () =>
    fc.assert(
      fc.asyncProperty(story, async (list) => {
        const [a, b] = alive(await live(list))
        if (a === undefined || b === undefined) return
        const facts = (merged: State) => ({
          orders: merged.orders.map(({ id }) => id).sort(),
          totals: merged.totals,
          carts: merged.cart.snapshot?.at,
          recent: merged.recent.map(({ item }) => item.id).sort(),
        })
        expect(facts(mergeKnown(a, b, 1))).toEqual(facts(mergeKnown(b, a, 1)))
      }),
      { numRuns: 30 },
    ))

  it('survives a trip through JSON', () =>
    fc.assert(
      fc.asyncProperty(story, async (list) => {
        for (const state of states(await live(list))) expect(JSON.parse(JSON.stringify(state))).toEqual(state)
      }),
      { numRuns: 15 },
    ))

  it('knows guests by nothing but the address', async () => {
    const loop = await aLoop(release)

    expect(await loop.guest('ana@example.com')).toBe(
      derive('c', 'address', await loop.hash('ana@example.com')),
    )
  })
})
