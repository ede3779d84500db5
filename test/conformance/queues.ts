/**
 * What of SQS we use, as cases: sending one and many, delays, receipts, visibility, what batches refuse, what an
 * unknown queue answers. Sides: `queues-sides.ts`.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import type { Case } from './case.ts'

/**
 * One side: its client, and its queues by name: `Work` hides for a minute and dies into `Dead` after two, as all do
 * but `Alone`, which has `AloneDead` to itself.
 */
export interface QueueSide {
  client: SQSClient
  url: (name: string) => string
  arn: (name: string) => string
}

type Name = 'Work' | 'Other' | 'Empty' | 'Mail' | 'Again' | 'Dead' | 'Alone' | 'AloneDead'

const send = ({ client, url }: QueueSide, to: Name, body: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: url(to), MessageBody: body, ...more }))
const receive = async ({ client, url }: QueueSide, from: Name, more: object = {}) => {
  const asked = {
    QueueUrl: url(from),
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All' as const],
  }
  return (await client.send(new ReceiveMessageCommand({ ...asked, ...more }))).Messages ?? []
}
/** Shows what was received again at once. */
const showAgain = ({ client, url }: QueueSide, from: Name, ReceiptHandle: string | undefined) =>
  client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url(from), ReceiptHandle, VisibilityTimeout: 0 }),
  )
const move = ({ client, arn }: QueueSide, from: Name, to?: string) => {
  const DestinationArn = to === undefined ? {} : { DestinationArn: arn(to) }
  return client.send(new StartMessageMoveTaskCommand({ SourceArn: arn(from), ...DestinationArn }))
}
/** fauxqs moves nothing (its table of actions). */
const unmoved = {
  fauxqs: { answers: 'InvalidAction', why: 'it does not know StartMessageMoveTask' },
}
const batch = ({ client, url }: QueueSide, to: Name, Entries: { Id: string; MessageBody: string }[]) =>
  client.send(new SendMessageBatchCommand({ QueueUrl: url(to), Entries }))
const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Id: `${index}`, MessageBody: `body ${index}` }))
const countOf = async ({ client, url }: QueueSide, of: Name) => {
  const AttributeNames = ['All' as const]
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url(of), AttributeNames }),
  )
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes
  return [
    ApproximateNumberOfMessages,
    ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ]
}

