/** The life of a message: its arrows, and who writes each. */
import { describe, expect, it } from 'vitest'
import { arrows, mayBecome, Status } from '#core/message'

const all = Status.options

describe('the life of a message', () => {
  it.each([
    ['PLANNED', 'CLAIMED', 'deliver'],
    ['PLANNED', 'PLANNED', 'decide'],
    ['HELD', 'PLANNED', 'decide'],
    ['CLAIMED', 'SENT', 'deliver'],
    ['CLAIMED', 'PLANNED', 'deliver'],
    ['CLAIMED', 'UNKNOWN', 'decide'],
    ['UNKNOWN', 'SENT', 'observe'],
    ['UNKNOWN', 'CLOSED', 'decide'],
    ['CLOSED', 'SENT', 'observe'],
  ] as const)('goes from %s to %s by %s', (from, to, by) => {
    expect(mayBecome(from, to)).toBe(true)
    expect((arrows[from] as Record<string, string>)[to]).toBe(by)
  })

  it('never leads from what may have been sent back to where it is sent from', () => {
    for (const from of ['SENT', 'UNKNOWN', 'CLOSED'] as const) {
      const reached = new Set<Status>([from])
      for (const one of reached) for (const to of all) if (mayBecome(one, to)) reached.add(to)

      expect([...reached]).not.toContain('PLANNED')
      expect([...reached]).not.toContain('CLAIMED')
    }
  })

  it.each(['SENT', 'SKIPPED', 'EXPIRED', 'FAILED'] as const)('ends at %s', (status) => {
    expect(all.filter((to) => mayBecome(status, to))).toEqual([])
  })

  it('reaches every state from PLANNED', () => {
    const reached = new Set<Status>(['PLANNED'])
    for (const one of reached) for (const to of all) if (mayBecome(one, to)) reached.add(to)

    expect([...reached].sort()).toEqual([...all].sort())
  })
})
