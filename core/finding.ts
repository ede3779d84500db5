/**
 * What `npm run check` found: a problem with its place and cure, and whether it stands in the way of a release
 * or is only worth knowing.
 */
import type { Problem } from './template/problem.ts'

export type Finding = Problem & { severity: 'error' | 'warning' }

/** A problem that keeps a release from being published. */
export const error = (problem: Problem): Finding => ({ ...problem, severity: 'error' })

/** A problem that is told and let pass. */
export const warning = (problem: Problem): Finding => ({ ...problem, severity: 'warning' })

/** Findings as a compiler prints them: by file, line and column, each once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((one) => [`${one.file}:${one.line}:${one.column}:${one.message}`, one]))
  return [...once.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  )
}
