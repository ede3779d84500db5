/**
 * How far an import has come, on disk: noted after each chunk, so that one that was killed goes on behind the
 * last chunk that was whole. What stands behind it in the error file is cut off; ids of events see to the rest.
 * Holds counts only, nothing of anybody.
 */
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const Progress = z.object({
  schema: z.literal(1),
  fingerprint: z.string(),
  stack: z.string(),
  /** Items that are in. */
  done: z.number().int().min(0),
  counts: z.record(z.string(), z.number()),
  told: z.number(),
  /** How long the error file was then. */
  errorBytes: z.number().int().min(0),
})
export type Progress = z.infer<typeof Progress>

/** Where it is kept: a local stage's in its data folder, with which it goes; else beside the file. */
export const progressPath = (of: {
  file: string
  fingerprint: string
  localData: string | undefined
}): string =>
  of.localData === undefined
    ? `${of.file}.homeward-progress`
    : join(of.localData, `import-${of.fingerprint}.json`)

/** What was noted of this import; a new beginning where nothing was, or it was of another. */
export async function readProgress(
  path: string,
  of: { fingerprint: string; stack: string },
): Promise<Progress> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  const read = Progress.safeParse(JSON.parse(text.trim() === '' ? '{}' : text))
  const isIt = read.success && read.data.fingerprint === of.fingerprint && read.data.stack === of.stack
  return isIt ? read.data : { schema: 1, ...of, done: 0, counts: {}, told: 0, errorBytes: 0 }
}

/** Notes it: the old note or the new one is there, never half of one. */
export async function writeProgress(path: string, progress: Progress): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(progress)}\n`)
  await rename(`${path}.new`, path)
}

export const forgetProgress = async (path: string): Promise<void> => rm(path, { force: true })

/** The error file, opened to go on at `bytes`; it is made when there is something to write. */
export async function errorFile(path: string, bytes: number) {
  if (bytes === 0) await rm(path, { force: true })
  let at = bytes
  return {
    /** Appends and answers how long it is now; what was begun there before is overwritten. */
    append: async (text: string): Promise<number> => {
      if (text === '') return at
      const file = await open(path, at === 0 ? 'w' : 'r+')
      try {
        await file.truncate(at)
        const { bytesWritten } = await file.write(Buffer.from(text), 0, undefined, at)
        at += bytesWritten
        await file.sync()
      } finally {
        await file.close()
      }
      return at
    },
  }
}
