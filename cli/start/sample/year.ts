/**
 * The sample year, lived: the calls of three hundred people go through the real steps (ingest, decide,
 * dispatch, deliver, observe, track) over the ports in memory, event by event and alarm by alarm, on a clock
 * that ends at `now`. Nothing is made up about mails: each was decided. The same seed gives the same year.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import type { Tables } from '#adapters/memory/tables'
import { cartOf } from '#core/cart'
import type { Release } from '#core/release'
import { newState } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { type Instant, toInstant, toMs } from '#core/time'
import { decideCustomer, worksOf } from '#flow/decide'
import { type DeliverPorts, deliver } from '#flow/deliver'
import { dispatch } from '#flow/dispatch'
import { ingest } from '#flow/ingest'
import { observe } from '#flow/observe'
import type { Keys, Mail } from '#flow/port'
import { productOf } from '#local/shop/catalog'
import { Agenda } from './agenda.ts'
import { habitsOf, type Said } from './habits.ts'
import { type Person, personOf } from './people.ts'
import { type Chance, chanceOf } from './random.ts'
import { afterMail, type Reader } from './reader.ts'

const MINUTE_MS = 60_000
const BREATH = 25
const writeKeys = { server: 'sample-server-key', browser: 'sample-browser-key' } as const

export interface YearOptions {
  seed: number
  people: number
  /** The number of the first of them, 1 unless said: nobody's year depends on who else is lived with her. */
  first?: number
  /** Where the year ends. */
  now: Instant
  /** The release that is live all year, and its mails by hash. */
  release: Release
  mails: ReadonlyMap<string, CompiledMail>
  keys: Keys
  stage: DeliverPorts['stage']
  /** Where the shop runs. */
  url: string
  /** Told from time to time how far it is, from 0 to 1. */
  onProgress?: (done: { part: number; people: number; mails: number }) => void
}

export interface Year {
  /** Where it ended. */
  now: Instant
  tables: Tables
  people: Person[]
  /** Every mail that went out, oldest first. */
  mails: { mail: Mail; at: Instant; sesMessageId: string }[]
}

interface World extends MemoryPorts {
  agenda: Agenda
  options: YearOptions
  year: Year
  readers: Map<string, Reader>
  first: number
  said: number
}

/** The world with its release live and its alarms on the agenda. */
async function openWorld(options: YearOptions): Promise<World> {
  const ports = memoryPorts(options.now)
  const { tables } = ports
  const { release, mails } = options
  tables.releases.set(release.number, release)
  tables.live = { release: release.number, paused: [] }
  for (const [hash, mail] of mails) tables.mails.set(hash, mail)
  await ports.workspace.putWriteKey(writeKeys.server, 'server')
  await ports.workspace.putWriteKey(writeKeys.browser, 'browser')
  const year = { now: options.now, tables, people: [], mails: [] }
  const world: World = {
    ...ports,
    keys: options.keys,
    log: () => {},
    // A release does not change within the year: it is handed out as it is, thousands of times.
    workspace: {
      ...ports.workspace,
      release: async (number) => tables.releases.get(number),
      mail: async (hash) => tables.mails.get(hash),
    },
    agenda: new Agenda(),
    options,
    year,
    readers: new Map(),
    first: options.first ?? 1,
    said: 0,
  }
  return withAlarms(world)
}

/** Each commit puts the customer's alarm on the agenda; one that was moved meanwhile does nothing. */
function withAlarms(world: World): World {
  const { customers, tables } = world
  const alarm = (customerId: string, due: Instant) => async () => {
    if (tables.customers.get(customerId)?.due !== due) return
    await decideCustomer(world, { customerId, events: [], alarmAt: world.now.at })
  }
  world.customers = {
    ...customers,
    // Decisions never change a state that they were given: it needs no copy.
    load: async (customerId) => tables.customers.get(customerId),
    commit: async (commit) => {
      const { customerId, due, state } = commit
      const answer = await customers.commit({ ...commit, state: newState(customerId, world.now.at) })
      const stored = tables.customers.get(customerId)
      if (answer !== 'committed' || stored === undefined) return answer
      tables.customers.set(customerId, { ...stored, state })
      if (due !== undefined) {
        const atMs = Math.ceil(toMs(due) / MINUTE_MS) * MINUTE_MS
        world.agenda.add({ atMs, act: alarm(customerId, due) })
      }
      return answer
    },
  }
  world.mailer.send = async (mail) => sent(world, mail)
  return world
}

