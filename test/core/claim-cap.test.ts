/** How many mails an inbox gets in how many days: the cap of all, and that of those who asked for fewer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capUntil, judge } from '#core/claim'
import { withClaim } from '#core/gate'
import { limits } from '#core/limits'
import { plus, toMs } from '#core/time'
import { at } from '#test/fixture/builder'
import { aCase, aGate, mails, words } from '#test/fixture/claim'

const hour = 3_600_000
describe('the cap', () => {
  const week = { mails: 3, within: 168 * hour }
  const gate = (...times: string[]) => aGate({ ring: mails(...times) })

  it.each([
    ['nothing sent', [], undefined],
    ['two in the week', [at('09:00', -1), at('09:00')], undefined],
    ['three in the week', [at('12:00', -6), at('09:00', -1), at('09:00')], at('12:00', 1)],
    ['the first a week ago to the instant', [at('10:00', -7), at('09:00', -1), at('09:00')], undefined],
    ['the first almost a week ago', [at('10:00:01', -7), at('09:00', -1), at('09:00')], at('10:00:01')],
    ['more than it allows', [at('12:00', -6), at('12:00', -5), at('09:00', -1), at('09:00')], at('12:00', 2)],
    ['out of order', [at('09:00'), at('12:00', -6), at('09:00', -1)], at('12:00', 1)],
  ])('%s', (_name, times, until) => {
    expect(capUntil(gate(...times), at('10:00'), week)).toBe(until)
  })

  it('does not count service mail', () => {
    const ring = mails(at('09:00'), at('09:01'), at('09:02')).map((one) => ({ ...one, exempt: true }))

    expect(capUntil(aGate({ ring }), at('10:00'), week)).toBeUndefined()
  })

  it.each([
    ['service mail', { exempt: true }, {}, at('10:00', 6)],
    ['other mail', {}, { exempt: true }, undefined],
  ])('holds however much %s came since, and no mail comes twice', (_, many, few, until) => {
    const three = mails(at('10:00', -1), at('10:01', -1), at('10:02', -1)).map((one) => ({ ...one, ...few }))
    let inbox = aGate({ ring: three })

    for (let count = 0; count < 2 * limits.inboxRing; count += 1)
      inbox = withClaim(inbox, { messageId: `later-${count}`, at: at('10:03', -9), ...many })

    expect(capUntil(inbox, at('10:04'), week)).toBe(until)
    expect(inbox.ring.map(({ messageId }) => messageId)).toEqual([
      ...three.map(({ messageId }) => messageId),
      ...Array.from({ length: limits.inboxRing }, (_, index) => `later-${index + limits.inboxRing}`),
    ])
  })

  it('lets no window of its length hold more, whatever is tried', () => {
    const tries = fc.array(fc.integer({ min: 0, max: 40 * 24 }), { maxLength: 60 })
    const property = fc.property(tries, fc.integer({ min: 1, max: 4 }), (hours, count) => {
      const cap = { mails: count, within: 72 * hour }
      const sent: number[] = []
      for (const at0 of hours.toSorted((a, b) => a - b)) {
        const now = plus(at('00:00'), at0 * hour)
        const ring = sent.map((ms, index) => ({ messageId: `m${index}`, at: new Date(ms).toISOString() }))
        const until = capUntil(aGate({ ring }), now, cap)
        if (until === undefined) sent.push(toMs(now))
        else expect(toMs(until)).toBeGreaterThan(toMs(now))
      }

      for (const first of sent) {
        const inWindow = sent.filter((ms) => ms >= first && ms < first + cap.within)
        expect(inWindow.length).toBeLessThanOrEqual(count)
      }
    })

    fc.assert(property)
  })
})

describe('those who asked for fewer mails', () => {
  const asked = (wanted: boolean) =>
    aCase({ gate: aGate({ ring: mails(at('09:00')), fewer: { wanted, at: at('09:30') } }) })

  it('wait for the cap of their own, said in its numbers', () => {
    const verdict = judge(asked(true))

    expect(words(verdict)).toBe('HELD cap')
    expect(verdict).toMatchObject({ reason: { explanation: expect.stringContaining('1') } })
  })

  it('who took that back have the cap of all', () => {
    expect(words(judge(asked(false)))).toBe('CLAIMED')
  })
})
