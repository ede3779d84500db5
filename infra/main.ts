/**
 * Tells a module whether it was started as the program rather than imported, also when the checkout is reached
 * through a symbolic link: Node resolves links in a module's own name but not in the arguments.
 */
import { realpathSync } from 'node:fs'

/** Whether this module (`import.meta`) is the one that `node` was told to run. */
export function isProgram(meta: { filename: string }): boolean {
  const started = process.argv[1]
  return started !== undefined && realpathSync(started) === meta.filename
}
