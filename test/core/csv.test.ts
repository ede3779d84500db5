/** Reading comma-separated values as strangers write them, and writing what a spreadsheet will not obey. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine, csvReader } from '#core/csv'

const read = (text: string, pieces = [text]) => {
  const reader = csvReader()
  const rows = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
  return {
    rows: rows.map(({ cells }) => cells),
    numbers: rows.map(({ row }) => row),
    problem: reader.problem(),
  }
}

describe('reading', () => {
  it.each([
    [
      'commas',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'semicolons, with commas in them',
      'a;b\n1,5;2,5',
      [
        ['a', 'b'],
        ['1,5', '2,5'],
      ],
    ],
    [
      'tabs',
      'a\tb\r\n1\t2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a mark at the start',
      '\uFEFFa,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'old line ends',
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'quotes',
      'a,b\n"x, ""y""",\n',
      [
        ['a', 'b'],
        ['x, "y"', ''],
      ],
    ],
    [
      'lines in quotes',
      'a,b\n"one\r\ntwo",2',
      [
        ['a', 'b'],
        ['one\r\ntwo', '2'],
      ],
    ],
    [
      'a quote in the middle',
      'a,b\n5" nails,2',
      [
        ['a', 'b'],
        ['5" nails', '2'],
      ],
    ],
    [
      'text behind a closing quote',
      'a,b\n"x"y,2',
      [
        ['a', 'b'],
        ['xy', '2'],
      ],
    ],
    [
      'delimiters in a quoted header',
      '"a;b;c",d\n1,2',
      [
        ['a;b;c', 'd'],
        ['1', '2'],
      ],
    ],
    ['nothing', '', []],
    ['a header alone, without an end', 'email', [['email']]],
    [
      'every script',
      'নাম,الاسم\nমিয়া,🛒',
      [
        ['নাম', 'الاسم'],
        ['মিয়া', '🛒'],
      ],
    ],
  ] as const)('takes %s', (_, text, rows) => {
    expect(read(text).rows).toEqual(rows)
  })

  it('counts rows as a spreadsheet does, empty ones too, and leaves those out', () => {
    const { numbers } = read('a,b\n\n"one\ntwo",2\n,\n3,4')

    expect(numbers).toEqual([1, 3, 5])
  })

  it('says in which row a quote was opened that is never closed', () => {
    const { problem, rows } = read('a,b\n1,2\n"3,4\n5,6\n')

    expect(rows).toHaveLength(2)
    expect(problem).toMatchObject({ row: 3, message: expect.stringContaining('never closed') })
  })

  it('does not swallow a whole file behind such a quote', () => {
    const { problem, rows } = read(`a,b\n"${'x'.repeat(100_000)}`)

    expect(rows).toHaveLength(1)
    expect(problem).toMatchObject({ row: 2, message: expect.stringContaining('longer than any should be') })
  })

  it('reads back whatever was written, in whatever pieces it comes', () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ';', '\t', 'x', 'é', '🛒', ' ') })
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(table, fc.array(fc.nat(40), { maxLength: 8 }), (rows, cuts) => {
        const head = ['head', 'line']
        const text = [head, ...rows.map((cells) => cells.map((one) => `x${one}`))].map(csvLine).join('')
        const places = [...cuts.sort((a, b) => a - b), text.length]
        const pieces = places.map((to, index) => text.slice(places[index - 1] ?? 0, to))

        const got = read(text, pieces).rows

        expect(got).toEqual([head, ...rows.map((cells) => cells.map((one) => `x${one}`))])
      }),
    )
  })
})

describe('writing', () => {
  it.each([
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+8801700000000', "'+8801700000000"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    ['\tx', '"\'\tx"'],
    ['\rx', '"\'\rx"'],
    ['plain', 'plain'],
    ['a;b', '"a;b"'],
  ])('makes text of %j', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`)
  })
})
