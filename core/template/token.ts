/**
 * A document with its expressions taken out: each is an opaque lower-case word (a token) that no HTML tool touches,
 * and what it stands for is kept beside it. Where every piece comes from is remembered. Written by `flatten.ts`.
 */
import type { Expression } from './compiled.ts'
import type { Place } from './problem.ts'

export type Block =
  | { opens: 'if'; test: Expression }
  | { opens: 'each'; list: Expression; frame: number; limit?: Expression }
  | { opens: 'with'; value: Expression; frame: number }

/** What a token stands for. */
export type Token = { place: Place } & (
  | { kind: 'print'; expression: Expression }
  | { kind: 'open'; block: Block; written: string }
  | { kind: 'else' | 'close'; of: number }
  /** A URL of the text part, made of further tokens. */
  | { kind: 'url'; parts: string; as: 'plain' | 'note' }
)

/** The document with tokens, and what is behind them. `tokens[n]` is behind the token numbered n. */
export interface Flat {
  text: string
  tokens: Token[]
  /** Finds tokens; its first group is the number. */
  pattern: RegExp
  /** Where a character of the document comes from. */
  placeAt(offset: number): Place
}

/** A document that is being written. */
export interface Output {
  nonce: string
  tokens: Token[]
  length: number
  pieces: { text: string; from: number; place: Place }[]
}

/** An empty document, whose tokens are no word of these texts. */
export function newOutput(texts: string): Output {
  let nonce = 'qxv'
  while (texts.includes(nonce)) nonce += 'x'
  return { nonce, tokens: [], length: 0, pieces: [] }
}

/** Writes text that stands at a place. */
export const emit = (out: Output, text: string, place: Place) => {
  if (text === '') return
  out.pieces.push({ text, from: out.length, place })
  out.length += text.length
}

/** Whether what is written next stands between the single quotes of an attribute. */
export function isInSingleQuotes({ pieces }: Output): boolean {
  let tail = ''
  for (let index = pieces.length - 1; index >= 0 && !/[<>]/.test(tail); index -= 1) {
    tail = `${pieces[index]?.text ?? ''}${tail}`
  }
  const tag = tail.slice(Math.max(0, tail.lastIndexOf('<'), tail.lastIndexOf('>')))
  return /^<(?:[^"']|"[^"]*"|'[^']*')*=\s*'[^']*$/.test(tag)
}

/** The word in the document for token `id`. */
export const tokenWord = (nonce: string, id: number): string => `${nonce}${id}z`

/** Writes a token, and answers its number. */
export function emitToken(out: Output, token: Token): number {
  const id = out.tokens.push(token) - 1
  emit(out, tokenWord(out.nonce, id), token.place)
  return id
}

/** The document as written. */
export const flatOf = (out: Output): Flat => ({
  text: out.pieces.map((piece) => piece.text).join(''),
  tokens: out.tokens,
  pattern: new RegExp(`${out.nonce}(\\d+)z`, 'g'),
  placeAt: (offset) => locate(out, offset),
})

function locate(out: Output, offset: number): Place {
  let low = 0
  let high = out.pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((out.pieces[middle]?.from ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const piece = out.pieces[low]
  if (piece === undefined) return { file: '', line: 1, column: 1 }
  if (piece.text.startsWith(out.nonce)) return piece.place
  const lines = piece.text.slice(0, offset - piece.from).split('\n')
  const last = lines.at(-1)?.length ?? 0
  const { file, line, column } = piece.place
  return lines.length === 1
    ? { file, line, column: column + last }
    : { file, line: line + lines.length - 1, column: last + 1 }
}
