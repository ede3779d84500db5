/**
 * The granted sending rate and the day's count, shared by all containers: the instant at which the next send may
 * go (the virtual-scheduling form of the generic cell rate algorithm, ITU-T I.371), and what was taken on this
 * UTC day. A lease adds to both in one update: while the line lies ahead and the day is the same, everybody's
 * additions commute, so a busy line never meets a refusal.
 */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { type Tally, utcDay } from '#core/quota'
import { toInstant } from '#core/time'
import type { RateLease } from '#flow/port'
import { attempt, call } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import { notNewer, readRow, schema } from './dynamo-row.ts'
import type { WorkspaceTables } from './dynamo-workspace.ts'

/** What this container saw last: it says which of the updates to try first. */
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

const line = {
  ahead: { set: '#nextMs = #nextMs + :tookMs', condition: '#nextMs >= :nowMs' },
  idle: { set: '#nextMs = :afterMs', condition: '(attribute_not_exists(#nextMs) OR #nextMs < :nowMs)' },
} as const

// A clock that is behind at midnight counts into the day that has begun: a day never goes back.
const day = {
  same: { set: '#total = #total + :count, #marketing = #marketing + :more', condition: '#day >= :day' },
  fresh: {
    set: '#day = :day, #total = :count, #marketing = :more',
    condition: '(attribute_not_exists(#day) OR #day < :day)',
  },
} as const

/** The four updates there are, the likeliest first. */
function candidates(memory: RateMemory, now: { nowMs: number; today: string }) {
  const isAhead = memory.nextMs >= now.nowMs
  const isSame = memory.day >= now.today
  const lines = isAhead ? [line.ahead, line.idle] : [line.idle, line.ahead]
  const days = isSame ? [day.same, day.fresh] : [day.fresh, day.same]
  return days.flatMap((one) =>
    lines.map((other) => ({
      expression: `SET ${other.set}, ${one.set}`,
      condition: `${other.condition} AND ${one.condition}`,
    })),
  )
}

/** Takes a lease; see `Workspace.leaseRate` in `flow/port.ts`. */
export async function leaseRate(
  { database, workspace }: WorkspaceTables,
  memory: RateMemory,
  lease: RateLease,
): Promise<{ firstMs: number; before: Tally }> {
  const tookMs = Math.ceil((lease.count * 1000) / lease.ratePerSecond)
  const { nowMs, count, marketing: more } = lease
  const today = utcDay(toInstant(nowMs))
  for (let tries = 0; tries < limits.conflictAttempts; ) {
    for (const { expression, condition } of candidates(memory, { nowMs, today })) {
      tries += 1
      const update = named(
        {
          TableName: workspace,
          Key: key,
          UpdateExpression: `${expression}, #schema = :schema`,
          ConditionExpression: `${condition} AND ${notNewer}`,
          ReturnValues: 'ALL_NEW' as const,
        },
        { tookMs, nowMs, afterMs: nowMs + tookMs, day: today, count, more, schema },
      )
      const answer = await attempt('lease from the sending rate', () =>
        database.send(new UpdateCommand(update)),
      )
      if (answer === 'refused') continue
      const row = readRow(Row, answer.Attributes, 'the sending rate')
      memory.nextMs = row.nextMs
      memory.day = row.day
      const before = { total: row.total - count, marketing: row.marketing - more }
      return { firstMs: row.nextMs - tookMs, before }
    }
  }
  // A row of a newer layout refuses every lease; reading it says so.
  await leasedOn({ database, workspace }, memory, nowMs)
  throw new Failed({
    code: 'rate-unsettled',
    message: 'the sending rate kept changing under a lease; it may pass: try again',
    retryable: true,
  })
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
  const isToday = last >= utcDay(toInstant(nowMs))
  return isToday ? { total, marketing } : { total: 0, marketing: 0 }
}
