/**
 * What can go wrong with one call, and how AWS says so: names of the faults, which calls each can meet, and the
 * answers as the SDK's own error classes read them. Nothing here decides when; that is `faults.ts` (queued) and
 * `fault-mix.ts` (by chance).
 */
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, jsonAnswer } from './aws.ts'

export const faultKinds = [
  '500-after-accept',
  '500',
  '429',
  'reset',
  'timeout',
  'slow',
  'conflict',
  'throttle',
  'stale-index',
  'lost-reply',
  'duplicate',
  'reorder',
  'kill',
  'out-of-memory',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** The pollers of event source mappings are struck as these calls. */
export const pollActions = { sqs: 'ReceiveMessage', dynamodb: 'GetRecords' } as const

const singleWrites = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])
const transactions = new Set(['TransactWriteItems', 'TransactGetItems'])
const sends = new Set(['SendMessage', 'SendMessageBatch'])

/** Faults of a whole function instead of a call: service `lambda`, the step as action. */
export const functionFaults = new Set<FaultKind>(['kill', 'timeout', 'out-of-memory'])

type Named = Pick<AwsCall, 'service' | 'action'>

const where: Partial<Record<FaultKind, (call: Named) => boolean>> = {
  conflict: ({ service, action }) =>
    service === 'dynamodb' && (singleWrites.has(action) || transactions.has(action)),
  'stale-index': ({ service, action }) => service === 'dynamodb' && action === 'Query',
  duplicate: (call) => isPoll(call) || (call.service === 'sqs' && sends.has(call.action)),
  reorder: (call) => isPoll(call),
  kill: ({ service }) => service === 'lambda',
  'out-of-memory': ({ service }) => service === 'lambda',
}

const places: Partial<Record<FaultKind, string>> = {
  conflict: 'writes and transactions of dynamodb',
  'stale-index': 'Query of dynamodb',
  duplicate: 'SendMessage, SendMessageBatch and ReceiveMessage of sqs, GetRecords of dynamodb',
  reorder: 'ReceiveMessage of sqs, GetRecords of dynamodb',
  kill: 'service lambda, with the step as action',
  'out-of-memory': 'service lambda, with the step as action',
}

function isPoll({ service, action }: Named): boolean {
  return Object.entries(pollActions).some(([of, poll]) => of === service && poll === action)
}

/** Whether a call can meet this fault at all: a conflict on a mail means nothing. */
export function canMeet(fault: FaultKind, call: Named): boolean {
  if (call.service === 'lambda') return functionFaults.has(fault)
  if (isPoll(call)) return fault === 'duplicate' || fault === 'reorder'
  return where[fault]?.(call) ?? true
}

/** Where a fault belongs, in words, for refusing it elsewhere. */
export function placeOf(fault: FaultKind): string {
  return places[fault] ?? 'calls of dynamodb, sqs, ses and the other services'
}

/** Whether a query reads an index, which alone can be behind. */
export function readsIndex(call: AwsCall): boolean {
  return call.service === 'dynamodb' && call.action === 'Query' && call.input.IndexName !== undefined
}

const dynamo = (name: string) => `com.amazonaws.dynamodb.v20120810#${name}`

const tooMany = new AwsError('ThrottlingException', 'Rate exceeded', 429)
const throttled: Record<string, AwsError> = {
  ses: new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429),
  sqs: new AwsError('RequestThrottled', 'The request was denied due to request throttling.', 400),
  dynamodb: new AwsError(
    dynamo('ProvisionedThroughputExceededException'),
    'The level of configured provisioned throughput for the table was exceeded. ' +
      'Consider increasing your provisioning level with the UpdateTable API.',
  ),
}
const conflict = new AwsError(dynamo('TransactionConflictException'), 'Transaction is ongoing for the item')

export const internal = new AwsError('InternalServerError', 'A queued fault of the local runtime.', 500)

/** The connection is dropped instead of answered. */
export const dropped: AwsAnswer = { status: 0, body: '', dropped: true }

/** Another writer was at one of the items: which, of a transaction, `chosen` (0 to 1) says. */
export function conflictOf(call: AwsCall, service: AwsService, chosen: number): AwsAnswer {
  if (!transactions.has(call.action)) return service.fail(conflict)
  return cancelled(call, chosen, { Code: 'TransactionConflict', Message: conflict.message })
}

/** Too much at once; a batch is left undone as a whole, a transaction cancelled, the rest refused. */
export function throttleOf(call: AwsCall, service: AwsService, chosen: number): AwsAnswer {
  if (service.name === 'dynamodb' && transactions.has(call.action)) {
    const Message = 'Throughput exceeds the current capacity of your table or index.'
    return cancelled(call, chosen, { Code: 'ThrottlingError', Message })
  }
  if (call.action === 'BatchGetItem')
    return jsonAnswer({ Responses: {}, UnprocessedKeys: call.input.RequestItems }, '1.0')
  if (call.action === 'BatchWriteItem')
    return jsonAnswer({ UnprocessedItems: call.input.RequestItems }, '1.0')
  if (call.action === 'SendMessageBatch') return refusedEntries(call)
  return service.fail(throttled[service.name] ?? tooMany)
}

function refusedEntries(call: AwsCall): AwsAnswer {
  const entries = (call.input.Entries ?? []) as { Id?: string }[]
  const Failed = entries.map(({ Id }) => ({ Id, Code: 'RequestThrottled', SenderFault: false }))
  return jsonAnswer({ Successful: [], Failed }, '1.0')
}

type Reason = { Code: string; Message?: string }

function cancelled(call: AwsCall, chosen: number, reason: Reason): AwsAnswer {
  const actions = (call.input.TransactItems ?? []) as unknown[]
  const hit = Math.min(Math.floor(chosen * actions.length), actions.length - 1)
  const reasons = actions.map((_, index): Reason => (index === hit ? reason : { Code: 'None' }))
  const codes = reasons.map(({ Code }) => Code).join(', ')
  const Message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`
  const body = { __type: dynamo('TransactionCanceledException'), Message, CancellationReasons: reasons }
  return { ...jsonAnswer(body, '1.0'), status: 400 }
}
