/**
 * The granted sending rate and the day's count, shared by all containers: the instant at which the next send may
 * go (the virtual-scheduling form of the generic cell rate algorithm, ITU-T I.371), and what was taken on this
 * UTC day. A lease adds to both in one update, on condition that the line still has room for it: while it has,
 * and the day is the same, everybody's additions commute, so a busy line never meets a refusal. The line only
 * grows: what a container saw of it says at once, and for good, that it is full.
 */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { type Tally, turnsWithin, utcDay } from '#core/quota'
import { toInstant } from '#core/time'
import type { RateLease, RateWanted } from '#flow/port'
import { attempt, call } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import { notNewer, readRow, schema } from './dynamo-row.ts'
import type { WorkspaceTables } from './dynamo-workspace.ts'

/** What this container saw last: it says which update to try. */
export interface RateMemory {
  nextMs: number
  day: string
}

const Row = z.object({
  nextMs: z.number(),
  /** Absent on rows of older builds, like the counts. */
  day: z.string().default(''),
  total: z.number().default(0),
  marketing: z.number().default(0),
})

const key = { kind: 'rate', id: 'ses' }

const dayOf = (ms: number) => utcDay(toInstant(ms))

const line = {
  ahead: { set: '#nextMs = #nextMs + :tookMs', condition: '#nextMs BETWEEN :nowMs AND :latestMs' },
  idle: { set: '#nextMs = :afterMs', condition: '(attribute_not_exists(#nextMs) OR #nextMs < :nowMs)' },
} as const

// A clock that is behind at midnight counts into the day that has begun: a day never goes back.
const day = {
  same: { set: '#total = #total + :total, #marketing = #marketing + :marketing', condition: '#day >= :day' },
  fresh: {
    set: '#day = :day, #total = :total, #marketing = :marketing',
    condition: '(attribute_not_exists(#day) OR #day < :day)',
  },
} as const

/** The update that takes the turns, if the row is as it was seen last. */
function taking(table: string, memory: RateMemory, { total, marketing, ...wanted }: RateWanted) {
  const { nowMs, waitMs, ratePerSecond } = wanted
  const today = dayOf(nowMs)
  const tookMs = Math.ceil((total * 1000) / ratePerSecond)
  const lines = memory.nextMs >= nowMs ? line.ahead : line.idle
  const days = memory.day >= today ? day.same : day.fresh
  const update = named(
    {
      TableName: table,
      Key: key,
      UpdateExpression: `SET ${lines.set}, ${days.set}, #schema = :schema`,
      ConditionExpression: `${lines.condition} AND ${days.condition} AND ${notNewer}`,
      ReturnValues: 'ALL_NEW' as const,
    },
    {
      tookMs,
      nowMs,
      afterMs: nowMs + tookMs,
      latestMs: nowMs + waitMs - tookMs,
      day: today,
      total,
      marketing,
      schema,
    },
  )
  return { update: new UpdateCommand(update), tookMs }
}

/** Takes a lease; see `Workspace.leaseRate` in `flow/port.ts`. */
export async function leaseRate(
  { database, workspace }: WorkspaceTables,
  memory: RateMemory,
  wanted: RateWanted,
): Promise<RateLease | undefined> {
  const { nowMs, waitMs, ratePerSecond } = wanted
  for (let tries = 0; tries < limits.conflictAttempts; tries += 1) {
    const roomMs = nowMs + waitMs - Math.max(nowMs, memory.nextMs)
    const { total, marketing } = turnsWithin(wanted, { roomMs, ratePerSecond })
    if (total === 0) return undefined
    const { update, tookMs } = taking(workspace, memory, { ...wanted, total, marketing })
    const answer = await attempt('lease from the sending rate', () => database.send(update))
    if (answer !== 'refused') {
      const row = readRow(Row, answer.Attributes, 'the sending rate')
      memory.nextMs = row.nextMs
      memory.day = row.day
      const before = { total: row.total - total, marketing: row.marketing - marketing }
      return { total, marketing, firstMs: row.nextMs - tookMs, before }
    }
    // Others were here since. A row of a newer layout refuses every lease; reading it says so.
    await leasedOn({ database, workspace }, memory, nowMs)
  }
  throw new Failed({
    code: 'rate-unsettled',
    message: 'the sending rate kept changing under a lease; it may pass: try again',
    retryable: true,
  })
}

/** Takes what was not sent out of the day's count; see `Workspace.uncount` in `flow/port.ts`. */
export async function uncount(
  { database, workspace }: WorkspaceTables,
  { total, marketing, nowMs }: Tally & { nowMs: number },
): Promise<void> {
  const update = named(
    {
      TableName: workspace,
      Key: key,
      UpdateExpression: 'SET #total = #total - :total, #marketing = #marketing - :marketing',
      ConditionExpression: `#day = :day AND ${notNewer}`,
    },
    { total, marketing, day: dayOf(nowMs), schema },
  )
  await attempt('take back from the count of the day', () => database.send(new UpdateCommand(update)))
}

/** What was taken on the UTC day of `nowMs`; see `Workspace.leasedOn` in `flow/port.ts`. */
export async function leasedOn(
  { database, workspace }: WorkspaceTables,
  memory: RateMemory,
  nowMs: number,
): Promise<Tally> {
  const command = new GetCommand({ TableName: workspace, Key: key, ConsistentRead: true })
  const { Item } = await call('read the sending rate', () => database.send(command))
  if (Item === undefined) return { total: 0, marketing: 0 }
  const { nextMs, day: last, total, marketing } = readRow(Row, Item, 'the sending rate')
  memory.nextMs = nextMs
  memory.day = last
  return last >= dayOf(nowMs) ? { total, marketing } : { total: 0, marketing: 0 }
}
