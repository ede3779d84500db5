/** Small pictures of numbers in text: bars, a line of days, and tables that fit the terminal. */
import type { Paint } from './style.ts'

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of at most `width` columns for `part` of `whole`; what is more than nothing shows. */
export function bar(part: number, whole: number, width: number): string {
  if (whole <= 0 || part <= 0) return ''
  const steps = Math.max(1, Math.round((Math.min(part, whole) / whole) * width * 8))
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '')
}

const heights = [...'▁▂▃▄▅▆▇█']

/** A column for each number, as high as it is beside the greatest; at most `width` columns, sums of neighbours. */
export function sparkline(numbers: readonly number[], width: number): string {
  const each = Math.max(1, Math.ceil(numbers.length / width))
  const sums: number[] = []
  for (let from = 0; from < numbers.length; from += each)
    sums.push(numbers.slice(from, from + each).reduce((sum, one) => sum + one, 0))
  const most = Math.max(...sums, 0)
  return sums.map((one) => (one === 0 ? '·' : (heights[Math.ceil((one / most) * 8) - 1] ?? '█'))).join('')
}

export interface Column {
  title: string
  /** Numbers stand to the right. */
  right?: boolean
}

/** How many columns of the terminal a text takes: combining marks none, wide letters two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) continue
    width +=
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]$|^\p{Emoji_Presentation}$/u.test(
        character,
      )
        ? 2
        : 1
  }
  return width
}

function padded(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}

/** The lines of a table; the last columns are left out where the terminal is too narrow for them. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  shown: { width: number; paint: Paint },
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  let used = 0
  let fit = 0
  for (const width of widths) {
    used += width + 2
    if (used > shown.width && fit > 1) break
    fit += 1
  }
  const line = (cells: readonly string[]) =>
    `  ${columns
      .slice(0, fit)
      .map(({ right = false }, index) => padded(cells[index] ?? '', widths[index] ?? 0, right))
      .join('  ')}`.trimEnd()
  return [shown.paint('dim', line(columns.map(({ title }) => title))), ...rows.map(line)]
}
