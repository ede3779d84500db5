/** The life of a planned mail as her state sees it: held, planned again, stuck, unknown, late news. */
import { describe, expect, it } from 'vitest'
import { dueOf, lookups } from '#core/decide'
import { own } from '#core/event'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { plus } from '#core/time'
import {
  aJourney,
  aLife,
  aMessage,
  aRelease,
  at,
  cartUpdated,
  inForce,
  type Life,
  mailEvent,
  orderCompleted,
  told,
  track,
} from '#test/fixture/builder'

/** A cart left behind whose reminder is planned at ten. */
const planned = (): Life => aLife().hear(cartUpdated('c1')).sleepUntil(at('10:00'))
const reminder = (life: Life): Message => life.row('reminder') ?? aMessage()

/** Deliver holds the reminder until an instant, and her log hears of it unless it is lost. */
function hold(life: Life, until: string, heard = true): Life {
  const row = reminder(life)
  const now = plus(life.state.now, 1000)
  life.move(row, 'HELD', { until, reason: 'cap' })
  const more = { until, code: 'cap', explanation: 'frequency cap: 3 mails in 7 days' }
  return heard ? life.hear(mailEvent(own.held, row, { at: now, more })) : life
}

describe('a held mail', () => {
  it('is planned again in the next round when its hold is over', () => {
    const life = hold(planned(), at('15:00'))

    const due = dueOf(life.state)
    life.sleepUntil(at('15:00'))

    expect(due).toBe(at('15:00'))
    expect(reminder(life)).toMatchObject({ status: 'PLANNED', round: 2, notBefore: at('15:00') })
    expect(told(life).slice(-2)).toEqual(['held reminder cap', 'planned reminder hold-over'])
  })

  it('says who told of it already', () => {
    const life = hold(planned(), at('15:00'))

    expect(life.decisions.at(-1)).toMatchObject({ outcome: 'held', told: true, reason: { code: 'cap' } })
  })

  it('is planned again though nobody heard that it was held', () => {
    const life = hold(planned(), at('15:00'), false)

    life.sleepUntil(at('14:59'))
    const before = reminder(life).status
    life.sleepUntil(at('15:00'))

    expect(before).toBe('HELD')
    expect(reminder(life)).toMatchObject({ status: 'PLANNED', round: 2 })
  })

  it('may be held again', () => {
    const life = hold(hold(planned(), at('15:00')).sleepUntil(at('15:00')), at('18:00'))

    life.sleepUntil(at('18:00'))

    expect(reminder(life)).toMatchObject({ status: 'PLANNED', round: 3 })
  })

  it('expires when its hold outlives it, and the run goes on', () => {
    const life = hold(planned(), at('10:00', 1)).sleepUntil(at('10:00', 1))

    expect(reminder(life)).toMatchObject({ status: 'EXPIRED', round: 1 })
    expect(told(life).at(-1)).toBe('expired reminder expired')
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'time' } }])
  })

  it('is skipped when the run ends', () => {
    const life = hold(planned(), at('15:00')).hear(orderCompleted('o1', 9, { at: at('11:00') }))

    expect(reminder(life).status).toBe('SKIPPED')
    expect(told(life).slice(-2)).toEqual(['skipped reminder run-ended', 'exited exit-event'])
    expect(dueOf(life.state)).toBeUndefined()
  })

  it('is skipped when the run ended before her log heard of the hold', () => {
    const life = planned()
    const row = life.move(reminder(life), 'HELD', { until: at('15:00') })
    life.hear(orderCompleted('o1', 9, { at: at('10:00:30') }))

    life.hear(mailEvent(own.held, row, { at: at('10:01'), more: { until: at('15:00'), code: 'cap' } }))

    expect(reminder(life).status).toBe('SKIPPED')
    expect(life.state.outstanding).toEqual([])
  })

  it('does not heed news of a round that is over', () => {
    const life = hold(planned(), at('15:00')).sleepUntil(at('15:00'))
    const late = mailEvent(own.held, reminder(life), { at: at('15:01'), more: { until: at('20:00') } })

    life.hear({ ...late, messageId: 'late', properties: { ...late.properties, round: 1 } })

    expect(life.state.outstanding).toMatchObject([{ round: 2, phase: 'planned' }])
  })
})

describe('a mail whose outcome nobody knows', () => {
  it('is looked after still when its old hold is told again after its run has ended', () => {
    const life = hold(planned(), at('15:00')).sleepUntil(at('15:00'))
    const held = mailEvent(own.held, { ...reminder(life), round: 1 }, { at: at('10:01') })
    life.move(reminder(life), 'CLAIMED', { claimedAt: at('15:01') })
    life.sleepUntil(at('15:30')).hear(orderCompleted('o1', 9, { at: at('15:31') }))

    life.hear({ ...held, messageId: 'again', properties: { ...held.properties, until: at('15:00') } })
    life.sleepUntil(plus(at('15:31'), limits.unknownClosesMs))

    expect(reminder(life).status).toBe('CLOSED')
    expect(told(life)).not.toContain('skipped reminder run-ended')
  })
})

