/**
 * Faults as the real SDK clients meet them, on the small fixture stack: the clients here call as a function does,
 * each error is told by its class. Which call is struck when a mix strikes by chance is said by its seed.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Chance, mixOf, numberOf } from '#local/fault-mix'
import { shuffledByItem } from '#local/faults'
import { type Runtime, startRuntime } from '#local/runtime'
import { assets, aTemplate } from './fixture/template.ts'

const complaints: string[] = []
let runtime: Runtime
let database: DynamoDBClient
let patient: DynamoDBClient
let sqs: SQSClient

/** A caller with every right, so that only faults stand in its way. */
function aStack() {
  const template = aTemplate()
  const policy = template.Resources.ConsolePolicy
  const Statement = [{ Effect: 'Allow', Action: ['dynamodb:*', 'sqs:*'], Resource: '*' }]
  if (policy?.Properties) policy.Properties.PolicyDocument = { Statement }
  return template
}

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'faults-'))
  runtime = await startRuntime({
    ...{ template: aStack(), assets, dataDir, port: 0, at: '2026-05-01T09:00:00Z' },
    onLine: ({ json }) => complaints.push(String(json?.errorType)),
  })
  const caller = {
    endpoint: runtime.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'FNConsole', secretAccessKey: 'local' },
  }
  database = new DynamoDBClient({ ...caller, maxAttempts: 1 })
  patient = new DynamoDBClient({ ...caller, maxAttempts: 3 })
  sqs = new SQSClient({ ...caller, maxAttempts: 3 })
}, 30_000)
afterAll(() => runtime?.stop())
afterEach(async () => {
  await fetch(`${runtime.url}/_local/faults`, { method: 'DELETE' })
})

async function ask(body: object) {
  const answer = await fetch(`${runtime.url}/_local/faults`, { method: 'POST', body: JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as { detail?: string } }
}

const TableName = 'homeward-local-Customers'
const keyOf = (id: string) => ({ customerId: { S: id }, key: { S: 'STATE' } })
const put = (id: string, more: object = {}) =>
  new PutItemCommand({ TableName, Item: { ...keyOf(id), ...more } })
const isThere = async (id: string) =>
  (await database.send(new GetItemCommand({ TableName, Key: keyOf(id) }))).Item !== undefined
const both = (...ids: string[]) =>
  new TransactWriteItemsCommand({
    TransactItems: ids.map((id) => ({ Put: { TableName, Item: keyOf(id) } })),
  })

describe('the database', () => {
  it('meets another writer: a transaction is cancelled with the item named, nothing is written', async () => {
    await ask({ service: 'dynamodb', action: 'TransactWriteItems', fault: 'conflict' })

    const error = await database.send(both('c1', 'c2')).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(TransactionCanceledException)
    const codes = (error as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code)
    expect(codes?.toSorted()).toEqual(['None', 'TransactionConflict'])
    expect(await isThere('c1')).toBe(false)
    await database.send(both('c1', 'c2'))
    expect(await isThere('c1')).toBe(true)
  })

  it('meets another writer: a plain write has the exception of its own', async () => {
    await ask({ service: 'dynamodb', action: 'PutItem', fault: 'conflict' })

    await expect(database.send(put('c3'))).rejects.toBeInstanceOf(TransactionConflictException)
  })

  it('is asked too much: refused, cancelled, or left undone, as each call is', async () => {
    await ask({ service: 'dynamodb', action: '*', fault: 'throttle', times: 3 })

    const plain = database.send(put('t1'))
    await expect(plain).rejects.toBeInstanceOf(ProvisionedThroughputExceededException)
    const cancelled = await database.send(both('t1')).catch((thrown: unknown) => thrown)
    const RequestItems = { [TableName]: { Keys: [keyOf('t1')] } }
    const batch = await database.send(new BatchGetItemCommand({ RequestItems }))

    expect((cancelled as TransactionCanceledException).CancellationReasons).toMatchObject([
      { Code: 'ThrottlingError' },
    ])
    expect(batch.UnprocessedKeys?.[TableName]?.Keys).toEqual([keyOf('t1')])
  })

  it('is asked too much once: the SDK comes again and is served', async () => {
    await ask({ service: 'dynamodb', action: 'PutItem', fault: 'throttle' })

    await patient.send(put('t2'))

    expect(await isThere('t2')).toBe(true)
  })

  it('loses its reply after the commit: who asks again meets her own write', async () => {
    await ask({ service: 'dynamodb', action: 'PutItem', fault: 'lost-reply' })
    const once = new PutItemCommand({
      TableName,
      Item: keyOf('l1'),
      ConditionExpression: 'attribute_not_exists(customerId)',
    })

    await expect(patient.send(once)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })

    expect(await isThere('l1')).toBe(true)
  })

  it('has an index that is behind: it answers what it last did, and the table is as it is', async () => {
    const ofDue = new QueryCommand({
      TableName,
      IndexName: 'due',
      KeyConditionExpression: 'dueShard = :shard AND due <= :now',
      ExpressionAttributeValues: { ':shard': { S: 'faulty' }, ':now': { S: '3000-01-01' } },
    })
    const due = { dueShard: { S: 'faulty' }, due: { S: '2026-05-01' } }
    const count = async () => (await database.send(ofDue)).Count
    await database.send(put('s1', due))
    await count()
    await database.send(put('s2', due))
    await ask({ service: 'dynamodb', action: 'Query', fault: 'stale-index' })

    const behind = await count()
    const caughtUp = await count()

    expect([behind, caughtUp]).toEqual([1, 2])
  })
})

