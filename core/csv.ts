/**
 * Comma-separated values, read as they come and written so that no spreadsheet obeys them. Commas, semicolons
 * or tabs; quotes (RFC 4180) around what holds them; any line end. What cannot be read says in which row.
 * Rows are counted as a spreadsheet shows them: the header is 1. Files are opened by `adapters/csv-file.ts`.
 */
import { limits } from './limits.ts'

export interface CsvRow {
  row: number
  cells: string[]
}

/** What is wrong with a file as a whole, and in which row it shows. */
export interface CsvProblem {
  row: number
  message: string
}

const delimiters = [',', ';', '\t'] as const
export type Delimiter = (typeof delimiters)[number]

/** Where the first row ends and how often each delimiter stands in it outside of quotes; undefined: not yet. */
function firstRow(text: string): Delimiter | undefined {
  const counts = new Map<string, number>()
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    else if (!quoted && (character === '\n' || character === '\r')) return mostOf(counts)
    else if (!quoted) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  return text.length > limits.csvCellCharacters ? mostOf(counts) : undefined
}

const mostOf = (counts: ReadonlyMap<string, number>): Delimiter => {
  const number = (one: Delimiter) => counts.get(one) ?? 0
  return delimiters.reduce((most, one) => (number(one) > number(most) ? one : most))
}

interface Scan {
  delimiter: Delimiter
  cells: string[]
  cell: string
  row: number
  place: 'bare' | 'quoted' | 'after quote'
  afterReturn: boolean
  problem?: CsvProblem
  found: CsvRow[]
}

function endCell(scan: Scan): void {
  scan.cells.push(scan.cell)
  scan.cell = ''
  scan.place = 'bare'
}

function endRow(scan: Scan): void {
  endCell(scan)
  if (scan.cells.some((cell) => cell.trim() !== '')) scan.found.push({ row: scan.row, cells: scan.cells })
  scan.row += 1
  scan.cells = []
}

function takeBare(scan: Scan, character: string): void {
  if (character === scan.delimiter) endCell(scan)
  else if (character === '\r') endRow(scan)
  else if (character === '\n') {
    if (!scan.afterReturn) endRow(scan)
  } else if (character === '"' && scan.place === 'after quote') {
    // doubled inside of quotes, it is part of the text
    scan.cell += '"'
    scan.place = 'quoted'
  } else if (character === '"' && scan.cell === '') scan.place = 'quoted'
  else {
    scan.cell += character
    scan.place = 'bare'
  }
  scan.afterReturn = character === '\r'
}

const unclosed = 'a quote (") is opened and never closed; close it, or double it if it is part of the text'
const tooLong =
  'a cell or row is longer than any should be, most likely behind a quote (") that is not closed'

function take(scan: Scan, text: string): CsvRow[] {
  for (const character of text) {
    if (scan.place !== 'quoted') takeBare(scan, character)
    else if (character === '"') scan.place = 'after quote'
    else scan.cell += character
    if (scan.cell.length > limits.csvCellCharacters || scan.cells.length > limits.csvColumns) {
      scan.problem = { row: scan.row, message: tooLong }
      break
    }
  }
  return scan.found.splice(0)
}

export interface CsvReader {
  /** Takes more text and answers the rows that are whole now; empty rows are left out, and counted. */
  push(text: string): CsvRow[]
  /** The rest, when the text has ended. */
  end(): CsvRow[]
  /** What is wrong, once something is: nothing is read from there on. */
  problem(): CsvProblem | undefined
  delimiter(): Delimiter
  /** The row that is being read. */
  row(): number
}

/**
 * A reader that is handed the text piece by piece; it holds one row at most.
 * @example csvReader().push('email\nmia@example.com\n').length // 2
 */
export function csvReader(): CsvReader {
  let waiting: string | undefined = ''
  const scan: Scan = {
    delimiter: ',',
    cells: [],
    cell: '',
    row: 1,
    place: 'bare',
    afterReturn: false,
    found: [],
  }
  const begin = (delimiter: Delimiter): CsvRow[] => {
    const text = (waiting ?? '').replace(/^\uFEFF/, '')
    waiting = undefined
    scan.delimiter = delimiter
    return take(scan, text)
  }
  return {
    push: (text) => {
      if (scan.problem !== undefined) return []
      if (waiting === undefined) return take(scan, text)
      waiting += text
      const delimiter = firstRow(waiting)
      return delimiter === undefined ? [] : begin(delimiter)
    },
    end: () => {
      const rows = waiting === undefined ? [] : begin(firstRow(`${waiting}\n`) ?? ',')
      if (scan.problem !== undefined) return rows
      if (scan.place === 'quoted') scan.problem = { row: scan.row, message: unclosed }
      else if (scan.cells.length > 0 || scan.cell !== '') endRow(scan)
      return [...rows, ...scan.found.splice(0)]
    },
    problem: () => scan.problem,
    delimiter: () => scan.delimiter,
    row: () => scan.row,
  }
}

/**
 * What a spreadsheet begins a formula by, also in full width as Japanese ones take it, and behind what it skips:
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const formula = /^[\s\p{Cc}\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u

/**
 * A row of a file that a spreadsheet may open: what it would take for a formula is made text by a mark.
 * @example csvLine(['=1+1']) // "'=1+1\r\n"
 */
export function csvLine(cells: readonly string[]): string {
  const safe = cells.map((text) => {
    const plain = formula.test(text) ? `'${text}` : text
    return /[",;\t\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
  })
  return `${safe.join(',')}\r\n`
}
