/**
 * What is wrong with a template, said like a good compiler says it: where, what, and how to mend it. A compile
 * collects as many problems as it can; a mail with one problem is not published.
 */

/** One of the files a mail is made of; `file` is its name as the marketer knows it. */
export interface SourceFile {
  file: string
  text: string
}

/** A place in a file, both counted from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

export interface Problem extends Place {
  message: string
  /** What to do about it. */
  cure: string
}

/** The place of a character offset in a file's text. */
export function placeAt(source: SourceFile, offset: number): Place {
  const before = source.text.slice(0, offset)
  const lastBreak = before.lastIndexOf('\n')
  let line = 1
  for (const character of before) if (character === '\n') line += 1
  return { file: source.file, line, column: offset - lastBreak }
}
