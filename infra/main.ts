/**
 * How a module of `infra` is run as a program: only when it was the one that `node` was told to run, and with
 * mistakes of the reader told in a few lines instead of a stack trace.
 */
import { realpathSync } from 'node:fs'

/** A mistake that its message explains whole: what, where and the cure. */
export class InfraError extends Error {
  override readonly name: string = 'InfraError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Runs `program` when this module (`import.meta`) was started, not when it was imported. Node resolves symbolic
 * links in a module's own name but not in the arguments, hence the real path.
 */
export async function runAsProgram(meta: { filename: string }, program: () => Promise<void>): Promise<void> {
  const started = process.argv[1]
  if (started === undefined || realpathSync(started) !== meta.filename) return
  await program().catch((error: unknown) => {
    if (!(error instanceof InfraError)) throw error
    console.error(error.message)
    process.exitCode = 1
  })
}
