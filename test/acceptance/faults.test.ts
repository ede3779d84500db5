/**
 * The booted stack on days when AWS is unkind: functions killed, timed out and out of memory at each of their
 * calls; DynamoDB with conflicts, throttles, lost replies and an index behind; queues and streams that show things
 * twice and out of order. Each customer still gets her reminder once, or a named reason why not.
 */
import { randomUUID } from 'node:crypto'
import { statSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { type Shopper, shopper } from './shopper.ts'

let data: string
let homeward: Homeward

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'homeward-faults-'))
  homeward = await startHomeward({ at: '2026-06-01T09:00:00.000Z', data })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(data, { recursive: true, force: true })
})
afterEach(async () => {
  await homeward.delete('/_local/faults')
})

async function fault(service: string, action: string, kind: string, more: object = {}): Promise<void> {
  const answer = await homeward.post('/_local/faults', { service, action, fault: kind, ...more })
  expect(answer.text).toContain(kind)
}

/** Everything queued has struck. */
async function allStruck(): Promise<void> {
  expect((await homeward.get('/_local/faults')).body).toEqual([])
}

/** A customer with a cart, three minutes before she is reminded. */
async function almostReminded(): Promise<Shopper> {
  const now = await homeward.now()
  // Far from quiet hours, which would hold her mail.
  const hour = Number(now.slice(11, 13))
  if (hour < 9 || hour > 17) {
    const day = new Date(Date.parse(now) + (hour > 17 ? 86_400_000 : 0)).toISOString().slice(0, 10)
    await homeward.advance({ to: `${day}T09:30:00.000Z` })
  }
  const her = await shopper(homeward)
  await her.fillsCart()
  await homeward.advance('57m')
  return her
}

// Asked of the runtime as it is now: a shopper knows the one she came to, which one story ends.
const reminders = async (her: Shopper) =>
  (await homeward.inbox(her.email)).filter(({ step }) => step === 'reminder').length

/** Her cart is planned, mailed and settled, with whatever waits for a retry. */
const passed = () => homeward.advance('40m')

describe('a function that ends in the middle', () => {
  it('decide, dispatch, wake and observe, killed after a call was done: one reminder', async () => {
    const her = await almostReminded()
    for (const step of ['decide', 'dispatch', 'wake', 'observe'])
      await fault('lambda', step, 'kill', { skip: 0, committed: true })

    await passed()

    await allStruck()
    expect(await reminders(her)).toBe(1)
  })

  it('deliver, by timeout and out of memory before its claim: one reminder', async () => {
    const her = await almostReminded()
    await fault('lambda', 'deliver', 'timeout', { skip: 0, committed: false })
    await fault('lambda', 'deliver', 'out-of-memory', { skip: 1, committed: false })

    await passed()

    await allStruck()
    expect(await reminders(her)).toBe(1)
  })

  it('deliver, killed at one call after another: never two reminders, and always a named end', async () => {
    await almostReminded()
    const them = await Promise.all(Array.from({ length: 8 }, () => shopper(homeward)))
    for (const her of them) await her.fillsCart()
    for (let skip = 0; skip < 7; skip += 1)
      await fault('lambda', 'deliver', 'kill', { skip, committed: skip % 2 === 0 })

    await homeward.advance('2h')
    await homeward.delete('/_local/faults')
    await homeward.advance('1h')

    const counts = await Promise.all(them.map(reminders))
    for (const [index, her] of them.entries()) {
      const reasons = her.reasons().join(', ')
      expect(counts[index], reasons).toBeLessThanOrEqual(1)
      if (counts[index] === 0) expect(reasons).toContain('unknown')
    }
    expect(counts).toContain(1)
  })

  it('ingest, killed after it stored: the shop is told to send again, and it is stored once', async () => {
    const her = await shopper(homeward)
    const messageId = randomUUID()
    const event = { userId: her.userId, messageId, event: 'Signed Up', timestamp: await homeward.now() }
    await fault('lambda', 'ingest', 'kill', { skip: 1, committed: true })
    const post = () => homeward.post('/v1/track', event, { key: homeward.keys.server })

    const first = await post()
    const second = await post()
    await homeward.advance('1s')

    expect([first.status, second.status]).toEqual([500, 200])
    const timeline = (await homeward.customer(her.email))?.timeline ?? []
    expect(timeline.filter(({ name }) => name === 'Signed Up')).toHaveLength(1)
  })
})

