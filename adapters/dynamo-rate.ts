/**
 * The granted sending rate, shared by all containers: one number, the instant at which the next send may go
 * (the virtual-scheduling form of the generic cell rate algorithm, ITU-T I.371). A lease adds to it in one
 * update: while it lies ahead everybody's additions commute, so a busy line never meets a refusal.
 */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { attempt } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import type { WorkspaceTables } from './dynamo-workspace.ts'

/** The last instant this container saw: it says which of the two updates to try first. */
export interface RateMemory {
  nextMs: number
}

/** Takes a lease; see `Workspace.leaseRate` in `flow/port.ts`. */
export async function leaseRate(
  { database, workspace }: WorkspaceTables,
  memory: RateMemory,
  lease: { count: number; ratePerSecond: number; nowMs: number },
): Promise<number> {
  const tookMs = Math.ceil((lease.count * 1000) / lease.ratePerSecond)
  const { nowMs } = lease
  const ahead = { expression: 'SET #nextMs = #nextMs + :tookMs', condition: '#nextMs >= :nowMs' }
  const idle = {
    expression: 'SET #nextMs = :afterMs',
    condition: 'attribute_not_exists(#nextMs) OR #nextMs < :nowMs',
  }
  let [next, other] = memory.nextMs >= nowMs ? [ahead, idle] : [idle, ahead]
  for (let tries = 0; tries < limits.conflictAttempts; tries += 1) {
    const update = named(
      {
        TableName: workspace,
        Key: { kind: 'rate', id: 'ses' },
        UpdateExpression: next.expression,
        ConditionExpression: next.condition,
        ReturnValues: 'UPDATED_NEW' as const,
      },
      { tookMs, nowMs, afterMs: nowMs + tookMs },
    )
    const answer = await attempt('lease from the sending rate', () =>
      database.send(new UpdateCommand(update)),
    )
    if (answer !== 'refused') {
      memory.nextMs = Number(answer.Attributes?.nextMs)
      return memory.nextMs - tookMs
    }
    ;[next, other] = [other, next]
  }
  throw new Failed({
    code: 'rate-unsettled',
    message: 'the sending rate kept changing under a lease; it may pass: try again',
    retryable: true,
  })
}
