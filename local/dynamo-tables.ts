/**
 * The stack's tables: read from the template, created in the embedded database where they are missing. A stream always
 * keeps both images there; `stream-reader.ts` hands out those the template asks for.
 */
import type { DynamoClient } from './dynamo-client.ts'
import { type Stack, tableOf } from './stack.ts'

/** A table of the stack. `name` is physical, `shown` the name people know. */
export type Table = {
  logicalId: string
  name: string
  shown: string
  arn: string
  streamArn: string
  keys: string[]
  ttl: string | undefined
  properties: Record<string, unknown>
}

/** The stack's tables, read from its resources. */
export function tablesOf(stack: Stack): Table[] {
  return stack.resources('AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table').map((resource) => {
    const schema = (resource.properties.KeySchema ?? []) as { AttributeName: string }[]
    const ttl = resource.properties.TimeToLiveSpecification as
      | { AttributeName?: string; Enabled?: boolean }
      | undefined
    return {
      logicalId: resource.logicalId,
      name: resource.ref,
      shown: tableOf(resource.logicalId),
      arn: resource.arn,
      streamArn: `${resource.arn}/stream/2020-01-01T00:00:00.000`,
      keys: schema.map((key) => key.AttributeName),
      ttl: ttl?.Enabled === true ? ttl.AttributeName : undefined,
      properties: resource.properties,
    }
  })
}

/** Creates what is missing; a table of the same name with other keys is refused with a cure. */
export async function createTables(client: DynamoClient, tables: Table[]): Promise<void> {
  const { TableNames: known } = await client.call<{ TableNames: string[] }>('ListTables', {})
  for (const table of tables) {
    if (known.includes(table.name)) await sameKeys(client, table)
    else await client.call('CreateTable', creation(table))
  }
}

async function sameKeys(client: DynamoClient, table: Table): Promise<void> {
  const { Table: there } = await client.call<{ Table: { KeySchema: { AttributeName: string }[] } }>(
    'DescribeTable',
    {
      TableName: table.name,
    },
  )
  const keys = there.KeySchema.map((key) => key.AttributeName)
  if (keys.join() === table.keys.join()) return
  throw new Error(
    `The data folder holds table ${table.name} with the key ${keys.join(', ')}, the stack wants ${table.keys.join(', ')}. ` +
      'Start with another data folder (--data) or move the old one away.',
  )
}

function creation(table: Table): Record<string, unknown> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes } = table.properties
  const stream = table.properties.StreamSpecification as { StreamViewType?: string } | undefined
  const indexes = ((GlobalSecondaryIndexes ?? []) as Record<string, unknown>[]).map((index) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
  }))
  return {
    TableName: table.name,
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
    ...(LocalSecondaryIndexes ? { LocalSecondaryIndexes } : {}),
    ...(stream?.StreamViewType
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }
      : {}),
  }
}
