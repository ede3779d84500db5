/**
 * What `npm run doctor` asks the table Messages: how many sends have no known outcome. There is no index for so
 * rare a question: the table is scanned, a bounded number of pages of it.
 */
import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { limits } from '#core/limits'
import type { Aws } from './aws.ts'
import { call, openDatabase } from './dynamo.ts'
import { named } from './dynamo-expression.ts'
import { type Environment, readText } from './environment.ts'
import { tables } from './shape.ts'

export interface Unresolved {
  /** Waiting for evidence, and closed without. */
  unknown: number
  closed: number
  /** Rows that were looked at, and whether those are all. */
  seen: number
  isWhole: boolean
}

/** Counts them in the first pages of the table. */
export async function countUnresolved(environment: Environment, aws: Aws): Promise<Unresolved> {
  const database = openDatabase(aws)
  const TableName = readText(environment, tables.messages.env)
  const found = { unknown: 0, closed: 0, seen: 0 }
  let start: Record<string, unknown> | undefined
  for (let page = 0; page < limits.doctorPages; page += 1) {
    const scan = named(
      {
        TableName,
        FilterExpression: '#status = :unknown OR #status = :closed',
        ProjectionExpression: '#status',
        ...(start && { ExclusiveStartKey: start }),
      },
      { unknown: 'UNKNOWN', closed: 'CLOSED' },
    )
    const answer = await call('look through the messages', () => database.send(new ScanCommand(scan)))
    found.seen += answer.ScannedCount ?? 0
    for (const { status } of answer.Items ?? []) found[status === 'UNKNOWN' ? 'unknown' : 'closed'] += 1
    start = answer.LastEvaluatedKey
    if (start === undefined) return { ...found, isWhole: true }
  }
  return { ...found, isWhole: false }
}
