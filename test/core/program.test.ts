/** Nested steps as a flat program, and that `check` calls every step what the program calls it. */
import { describe, expect, it } from 'vitest'
import type { Step } from '#core/journey'
import { compileSteps } from '#core/program'
import { placedSteps } from '#core/step-walk'

const nested: Step[] = [
  { wait: { ms: 1 } },
  {
    branch: [
      { if: { 'cart.count': 1 }, steps: [{ send: 'one' }, { wait: { quiet: 2 } }] },
      { if: { 'cart.count': 2 }, steps: [{ branch: [{ steps: [{ id: 'own', send: 'one' }] }] }] },
      { steps: [{ id: 'pause', wait: { ms: 3 } }, { send: 'rest' }] },
    ],
  },
  { wait: { until: 540 } },
  { send: 'end' },
]

describe('compileSteps', () => {
  it('jumps over arms whose condition does not hold, and past the branch after one that did', () => {
    const program = compileSteps(nested)

    expect(program.map((one) => ('to' in one ? `${one.op} ${one.to}` : one.op))).toEqual([
      'wait',
      'unless 5',
      'send',
      'wait',
      'jump 12',
      'unless 9',
      'send',
      'jump 8',
      'jump 12',
      'wait',
      'send',
      'jump 12',
      'wait',
      'send',
      'end',
    ])
  })

  it('is called by ids, by mails, else by kind and number, as check calls them', () => {
    const program = compileSteps(nested)
    const names = program.flatMap((one) => ('step' in one && one.op !== 'unless' ? [one.step] : []))

    expect(names).toEqual(['wait-1', 'one', 'wait-2', 'own', 'pause', 'rest', 'wait-4', 'end'])
    expect(
      placedSteps(nested)
        .filter(({ step }) => !('branch' in step))
        .map(({ name }) => name),
    ).toEqual(names)
  })

  it('refuses a test, which is not available yet', () => {
    const steps: Step[] = [{ test: 'x', arms: [{ name: 'a', share: 1, steps: [{ send: 'a' }] }] }]

    expect(() => compileSteps(steps)).toThrow('not available yet')
  })
})
