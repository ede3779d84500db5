/**
 * DynamoDB as a proxy before the embedded database: checks what each call needs, asks for consumed capacity to count
 * units, and tells the stream readers at once when a table was written. The database itself is `dynamo-process.ts`.
 */
import {
  type AwsAnswer,
  type AwsCall,
  type AwsError,
  type AwsService,
  jsonBody,
  jsonFailure,
  type TableUse,
  targetAction,
} from './aws.ts'
import type { DynamoClient } from './dynamo-client.ts'
import { dynamoNeeds, tableName } from './dynamo-needs.ts'
import type { Table } from './dynamo-tables.ts'
import type { Need } from './iam.ts'

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'])

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
    return targetAction(call.headers)
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return jsonBody(call.body)
  }

  needs(call: AwsCall): Need[] {
    return dynamoNeeds(call, (name) => this.tables.get(name))
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    const isMetered = capacityActions.has(call.action)
    const asked = call.input.ReturnConsumedCapacity
    const wasAsked = asked !== undefined && asked !== 'NONE'
    const target = String(call.headers['x-amz-target'])
    const sent =
      isMetered && !wasAsked
        ? JSON.stringify({ ...call.input, ReturnConsumedCapacity: 'INDEXES' })
        : call.body
    const { status, body } = await this.client.forward(target, sent)
    const answer = { status, headers: { 'content-type': 'application/x-amz-json-1.0' } }
    if (status !== 200) return { ...answer, body, tables: this.refusedUses(call, body) }
    if (writes.has(call.action)) this.poke(call)
    if (!isMetered) return { ...answer, body, tables: this.noUses(call) }
    const { ConsumedCapacity, ...rest } = JSON.parse(body.toString()) as Metered
    const tables = this.uses(call, ConsumedCapacity)
    return { ...answer, body: wasAsked ? body : JSON.stringify(rest), tables }
  }

  fail(error: AwsError) {
    return jsonFailure(error, '1.0')
  }

  private poke(call: AwsCall): void {
    for (const name of new Set(this.needs(call).map((need) => tableName(need.resource)))) {
      const table = this.tables.get(name)
      if (table !== undefined) this.onWrite(table)
    }
  }

  private uses(call: AwsCall, consumed: Metered['ConsumedCapacity']): TableUse[] {
    const isWrite = writes.has(call.action)
    const capacities = consumed === undefined ? [] : [consumed].flat()
    if (capacities.length === 0) return this.noUses(call)
    return capacities.map(({ TableName, CapacityUnits }) => ({
      table: this.shown(TableName),
      writeUnits: isWrite ? CapacityUnits : 0,
      readUnits: isWrite ? 0 : CapacityUnits,
    }))
  }

  private noUses(call: AwsCall): TableUse[] {
    const names = new Set(this.needs(call).map((need) => tableName(need.resource)))
    return [...names].map((name) => ({ table: this.shown(name), writeUnits: 0, readUnits: 0 }))
  }

  /** A refused condition still costs a write: one unit an item at least, two in a transaction. */
  private refusedUses(call: AwsCall, body: Buffer): TableUse[] {
    if (!writes.has(call.action) || !body.includes('ConditionalCheckFailed')) return this.noUses(call)
    const unit = call.action === 'TransactWriteItems' ? 2 : 1
    const units = new Map<string, number>()
    for (const need of this.needs(call)) {
      const name = tableName(need.resource)
      units.set(name, (units.get(name) ?? 0) + unit)
    }
    return [...units].map(([name, writeUnits]) => ({ table: this.shown(name), writeUnits, readUnits: 0 }))
  }

  private shown(name: string): string {
    return this.tables.get(name)?.shown ?? name
  }
}

type Capacity = { TableName: string; CapacityUnits: number }
type Metered = Record<string, unknown> & { ConsumedCapacity?: Capacity | Capacity[] }

const capacityActions = new Set([...writes, 'GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems'])
