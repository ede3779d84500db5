/**
 * Wires the stack's event source mappings: streams and queues to functions, each with its own settings, after
 * checking that the function's role may read its source (Lambda itself reads with that role).
 */
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import type { DynamoClient } from './dynamo-client.ts'
import type { Table } from './dynamo-tables.ts'
import type { Faults } from './faults.ts'
import type { LambdaFunction } from './lambda.ts'
import { deliverFailure } from './on-failure.ts'
import { filterOf } from './pattern.ts'
import type { Permissions } from './permissions.ts'
import type { Queue } from './queue.ts'
import { QueueMapping } from './queue-mapping.ts'
import type { Stack, StackResource } from './stack.ts'
import type { Store } from './store.ts'
import { StreamMapping } from './stream-mapping.ts'
import { type Position, StreamReader } from './stream-reader.ts'
import { reportsFailures, streamSpecOf } from './stream-spec.ts'

const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams']
const QUEUE_ACTIONS = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']

export type MappingHost = {
  stack: Stack
  store: Store
  clock: Clock
  activity: Activity
  permissions: Permissions
  client: DynamoClient
  tables: Table[]
  queues: Map<string, Queue>
  faults: Pick<Faults, 'poll'>
  /** By name and by ARN. */
  functions: Map<string, LambdaFunction>
  folder: string
}

/** All mappings, not yet reading: poke them. Throws when a mapping could not work on AWS. */
export function mappingsOf(host: MappingHost): { streams: StreamMapping[]; queues: QueueMapping[] } {
  const streams: StreamMapping[] = []
  const queues: QueueMapping[] = []
  for (const mapping of host.stack.resources('AWS::Lambda::EventSourceMapping')) {
    const target = host.functions.get(String(mapping.properties.FunctionName))
    if (target === undefined || mapping.properties.Enabled === false) continue
    const source = String(mapping.properties.EventSourceArn)
    const table = host.tables.find((candidate) => candidate.streamArn === source)
    const queue = host.queues.get(source)
    if (table !== undefined) streams.push(streamMapping(host, mapping, { target, table }))
    else if (queue !== undefined) queues.push(queueMapping(host, mapping, { target, queue }))
    else
      throw new Error(
        `Mapping ${mapping.logicalId} reads ${source}, which the stack lacks. Correct it in infra/.`,
      )
  }
  return { streams, queues }
}

function streamMapping(
  host: MappingHost,
  mapping: StackResource,
  { target, table }: { target: LambdaFunction; table: Table },
): StreamMapping {
  mayRead(host, target, { service: 'dynamodb', actions: STREAM_ACTIONS, resource: table.streamArn })
  const { properties } = mapping
  const destination = properties.DestinationConfig as { OnFailure?: { Destination?: string } } | undefined
  const destinationArn = destination?.OnFailure?.Destination
  if (destinationArn?.includes(':s3:')) {
    mayRead(host, target, {
      service: 's3',
      actions: ['PutObject'],
      resource: `${destinationArn}/aws/lambda/record`,
    })
    mayRead(host, target, { service: 's3', actions: ['ListBucket'], resource: destinationArn })
  }
  const { clock, activity, client, folder } = host
  return new StreamMapping({
    target,
    reader: new StreamReader(table, {
      client,
      positions: host.store.table<Position>('stream position'),
      key: mapping.logicalId,
      region: host.stack.place.region,
      now: () => clock.now(),
    }),
    spec: streamSpecOf(mapping),
    host: {
      clock,
      activity,
      poll: () => host.faults.poll('dynamodb', mapping.logicalId),
      giveUp: (given) =>
        deliverFailure(
          given,
          {
            destinationArn,
            functionArn: target.spec.arn,
            streamArn: table.streamArn,
            mappingId: mapping.logicalId,
          },
          { folder, now: clock.now(), send: (arn, body) => void host.queues.get(arn)?.send(body) },
        ),
    },
  })
}

function queueMapping(
  host: MappingHost,
  mapping: StackResource,
  { target, queue }: { target: LambdaFunction; queue: Queue },
): QueueMapping {
  mayRead(host, target, { service: 'sqs', actions: QUEUE_ACTIONS, resource: queue.spec.arn })
  if (queue.spec.visibilityMs < target.spec.timeoutMs) {
    throw new Error(
      `Queue ${queue.spec.logicalId} hides messages for ${queue.spec.visibilityMs / 1000} s, less than the timeout of ` +
        `${target.spec.step} (${target.spec.timeoutMs / 1000} s): AWS refuses the mapping. Correct it in infra/.`,
    )
  }
  // The CDK's event source grants these two besides; Lambda hides and shows messages with them.
  host.permissions.noteService(target.spec.logicalId, ['sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl'])
  const scaling = mapping.properties.ScalingConfig as { MaximumConcurrency?: number } | undefined
  const made = new QueueMapping({
    queue,
    target,
    spec: {
      batchSize: Number(mapping.properties.BatchSize ?? 10),
      maxConcurrency: scaling?.MaximumConcurrency ?? 5,
      reportsFailures: reportsFailures(mapping),
      filter: filterOf(mapping.properties.FilterCriteria),
    },
    place: {
      activity: host.activity,
      region: host.stack.place.region,
      poll: () => host.faults.poll('sqs', mapping.logicalId),
    },
  })
  queue.onVisible = () => made.poke()
  return made
}

function mayRead(
  host: MappingHost,
  target: LambdaFunction,
  wanted: { service: string; actions: string[]; resource: string },
): void {
  const principal = host.permissions.byFunction(target.spec.logicalId)
  for (const action of wanted.actions) {
    // ListStreams knows no resource; the CDK grants it on "*" or on the stream.
    const refusal = host.permissions.refusal(principal, {
      action: `${wanted.service}:${action}`,
      resource: wanted.resource,
    })
    if (refusal !== undefined) {
      throw new Error(
        `The role of ${target.spec.step} cannot serve its event source. ${refusal}. Grant it in infra/.`,
      )
    }
  }
}
