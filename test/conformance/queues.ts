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
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { Case } from './case.ts'

/** One side: its client, and its queues by name: `Work` hides for a minute and dies into `Dead` after two. */
export interface QueueSide {
  client: SQSClient
  url: (name: string) => string
}

type Name = 'Work' | 'Other' | 'Empty' | 'Mail' | 'Again' | 'Dead'

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
