/** Filter patterns of event source mappings. */
import { describe, expect, it } from 'vitest'
import { filterOf, matchesPattern, parsePattern } from '#local/pattern'

const insert = (reachable: boolean) => ({
  eventName: 'INSERT',
  dynamodb: { NewImage: { reachable: { BOOL: reachable }, key: { S: 'a' } } },
})

describe('a filter', () => {
  it('accepts everything when there are no criteria', () => {
    expect(filterOf(undefined)({ any: 'thing' })).toBe(true)
  })

  it('accepts what one of its patterns matches', () => {
    const patterns = [{ eventName: ['REMOVE'] }, { dynamodb: { NewImage: { reachable: { BOOL: [true] } } } }]
    const filter = filterOf({ Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) })

    expect([insert(true), insert(false), { eventName: 'REMOVE' }].map(filter)).toEqual([true, false, true])
  })

  it.each(['not json', '{"a":"b"}', '{"a":[{"near":1}]}'])('refuses %s at the start', (text) => {
    expect(() => filterOf({ Filters: [{ Pattern: text }] })).toThrow(/filter pattern of the stack/)
  })
})

describe('a pattern', () => {
  it.each([
    ['a value', '{"a":["x"]}', { a: 'x' }, { a: 'y' }],
    ['any of several', '{"a":["x","y"]}', { a: 'y' }, { a: 'z' }],
    ['null', '{"a":[null]}', { a: null }, { a: 0 }],
    ['a number, not its text', '{"a":[1]}', { a: 1 }, { a: '1' }],
    ['all keys', '{"a":["x"],"b":["y"]}', { a: 'x', b: 'y' }, { a: 'x' }],
    ['a prefix', '{"a":[{"prefix":"ab"}]}', { a: 'abc' }, { a: 'cab' }],
    ['a suffix', '{"a":[{"suffix":"bc"}]}', { a: 'abc' }, { a: 'bca' }],
    ['whatever case', '{"a":[{"equals-ignore-case":"Ab"}]}', { a: 'aB' }, { a: 'b' }],
    ['existence', '{"a":[{"exists":true}]}', { a: 1 }, {}],
    ['absence', '{"a":[{"exists":false}]}', {}, { a: 1 }],
    ['anything but', '{"a":[{"anything-but":["x"]}]}', { a: 'y' }, { a: 'x' }],
    ['numbers in a range', '{"a":[{"numeric":[">=",1,"<",5]}]}', { a: 1 }, { a: 5 }],
    ['a wildcard', '{"a":[{"wildcard":"a*c"}]}', { a: 'a.b.c' }, { a: 'ab' }],
    ['an element of a list', '{"a":["x"]}', { a: ['w', 'x'] }, { a: ['w'] }],
    ['either of two', '{"$or":[{"a":["x"]},{"b":["y"]}]}', { b: 'y' }, { a: 'y' }],
  ])('matches %s', (_, text, yes, no) => {
    const pattern = parsePattern(text)

    expect([matchesPattern(pattern, yes), matchesPattern(pattern, no)]).toEqual([true, false])
  })
})