/** A mail goes out: it is noted, and its reader does what she does. */
async function sent(world: World, mail: Mail): Promise<{ kind: 'sent'; sesMessageId: string }> {
  const { year, agenda, now } = world
  const sesMessageId = `sample-${world.first}-${String(year.mails.length + 1).padStart(6, '0')}`
  year.mails.push({ mail, at: now.at, sesMessageId })
  const customerId = mail.tags.customerId ?? ''
  const reader = world.readers.get(mail.to)
  if (reader === undefined) return { kind: 'sent', sesMessageId }
  const state = world.tables.customers.get(customerId)?.state
  const items = mail.tags.journey === 'abandoned-cart' ? (state && cartOf(state.cart))?.items : undefined
  const lines = (items ?? []).flatMap(({ id, quantity }) => {
    const product = productOf(id)
    return product === undefined ? [] : [{ product, quantity }]
  })
  for (const deed of afterMail(reader, { mail, sesMessageId, atMs: toMs(now.at) }, lines)) agenda.add(deed)
  return { kind: 'sent', sesMessageId }
}

async function say(world: World, { type, source, body }: Said): Promise<void> {
  world.said += 1
  const at = world.now.at
  const call = { messageId: `sample-${world.first}-${world.said}`, timestamp: at, sentAt: at, ...body }
  await ingest(world, { endpoint: type, key: writeKeys[source], body: call })
}

/** Carries both streams on until nothing moves; what is to be delivered later stands on the agenda. */
async function settle(world: World): Promise<void> {
  const { tables, deliveryQueues, agenda, options } = world
  const ports: DeliverPorts = { ...world, stage: options.stage, pause: async () => {} }
  const send = async (one: Parameters<typeof deliver>[1][number]): Promise<void> => {
    const [came] = await deliver(ports, [one])
    if (came !== 'done') agenda.add({ atMs: toMs(world.now.at) + MINUTE_MS, act: () => send(one) })
  }
  while (tables.eventStream.length > 0 || tables.messageStream.length > 0) {
    for (const work of worksOf(tables.eventStream.splice(0))) await decideCustomer(world, work)
    await dispatch({ clock: world.clock, queues: deliveryQueues }, tables.messageStream.splice(0))
    for (const { delayMs, ...one } of deliveryQueues.dispatched.splice(0)) {
      if (delayMs > 0) agenda.add({ atMs: toMs(world.now.at) + delayMs, act: () => send(one) })
      else await send(one)
    }
  }
}

function people(world: World): void {
  const { options, year, agenda, first } = world
  const nowMs = toMs(options.now)
  for (let number = first; number < first + options.people; number += 1) {
    // Each has chances of her own, so that one more person changes nobody else's year.
    const chance: Chance = chanceOf(options.seed * 7919 + number)
    const person = personOf(number, chance)
    year.people.push(person)
    const { url } = options
    const ports = {
      ...world,
      stage: options.stage,
      observe: (notice: Parameters<typeof observe>[1]) => observe(world, notice),
    }
    world.readers.set(person.email, { person, chance, ports, nowMs, url, say: (said) => say(world, said) })
    for (const said of habitsOf({ person, chance, nowMs, url }))
      agenda.add({ atMs: said.atMs, act: () => say(world, said) })
  }
}

/** Lives the year. Fails when a step does. */
export async function liveYear(options: YearOptions): Promise<Year> {
  const world = await openWorld(options)
  people(world)
  const endMs = toMs(options.now)
  let startMs: number | undefined
  for (let count = 0; ; count += 1) {
    const deed = world.agenda.take()
    if (deed === undefined || deed.atMs > endMs) break
    startMs ??= deed.atMs
    if (deed.atMs > toMs(world.now.at) || count === 0) world.now.at = toInstant(deed.atMs)
    await deed.act()
    await settle(world)
    if (count % BREATH > 0) continue
    const part = (deed.atMs - startMs) / (endMs - startMs)
    options.onProgress?.({ part, people: world.tables.customers.size, mails: world.year.mails.length })
    await breathe()
  }
  return world.year
}
