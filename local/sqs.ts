/**
 * SQS's HTTP face (AwsJson 1.0): what functions and the operator call. Queue URLs point back at this endpoint,
 * because the SDK follows the URL's host; bodies carry the MD5 the SDK checks. The queues are in `queue.ts`.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  jsonAnswer,
  jsonBody,
  jsonFailure,
  targetAction,
} from './aws.ts'
import type { Clock } from './clock.ts'
import type { Need } from './iam.ts'
import { type MessageAttributes, Queue, type QueueMessage, type QueueSpec } from './queue.ts'
import type { Stack } from './stack.ts'
import type { Store } from './store.ts'

const MAX_BATCH = 10
const MAX_BODY_BYTES = 1_048_576
const MAX_DELAY_S = 900

/** The stack's queues by ARN, each wired to its dead-letter queue. */
export function queuesOf(stack: Stack, store: Store, clock: Clock): Map<string, Queue> {
  const queues = new Map<string, Queue>()
  for (const resource of stack.resources('AWS::SQS::Queue')) {
    const { properties, ref: url, arn, logicalId } = resource
    const redrive = properties.RedrivePolicy as
      | { deadLetterTargetArn?: string; maxReceiveCount?: number }
      | undefined
    const spec: QueueSpec = {
      name: arn.slice(arn.lastIndexOf(':') + 1),
      logicalId,
      arn,
      url,
      delayMs: Number(properties.DelaySeconds ?? 0) * 1000,
      visibilityMs: Number(properties.VisibilityTimeout ?? 30) * 1000,
      retentionMs: Number(properties.MessageRetentionPeriod ?? 345_600) * 1000,
      redrive: redrive?.deadLetterTargetArn
        ? { arn: redrive.deadLetterTargetArn, maxReceives: Number(redrive.maxReceiveCount ?? 10) }
        : undefined,
    }
    queues.set(arn, new Queue(spec, store.table(`queue ${spec.name}`), clock))
  }
  for (const queue of queues.values()) {
    queue.onDead = (message) => queues.get(queue.spec.redrive?.arn ?? '')?.adopt(message)
  }
  return queues
}

type Answer = (queue: Queue, input: Record<string, unknown>) => unknown

export class SqsService implements AwsService {
  readonly name = 'sqs'
  private readonly queues: Map<string, Queue>

  constructor(queues: Map<string, Queue>) {
    this.queues = queues
  }

  actionOf(call: Pick<AwsCall, 'headers'>): string {
    return targetAction(call.headers)
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return jsonBody(call.body)
  }

  needs(call: AwsCall): Need[] {
    const single = call.action.replace(/Batch$/, '')
    if (call.action === 'ListQueues') return [{ action: 'sqs:ListQueues', resource: '*' }]
    const queue = this.find(call.input)
    return [{ action: `sqs:${single}`, resource: queue?.spec.arn ?? '*' }]
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    if (call.action === 'ListQueues') {
      return jsonAnswer({ QueueUrls: [...this.queues.values()].map((queue) => queue.spec.url) }, '1.0')
    }
    if (call.action === 'StartMessageMoveTask') return jsonAnswer(this.move(call.input), '1.0')
    const act = actions[call.action]
    if (act === undefined)
      throw new AwsError('UnknownOperationException', `SQS ${call.action} is not available locally.`)
    const queue = this.find(call.input)
    if (queue === undefined) {
      const wanted = String(call.input.QueueUrl ?? call.input.QueueName)
      throw new AwsError('QueueDoesNotExist', `The specified queue does not exist: ${wanted}`)
    }
    return jsonAnswer(act(queue, call.input), '1.0')
  }

  fail(error: AwsError) {
    return jsonFailure(error, '1.0')
  }

  /**
   * Moves what lies in a dead-letter queue back to the queue it is of, or to one of choice, where each is a new
   * message (SQS Developer Guide, "Learn how to configure a dead-letter queue redrive"). All at once: a task here
   * is over when it is answered.
   */
  private move(input: Record<string, unknown>): unknown {
    const dead = this.queues.get(String(input.SourceArn))
    if (dead === undefined) throw absent('SourceArn')
    const sources = [...this.queues.values()].filter(({ spec }) => spec.redrive?.arn === dead.spec.arn)
    if (sources.length === 0)
      throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.')
    if (input.DestinationArn === undefined && sources.length > 1)
      throw new AwsError('UnsupportedOperation', 'Several queues die into it: locally, name DestinationArn.')
    const to = input.DestinationArn === undefined ? sources[0] : this.queues.get(String(input.DestinationArn))
    if (to === undefined) throw absent('DestinationArn')
    for (const { body, attributes, handle } of dead.receive(Number.POSITIVE_INFINITY)) {
      to.send(body, { attributes })
      dead.delete(handle ?? '')
    }
    return { TaskHandle: randomUUID() }
  }

