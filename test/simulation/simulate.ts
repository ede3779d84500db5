/**
 * `npm run simulate`: lives world after world and says how many held. A world in which an invariant did not hold
 * ends it with its seed, what was seen and how to live it again; `--seed 7 --trace` tells that world's story.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Findings, type Proof, standing, wholeNumber } from '#test/proofs/proof'
import { livedBy } from './crew.ts'
import { type Lived, live } from './live.ts'

const defaultSeeds = 2000

const replay = (seed: number) => `replay it: npm run simulate -- --seed ${seed} --trace`

const failuresOf = ({ seed, violations }: Lived): string[] =>
  violations.map(({ invariant, what, at }) => `seed ${seed}, ${at}: ${invariant}: ${what}`)

const survived = {
  accepted: 'mails',
  crashes: 'crashes',
  duplicates: 'duplicates',
  throttles: 'throttles',
  lostReplies: 'lostReplies',
  pauses: 'pauses',
  timeouts: 'timeouts',
  lostRecords: 'lostBatches',
} as const

function figuresOf(tally: Record<string, number>, seeds: number, seconds: number): Record<string, number> {
  const figures: Record<string, number> = {
    'simulate.seeds': seeds,
    'simulate.seedsPerS': Math.round((seeds / Math.max(seconds, 0.001)) * 10) / 10,
  }
  for (const [name, shown] of Object.entries(survived)) figures[`simulate.${shown}`] = tally[name] ?? 0
  return figures
}

async function* alone(seed: number, trace: boolean) {
  yield await live(seed, { trace })
}

export const simulate: Proof = {
  name: 'simulate',
  about: 'Lives simulated worlds, one a seed, and holds every invariant against each.',
  flags: {
    seeds: ['N', `how many worlds (${defaultSeeds})`],
    from: ['S', 'the first seed (1)'],
    'at-once': ['N', 'how many worlds at a time (one a core)'],
    seed: ['S', 'only this world'],
    trace: ['', 'print the story of the world of --seed'],
  },
  async run(given, say): Promise<Findings> {
    const only = wholeNumber(given.seed, 'seed')
    const from = only ?? wholeNumber(given.from, 'from') ?? 1
    const count = only === undefined ? (wholeNumber(given.seeds, 'seeds') ?? defaultSeeds) : 1
    const atOnce = Math.max(1, wholeNumber(given['at-once'], 'at-once') ?? availableParallelism())
    const begunMs = performance.now()
    const seconds = () => (performance.now() - begunMs) / 1000
    const tally: Record<string, number> = {}
    let lived = 0
    let toldAt = 0
    const worlds = only === undefined ? livedBy(atOnce, { from, count }) : alone(only, given.trace === 'true')
    for await (const world of worlds) {
      lived += 1
      for (const line of world.story) process.stdout.write(`${line}\n`)
      for (const [name, times] of Object.entries(world.tally)) tally[name] = (tally[name] ?? 0) + times
      if (world.violations.length > 0) {
        const failures = [...failuresOf(world), replay(world.seed)]
        return { ok: false, figures: figuresOf(tally, lived, seconds()), failures }
      }
      if (seconds() - toldAt < 1) continue
      toldAt = seconds()
      const { accepted = 0, crashes = 0 } = tally
      const rate = (lived / seconds()).toFixed(1)
      say(`${lived} of ${count} worlds, ${rate} a second, ${accepted} mails, ${crashes} crashes survived`)
    }
    return { ok: true, figures: figuresOf(tally, lived, seconds()), failures: [] }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(simulate)
