/**
 * DynamoDB as a proxy before the embedded database: makes the template's tables, checks what each call needs
 * (transactions item by item), asks for consumed capacity to count units, and tells the stream readers at once
 * when a table was written. The database itself is `dynamo-process.ts`.
 */
import { Agent, request } from 'node:http'
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  jsonBody,
  jsonFailure,
  type TableUse,
} from './aws.ts'
import type { Need } from './iam.ts'
import { type Stack, tableOf } from './stack.ts'

export const DYNAMO_TARGET = 'DynamoDB_20120810'
export const STREAMS_TARGET = 'DynamoDBStreams_20120810'

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

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'])

/** The database behind the proxy, as the runtime itself uses it (no permission checks, no counting). */
export class DynamoClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 })
  private readonly endpoint: URL

  constructor(endpoint: string) {
    this.endpoint = new URL(endpoint)
  }

  /** Forwards a raw body and returns status and body as they are. */
  async forward(target: string, body: string | Buffer): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const call = request(
        this.endpoint,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': Buffer.byteLength(body),
            'x-amz-target': target,
            'x-amz-date': '20250101T000000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks) }),
          )
          response.on('error', reject)
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  }

  /** A call of the runtime's own. Throws AwsError with the database's words. */
  async call<T>(action: string, input: unknown, target = DYNAMO_TARGET): Promise<T> {
    const { status, body } = await this.forward(`${target}.${action}`, JSON.stringify(input))
    const parsed = JSON.parse(body.toString() || '{}') as Record<string, unknown>
    if (status === 200) return parsed as T
    const code = String(parsed.__type ?? 'InternalFailure')
    throw new AwsError(
      code.slice(code.indexOf('#') + 1),
      String(parsed.message ?? parsed.Message ?? code),
      status,
    )
  }

  close(): void {
    this.agent.destroy()
  }
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

export class DynamoService implements AwsService {
  readonly name = 'dynamodb'
  private readonly client: DynamoClient
  private readonly tables: Map<string, Table>
  private readonly onWrite: (table: Table) => void

  constructor(client: DynamoClient, tables: Table[], onWrite: (table: Table) => void) {
    this.client = client
    this.tables = new Map(tables.map((table) => [table.name, table]))
    this.onWrite = onWrite
  }

  actionOf(call: Pick<AwsCall, 'headers'>): string {
    return (
      String(call.headers['x-amz-target'] ?? '')
        .split('.')
        .pop() ?? ''
    )
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return jsonBody(call.body)
  }

  needs(call: AwsCall): Need[] {
    return dynamoNeeds(call, (name) => this.tables.get(name))
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    const asked = call.input.ReturnConsumedCapacity
    const metered = asked === undefined || asked === 'NONE'
    const body = metered ? JSON.stringify({ ...call.input, ReturnConsumedCapacity: 'INDEXES' }) : call.body
    const target = String(call.headers['x-amz-target'])
    const { status, body: answered } = await this.client.forward(
      target,
      capacityActions.has(call.action) ? body : call.body,
    )
    const tables = this.uses(call, status, answered)
    if (status === 200 && writes.has(call.action)) this.poke(call)
    const headers = { 'content-type': 'application/x-amz-json-1.0' }
    return { status, headers, body: metered ? withoutCapacity(answered) : answered, tables }
  }

  fail(error: AwsError) {
    return jsonFailure(error, '1.0')
  }

  private poke(call: AwsCall): void {
    for (const name of new Set(
      dynamoNeeds(call, (table) => this.tables.get(table)).map((need) => tableName(need.resource)),
    )) {
      const table = this.tables.get(name)
      if (table !== undefined) this.onWrite(table)
    }
  }

  /** Units by table. A refused condition still costs one unit per item, as AWS charges at least that. */
  private uses(call: AwsCall, status: number, body: Buffer): TableUse[] {
    const isWrite = writes.has(call.action)
    if (status !== 200) {
      const refused = isWrite && /ConditionalCheckFailed/.test(body.toString())
      const factor = call.action === 'TransactWriteItems' ? 2 : 1
      return this.named(call).map((table) => ({ table, writeUnits: refused ? factor : 0, readUnits: 0 }))
    }
    const parsed = JSON.parse(body.toString()) as { ConsumedCapacity?: Capacity | Capacity[] }
    const capacities = parsed.ConsumedCapacity === undefined ? [] : [parsed.ConsumedCapacity].flat()
    if (capacities.length === 0)
      return this.named(call).map((table) => ({ table, writeUnits: 0, readUnits: 0 }))
    return capacities.map(({ TableName, CapacityUnits }) => ({
      table: this.tables.get(TableName)?.shown ?? TableName,
      writeUnits: isWrite ? CapacityUnits : 0,
      readUnits: isWrite ? 0 : CapacityUnits,
    }))
  }

  private named(call: AwsCall): string[] {
    const names = dynamoNeeds(call, (name) => this.tables.get(name)).map((need) => tableName(need.resource))
    return [...new Set(names)].map((name) => this.tables.get(name)?.shown ?? name)
  }
}

type Capacity = { TableName: string; CapacityUnits: number }

const capacityActions = new Set([...writes, 'GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems'])

function withoutCapacity(body: Buffer): string | Buffer {
  if (!body.includes('"ConsumedCapacity"')) return body
  const { ConsumedCapacity: _, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>
  return JSON.stringify(rest)
}

function tableName(arn: string): string {
  return /table\/([^/]+)/.exec(arn)?.[1] ?? arn
}

const itemActions: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

/** What a DynamoDB call needs: transactions are authorised item by item, batches table by table. */
export function dynamoNeeds(
  call: Pick<AwsCall, 'action' | 'input'>,
  tableBy: (name: string) => Table | undefined,
): Need[] {
  const arnOf = (name: unknown) => tableBy(tableName(String(name)))?.arn ?? String(name)
  const need = (action: string, table: unknown, keys: (string | undefined)[], index?: unknown): Need => ({
    action: `dynamodb:${action}`,
    resource: index === undefined ? arnOf(table) : `${arnOf(table)}/index/${String(index)}`,
    context: { 'dynamodb:leadingkeys': keys.filter((key) => key !== undefined) },
  })
  const keyOf = (table: unknown, item: unknown) => leadingKey(tableBy(tableName(String(table))), item)
  const { action, input } = call
  if (action === 'TransactWriteItems' || action === 'TransactGetItems') {
    return ((input.TransactItems ?? []) as Record<string, Record<string, unknown>>[]).flatMap((item) =>
      Object.entries(item).map(([kind, part]) =>
        need(itemActions[kind] ?? kind, part.TableName, [keyOf(part.TableName, part.Item ?? part.Key)]),
      ),
    )
  }
  if (action === 'BatchWriteItem' || action === 'BatchGetItem') {
    return Object.keys((input.RequestItems ?? {}) as object).map((table) => need(action, table, []))
  }
  return [
    need(action, input.TableName ?? '*', [keyOf(input.TableName, input.Item ?? input.Key)], input.IndexName),
  ]
}

function leadingKey(table: Table | undefined, item: unknown): string | undefined {
  const name = table?.keys[0]
  if (name === undefined || typeof item !== 'object' || item === null) return undefined
  const value = (item as Record<string, Record<string, string>>)[name]
  return value?.S ?? value?.N
}
