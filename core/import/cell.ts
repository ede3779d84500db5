/**
 * Cells of an imported file, read the way exports write them. What cannot be read for certain is not guessed
 * at: it is left out, and the marketer is told which cell and how to write it.
 */
import { limits } from '#core/limits'
import { type Instant, toInstant } from '#core/time'
import type { Column } from './columns.ts'

/** What is to be said about a row. `refused`: nothing of it was taken; `note`: all but this. */
export interface Note {
  kind: 'refused' | 'note'
  column: string
  what: string
  cure: string
}

/** The cells of one row by what they are, and what is to be said about them. */
export interface Cells<F extends string> {
  text(field: F): string | undefined
  traits(): Record<string, unknown>
  /** The header of the column that holds a field. */
  columnOf(field: F): string
  note(kind: Note['kind'], field: F, what: string, cure: string): void
  notes: Note[]
}

/** Spreadsheets mark numbers that are to stay text by an apostrophe. */
const tidy = (text: string): string => text.trim().replace(/^'(?=[\d=+\-@])/, '')

/** A custom trait as conditions can compare it: a number, yes or no, else text. */
function asTrait(text: string): unknown {
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(text)) return Number(text)
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return text
}

export function cellsOf<F extends string>(columns: readonly Column<F>[], cells: readonly string[]): Cells<F> {
  const notes: Note[] = []
  const given = columns.map((column, index) => ({ column, text: tidy(cells[index] ?? '') }))
  const at = (field: F) => given.find(({ column }) => column.is === 'field' && column.field === field)
  const columnOf = (field: F) => at(field)?.column.name ?? field
  return {
    text: (field) => at(field)?.text || undefined,
    traits: () =>
      Object.fromEntries(
        given.flatMap(({ column, text }) =>
          column.is === 'trait' && text !== '' ? [[column.trait, asTrait(text)]] : [],
        ),
      ),
    columnOf,
    note: (kind, field, what, cure) => notes.push({ kind, column: columnOf(field), what, cure }),
    notes,
  }
}

/** A cell as a note shows it. */
export const shown = (text: string): string => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?$/i

/** An instant as exports write it; UTC where no zone is named; undefined when it is none. */
export function readMoment(text: string): Instant | undefined {
  const match = written.exec(text)
  if (match === null) return undefined
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = match
  const ms = Date.parse(`${day}T${minutes}${seconds}${/^(UTC|GMT)$/i.test(zone) ? 'Z' : zone}`)
  return Number.isNaN(ms) ? undefined : toInstant(ms)
}

export const momentCure = 'write it as 2026-05-31, or 2026-05-31 14:30 (UTC) with +02:00 behind it if need be'

/** An amount as exports write it; undefined when it is none, or could mean two. */
export function readAmount(text: string): number | undefined {
  const plain = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined
}

/** The entries of a cell that holds several. */
export const readList = (text: string): string[] =>
  text
    .split(/[,;|]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .slice(0, limits.customTraits)
