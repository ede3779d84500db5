/** Lambda's rules for stream batches: partial failures, bisecting, retries. */
import { describe, expect, it } from 'vitest'
import { afterInvocation, type BatchRules, failedFrom, type Piece, retryPauseMs } from '#local/batch'

const rules: BatchRules = { reportsFailures: true, bisects: true, maxRetries: 2 }
const sequenceOf = (record: string) => record
const piece = (text: string, attempts = 0): Piece<string> => ({ records: [...text], attempts })
const show = ({ records, attempts }: Piece<string>) => `${records.join('')}:${attempts}`

function next(before: Piece<string>, failed: string | undefined, change: Partial<BatchRules> = {}) {
  const { pieces, pause, discarded } = afterInvocation(before, failed, {
    rules: { ...rules, ...change },
    sequenceOf,
  })
  return { pieces: pieces.map(show), pause, discarded: discarded && show(discarded) }
}

describe('the lowest failure', () => {
  const ok = (batchItemFailures: unknown) => ({ ok: true as const, value: { batchItemFailures } })
  const failures = (...ids: unknown[]) => ok(ids.map((itemIdentifier) => ({ itemIdentifier })))

  it.each([
    ['the lowest of several, whatever their order', failures('c', 'b'), 'b'],
    ['none', failures(), undefined],
    ['the whole batch for an unknown identifier', failures('b', 'z'), 'all'],
    ['the whole batch for an empty identifier', failures(''), 'all'],
    ['the whole batch when the list is no list', ok('b'), 'all'],
    ['none when nothing is returned', { ok: true as const, value: null }, undefined],
  ])('is %s', (_, outcome, expected) => {
    expect(failedFrom(outcome, ['a', 'b', 'c'], true)).toBe(expected)
  })

  it('is not looked for where the mapping does not ask for reports', () => {
    expect(failedFrom(failures('a'), ['a'], false)).toBeUndefined()
  })
})

describe('after an invocation', () => {
  it('goes on when nothing failed', () => {
    expect(next(piece('abcd'), undefined)).toEqual({ pieces: [], pause: false, discarded: undefined })
  })

  it('retries everything from the lowest failure on, counting anew', () => {
    expect(next(piece('abcd', 2), 'c')).toEqual({ pieces: ['cd:1'], pause: true, discarded: undefined })
  })

  it('halves a batch that failed whole, without using up retries or waiting', () => {
    expect(next(piece('abcde', 1), 'all')).toEqual({
      pieces: ['abc:1', 'de:1'],
      pause: false,
      discarded: undefined,
    })
  })

  it('halves too when the first record is the one reported', () => {
    expect(next(piece('ab'), 'a').pieces).toEqual(['a:0', 'b:0'])
  })

  it('retries a single record after a pause and gives it up when retries are used up', () => {
    expect(next(piece('a', 0), 'all')).toEqual({ pieces: ['a:1'], pause: true, discarded: undefined })
    expect(next(piece('a', 1), 'all').pieces).toEqual(['a:2'])
    expect(next(piece('a', 2), 'all')).toEqual({ pieces: [], pause: false, discarded: 'a:3' })
  })

  it('retries for ever where the mapping sets no limit', () => {
    expect(next(piece('a', 1000), 'all', { maxRetries: -1 }).pieces).toEqual(['a:1001'])
  })

  it('keeps the batch whole where bisecting is off', () => {
    expect(next(piece('abc'), 'all', { bisects: false }).pieces).toEqual(['abc:1'])
  })

  it('ends with one poisoned record given up and all others processed, whatever their order', () => {
    const processed: string[] = []
    const given: string[] = []
    let todo = [piece('abcXef')]

    while (todo.length > 0) {
      const [first = piece(''), ...rest] = todo
      const poisoned = first.records.includes('X')
      if (!poisoned) processed.push(...first.records)
      const after = afterInvocation(first, poisoned ? 'all' : undefined, { rules, sequenceOf })
      if (after.discarded) given.push(...after.discarded.records)
      todo = [...after.pieces, ...rest]
    }

    expect(processed.join('')).toBe('abcef')
    expect(given).toEqual(['X'])
  })
})

it('waits longer from retry to retry, a minute at most', () => {
  expect([1, 2, 3, 7, 50].map(retryPauseMs)).toEqual([1_000, 2_000, 4_000, 60_000, 60_000])
})
