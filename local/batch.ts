/**
 * What becomes of a batch of stream records after an invocation: Lambda's rules for partial failures, bisecting,
 * retries and age, as a pure function over what is still to do. `stream-mapping.ts` runs it.
 */
import type { Outcome } from './environment.ts'

/** Records still to be processed, in order, as one attempt. `attempts` counts those used up by this piece. */
export type Piece<R> = { records: R[]; attempts: number }

export type BatchRules = {
  reportsFailures: boolean
  bisects: boolean
  /** Attempts after the first; -1 = until the records are too old. */
  maxRetries: number
}

export type Next<R> = {
  /** Pieces to process next, in order; the first of them before anything else. */
  pieces: Piece<R>[]
  /** The first piece is to be tried again only after a pause. */
  pause: boolean
  /** A piece that is given up: goes to the on-failure destination, then on. */
  discarded: Piece<R> | undefined
}

/** Sequence number of the lowest failed record; `all` when the whole batch failed; undefined when none did. */
export function failedFrom(
  outcome: Outcome,
  sequenceNumbers: string[],
  reportsFailures: boolean,
): string | 'all' | undefined {
  if (!outcome.ok) return 'all'
  if (!reportsFailures) return undefined
  const value = outcome.value as { batchItemFailures?: unknown } | null | undefined
  const failures = value?.batchItemFailures
  if (failures === undefined || failures === null) return undefined
  if (!Array.isArray(failures)) return 'all'
  let lowest: number | undefined
  for (const failure of failures) {
    const at = sequenceNumbers.indexOf(
      String((failure as { itemIdentifier?: unknown } | null)?.itemIdentifier),
    )
    // An empty or unknown identifier fails the whole batch.
    if (at < 0) return 'all'
    if (lowest === undefined || at < lowest) lowest = at
  }
  return lowest === undefined ? undefined : sequenceNumbers[lowest]
}

/** Decides what follows an invocation of `piece`. */
export function afterInvocation<R>(
  piece: Piece<R>,
  failed: string | 'all' | undefined,
  options: { rules: BatchRules; sequenceOf: (record: R) => string },
): Next<R> {
  if (failed === undefined) return { pieces: [], pause: false, discarded: undefined }
  const { rules, sequenceOf } = options
  const from = failed === 'all' ? 0 : piece.records.findIndex((record) => sequenceOf(record) === failed)
  // What came before the lowest failure is done; the rest starts a new count, as its first record is another.
  const rest = piece.records.slice(Math.max(0, from))
  if (from > 0) return retry({ records: rest, attempts: 1 }, rules)
  if (rules.bisects && rest.length > 1)
    return { pieces: halves({ ...piece, records: rest }), pause: false, discarded: undefined }
  return retry({ records: rest, attempts: piece.attempts + 1 }, rules)
}

function retry<R>(piece: Piece<R>, rules: BatchRules): Next<R> {
  if (rules.maxRetries >= 0 && piece.attempts > rules.maxRetries)
    return { pieces: [], pause: false, discarded: piece }
  return { pieces: [piece], pause: true, discarded: undefined }
}

// Bisecting does not use up retries.
function halves<R>(piece: Piece<R>): Piece<R>[] {
  const middle = Math.ceil(piece.records.length / 2)
  const { attempts } = piece
  return [
    { records: piece.records.slice(0, middle), attempts },
    { records: piece.records.slice(middle), attempts },
  ]
}

/** The pause before a retry, growing from one second to a minute. */
export function retryPauseMs(attempts: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(attempts - 1, 6))
}
