/**
 * How every adapter talks to DynamoDB: one client, conditional writes that answer instead of throwing, and
 * transactions that say which of their conditions did not hold. Conflicts and throttles are tried again with
 * jitter and an end; a failed condition never is, because it means "read and decide again". Read
 * `adapters/dynamo-row.ts` next.
 */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type DynamoDBClientConfig,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb'
import {
  DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'

export type Database = Pick<DynamoDBDocumentClient, 'send'>
export type Action = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** The client of a process; `config` is for tests, elsewhere the environment says region and rights. */
export function openDatabase(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...config,
    maxAttempts: limits.databaseAttempts,
    requestHandler: {
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.databaseTimeoutMs,
      throwOnRequestTimeout: true,
    },
  })
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
}

const passing = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ThrottlingException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
])

const unlikelyToPass = new Set([
  'AccessDeniedException',
  'ResourceNotFoundException',
  'ValidationException',
  'ItemCollectionSizeLimitExceededException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
])

const reasonsOf = (error: unknown) =>
  error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : []

const refusedIn = (error: unknown): number[] =>
  reasonsOf(error).flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []))

/** Whether the same call may succeed in a moment, because others were at the same items. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return passing.has(error.name) || reasonsOf(error).some(({ Code }) => Code && passing.has(Code))
}

const pause = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * limits.conflictPauseMs * 2 ** attempt))

/** Runs a call again while others are at the same items, at most `limits.conflictAttempts` times. */
async function persist<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (refusedIn(error).length > 0 || !isPassing(error)) throw error
      if (attempt + 1 >= limits.conflictAttempts) throw error
    }
    await pause(attempt)
  }
}

/** The failure that an error of the SDK means; `doing` says what was attempted, on which table. */
export function databaseFailure(doing: string, error: unknown): Failed {
  if (error instanceof Failed) return error
  const name = error instanceof Error ? error.name : 'Unknown'
  const codes = reasonsOf(error).map(({ Code }) => Code)
  const detail = codes.length > 0 ? codes.join(', ') : error instanceof Error ? error.message : String(error)
  const final = unlikelyToPass.has(name) || codes.includes('ValidationError')
  const cure = final ? 'check the table, its keys and the rights of the function' : 'it may pass: try again'
  return new Failed({
    code: 'database-failed',
    message: `DynamoDB could not ${doing} (${name}: ${detail}); ${cure}`,
    retryable: !final,
    cause: error,
  })
}

/** A call without a condition; what goes wrong is a `Failed`. */
export async function call<T>(doing: string, run: () => Promise<T>): Promise<T> {
  try {
    return await persist(run)
  } catch (error) {
    throw databaseFailure(doing, error)
  }
}

/** A write with a condition: its answer, or `refused` when the condition does not hold. */
export async function attempt<T>(doing: string, run: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await persist(run)
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'refused'
    throw databaseFailure(doing, error)
  }
}

/** All actions or none: `done`, or the indexes of the actions whose conditions do not hold. */
export async function transact(
  database: Database,
  doing: string,
  actions: Action[],
): Promise<'done' | number[]> {
  try {
    await persist(() => database.send(new TransactWriteCommand({ TransactItems: actions })))
    return 'done'
  } catch (error) {
    const refused = refusedIn(error)
    if (refused.length > 0) return refused
    throw databaseFailure(doing, error)
  }
}
