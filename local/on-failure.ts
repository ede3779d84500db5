/**
 * Where records go that a mapping gave up: S3 keeps the whole invocation record (here a file under the data
 * folder), queues get the metadata only, as on AWS.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { GivenUp } from './stream-mapping.ts'

export type FailureTarget = {
  destinationArn: string | undefined
  functionArn: string
  streamArn: string
  mappingId: string
}

/** Delivers what was given up to the mapping's on-failure destination; without one it is lost, as on AWS. */
export function deliverFailure(
  given: GivenUp,
  target: FailureTarget,
  out: { folder: string; now: number; send: (queueArn: string, body: string) => void },
): void {
  const { destinationArn } = target
  if (destinationArn === undefined) return
  const record = describe(given, target, out.now)
  if (destinationArn.includes(':sqs:')) return out.send(destinationArn, JSON.stringify(record))
  const stamp = new Date(out.now).toISOString()
  const [day, time] = [stamp.slice(0, 10).replaceAll('-', '/'), stamp.slice(11, 19).replaceAll(':', '.')]
  const key = `aws/lambda/${target.mappingId}/shard/${day}/${stamp.slice(0, 10)}T${time}-${given.requestId}`
  const file = join(out.folder, 's3', destinationArn.slice(destinationArn.lastIndexOf(':') + 1), key)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ ...record, payload: JSON.stringify({ Records: given.records }) }))
}

function describe(given: GivenUp, target: FailureTarget, now: number): Record<string, unknown> {
  return {
    requestContext: {
      requestId: given.requestId,
      functionArn: target.functionArn,
      condition: given.condition,
      approximateInvokeCount: given.attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: 'shard',
      startSequenceNumber: given.records[0]?.dynamodb.SequenceNumber,
      endSequenceNumber: given.records.at(-1)?.dynamodb.SequenceNumber,
      batchSize: given.records.length,
      streamArn: target.streamArn,
    },
  }
}
