/**
 * Compiled journeys kept in `.cache/mails`, one file a journey, with the mark of everything they were made of: their
 * own texts and the compiler. Compiling is two thirds of what a start or a publish takes; what did not change since
 * the last one is read. A folder that cannot be written to only costs time.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint } from '#infra/fingerprint'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.cache', 'mails')
const compiler = ['core', 'adapters/mjml.ts', 'cli/stage', 'package-lock.json']

let compilerMark: Promise<string> | undefined

/** The mark of texts compiled by the compiler as it stands. */
export async function markOf(texts: string): Promise<string> {
  compilerMark ??= fingerprint(root, compiler)
  return fingerprint(root, [], `${await compilerMark}\n${texts}`)
}

/** What was kept under this mark; undefined: nothing, or something else by now. */
export async function kept<T>(journey: string, mark: string): Promise<T | undefined> {
  try {
    const file = JSON.parse(await readFile(join(folder, `${journey}.json`), 'utf8'))
    return file.mark === mark ? file.result : undefined
  } catch {
    return undefined
  }
}

/** Keeps a result in place of what was kept of the journey. */
export async function keep(journey: string, mark: string, result: unknown): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const draft = join(folder, randomUUID())
    await writeFile(draft, JSON.stringify({ mark, result }))
    await rename(draft, join(folder, `${journey}.json`))
  } catch {
    // it is compiled anew next time
  }
}
