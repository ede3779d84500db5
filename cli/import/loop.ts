/**
 * The import itself: chunk after chunk is taken in, told of in the error file, noted as done. Ctrl-C ends it
 * behind the chunk that is under way; a kill loses at most that chunk, which is then simply taken in again.
 */
import type { Stage } from '#cli/stage/connect'
import { say } from '#cli/terminal/style'
import { csvLine } from '#core/csv'
import type { Item } from '#core/import/customer'
import { limits } from '#core/limits'
import { importChunk, type Told } from '#flow/import'
import { meterOf } from './meter.ts'
import {
  errorFile,
  forgetProgress,
  type Progress,
  progressPath,
  readProgress,
  writeProgress,
} from './progress.ts'
import type { Source } from './source.ts'

export interface Came {
  counts: Record<string, number>
  told: number
  done: number
  perSecond: number
  /** The file that tells of rows that were not taken, or not whole. */
  errors: string
  interrupted: boolean
}

const head = csvLine(['row', 'kind', 'column', 'what', 'cure'])
const lineOf = ({ row, kind, column, what, cure }: Told): string =>
  csvLine([String(row), kind, column, what, cure])

/** Chunks of the items that are not in yet. */
async function* chunksOf(items: AsyncIterable<Item>, done: number): AsyncGenerator<Item[]> {
  let chunk: Item[] = []
  let index = 0
  for await (const item of items) {
    index += 1
    if (index <= done) continue
    chunk.push(item)
    if (chunk.length < limits.importChunkRows) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function added(progress: Progress, chunk: { items: number; counts: Record<string, number>; told: number }) {
  const counts = { ...progress.counts }
  for (const [name, number] of Object.entries(chunk.counts)) counts[name] = (counts[name] ?? 0) + number
  return { ...progress, counts, done: progress.done + chunk.items, told: progress.told + chunk.told }
}

/** Hears Ctrl-C until it is told to stop hearing. */
function listenForEnd(): { isOver: () => boolean; stop: () => void } {
  let isOver = false
  const end = () => {
    isOver = true
    say('\nStopping behind what is under way …')
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  const stop = () => {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
  return { isOver: () => isOver, stop }
}

/** Imports what is not in yet. Throws what the infrastructure throws; then run it again. */
export async function importLoop(
  stage: Stage,
  source: Source,
  of: { file: string; total: number; noun: string; localData: string | undefined },
): Promise<Came> {
  const { fingerprint } = source
  const path = progressPath({ file: of.file, fingerprint, localData: of.localData })
  let progress = await readProgress(path, { fingerprint, stack: stage.name })
  if (progress.done > 0)
    say(`Going on behind ${progress.done.toLocaleString('en')}, where it was broken off.`)
  const errors = `${of.file}.errors.csv`
  const file = await errorFile(errors, progress.errorBytes)
  const meter = meterOf({
    total: of.total,
    done: progress.done,
    noun: of.noun,
    nowMs: () => performance.now(),
  })
  const end = listenForEnd()
  for await (const chunk of chunksOf(source.items(stage.ports.clock()), progress.done)) {
    const taken = await importChunk(stage.ports, chunk)
    const lines = taken.told.map(lineOf).join('')
    const text = lines !== '' && progress.errorBytes === 0 ? head + lines : lines
    const errorBytes = await file.append(text)
    const noted = { items: chunk.length, counts: taken.counts, told: taken.told.length }
    progress = { ...added(progress, noted), errorBytes }
    await writeProgress(path, progress)
    meter.show(progress.done)
    if (end.isOver()) break
  }
  end.stop()
  const interrupted = progress.done < of.total
  if (!interrupted) await forgetProgress(path)
  const { counts, told, done } = progress
  return { counts, told, done, perSecond: meter.rate(done), errors, interrupted }
}