describe('the database', () => {
  it('meets conflicts, throttles, errors and lost replies: one reminder', async () => {
    const her = await almostReminded()
    await fault('dynamodb', 'TransactWriteItems', 'conflict', { times: 5 })
    await fault('dynamodb', 'TransactWriteItems', 'throttle', { times: 5 })
    await fault('dynamodb', 'GetItem', '500', { times: 2 })
    await fault('dynamodb', 'GetItem', 'throttle', { times: 2 })
    await fault('dynamodb', 'PutItem', 'lost-reply', { times: 2 })
    await fault('dynamodb', 'UpdateItem', 'lost-reply', { times: 1 })

    await passed()

    expect(await reminders(her)).toBe(1)
  })

  it('loses the reply to a claim: at most one reminder, and a named end', async () => {
    const her = await almostReminded()
    await fault('dynamodb', 'TransactWriteItems', 'lost-reply', { times: 3 })

    await passed()
    await passed()

    expect(await reminders(her)).toBeLessThanOrEqual(1)
    expect(her.reasons().join(', ')).toMatch(/sent|unknown/)
  })

  it('has an index that does not know her alarm yet: the next tick finds her', async () => {
    const her = await almostReminded()
    await fault('dynamodb', 'Query', 'stale-index')

    await passed()

    await allStruck()
    expect(await reminders(her)).toBe(1)
  })
})

describe('queues and streams', () => {
  it('refuse, lose replies, and show everything twice: one reminder', async () => {
    const her = await almostReminded()
    await fault('sqs', 'ReceiveMessage', 'duplicate', { times: 6 })
    await fault('sqs', 'SendMessageBatch', 'lost-reply')
    await fault('sqs', 'SendMessageBatch', 'throttle')
    await fault('dynamodb', 'GetRecords', 'duplicate', { times: 6 })

    await passed()

    expect(await reminders(her)).toBe(1)
  })

  it('show her order before her cart: no reminder', async () => {
    await almostReminded()
    const her = await shopper(homeward)
    await fault('dynamodb', 'GetRecords', 'reorder', { times: 20 })
    await fault('dynamodb', 'GetRecords', 'duplicate', { times: 20 })
    const said = (call: string, more: object) => ({
      type: call,
      userId: her.userId,
      messageId: randomUUID(),
      ...more,
    })
    const cart = {
      cart_id: 'c',
      currency: 'EUR',
      products: [{ product_id: 'p', name: 'P', price: 5, quantity: 1 }],
    }
    const order = { order_id: `o-${her.userId}`, total: 5, currency: 'EUR', products: [] }
    const batch = [
      said('track', { event: 'Cart Updated', properties: cart }),
      said('track', { event: 'Order Completed', properties: order }),
    ]

    await homeward.say('batch', { batch })
    await homeward.advance('2h')

    expect(await reminders(her)).toBe(0)
  })
})

it('a disk that lost half of the journal: nobody is mailed twice, and who waits is mailed', async () => {
  const mailed = await almostReminded()
  await passed()
  const waiting = await almostReminded()
  const stoodAt = Date.parse(await homeward.now())
  await homeward.stop()
  const journal = join(data, 'state.jsonl')
  truncateSync(journal, Math.floor(statSync(journal).size / 2))

  homeward = await startHomeward({ data })
  // The clock was in the journal too: it may stand earlier, and alarms fire when it is there again.
  await homeward.advance({ to: new Date(stoodAt + 2 * 3_600_000).toISOString() })

  expect(await reminders(mailed)).toBeLessThanOrEqual(1)
  expect(await reminders(waiting)).toBe(1)
})
