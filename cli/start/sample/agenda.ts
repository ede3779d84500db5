/** What is to happen, earliest first: a heap, so that a year of tens of thousands of deeds stays cheap. */
import type { Deed } from './reader.ts'

interface Entry extends Deed {
  /** Of two at one instant the first that was added happens first. */
  order: number
}

const before = (one: Entry, other: Entry) =>
  one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs

export class Agenda {
  private readonly heap: Entry[] = []
  private added = 0

  add(deed: Deed): void {
    this.added += 1
    const entry = { ...deed, order: this.added }
    let at = this.heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.heap[parent]
      if (above === undefined || !before(entry, above)) break
      this.heap[at] = above
      at = parent
    }
    this.heap[at] = entry
  }

  /** The next one, taken out; undefined when nothing is left. */
  take(): Deed | undefined {
    const [first] = this.heap
    const last = this.heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    let at = 0
    for (;;) {
      const child = this.smaller(2 * at + 1)
      const below = this.heap[child]
      if (below === undefined || before(last, below)) break
      this.heap[at] = below
      at = child
    }
    this.heap[at] = last
    return first
  }

  private smaller(left: number): number {
    const [one, other] = [this.heap[left], this.heap[left + 1]]
    return one !== undefined && other !== undefined && before(other, one) ? left + 1 : left
  }
}
