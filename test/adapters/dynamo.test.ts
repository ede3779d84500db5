/** What DynamoDB's refusals mean: tried again, answered, or failed with a cure. A fake client throws the SDK's errors. */
import {
  ConditionalCheckFailedException,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { attempt, call, type Database, transact } from '#adapters/dynamo'
import { dynamoCustomers } from '#adapters/dynamo-customers'
import { eventRow } from '#adapters/dynamo-events'
import { named, setting } from '#adapters/dynamo-expression'
import { messageOfRow, messageRow } from '#adapters/dynamo-message-row'
import { pack, unpack } from '#adapters/dynamo-row'
import { eventOfImage, messageOfImage } from '#adapters/stream'
import { limits } from '#core/limits'
import { aCommit, aMessage, anEvent } from '#test/fixture/build'

const canceled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'canceled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  })
const conflict = () => new TransactionConflictException({ message: 'conflict', $metadata: {} })
const refused = () => new ConditionalCheckFailedException({ message: 'no', $metadata: {} })

/** A database that throws what it is given, then answers; the last stays. */
function failing(...errors: (Error | 'ok')[]): { database: Database; sent: { input: unknown }[] } {
  const sent: { input: unknown }[] = []
  const send = async (command: { input: unknown }) => {
    sent.push(command)
    const next = errors.length > 1 ? errors.shift() : errors[0]
    if (next !== undefined && next !== 'ok') throw next
    return {}
  }
  return { database: { send } as unknown as Database, sent }
}

describe('a transaction', () => {
  it('that met others at the same items is tried again', async () => {
    const { database, sent } = failing(
      canceled('None', 'TransactionConflict'),
      canceled('ThrottlingError'),
      'ok',
    )

    const answer = await transact(database, 'test', [])

    expect([answer, sent.length]).toEqual(['done', 3])
  })

  it('whose condition failed says which, at once', async () => {
    const codes = ['None', 'ConditionalCheckFailed', 'TransactionConflict', 'ConditionalCheckFailed']
    const { database, sent } = failing(canceled(...codes))

    const answer = await transact(database, 'test', [])

    expect([answer, sent.length]).toEqual([[1, 3], 1])
  })

  it('that keeps meeting others fails, to be tried later', async () => {
    const { database, sent } = failing(canceled('TransactionConflict'))

    await expect(transact(database, 'test', [])).rejects.toMatchObject({
      code: 'database-failed',
      retryable: true,
    })
    expect(sent).toHaveLength(limits.conflictAttempts)
  })

  it('that can never be stored fails for good', async () => {
    const { database } = failing(canceled('None', 'ValidationError'))

    await expect(transact(database, 'test', [])).rejects.toMatchObject({ retryable: false })
  })
})

describe('a plain write', () => {
  it('that met a transaction is tried again', async () => {
    const { database, sent } = failing(conflict(), 'ok')

    await attempt('test', () => database.send({ input: {} } as never))

    expect(sent).toHaveLength(2)
  })

  it('answers when its condition failed', async () => {
    const { database } = failing(refused())

    const answer = await attempt('test', () => database.send({ input: {} } as never))

    expect(answer).toBe('refused')
  })

  it('fails with what was tried and the cure', async () => {
    const { database } = failing(new ResourceNotFoundException({ message: 'no table', $metadata: {} }))

    const calling = call('read a customer', () => database.send({ input: {} } as never))

    await expect(calling).rejects.toMatchObject({ code: 'database-failed', retryable: false })
    await expect(calling).rejects.toThrow(/read a customer.*no table.*check the table/)
  })

  it('fails to be tried again when the network did', async () => {
    const { database } = failing(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))

    await expect(call('test', () => database.send({ input: {} } as never))).rejects.toMatchObject({
      retryable: true,
    })
  })
})

