/**
 * Hunts a planted mistake: a few worlds, then the directed scenarios, then world after world, until the oracle
 * finds it or the seeds are used up.
 */
import { buildSimulator } from './build.ts'
import type { Mutant } from './mutant-list.ts'
import type { Invariant } from './oracle.ts'

export interface Kill {
  mutant: string
  invariant: Invariant
  /** The seed of the world it died in; absent: a directed scenario found it. */
  seed?: number
  /** What was seen, or the scenario's name. */
  what: string
  seconds: number
}

/** Worlds that are lived before the scenarios are asked. */
const firstWorlds = 12

/** Undefined: it survived these worlds and all scenarios. */
export async function hunt(
  mutant: Mutant,
  by: { seeds: readonly number[]; clockMs: () => number },
): Promise<Kill | undefined> {
  const { live, scenarios } = await buildSimulator(mutant.edits)
  const begunMs = by.clockMs()
  const seconds = () => Math.round((by.clockMs() - begunMs) / 100) / 10
  const inWorlds = async (seeds: readonly number[]): Promise<Kill | undefined> => {
    for (const seed of seeds) {
      const [found] = (await live(seed)).violations
      if (found !== undefined)
        return { mutant: mutant.name, invariant: found.invariant, seed, what: found.what, seconds: seconds() }
    }
    return undefined
  }
  const early = await inWorlds(by.seeds.slice(0, firstWorlds))
  if (early !== undefined) return early
  for (const { name, invariant, run } of scenarios) {
    const found = await run().catch((error: unknown) => [String(error)])
    if (found.length > 0) return { mutant: mutant.name, invariant, what: name, seconds: seconds() }
  }
  return inWorlds(by.seeds.slice(firstWorlds))
}
