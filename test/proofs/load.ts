/**
 * Ten minutes of customers shopping over HTTP with real clients, at half of what the system does here: lag and
 * memory over time, nothing lost. Then three times what it does: it answers 429 and when to come again, loses
 * nothing it accepted, and recovers. Lag and memory are `lag.ts`, the audit is `books.ts`.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Analytics } from '@segment/analytics-node'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { audit, wrongIn } from './books.ts'
import { type Ledger, newLedger, shop, visitOf } from './crowd.ts'
import { isSteady, type Lag, type Memory, watchLag, watchMemory } from './lag.ts'
import { type Findings, type Proof, standing, wholeNumber } from './proof.ts'

const eventsAVisit = 5
const measuredPeople = 200
const overloadMs = 20_000
const settleLimitMs = 120_000

type Say = (line: string) => void
interface World {
  homeward: Homeward
  ledger: Ledger
  lag: Lag
  say: Say
}

/** Events a second from HTTP to decided, in batches of a hundred, as `npm run bench` measures it. */
async function measure({ homeward, ledger, say }: Omit<World, 'lag'>): Promise<number> {
  const visits = Array.from({ length: measuredPeople }, (_, number) => visitOf(`m${number}`, false))
  const events = visits.flat().map(({ call, body }) => ({ type: call, ...body }))
  const began = performance.now()
  for (let from = 0; from < events.length; from += 100) {
    const batch = events.slice(from, from + 100)
    await homeward.say('batch', { batch })
    for (const { messageId } of batch as { messageId?: unknown }[]) ledger.events.add(String(messageId))
  }
  await homeward.advance('0s')
  const perSecond = Math.round(events.length / ((performance.now() - began) / 1000))
  say(`measured ${perSecond} events a second`)
  return perSecond
}

/** A visit through Segment's own library: a call is accepted when the library says so. */
async function shopBySegment({ ledger, lag }: World, analytics: Analytics, name: string): Promise<void> {
  const calls = visitOf(name, false).map(({ call, body }) => {
    const { event = '', properties, traits, userId, messageId } = body as Record<string, string>
    return new Promise<boolean>((resolve) => {
      const done = (error?: unknown) => {
        if (error === undefined) ledger.events.add(String(messageId))
        if (error === undefined && event === 'Cart Updated') lag.accepted(name)
        resolve(error === undefined)
      }
      const own = { userId: String(userId), messageId: String(messageId) }
      if (call === 'identify') analytics.identify({ ...own, traits: traits as never }, done)
      else analytics.track({ ...own, event, properties: properties as never }, done)
    })
  })
  const all = await Promise.all(calls)
  if (all.every(Boolean)) ledger.reminded.add(`${name}@shoppers.example`)
}

async function shopByFetch({ homeward, ledger, lag }: World, name: string): Promise<void> {
  if (await shop(homeward, ledger, name)) lag.accepted(name)
}

/** Visitors arrive one after the other, every second of them by Segment's library. */
async function shopFor(world: World, minutes: number, perSecond: number, memory: Memory): Promise<void> {
  const { homeward, lag, say } = world
  const analytics = new Analytics({
    writeKey: homeward.keys.server,
    host: homeward.url,
    flushAt: 20,
    flushInterval: 500,
    maxRetries: 10,
  })
  const visits: Promise<void>[] = []
  const began = performance.now()
  const all = Math.round((minutes * 60 * perSecond) / eventsAVisit)
  for (let number = 0; number < all; number += 1) {
    const dueMs = began + (number * eventsAVisit * 1000) / perSecond
    await pause(Math.max(0, dueMs - performance.now()))
    const name = `l${number}`
    visits.push(number % 2 === 0 ? shopBySegment(world, analytics, name) : shopByFetch(world, name))
    if (number % Math.ceil(perSecond) === 0)
      say(
        `shopping: ${Math.round((performance.now() - began) / 1000)} of ${minutes * 60} s, ` +
          `lag p99 ${lag.percentile(0.99, performance.now() - 30_000)} ms, ${memory.samples.at(-1)} MB`,
      )
  }
  await Promise.all(visits)
  await analytics.closeAndFlush()
}

/** Answers by their status, 0 where there was none, and how many 429 did not say when to come again. */
interface Answers {
  counts: Readonly<Record<number, number>>
  unsaid: number
}

/**
 * What is wrong with the answers to an overload. Each request is taken, or told when to come again by the door: no
 * 503 either, which `ingest` answers where the database failed or a row is contended six times. Behind the door
 * there are never more than three of it, and nothing throttles them.
 */