describe('a mail that is stuck', () => {
  it('while planned is dispatched again in the next round', () => {
    const life = planned().sleepUntil(at('10:15'))

    expect(reminder(life)).toMatchObject({ status: 'PLANNED', round: 2, notBefore: at('10:15') })
    expect(told(life).at(-1)).toBe('planned reminder stuck')
    expect(dueOf(life.state)).toBe(at('10:30'))
  })

  it('is left alone while it waits to be tried again', () => {
    const life = planned()
    const claimed = life.move(reminder(life), 'CLAIMED', { claimedAt: at('10:14') })
    life.move(claimed, 'PLANNED', { round: 2, notBefore: at('10:29') })

    life.wake(at('10:15'))

    expect(reminder(life)).toMatchObject({ round: 2, notBefore: at('10:29') })
    expect(dueOf(life.state)).toBe(at('10:44'))
  })

  it('while claimed becomes unknown, then closed, and is never planned again', () => {
    const life = planned()
    life.move(reminder(life), 'CLAIMED', { claimedAt: at('10:01') })

    life.wake(at('10:15'))
    const early = reminder(life).status
    life.sleepUntil(at('10:16'))
    const unknown = reminder(life).status
    life.sleepUntil(at('10:16', 3))

    expect([early, unknown, reminder(life).status]).toEqual(['CLAIMED', 'UNKNOWN', 'CLOSED'])
    expect(reminder(life).round).toBe(1)
    expect(told(life).slice(-3)).toEqual([
      'planned reminder plan-due',
      'unknown reminder unknown',
      'closed reminder closed',
    ])
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'time' } }])
  })

  it('and was sent all the same is settled by evidence', () => {
    const life = planned()
    life.move(reminder(life), 'CLAIMED', { claimedAt: at('10:01') })
    life.sleepUntil(at('10:16'))
    const sent = life.move(reminder(life), 'SENT', { sentAt: at('10:01') })

    life.hear(mailEvent(own.sent, sent, { at: at('10:20') }))

    expect(life.state.outstanding).toEqual([])
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'time' } }])
  })

  it('and was sent without a word is found out', () => {
    const life = planned()
    const claimed = life.move(reminder(life), 'CLAIMED', { claimedAt: at('10:01') })
    life.move(claimed, 'SENT', { sentAt: at('10:01') })

    life.sleepUntil(at('10:15'))

    expect(life.state.outstanding).toEqual([])
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'time' } }])
  })

  it('and whose row is gone is forgotten', () => {
    const life = planned()
    life.rows.clear()

    life.sleepUntil(at('10:15'))

    expect(life.state.outstanding).toEqual([])
  })
})

describe('late news of a mail', () => {
  it('that it was sent, twice, moves the run on once', () => {
    const life = planned().sent('reminder', at('10:01'))
    const again = mailEvent(own.sent, reminder(life), { at: at('10:05') })

    life.hear({ ...again, messageId: 'again' })

    expect(life.state.runs).toMatchObject([{ position: 2 }])
  })

  it('of a run that has ended changes nothing', () => {
    const life = planned().hear(orderCompleted('o1', 9, { at: at('10:00:30') }))

    life.sent('reminder', at('10:01'))

    expect(life.state.runs).toEqual([])
    expect(life.state.outstanding).toEqual([])
    expect(dueOf(life.state)).toBeUndefined()
  })

  it('that it was skipped lets the run go on', () => {
    const life = planned()
    life.move(reminder(life), 'SKIPPED')
    const more = { code: 'no-consent', explanation: 'no consent to the topic "reminders" is recorded' }

    life.hear(mailEvent(own.skipped, reminder(life), { at: at('10:01'), more }))

    expect(life.decisions.at(-1)).toMatchObject({ outcome: 'skipped', told: true, reason: more })
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'time' } }])
  })
})

describe('what settles', () => {
  it('is looked up when it is due', () => {
    const life = planned()

    expect(lookups(life.state, at('10:14')).messageIds).toEqual([])
    expect(lookups(life.state, at('10:15')).messageIds).toEqual([reminder(life).messageId])
  })

  it('is not guessed at: what an old alarm did not look up stays outstanding', () => {
    const life = planned().hear(track('Product Viewed', {}, { at: at('10:20') }))

    life.wake(at('10:14'))

    expect(life.state.outstanding).toMatchObject([{ step: 'reminder', settleAt: at('10:15') }])
    expect(life.state.runs).toMatchObject([{ waiting: { for: 'message' } }])
  })

  it('stays within what one commit takes, and the rest follows', () => {
    const many = aJourney(
      'many',
      `{ enter: { on: Ticket Opened, key: event.properties.ticket }, steps: [{ send: x }] }`,
    )
    const life = aLife({ releases: inForce(aRelease({ journeys: [many] })) })
    for (let ticket = 0; ticket < limits.liveRuns; ticket += 1) {
      life.hear(track('Ticket Opened', { ticket }, { messageId: `ticket ${ticket}` }))
    }
    for (const row of life.rows.values()) life.move(row, 'CLAIMED', { claimedAt: at('09:00') })

    life.sleepUntil(at('10:00', 4))

    expect(new Set([...life.rows.values()].map(({ status }) => status))).toEqual(new Set(['CLOSED']))
    expect(life.state.outstanding).toEqual([])
  })
})
