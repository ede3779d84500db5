/**
 * Link tokens as a forger tries them: every bit, every purpose, keys that come and go. What a token carries is in
 * `test/core/link.test.ts`.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { makeToken, type Purpose, pathOf, readToken } from '#core/link'

const purposes = Object.keys(pathOf) as Purpose[]
const link = { customerId: derive('c', 'user', '42'), messageId: derive('m', 'run', 'reminder'), index: 3 }
const keys = { '1': 'the first link key of the tests', '2': 'the second link key of the tests' }

const flipped = (token: string): string[] => {
  const bytes = Buffer.from(token, 'base64url')
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = Buffer.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return copy.toString('base64url')
  })
}

describe('a token', () => {
  it.each(purposes)('of %s with any one bit flipped is none, for whatever it is asked', (purpose) => {
    const forged = flipped(makeToken({ purpose, ...link }, keys))

    expect(forged).toHaveLength(45 * 8)
    const taken = forged.filter((token) =>
      purposes.some((asked) => readToken(token, asked, keys) !== undefined),
    )
    expect(taken).toEqual([])
  })

  it.each(purposes)('of %s is read for that and for nothing else', (purpose) => {
    const token = makeToken({ purpose, ...link }, keys)

    expect(purposes.filter((asked) => readToken(token, asked, keys) !== undefined)).toEqual([purpose])
  })

  it('whose bits are one and whose spelling is another is none: one token, one spelling', () => {
    const token = makeToken({ purpose: 'click', ...link }, keys)
    const spelt = [
      token.replaceAll('-', '+'),
      token.replaceAll('_', '/'),
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
    ]

    expect(spelt.filter((one) => one !== token && readToken(one, 'click', keys) !== undefined)).toEqual([])
  })

  it('of another message, customer or link cannot be put together from two', () => {
    const other = { customerId: derive('c', 'user', '43'), messageId: derive('m', 'run', 'other'), index: 4 }
    const [one, two] = [link, other].map((of) =>
      Buffer.from(makeToken({ purpose: 'click', ...of }, keys), 'base64url'),
    )
    const spliced = Array.from({ length: 44 }, (_, at) =>
      Buffer.concat([one?.subarray(0, at + 1) ?? '', two?.subarray(at + 1) ?? ''].map(Buffer.from)).toString(
        'base64url',
      ),
    )

    const read = spliced
      .map((token) => readToken(token, 'click', keys))
      .filter((found) => found !== undefined)
    // a cut within what both have in common gives back the second whole
    expect(read.every((found) => JSON.stringify(found) === JSON.stringify(other))).toBe(true)
  })
})

describe('keys', () => {
  const old = { '1': keys['1'] }

  it.each(purposes)('that are old go on reading %s, whatever came after them', (purpose) => {
    const token = makeToken({ purpose, ...link }, old)
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, id) => [String(id + 2), `key number ${id}`]),
    )

    expect(readToken(token, purpose, { ...old, ...many })).toEqual(link)
  })

  it('hold no time: a token is read for as long as its key is kept', () => {
    const code = readFileSync(new URL('../../core/link.ts', import.meta.url), 'utf8')

    expect(code).not.toMatch(/Date|expire|Instant/i)
  })

  it.each([
    ['another secret under its id', { '1': 'another' }],
    ['its secret under another id', { '2': keys['1'] }],
    ['none', {}],
    ['only newer ones', { '2': keys['2'] }],
  ])('%s: not read', (_, held) => {
    const token = makeToken({ purpose: 'unsubscribe', ...link }, old)

    expect(readToken(token, 'unsubscribe', held)).toBeUndefined()
  })

  it('are looked up by number: a name of the prototype is none', () => {
    const bytes = Buffer.from(makeToken({ purpose: 'click', ...link }, old), 'base64url')
    bytes[1] = 255

    expect(readToken(bytes.toString('base64url'), 'click', old)).toBeUndefined()
  })
})

describe('comparing', () => {
  it('visits every byte of the signature, wherever the first difference stands', () => {
    const visited = new Set<number>()
    const bytes = Buffer.from(makeToken({ purpose: 'click', ...link }, keys), 'base64url')
    const wrong = Buffer.from(bytes).fill(0, 29)
    const real = Uint8Array.prototype.subarray
    // the signature as sent, which tells each of its bytes that is looked at
    Uint8Array.prototype.subarray = function watched(this: Uint8Array, ...range: [number?, number?]) {
      const part = real.apply(this, range)
      if (this.length !== 45 || range[0] !== 29) return part
      return new Proxy(part, {
        get: (target, at) => {
          if (typeof at === 'string' && /^\d+$/.test(at)) visited.add(Number(at))
          const value: unknown = Reflect.get(target, at, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    } as typeof real
    try {
      expect(readToken(wrong.toString('base64url'), 'click', keys)).toBeUndefined()
    } finally {
      Uint8Array.prototype.subarray = real
    }

    expect([...visited].sort((one, other) => one - other)).toEqual(Array.from({ length: 16 }, (_, at) => at))
  })
})
