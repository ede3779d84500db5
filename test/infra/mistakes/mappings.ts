/** Mistakes in event source mappings: what Lambda refuses, or takes and then never invokes by. */
import { arn, gone, type Row } from './row.ts'

const decideEvents = 'DecideHandlerDynamoDBEventSource'
const deliverBulk = 'DeliverHandlerSqsEventSource'

export const mappings: Row[] = [
  ['lint mapping-position', decideEvents, 'StartingPosition', gone, 'a stream without a position'],
  [
    'lint mapping-position',
    decideEvents,
    'StartingPosition',
    'AT_TIMESTAMP',
    'a position streams of tables do not take',
  ],
  ['lint mapping-position', deliverBulk, 'StartingPosition', 'LATEST', 'a queue with a position'],
  ['lint mapping-stream', 'Messages', 'StreamSpecification', gone, 'a stream the table does not have'],
  [
    'lint mapping-image',
    'Events',
    'StreamSpecification.StreamViewType',
    'KEYS_ONLY',
    'a stream of keys only',
  ],
  [
    'lint mapping-filter',
    decideEvents,
    'FilterCriteria.Filters.0.Pattern',
    '{eventName:["INSERT"]}',
    'a filter that is no JSON',
  ],
  [
    'lint mapping-filter',
    decideEvents,
    'FilterCriteria.Filters.0.Pattern',
    '{"dynamodb":{"NewImage":{"round":{"N":[{"numeric":[">",1]}]}}}}',
    'a numeric operator on a stream',
  ],
  [
    'lint mapping-filter',
    decideEvents,
    'FilterCriteria.Filters.0.Pattern',
    '{"eventName":[{"startsWith":"INS"}]}',
    'an operator there is not',
  ],
  [
    'lint mapping-filter',
    decideEvents,
    'FilterCriteria.Filters.0.Pattern',
    '{"eventName":"INSERT"}',
    'a bare value in a filter',
  ],
  [
    'lint mapping-key',
    decideEvents,
    'FilterCriteria.Filters.0.Pattern',
    '{"dynamodb":{"Keys":{"messageId":{"S":["x"]}}}}',
    'a filter on a key the table lacks',
  ],
  [
    'lint mapping-filter-count',
    decideEvents,
    'FilterCriteria.Filters',
    Array.from({ length: 6 }, () => ({ Pattern: '{"eventName":["INSERT"]}' })),
    'six filters',
  ],
  ['lint mapping-batch', deliverBulk, 'BatchSize', 100, 'a large batch of a queue without a window'],
  ['aws F3034', decideEvents, 'BatchSize', 20000, 'a batch beyond ten thousand'],
  ['aws F3034', deliverBulk, 'MaximumBatchingWindowInSeconds', 600, 'a window beyond five minutes'],
  ['lint mapping-failures', deliverBulk, 'FunctionResponseTypes', gone, 'whole batches that come again'],
  ['aws W3030', decideEvents, 'FunctionResponseTypes', ['ReportFailures'], 'a response type there is not'],
  ['lint mapping-on-failure', decideEvents, 'DestinationConfig', gone, 'nowhere for a failed batch'],
  [
    'lint mapping-on-failure',
    decideEvents,
    'DestinationConfig.OnFailure.Destination',
    arn('Gates'),
    'a failed batch into a table',
  ],
  ['aws F3034', decideEvents, 'ParallelizationFactor', 11, 'a parallelization of eleven'],
  ['aws F3034', decideEvents, 'MaximumRecordAgeInSeconds', 604801, 'a record older than a week'],
  ['aws F3034', deliverBulk, 'ScalingConfig.MaximumConcurrency', 1, 'one invocation at once'],
  [
    'lint mapping-concurrency',
    decideEvents,
    'ScalingConfig',
    { MaximumConcurrency: 10 },
    'a concurrency on a stream',
  ],
  ['lint mapping-source', deliverBulk, 'EventSourceArn', arn('SlowQueue'), 'a source that is not there'],
  ['aws F1020', deliverBulk, 'FunctionName', { Ref: 'Send' }, 'a function that is not there'],
  ['lint mapping-function', deliverBulk, 'FunctionName', arn('Gates'), 'a table for a function'],
]
