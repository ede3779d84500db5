/**
 * Chance with a seed: the same seed gives the same sample year. Mulberry32 is enough for that; nothing secret
 * is made of it.
 */
export interface Chance {
  /** From 0 to below 1. */
  next(): number
  /** A whole number, both ends included. */
  whole(from: number, to: number): number
  /** Whether something of this likelihood happens. */
  happens(likelihood: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  /** So many different ones. */
  some<T>(list: readonly T[], count: number): T[]
}

const fractionOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function chanceOf(seed: number): Chance {
  const next = fractionOf(seed)
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    whole,
    happens: (likelihood) => next() < likelihood,
    pick: (list) => list[whole(0, list.length - 1)] ?? list[0],
    some: (list, count) => {
      const rest = [...list]
      const taken: (typeof rest)[number][] = []
      while (taken.length < count && rest.length > 0) taken.push(...rest.splice(whole(0, rest.length - 1), 1))
      return taken
    },
  }
}
