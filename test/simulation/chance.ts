/**
 * Chance that repeats: every draw of a simulated world comes from its seed, so that a seed is one world for
 * ever. Each part of the world draws from a stream of its own, so that fewer faults leave the customers' story
 * as it was.
 */

export interface Chance {
  /** In [0, 1). */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number
  hit(rate: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  /** The list in another order. */
  shuffled<T>(list: readonly T[]): T[]
}

function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** The stream of draws with this name in the world of this seed (mulberry32). */
export function chanceOf(seed: number, name: string): Chance {
  let state = seedOf(`${seed} ${name}`)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const int = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    int,
    hit: (rate) => rate > 0 && next() < rate,
    pick: (list) => list[int(0, list.length - 1)] ?? list[0],
    shuffled: (list) => {
      const left = [...list]
      const order: (typeof left)[number][] = []
      while (left.length > 0) order.push(...left.splice(int(0, left.length - 1), 1))
      return order
    },
  }
}
