/**
 * Faults by chance, from a seed: each call that can meet one draws a number that depends on the seed, on who
 * calls what, and on how many such calls there were before, so that a run with the same calls meets the same
 * faults. `faults.ts` asks it at every call. Kept apart from what a fault does: `fault.ts`.
 */
import type { AwsCall } from './aws.ts'
import { canMeet, type FaultKind, faultKinds, functionFaults, readsIndex } from './fault.ts'

/** `rates`: how many of the calls that can meet a fault do, 0 to 1. */
export type Mix = { seed: number; rates: Partial<Record<FaultKind, number>> }

/** What was drawn for one call: the fault, if any, and a number from 0 to 1 for its details. */
export type Drawn = { fault: FaultKind; chosen: number }

/** The variable that switches a mix on at start, as JSON. */
const variable = 'HOMEWARD_FAULTS'

export class Chance {
  readonly mix: Mix
  /** How often each fault struck. */
  readonly struck: Partial<Record<FaultKind, number>> = {}
  private readonly calls = new Map<string, number>()

  constructor(mix: Mix) {
    this.mix = mix
  }

  /** What befalls a call of a function; undefined: nothing. */
  drawCall(call: AwsCall): Drawn | undefined {
    const { service, action, principal } = call
    const own = { service, action }
    const named = Object.keys(this.mix.rates) as FaultKind[]
    const able = named.filter((fault) =>
      functionFaults.has(fault) ? true : canMeet(fault, own) && (fault !== 'stale-index' || readsIndex(call)),
    )
    return this.draw(`${principal.name} ${service} ${action}`, able)
  }

  /** Whether a poll of `source` (a mapping) meets the fault. */
  drawPoll(source: string, fault: 'duplicate' | 'reorder'): Drawn | undefined {
    return this.draw(`${source} ${fault}`, [fault])
  }

  private draw(label: string, able: readonly FaultKind[]): Drawn | undefined {
    const nth = (this.calls.get(label) ?? 0) + 1
    this.calls.set(label, nth)
    let left = numberOf(`${this.mix.seed} ${label} ${nth}`)
    for (const fault of able) {
      left -= this.mix.rates[fault] ?? 0
      if (left >= 0) continue
      this.struck[fault] = (this.struck[fault] ?? 0) + 1
      return { fault, chosen: numberOf(`${this.mix.seed} ${label} ${nth} chosen`) }
    }
    return undefined
  }
}

/** A number from 0 to 1 that a text always gives: FNV-1a, finished as in MurmurHash3. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Numbers from 0 to 1, one after the other, that a number always gives. */
export function numbersFrom(chosen: number): () => number {
  let nth = 0
  return () => numberOf(`${chosen} ${nth++}`)
}

/** The mix that the environment asks for. Throws with what is wrong and how it is written. */
export function mixOf(environment: Record<string, string | undefined>): Mix | undefined {
  const given = environment[variable]
  if (given === undefined || given === '') return undefined
  const wrong = (why: string) =>
    new Error(`${variable} ${why} Write {"seed":1,"rates":{"conflict":0.1,"duplicate":0.1}}.`)
  try {
    return readMix(JSON.parse(given))
  } catch (error) {
    throw wrong(error instanceof SyntaxError ? 'is no JSON.' : error instanceof Error ? error.message : '')
  }
}

/** Reads a mix. Throws a sentence when it is none. */
export function readMix(given: unknown): Mix {
  const { seed, rates } = (given ?? {}) as { seed?: unknown; rates?: unknown }
  if (!Number.isInteger(seed))
    throw new Error(`"seed" is ${JSON.stringify(seed)}; it must be a whole number.`)
  if (typeof rates !== 'object' || rates === null || Array.isArray(rates))
    throw new Error('"rates" must name faults, each with a number from 0 to 1.')
  for (const [fault, rate] of Object.entries(rates)) {
    if (!faultKinds.includes(fault as FaultKind))
      throw new Error(`"rates" names "${fault}"; there is: ${faultKinds.join(', ')}.`)
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
      throw new Error(`the rate of "${fault}" is ${JSON.stringify(rate)}; it must be from 0 to 1.`)
  }
  return { seed: Number(seed), rates: rates as Mix['rates'] }
}
