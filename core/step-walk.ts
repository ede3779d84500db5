/**
 * The steps of a journey with where they stand in its file and what they are called: names are given exactly
 * as `core/program.ts` gives them, so that `check` can say which two share one.
 */
import type { Path } from './document.ts'
import type { Step } from './journey.ts'

export interface PlacedStep {
  step: Step
  path: Path
  name: string
  /** Nothing comes after it on its way through the journey. */
  last: boolean
}

/** Every step, the nested ones too, from top to bottom. */
export function placedSteps(steps: readonly Step[]): PlacedStep[] {
  const counts = { wait: 0, branch: 0 }
  const numbered = (kind: 'wait' | 'branch', id: string | undefined): string => {
    counts[kind] += 1
    return id ?? `${kind}-${counts[kind]}`
  }
  const nameOf = (step: Step): string => {
    if ('wait' in step) return numbered('wait', step.id)
    if ('branch' in step) return numbered('branch', step.id)
    return step.id ?? ('send' in step ? step.send : step.test)
  }
  const walk = (several: readonly Step[], path: Path, end: boolean): PlacedStep[] =>
    several.flatMap((step, index) => {
      const at = [...path, index]
      const last = end && index === several.length - 1
      const self = { step, path: at, name: nameOf(step), last }
      if ('branch' in step)
        return [
          self,
          ...step.branch.flatMap((arm, n) => walk(arm.steps, [...at, 'branch', n, 'steps'], last)),
        ]
      if ('test' in step)
        return [self, ...step.arms.flatMap((arm, n) => walk(arm.steps, [...at, 'arms', n, 'steps'], last))]
      return [self]
    })
  return walk(steps, ['steps'], true)
}
