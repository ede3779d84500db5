/**
 * A first look at a file: what its columns are taken for, how many rows would come to what, what is wrong.
 * `--dry-run` ends with it; an import begins with it, so that a file that cannot be read whole is not begun.
 */

import { count, harmless, type Paint } from '#cli/terminal/style'
import type { Item } from '#core/import/customer'
import type { Asked, Header, Source } from './source.ts'

export interface Survey {
  header: Header | undefined
  items: number
  counts: Record<string, number>
  /** The first things there are to say, at most `shownProblems`. */
  first: { row: number; column: string; what: string; cure: string }[]
  /** How many things there are to say. */
  told: number
}

const shownProblems = 5

function add(survey: Survey, { row, standing, notes }: Item): void {
  survey.items += 1
  survey.counts[standing] = (survey.counts[standing] ?? 0) + 1
  survey.told += notes.length
  for (const { column, what, cure } of notes)
    if (survey.first.length < shownProblems) survey.first.push({ row, column, what, cure })
}

/** Reads the whole file once, without taking anything in. Throws `file-unreadable`. */
export async function survey(source: Source, now: string): Promise<Survey> {
  const seen: Survey = { header: undefined, items: 0, counts: {}, first: [], told: 0 }
  const items = source.items(now, (header) => {
    seen.header = header
  })
  for await (const item of items) add(seen, item)
  return seen
}

const delimiterNames = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const

/** What each count means, in the order they are told. */
const meanings: [string, string][] = [
  ['subscribed', 'subscribed, with when and where they agreed'],
  ['without proof', 'subscribed without proof: profile only, no consent'],
  ['unsubscribed', 'unsubscribed: profile, and no mail'],
  ['suppressed', 'suppressed: no mail to the address, no profile'],
  ['no choice', 'without a choice: profile only'],
  ['order', 'orders of the past'],
  ['left out', 'cancelled, refunded or void: left out'],
  ['refused', 'refused'],
]

export const countLines = (counts: Readonly<Record<string, number>>): string[] =>
  meanings.flatMap(([name, meaning]) => {
    const number = counts[name] ?? 0
    return number === 0 ? [] : [`  ${number.toLocaleString('en').padStart(9)}  ${meaning}`]
  })

function columnLines({ columns }: Header): string[] {
  const is = (column: Header['columns'][number]) =>
    column.is === 'field' ? column.field : column.is === 'trait' ? `trait "${column.trait}"` : 'left out'
  const width = Math.min(40, Math.max(...columns.map(({ name }) => name.length)))
  return columns.map(
    (column) => `  ${harmless(column.name || '(no name)').padEnd(width)}  → ${harmless(is(column))}`,
  )
}

/** The survey in words. */
export function surveyText(asked: Asked, seen: Survey, paint: Paint): string[] {
  const { header, counts, first, told } = seen
  if (header === undefined) return [`${asked.file} is empty: its first row must name the columns.`]
  const problems = header.problems.map((problem) => `${paint('red', 'error')} ${harmless(problem)}`)
  const things = first.flatMap(({ row, column, what, cure }) => [
    `  row ${row}, ${harmless(column)}: ${harmless(what)}`,
    `    → ${harmless(cure)}`,
  ])
  return [
    `${asked.file}: ${count(seen.items, asked.orders ? 'order' : 'row')}, divided by ${delimiterNames[header.delimiter]}`,
    '',
    'Columns',
    ...columnLines(header),
    '',
    ...problems,
    ...countLines(counts),
    ...(told > 0 ? ['', `${count(told, 'thing')} to know, the first of them:`, ...things] : []),
  ]
}
