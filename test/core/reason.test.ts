/** Reasons: a code for machines, a sentence for people. */
import { describe, expect, it } from 'vitest'
import { reason, reasonCodes } from '#core/reason'

describe('a reason', () => {
  it.each(reasonCodes)('%s is a code and one sentence', (code) => {
    const { explanation } = reason(code)

    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(explanation.length).toBeGreaterThan(8)
    expect(explanation).not.toContain('undefined')
  })

  it('says what it was about', () => {
    expect(reason('quiet-hours', { zone: 'Asia/Dhaka', until: '08:00' })).toEqual({
      code: 'quiet-hours',
      explanation: 'quiet hours at Asia/Dhaka until 08:00',
    })
  })
})
