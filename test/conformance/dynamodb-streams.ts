/**
 * What of DynamoDB's streams we use, as cases: which changes make a record, in which order, with which image.
 * The rest of DynamoDB is in `dynamodb.ts`.
 */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import type { Case } from './case.ts'
import { key, put, type Side } from './dynamodb-side.ts'

export const streamCases: Case<Side>[] = [
  {
    name: 'records tell what was put, changed and deleted, in order, with the new image',
    act: async (side) => {
      const at = await streamEnd(side)
      await put(side, { ...key('r1'), n: 1 })
      await put(side, { ...key('r1'), n: 2 })
      await side.database.send(new DeleteCommand({ TableName: side.table, Key: key('r1') }))
      return (await recordsAfter(side, at)).map(({ eventName, dynamodb = {} }) => [
        eventName,
        dynamodb.Keys,
        (dynamodb.NewImage as { n?: unknown } | undefined)?.n,
        dynamodb.StreamViewType,
      ])
    },
    expected: [
      ['INSERT', { id: { S: 'r1' }, sort: { S: 's' } }, { N: '1' }, 'NEW_IMAGE'],
      ['MODIFY', { id: { S: 'r1' }, sort: { S: 's' } }, { N: '2' }, 'NEW_IMAGE'],
      ['REMOVE', { id: { S: 'r1' }, sort: { S: 's' } }, undefined, 'NEW_IMAGE'],
    ],
  },
  {
    name: 'a put that changes nothing makes no record',
    act: async (side) => {
      await put(side, { ...key('r2'), n: 1 })
      const at = await streamEnd(side)
      await put(side, { ...key('r2'), n: 1 })
      return (await recordsAfter(side, at)).map(({ eventName }) => eventName)
    },
    expected: [],
    differs: {
      dynoxide: {
        answers: ['MODIFY'],
        why: 'the local runtime drops a MODIFY whose images are equal before it reaches a mapping',
      },
    },
  },
]

interface StreamRecord {
  eventName?: string
  dynamodb?: Record<string, unknown>
}

async function openStream({ call, table }: Side, after?: string) {
  const { Streams } = (await call('DynamoDBStreams_20120810.ListStreams', { TableName: table })) as {
    Streams: { StreamArn: string }[]
  }
  const StreamArn = Streams[0]?.StreamArn
  const { StreamDescription } = (await call('DynamoDBStreams_20120810.DescribeStream', { StreamArn })) as {
    StreamDescription: { Shards: { ShardId: string }[] }
  }
  const from =
    after === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }
  const { ShardIterator } = await call('DynamoDBStreams_20120810.GetShardIterator', {
    StreamArn,
    ShardId: StreamDescription.Shards.at(-1)?.ShardId,
    ...from,
  })
  return ShardIterator
}

async function recordsAfter(side: Side, after: string | undefined): Promise<StreamRecord[]> {
  const found: StreamRecord[] = []
  let iterator: unknown = await openStream(side, after)
  for (let reads = 0; reads < 20 && iterator; reads += 1) {
    const page = await side.call('DynamoDBStreams_20120810.GetRecords', { ShardIterator: iterator })
    const records = page.Records as StreamRecord[]
    found.push(...records)
    if (records.length === 0) break
    iterator = page.NextShardIterator
  }
  return found
}

/** The sequence number of the last record there is. */
async function streamEnd(side: Side): Promise<string | undefined> {
  const last = (await recordsAfter(side, undefined)).at(-1)
  return last?.dynamodb?.SequenceNumber as string | undefined
}
