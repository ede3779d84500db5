/** Ids are derived: the same cause, the same id. */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mailbox } from '#adapters/mailbox'
import { canonicalAddress } from '#core/address'
import { addressHash, base64url, derive, fraction, shortHash } from '#core/id'

describe('an id', () => {
  it('is the same for the same cause and another for another', () => {
    const id = derive('m', 'run', 'reminder')

    expect(derive('m', 'run', 'reminder')).toBe(id)
    expect(derive('m', 'run', 'last-call')).not.toBe(id)
    expect(derive('r', 'run', 'reminder')).not.toBe(id)
    expect(derive('m', 'runreminder')).not.toBe(id)
  })

  it('is a letter and 96 bits that fit an SES tag, a URL and a key', () => {
    expect(derive('c', 'user', '<script>')).toMatch(/^c[A-Za-z0-9_-]{16}$/)
  })

  it('tells number and text apart', () => {
    expect(derive('c', 1)).not.toBe(derive('c', '1'))
  })

  it('is SHA-256 of its parts', () => {
    const whole = createHash('sha256')
      .update(JSON.stringify(['c', 'user', '42']))
      .digest()

    expect(derive('c', 'user', '42')).toBe(`c${whole.subarray(0, 12).toString('base64url')}`)
  })
})

describe('base64url', () => {
  it('is that of RFC 4648', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    })

    fc.assert(property)
  })
})

describe('a short hash', () => {
  it('is eight characters', () => {
    expect(shortHash('event-1')).toMatch(/^[A-Za-z0-9_-]{8}$/)
    expect(shortHash('event-2')).not.toBe(shortHash('event-1'))
  })
})

describe('a fraction', () => {
  it('is spread over [0, 1)', () => {
    const all = Array.from({ length: 4000 }, (_, index) => fraction(`message ${index}`))
    const low = all.filter((one) => one < 0.5).length

    expect(Math.min(...all)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...all)).toBeLessThan(1)
    expect(Math.abs(low - 2000)).toBeLessThan(200)
  })
})

describe('the key of an inbox', () => {
  it('is a keyed hash of the address in small letters', () => {
    const expected = createHmac('sha256', 'key').update('rina@example.com').digest().subarray(0, 18)

    expect(addressHash(' Rina@Example.com ', 'key')).toBe(expected.toString('base64url'))
    expect(addressHash('rina@example.com', 'another key')).not.toBe(expected.toString('base64url'))
  })

  it.each(['Rina@পণ্য.example', 'rina@xn--35bnq3j.example', ' rina@XN--35BNQ3J.example'])(
    'knows one inbox however its domain is spelt: %s',
    (spelt) => {
      const sentTo = mailbox('rina@পণ্য.example')

      expect(addressHash(spelt, 'key')).toBe(addressHash(sentTo, 'key'))
    },
  )

  it('takes a domain that the DNS cannot spell as it stands', () => {
    expect(canonicalAddress('Rina@a＠b.example')).toBe('rina@a＠b.example')
  })

  it('leaves dots and tags alone', () => {
    expect(addressHash('r.ina+shop@example.com', 'key')).not.toBe(addressHash('rina@example.com', 'key'))
  })
})
