/** Ten thousand hostile requests through the handlers; `npm run proofs` sends a hundred thousand. */
import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

it('ten thousand hostile requests: no 5xx, nothing thrown, nothing stored that is not read back', async () => {
  const found = await fuzz({ seed: 1, count: 10_000 })

  expect(found.failures).toEqual([])
  expect(found).toMatchObject({ requests: 10_000, fives: 0, storedBad: 0, parked: 0 })
  expect(found.stored).toBeGreaterThan(2_000)
}, 30_000)

it('what came in is decided and mailed the day after as any other', async () => {
  const found = await fuzz({ seed: 100, count: 500, lives: true })

  expect(found.failures).toEqual([])
  expect(found.mailed).toBeGreaterThan(0)
})
