/** What a case of DynamoDB is given, and the two calls that nearly all of them make. Cases: `dynamodb.ts`. */
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'

/** One side: its client, the table's name, and a call of the protocol itself for what the client lacks. */
export interface Side {
  database: DynamoDBDocumentClient
  table: string
  call: (target: string, body: object) => Promise<Record<string, unknown>>
}

export type Row = Record<string, unknown>
export const key = (id: string, sort = 's') => ({ id, sort })

export const put = ({ database, table }: Side, Item: Row, more: object = {}) =>
  database.send(new PutCommand({ TableName: table, Item, ...more }))
