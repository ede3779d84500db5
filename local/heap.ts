/**
 * A binary min-heap over a numeric key: the order in which the runtime's timers and hidden messages fall due.
 * Entries of one key come out in the order they went in, so that replays of one run are alike.
 */

/** Entries ordered by `keyOf`, smallest first; equal keys leave in the order of arrival. */
export class Heap<T> {
  private readonly entries: { key: number; order: number; value: T }[] = []
  private arrivals = 0

  get size(): number {
    return this.entries.length
  }

  /** The entry with the smallest key, left in place; undefined when empty. */
  peek(): T | undefined {
    return this.entries[0]?.value
  }

  push(key: number, value: T): void {
    this.entries.push({ key, order: this.arrivals++, value })
    this.rise(this.entries.length - 1)
  }

  /** Takes out the entry with the smallest key; undefined when empty. */
  pop(): T | undefined {
    const first = this.entries[0]
    const last = this.entries.pop()
    if (first === undefined || last === undefined) return undefined
    if (this.entries.length > 0) {
      this.entries[0] = last
      this.sink(0)
    }
    return first.value
  }

  /** All values, in no particular order. */
  values(): T[] {
    return this.entries.map((entry) => entry.value)
  }

  private before(a: number, b: number): boolean {
    const left = this.entries[a]
    const right = this.entries[b]
    if (left === undefined || right === undefined) return false
    return left.key < right.key || (left.key === right.key && left.order < right.order)
  }

  private swap(a: number, b: number): void {
    const left = this.entries[a]
    const right = this.entries[b]
    if (left === undefined || right === undefined) return
    this.entries[a] = right
    this.entries[b] = left
  }

  private rise(start: number): void {
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(at, parent)) return
      this.swap(at, parent)
      at = parent
    }
  }

  private sink(start: number): void {
    let at = start
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (this.before(left, least)) least = left
      if (this.before(right, least)) least = right
      if (least === at) return
      this.swap(at, least)
      at = least
    }
  }
}
