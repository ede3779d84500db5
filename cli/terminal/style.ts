/**
 * Colour, where the terminal shows it and nobody said no (`NO_COLOR`); plain text everywhere else. Data goes to
 * stdout, everything said to a person goes to stderr.
 */
import { relative } from 'node:path'
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]
export type Paint = (format: Format, text: string) => string

/** How to colour what is written to a stream. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const { NO_COLOR, FORCE_COLOR } = process.env
  const coloured = FORCE_COLOR ? FORCE_COLOR !== '0' : Boolean(stream.isTTY) && !NO_COLOR
  return (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text)
}

/** Control characters of hostile data, made visible instead of obeyed by the terminal. */
export const harmless = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

/** Says a line to the person at the terminal. */
export const say = (text = ''): void => {
  process.stderr.write(`${text}\n`)
}

/** Prints a line of data. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** A count with its noun. @example count(2, 'mail') // '2 mails' */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`

/** A folder as one would type it from here. */
export function pathFromHere(folder: string): string {
  const path = relative(process.cwd(), folder)
  return path.startsWith('..') ? folder : path || '.'
}
