/**
 * A minute of the simulation with every test run: worlds that must hold, all that ever failed, the same world
 * twice to the byte, the directed scenarios, and a few planted mistakes, which must be found.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { buildSimulator } from './build.ts'
import { livedBy } from './crew.ts'
import { hunt } from './hunt.ts'
import { type Lived, live } from './live.ts'
import { mutants } from './mutant-list.ts'
import { pastFailures } from './past-failures.ts'
import { scenarios } from './scenarios.ts'

const patience = 120_000

const worlds = Array.from({ length: 50 }, (_, index) => index + 1)

describe('a simulated world', () => {
  it.each(worlds)(
    'of seed %i holds every invariant',
    async (seed) => {
      const { violations } = await live(seed)
      expect(violations).toEqual([])
    },
    patience,
  )

  it.each(pastFailures)(
    'of seed $seed holds, where once $was',
    async ({ seed }) => {
      const { violations } = await live(seed)
      expect(violations).toEqual([])
    },
    patience,
  )

  it(
    'is the same to the byte when it is lived again, here or by a crew',
    async () => {
      const first = await live(7, { trace: true })
      const again = await live(7, { trace: true })
      const elsewhere: Lived[] = []
      for await (const lived of livedBy(1, { from: 7, count: 1 })) elsewhere.push(lived)
      expect(again).toEqual(first)
      expect(first.digest).toMatch(/^[0-9a-f]{16}$/)
      expect(elsewhere).toEqual([{ ...first, story: [], digest: undefined }])
    },
    patience,
  )

  it(
    'is another one by another seed, and survives faults of many kinds',
    async () => {
      const [one, other] = [await live(8), await live(9)]
      expect(one.steps).not.toBe(other.steps)
      expect(Object.keys({ ...one.tally, ...other.tally })).toEqual(
        expect.arrayContaining(['accepted', 'crashes', 'duplicates', 'throttles', 'lostReplies']),
      )
    },
    patience,
  )
})

describe('directed scenarios', () => {
  it.each(scenarios)('$name', async ({ run }) => {
    expect(await run()).toEqual([])
  })
})

describe('planted mistakes', () => {
  const named = (name: string) => {
    const found = mutants.find((one) => one.name === name)
    if (found === undefined) throw new Error(`there is no mutant "${name}"`)
    return found
  }

  it.each(['resend after crash', 'no unsubscribe gate', 'late alarm', 'ring not checked'])(
    '"%s" is found',
    async (name) => {
      const seeds = name === 'ring not checked' ? [] : worlds
      const kill = await hunt(named(name), { seeds, clockMs: () => performance.now() })
      expect(kill).toBeDefined()
    },
    patience,
  )

  it('whose text is not there stops the build', async () => {
    const edit = { file: 'flow/deliver.ts', find: 'no such text', put: '' }
    await expect(buildSimulator([edit])).rejects.toThrow('0 times')
  })

  it('each stand in the product, once', async () => {
    const files = [...new Set(mutants.flatMap(({ edits }) => edits.map(({ file }) => file)))]
    const texts = new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)),
    )
    const astray = mutants.filter(({ edits }) =>
      edits.some(({ file, find }) => texts.get(file)?.split(find).length !== 2),
    )
    expect(astray.map(({ name }) => name)).toEqual([])
  })

  it('each have a name of their own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(24)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })
})
