/**
 * Watches a running system: how long from an accepted cart to the decision about it, told by the stream of
 * decisions that the page reads too, and how much memory the process holds. Times are real milliseconds.
 */
import { readFileSync } from 'node:fs'
import { sparkline } from '#cli/terminal/chart'
import { derive } from '#core/id'
import type { Homeward } from '#test/fixture/runtime'

const bucketMs = 5_000
const chartWidth = 60

interface Sample {
  atMs: number
  lagMs: number
}

export interface Lag {
  /** A cart of this user was accepted, now. */
  accepted(userId: string): void
  /** Carts that were accepted and not decided so far. */
  waiting(): number
  percentile(share: number, sinceMs?: number): number
  /** Lines for the terminal: p50 and p99 over time. */
  chart(): string[]
  stop(): void
}

function percentileOf(lags: readonly number[], share: number): number {
  const sorted = lags.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

/** Calls `see` with the customer of each journey that was entered. */
async function readEntered(
  url: string,
  ending: AbortSignal,
  see: (customerId: string) => void,
): Promise<void> {
  const response = await fetch(`${url}/_local/events`, { signal: ending })
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue
      const { outcome, journey, customerId } = JSON.parse(line.slice(6)) as Record<string, unknown>
      if (outcome === 'entered' && journey === 'abandoned-cart') see(String(customerId))
    }
  }
}

/** Begins to watch; the decision may come before we hear that the event was accepted: that is a lag of nothing. */
export function watchLag(homeward: Homeward): Lag {
  const began = performance.now()
  const open = new Map<string, number>()
  const early = new Set<string>()
  const samples: Sample[] = []
  const note = (acceptedMs: number) =>
    samples.push({ atMs: acceptedMs - began, lagMs: performance.now() - acceptedMs })
  const ending = new AbortController()
  readEntered(homeward.url, ending.signal, (customerId) => {
    const acceptedMs = open.get(customerId)
    open.delete(customerId)
    if (acceptedMs === undefined) early.add(customerId)
    else note(acceptedMs)
  }).catch((error: Error) => {
    if (!ending.signal.aborted) process.stderr.write(`decisions are no longer heard of: ${error.message}\n`)
  })
  const over = (share: number) => {
    const buckets: number[][] = []
    for (const { atMs, lagMs } of samples) {
      const index = Math.floor(atMs / bucketMs)
      buckets[index] = [...(buckets[index] ?? []), lagMs]
    }
    return Array.from(buckets, (lags = []) => percentileOf(lags, share))
  }
  const line = (name: string, values: readonly number[]) =>
    `  lag ${name}  ${sparkline(values, chartWidth)}  up to ${Math.max(0, ...values)} ms`
  return {
    accepted: (userId) => {
      const customerId = derive('c', 'user', userId)
      if (early.delete(customerId)) samples.push({ atMs: performance.now() - began, lagMs: 0 })
      else open.set(customerId, performance.now())
    },
    waiting: () => open.size,
    percentile: (share, sinceMs = 0) =>
      percentileOf(
        samples.filter(({ atMs }) => atMs + began >= sinceMs).map(({ lagMs }) => lagMs),
        share,
      ),
    chart: () => [line('p50', over(0.5)), line('p99', over(0.99))],
    stop: () => ending.abort(),
  }
}

/** Resident megabytes in the second quarter of a time and in its last. */
export interface Growth {
  secondMb: number
  lastMb: number
}

/**
 * Whether the last quarter holds at most a third and 32 MB beyond the second. No bound nearer to none could be kept:
 * the functions' heaps are in the process too, and each is collected when it pleases. So what leaks at every request
 * is found, and what leaks slowly is not.
 */
export const isSteady = ({ secondMb, lastMb }: Growth): boolean => lastMb <= secondMb * 1.33 + 32

export interface Memory {
  /** Resident megabytes, one a second. */
  readonly samples: number[]
  growth(): Growth
  chart(): string
  stop(): void
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, one) => sum + one, 0) / (numbers.length || 1)

export function growthOf(samples: readonly number[]): Growth {
  const quarter = Math.ceil(samples.length / 4)
  const secondMb = Math.round(mean(samples.slice(quarter, 2 * quarter)))
  return { secondMb, lastMb: Math.round(mean(samples.slice(-quarter))) }
}

/** Resident memory of a process from now on, without its children such as the database (Linux). */
export function watchMemory(pid: number): Memory {
  const samples: number[] = []
  const take = () => {
    const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    samples.push(Math.round(Number(kb ?? 0) / 1024))
  }
  take()
  const timer = setInterval(take, 1_000)
  return {
    samples,
    growth: () => growthOf(samples),
    chart: () => `  memory   ${sparkline(samples, chartWidth)}  up to ${Math.max(...samples)} MB`,
    stop: () => clearInterval(timer),
  }
}
