/** Link tokens: what they carry, and that nothing else is taken for one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { makeToken, readToken } from '#core/link'

const keys = { '1': 'the first link key of the tests', '2': 'the second link key of the tests' }
const link = { customerId: derive('c', 'user', '42'), messageId: derive('m', 'run', 'reminder'), index: 3 }

describe('a token', () => {
  it('gives back what it was made of, in at most 64 characters that a URL takes as they are', () => {
    const token = makeToken({ purpose: 'click', ...link }, keys)

    expect(token).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    expect(readToken(token, 'click', keys)).toEqual(link)
  })

  it('gives back whatever ids and index it was made of', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: 65_535 }), (who, what, index) => {
        const one = { customerId: derive('c', who), messageId: derive('m', what), index }
        expect(readToken(makeToken({ purpose: 'click', ...one }, keys), 'click', keys)).toEqual(one)
      }),
      { numRuns: 200 },
    )
  })

  it('of a click does not unsubscribe', () => {
    const token = makeToken({ purpose: 'click', ...link }, keys)

    expect(readToken(token, 'unsubscribe', keys)).toBeUndefined()
  })

  it('made with an old key is still read after a new one came', () => {
    const token = makeToken({ purpose: 'unsubscribe', ...link }, { '1': keys['1'] })

    expect(readToken(token, 'unsubscribe', keys)).toEqual(link)
  })

  it('is signed with the newest key', () => {
    const token = makeToken({ purpose: 'click', ...link }, keys)

    expect(readToken(token, 'click', { '1': keys['1'] })).toBeUndefined()
    expect(readToken(token, 'click', { '2': keys['2'] })).toEqual(link)
  })

  it('changed in any one character is none', () => {
    const token = makeToken({ purpose: 'click', ...link }, keys)

    const forged = Array.from(
      token,
      (one, at) => token.slice(0, at) + (one === 'A' ? 'B' : 'A') + token.slice(at + 1),
    )

    expect(forged.filter((one) => readToken(one, 'click', keys) !== undefined)).toEqual([])
  })

  it.each(['', 'x', 'A'.repeat(60), 'A'.repeat(64), 'ক'.repeat(60), `${'A'.repeat(59)}=`])(
    'is not "%s"',
    (text) => {
      expect(readToken(text, 'click', keys)).toBeUndefined()
    },
  )
})

describe('making one', () => {
  it('without a key says which secret lacks it', () => {
    expect(() => makeToken({ purpose: 'click', ...link }, {})).toThrow('LinkKeys holds no key')
  })

  it('of an id that is none of ours fails', () => {
    expect(() => makeToken({ purpose: 'click', ...link, customerId: 'rina@example.com' }, keys)).toThrow(
      'cannot stand in a link',
    )
  })
})
