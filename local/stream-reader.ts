/**
 * Reads a table's stream from the embedded database, record by record, from where the last start left off. Hides
 * what differs from AWS: a write that changed nothing makes no record, ARNs and regions are the stack's, images are
 * those of the template's view type (the table itself always keeps both, so that equal ones can be told).
 */
import { isDeepStrictEqual } from 'node:util'
import { type DynamoClient, STREAMS_TARGET } from './dynamo-client.ts'
import type { Table } from './dynamo-tables.ts'
import type { StoreTable } from './store.ts'

export type StreamRecord = {
  eventID: string
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  eventVersion: string
  eventSource: string
  awsRegion: string
  eventSourceARN: string
  dynamodb: {
    ApproximateCreationDateTime: number
    Keys: Record<string, unknown>
    NewImage?: Record<string, unknown>
    OldImage?: Record<string, unknown>
    SequenceNumber: string
    SizeBytes: number
    StreamViewType: string
  }
}

/** How far a mapping has come in a stream. */
export type Position = { shardId: string; sequenceNumber: string }

export class StreamReader {
  readonly table: Table
  private readonly client: DynamoClient
  private readonly positions: StoreTable<Position>
  private readonly key: string
  private readonly place: { region: string; now: () => number }
  private streamArn: string | undefined
  private shardId = ''
  private iterator: string | undefined

  constructor(
    table: Table,
    options: {
      client: DynamoClient
      positions: StoreTable<Position>
      key: string
      region: string
      now: () => number
    },
  ) {
    this.table = table
    this.client = options.client
    this.positions = options.positions
    this.key = options.key
    this.place = options
  }

  /**
   * The next records after the last ones read (not the last ones acknowledged): at most `limit`.
   * `end` is the sequence number to acknowledge once all of them are done; undefined when there was nothing.
   */
  async read(limit: number): Promise<{ records: StreamRecord[]; end: string | undefined }> {
    for (;;) {
      const iterator = await this.open()
      if (iterator === undefined) return { records: [], end: undefined }
      // An iterator that fails once may fail for ever: the next read opens another, behind what was acknowledged.
      this.iterator = undefined
      const answer = await this.client.call<{ Records: StreamRecord[]; NextShardIterator?: string }>(
        'GetRecords',
        { ShardIterator: iterator, Limit: limit },
        STREAMS_TARGET,
      )
      this.iterator = answer.NextShardIterator
      const last = answer.Records.at(-1)
      if (last !== undefined) {
        const records = answer.Records.filter(changed).map((record) => this.shape(record))
        return { records, end: last.dynamodb.SequenceNumber }
      }
      if (answer.NextShardIterator !== undefined || !(await this.nextShard()))
        return { records: [], end: undefined }
    }
  }

  /** Remembers that everything up to this sequence number is done. */
  acknowledge(sequenceNumber: string): void {
    this.positions.set(this.key, { shardId: this.shardId, sequenceNumber })
  }

  private async open(): Promise<string | undefined> {
    if (this.iterator !== undefined) return this.iterator
    const shards = await this.shards()
    const position = this.positions.get(this.key)
    const shard = shards.find((id) => id === position?.shardId) ?? shards[0]
    if (shard === undefined) return undefined
    this.shardId = shard
    const after = position?.shardId === shard ? position.sequenceNumber : undefined
    this.iterator = await this.iteratorOf(shard, after)
    return this.iterator
  }

  private async nextShard(): Promise<boolean> {
    const shards = await this.shards()
    const next = shards[shards.indexOf(this.shardId) + 1]
    if (next === undefined) return false
    this.shardId = next
    this.iterator = await this.iteratorOf(next, undefined)
    return true
  }

  private async iteratorOf(shardId: string, after: string | undefined): Promise<string> {
    const StreamArn = await this.arn()
    const where =
      after === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }
    const answer = await this.client.call<{ ShardIterator: string }>(
      'GetShardIterator',
      { StreamArn, ShardId: shardId, ...where },
      STREAMS_TARGET,
    )
    return answer.ShardIterator
  }

  private async shards(): Promise<string[]> {
    const answer = await this.client.call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
      'DescribeStream',
      { StreamArn: await this.arn() },
      STREAMS_TARGET,
    )
    return answer.StreamDescription.Shards.map((shard) => shard.ShardId)
  }

  private async arn(): Promise<string> {
    if (this.streamArn !== undefined) return this.streamArn
    const { Table: table } = await this.client.call<{ Table: { LatestStreamArn?: string } }>(
      'DescribeTable',
      {
        TableName: this.table.name,
      },
    )
    if (table.LatestStreamArn === undefined) {
      throw new Error(
        `Table ${this.table.shown} has no stream, but a function reads it. Give it one in infra/.`,
      )
    }
    this.streamArn = table.LatestStreamArn
    return this.streamArn
  }

  private shape(record: StreamRecord): StreamRecord {
    const view = viewOf(this.table)
    const { NewImage, OldImage, ...rest } = record.dynamodb
    return {
      ...record,
      awsRegion: this.place.region,
      eventSourceARN: this.table.streamArn,
      dynamodb: {
        ...rest,
        // The database stamps real time; functions live on the virtual clock.
        ApproximateCreationDateTime: Math.floor(this.place.now() / 1000),
        ...(NewImage !== undefined && view.includes('NEW') ? { NewImage } : {}),
        ...(OldImage !== undefined && view.includes('OLD') ? { OldImage } : {}),
        StreamViewType: view,
      },
    }
  }
}

/** The template's view type of a table's stream. */
function viewOf(table: Table): string {
  const stream = table.properties.StreamSpecification as { StreamViewType?: string } | undefined
  return stream?.StreamViewType ?? 'KEYS_ONLY'
}

function changed(record: StreamRecord): boolean {
  if (record.eventName !== 'MODIFY') return true
  const { NewImage, OldImage } = record.dynamodb
  return NewImage === undefined || OldImage === undefined || !isDeepStrictEqual(NewImage, OldImage)
}
