/**
 * What DynamoDB and SQS refuse of a table or a queue, and what a stage that is kept must not lose. Names and keys
 * come from `adapters/shape.ts`.
 */
import { at, each, list, type Resource, type Rule, record, type View } from './view.ts'

const tableType = 'AWS::DynamoDB::GlobalTable'
const queueType = 'AWS::SQS::Queue'
const keptTypes = new Set([tableType, 'AWS::SecretsManager::Secret', 'AWS::S3::Bucket'])

const namesIn = (schema: unknown) => list(schema).map((key) => String(at(key, 'AttributeName')))

const indexesOf = ({ properties }: Resource) => list(properties.GlobalSecondaryIndexes)

const keysOf = (table: Resource) =>
  new Set(
    [table.properties.KeySchema, ...indexesOf(table).map((one) => at(one, 'KeySchema'))].flatMap(namesIn),
  )

/** A stage that protects its tables is one whose customers' data must survive the stack. */
const isKept = (view: View) =>
  view
    .of(tableType)
    .some(({ properties }) =>
      list(properties.Replicas).some((replica) => at(replica, 'DeletionProtectionEnabled') === true),
    )

function redriveProblem({ id, properties }: Resource, view: View): string | undefined {
  const { RedrivePolicy } = properties
  if (RedrivePolicy === undefined) {
    return id.endsWith('Dead') ? undefined : 'has no RedrivePolicy: what fails would come again for days'
  }
  const { deadLetterTargetArn, maxReceiveCount } = record(RedrivePolicy)
  const dead = view.find(deadLetterTargetArn, queueType)
  if (!dead) return 'has a RedrivePolicy without a deadLetterTargetArn that is a queue of the stack'
  if (dead.id === id) return 'is its own dead-letter queue'
  const count = Number(maxReceiveCount)
  return Number.isInteger(count) && count >= 1 && count <= 1000
    ? undefined
    : `has the maxReceiveCount ${maxReceiveCount}; a whole number from 1 to 1000 can be`
}

/** SQS wants the timeout of a consumer to fit; AWS advises six times it. */
function visibilityProblem({ id, properties }: Resource, view: View): string | undefined {
  const consumers = view
    .of('AWS::Lambda::EventSourceMapping')
    .filter((one) => view.find(one.properties.EventSourceArn, queueType)?.id === id)
    .map((one) => view.find(one.properties.FunctionName, 'AWS::Lambda::Function'))
  const longest = Math.max(0, ...consumers.map((one) => Number(one?.properties.Timeout ?? 3)))
  const seconds = Number(properties.VisibilityTimeout ?? 30)
  return seconds >= longest * 6 || consumers.length === 0
    ? undefined
    : `hides a message for ${seconds} s while its consumer may run ${longest} s; six times that is advised`
}

export const storageRules: Rule[] = [
  {
    id: 'table-attributes',
    check: each(tableType, (table) => {
      const defined = namesIn(table.properties.AttributeDefinitions)
      const keys = keysOf(table)
      const missing = [...keys].filter((name) => !defined.includes(name))
      const spare = defined.filter((name) => !keys.has(name))
      if (missing.length > 0) return `has the keys ${missing.join(', ')} without an AttributeDefinition`
      return spare.length > 0 ? `defines ${spare.join(', ')}, which no key uses` : undefined
    }),
  },
  {
    id: 'table-keys',
    check: each(tableType, (table) => {
      const schemas = [table.properties.KeySchema, ...indexesOf(table).map((one) => at(one, 'KeySchema'))]
      const wrong = schemas.some((schema) => {
        const types = list(schema).map((key) => at(key, 'KeyType'))
        return (
          !['HASH', 'HASH,RANGE'].includes(types.join(',')) || new Set(namesIn(schema)).size < types.length
        )
      })
      return wrong ? 'has keys that are not one HASH and then at most one RANGE' : undefined
    }),
  },
  {
    id: 'table-index-names',
    check: each(tableType, (table) => {
      const names = indexesOf(table).map((one) => String(at(one, 'IndexName')))
      return new Set(names).size === names.length ? undefined : 'has two indexes of one name'
    }),
  },
  {
    id: 'table-billing',
    check: each(tableType, ({ properties: { BillingMode } }) =>
      BillingMode === 'PAY_PER_REQUEST'
        ? undefined
        : 'is billed by the hour; PAY_PER_REQUEST is what the price of an idle stack rests on',
    ),
  },
  {
    id: 'table-ttl',
    check: each(tableType, (table) => {
      const name = at(table.properties, 'TimeToLiveSpecification', 'AttributeName')
      return name !== undefined && keysOf(table).has(String(name))
        ? `expires by ${name}, which is a key and no number of seconds`
        : undefined
    }),
  },
  {
    id: 'kept-resources',
    check: (view) => {
      if (!isKept(view)) return []
      return view.all
        .filter(({ type }) => keptTypes.has(type))
        .filter((one) => one.deletionPolicy !== 'Retain' || one.updateReplacePolicy !== 'Retain')
        .map(({ id }) => ({
          resource: id,
          message: 'goes with the stack or its replacement though its tables are protected; RETAIN it',
        }))
    },
  },
  {
    id: 'kept-tables',
    check: (view) => {
      if (!isKept(view)) return []
      return each(tableType, ({ properties }) =>
        list(properties.Replicas).every(
          (replica) =>
            at(replica, 'DeletionProtectionEnabled') === true &&
            at(replica, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true,
        )
          ? undefined
          : 'can be deleted or cannot be restored, unlike the other tables of this stage',
      )(view)
    },
  },
  { id: 'queue-redrive', check: each(queueType, redriveProblem) },
  { id: 'queue-visibility', check: each(queueType, visibilityProblem) },
  {
    id: 'queue-retention',
    check: each(queueType, ({ properties }, view) => {
      const dead = view.find(at(properties.RedrivePolicy, 'deadLetterTargetArn'), queueType)
      const seconds = (of: Resource | undefined) => Number(of?.properties.MessageRetentionPeriod ?? 345_600)
      return dead && seconds(dead) <= Number(properties.MessageRetentionPeriod ?? 345_600)
        ? `keeps messages as long as ${dead.id}, where their age counts on: they would vanish there at once`
        : undefined
    }),
  },
]
