/**
 * The whole runtime killed (SIGKILL) at random moments while customers shop and the clock runs, and started again
 * on the same data, again and again: nothing accepted is lost, nothing is sent twice, and the counts agree.
 * The audit is `books.ts`, the customers are `crowd.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { audit, wrongIn } from './books.ts'
import { type Ledger, newLedger, shop } from './crowd.ts'
import { type Findings, type Proof, standing, wholeNumber } from './proof.ts'

const lanes = 6
const longestLifeMs = 6_000

/** Numbers from 0 to 1 from a seed (mulberry32). */
function numbersOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Customers shop and time passes until the system is gone. */
async function live(homeward: Homeward, ledger: Ledger, round: number, random: () => number): Promise<void> {
  let alive = true
  let count = 0
  const shopping = Array.from({ length: lanes }, async () => {
    while (alive) {
      count += 1
      alive = (await shop(homeward, ledger, `k${round}-${count}`, count % 5 === 0)) && alive
    }
  })
  const passing = async () => {
    while (alive) await homeward.advance(`${5 + Math.floor(random() * 40)}m`).catch(() => (alive = false))
  }
  const ending = async () => {
    await pause(random() * longestLifeMs)
    await homeward.kill()
    alive = false
  }
  await Promise.all([...shopping, passing(), ending()])
}

async function prove(kills: number, seed: number, say: (line: string) => void): Promise<Findings> {
  const random = numbersOf(seed)
  const data = await mkdtemp(join(tmpdir(), 'homeward-kill-'))
  const ledger = newLedger()
  try {
    for (let round = 1; round <= kills; round += 1) {
      const homeward = await startHomeward({ data, at: '2026-06-01T09:00:00.000Z' })
      await live(homeward, ledger, round, random)
      say(`killed ${round} of ${kills}, ${ledger.events.size} events accepted`)
    }
    const homeward = await startHomeward({ data })
    // Longer than an unknown outcome stays open (72 h) and any hold lasts.
    for (let hour = 1; hour <= 96; hour += 1) {
      await homeward.advance('1h')
      say(`settling: ${hour} of 96 virtual hours`)
    }
    const found = await audit(homeward, ledger)
    await homeward.stop()
    const unknown = found.messages.filter(({ status }) => status === 'UNKNOWN' || status === 'CLOSED').length
    const wrong = wrongIn(found)
    return {
      ok: wrong.length === 0,
      figures: {
        'kill.kills': kills,
        'kill.seed': seed,
        'kill.accepted': ledger.events.size,
        'kill.mails': found.mails,
        'kill.unknown': unknown,
        'kill.lost': found.lost.length,
        'kill.twice': found.twice.length,
      },
      failures: wrong.map((line) => `seed ${seed}: ${line}`),
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

export const kill: Proof = {
  name: 'kill',
  about: 'Killing the runtime at random moments under load loses nothing accepted and sends nothing twice.',
  flags: {
    kills: ['N', 'how often it is killed (50)'],
    seed: ['S', 'the moments are chosen from it (1)'],
  },
  run: async ({ kills, seed }, say) =>
    prove(wholeNumber(kills, 'kills') ?? 50, wholeNumber(seed, 'seed') ?? 1, say),
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(kill)
