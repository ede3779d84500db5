/** Traits: read into one form, the later word wins in whichever order they arrive. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '#core/limits'
import type { State } from '#core/state'
import { addressOf, customTraits, localeOf, traitsOf, withTraits, zoneOf } from '#core/traits'
import { aState, at, identify, track } from '#test/fixture/builder'

const heard = (occurredAt: string, source: 'server' | 'browser' = 'server') => ({ occurredAt, source })

const read = (traits: Record<string, unknown>) => traitsOf(identify(traits))

describe('a trait', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a Bengali name', { name: ' রিনা আক্তার ' }, { name: 'রিনা আক্তার' }],
    ['a name from right to left', { firstName: 'نور' }, { firstName: 'نور' }],
    [
      'a hostile name stays text',
      { name: '<script>alert("1")</script>' },
      { name: '<script>alert("1")</script>' },
    ],
    ['snake case', { first_name: 'Rina', last_name: 'Akter' }, { firstName: 'Rina', lastName: 'Akter' }],
    ['an empty name', { name: '   ' }, {}],
    ['a name that is an object', { name: { first: 'Rina' } }, {}],
    ['a locale with an underscore', { locale: 'bn_bd' }, { locale: 'bn-BD' }],
    ['no locale', { locale: '!!' }, {}],
    ['a time zone', { timezone: 'Asia/Dhaka' }, { timeZone: 'Asia/Dhaka' }],
    ['no time zone', { timezone: 'Dhaka' }, {}],
    ['a birthday', { birthday: '1990-02-28' }, { birthday: '1990-02-28' }],
    ['a birthday with a time', { birthday: '1990-02-28T00:00:00.000Z' }, { birthday: '1990-02-28' }],
    ['a leap day', { birthday: '1992-02-29' }, { birthday: '1992-02-29' }],
    ['a leap day of a common year', { birthday: '1990-02-29' }, {}],
    ['a birthday without a year', { birthday: '--02-29' }, { birthday: '--02-29' }],
    ['no birthday', { birthday: '28.02.1990' }, {}],
    ['interests as a list', { interests: ['light', '', 7] }, { interests: ['light', '7'] }],
    ['interests as text', { interests: 'light, rugs' }, { interests: ['light', 'rugs'] }],
    ['an address of mail', { email: 'rina@example.com' }, { email: 'rina@example.com' }],
    ['no address of mail', { email: 'rina at example' }, {}],
    [
      'an address to live at',
      { address: { city: 'Dhaka', country: 'BD' } },
      { region: 'Dhaka', country: 'BD' },
    ],
    ['a region said twice', { region: 'Sylhet', address: { city: 'Dhaka' } }, { region: 'Sylhet' }],
    ['one taken back', { name: null }, { name: null }],
    [
      'the shop’s own',
      { vip: true, shoeSize: 38, note: 'x' },
      { 'custom:vip': true, 'custom:shoeSize': 38, 'custom:note': 'x' },
    ],
    ['the shop’s own, too deep', { child: { name: 'x' } }, {}],
    ['one called like a method', { constructor: 'x' }, { 'custom:constructor': 'x' }],
  ])('%s', (_name, traits, expected) => {
    expect(read(traits)).toEqual(expected)
  })

  it('is cut to what a name may be', () => {
    expect(String(read({ name: 'ন'.repeat(1000) }).name)).toHaveLength(limits.nameCharacters)
  })

  it('is read from the context of a track call, with what the device says', () => {
    const context = { traits: { firstName: 'Rina' }, locale: 'bn-BD', timezone: 'Asia/Dhaka' }

    expect(traitsOf(track('Product Viewed', {}, { context }))).toEqual({
      firstName: 'Rina',
      'device:locale': 'bn-BD',
      'device:timeZone': 'Asia/Dhaka',
    })
  })
})

describe('of two traits', () => {
  const say = (...said: [Record<string, unknown>, string][]): State =>
    aState({ traits: said.reduce((traits, [given, time]) => withTraits(traits, given, heard(at(time))), {}) })

  it('the later wins, whichever comes first', () => {
    expect(addressOf(say([{ email: 'a@x.example' }, '09:00'], [{ email: 'b@x.example' }, '09:05']))).toBe(
      'b@x.example',
    )
    expect(addressOf(say([{ email: 'b@x.example' }, '09:05'], [{ email: 'a@x.example' }, '09:00']))).toBe(
      'b@x.example',
    )
  })

  it('what was said again stands against what was said between and comes late', () => {
    const state = say([{ name: 'Rina' }, '09:00'], [{ name: 'Rina' }, '09:10'], [{ name: 'Mina' }, '09:05'])

    expect(state.traits.name?.value).toBe('Rina')
  })

  it('null takes one back, and an older word does not bring it back', () => {
    expect(addressOf(say([{ email: null }, '09:05'], [{ email: 'a@x.example' }, '09:00']))).toBeUndefined()
    expect(customTraits(say([{ 'custom:vip': true }, '09:00'], [{ 'custom:vip': null }, '09:05']))).toEqual(
      {},
    )
  })

  it('the shop’s own are bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`custom:t${index}`, index]))

    expect(Object.keys(customTraits(say([many, '09:00'])))).toHaveLength(limits.customTraits)
  })

  it('the order of arrival does not matter', () => {
    const name = fc.constantFrom('name', 'email', 'custom:vip')
    const value = fc.constantFrom('Rina', 'রিনা', null, 7)
    const source = fc.constantFrom('server' as const, 'browser' as const)
    const minute = fc.integer({ min: 10, max: 20 })
    const said = fc.array(fc.record({ name, value, minute, source }), { maxLength: 10 })
    const fold = (
      list: readonly { name: string; value: unknown; minute: number; source: 'server' | 'browser' }[],
    ) =>
      list.reduce<State['traits']>(
        (traits, one) =>
          withTraits(traits, { [one.name]: one.value }, heard(at(`09:${one.minute}`), one.source)),
        {},
      )
    const property = fc.property(
      said.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, again]) => {
        expect(fold(again)).toEqual(fold(list))
      },
    )

    fc.assert(property, { numRuns: 300 })
  })
})

describe('zone and locale', () => {
  const traits = (given: Record<string, unknown>) =>
    aState({ traits: withTraits({}, given, heard(at('09:00'))) })
  it.each([
    [{ timeZone: 'Asia/Dhaka', 'device:timeZone': 'Europe/Paris' }, 'Asia/Dhaka'],
    [{ 'device:timeZone': 'Europe/Paris' }, 'Europe/Paris'],
    [{}, 'Europe/Berlin'],
    [{ timeZone: null }, 'Europe/Berlin'],
  ])('%o is %s', (given, zone) => {
    expect(zoneOf(traits(given), 'Europe/Berlin')).toBe(zone)
  })

  it('her own comes before her device’s and the shop’s', () => {
    expect(localeOf(traits({ locale: 'bn-BD', 'device:locale': 'en' }), 'de')).toBe('bn-BD')
    expect(localeOf(traits({ 'device:locale': 'en' }), 'de')).toBe('en')
    expect(localeOf(traits({}), 'de')).toBe('de')
  })
})
