/**
 * What an index answered before, so that it can be behind its table: the last answer for a partition of it, or
 * none at all where it was never asked. Only first pages are remembered, and no more of them than `MOST`.
 */
import type { AwsAnswer, AwsCall } from './aws.ts'

const MOST = 500
const MOST_BYTES = 64 * 1024
const nothing = JSON.stringify({ Items: [], Count: 0, ScannedCount: 0 })
const headers = { 'content-type': 'application/x-amz-json-1.0' }

export class IndexMemory {
  private readonly answers = new Map<string, string | Buffer>()

  remember(call: AwsCall, answer: AwsAnswer): void {
    if (answer.status !== 200 || call.input.ExclusiveStartKey !== undefined) return
    const key = partitionOf(call)
    this.answers.delete(key)
    if (answer.body.length > MOST_BYTES) return
    this.answers.set(key, answer.body)
    const [oldest] = this.answers.keys()
    if (this.answers.size > MOST && oldest !== undefined) this.answers.delete(oldest)
  }

  /** The answer of an index that has not heard of what was written since it was last asked. */
  stale(call: AwsCall): AwsAnswer {
    const known = call.input.ExclusiveStartKey === undefined ? this.answers.get(partitionOf(call)) : undefined
    return { status: 200, headers, body: known ?? nothing }
  }
}

/** Table, index and the value of the partition key; what else a query compares changes with the clock. */
function partitionOf({ input }: AwsCall): string {
  const { TableName, IndexName, KeyConditionExpression, ExpressionAttributeValues, Limit } = input
  const name = /(?<![<>])=\s*(:\w+)/.exec(String(KeyConditionExpression))?.[1] ?? ''
  const value = (ExpressionAttributeValues as Record<string, unknown> | undefined)?.[name]
  return JSON.stringify([TableName, IndexName, value, Limit])
}
