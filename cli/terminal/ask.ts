/** A question to the person at the terminal; where nobody is there, nobody is asked. */
import { createInterface } from 'node:readline/promises'

/** Whether she who is asked typed yes; undefined: there is nobody to ask. */
export async function confirmed(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
