/** The common cases cost what docs/operating.md says, counted on the booted stack. */
import { expect, it } from 'vitest'
import { countUnits, reach } from '#test/bench/units'
import { startHomeward } from '#test/fixture/runtime'

it('browsing and mailing stay within their write units', async () => {
  const homeward = await startHomeward({ at: '2026-03-02T09:00:00.000Z' })

  const units = await countUnits(homeward).finally(() => homeward.stop())

  for (const [key, most] of Object.entries(reach)) {
    expect(units[key as keyof typeof units], key).toBeLessThanOrEqual(most)
    expect(units[key as keyof typeof units], key).toBeGreaterThan(0)
  }
})
