/** What is made of a file is made once: layout, brand and strings are read for every mail they belong to. */
import type { SourceFile } from './problem.ts'

/** `make`, kept by the file it is asked about, as long as that file is. What it answers must not be changed. */
export function onceAFile<T extends object>(make: (source: SourceFile) => T): (source: SourceFile) => T {
  const kept = new WeakMap<SourceFile, T>()
  return (source) => {
    const made = kept.get(source) ?? make(source)
    kept.set(source, made)
    return made
  }
}
