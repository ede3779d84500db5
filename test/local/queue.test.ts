/** SQS semantics on the virtual clock, and what a queue's function reports as failed. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AwsCall } from '#local/aws'
import { Clock } from '#local/clock'
import { Queue, type QueueSpec } from '#local/queue'
import { failedMessages } from '#local/queue-mapping'
import { SqsService } from '#local/sqs'
import { Store } from '#local/store'

const spec: QueueSpec = {
  name: 'Urgent',
  logicalId: 'Urgent',
  arn: 'arn:aws:sqs:us-east-1:000000000000:Urgent',
  url: 'http://127.0.0.1:4400/000000000000/Urgent',
  delayMs: 0,
  visibilityMs: 60_000,
  retentionMs: 86_400_000,
  redrive: { arn: 'dead', maxReceives: 2 },
}

function aQueue(change: Partial<QueueSpec> = {}) {
  const clock = new Clock({ offsetMs: 0, realNow: () => 1_000_000 })
  const store = new Store(join(mkdtempSync(join(tmpdir(), 'queue-')), 'state.jsonl'))
  const queue = new Queue({ ...spec, ...change }, store.table('queue'), clock)
  const pass = (ms: number) => clock.jumpTo(clock.now() + ms)
  return { clock, store, queue, pass }
}

describe('a message', () => {
  it('is received once while it is hidden, and again after its visibility timeout', () => {
    const { queue, pass } = aQueue()
    queue.send('a')

    const first = queue.receive(10)
    const hidden = queue.receive(10)
    pass(60_000)
    const again = queue.receive(10)

    expect([first.length, hidden.length, again.length]).toEqual([1, 0, 1])
    expect(again[0]?.receives).toBe(2)
    expect(again[0]?.firstReceivedMs).toBe(first[0]?.firstReceivedMs)
  })

  it('is not seen before its delay is over', () => {
    const { queue, pass } = aQueue()
    const seen: number[] = []
    queue.onVisible = () => seen.push(queue.receive(10).length)
    queue.send('a', { delayMs: 900_000 })

    pass(899_999)
    const before = [...seen]
    pass(1)

    expect(before).toEqual([])
    expect(seen).toEqual([1])
  })

  it('is gone once deleted, and keeps no timer behind', () => {
    const { queue, clock } = aQueue()
    queue.send('a')
    const [message] = queue.receive(1)

    queue.delete(message?.handle ?? '')

    expect(queue.counts()).toEqual({ visible: 0, hidden: 0, delayed: 0 })
    expect(clock.next()).toBeUndefined()
  })

  it('is not deleted by an outdated handle', () => {
    const { queue, pass } = aQueue()
    queue.send('a')
    const [first] = queue.receive(1)
    pass(60_000)
    queue.receive(1)

    queue.delete(first?.handle ?? '')

    expect(queue.counts().hidden).toBe(1)
  })

  it('goes to the dead-letter queue when it was received too often', () => {
    const { queue, pass } = aQueue()
    const dead: string[] = []
    queue.onDead = (message) => dead.push(message.body)
    queue.send('poison')
    for (let receive = 0; receive < 2; receive++) {
      queue.receive(1)
      pass(60_000)
    }

    const third = queue.receive(1)

    expect(third).toEqual([])
    expect(dead).toEqual(['poison'])
  })

  it('is dropped after its retention', () => {
    const { queue, pass } = aQueue()
    queue.send('old')
    pass(86_400_001)

    expect(queue.receive(1)).toEqual([])
    expect(queue.counts().visible).toBe(0)
  })

  it('is there again after a restart, hidden or not', () => {
    const { queue, store, clock } = aQueue()
    queue.send('visible')
    queue.send('later', { delayMs: 5_000 })

    const again = new Queue(spec, store.table('queue'), clock)

    expect(again.receive(10).map((message) => message.body)).toEqual(['visible'])
    clock.jumpTo(clock.now() + 5_000)
    expect(again.receive(10).map((message) => message.body)).toEqual(['later'])
  })
})

describe('the HTTP face', () => {
  async function call(action: string, input: Record<string, unknown>) {
    const { queue } = aQueue()
    const service = new SqsService(new Map([[spec.arn, queue]]))
    const request = { action, input: { QueueUrl: spec.url, ...input } } as unknown as AwsCall
    const answer = await service.answer(request)
    return JSON.parse(String(answer.body)) as Record<string, unknown>
  }

  it('answers the digest that the SDK checks', async () => {
    const answer = await call('SendMessage', { MessageBody: 'hello' })

    expect(answer.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592')
  })

  it('reports the entries of a batch one by one', async () => {
    const Entries = [
      { Id: '1', MessageBody: 'a' },
      { Id: '2', MessageBody: 'b', DelaySeconds: 901 },
    ]

    const answer = await call('SendMessageBatch', { Entries })

    expect((answer.Successful as { Id: string }[]).map((entry) => entry.Id)).toEqual(['1'])
    expect((answer.Failed as { Id: string }[]).map((entry) => entry.Id)).toEqual(['2'])
  })

  it.each([
    ['SendMessage', { MessageBody: '' }, /MessageBody/],
    ['SendMessage', { MessageBody: 'a', DelaySeconds: 1000 }, /DelaySeconds/],
    ['SendMessageBatch', { Entries: [] }, /at least one/],
    [
      'SendMessageBatch',
      { Entries: Array.from({ length: 11 }, (_, Id) => ({ Id, MessageBody: 'a' })) },
      /10/,
    ],
    ['ReceiveMessage', { MaxNumberOfMessages: 11 }, /1 to 10/],
    ['SendMessage', { QueueUrl: 'http://x/Nowhere', MessageBody: 'a' }, /does not exist/],
  ])('%s refuses %j', async (action, input, message) => {
    await expect(call(action, input)).rejects.toThrow(message)
  })
})

describe('failed messages', () => {
  const { queue } = aQueue()
  queue.send('a')
  queue.send('b')
  const messages = queue.receive(2)
  const [a = '', b = ''] = messages.map((message) => message.id)
  const reported = (...ids: unknown[]) => ({
    batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
  })

  it.each([
    ['none, when the function reports none', reported(), []],
    ['none, when it returns nothing', null, []],
    ['those it names', reported(b), [b]],
    ['all, when it names an unknown one', reported('ghost'), [a, b]],
    ['all, when it names an empty one', reported(''), [a, b]],
    ['all, when the list is no list', { batchItemFailures: 'a' }, [a, b]],
  ])('are %s', (_, value, failed) => {
    expect([...failedMessages({ ok: true, value }, messages, true)]).toEqual(failed)
  })

  it('are all of them when the function fails, and none when it does not report', () => {
    const error = { errorType: 'Error', errorMessage: 'x', trace: [] }

    expect(failedMessages({ ok: false, error }, messages, true).size).toBe(2)
    expect(failedMessages({ ok: true, value: reported(a) }, messages, false).size).toBe(0)
  })
})
