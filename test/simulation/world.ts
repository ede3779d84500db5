/**
 * One world: the real `core` and `flow` over the ports in memory, reached through faults, carried by streams and
 * queues that behave as badly as AWS allows. One seed is one world, to the byte. What is right is judged by
 * `oracle.ts`; who lives here is in `shoppers.ts`, `readers.ts` and `operator.ts`.
 */
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import type { Event } from '#core/event'
import { addressHash } from '#core/id'
import type { Message } from '#core/message'
import { readNotice } from '#core/notice'
import { type Instant, plus, toInstant, toMs } from '#core/time'
import { decideAll, worksOf } from '#flow/decide'
import { deliver } from '#flow/deliver'
import { dispatch } from '#flow/dispatch'
import { observe } from '#flow/observe'
import type { Commit, Dispatch, Log } from '#flow/port'
import { wake } from '#flow/wake'
import { type Chance, chanceOf } from './chance.ts'
import { type FaultMix, type Faults, faultsOf } from './faults.ts'
import { type Done, type End, Functions, type Invocation, type Witness } from './invocation.ts'
import { type Accepted, MailService } from './mail-service.ts'
import { Queue, type QueueEnd } from './queue.ts'
import { newScheduler, type Scheduler } from './scheduler.ts'
import { type Shop, shopOf } from './shop.ts'
import { type Shopper, shoppersOf } from './shoppers.ts'
import { type BatchEnd, Stream } from './stream.ts'

/** A Thursday before the night in which Berlin's clocks go on. */
export const start: Instant = '2026-03-26T06:00:00.000Z'
export const dayMs = 86_400_000

const stage = {
  sender: 'shop@shop.example',
  linkBaseUrl: 'https://links.shop.example',
  postalAddress: '1 Loom Lane',
  allowList: ['*'],
}

interface Woken {
  customerId: string
  firedAt: Instant
}

/** What an observer of the world is told beside what every call does. */
export interface Watcher extends Witness {
  accepted(accepted: Accepted, invocation: Invocation): void
  logged(line: Record<string, unknown>, invocation: Invocation): void
  /** A notice was dealt with. */
  observed(raw: unknown): void
}

export type WorldPorts = ReturnType<World['portsFor']>

export class World {
  readonly seed: number
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly memory: MemoryPorts
  readonly functions: Functions
  readonly mailService: MailService
  readonly eventStream: Stream<Event>
  readonly messageStream: Stream<Message>
  readonly wakeQueue: Queue<Woken>
  readonly urgentQueue: Queue<Dispatch>
  readonly bulkQueue: Queue<Dispatch>
  readonly observeQueue: Queue<unknown>
  readonly shop: Shop
  readonly shoppers: Shopper[]
  readonly watcher: Watcher
  /** Keyed hash → address. */
  readonly hashes = new Map<string, string>()
  private readonly releases = new Map<number, Awaited<ReturnType<MemoryPorts['workspace']['release']>>>()
  private readonly dues = new Map<string, { due: Instant | undefined; atMs: number }[]>()
  private readonly lags: Chance
  private armedMs: number | undefined

  constructor(seed: number, watch: (world: World) => Watcher, mix?: FaultMix) {
    this.seed = seed
    this.scheduler = newScheduler(start)
    this.faults = faultsOf(seed, mix)
    this.memory = memoryPorts(start)
    this.lags = chanceOf(seed, 'lags')
    this.shop = shopOf(chanceOf(seed, 'shop'), chanceOf(seed, 'habits'))
    this.shoppers = shoppersOf(chanceOf(seed, 'shoppers'), start)
    this.watcher = watch(this)
    this.functions = new Functions(seed, {
      scheduler: this.scheduler,
      faults: this.faults,
      witness: this.watching(),
    })
    this.mailService = new MailService({
      seed,
      functions: this.functions,
      accepted: (accepted, invocation) => this.watcher.accepted(accepted, invocation),
      notice: (raw, delayMs) => this.observeQueue.add(raw, delayMs),
      bounces: (address, at) => {
        const gone = this.shoppers.find((one) => one.address === address)?.mailboxGoneAt
        return gone !== undefined && at >= gone
      },
    })
    this.eventStream = this.stream(
      'Events',
      ({ customerId, key }: Event) => `${customerId} ${key}`,
      (events, ended) => this.decideEvents(events, ended),
    )
    this.messageStream = this.stream(
      'Messages',
      ({ messageId }: Message) => messageId,
      (messages, ended) => this.dispatchMessages(messages, ended),
    )
    this.wakeQueue = this.queue('WakeQueue', 360_000, (woken, ended) => this.decideAlarms(woken, ended))
    this.urgentQueue = this.queue('UrgentQueue', 360_000, (all, ended) => this.deliverAll(all, ended))
    this.bulkQueue = this.queue('BulkQueue', 360_000, (all, ended) => this.deliverAll(all, ended))
    this.observeQueue = this.queue('ObserveQueue', 180_000, (raws, ended) => this.observeAll(raws, ended))
  }

