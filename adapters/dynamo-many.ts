/**
 * Many rows of the table Gates in few calls, for imports: a hundred keys a call, read consistently, in whichever
 * order they come. What the database left out because it was too much at once is asked for again. Rows:
 * `adapters/dynamo-gates.ts`.
 */
import { BatchGetCommand, type BatchGetCommandInput, type BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { call, type Database } from './dynamo.ts'

type Row = Record<string, unknown>

async function batch(database: Database, table: string, gates: readonly string[]): Promise<Row[]> {
  const rows: Row[] = []
  let wanted: Row[] | undefined = gates.map((gate) => ({ gate }))
  for (let tries = 0; wanted !== undefined && wanted.length > 0; tries += 1) {
    if (tries >= limits.conflictAttempts) throw busy()
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, limits.conflictPauseMs * 2 ** tries))
    const request: BatchGetCommandInput = {
      RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } },
    }
    const answer: BatchGetCommandOutput = await call('read many gates', () =>
      database.send(new BatchGetCommand(request)),
    )
    rows.push(...(answer.Responses?.[table] ?? []))
    wanted = answer.UnprocessedKeys?.[table]?.Keys
  }
  return rows
}

const busy = (): Failed =>
  new Failed({
    code: 'database-failed',
    message: 'DynamoDB left rows of Gates unread again and again; it may pass: try again',
    retryable: true,
  })

/** The rows by their key; those that are not there are left out. */
export async function readMany(
  database: Database,
  table: string,
  gates: readonly string[],
): Promise<Map<string, Row>> {
  const keys = [...new Set(gates)]
  const batches = Array.from({ length: Math.ceil(keys.length / limits.batchKeys) }, (_, index) =>
    keys.slice(index * limits.batchKeys, (index + 1) * limits.batchKeys),
  )
  const found = await Promise.all(batches.map((some) => batch(database, table, some)))
  return new Map(found.flat().map((row) => [String(row.gate), row]))
}
