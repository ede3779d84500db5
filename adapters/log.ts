/**
 * The log: one JSON line a fact, on standard output, where CloudWatch (and the local runtime) read it.
 * Nothing that looks like an e-mail address is ever written.
 */
import type { Log } from '#flow/port'

const addressLike = /[^\s"'<>:;,()[\]]+@[^\s"'<>:;,()[\]]+\.[^\s"'<>:;,()[\]]+/g

/** A line as it is written: JSON, addresses blotted out. */
export const logLine = (line: Record<string, unknown>): string =>
  JSON.stringify(line).replace(addressLike, '(address)')

export const jsonLog: Log = (line) => console.log(logLine(line))
