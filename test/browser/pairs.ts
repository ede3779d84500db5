/**
 * Few rows that hold many pairs: of several things that each take one of some values, rows in which every two values of
 * two things stand together at least once. Most mistakes need no more than two things to meet.
 */

export type Row<T extends Record<string, readonly unknown[]>> = { [K in keyof T]: T[K][number] }

type Things = Record<string, readonly string[]>

const pairKey = (a: string, x: string, b: string, y: string) => `${a}=${x} ${b}=${y}`

function pairsOf(things: Things, apart: (a: string, b: string) => boolean): Set<string> {
  const names = Object.keys(things)
  const pairs = names.flatMap((a, index) =>
    names
      .slice(index + 1)
      .filter((b) => !apart(a, b))
      .flatMap((b) => (things[a] ?? []).flatMap((x) => (things[b] ?? []).map((y) => pairKey(a, x, b, y)))),
  )
  return new Set(pairs)
}

const pairsIn = (row: Record<string, string>): string[] =>
  Object.entries(row).flatMap(([a, x], index, all) =>
    all.slice(index + 1).map(([b, y]) => pairKey(a, x, b, y)),
  )

/**
 * Rows in which every pair stands, those of `first` among them. `apart`: two things whose every pair is not asked for.
 * The same arguments give the same rows; each is chosen greedily, thing by thing.
 */
export function pairwise<T extends Things>(
  things: T,
  of: { first?: readonly Row<T>[]; apart?: readonly [keyof T & string, keyof T & string] } = {},
): Row<T>[] {
  const [left, right] = of.apart ?? []
  const open = pairsOf(things, (a, b) => (a === left && b === right) || (a === right && b === left))
  const rows: Record<string, string>[] = []
  const take = (row: Record<string, string>) => {
    rows.push(row)
    for (const pair of pairsIn(row)) open.delete(pair)
  }
  for (const row of of.first ?? []) take(row as Record<string, string>)
  while (open.size > 0) take(nextRow(things, { open, turn: rows.length }))
  return rows as Row<T>[]
}

/** A row that holds one pair which is still open, and of the others as many as can be had. */
function nextRow(things: Things, of: { open: ReadonlySet<string>; turn: number }): Record<string, string> {
  const [pair = ''] = of.open
  const fixed = Object.fromEntries(pair.split(' ').map((part) => part.split('=')))
  const chosen: Record<string, string> = { ...fixed }
  for (const [name, values] of Object.entries(things)) {
    if (chosen[name] !== undefined) continue
    const ranked = values
      .map((value, index) => ({
        value,
        // of equals the one whose turn it is, so that all are looked at
        far: (index + values.length - (of.turn % values.length)) % values.length,
        gain: gainOf({ ...chosen, [name]: value }, things, of.open),
      }))
      .sort((a, b) => b.gain - a.gain || a.far - b.far)
    chosen[name] = ranked[0]?.value ?? ''
  }
  return inOrder(things, chosen)
}

const inOrder = (things: Things, row: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.keys(things).flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])),
  )

const gainOf = (row: Record<string, string>, things: Things, open: ReadonlySet<string>): number =>
  pairsIn(inOrder(things, row)).filter((pair) => open.has(pair)).length

/** Every row there is. */
export const everyRow = <T extends Things>(things: T): Row<T>[] =>
  Object.entries(things).reduce<Record<string, string>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  ) as Row<T>[]
