/**
 * Handlebars' own parser, and its complaints in a marketer's words. The tree is Handlebars' syntax tree after
 * its white-space rules, typed here as the union that it is. Only strings are ever parsed.
 */
import Handlebars from 'handlebars'
import { limits } from '#core/limits'
import { onceAFile } from './once.ts'
import { type Place, type Problem, placeAt, type SourceFile } from './problem.ts'

interface Loc {
  start: { line: number; column: number }
  end: { line: number; column: number }
}

export interface PathNode {
  type: 'PathExpression'
  data: boolean
  depth: number
  parts: string[]
  original: string
  loc: Loc
}
export interface CallNode {
  type: 'SubExpression' | 'MustacheStatement'
  path: ExpressionNode
  params: ExpressionNode[]
  hash?: HashNode
  escaped: boolean
  loc: Loc
}
export interface HashNode {
  pairs: { key: string; value: ExpressionNode; loc: Loc }[]
}
export type LiteralNode =
  | { type: 'StringLiteral'; value: string; original: string; loc: Loc }
  | { type: 'NumberLiteral'; value: number; original: number; loc: Loc }
  | { type: 'BooleanLiteral'; value: boolean; original: boolean; loc: Loc }
  | { type: 'NullLiteral' | 'UndefinedLiteral'; original: null | undefined; loc: Loc }
export type ExpressionNode = PathNode | LiteralNode | CallNode

export interface ProgramNode {
  body: StatementNode[]
  blockParams?: string[]
  loc: Loc
}
export interface BlockNode {
  type: 'BlockStatement'
  path: PathNode
  params: ExpressionNode[]
  hash?: HashNode
  program?: ProgramNode
  inverse?: ProgramNode
  /** Without `open`, the block is a raw one, in four braces. */
  openStrip: { open?: boolean }
  loc: Loc
}
export interface PartialNode {
  type: 'PartialStatement'
  name: ExpressionNode
  /** The white space before a partial that has a line of its own. */
  indent: string
  params: ExpressionNode[]
  hash?: HashNode
  loc: Loc
}
export interface ContentNode {
  type: 'ContentStatement'
  value: string
  original: string
  loc: Loc
}
export type StatementNode =
  | ContentNode
  | (CallNode & { type: 'MustacheStatement' })
  | BlockNode
  | PartialNode
  | { type: 'CommentStatement'; loc: Loc }
  | { type: 'PartialBlockStatement'; loc: Loc }
  | { type: 'Decorator' | 'DecoratorBlock'; loc: Loc }

/** Where a node of the tree starts. */
export const placeOf = (node: { loc: Loc }, file: string): Place => ({
  file,
  line: node.loc.start.line,
  column: node.loc.start.column + 1,
})

/** The syntax tree of a file, or the first thing that is wrong with its braces. */
export const parse = onceAFile((source: SourceFile): ProgramNode | Problem => {
  if (source.text.length > limits.template.sourceCharacters) {
    const message = `the file has more than ${limits.template.sourceCharacters} characters`
    return { file: source.file, line: 1, column: 1, message, cure: 'split it, or move pictures out of it' }
  }
  try {
    // The library types every node by a string; what it builds is this union.
    return Handlebars.parse(source.text) as unknown as ProgramNode
  } catch (error) {
    return explain(source, error instanceof Error ? error.message : String(error))
  }
})

/** Where a literal stands for a name, as in `{{"first name"}}`, it is that name. */
export const asPath = (node: ExpressionNode): PathNode | undefined => {
  if (node.type === 'PathExpression') return node
  if (!('original' in node)) return undefined
  const name = String(node.original)
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc: node.loc }
}

/** Escaped ones, which are text, are taken in whole; then comments, which are skipped too. */
const mustache =
  /(?<!\\)\\\{\{[\s\S]*?\}\}|\{\{!--[\s\S]*?--~?\}\}|\{\{~?![\s\S]*?\}\}|(\{\{\{?\{?)~?\s*(#[>*]?|\/|\^|>|else\b)?\s*([^\s}~]*)[\s\S]*?(\}{2,4})/g

interface Opened {
  name: string
  at: number
}

/** Blames the right brace: the parser itself points at where it noticed, which is often the file's end. */
function explain(source: SourceFile, complaint: string): Problem {
  const opened: Opened[] = []
  for (const match of source.text.matchAll(mustache)) {
    const [whole, open, kind, name = '', close] = match
    const at = match.index
    if (open === undefined) continue
    if (open === '{{' && close !== '}}') {
      const end = placeAt(source, at + whole.length - (close?.length ?? 0))
      return {
        ...end,
        message: '`}}}` closes an expression that `{{` opened',
        cure: 'put a space before the last `}`, as in `{ color: {{brand.color}} }`',
      }
    }
    if (kind === '#' || (kind === '^' && name !== '')) opened.push({ name, at })
    if (kind === 'else' && opened.length === 0) {
      return { ...placeAt(source, at), message: '{{else}} stands outside a block', cure: 'take it out' }
    }
    if (kind === '/') {
      const last = opened.pop()
      if (last?.name !== name) return unmatched(source, last, { name, at })
    }
  }
  const left = opened.at(-1)
  if (left !== undefined) {
    const message = `{{#${left.name}}} is never closed`
    return { ...placeAt(source, left.at), message, cure: `write {{/${left.name}}} where it ends` }
  }
  return unreadable(source, complaint)
}

function unmatched(source: SourceFile, last: Opened | undefined, closed: Opened): Problem {
  const place = placeAt(source, closed.at)
  if (last === undefined) {
    return { ...place, message: `{{/${closed.name}}} closes nothing`, cure: 'take it out' }
  }
  const opener = placeAt(source, last.at)
  return {
    ...place,
    message: `{{/${closed.name}}} stands where {{#${last.name}}} of line ${opener.line} is still open`,
    cure: `close it first with {{/${last.name}}}`,
  }
}

function unreadable(source: SourceFile, complaint: string): Problem {
  const line = Number(/on line (\d+)/.exec(complaint)?.[1] ?? 1)
  const lineText = source.text.split('\n')[line - 1] ?? ''
  const column = Math.max(0, lineText.lastIndexOf('{{', noticedAt(lineText, complaint))) + 1
  const message = `this expression cannot be read: ${lineText.slice(column - 1, column + 59).trim()}`
  return {
    file: source.file,
    line,
    column,
    message,
    cure: 'write {{customer.firstName}} or {{money cart.total}}',
  }
}

/** Where on the line the parser stumbled: it quotes what it had read last, with a caret below. */
function noticedAt(lineText: string, complaint: string): number {
  const [, quoted = '', caret = ''] = complaint.split('\n')
  let read = quoted.slice(0, caret.indexOf('^')).replace(/^\.\.\./, '')
  while (read !== '' && !lineText.includes(read)) read = read.slice(1)
  return read === '' ? lineText.indexOf('{{') : lineText.indexOf(read) + read.length
}
