/**
 * Moves the virtual clock ahead: settle what is in flight, jump to the next thing due, let it fire, settle again,
 * until the wanted instant. Ticks of the wake schedule that would find no alarm due are skipped and counted; the
 * runtime asks the index `due` of the Customers table, which is what `wake` itself would ask. Of the report's
 * ticks one a day is left.
 */
import { dueShard, environment, indexes, tables } from '#adapters/shape'
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import type { DynamoClient } from './dynamo-client.ts'
import type { Table } from './dynamo-tables.ts'
import type { Schedule } from './schedules.ts'

// The longest a function may run is a minute; a machine under load gets half an hour for all of it.
const settleLimits = { stalledMs: 120_000, limitMs: 1_800_000 }

export type Outcomes = { sent: number; skipped: number; held: number }
export type Travelled = { now: string; ran: number; coalesced: number } & Outcomes

export type TravelHost = {
  clock: Clock
  activity: Activity
  schedules: Schedule[]
  client: DynamoClient
  tables: Table[]
  /** Decisions counted since the runtime started. */
  outcomes: () => Outcomes
  /** Runs every tick; for proving that coalescing changes nothing. */
  everyTick: boolean
}

export class Travel {
  private readonly host: TravelHost
  private readonly wake: Schedule | undefined
  private readonly report: Schedule | undefined
  /** When the report last counted, or the runtime started. */
  private reportedMs: number
  private queue: Promise<unknown> = Promise.resolve()
  private readonly customers: Table | undefined
  /** The earliest alarm, until the table that holds them is written. */
  private alarm: Promise<number | undefined> | undefined

  constructor(host: TravelHost) {
    this.host = host
    this.wake = host.schedules.find((schedule) => schedule.target.spec.step === 'wake')
    this.report = host.schedules.find((schedule) => schedule.target.spec.step === 'report')
    this.reportedMs = host.clock.now()
    this.customers = host.tables.find((table) => table.logicalId.startsWith(tables.customers.id))
  }

  /** The table was written: what is due first there is unknown again. */
  written(table: Table): void {
    if (table === this.customers) this.alarm = undefined
  }

  /** Waits until nothing is in flight. */
  async settle(): Promise<void> {
    await this.host.activity.whenIdle(settleLimits)
  }

  /** Goes to `targetOf(now)` once everything in flight has settled. Journeys queue up one after the other. */
  async travel(targetOf: (nowMs: number) => number | Promise<number>): Promise<Travelled> {
    const journey = this.queue.then(() => this.go(targetOf))
    this.queue = journey.catch(() => {})
    return journey
  }

  /** The earliest alarm of any customer, in epoch milliseconds; undefined when there is none. */
  async nextAlarm(): Promise<number | undefined> {
    this.alarm ??= this.askForAlarm().catch((error) => {
      this.alarm = undefined
      throw error
    })
    return this.alarm
  }

  private async askForAlarm(): Promise<number | undefined> {
    const table = this.customers
    if (table === undefined) return undefined
    const shards = Number(this.wake?.target.spec.environment[environment.dueShards] ?? 1)
    const firsts = await Promise.all(
      Array.from({ length: shards }, (_, shard) => this.firstIn(table, dueShard(shard))),
    )
    const known = firsts.filter((due) => due !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }

  private async firstIn(table: Table, shard: string): Promise<number | undefined> {
    const { Items } = await this.host.client.call<{ Items: Record<string, { S?: string; N?: string }>[] }>(
      'Query',
      {
        TableName: table.name,
        IndexName: indexes.due.name,
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': indexes.due.partition },
        ExpressionAttributeValues: { ':shard': { S: shard } },
        Limit: 1,
      },
    )
    const due = Items[0]?.[indexes.due.sort]
    const instant = due?.S === undefined ? Number(due?.N) : Date.parse(due.S)
    return Number.isNaN(instant) ? undefined : instant
  }

  private async go(targetOf: (nowMs: number) => number | Promise<number>): Promise<Travelled> {
    const { clock, schedules } = this.host
    const before = { ...this.host.outcomes() }
    const ranBefore = schedules.reduce((sum, schedule) => sum + schedule.ran, 0)
    await this.settle()
    const targetMs = await targetOf(clock.now())
    let coalesced = this.skipReports(targetMs)
    for (;;) {
      coalesced += await this.coalesce(targetMs)
      const next = clock.next()
      if (next === undefined || next.dueMs > targetMs) break
      if (clock.stopped) throw new Error('The runtime is stopping; the clock stands where it got to.')
      clock.jumpTo(next.dueMs)
      await this.settle()
    }
    clock.jumpTo(targetMs)
    await this.settle()
    await this.wakeDue(targetMs)
    const after = this.host.outcomes()
    return {
      now: clock.iso(),
      ran: schedules.reduce((sum, schedule) => sum + schedule.ran, 0) - ranBefore,
      coalesced,
      sent: after.sent - before.sent,
      skipped: after.skipped - before.skipped,
      held: after.held - before.held,
    }
  }

  /**
   * Wakes whoever is due at the instant of arrival, instead of leaving them to the next minute: all has settled
   * means that no alarm of the time travelled is still to fire. More than one tick where the index was behind.
   */
  private async wakeDue(targetMs: number): Promise<void> {
    for (let ticks = 0; ticks < MOST_ARRIVAL_TICKS; ticks++) {
      const alarm = await this.nextAlarm()
      if (this.wake === undefined || alarm === undefined || alarm > targetMs) return
      this.wake.tickNow()
      await this.settle()
    }
  }

  /**
   * Of the hourly ticks of the report, one for each day travelled or more is enough, the last: it counts from
   * rows, so that the others would come to the same. `npm run report` counts open days by itself.
   */
  private skipReports(targetMs: number): number {
    if (this.report === undefined || this.host.everyTick) return 0
    const isDay = targetMs - this.reportedMs >= DAY_MS
    if (isDay) this.reportedMs = targetMs
    return this.report.skipTo(isDay ? targetMs - HOUR_MS : targetMs + 1)
  }

  /** Drops ticks before the next alarm, as long as nothing else could make an alarm due earlier. */
  private async coalesce(targetMs: number): Promise<number> {
    const { clock, everyTick } = this.host
    if (this.wake === undefined || everyTick) return 0
    const other = clock.earliest((timer) => timer.label !== this.wake?.logicalId)
    const limit = Math.min(other, targetMs + 1)
    if (this.wake.nextMs >= limit) return 0
    const alarm = (await this.nextAlarm()) ?? Number.POSITIVE_INFINITY
    return this.wake.skipTo(Math.min(alarm, limit))
  }
}

const MOST_ARRIVAL_TICKS = 3
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const UNITS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }
const DURATION = /^(\d+(\.\d+)?[dhms])+$/

/** Reads "1h30m", "90s", "2d" into milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([dhms])/g))
    sum += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  return sum
}
