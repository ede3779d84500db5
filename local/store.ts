/**
 * What the runtime itself remembers (clock, queues, stream positions, inbox): named maps behind one append-only
 * journal of JSON lines. A line is handed to the kernel before the call that caused it is answered, so SIGKILL
 * loses nothing; a torn last line is the only damage a crash can leave and is dropped at the next start. What the
 * disk did not take did not happen: the caller is told, the journal ends with a whole line, and so it can go on.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'

type Entry = [table: string, key: string, value?: unknown]

const SPARE_LINES = 20_000

/** One named map of the store. Values must be JSON and are never mutated after `set`. */
export type StoreTable<T> = {
  get(key: string): T | undefined
  set(key: string, value: T): void
  delete(key: string): void
  entries(): IterableIterator<[string, T]>
  readonly size: number
}

export class Store {
  private readonly tables = new Map<string, Map<string, unknown>>()
  private readonly file: string
  private descriptor: number
  private lines = 0

  /** Opens or creates the journal. Throws a what/where/cure error when its middle cannot be read. */
  constructor(file: string) {
    this.file = file
    if (existsSync(file)) this.replay(readFileSync(file, 'utf8'))
    this.descriptor = openSync(file, 'a')
    this.compact()
  }

  get isEmpty(): boolean {
    return this.live() === 0
  }

  table<T>(name: string): StoreTable<T> {
    const map = this.map(name) as Map<string, T>
    return {
      get: (key) => map.get(key),
      set: (key, value) => {
        this.append([name, key, value])
        map.set(key, value)
      },
      delete: (key) => {
        if (!map.has(key)) return
        this.append([name, key])
        map.delete(key)
      },
      entries: () => map.entries(),
      get size() {
        return map.size
      },
    }
  }

  close(): void {
    if (this.descriptor < 0) return
    closeSync(this.descriptor)
    this.descriptor = -1
  }

  private map(name: string): Map<string, unknown> {
    const known = this.tables.get(name)
    if (known !== undefined) return known
    const made = new Map<string, unknown>()
    this.tables.set(name, made)
    return made
  }

  private live(): number {
    let count = 0
    for (const map of this.tables.values()) count += map.size
    return count
  }

  private append(entry: Entry): void {
    if (this.descriptor < 0) return
    if (this.lines > SPARE_LINES + 3 * this.live()) this.compact()
    this.write(this.descriptor, entry)
    this.lines++
  }

  private write(descriptor: number, entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    let written = 0
    try {
      while (written < line.length) written += writeSync(descriptor, line, written)
    } catch (cause) {
      if (written > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - written)
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`${this.file} cannot be written (${reason}). Free disk space and start again.`, {
        cause,
      })
    }
  }

  private replay(text: string): void {
    const lines = text.split('\n')
    lines.pop()
    for (const [index, line] of lines.entries()) this.apply(line, index + 1)
    this.lines = lines.length
  }

  private apply(line: string, number: number): void {
    const entry = parseEntry(line)
    if (entry === undefined) {
      throw new Error(
        `The runtime's journal is damaged: ${this.file}, line ${number} is no JSON entry. ` +
          'Move the data folder away (or restore it) and start again.',
      )
    }
    const [table, key, value] = entry
    if (value === undefined) this.map(table).delete(key)
    else this.map(table).set(key, value)
  }

  /** Rewrites the journal with live entries only; the rename is atomic. */
  private compact(): void {
    const fresh = `${this.file}.new`
    const target = openSync(fresh, 'w')
    for (const [name, map] of this.tables) {
      for (const [key, value] of map) this.write(target, [name, key, value])
    }
    fsyncSync(target)
    closeSync(target)
    renameSync(fresh, this.file)
    closeSync(this.descriptor)
    this.descriptor = openSync(this.file, 'a')
    this.lines = this.live()
  }
}

function parseEntry(line: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'string')
      return undefined
    return entry as Entry
  } catch {
    return undefined
  }
}
