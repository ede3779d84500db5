/**
 * A journey's nested steps as a flat list of instructions: a run stands at one number. A release holds both;
 * a run pins the release it entered with, so that its number always means the same. Read `core/run.ts` next.
 */
import type { Condition } from './condition.ts'
import type { Journey, Step, Wait } from './journey.ts'

export type Instruction =
  | { op: 'wait'; step: string; wait: Wait }
  | { op: 'send'; step: string; mail: string; topic?: string; to?: 'shop' }
  | { op: 'unless'; step: string; if: Condition; to: number }
  | { op: 'jump'; to: number }
  | { op: 'end' }

/** The topic a step's mail belongs to: its own where it names one, else the journey's. */
export function topicOf(
  { journey, program }: { journey: Pick<Journey, 'topic'>; program: readonly Instruction[] },
  step: string,
): string {
  const send = program.find((one) => one.op === 'send' && one.step === step)
  return (send?.op === 'send' ? send.topic : undefined) ?? journey.topic
}

/**
 * The instructions of `steps`. A step is called by its id, a mail by its name, anything else by its kind and
 * how many of that kind stand before it.
 */
export function compileSteps(steps: readonly Step[]): Instruction[] {
  const list: Instruction[] = []
  const counts = { wait: 0, branch: 0 }
  const place = (kind: 'wait' | 'branch', id: string | undefined) => {
    counts[kind] += 1
    return id ?? `${kind}-${counts[kind]}`
  }
  const add = (several: readonly Step[]): void => {
    for (const step of several) {
      if ('wait' in step) list.push({ op: 'wait', step: place('wait', step.id), wait: step.wait })
      else if ('send' in step)
        list.push({
          op: 'send',
          step: step.id ?? step.send,
          mail: step.send,
          ...(step.topic !== undefined && { topic: step.topic }),
          ...(step.to !== undefined && { to: step.to }),
        })
      else if ('branch' in step) addBranch(step)
      else throw new Error(`the step "test: ${step.test}" is not available yet; npm run check says so too`)
    }
  }
  const addBranch = (step: Extract<Step, { branch: unknown }>): void => {
    const name = place('branch', step.id)
    const ends: { op: 'jump'; to: number }[] = []
    for (const arm of step.branch) {
      const test = arm.if === undefined ? undefined : { op: 'unless' as const, step: name, if: arm.if, to: 0 }
      if (test) list.push(test)
      add(arm.steps)
      const end = { op: 'jump' as const, to: 0 }
      ends.push(end)
      list.push(end)
      if (test) test.to = list.length
    }
    for (const end of ends) end.to = list.length
  }
  add(steps)
  list.push({ op: 'end' })
  return list
}
