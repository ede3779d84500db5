/**
 * The log made real: one JSON object a line on stdout. It never holds an e-mail address: whatever looks like
 * one is taken out of the finished line, so that no caller has to think of it.
 */
import type { Log } from '#flow/port'

/** Anything around an @ (also written %40, or %2540 where it was encoded again) that could be an address; JSON's quotes and escapes end it. */
const address = /[^\s"\\<>()[\]{},;:=&?/@]+(?:@|%(?:25)*40)[^\s"\\<>()[\]{},;:=&?/@]+/giu

const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value
    const code = (value as { code?: unknown }).code
    return {
      name,
      message,
      ...(code !== undefined && { code }),
      stack,
      ...(cause !== undefined && { cause }),
    }
  }
  return typeof value === 'bigint' ? String(value) : value
}

function textOf(line: Record<string, unknown>): string {
  try {
    return JSON.stringify(line, plain)
  } catch (error) {
    return JSON.stringify({
      level: 'error',
      event: 'unloggable',
      error: String(error),
      keys: Object.keys(line),
    })
  }
}

/** The line as it is written: JSON without addresses. */
export const logLine = (line: Record<string, unknown>): string => textOf(line).replace(address, '<address>')

/** The log of a step. `level` is `info` unless the line says otherwise. */
export const jsonLog =
  (step: string): Log =>
  (line) => {
    console.log(logLine({ level: 'info', step, ...line }))
  }