  /** What every watcher needs, with what the world itself does after each call. */
  private watching(): Witness {
    const { watcher } = this
    return {
      doing: (call, args) => watcher.doing(call, args),
      done: (done) => {
        this.after(done)
        watcher.done(done)
      },
      tell: (who, what) => watcher.tell(who, what),
      count: (what) => watcher.count(what),
    }
  }

  private stream<R>(
    name: string,
    itemOf: (record: R) => string,
    invoke: (records: readonly R[], ended: (end: BatchEnd) => void) => void,
  ): Stream<R> {
    return new Stream<R>({ name, itemOf, invoke, ...this.around(name) })
  }

  private queue<B>(
    name: string,
    visibilityMs: number,
    invoke: (bodies: readonly B[], ended: (end: QueueEnd) => void) => void,
  ): Queue<B> {
    return new Queue<B>({ name, visibilityMs, invoke, ...this.around(name) })
  }

  private around(name: string) {
    const { scheduler, faults, watcher } = this
    return {
      scheduler,
      faults,
      chance: chanceOf(this.seed, name),
      tell: (who: string, what: string) => watcher.tell(who, what),
      count: (what: string) => watcher.count(what),
    }
  }

  /** Keys, releases and hashes as they are before anybody comes. */
  async open(): Promise<void> {
    const { workspace, keys } = this.memory
    await workspace.putWriteKey('server-key', 'server')
    await workspace.putWriteKey('browser-key', 'browser')
    for (const { address } of this.shoppers)
      this.hashes.set(addressHash(address, await keys.addressKey()), address)
  }

  /** What one run of a function has: every port through faults, a clock that may be off, mail. */
  portsFor(invocation: Invocation) {
    const through = <P extends object>(name: string, port: P, own: Partial<P> = {}): P =>
      new Proxy(port, {
        get: (target, method: string) => {
          const real = (own[method as keyof P] ?? target[method as keyof P]) as (
            ...args: unknown[]
          ) => Promise<unknown>
          if (typeof real !== 'function') return real
          return (...args: unknown[]) =>
            this.functions.reach(invocation, { call: `${name}.${method}`, method, args }, () => real(...args))
        },
      })
    const { memory } = this
    const log: Log = (line) => this.watcher.logged(line, invocation)
    const workspace = through('workspace', memory.workspace)
    const cached = { release: (number: number) => this.release(number), mail: memory.workspace.mail }
    return {
      clock: invocation.clock,
      log,
      keys: memory.keys,
      identities: through('identities', memory.identities),
      gates: through('gates', memory.gates),
      events: through('events', memory.events),
      customers: through('customers', memory.customers, {
        dueAt: async (now, limit) => this.dueAt(now, limit),
      }),
      messages: through('messages', memory.messages),
      workspace: new Proxy(workspace, {
        get: (target, method: string) =>
          method === 'release' || method === 'mail' ? cached[method] : target[method as keyof typeof target],
      }),
      reports: through('reports', memory.reports),
      wakeQueue: through('wakeQueue', {
        wake: async (customers: readonly Woken[]) => {
          for (const one of customers) this.wakeQueue.add(one)
        },
      }),
      queues: through('queues', {
        dispatch: async (all: readonly (Dispatch & { urgent: boolean; delayMs: number })[]) => {
          for (const { urgent, delayMs, ...one } of all)
            (urgent ? this.urgentQueue : this.bulkQueue).add(one, delayMs)
        },
      }),
      mailer: this.mailService.mailerFor(invocation),
      pause: (ms: number) => new Promise<void>((resolve) => this.functions.later(invocation, ms, resolve)),
      stage,
    }
  }

  /** A release never changes: every container keeps it. */
  private async release(number: number) {
    const known = this.releases.get(number) ?? (await this.memory.workspace.release(number))
    if (known !== undefined) this.releases.set(number, known)
    return known
  }

  /** Who is due by an index that may lag behind. */
  private dueAt(now: Instant, limit: number): { customerId: string; due: Instant }[] {
    const { mix, healed } = this.faults
    const lagMs = healed ? 0 : this.lags.int(0, mix.indexLagMs)
    const seenMs = this.scheduler.nowMs() - lagMs
    const found = [...this.dues].flatMap(([customerId, written]) => {
      const due = written.findLast(({ atMs }) => atMs <= seenMs)?.due
      return due !== undefined && due <= now ? [{ customerId, due }] : []
    })
    return found.sort((one, other) => (one.due < other.due ? -1 : 1)).slice(0, limit)
  }

  /** After every call: what was written goes into the streams, an alarm that was set is heeded. */
  private after({ call, args, answer }: Done): void {
    const { tables } = this.memory
    for (const event of tables.eventStream.splice(0)) this.eventStream.add(event)
    for (const message of tables.messageStream.splice(0)) this.messageStream.add(message)
    const committed = call === 'customers.commit' && answer === 'committed'
    if (committed || call === 'customers.erase')
      this.alarm(committed ? (args[0] as Commit).customerId : String(args[0]))
  }

