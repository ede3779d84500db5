/** Calls read from strangers. What `flow/ingest.ts` makes of them is in `test/flow/ingest.test.ts`. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAddress } from '#core/address'
import { clean } from '#core/clean'
import { isPlaceholder } from '#core/placeholder'
import { refusalCodes, statusOf, type Warning } from '#core/refusal'
import { occurredAt, readCall } from '#core/segment'

const read = (value: unknown) => readCall(value, { source: 'server' })

describe('reading', () => {
  it('never throws and never answers half: a call or what is wrong with it', () => {
    const anything = fc.anything({ withNullPrototype: true, maxDepth: 4 })
    const nearly = fc.record(
      {
        type: fc.constant('track'),
        event: anything,
        userId: anything,
        timestamp: anything,
        properties: anything,
        context: anything,
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (value) => {
        const answer = readCall(toJson(value), { source: 'browser' })
        expect('call' in answer).toBe(!('refusals' in answer))
      }),
      { numRuns: 1000 },
    )
  })

  it('answers a call whose names and ids are trimmed texts', () => {
    expect(read({ type: 'track', userId: 42, event: '  Cart Viewed ', messageId: ' m ' })).toMatchObject({
      call: { userId: '42', name: 'Cart Viewed', messageId: 'm' },
    })
  })

  it('takes ids that are null or empty as not given', () => {
    const answer = read({
      type: 'track',
      userId: null,
      anonymousId: '',
      event: 'A',
      properties: { email: 'a@b.example' },
    })

    expect(answer).toMatchObject({ call: { email: 'a@b.example' } })
    expect('call' in answer && answer.call.userId).toBeUndefined()
  })

  it('gives two calls of different content different ids, and one content one id', () => {
    const idOf = (event: string, sentAt: string) => {
      const answer = read({ type: 'track', userId: '1', event, sentAt })
      return 'call' in answer ? answer.call.messageId : undefined
    }

    expect(idOf('A', '2026-01-01T00:00:00Z')).toBe(idOf('A', '2026-01-01T00:00:09Z'))
    expect(idOf('A', '2026-01-01T00:00:00Z')).not.toBe(idOf('B', '2026-01-01T00:00:00Z'))
  })

  it.each([
    '2026-13-01',
    '24.11.2026',
    '2026-11-24T25:00:00Z',
    '+275760-09-13T00:00:00Z',
    '1795521600',
    true,
    -1,
    1e18,
  ])('a timestamp of %s is none', (timestamp) => {
    const answer = read({ type: 'track', userId: '1', event: 'A', timestamp })

    expect(answer).toMatchObject({ refusals: [{ code: 'bad-field', path: 'timestamp' }] })
  })
})

/** What JSON can carry of a value. */
function toJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    return null
  }
}

describe('when it happened', () => {
  it('is never after receipt, whatever clocks say', () => {
    const instant = fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
    fc.assert(
      fc.property(
        instant,
        fc.option(instant, { nil: undefined }),
        fc.option(instant, { nil: undefined }),
        (receivedAt, timestamp, sentAt) => {
          const call = { ...(timestamp && { timestamp }), ...(sentAt && { sentAt }) }
          expect(occurredAt(call, receivedAt) <= receivedAt).toBe(true)
        },
      ),
    )
  })

  it('is the distance to sentAt before receipt', () => {
    const call = { timestamp: '2030-01-01T00:00:00.000Z', sentAt: '2030-01-01T00:05:00.000Z' }

    expect(occurredAt(call, '2026-11-24T13:00:00.000Z')).toBe('2026-11-24T12:55:00.000Z')
  })

  it('keeps the order of what one browser did, however long each call was on its way', () => {
    const from = (ms: number) => new Date(Date.parse('2026-11-24T13:00:00.000Z') + ms).toISOString()
    const onTheWay = fc.integer({ min: 0, max: 4_000 })
    fc.assert(
      fc.property(fc.array(onTheWay), fc.integer({ min: 0, max: 900 }), (ways, slow) => {
        const happened = ways.map((way, index) => {
          const said = from(index * 5 - slow)
          return occurredAt({ timestamp: said, sentAt: said }, from(index * 5 + way))
        })
        expect(happened).toEqual(happened.toSorted())
      }),
    )
  })
})

describe('cleaning', () => {
  it('changes nothing about what is harmless', () => {
    const hostile = /"(__proto__|constructor|prototype)":/
    const bags = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })).map((bag) => JSON.stringify(bag))
    fc.assert(
      fc.property(
        bags.filter((text) => !hostile.test(text)),
        (text) => {
          const warnings: Warning[] = []
          expect(clean(JSON.parse(text), warnings)).toEqual(JSON.parse(text))
          expect(warnings).toEqual([])
        },
      ),
    )
  })

  it('makes half a character, which is no UTF-8, a whole one, in keys as in values', () => {
    const warnings: Warning[] = []

    expect(clean({ 'a\ud800': ['\udfff', 'রিনা 🧵'] }, warnings)).toEqual({ 'a\ufffd': ['\ufffd', 'রিনা 🧵'] })
  })

  it('takes numbers no database takes for none', () => {
    expect(clean(JSON.parse('{"a":1e999,"b":-1e999}'), [])).toEqual({ a: null, b: null })
  })
})

describe('addresses', () => {
  it.each([
    ['rina@example.com', 'rina@example.com'],
    [' Rina.Akter+shop@EXAMPLE.co.uk ', 'Rina.Akter+shop@example.co.uk'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['rina@bücher.example', 'rina@bücher.example'],
    ['rina@example', undefined],
    ['rina@@example.com', undefined],
    ['.rina@example.com', undefined],
    ['rina@example..com', undefined],
    ['Rina <rina@example.com>', undefined],
    ['"rina x"@example.com', undefined],
    ['rina@example.com,tom@example.com', undefined],
    ['rina@example.com\nBcc: tom@example.com', undefined],
    [`${'x'.repeat(65)}@example.com`, undefined],
    [`rina@${'x'.repeat(64)}.com`, undefined],
    ['', undefined],
    [null, undefined],
    [{ email: 'rina@example.com' }, undefined],
  ])('%j is read as %s', (given, address) => {
    expect(readAddress(given)).toBe(address)
  })
})

describe('placeholders', () => {
  it.each(['guest', ' GUEST ', 'null', 'undefined', '0', '000', '-', '[object Object]'])(
    '%s names nobody',
    (id) => {
      expect(isPlaceholder(id)).toBe(true)
    },
  )

  it.each(['42', 'guest-42', 'nullah', 'user_1', '0x1', 'a'])('%s names somebody', (id) => {
    expect(isPlaceholder(id)).toBe(false)
  })
})

it('answers every refusal with a status of the client’s', () => {
  expect(refusalCodes.filter((code) => statusOf(code) < 400 || statusOf(code) > 499)).toEqual([])
})
