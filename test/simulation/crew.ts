/**
 * Lives worlds on all cores: as many processes as asked for, each with one world at a time. Worlds come back in the
 * order of their seeds, so that whoever stops at the first that failed has the least seed that fails.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import pLimit from 'p-limit'
import type { Lived } from './live.ts'

const script = new URL('./crew-member.ts', import.meta.url)
const typescript = new URL('../../cli/register.js', import.meta.url).href
/** Nearly all that a world makes is gone with it: a large nursery moves less of it, and each has a core of its own. */
const execArgv = ['--import', typescript, '--max-semi-space-size=32', '--single-threaded-gc']

/** Has the world of a seed lived; rejects when whoever lives it ends before the world does. */
async function ask(member: ChildProcess, seed: number): Promise<Lived> {
  const ended = new AbortController()
  const { signal } = ended
  const lost = once(member, 'exit', { signal }).then(([code, by]) => {
    throw new Error(`the simulator ended with ${code ?? by} in the world of seed ${seed}`)
  })
  member.send(seed)
  try {
    const [lived] = await Promise.race([once(member, 'message', { signal }), lost])
    return lived
  } finally {
    ended.abort()
    await lost.catch(() => undefined)
  }
}

/** The worlds of the seeds `from` to `from + count - 1`. Throws when a process ends by itself. */
export async function* livedBy(
  atOnce: number,
  seeds: { from: number; count: number },
): AsyncGenerator<Lived, void> {
  const size = Math.max(1, Math.min(atOnce, seeds.count))
  const crew = Array.from({ length: size }, () => fork(script, { execArgv }))
  const idle = [...crew]
  const limit = pLimit(size)
  const live = (seed: number): Promise<Lived> =>
    limit(async () => {
      const member = idle.pop()
      if (member === undefined) throw new Error('more worlds at once than processes')
      const lived = await ask(member, seed)
      idle.push(member)
      return lived
    })
  const begun: Promise<Lived>[] = []
  const end = seeds.from + seeds.count
  // A world may take ten times as long as another: nobody waits for it while there are others to live.
  const ahead = 32 * size
  try {
    for (let next = seeds.from; next < end || begun.length > 0; ) {
      while (begun.length < ahead && next < end) begun.push(live(next++))
      const lived = await begun.shift()
      if (lived !== undefined) yield lived
    }
  } finally {
    for (const left of begun) left.catch(() => undefined)
    for (const member of crew) member.kill()
  }
}