  private alarm(customerId: string): void {
    const due = this.memory.tables.customers.get(customerId)?.due
    const written = this.dues.get(customerId) ?? []
    written.push({ due, atMs: this.scheduler.nowMs() })
    this.dues.set(customerId, written.length > 20 ? written.slice(-10) : written)
    if (due !== undefined) this.arm(toMs(due))
  }

  /** The scheduler's minute: minutes in which nobody is due are left out. */
  private arm(dueMs: number): void {
    const { scheduler } = this
    const atMs = Math.ceil(Math.max(scheduler.nowMs() + 1, dueMs) / 60_000) * 60_000
    if (this.armedMs !== undefined && this.armedMs <= atMs) return
    this.armedMs = atMs
    scheduler.at(atMs, () => this.tick(atMs))
  }

  private tick(atMs: number): void {
    if (this.armedMs !== atMs) return
    this.armedMs = undefined
    const again = () => {
      const dues = [...this.memory.tables.customers.values()].flatMap(({ due }) => due ?? [])
      const least = dues.reduce((one, other) => (other < one ? other : one), '~')
      if (least !== '~') this.arm(toMs(least))
    }
    this.functions.run('wake', (invocation) => wake(this.portsFor(invocation)), again)
    // The next minute comes whether or not this one is over.
    again()
  }

  private decideEvents(events: readonly Event[], ended: (end: BatchEnd) => void): void {
    this.functions.run(
      'decide',
      async (invocation) => {
        const failed = await decideAll(this.portsFor(invocation), worksOf(events))
        return events.findIndex(({ customerId }) => failed.has(customerId))
      },
      (end) => ended(end.kind !== 'answered' ? 'crashed' : end.value < 0 ? 'done' : { from: end.value }),
    )
  }

  private decideAlarms(woken: readonly Woken[], ended: (end: QueueEnd) => void): void {
    const latest = new Map<string, Instant>()
    for (const { customerId, firedAt } of woken) {
      const before = latest.get(customerId)
      latest.set(customerId, before !== undefined && before > firedAt ? before : firedAt)
    }
    const works = [...latest].map(([customerId, alarmAt]) => ({ customerId, events: [], alarmAt }))
    this.functions.run(
      'decide',
      async (invocation) => {
        const failed = await decideAll(this.portsFor(invocation), works)
        return woken.flatMap(({ customerId }, index) => (failed.has(customerId) ? [index] : []))
      },
      (end) => ended(failedOf(end)),
    )
  }

  private dispatchMessages(messages: readonly Message[], ended: (end: BatchEnd) => void): void {
    this.functions.run(
      'dispatch',
      (invocation) => dispatch(this.portsFor(invocation), messages),
      (end) => ended(end.kind === 'answered' ? 'done' : 'crashed'),
    )
  }

  private deliverAll(all: readonly Dispatch[], ended: (end: QueueEnd) => void): void {
    this.functions.run(
      'deliver',
      async (invocation) => {
        const deliveries = await deliver(this.portsFor(invocation), all)
        return deliveries.flatMap((delivery, index) => (delivery === 'again' ? [index] : []))
      },
      (end) => ended(failedOf(end)),
    )
  }

  private observeAll(raws: readonly unknown[], ended: (end: QueueEnd) => void): void {
    this.functions.run(
      'observe',
      async (invocation) => {
        const ports = this.portsFor(invocation)
        const failed: number[] = []
        for (const [index, raw] of raws.entries()) {
          const notice = readNotice(raw)
          if (notice.kind === 'ignored' || notice.kind === 'unreadable') continue
          try {
            await observe(ports, notice)
            this.watcher.observed(raw)
          } catch {
            failed.push(index)
          }
        }
        return failed
      },
      (end) => ended(failedOf(end)),
    )
  }

  /** Runs a command until it was answered, however often it breaks. */
  command<T>(
    step: 'operator' | 'track' | 'report',
    body: (ports: WorldPorts, invocation: Invocation) => Promise<T>,
    answered: (value: T, invocation: Invocation) => void = () => undefined,
  ): void {
    const again = (tries: number) =>
      this.functions.run(
        step,
        (invocation) => body(this.portsFor(invocation), invocation),
        (end, invocation) => {
          if (end.kind === 'answered') return answered(end.value, invocation)
          const soon = step === 'track' && tries < 200
          this.scheduler.after(soon ? 5000 : 60_000, () => again(tries + 1))
        },
      )
    again(0)
  }

  at = (ms: number): Instant => plus(start, ms)

  now = (): Instant => toInstant(this.scheduler.nowMs())
}

const failedOf = (end: End<number[]>): QueueEnd => (end.kind === 'answered' ? end.value : 'crashed')
