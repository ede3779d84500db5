/** One customer's work, committed at once: conflicts, poison, transactions, alarms. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '#core/event'
import { limits } from '#core/limits'
import { plus } from '#core/time'
import { decideAll, decideCustomer, lateMs, worksOf } from '#flow/decide'
import {
  abandonedCart,
  aJourney,
  aMessage,
  aRelease,
  at,
  cartUpdated,
  identify,
  lamp,
  orderCompleted,
  rina,
  track,
} from '#test/fixture/builder'
import { address, aStory, committing, known, stateOf, work } from '#test/fixture/story'

describe('a commit', () => {
  it('holds state, plans, decisions and the alarm together', async () => {
    const story = aStory()
    const commits = committing(story, (one, real) => real(one))

    await decideCustomer(story.decide, work(cartUpdated('c1')))
    await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })

    expect(
      commits.map(({ due, effects, row }) => [
        due,
        effects.length,
        row?.decisions.map(({ outcome }) => outcome),
      ]),
    ).toEqual([
      [at('10:00'), 0, ['entered']],
      [at('10:15'), 1, ['planned']],
    ])
    expect(commits[0]?.row).toMatchObject({
      at: at('09:00'),
      release: 1,
      eventIds: [cartUpdated('c1').messageId],
    })
    expect(story.message()).toMatchObject({ status: 'PLANNED' })
  })

  it('without decisions has no row of its own', async () => {
    const story = aStory()

    await decideCustomer(story.decide, work(track('Product Viewed', lamp)))

    expect(known(story)).toMatchObject({ version: 1, due: undefined })
    expect(await story.customers.decisionsOf(rina)).toEqual([])
  })

  it('that met another’s is decided again from what is there', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(track('Product Viewed', lamp, { at: at('08:00') })))
    let first = true
    committing(story, async (one, real) => {
      if (first) {
        first = false
        await decideCustomer(
          { ...story.decide, customers: story.customers },
          work(orderCompleted('o1', 9, { at: at('09:30') })),
        )
      }
      return real(one)
    })

    await decideCustomer(story.decide, work(cartUpdated('c1')))

    expect(stateOf(story).totals.orderCount).toBe(1)
    expect(stateOf(story).runs).toEqual([])
    expect(known(story)?.version).toBe(3)
  })

  it('that others always come before is given back', async () => {
    const story = aStory()
    const commits = committing(story, async () => 'changed')

    const decided = decideCustomer(story.decide, work(cartUpdated('c1')))

    await expect(decided).rejects.toMatchObject({ code: 'customer-busy', retryable: true })
    expect(commits).toHaveLength(limits.commitAttempts)
  })

  it('changes one message once: what follows comes in the next one', async () => {
    const quick = aJourney(
      'quick',
      `{ enter: { on: Ticket Opened }, exit: [{ on: Quiz Taken }], steps: [{ send: x }] }`,
    )
    const release = aRelease({ journeys: [quick] })
    const rehearsal = aStory({ release })
    await decideCustomer(rehearsal.decide, work(track('Ticket Opened')))
    const { messageId, journey, step, runId, round } = rehearsal.message('x') ?? aMessage()
    const held = { messageId, journey, step, runId, round, until: at('12:00') }
    const story = aStory({ release })
    const commits = committing(story, (one, real) => real(one))

    await decideCustomer(
      story.decide,
      work(
        track('Ticket Opened'),
        track('Quiz Taken', {}, { at: at('09:10') }),
        track('Message Held', held, { source: 'homeward', at: at('09:11') }),
      ),
    )

    const kinds = commits.map(({ effects }) => effects.map((one) => (one.kind === 'move' ? one.to : 'plan')))
    expect(kinds).toEqual([['plan'], ['SKIPPED']])
    expect(stateOf(story).outstanding).toEqual([])
  })

  it('of very many events stays within one transaction', async () => {
    const many = aJourney(
      'many',
      `{ enter: { on: Ticket Opened, key: event.properties.ticket }, steps: [{ send: x }] }`,
    )
    const both = ['a', 'b'].map((id) => ({ ...many, id }))
    const story = aStory({ release: aRelease({ journeys: both }) })
    const commits = committing(story, (one, real) => real(one))
    const events = Array.from({ length: 30 }, (_, ticket) =>
      track('Ticket Opened', { ticket }, { messageId: `ticket ${ticket}` }),
    )

    await decideCustomer(story.decide, work(...events))

    expect(Math.max(...commits.map(({ effects }) => effects.length))).toBeLessThanOrEqual(
      limits.effectsPerCommit,
    )
    expect(commits.flatMap(({ effects }) => effects)).toHaveLength(limits.liveRuns)
  })
})

describe('the alarm', () => {
  it('that is stored and earlier stays, so that the index is not written', async () => {
    const story = aStory()
    const commits = committing(story, (one, real) => real(one))

    await decideCustomer(story.decide, work(cartUpdated('c1')))
    await decideCustomer(story.decide, work(cartUpdated('c1', { at: at('09:30') })))

    expect(stateOf(story).runs[0]?.waiting).toMatchObject({ until: at('10:30') })
    expect(commits.map(({ due }) => due)).toEqual([at('10:00'), at('10:00')])
  })

  it('that comes early is set anew', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(cartUpdated('c1'), cartUpdated('c1', { at: at('09:30') })))

    await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })

    expect(known(story)?.due).toBe(at('10:30'))
    expect(story.message()).toBeUndefined()
  })

  it('that comes twice, or for nobody, writes nothing', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(cartUpdated('c1')))
    await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })
    const commits = committing(story, (one, real) => real(one))

    await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })
    await decideCustomer(story.decide, { customerId: 'cNobody', events: [], alarmAt: at('10:00') })

    expect(commits).toEqual([])
  })

  it('is taken away when nothing is due any more', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(cartUpdated('c1')))

    await decideCustomer(story.decide, work(orderCompleted('o1', 9, { at: at('09:30') })))

    expect(known(story)?.due).toBeUndefined()
  })

  it('is late by what it waited', () => {
    expect(lateMs(at('10:00'), at('10:05'))).toBe(300_000)
    expect(lateMs(at('10:05'), at('10:00'))).toBe(0)
  })
})

describe('poison', () => {
  const circle = {
    ...aJourney('circle', `{ enter: { on: Ticket Opened }, steps: [{ send: x }] }`),
    program: [{ op: 'jump' as const, to: 0 }],
  }
  const release = aRelease({ journeys: [circle, abandonedCart] })

  it('is parked with its error, and the rest goes on', async () => {
    const story = aStory({ release })
    const bad = track('Ticket Opened', {}, { at: at('09:10') })

    const failed = await decideAll(story.decide, [
      work(cartUpdated('c1'), bad, orderCompleted('o1', 9, { at: at('09:20') })),
      { customerId: 'cMina', events: [cartUpdated('c2', { customerId: 'cMina' })] },
    ])

    expect([...failed]).toEqual([])
    expect(story.tables.parked.get(rina)).toMatchObject({
      eventKeys: [bad.key],
      error: expect.stringContaining('add a wait'),
    })
    expect(stateOf(story).totals.orderCount).toBe(1)
    expect(story.tables.customers.get('cMina')?.state.runs).toHaveLength(1)
    expect(story.lines.find(({ event }) => event === 'parked')).toMatchObject({
      level: 'error',
      customerId: rina,
    })
  })

  it('in an alarm is looked at again later, not each minute', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(cartUpdated('c1')))
    const run = stateOf(story).runs[0]
    story.tables.releases.set(
      1,
      aRelease({
        journeys: [
          {
            ...abandonedCart,
            program: [
              { op: 'jump', to: 0 },
              { op: 'jump', to: 1 },
            ],
          },
        ],
      }),
    )

    const outcome = await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })

    expect(outcome).toBe('parked')
    expect(known(story)?.due).toBe(at('10:15'))
    expect(stateOf(story).runs).toEqual([run])
    expect(story.tables.parked.get(rina)?.eventKeys).toEqual([])
  })
})

describe('a release', () => {
  it('that is missing fails the work, so that it is tried again', async () => {
    const story = aStory()
    story.tables.releases.clear()

    const failed = await decideAll(story.decide, [work(cartUpdated('c1'))])

    expect([...failed]).toEqual([rina])
    expect(story.lines.at(-1)).toMatchObject({
      event: 'failed',
      error: expect.stringContaining('publish it again'),
    })
  })

  it('was never published: that is said', async () => {
    const story = aStory()
    story.tables.live = undefined

    await expect(decideCustomer(story.decide, work(cartUpdated('c1')))).rejects.toMatchObject({
      code: 'nothing-published',
    })
  })

  it('that a run entered with is walked, though another is live', async () => {
    const story = aStory()
    await story.happen(identify({ email: address }), cartUpdated('c1'))
    const other = aJourney('abandoned-cart', `{ enter: { on: Cart Updated }, steps: [{ send: reminder }] }`)
    story.tables.releases.set(2, aRelease({ number: 2, journeys: [other] }))
    story.tables.live = { release: 2, paused: [] }

    await story.travel(at('10:00'))

    expect(story.message()).toMatchObject({ status: 'SENT', release: 1 })
  })

  it('with a new journey of the calendar reaches her who is woken for it, though nothing else is due', async () => {
    const story = aStory()
    await decideCustomer(story.decide, work(identify({ email: address })))
    const monthly = aJourney(
      'statement',
      `{ enter: { every: month, on: day 1, at: "09:00" }, steps: [{ send: reminder }] }`,
    )
    story.tables.releases.set(2, aRelease({ number: 2, journeys: [monthly] }))
    story.tables.live = { release: 2, paused: [] }
    const before = known(story)?.due

    await decideCustomer(story.decide, { ...work(), alarmAt: at('10:00') })

    expect(before).toBeUndefined()
    expect(known(story)?.due).toBe(stateOf(story).schedule.statement?.at)
    expect(known(story)?.due).toBeDefined()
  })
})

describe('a batch', () => {
  it('is one work a customer', () => {
    const mina = cartUpdated('c2', { customerId: 'cMina' })
    const works = worksOf([cartUpdated('c1'), mina, orderCompleted('o1', 9)])

    expect(works.map(({ customerId, events }) => [customerId, events.length])).toEqual([
      [rina, 2],
      ['cMina', 1],
    ])
  })

  it('is decided by when its events were received, whatever order it came in', async () => {
    const story = aStory()

    await decideCustomer(story.decide, work(orderCompleted('o1', 9, { at: at('09:30') }), cartUpdated('c1')))

    expect(
      (await story.customers.decisionsOf(rina)).flatMap(({ decisions }) =>
        decisions.map(({ outcome }) => outcome),
      ),
    ).toEqual(['entered', 'exited'])
  })

  it('decides the same however it is cut', async () => {
    const kinds = fc.constantFrom('cart', 'view', 'order', 'empty', 'who')
    const logs = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3000 }), kinds), {
      maxLength: 14,
      selector: ([minute]) => minute,
    })
    const toEvent = ([minute, kind]: [number, string]): Event => {
      const set = { at: plus(at('00:00'), minute * 60_000), messageId: `m${minute}` }
      if (kind === 'cart') return cartUpdated('c1', set)
      if (kind === 'empty') return cartUpdated('c1', set, [])
      if (kind === 'view') return track('Product Viewed', lamp, set)
      return kind === 'order' ? orderCompleted(`o${minute}`, 9, set) : identify({ name: `n${minute}` }, set)
    }
    const outcome = async (batches: readonly Event[][]) => {
      const story = aStory()
      for (const batch of batches) for (const one of worksOf(batch)) await decideCustomer(story.decide, one)
      const decisions = (await story.customers.decisionsOf(rina)).flatMap((row) => row.decisions)
      return { state: known(story)?.state, decisions, messages: await story.messages.messagesOf(rina) }
    }
    const property = fc.asyncProperty(logs, fc.integer({ min: 1, max: 5 }), async (log, size) => {
      const events = log.map(toEvent).sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1))
      const cut = events.flatMap((_, index) =>
        index % size === 0 ? [events.slice(index, index + size).reverse()] : [],
      )

      expect(await outcome(cut)).toEqual(await outcome(events.map((event) => [event])))
    })

    await fc.assert(property, { numRuns: 25 })
  })
})