describe('a commit', () => {
  const customers = (database: Database) =>
    dynamoCustomers({ database, customers: 'Customers', messages: 'Messages', dueShards: 1, reportShards: 1 })
  const plan = (messageId: string) => ({ kind: 'plan', message: aMessage({ messageId }) }) as const

  it('is one plain put when there is nothing beside the state', async () => {
    const { database, sent } = failing('ok')

    const answer = await customers(database).commit(aCommit())

    expect(answer).toBe('committed')
    expect(sent.map((command) => command.constructor.name)).toEqual(['PutCommand'])
  })

  it('takes refused changes out one by one, when they are told one by one', async () => {
    const { database, sent } = failing(
      canceled('None', 'ConditionalCheckFailed', 'None'),
      canceled('None', 'ConditionalCheckFailed'),
      'ok',
    )

    const answer = await customers(database).commit(aCommit({ effects: [plan('m1'), plan('m2')] }))

    expect([answer, sent.length]).toEqual(['committed', 3])
  })

  it('is changed when the state is, whatever else failed', async () => {
    const { database, sent } = failing(canceled('ConditionalCheckFailed', 'ConditionalCheckFailed'))

    const answer = await customers(database).commit(aCommit({ effects: [plan('m1')] }))

    expect([answer, sent.length]).toEqual(['changed', 1])
  })
})

describe('a row', () => {
  it('of a newer layout fails, and says that newer code is needed', () => {
    expect(() => messageOfRow({ ...messageRow(aMessage(), 1), schema: 2 })).toThrow(/layout 2.*deploy/)
    expect(() => eventOfImage({ schema: { N: '2' } })).toThrow(/layout 2/)
  })

  it('that is damaged fails, and says which', () => {
    const row = { ...messageRow(aMessage(), 1), body: new Uint8Array([1, 2, 3]) }

    expect(() => messageOfRow(row)).toThrow(/message-1 of customer-1.*backup/)
    expect(() => messageOfRow({ ...messageRow(aMessage(), 1), status: 'LOST' })).toThrow(/status/)
  })

  it('keeps what was packed without a dictionary readable', async () => {
    const { deflateRawSync } = await import('node:zlib')

    expect(unpack(deflateRawSync('{"plain":true}'), 'a row')).toEqual({ plain: true })
    expect(unpack(pack({ text: '"বাংলা" 🛒' }), 'a row')).toEqual({ text: '"বাংলা" 🛒' })
  })

  it('that was written long ago can still be read', () => {
    const written = Buffer.from('q0arbwyVkFI2ntSMlKZA9mBLibUA', 'base64')

    expect(unpack(written, 'a row')).toEqual({
      customerId: 'c1',
      runs: [{ journey: 'abandoned-cart', position: 1 }],
      name: 'Cart Updated',
    })
  })

  it('comes out of a stream record as it went in', () => {
    const event = anEvent({ properties: { cart_id: 'c', products: [{ name: 'শাড়ি' }] } })
    const message = aMessage()

    const image = (row: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          if (value instanceof Uint8Array) return [name, { B: Buffer.from(value).toString('base64') }]
          if (typeof value === 'number') return [name, { N: String(value) }]
          return [name, typeof value === 'boolean' ? { BOOL: value } : { S: String(value) }]
        }),
      )

    expect(eventOfImage(image(eventRow(event)))).toEqual(event)
    expect(messageOfImage(image(messageRow(message, 1)))).toEqual(message)
  })
})

describe('expressions', () => {
  it('bring the names and values they speak of, and no others', () => {
    const params = named(
      {
        UpdateExpression: setting({ status: 'x', none: undefined }, { at: 1 }),
        ConditionExpression: '#status = :from',
      },
      { status: 'x', at: 1, from: 'y', unused: 0 },
    )

    expect(params).toEqual({
      UpdateExpression: 'SET #status = :status, #at = if_not_exists(#at, :at)',
      ConditionExpression: '#status = :from',
      ExpressionAttributeNames: { '#status': 'status', '#at': 'at' },
      ExpressionAttributeValues: { ':status': 'x', ':at': 1, ':from': 'y' },
    })
  })
})