export function wrongWith({ counts, unsaid }: Answers): string[] {
  const isRight = Object.keys(counts).every((status) => status === '200' || status === '429')
  return [
    ...((counts[429] ?? 0) > 0 ? [] : [`overload was not answered with 429: ${JSON.stringify(counts)}`]),
    ...(unsaid === 0 ? [] : [`${unsaid} answers 429 do not say when to come again`]),
    ...(isRight ? [] : [`overload met ${JSON.stringify(counts)}`]),
  ]
}

/** Three times too much, from clients that do not wait for each other. */
async function overload({ homeward, ledger, say }: World, perSecond: number): Promise<Answers> {
  const counts: Record<number, number> = {}
  let unsaid = 0
  const one = async (number: number) => {
    const messageId = randomUUID()
    const body = {
      userId: `o${number % 50}`,
      messageId,
      event: 'Product Viewed',
      properties: { product_id: 'p' },
    }
    const answer = await homeward
      .post('/v1/track', body, { key: homeward.keys.server })
      .catch(() => undefined)
    const status = answer?.status ?? 0
    counts[status] = (counts[status] ?? 0) + 1
    if (status === 200) ledger.events.add(messageId)
    if (status === 429 && answer?.headers.get('retry-after') === null) unsaid += 1
  }
  const calls: Promise<void>[] = []
  const began = performance.now()
  for (let number = 0; performance.now() - began < overloadMs; ) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    for (; number < due; number += 1) calls.push(one(number))
    say(`overload: ${number} requests, ${counts[429] ?? 0} told to come again`)
    await pause(50)
  }
  await Promise.all(calls)
  return { counts, unsaid }
}

/** How long until all that was accepted is decided, in ms. */
async function recover({ homeward }: World): Promise<number> {
  const began = performance.now()
  const settled = homeward.advance('0s').then(() => Math.round(performance.now() - began))
  return Promise.race([settled, pause(settleLimitMs, settleLimitMs, { ref: false })])
}

async function prove(minutes: number, given: number | undefined, say: Say): Promise<Findings> {
  // Ten in the morning, so that the reminders an hour later meet no quiet hours.
  const homeward = await startHomeward({ at: '2026-06-01T10:00:00.000Z' })
  const ledger = newLedger()
  const perSecond = await measure({ homeward, ledger, say })
  const world = { homeward, ledger, lag: watchLag(homeward), say }
  const memory = watchMemory(homeward.pid)
  try {
    const offered = given ?? Math.round(perSecond / 2)
    await shopFor(world, minutes, offered, memory)
    const settledMs = await recover(world)
    const undecided = world.lag.waiting()
    const growth = memory.growth()
    process.stderr.write(`\n${[...world.lag.chart(), memory.chart()].join('\n')}\n`)
    const answers = await overload(world, perSecond * 3)
    const recoveredMs = await recover(world)
    say('an hour and more passes, reminders go out')
    for (let hours = 0; hours < 3; hours += 1) await homeward.advance('1h')
    const found = await audit(homeward, world.ledger)
    const lost = [...found.lost, ...(undecided > 0 ? [`${undecided} carts were not decided`] : [])]
    const failures = [
      ...wrongIn({ ...found, lost }),
      ...(isSteady(growth) ? [] : [`memory grows: ${memory.chart().trim()}`]),
      ...wrongWith(answers),
      ...(recoveredMs < settleLimitMs ? [] : ['it did not recover from the overload']),
    ]
    return {
      ok: failures.length === 0,
      figures: {
        'load.pipeline.perS': perSecond,
        'load.offered.perS': offered,
        'load.accepted': world.ledger.events.size,
        'load.mails': found.mails,
        'load.lag.p50.ms': world.lag.percentile(0.5),
        'load.lag.p99.ms': world.lag.percentile(0.99),
        'load.rss.mb': Math.max(...memory.samples),
        'load.rss.grown.mb': growth.lastMb - growth.secondMb,
        'load.lost': lost.length,
        'load.twice': found.twice.length,
        'load.429': answers.counts[429] ?? 0,
        'load.settled.ms': settledMs,
        'load.recovered.ms': recoveredMs,
      },
      failures,
    }
  } finally {
    world.lag.stop()
    memory.stop()
    await homeward.stop()
  }
}

export const load: Proof = {
  name: 'load',
  about:
    'Customers shop for minutes at half of what it does: lag, memory, nothing lost; then three times too much.',
  flags: {
    minutes: ['N', 'how long they shop (10)'],
    'per-second': ['N', 'events a second (half of what is measured first)'],
  },
  run: async ({ minutes, 'per-second': perSecond }, say) =>
    prove(wholeNumber(minutes, 'minutes') ?? 10, wholeNumber(perSecond, 'per-second'), say),
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(load)