  private find(input: Record<string, unknown>): Queue | undefined {
    const name = String(input.QueueUrl ?? input.QueueName ?? input.SourceArn ?? '')
      .split(/[/:]/)
      .pop()
    return [...this.queues.values()].find((queue) => queue.spec.name === name)
  }
}

const absent = (parameter: string) =>
  new AwsError('ResourceNotFoundException', `The resource that ${parameter} names does not exist.`)

const actions: Record<string, Answer> = {
  SendMessage: (queue, input) => send(queue, input),
  SendMessageBatch: (queue, input) => {
    const results = eachEntry(input, (entry) => ({ Id: entry.Id, ...send(queue, entry) }))
    return { Successful: results.done, Failed: results.failed }
  },
  ReceiveMessage: (queue, input) => {
    const limit = Number(input.MaxNumberOfMessages ?? 1)
    if (limit < 1 || limit > MAX_BATCH)
      throw new AwsError('InvalidParameterValue', 'MaxNumberOfMessages is 1 to 10.')
    const visibility =
      input.VisibilityTimeout === undefined ? undefined : Number(input.VisibilityTimeout) * 1000
    return { Messages: queue.receive(limit, visibility).map(received) }
  },
  DeleteMessage: (queue, input) => {
    queue.delete(String(input.ReceiptHandle))
    return {}
  },
  DeleteMessageBatch: (queue, input) => {
    const results = eachEntry(input, (entry) => {
      queue.delete(String(entry.ReceiptHandle))
      return { Id: entry.Id }
    })
    return { Successful: results.done, Failed: results.failed }
  },
  ChangeMessageVisibility: (queue, input) => {
    queue.changeVisibility(String(input.ReceiptHandle), Number(input.VisibilityTimeout) * 1000)
    return {}
  },
  GetQueueUrl: (queue) => ({ QueueUrl: queue.spec.url }),
  GetQueueAttributes: (queue) => ({ Attributes: attributesOf(queue) }),
  PurgeQueue: (queue) => {
    queue.purge()
    return {}
  },
}

function send(queue: Queue, entry: Record<string, unknown>) {
  const body = String(entry.MessageBody ?? '')
  if (body === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.')
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid: message longer than ${MAX_BODY_BYTES} bytes.`,
    )
  }
  const delay = entry.DelaySeconds === undefined ? undefined : Number(entry.DelaySeconds)
  if (delay !== undefined && !(Number.isInteger(delay) && delay >= 0 && delay <= MAX_DELAY_S)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${delay} for parameter DelaySeconds is invalid: 0 to 900.`,
    )
  }
  const attributes = entry.MessageAttributes as MessageAttributes | undefined
  const message = queue.send(body, { delayMs: delay === undefined ? undefined : delay * 1000, attributes })
  const digest = attributesMd5(attributes)
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(body),
    ...(digest ? { MD5OfMessageAttributes: digest } : {}),
  }
}

function eachEntry(input: Record<string, unknown>, act: (entry: Record<string, unknown>) => unknown) {
  const entries = (input.Entries ?? []) as Record<string, unknown>[]
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > MAX_BATCH)
    throw new AwsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.')
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    )
  }
  const results: { done: unknown[]; failed: unknown[] } = { done: [], failed: [] }
  for (const entry of entries) {
    try {
      results.done.push(act(entry))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      results.failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message })
    }
  }
  return results
}

function received(message: QueueMessage) {
  return {
    MessageId: message.id,
    ReceiptHandle: message.handle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: systemAttributes(message),
    ...(Object.keys(message.attributes).length > 0 ? { MessageAttributes: message.attributes } : {}),
  }
}

/** The system attributes of a received message, as both ReceiveMessage and Lambda's event show them. */
export function systemAttributes(message: QueueMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentMs),
    SenderId: 'local',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs ?? message.sentMs),
  }
}

function attributesOf(queue: Queue): Record<string, string> {
  const { visible, hidden, delayed } = queue.counts()
  const { spec } = queue
  return {
    QueueArn: spec.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(hidden),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(spec.visibilityMs / 1000),
    DelaySeconds: String(spec.delayMs / 1000),
    MessageRetentionPeriod: String(spec.retentionMs / 1000),
    ...(spec.redrive
      ? {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: spec.redrive.arn,
            maxReceiveCount: spec.redrive.maxReceives,
          }),
        }
      : {}),
  }
}

export function md5(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex')
}

/** MD5 over attributes in the wire form the SQS developer guide describes. */
function attributesMd5(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort()
  if (names.length === 0) return undefined
  const parts: Buffer[] = []
  const sized = (value: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    parts.push(length, value)
  }
  for (const name of names) {
    const attribute = attributes?.[name]
    if (attribute === undefined) continue
    sized(Buffer.from(name))
    sized(Buffer.from(attribute.DataType))
    const binary = attribute.BinaryValue !== undefined
    parts.push(Buffer.from([binary ? 2 : 1]))
    sized(
      binary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? ''),
    )
  }
  return md5(Buffer.concat(parts))
}
