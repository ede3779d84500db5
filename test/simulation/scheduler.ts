/**
 * Virtual time: what is to happen waits in one queue, ordered by its time and then by who asked first. Between
 * two happenings everything that can go on without waiting does. Nothing here looks at a real clock.
 */
import { type Instant, toInstant, toMs } from '#core/time'

interface Happening {
  atMs: number
  order: number
  run: () => void
}

export interface Scheduler {
  nowMs(): number
  now(): Instant
  /** Does `run` after so many ms. */
  after(ms: number, run: () => void): void
  at(ms: number, run: () => void): void
  /** Lives until nothing is left to happen before `until`, or `isOver` says so; then it is `until`. */
  live(until: Instant, isOver?: () => boolean): Promise<void>
  /** A function goes on by this happening: it is let run until it waits again. */
  stir(): void
  /** Happenings so far. */
  steps(): number
}

const before = (one: Happening, other: Happening) =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)

/** A binary heap: the earliest first. */
class Heap {
  readonly list: Happening[] = []

  push(one: Happening): void {
    const { list } = this
    let at = list.push(one) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = list[parent]
      if (above === undefined || !before(one, above)) break
      list[at] = above
      at = parent
    }
    list[at] = one
  }

  pop(): Happening | undefined {
    const { list } = this
    const first = list[0]
    const last = list.pop()
    if (first === undefined || last === undefined || list.length === 0) return first
    let at = 0
    for (;;) {
      const left = list[2 * at + 1]
      const right = list[2 * at + 2]
      const toRight = right !== undefined && left !== undefined && before(right, left)
      const child = toRight ? right : left
      if (child === undefined || !before(child, last)) break
      list[at] = child
      at = 2 * at + (toRight ? 2 : 1)
    }
    list[at] = last
    return first
  }
}

/** Resolves once everything that needs no waiting is done: a tick comes when no promise is left to go on. */
const quiet = () => new Promise<void>((resolve) => process.nextTick(resolve))

export function newScheduler(start: Instant): Scheduler {
  const heap = new Heap()
  let nowMs = toMs(start)
  let order = 0
  let steps = 0
  let stirred = false
  const at = (ms: number, run: () => void) => {
    order += 1
    heap.push({ atMs: Math.max(ms, nowMs), order, run })
  }
  return {
    nowMs: () => nowMs,
    now: () => toInstant(nowMs),
    at,
    after: (ms, run) => at(nowMs + ms, run),
    steps: () => steps,
    stir: () => {
      stirred = true
    },
    live: async (until, isOver = () => false) => {
      const endMs = toMs(until)
      while (!isOver()) {
        const next = heap.list[0]
        if (next === undefined || next.atMs > endMs) break
        heap.pop()
        nowMs = next.atMs
        steps += 1
        stirred = false
        next.run()
        if (stirred) await quiet()
      }
      if (!isOver()) nowMs = Math.max(nowMs, endMs)
    },
  }
}
