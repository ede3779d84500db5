/** A visitor's log becomes a customer's: whole, once, aged by when we knew whose it was. */
import { describe, expect, it } from 'vitest'
import { putEvent } from '#adapters/memory/tables'
import { cartOf } from '#core/cart'
import type { Event } from '#core/event'
import { limits } from '#core/limits'
import { plus } from '#core/time'
import { decideCustomer } from '#flow/decide'
import { redrive } from '#flow/redrive'
import { aJourney, aRelease, at, cartUpdated, identify, lamp, rina, track } from '#test/fixture/builder'
import { address, aStory, committing, known, stateOf, work } from '#test/fixture/story'

describe('a visitor', () => {
  const visitor = 'vVisitorVisitorVV'
  const seen = (event: Event): Event => ({ ...event, customerId: visitor, reachable: false })
  const signsIn = (time: string) =>
    identify({ email: address }, { at: at(time), folds: visitor, anonymousId: 'a1' })

  it('who signs in brings her cart along, and is reminded of it', async () => {
    const story = aStory()
    for (const event of [
      cartUpdated('c1', { at: at('08:30') }),
      track('Product Viewed', lamp, { at: at('08:20') }),
    ]) {
      putEvent(story.tables, seen(event))
    }

    await story.happen(signsIn('09:00'))
    await story.travel(at('10:00'))

    expect(stateOf(story).recent).toHaveLength(1)
    expect(story.message()).toMatchObject({ status: 'SENT', runStartedAt: at('08:30') })
  })

  it('of last week is known and not mailed', async () => {
    const story = aStory()
    putEvent(story.tables, seen(cartUpdated('c1', { at: at('08:30', -7) })))

    await story.happen(signsIn('09:00'))

    expect(cartOf(stateOf(story).cart)?.id).toBe('c1')
    expect(stateOf(story).refused['abandoned-cart']?.code).toBe('old-news')
    expect(stateOf(story).runs).toEqual([])
  })

  it('whose event was still in flight is swept once more', async () => {
    const story = aStory()
    await story.happen(signsIn('09:00'))
    putEvent(story.tables, seen(cartUpdated('c1', { at: at('08:59:50') })))
    const due = known(story)?.due

    await story.travel(at('09:05'))

    expect(due).toBe(at('09:05'))
    expect(stateOf(story).runs).toMatchObject([{ journey: 'abandoned-cart', startedAt: at('08:59:50') }])
    expect(stateOf(story).visitors).toEqual([{ visitorId: visitor, foldedAt: at('09:00') }])
  })

  it('whose sign-in comes twice is swept all the same', async () => {
    const story = aStory()
    await story.happen(signsIn('09:00'))
    await decideCustomer(story.decide, work(signsIn('09:00')))
    putEvent(story.tables, seen(cartUpdated('c1', { at: at('08:59:50') })))

    await story.travel(at('09:05'))

    expect(stateOf(story).runs).toMatchObject([{ journey: 'abandoned-cart', startedAt: at('08:59:50') }])
  })

  it('with a long log is folded once, however often it is read', async () => {
    const story = aStory()
    for (let index = 0; index < 300; index += 1) {
      const when = plus(at('00:00'), index * 90_000)
      putEvent(
        story.tables,
        seen(track('Product Added', { ...lamp, cart_id: 'c1' }, { at: when, messageId: `add ${index}` })),
      )
    }

    await story.happen(signsIn('09:00'))
    const once = stateOf(story)
    await decideCustomer(story.decide, work(signsIn('09:00')))
    await story.travel(at('09:05'))

    expect(cartOf(once.cart)?.items).toMatchObject([{ quantity: 300 }])
    expect(cartOf(stateOf(story).cart)).toEqual(cartOf(once.cart))
    expect(stateOf(story).categories).toEqual(once.categories)
  })

  it('with a very long log brings what came last', async () => {
    const story = aStory()
    const count = limits.visitorPages * limits.visitorEvents + 100
    for (let index = 0; index < count; index += 1) {
      const when = plus(at('00:00', -2), index * 60_000)
      putEvent(
        story.tables,
        seen(track('Product Viewed', { product_id: `p${index}` }, { at: when, messageId: `view ${index}` })),
      )
    }

    await story.happen(signsIn('09:00'))

    expect(stateOf(story).recent[0]?.item.id).toBe(`p${count - 1}`)
  })

  it('whose event cannot be decided when her log is swept is swept again, each quarter of an hour', async () => {
    const fine = aJourney('j', `{ enter: { on: Ticket Opened }, steps: [{ wait: 1d }, { send: x }] }`)
    const broken = { ...fine, program: [{ op: 'jump' as const, to: 0 }] }
    const story = aStory({ release: aRelease({ journeys: [broken] }) })
    await story.happen(signsIn('09:00'))
    putEvent(story.tables, seen(track('Ticket Opened', {}, { at: at('08:59:50') })))
    putEvent(story.tables, seen(track('Product Viewed', lamp, { at: at('08:59:55') })))

    await story.travel(at('09:06'))
    const before = known(story)
    story.tables.releases.set(1, aRelease({ journeys: [fine] }))
    await story.travel(at('09:20'))

    expect(story.tables.parked.get(rina)).toMatchObject({ eventKeys: [], version: 1 })
    expect(before?.due).toBe(at('09:20'))
    expect(before?.state.recent).toHaveLength(1)
    expect(stateOf(story).runs).toMatchObject([{ journey: 'j', startedAt: at('08:59:50') }])
    expect(stateOf(story).visitors).toEqual([{ visitorId: visitor, foldedAt: at('09:00') }])
  })

  it('whose event could not be decided when her log was swept is redriven', async () => {
    const fine = aJourney('j', `{ enter: { on: Ticket Opened }, steps: [{ wait: 1d }, { send: x }] }`)
    const broken = { ...fine, program: [{ op: 'jump' as const, to: 0 }] }
    const story = aStory({ release: aRelease({ journeys: [broken] }) })
    await story.happen(signsIn('09:00'))
    putEvent(story.tables, seen(track('Ticket Opened', {}, { at: at('08:59:50') })))
    await story.travel(at('09:06'))
    story.tables.releases.set(1, aRelease({ journeys: [fine] }))

    const redriven = await redrive(story, rina)

    expect(redriven).toBe('decided')
    expect(stateOf(story).runs).toMatchObject([{ journey: 'j', startedAt: at('08:59:50') }])
    expect(story.tables.parked.size).toBe(0)
  })

  it('whose fold met another’s commit is folded whole', async () => {
    const quick = aJourney(
      'quick',
      `{ enter: { on: Ticket Opened, key: event.properties.ticket }, steps: [{ send: x }] }`,
    )
    const story = aStory({ release: aRelease({ journeys: [quick, { ...quick, id: 'other' }] }) })
    for (let ticket = 0; ticket < 30; ticket += 1) {
      putEvent(
        story.tables,
        seen(track('Ticket Opened', { ticket }, { at: at('08:30'), messageId: `t${ticket}` })),
      )
    }
    putEvent(story.tables, seen(track('Product Viewed', lamp, { at: at('08:40') })))
    let commits = 0
    committing(story, async (one, real) => {
      commits += 1
      return commits === 2 ? 'changed' : real(one)
    })

    await story.happen(signsIn('09:00'))

    expect(commits).toBeGreaterThan(2)
    expect(stateOf(story).recent).toHaveLength(1)
    expect(stateOf(story).visitors).toHaveLength(1)
  })

  it('with an event that cannot be decided is folded all the same, and whole once that is mended', async () => {
    const fine = aJourney('j', `{ enter: { on: Ticket Opened }, steps: [{ wait: 1d }, { send: x }] }`)
    const broken = { ...fine, program: [{ op: 'jump' as const, to: 0 }] }
    const story = aStory({ release: aRelease({ journeys: [broken] }) })
    putEvent(story.tables, seen(track('Ticket Opened', {}, { at: at('08:30') })))
    putEvent(story.tables, seen(track('Product Viewed', lamp, { at: at('08:40') })))

    await story.happen(signsIn('09:00'))
    const before = stateOf(story)
    story.tables.releases.set(1, aRelease({ journeys: [fine] }))
    const redriven = await redrive({ ...story, customers: story.customers }, rina)

    expect(before.recent).toHaveLength(1)
    expect(before.visitors).toEqual([])
    expect(redriven).toBe('decided')
    expect(stateOf(story).runs).toMatchObject([{ journey: 'j', startedAt: at('08:30') }])
    expect(stateOf(story).visitors).toHaveLength(1)
    expect(story.tables.parked.size).toBe(0)
  })
})
