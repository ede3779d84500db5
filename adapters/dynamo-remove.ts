/**
 * Taking rows out of a table for ever. Only erasure does it, and `decide` for events that came after one; a row
 * that is gone already is no failure, so that a walk that was broken off is simply walked again.
 */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { limits } from '#core/limits'
import { call, type Database } from './dynamo.ts'

/** Removes the rows of these keys, `limits.removesAtOnce` side by side. */
export async function removeRows(
  database: Database,
  table: string,
  keys: readonly Record<string, string>[],
): Promise<void> {
  const remove = (Key: Record<string, string>) =>
    call('remove a row', () => database.send(new DeleteCommand({ TableName: table, Key })))
  for (let from = 0; from < keys.length; from += limits.removesAtOnce) {
    await Promise.all(keys.slice(from, from + limits.removesAtOnce).map(remove))
  }
}