export const queueCases: Case<QueueSide>[] = [
  {
    name: 'a body comes back as it went, hostile or not, with a digest that the client checks',
    act: async (side) => {
      await send(side, 'Work', 'শাড়ি 🛍 "<script>" \n {"a":1}')
      const [message] = await receive(side, 'Work')
      await side.client.send(
        new DeleteMessageCommand({ QueueUrl: side.url('Work'), ReceiptHandle: message?.ReceiptHandle }),
      )
      return [message?.Body, message?.Attributes?.ApproximateReceiveCount]
    },
    expected: ['শাড়ি 🛍 "<script>" \n {"a":1}', '1'],
    differs: {
      fauxqs: {
        answers: 'AWS.SimpleQueueService.InvalidMessageContents',
        why: 'it refuses characters above U+FFFF, which SQS takes (API reference of SendMessage)',
      },
    },
  },
  {
    name: 'attributes of a message keep their digest',
    act: async (side) => {
      const MessageAttributes = {
        kind: { DataType: 'String', StringValue: 'urgent' },
        count: { DataType: 'Number', StringValue: '3' },
      }
      const { MD5OfMessageAttributes } = await send(side, 'Empty', 'x', { MessageAttributes })
      const [message] = await receive(side, 'Empty', { MessageAttributeNames: ['All'] })
      await side.client.send(
        new DeleteMessageCommand({ QueueUrl: side.url('Empty'), ReceiptHandle: message?.ReceiptHandle }),
      )
      return [MD5OfMessageAttributes, message?.MessageAttributes?.kind?.StringValue]
    },
    expected: ['b4efffcca72ee9720480083dc21c0d53', 'urgent'],
  },
  {
    name: 'a message is hidden once received, shown again on demand, then counted',
    act: async (side) => {
      await send(side, 'Mail', 'once')
      const [first] = await receive(side, 'Mail')
      const hidden = await receive(side, 'Mail')
      const counts = await countOf(side, 'Mail')
      await showAgain(side, 'Mail', first?.ReceiptHandle)
      const [again] = await receive(side, 'Mail')
      return [
        hidden.length,
        counts,
        again?.MessageId === first?.MessageId,
        again?.Attributes?.ApproximateReceiveCount,
      ]
    },
    expected: [0, ['0', '1', '0'], true, '2'],
  },
  {
    name: 'after two deliveries a message is dead, and lies in the other queue as it was',
    act: async (side) => {
      await send(side, 'Again', 'poison')
      for (let delivery = 0; delivery < 2; delivery += 1) {
        const [message] = await receive(side, 'Again')
        await showAgain(side, 'Again', message?.ReceiptHandle)
      }
      const alive = await receive(side, 'Again')
      return [alive.length, (await receive(side, 'Dead')).map(({ Body }) => Body)]
    },
    expected: [0, ['poison']],
  },
  {
    name: 'what died is moved back to its queue, as a new message there',
    act: async (side) => {
      const { MessageId } = await send(side, 'Alone', 'poison')
      for (let delivery = 0; delivery < 2; delivery += 1) {
        const [message] = await receive(side, 'Alone')
        await showAgain(side, 'Alone', message?.ReceiptHandle)
      }
      await receive(side, 'Alone')
      const dead = await countOf(side, 'AloneDead')
      const { TaskHandle } = await move(side, 'AloneDead')
      const [back] = await receive(side, 'Alone')
      return [
        dead,
        typeof TaskHandle,
        back?.Body,
        back?.MessageId === MessageId,
        back?.Attributes?.ApproximateReceiveCount,
        await countOf(side, 'AloneDead'),
      ]
    },
    expected: [['1', '0', '0'], 'string', 'poison', false, '1', ['0', '0', '0']],
    differs: unmoved,
  },
  {
    name: 'what lies with the dead is moved to a queue of choice',
    act: async (side) => {
      await send(side, 'AloneDead', 'elsewhere')
      await move(side, 'AloneDead', 'Mail')
      return [(await receive(side, 'Mail')).map(({ Body }) => Body), await countOf(side, 'AloneDead')]
    },
    expected: [['elsewhere'], ['0', '0', '0']],
    differs: unmoved,
  },
  {
    name: 'the dead of several queues are moved back without a word about where',
    act: async (side) => typeof (await move(side, 'Dead')).TaskHandle,
    expected: 'string',
    differs: {
      local: {
        answers: 'UnsupportedOperation',
        why: 'it does not remember whence a message came; each queue of the stack has its own for the dead',
      },
      ...unmoved,
    },
  },
  {
    name: 'from a queue that is for no dead ones nothing is moved',
    act: async (side) => move(side, 'Work', 'Mail'),
    expected: 'InvalidParameterValue',
    differs: unmoved,
  },
  {
    name: 'to a queue that is not there nothing is moved',
    act: async (side) => move(side, 'AloneDead', 'Nowhere'),
    expected: 'ResourceNotFoundException',
    differs: unmoved,
  },
  {
    name: 'a queue that is purged is empty',
    act: async (side) => {
      await batch(side, 'AloneDead', entries(3))
      await receive(side, 'AloneDead', { MaxNumberOfMessages: 1 })
      await side.client.send(new PurgeQueueCommand({ QueueUrl: side.url('AloneDead') }))
      return [await countOf(side, 'AloneDead'), (await receive(side, 'AloneDead')).length]
    },
    expected: [['0', '0', '0'], 0],
  },
  {
    name: 'a delayed message is counted and not shown',
    act: async (side) => {
      await send(side, 'Other', 'later', { DelaySeconds: 900 })
      return [(await receive(side, 'Other')).length, await countOf(side, 'Other')]
    },
    expected: [0, ['0', '0', '1']],
  },
  {
    name: 'ten go in one call, and are deleted in one',
    act: async (side) => {
      const { Successful, Failed } = await batch(side, 'Work', entries(10))
      const got = await receive(side, 'Work')
      const Entries = got.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
      await side.client.send(new DeleteMessageBatchCommand({ QueueUrl: side.url('Work'), Entries }))
      return [Successful?.length, Failed ?? [], got.length, await countOf(side, 'Work')]
    },
    expected: [10, [], 10, ['0', '0', '0']],
  },
  {
    name: 'eleven in one call are refused',
    act: async (side) => batch(side, 'Work', entries(11)),
    expected: 'TooManyEntriesInBatchRequest',
  },
  {
    name: 'none in a call is refused',
    act: async (side) => batch(side, 'Work', []),
    expected: 'EmptyBatchRequest',
  },
  {
    name: 'one id twice in a call is refused',
    act: async (side) => batch(side, 'Work', [...entries(1), ...entries(1)]),
    expected: 'BatchEntryIdsNotDistinct',
  },
  {
    name: 'a delay beyond fifteen minutes is refused',
    act: async (side) => {
      const { MessageId } = await send(side, 'Dead', 'x', { DelaySeconds: 901 })
      return typeof MessageId
    },
    expected: 'InvalidParameterValue',
    differs: { fauxqs: { answers: 'string', why: 'it takes any delay; SQS takes 0 to 900 seconds' } },
  },
  {
    name: 'eleven at once cannot be received',
    act: async (side) => receive(side, 'Work', { MaxNumberOfMessages: 11 }),
    expected: 'InvalidParameterValue',
    differs: {
      fauxqs: {
        answers: 'AWS.SimpleQueueService.InvalidParameterValue',
        why: 'it writes the name as the old query protocol did; nothing of ours asks for eleven',
      },
    },
  },
  {
    name: 'a receipt of before deletes nothing that was received since, and is no error',
    act: async (side) => {
      await send(side, 'Empty', 'kept')
      const [first] = await receive(side, 'Empty')
      await showAgain(side, 'Empty', first?.ReceiptHandle)
      const [again] = await receive(side, 'Empty')
      await side.client.send(
        new DeleteMessageCommand({ QueueUrl: side.url('Empty'), ReceiptHandle: again?.ReceiptHandle }),
      )
      return countOf(side, 'Empty')
    },
    expected: ['0', '0', '0'],
  },
  {
    name: 'a queue is found by its name',
    act: async (side) => {
      const { QueueUrl } = await side.client.send(new GetQueueUrlCommand({ QueueName: 'Work' }))
      return QueueUrl === side.url('Work')
    },
    expected: true,
  },
  {
    name: 'a queue that is not there says so',
    act: async (side) => side.client.send(new GetQueueUrlCommand({ QueueName: 'Nowhere' })),
    expected: 'QueueDoesNotExist',
  },
]
