/**
 * What the checks of one mail collect while its expressions are read: problems, the fields it uses and cannot do
 * without, the strings it says. Filled by `flatten.ts`, `type.ts` and `check-call.ts`.
 */
import type { Place, Problem } from './problem.ts'
import type { Scope, Typed } from './scope.ts'

/** A use of a string: its key and the names that are passed to it. */
export interface Wording {
  key: string
  names: string[]
  place: Place
}

/** What the checks of one mail collect. */
export interface Findings {
  problems: Problem[]
  variables: Set<string>
  required: Set<string>
  wordings: Wording[]
  expressions: number
}

export const newFindings = (): Findings => ({
  problems: [],
  variables: new Set(),
  required: new Set(),
  wordings: [],
  expressions: 0,
})

/** What an expression is checked in. */
export interface Surroundings {
  scope: Scope
  file: string
  findings: Findings
  /** The mail's own call of the layout that led here. */
  told?: { name: string; values: readonly string[]; place: Place }
}

/** What stands for an expression that is wrong. */
export const nothing: Typed = { expression: { value: '' }, field: { is: 'any' } }

/** Notes a problem. */
export function report(in_: Surroundings, place: Place, says: { message: string; cure: string }): void {
  in_.findings.problems.push({ ...place, ...says })
}