describe('the queues', () => {
  const QueueUrl = () => `${runtime.url}/000000000000/homeward-local-DeadQueue`
  const send = () =>
    new SendMessageBatchCommand({ QueueUrl: QueueUrl(), Entries: [{ Id: '1', MessageBody: 'x' }] })
  const waiting = async () => {
    const asked = new GetQueueAttributesCommand({ QueueUrl: QueueUrl(), AttributeNames: ['All'] })
    return Number((await sqs.send(asked)).Attributes?.ApproximateNumberOfMessages)
  }

  it.each([
    ['duplicate', 2],
    ['lost-reply', 2],
    ['throttle', 0],
  ])('a send that meets %s leaves %i messages', async (fault, left) => {
    const before = await waiting()
    await ask({ service: 'sqs', action: 'SendMessageBatch', fault })

    const { Failed = [] } = await sqs.send(send())

    expect((await waiting()) - before).toBe(left)
    expect(Failed).toHaveLength(fault === 'throttle' ? 1 : 0)
  })
})

describe('the switch', () => {
  it.each([
    [{ service: 'ses', action: 'SendEmail', fault: 'conflict' }, /cannot befall ses SendEmail.*dynamodb/],
    [{ service: 'lambda', action: 'deliver', fault: '429' }, /cannot befall lambda deliver/],
    [{ service: 'sqs', action: 'SendMessage', fault: 'reorder' }, /ReceiveMessage of sqs/],
    [{ mix: { seed: 1, rates: { fire: 1 } } }, /names "fire"/],
    [{ mix: { seed: 1, rates: { conflict: 2 } } }, /from 0 to 1/],
    [{ mix: { rates: {} } }, /"seed"/],
  ])('refuses %j', async (body, detail) => {
    const answer = await ask(body)

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(detail)
  })

  it('mixes faults by chance, counts them, and lets go when told', async () => {
    await ask({ mix: { seed: 1, rates: { conflict: 1 } } })

    await expect(database.send(put('m1'))).rejects.toBeInstanceOf(TransactionConflictException)
    const told = await (await fetch(`${runtime.url}/_local/faults`)).json()
    await ask({ mix: null })
    await database.send(put('m1'))

    expect(told).toEqual([{ mix: { seed: 1, rates: { conflict: 1 } }, struck: { conflict: 1 } }])
  })

  it('is set at start by the environment, which is told what is wrong', () => {
    const mix = { seed: 3, rates: { duplicate: 0.5 } }

    expect(mixOf({ HOMEWARD_FAULTS: JSON.stringify(mix) })).toEqual(mix)
    expect(mixOf({})).toBeUndefined()
    expect(() => mixOf({ HOMEWARD_FAULTS: 'yes' })).toThrow(/is no JSON.*Write \{"seed":1/)
  })
})

describe('chance', () => {
  it('strikes as often as its rate says, and the same calls for the same seed', () => {
    const struck = (seed: number) => {
      const chance = new Chance({ seed, rates: { duplicate: 0.2 } })
      return Array.from({ length: 1_000 }, () => chance.drawPoll('FromWake', 'duplicate') !== undefined)
    }

    const count = struck(1).filter(Boolean).length

    expect(count).toBeGreaterThan(150)
    expect(count).toBeLessThan(250)
    expect(struck(1)).toEqual(struck(1))
    expect(struck(1)).not.toEqual(struck(2))
    expect(numberOf('a')).not.toBe(numberOf('b'))
  })

  it('brings a batch out of order, but never the records of one item', () => {
    let nth = 0
    const records = ['a1', 'b1', 'a2', 'c1', 'a3', 'b2']

    const shown = shuffledByItem(
      records,
      (record) => record.charAt(0),
      () => numberOf(String(nth++)),
    )

    expect(shown).not.toEqual(records)
    expect(shown.toSorted()).toEqual(records.toSorted())
    expect(shown.filter((record) => record.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
  })
})

describe('the readers', () => {
  const track = (customerId: string) =>
    fetch(`${runtime.url}/v1/track`, {
      method: 'POST',
      body: JSON.stringify({ customerId, id: customerId, reachable: true, to: `${customerId}@example.com` }),
    })
  const advance = async (by: string) => {
    const body = JSON.stringify({ advance: by })
    return (await fetch(`${runtime.url}/_local/clock`, { method: 'POST', body })).json()
  }
  const mailsTo = (customerId: string) =>
    runtime.inbox.entries().filter(({ to }) => to === `${customerId}@example.com`).length

  it('are shown what a queue holds twice: a function that does not mind its copies mails twice', async () => {
    await track('twice')
    await advance('50m')
    await ask({ service: 'sqs', action: 'ReceiveMessage', fault: 'duplicate', times: 1 })

    await advance('1h')

    expect(mailsTo('twice')).toBe(2)
  })

  it.each([
    ['kill', 'Runtime.ExitError'],
    ['timeout', 'Sandbox.Timedout'],
    ['out-of-memory', 'Runtime.OutOfMemory'],
  ])(
    'survive a function that ends by %s before its call: the message comes again',
    async (fault, errorType) => {
      await ask({ service: 'lambda', action: 'deliver', fault, skip: 0, committed: false })
      await track(fault)

      await advance('2h')

      expect(complaints).toContain(errorType)
      expect(mailsTo(fault)).toBe(1)
      expect(await (await fetch(`${runtime.url}/_local/faults`)).json()).toEqual([])
    },
  )

  it('a function that ends after its call was done does it again', async () => {
    await ask({ service: 'lambda', action: 'deliver', fault: 'kill', skip: 0, committed: true })
    await track('committed')

    await advance('2h')

    expect(mailsTo('committed')).toBe(2)
  })
})
