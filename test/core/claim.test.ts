/** The last question before a mail: every no, every not now, and the boundaries between. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Case, judge, quietUntil } from '#core/claim'
import { type AddressGate, newAddressGate } from '#core/gate'
import { limits } from '#core/limits'
import { minuteOfDay, plus, TimeOfDay, toMs } from '#core/time'
import { aJourney, aLife, aSettings, at, cartUpdated, lamp, orderCompleted } from '#test/fixture/builder'
import { aCase, aGate, inside, mails, planned, words } from '#test/fixture/claim'

const hour = 3_600_000
const yes = { given: true, at: at('08:00') }
const no = { given: false, at: at('08:30') }

const service = aJourney(
  'thanks',
  `{ intent: service, topic: orders, enter: { on: Order Completed }, steps: [{ send: x }] }`,
)
const cartEmptied = aLife({ state: inside.state }).hear(cartUpdated('c1', { at: at('10:01') }, []))

describe('a reminder', () => {
  it.each<[string, Partial<Case>, string]>([
    ['may go out', {}, 'CLAIMED'],
    [
      'may go to an inbox that is nobody’s',
      { gate: { ...newAddressGate(), consent: { reminders: yes } } },
      'CLAIMED',
    ],
    ['is too late at its end', { now: planned.notAfter }, 'EXPIRED expired'],
    ['is not too late a moment before', { now: plus(planned.notAfter, -1) }, 'CLAIMED'],
    ['not to the erased', { person: { version: 1, erased: true } }, 'SKIPPED erased'],
    ['not to an erased inbox', { gate: aGate({ erased: true }) }, 'SKIPPED erased'],
    ['not to the merged', { person: { version: 1, mergedInto: 'c2' } }, 'SKIPPED merged'],
    ['not after an order', { person: { version: 1, lastOrderAt: at('09:30') } }, 'SKIPPED ordered'],
    [
      'not after an order of the very instant it began',
      { person: { version: 1, lastOrderAt: at('09:00') } },
      'SKIPPED ordered',
    ],
    ['but after an order of before', { person: { version: 1, lastOrderAt: at('08:59:59') } }, 'CLAIMED'],
    ['not when its run has ended', { state: { ...inside.state, runs: [] } }, 'SKIPPED run-ended'],
    ['not when its journey is gone', { journey: undefined }, 'SKIPPED journey-removed'],
    [
      'not when its cart was emptied',
      { state: { ...cartEmptied.state, runs: inside.state.runs } },
      'SKIPPED exit-condition',
    ],
    [
      'not when another cart took its place',
      {
        state: {
          ...inside.state,
          cart: {
            deltas: [],
            snapshot: {
              id: 'c2',
              currency: 'EUR',
              totalMinor: 1,
              items: [{ id: 'rug', currency: 'EUR', quantity: 1 }],
              at: at('09:30'),
            },
          },
        },
      },
      'SKIPPED subject-gone',
    ],
    ['not to another’s inbox', { gate: aGate({ owner: 'c2' }) }, 'SKIPPED address-of-another'],
    [
      'not to a suppressed inbox',
      { gate: aGate({ suppressed: { why: 'complaint', at: at('09:00') } }) },
      'SKIPPED suppressed',
    ],
    [
      'not twice',
      { gate: aGate({ ring: [{ messageId: planned.messageId, at: at('09:45') }] }) },
      'SKIPPED already-sent',
    ],
    [
      'not while it is being sent by another record',
      { gate: aGate({ ring: [{ messageId: planned.messageId, at: at('09:46') }] }) },
      'HELD being-sent',
    ],
    ['not beyond the allow-list', { allowList: ['@shop.example'] }, 'SKIPPED not-allowed'],
    ['not without consent', { gate: aGate({ consent: {} }) }, 'SKIPPED no-consent'],
    [
      'not with consent to something else',
      { gate: aGate({ consent: { greetings: yes } }) },
      'SKIPPED no-consent',
    ],
    ['by a consent to everything', { gate: aGate({ consent: { '*': yes } }) }, 'CLAIMED'],
    ['not after a no', { gate: aGate({ consent: { reminders: no } }) }, 'SKIPPED unsubscribed'],
    [
      'not after a later no to everything',
      { gate: aGate({ consent: { reminders: yes, '*': no } }) },
      'SKIPPED unsubscribed',
    ],
    [
      'by a later yes to it',
      { gate: aGate({ consent: { reminders: { ...yes, at: at('08:45') }, '*': no } }) },
      'CLAIMED',
    ],
    [
      'without consent where settings allow',
      { gate: aGate({ consent: {} }), settings: aSettings({ remindersWithoutConsent: true }) },
      'CLAIMED',
    ],
    [
      'never against a no',
      { gate: aGate({ consent: { '*': no } }), settings: aSettings({ remindersWithoutConsent: true }) },
      'SKIPPED unsubscribed',
    ],
    ['waits while all is paused', { paused: ['*'] }, 'HELD paused'],
    ['waits while its journey is paused', { paused: ['abandoned-cart'] }, 'HELD paused'],
    ['does not wait for another’s pause', { paused: ['birthday'] }, 'CLAIMED'],
    ['waits for the morning', { now: at('20:00') }, 'HELD quiet-hours'],
    ['goes out a minute before quiet hours', { now: at('19:59:59') }, 'CLAIMED'],
    ['goes out as they end', { now: at('07:00', 1) }, 'CLAIMED'],
    [
      'waits for the cap',
      { gate: aGate({ ring: mails(at('09:00'), at('09:10'), at('09:20')) }) },
      'HELD cap',
    ],
    ['fills the cap', { gate: aGate({ ring: mails(at('09:00'), at('09:10')) }) }, 'CLAIMED'],
  ])('%s', (_name, set, expected) => {
    expect(words(judge(aCase(set)))).toBe(expected)
  })

  it('without consent is for reminders only', () => {
    const statement = aJourney(
      'statement',
      `{ intent: loyalty, topic: loyalty, enter: { every: month, on: day 1 }, steps: [{ send: x }] }`,
    )
    const settings = aSettings({ remindersWithoutConsent: true })

    expect(words(judge(aCase({ journey: statement, settings, gate: aGate({ consent: {} }) })))).toBe(
      'SKIPPED no-consent',
    )
  })

  it('says no for ever before it says not now', () => {
    const verdict = judge(
      aCase({ now: at('20:00'), paused: ['*'], gate: aGate({ consent: { reminders: no } }) }),
    )

    expect(words(verdict)).toBe('SKIPPED unsubscribed')
  })

  it('is held no longer than it lives', () => {
    const message = { ...planned, notAfter: at('21:00') }
    const verdict = judge(aCase({ message, now: at('20:30') }))

    expect(verdict).toMatchObject({ to: 'HELD', until: at('21:00') })
  })

  it('that is paused is looked at again in a while', () => {
    expect(judge(aCase({ paused: ['*'] }))).toMatchObject({
      to: 'HELD',
      until: plus(at('10:00'), limits.lookAgain.leastMs),
    })
  })

  it.each([
    ['after a quarter of an hour at first', at('09:50'), plus(at('10:00'), 15 * 60_000)],
    ['after a quarter of its age', at('02:00'), at('12:00')],
    ['after four hours at the most', at('10:00', -9), at('14:00')],
  ])('that is paused is looked at again %s', (_, plannedAt, until) => {
    expect(judge(aCase({ message: { ...planned, plannedAt }, paused: ['*'] }))).toMatchObject({ until })
  })

  it.each([
    ['once more before it would be too late', at('11:00'), at('10:45')],
    ['no more when it is nearly so', at('10:05'), at('10:05')],
  ])('that is paused is looked at %s', (_, notAfter, until) => {
    const message = { ...planned, plannedAt: at('02:00'), notAfter }
    expect(judge(aCase({ message, paused: ['*'] }))).toMatchObject({ until })
  })

  it('of a night in Dhaka waits for her morning', () => {
    const zone = { timeZone: { value: 'Asia/Dhaka', at: at('09:00') } }
    const verdict = judge(aCase({ state: { ...inside.state, traits: zone }, now: at('15:00') }))

    expect(verdict).toMatchObject({ to: 'HELD', reason: { code: 'quiet-hours' } })
    expect(verdict.to === 'HELD' && verdict.until.slice(0, 15)).toBe('2026-03-03T02:0')
  })
})

describe('service mail', () => {
  const bought = aLife().hear(orderCompleted('o1', 9))
  const thanks = (set: Partial<Case>) =>
    aCase({
      journey: service,
      message: { ...planned, journey: 'thanks', exitsOnOrder: false },
      state: { ...bought.state, runs: inside.state.runs.map((run) => ({ ...run, journey: 'thanks' })) },
      gate: aGate({ consent: {} }),
      ...set,
    })

  it.each<[string, Partial<Case>, string]>([
    ['needs no consent', {}, 'CLAIMED'],
    ['goes out at night', { now: at('22:00') }, 'CLAIMED'],
    [
      'does not heed the cap',
      { gate: aGate({ ring: mails(at('09:00'), at('09:10'), at('09:20')) }) },
      'CLAIMED',
    ],
    ['goes out though marketing was refused', { gate: aGate({ consent: { '*': no } }) }, 'CLAIMED'],
    [
      'heeds suppression',
      { gate: aGate({ suppressed: { why: 'bounce', at: at('09:00') } }) },
      'SKIPPED suppressed',
    ],
    ['heeds a pause', { paused: ['*'] }, 'HELD paused'],
    ['heeds erasure', { person: { version: 1, erased: true } }, 'SKIPPED erased'],
  ])('%s', (_name, set, expected) => {
    expect(words(judge(thanks(set)))).toBe(expected)
  })

  it('is known as exempt, other mail is not', () => {
    expect(judge(thanks({}))).toEqual({ to: 'CLAIMED', exempt: true })
    expect(judge(aCase())).toEqual({ to: 'CLAIMED', exempt: false })
  })
})

describe('quiet hours', () => {
  const from2100 = aSettings()
  const until = (now: string, zone: string, quietHours?: { from: string; to: string }) =>
    quietUntil(now, { settings: quietHours ? aSettings({ quietHours }) : from2100, zone, spreadBy: 'm1' })
  const minute = (instant: string | undefined) => instant?.slice(0, 15)

  it.each([
    ['by day', at('10:00'), 'Europe/Berlin', undefined],
    ['in the evening', at('20:00'), 'Europe/Berlin', '2026-03-03T07:0'],
    ['after midnight', at('00:30'), 'Europe/Berlin', '2026-03-02T07:0'],
    ['a moment before they begin', at('19:59:59'), 'Europe/Berlin', undefined],
    ['as they end', at('07:00'), 'Europe/Berlin', undefined],
    ['a night in Dhaka', at('16:30'), 'Asia/Dhaka', '2026-03-03T02:0'],
    ['an evening in New York', at('02:30'), 'America/New_York', '2026-03-02T13:0'],
    ['the spring night', '2026-03-28T21:00:00.000Z', 'Europe/Berlin', '2026-03-29T06:0'],
    ['the autumn night', '2026-10-24T21:00:00.000Z', 'Europe/Berlin', '2026-10-25T07:0'],
    ['the spring night of New York', '2026-03-08T04:00:00.000Z', 'America/New_York', '2026-03-08T12:0'],
  ])('%s', (_name, now, zone, expected) => {
    expect(minute(until(now, zone))).toBe(expected)
  })

  it('may lie within a day, and may be none', () => {
    expect(minute(until(at('12:00'), 'Europe/Berlin', { from: '12:00', to: '15:00' }))).toBe(
      '2026-03-02T14:0',
    )
    expect(until(at('02:00'), 'Europe/Berlin', { from: '09:00', to: '09:00' })).toBeUndefined()
  })

  it('end for each mail at its own moment, within ten minutes', () => {
    const ends = Array.from({ length: 50 }, (_, index) =>
      quietUntil(at('22:00'), { settings: from2100, zone: 'Europe/Berlin', spreadBy: `m${index}` }),
    )

    expect(new Set(ends).size).toBeGreaterThan(45)
    expect(ends.every((end) => end !== undefined && end >= at('07:00', 1) && end < at('07:10', 1))).toBe(true)
  })

  it('are over when they are said to be, in every zone, on every night', () => {
    const time = fc.integer({ min: 0, max: 1439 })
    const text = (minutes: number) =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    const property = fc.property(
      fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.constantFrom(
        'Europe/Berlin',
        'America/New_York',
        'Asia/Dhaka',
        'Australia/Lord_Howe',
        'Africa/Cairo',
        'America/Havana',
      ),
      fc.tuple(time, time).filter(([from, to]) => from !== to),
      fc.string(),
      (date, zone, [from, to], spreadBy) => {
        const settings = aSettings({ quietHours: { from: text(from), to: text(to) } })
        const isQuiet = (instant: string) => {
          const now = minuteOfDay(instant, zone)
          return from < to ? now >= from && now < to : now >= from || now < to
        }
        const now = date.toISOString()
        const end = quietUntil(now, { settings, zone, spreadBy })

        expect(end !== undefined).toBe(isQuiet(now))
        if (end === undefined) return
        expect(isQuiet(end)).toBe(false)
        expect(toMs(end) - toMs(now)).toBeGreaterThan(0)
        expect(toMs(end) - toMs(now)).toBeLessThan(50 * hour)
      },
    )

    fc.assert(property, { numRuns: 300 })
    expect(TimeOfDay.parse(text(481))).toBe(481)
  })
})

it('a cart of things is not the question, what is in it is', () => {
  const product = aLife().hear(cartUpdated('c1', {}, [{ ...lamp, quantity: 0 }]))

  expect(product.state.runs).toEqual([])
})

describe('a mail of a topic of its own', () => {
  const asking = aJourney(
    'asking',
    `{ topic: orders, enter: { on: X }, steps: [{ send: thanks }, { send: reminder, topic: greetings }] }`,
  )
  const to = (step: string, consent: AddressGate['consent'], more: Partial<Case> = {}) =>
    words(judge(aCase({ journey: asking, message: { ...planned, step }, gate: aGate({ consent }), ...more })))

  it('wants consent to that one', () => {
    expect(to('reminder', { reminders: yes })).toBe('SKIPPED no-consent')
    expect(to('reminder', { greetings: no })).toBe('SKIPPED unsubscribed')
    expect(to('reminder', { greetings: yes })).toBe('CLAIMED')
  })

  it('keeps quiet at night though its journey need not', () => {
    const now = at('22:30')
    const message = { ...planned, notAfter: at('10:00', 2) }
    const night = (step: string) => to(step, { greetings: yes }, { now, message: { ...message, step } })

    expect(night('reminder')).toBe('HELD quiet-hours')
    expect(night('thanks')).toBe('CLAIMED')
  })
})

describe('a mail to the shop', () => {
  const message = { ...planned, to: 'shop' as const, notAfter: at('10:00', 2) }

  it.each<[string, Partial<Case>, string]>([
    ['asks for no consent', { gate: newAddressGate() }, 'CLAIMED'],
    ['goes to an inbox that said no', { gate: aGate({ consent: { '*': no } }) }, 'CLAIMED'],
    ['goes to an inbox that is some customer’s', { gate: aGate({ owner: 'c2' }) }, 'CLAIMED'],
    ['goes at night', { now: at('23:00') }, 'CLAIMED'],
    ['is not capped', { gate: aGate({ ring: mails(at('09:00'), at('09:10'), at('09:20')) }) }, 'CLAIMED'],
    [
      'goes once',
      { gate: aGate({ ring: [{ messageId: message.messageId, at: at('09:45') }] }) },
      'SKIPPED already-sent',
    ],
    [
      'not where mail bounced',
      { gate: aGate({ suppressed: { why: 'bounce', at: at('09:00') } }) },
      'SKIPPED suppressed',
    ],
    ['not beyond the allow-list of the stage', { allowList: ['*@other.example'] }, 'SKIPPED not-allowed'],
    ['not about the erased', { person: { version: 1, erased: true } }, 'SKIPPED erased'],
    ['not while its journey is paused', { paused: ['abandoned-cart'] }, 'HELD paused'],
  ])('%s', (_name, set, expected) => {
    expect(words(judge(aCase({ message, ...set })))).toBe(expected)
  })
})
