/**
 * Seeded chance: one seed gives one sequence, so that whatever it found can be found again. A number in [0, 1)
 * by mulberry32, and what is picked with it. Read `hostile.ts` next.
 */
export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number
  /** True once in `times`. */
  once(times: number): boolean
  pick<T>(list: readonly T[]): T
}

export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    below,
    once: (times) => below(times) === 0,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
