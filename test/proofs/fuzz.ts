/**
 * The proof that no request brings the public routes down: hostile bodies, paths, methods and headers from a
 * seed, through the real handlers over the in-memory ports. What must hold is in `test/security/fuzz.ts`, how
 * the requests are made in `test/security/hostile.ts`.
 */
import { fileURLToPath } from 'node:url'
import { fuzz as throwAt } from '#test/security/fuzz'
import { type Proof, standing, wholeNumber } from './proof.ts'

export const fuzz: Proof = {
  name: 'fuzz',
  about:
    '100,000 hostile requests against every public route: no 5xx, nothing stored that cannot be read back',
  flags: {
    seed: ['<n>', 'begin with this seed (1)'],
    requests: ['<n>', 'send so many (100000)'],
  },
  run: async (given, say) => {
    const seed = wholeNumber(given.seed, 'seed') ?? 1
    const count = wholeNumber(given.requests, 'requests') ?? 100_000
    const startedMs = performance.now()
    const found = await throwAt({ seed, count, lives: true }, ({ requests, stored, failures }) => {
      const perS = Math.round(requests / ((performance.now() - startedMs) / 1000))
      say(`${requests} of ${count} requests, ${perS}/s, ${stored} stored, ${failures.length} failures`)
    })
    return {
      ok: found.failures.length === 0 && found.stored > 0,
      figures: {
        'fuzz.bodies': found.requests,
        'fuzz.stored': found.stored,
        'fuzz.mailed': found.mailed,
        'fuzz.5xx': found.fives,
        'fuzz.stored-bad': found.storedBad,
        'fuzz.parked': found.parked,
      },
      failures: found.failures,
    }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(fuzz)
