/**
 * "Did you mean …?": the known word that is nearest to what was written, when it is near enough to be meant.
 * Used wherever a marketer names something that is not there.
 */

/** How many letters must change, be added, left out or swapped with their neighbour (optimal string alignment). */
export function distance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1]
      let least = Math.min(
        cell(rows, i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        cell(rows, i - 1, j - 1) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (swapped) least = Math.min(least, cell(rows, i - 2, j - 2) + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return cell(rows, left.length, right.length)
}

const cell = (rows: number[][], i: number, j: number): number => rows[i]?.[j] ?? 0

/**
 * The nearest of `known`, or undefined when none is near: at most a third of the letters differ.
 * @example nearest('quite', ['quiet', 'until']) // 'quiet'
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(written.length / 3))
  const text = written.slice(0, 64).toLowerCase()
  const ranked = known
    .map((word) => ({ word, away: distance(text, word.toLowerCase()) }))
    .sort((a, b) => a.away - b.away)
  const best = ranked[0]
  return best !== undefined && best.away <= most && best.word !== written ? best.word : undefined
}

/** The cure for a word that is not known: the nearest one, else the ones there are. */
export function cureFor(written: string, known: readonly string[], otherwise = 'take it out'): string {
  const near = nearest(written, known)
  if (near !== undefined) return `did you mean "${near}"?`
  if (known.length === 0) return otherwise
  const shown = known.slice(0, 12).join(', ')
  return `there is: ${shown}${known.length > 12 ? ', …' : ''}`
}
