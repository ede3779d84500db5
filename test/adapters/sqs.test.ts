/** Ten messages a call, and only what was refused is sent again. The real SDK talks to a server of ours. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { queuesFrom } from '#adapters/sqs'
import { type Recorder, startRecorder } from '#test/fixture/recorder'

let recorder: Recorder
let environment: Record<string, string>
beforeEach(async () => {
  recorder = await startRecorder()
  const url = (name: string) => `${recorder.aws.endpoint}/000000000000/${name}`
  environment = {
    WAKE_QUEUE_URL: url('wake'),
    URGENT_QUEUE_URL: url('urgent'),
    BULK_QUEUE_URL: url('bulk'),
  }
})
afterEach(async () => recorder.close())

interface Entry {
  Id: string
  MessageBody: string
  DelaySeconds?: number
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const firedAt = '2026-03-02T09:00:00.000Z'
const customers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ customerId: `c${index}`, firedAt }))

const bodies = customers(10).map((one) => JSON.stringify(one))
const taken = (ids: number[]) =>
  ids.map((id) => ({ Id: `${id}`, MessageId: `s${id}`, MD5OfMessageBody: md5(bodies[id] ?? '') }))
const failed = (ids: number[], SenderFault: boolean) =>
  ids.map((id) => ({ Id: `${id}`, Code: 'InternalError', Message: 'because', SenderFault }))

const entriesOf = (index: number) => (recorder.asked[index]?.body.Entries ?? []) as Entry[]

describe('the queues', () => {
  it('sends what SQS refused of a call again, and nothing else', async () => {
    recorder.answers.push(
      { status: 200, body: { Successful: taken([0, 2]), Failed: failed([1], false) } },
      { status: 200, body: { Successful: taken([1]), Failed: [] } },
    )

    await queuesFrom(environment, recorder.aws).wakeQueue.wake(customers(3))

    expect(recorder.asked.map((one) => one.target)).toEqual([
      'AmazonSQS.SendMessageBatch',
      'AmazonSQS.SendMessageBatch',
    ])
    expect(entriesOf(0).map((entry) => JSON.parse(entry.MessageBody))).toEqual(customers(3))
    expect(entriesOf(1).map((entry) => entry.Id)).toEqual(['1'])
  })

  it('fails for good when the sender is at fault', async () => {
    recorder.answers.push({ status: 200, body: { Successful: taken([0]), Failed: failed([1], true) } })

    const waking = queuesFrom(environment, recorder.aws).wakeQueue.wake(customers(2))

    await expect(waking).rejects.toMatchObject({ code: 'queue-failed', retryable: false })
  })

  it('fails for now when SQS keeps refusing', async () => {
    recorder.answers.push({ status: 200, body: { Successful: [], Failed: failed([0], false) } })

    const waking = queuesFrom(environment, recorder.aws).wakeQueue.wake(customers(1))

    await expect(waking).rejects.toMatchObject({ code: 'queue-failed', retryable: true })
    expect(recorder.asked).toHaveLength(5)
  })

  it('says which right or queue is missing', async () => {
    recorder.answers.push({ status: 403, errorType: 'AccessDeniedException', body: { message: 'no' } })

    const waking = queuesFrom(environment, recorder.aws).wakeQueue.wake(customers(1))

    await expect(waking).rejects.toThrow(/wake.*AccessDenied.*rights of the function/)
  })

  it('asks for nothing when there is nobody to wake', async () => {
    await queuesFrom(environment, recorder.aws).wakeQueue.wake([])

    expect(recorder.asked).toEqual([])
  })

  it('sends each mail to its queue, delayed by whole seconds up to a quarter of an hour', async () => {
    const mail = (messageId: string, urgent: boolean, delayMs: number) => ({
      customerId: 'c1',
      messageId,
      round: 2,
      urgent,
      delayMs,
    })
    const body = (messageId: string) => JSON.stringify({ customerId: 'c1', messageId, round: 2 })
    const successful = (ids: string[]) =>
      ids.map((id, at) => ({ Id: `${at}`, MessageId: id, MD5OfMessageBody: md5(body(id)) }))
    recorder.answers.push(
      { status: 200, body: { Successful: successful(['m1', 'm2']) } },
      { status: 200, body: { Successful: successful(['m3']) } },
    )

    await queuesFrom(environment, recorder.aws).deliveryQueues.dispatch([
      mail('m1', true, 0),
      mail('m2', true, 1500),
      mail('m3', false, 3_600_000),
    ])

    expect(recorder.asked.map((one) => String(one.body.QueueUrl).split('/').at(-1))).toEqual([
      'urgent',
      'bulk',
    ])
    expect(entriesOf(0).map((entry) => [entry.MessageBody, entry.DelaySeconds])).toEqual([
      [body('m1'), undefined],
      [body('m2'), 2],
    ])
    expect(entriesOf(1).map((entry) => entry.DelaySeconds)).toEqual([900])
  })
})
