/** Reading a stream: an iterator that the database no longer takes is replaced, behind what was acknowledged. */
import { expect, it } from 'vitest'
import type { DynamoClient } from '#local/dynamo-client'
import type { Table } from '#local/dynamo-tables'
import type { StoreTable } from '#local/store'
import { type Position, StreamReader } from '#local/stream-reader'

const image = (text: string) => ({ id: { S: text } })

/** A database whose first iterator is refused for ever; each asks of an iterator is noted. */
function aStream(positions: Map<string, Position>) {
  const asked: string[] = []
  let opened = 0
  const answers: Record<string, (body: Record<string, unknown>) => unknown> = {
    DescribeTable: () => ({ Table: { LatestStreamArn: 'arn:stream' } }),
    DescribeStream: () => ({ StreamDescription: { Shards: [{ ShardId: 'shard-1' }] } }),
    GetShardIterator: ({ ShardIteratorType, SequenceNumber = '' }) => {
      asked.push(`${ShardIteratorType} ${SequenceNumber}`.trim())
      opened += 1
      return { ShardIterator: `iterator-${opened}` }
    },
    GetRecords: ({ ShardIterator }) => {
      if (ShardIterator === 'iterator-1') throw new Error('past the oldest record')
      const dynamodb = { SequenceNumber: '7', Keys: image('a'), NewImage: image('a') }
      return { Records: [{ eventName: 'INSERT', dynamodb }], NextShardIterator: 'iterator-next' }
    },
  }
  const call = async (action: string, body: Record<string, unknown>) => answers[action]?.(body)
  const table = { name: 'T', shown: 'T', streamArn: 'arn:shown', properties: {} } as unknown as Table
  const reader = new StreamReader(table, {
    client: { call } as unknown as DynamoClient,
    positions: positions as unknown as StoreTable<Position>,
    key: 'mapping',
    region: 'eu-central-1',
    now: () => 0,
  })
  return { reader, asked }
}

it('opens another iterator after one that failed, and goes on where it was', async () => {
  const positions = new Map([['mapping', { shardId: 'shard-1', sequenceNumber: '6' }]])
  const { reader, asked } = aStream(positions)

  await expect(reader.read(10)).rejects.toThrow('past the oldest')
  const { records, end } = await reader.read(10)

  expect(asked).toEqual(['AFTER_SEQUENCE_NUMBER 6', 'AFTER_SEQUENCE_NUMBER 6'])
  expect(records).toHaveLength(1)
  expect(end).toBe('7')
})
