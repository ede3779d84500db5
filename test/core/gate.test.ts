/** The gates: choices by topic in whichever order they come, and the ring of what was sent. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AddressGate,
  type Chosen,
  CustomerGate,
  choiceFor,
  choose,
  mergeConsent,
  newAddressGate,
  newCustomerGate,
  withChoice,
  withClaim,
  withoutClaim,
} from '#core/gate'
import { limits } from '#core/limits'
import { at } from '#test/fixture/builder'

const choice = (given: boolean, time: string, ...topics: string[]): Chosen => ({
  given,
  at: at(time),
  topics: topics.length === 0 ? undefined : topics,
})

const asked = (topic: string, ...choices: Chosen[]) =>
  choiceFor(
    choices.reduce((gate, one) => withChoice(gate, one), newAddressGate()),
    topic,
  )

describe('a choice', () => {
  it.each<[string, Chosen[], boolean | undefined]>([
    ['none', [], undefined],
    ['yes to it', [choice(true, '09:00', 'reminders')], true],
    ['no to it', [choice(false, '09:00', 'reminders')], false],
    ['yes to another', [choice(true, '09:00', 'news')], undefined],
    ['yes to all', [choice(true, '09:00')], true],
    ['yes, then no', [choice(true, '09:00', 'reminders'), choice(false, '09:05', 'reminders')], false],
    ['no, then yes', [choice(false, '09:00', 'reminders'), choice(true, '09:05', 'reminders')], true],
    [
      'yes and no at one instant',
      [choice(true, '09:00', 'reminders'), choice(false, '09:00', 'reminders')],
      false,
    ],
    ['yes to it, then no to all', [choice(true, '09:00', 'reminders'), choice(false, '09:05')], false],
    ['no to all, then yes to it', [choice(false, '09:00'), choice(true, '09:05', 'reminders')], true],
    ['no to it, then yes to all', [choice(false, '09:00', 'reminders'), choice(true, '09:05')], true],
    [
      'yes to it and no to all at one instant',
      [choice(true, '09:00', 'reminders'), choice(false, '09:00')],
      false,
    ],
  ])('%s', (_name, choices, expected) => {
    expect(asked('reminders', ...choices)).toBe(expected)
    expect(asked('reminders', ...choices.toReversed())).toBe(expected)
  })

  it('keeps where and how it was made', () => {
    const made = { ...choice(true, '09:00', 'reminders'), source: 'checkout', text: 'আমি রাজি' }

    expect(choose({}, made)).toEqual({
      reminders: { given: true, at: at('09:00'), source: 'checkout', text: 'আমি রাজি' },
    })
  })

  it('of two inboxes that become one is the same whichever comes first', () => {
    const consent = fc
      .array(fc.tuple(fc.boolean(), fc.constantFrom('09:00', '09:01', '09:02'), fc.constantFrom('a', 'b')))
      .map((list) => list.reduce((all, [given, time, topic]) => choose(all, choice(given, time, topic)), {}))
    const property = fc.property(consent, consent, (one, other) => {
      expect(mergeConsent(one, other)).toEqual(mergeConsent(other, one))
    })

    fc.assert(property)
  })
})

describe('the ring', () => {
  it('grows by a claim and forgets one that was not sent', () => {
    const gate = withClaim(withClaim(newAddressGate(), { messageId: 'a', at: at('09:00') }), {
      messageId: 'b',
      at: at('09:01'),
      exempt: true,
    })

    expect(withoutClaim(gate, 'a').ring).toEqual([{ messageId: 'b', at: at('09:01'), exempt: true }])
  })

  it('is bounded, and longer than any cap', () => {
    let gate = newAddressGate()
    for (let index = 0; index < 100; index += 1)
      gate = withClaim(gate, { messageId: `m${index}`, at: at('09:00') })

    expect(gate.ring).toHaveLength(limits.inboxRing)
    expect(gate.ring.at(-1)?.messageId).toBe('m99')
  })
})

it('rows that say nothing are as rows that are not there', () => {
  expect(AddressGate.parse({})).toEqual(newAddressGate())
  expect(CustomerGate.parse({})).toEqual(newCustomerGate())
})
