/**
 * Hunts a planted mistake: first the directed scenarios, which take no time, then world after world, until the
 * oracle finds it or the seeds are used up.
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

/**
 * Undefined: it survived. `seeds`: from the first, so many worlds; `directed`: scenarios are asked too, after
 * the worlds did not find it.
 */
export async function hunt(
  mutant: Mutant,
  by: { seeds: readonly number[]; directed: boolean; clockMs: () => number },
): Promise<Kill | undefined> {
  const { live, scenarios } = await buildSimulator(mutant.edits)
  const begunMs = by.clockMs()
  const seconds = () => Math.round((by.clockMs() - begunMs) / 100) / 10
  for (const seed of by.seeds) {
    const [found] = (await live(seed)).violations
    if (found !== undefined)
      return { mutant: mutant.name, invariant: found.invariant, seed, what: found.what, seconds: seconds() }
  }
  if (!by.directed) return undefined
  for (const { name, invariant, run } of scenarios) {
    const found = await run().catch((error: unknown) => [String(error)])
    if (found.length > 0) return { mutant: mutant.name, invariant, what: name, seconds: seconds() }
  }
  return undefined
}
