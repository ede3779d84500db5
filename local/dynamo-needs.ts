/**
 * What a DynamoDB call needs to be allowed: transactions are authorised item by item under the names of single-item
 * actions, batches table by table, queries of an index on the index.
 */
import type { AwsCall } from './aws.ts'
import type { Table } from './dynamo-tables.ts'
import type { Need } from './iam.ts'

/** The table's name in an ARN, or the name itself. */
export function tableName(arn: string): string {
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
