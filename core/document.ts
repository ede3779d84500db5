/**
 * A YAML file whose values remember where they stand, so that whatever is found wrong with them later can be
 * said with line and column. `readYaml` never throws: what is no YAML is in `problems`, in plain words, and
 * then there is no value. Read `core/issue.ts` next.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml'
import { onceAFile } from './template/once.ts'
import { type Place, type Problem, placeAt, type SourceFile } from './template/problem.ts'

/** Where a value stands: keys and list positions from the top of the file. */
export type Path = readonly (string | number)[]

export interface YamlFile {
  file: string
  /** The plain value; undefined when there are problems. */
  value: unknown
  problems: Problem[]
  /** The place of the value at a path; where the path ends early, of the last part that is there. */
  at(path: Path): Place
  /** The place of the key itself. */
  atKey(path: Path): Place
}

const told: Record<string, { message: string; cure: string }> = {
  DUPLICATE_KEY: { message: 'this key stands here twice', cure: 'keep one of the two' },
  TAB_AS_INDENT: { message: 'a tab cannot be used to indent', cure: 'indent with spaces, two a level' },
  BAD_INDENT: {
    message: 'this line is indented unlike the lines it belongs with',
    cure: 'give lines of one list or block the same number of spaces in front',
  },
  MULTIPLE_DOCS: {
    message: 'a second document begins here ("---")',
    cure: 'one file holds one document: take the line out',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'there are two colons in one line',
    cure: 'put text that holds ": " in quotes',
  },
  MISSING_CHAR: {
    message: 'something that was opened is not closed, or a comma is missing',
    cure: 'look for a quote, bracket or brace without its partner, and for a missing comma or a space after a colon',
  },
  BAD_ALIAS: { message: 'text cannot begin with * or &', cure: 'put it in quotes' },
  UNEXPECTED_TOKEN: {
    message: 'this does not fit here',
    cure: 'look for a missing space after a colon, or a quote, bracket or brace without its partner',
  },
}

/** Reads a YAML file (version 1.2) with the places of all its values. */
export const readYaml = onceAFile((source: SourceFile): YamlFile => {
  const lines = new LineCounter()
  const document = parseDocument(source.text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    stringKeys: true,
  })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file: source.file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: Problem[] = document.errors.slice(0, 1).map((error) => ({
    ...(error.pos[0] >= source.text.length ? placeAt(source, source.text.length) : place(error.pos[0])),
    ...(told[error.code] ?? { message: error.message.replace(/\s+/g, ' '), cure: 'mend the YAML here' }),
  }))
  let value: unknown
  try {
    if (problems.length === 0) value = document.toJS({ maxAliasCount: 50 })
  } catch {
    const cure = 'write the value out where it is used'
    problems.push({ ...place(0), message: 'an alias (*name) cannot be followed', cure })
  }
  const find = (path: Path) => walk(document.contents, path)
  return {
    file: source.file,
    value,
    problems,
    at: (path) => place(find(path).value),
    atKey: (path) => place(find(path).key),
  }
})

/** The offsets of the value at `path` and of its key; both of the deepest part that is there. */
function walk(contents: ParsedNode | null, path: Path): { key: number; value: number } {
  let node: Node | null | undefined = contents
  let found = { key: offsetOf(node, 0), value: offsetOf(node, 0) }
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part))
      if (pair === undefined) return found
      const key = offsetOf(pair.key as Node, found.key)
      node = pair.value as Node | null
      found = { key, value: isScalar(node) && node.value === null ? key : offsetOf(node, key) }
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part] as Node | undefined
      if (node === undefined) return found
      found = { key: offsetOf(node, found.key), value: offsetOf(node, found.value) }
    } else return found
  }
  return found
}

const offsetOf = (node: Node | null | undefined, otherwise: number): number => node?.range?.[0] ?? otherwise
