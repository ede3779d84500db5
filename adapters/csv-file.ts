/**
 * A file of comma-separated values on this machine, read row by row however long it is: UTF-8 (with or without
 * a mark), UTF-16 with one, or Latin-1 when that is said. Bytes that are none of it are refused with the row
 * they stand in, never guessed at: a wrong letter in ten thousand names is found too late. See `core/csv.ts`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import { type CsvReader, type CsvRow, csvReader } from '#core/csv'
import { Failed } from '#core/failed'

export type Encoding = 'utf-8' | 'latin1'

const unreadable = (path: string, why: string, cause?: unknown): Failed =>
  new Failed({ code: 'file-unreadable', message: `${path}: ${why}`, retryable: false, cause })

function failureOf(path: string, error: unknown): Failed {
  if (error instanceof Failed) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const whys: Record<string, string> = {
    ENOENT: 'there is no such file; check the path',
    EISDIR: 'that is a folder; name the file in it',
    EACCES: 'it may not be read; check its permissions',
  }
  return unreadable(path, whys[code] ?? String(error), error)
}

/** UTF-16 says so by its first two bytes; spreadsheets write it as "Unicode text". */
async function decoderFor(path: string, encoding: Encoding): Promise<TextDecoder> {
  if (encoding === 'latin1') return new TextDecoder('windows-1252')
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const mark = buffer.toString('hex')
    const found = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8'
    return new TextDecoder(found, { fatal: true })
  } finally {
    await file.close()
  }
}

function decode(decoder: TextDecoder, bytes: Buffer | undefined, at: { path: string; reader: CsvReader }) {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (error) {
    const why =
      `the text from about row ${at.reader.row()} on is not UTF-8. If letters look right in your spreadsheet it is ` +
      'most likely Latin-1: save it as "CSV UTF-8", or say --encoding latin1'
    throw unreadable(at.path, why, error)
  }
}

/** The rows of a file, the header first. `reader` tells its delimiter. Throws `file-unreadable`. */
export async function* rowsOf(
  path: string,
  encoding: Encoding,
  reader: CsvReader = csvReader(),
): AsyncGenerator<CsvRow> {
  const check = () => {
    const problem = reader.problem()
    if (problem !== undefined) throw unreadable(path, `row ${problem.row}: ${problem.message}`)
  }
  try {
    const decoder = await decoderFor(path, encoding)
    for await (const bytes of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      yield* reader.push(decode(decoder, bytes, { path, reader }))
      check()
    }
    yield* reader.push(decode(decoder, undefined, { path, reader }))
    yield* reader.end()
    check()
  } catch (error) {
    throw failureOf(path, error)
  }
}

/** The SHA-256 of a file's bytes. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const bytes of createReadStream(path)) hash.update(bytes)
  } catch (error) {
    throw failureOf(path, error)
  }
  return hash.digest('base64url')
}
