/**
 * What Lambda refuses of an event source mapping, or takes and then never invokes by: positions, filters,
 * batches, where failed ones go. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
import { at, each, list, type Resource, type Rule, record, type View } from './view.ts'

const type = 'AWS::Lambda::EventSourceMapping'
const tableType = 'AWS::DynamoDB::GlobalTable'
const queueType = 'AWS::SQS::Queue'

const tableOf = ({ properties }: Resource, view: View) => view.find(properties.EventSourceArn, tableType)
const queueOf = ({ properties }: Resource, view: View) => view.find(properties.EventSourceArn, queueType)

/** Operators of a rule in a list; a stream of DynamoDB has every number as a string, so `numeric` never fits. */
const operators = new Set(['prefix', 'suffix', 'anything-but', 'exists', 'equals-ignore-case', 'wildcard'])

function badOperators(pattern: unknown): string[] {
  if (Array.isArray(pattern)) {
    return pattern.flatMap((rule) =>
      typeof rule === 'object' && rule !== null
        ? Object.keys(rule).filter((name) => !operators.has(name))
        : [],
    )
  }
  if (typeof pattern !== 'object' || pattern === null) return [`the bare value ${JSON.stringify(pattern)}`]
  return Object.values(record(pattern)).flatMap(badOperators)
}

function filterProblem(text: unknown): string | undefined {
  try {
    const pattern: unknown = JSON.parse(String(text))
    if (Object.keys(record(pattern)).length === 0) return `filter ${text} is no object with a key`
    const bad = badOperators(pattern)
    return bad.length === 0 ? undefined : `filter ${text} has ${bad.join(', ')}, which Lambda does not know`
  } catch {
    return `filter ${JSON.stringify(text)} is no JSON`
  }
}

const filtersOf = ({ properties }: Resource) =>
  list(at(properties, 'FilterCriteria', 'Filters')).map((filter) => at(filter, 'Pattern'))

const keysOfTable = (table: Resource) =>
  list(table.properties.AttributeDefinitions).map((one) => String(at(one, 'AttributeName')))

export const mappingRules: Rule[] = [
  {
    id: 'mapping-source',
    check: each(type, (one, view) =>
      tableOf(one, view) || queueOf(one, view)
        ? undefined
        : 'follows neither a table nor a queue of the stack; give it an EventSourceArn of one',
    ),
  },
  {
    id: 'mapping-function',
    check: each(type, ({ properties: { FunctionName } }, view) =>
      view.find(FunctionName, 'AWS::Lambda::Function') ? undefined : 'invokes no function of the stack',
    ),
  },
  {
    id: 'mapping-position',
    check: each(type, (one, view) => {
      const position = one.properties.StartingPosition
      if (queueOf(one, view)) {
        return position === undefined ? undefined : 'has a StartingPosition, which a queue does not take'
      }
      return ['TRIM_HORIZON', 'LATEST'].includes(String(position))
        ? undefined
        : `has the StartingPosition ${position}; a stream needs TRIM_HORIZON`
    }),
  },
  {
    id: 'mapping-stream',
    check: each(type, (one, view) => {
      const table = tableOf(one, view)
      if (!table || at(table.properties, 'StreamSpecification', 'StreamViewType')) return undefined
      return `follows the stream of ${table.id}, which has none; say stream: true in adapters/shape.ts`
    }),
  },
  {
    id: 'mapping-image',
    check: each(type, (one, view) => {
      const kind = at(tableOf(one, view)?.properties, 'StreamSpecification', 'StreamViewType')
      return kind === undefined || /^NEW_/.test(String(kind))
        ? undefined
        : `follows a stream of ${kind}, and the handlers read new images: every batch would fail`
    }),
  },
  {
    id: 'mapping-filter',
    check: each(type, (one) =>
      filtersOf(one)
        .map(filterProblem)
        .find((problem) => problem !== undefined),
    ),
  },
  {
    id: 'mapping-filter-count',
    check: each(type, (one) =>
      filtersOf(one).length <= 5 ? undefined : 'has more than the five filters that a mapping takes',
    ),
  },
  {
    id: 'mapping-batch',
    check: each(type, (one, view) => {
      const size = Number(one.properties.BatchSize ?? 0)
      const window = Number(one.properties.MaximumBatchingWindowInSeconds ?? 0)
      if (queueOf(one, view) && size > 10 && window < 1) {
        return `takes ${size} messages of a queue without a batching window; ten is the most without one`
      }
      return size >= 1 && size <= 10_000 ? undefined : `takes batches of ${size}; from 1 to 10000 can be`
    }),
  },
  {
    id: 'mapping-failures',
    check: each(type, ({ properties: { FunctionResponseTypes } }) =>
      list(FunctionResponseTypes).includes('ReportBatchItemFailures')
        ? undefined
        : 'does not take ReportBatchItemFailures: one failure would bring the whole batch again',
    ),
  },
  {
    id: 'mapping-on-failure',
    check: each(type, (one, view) => {
      if (!tableOf(one, view)) return undefined
      const destination = at(one.properties, 'DestinationConfig', 'OnFailure', 'Destination')
      const found = ['AWS::S3::Bucket', queueType, 'AWS::SNS::Topic'].some((kind) =>
        view.find(destination, kind),
      )
      return found ? undefined : 'drops a batch that keeps failing; name a bucket of the stack on failure'
    }),
  },
  {
    id: 'mapping-concurrency',
    check: each(type, (one, view) => {
      const most = at(one.properties, 'ScalingConfig', 'MaximumConcurrency')
      if (most === undefined) return undefined
      if (tableOf(one, view)) return 'has a MaximumConcurrency, which only queues take'
      return Number(most) >= 2 && Number(most) <= 1000
        ? undefined
        : `lets ${most} run at once; 2 to 1000 can be`
    }),
  },
  {
    id: 'mapping-key',
    check: each(type, (one, view) => {
      const table = tableOf(one, view)
      const keys = filtersOf(one).flatMap((text) => {
        try {
          return Object.keys(record(at(JSON.parse(String(text)), 'dynamodb', 'Keys')))
        } catch {
          return []
        }
      })
      const unknown = table ? keys.filter((key) => !keysOfTable(table).includes(key)) : []
      return unknown.length === 0
        ? undefined
        : `filters by the keys ${unknown.join(', ')}, which no record has`
    }),
  },
]
