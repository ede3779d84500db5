/**
 * What follows from the mail service's notices. The fixtures are whole notices as SES publishes them, with our
 * ids filled in; they come wrapped as SNS and SQS wrap them.
 */
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { newAddressGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import type { Message, Status } from '#core/message'
import { takeNotices } from '#functions/observe'

let world: MemoryPorts
let hash: string
const customerId = derive('c', 'user', '42')

beforeEach(async () => {
  world = memoryPorts('2026-11-24T13:00:05.000Z')
  hash = addressHash('rina@example.com', await world.keys.addressKey())
  world.tables.addresses.set(hash, { ...newAddressGate(), owner: customerId, version: 1 })
})

const messageOf = (name: string) => derive('m', name)

function aMessage(name: string, status: Status): void {
  const message: Message = {
    customerId,
    messageId: messageOf(name),
    status,
    round: 1,
    journey: 'abandoned-cart',
    step: 'reminder',
    mail: 'reminder',
    runId: derive('r', 'run'),
    key: 'c-1',
    runStartedAt: '2026-11-24T12:00:00.000Z',
    release: 1,
    urgent: true,
    exitsOnOrder: true,
    plannedAt: '2026-11-24T12:59:59.000Z',
    notBefore: '2026-11-24T12:59:59.000Z',
    notAfter: '2026-11-25T12:59:59.000Z',
    claimedAt: '2026-11-24T13:00:00.000Z',
    inbox: hash,
  }
  const log = world.tables.messages.get(customerId) ?? new Map()
  log.set(message.messageId, { message, clicks: 0 })
  world.tables.messages.set(customerId, log)
}

const recorded = (fixture: string, of: { message?: string; feedbackId?: string } = {}) =>
  readFileSync(new URL(`../fixture/notice/${fixture}.json`, import.meta.url), 'utf8')
    .replace('@messageId', messageOf(of.message ?? 'one'))
    .replace('@customerId', customerId)
    .replace('@feedbackId', of.feedbackId ?? 'feedback-1')

const wrapped = (notice: string) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'd0f6e6f0-5c9f-5b9c-9d0d-b8a0b0a0a0a0',
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:Notices',
    Subject: 'Amazon SES Email Event Notification',
    Message: notice,
    Timestamp: '2026-11-24T13:00:04.000Z',
    SignatureVersion: '1',
  })

const take = (...bodies: string[]) =>
  takeNotices(world, { Records: bodies.map((body, index) => ({ messageId: `r-${index}`, body })) } as never)
const hear = (fixture: string, of?: { message?: string; feedbackId?: string }) =>
  take(wrapped(recorded(fixture, of)))

const row = (name = 'one') => world.messages.load(customerId, messageOf(name))
const gate = () => world.gates.address(hash)
const names = async () => (await world.events.eventsOf(customerId)).map((event) => event.name)

describe('evidence', () => {
  it.each(['CLAIMED', 'UNKNOWN', 'CLOSED'] as const)(
    'of a send settles %s and tells her log',
    async (status) => {
      aMessage('one', status)
      await hear('send')

      expect(await row()).toMatchObject({ status: 'SENT', sentAt: '2026-11-24T13:00:00.123Z' })
      expect(await world.events.eventsOf(customerId)).toMatchObject([
        {
          name: 'Email Sent',
          properties: { messageId: messageOf('one'), journey: 'abandoned-cart', step: 'reminder' },
        },
      ])
    },
  )

  it('of a delivery settles as well, once', async () => {
    aMessage('one', 'UNKNOWN')
    await hear('delivery')
    await hear('delivery')
    await hear('send')

    expect(await row()).toMatchObject({ status: 'SENT', deliveredAt: '2026-11-24T13:00:01.500Z' })
    expect(await names()).toEqual(['Email Sent'])
  })

  it('gives the event the id that deliver gives it', async () => {
    aMessage('one', 'CLAIMED')
    await hear('send')

    const [event] = await world.events.eventsOf(customerId)
    expect(event?.messageId).toBe(derive('e', messageOf('one'), 'sent', 1))
  })

  it('of what is known to be sent is a note on the row, and no event', async () => {
    aMessage('one', 'SENT')
    await hear('send')
    await hear('delivery')

    expect(await row()).toMatchObject({ status: 'SENT', deliveredAt: '2026-11-24T13:00:01.500Z' })
    expect(await names()).toEqual([])
  })

  it('of a confirmed send writes nothing', async () => {
    aMessage('one', 'SENT')
    world.messages.observe = async () => {
      throw new Error('written to')
    }

    expect(await hear('send')).toEqual({ batchItemFailures: [] })
  })

  it('of a delivery leaves the inbox alone', async () => {
    aMessage('one', 'SENT')
    await hear('delivery')

    expect((await gate())?.version).toBe(1)
  })
})

describe('bad news', () => {
  it('of a permanent bounce suppresses the inbox, with the event, in one transaction', async () => {
    aMessage('one', 'SENT')
    await hear('bounce-permanent')

    expect(await gate()).toMatchObject({ suppressed: { why: 'bounce', at: '2026-11-24T13:00:02.000Z' } })
    expect(await row()).toMatchObject({ bouncedAt: '2026-11-24T13:00:02.000Z' })
    expect(await world.events.eventsOf(customerId)).toMatchObject([
      {
        name: 'Email Bounced',
        source: 'homeward',
        properties: { permanent: true, code: 'Permanent/General' },
      },
    ])
  })

  it('of a complaint suppresses the inbox', async () => {
    aMessage('one', 'SENT')
    await hear('complaint')

    expect(await gate()).toMatchObject({ suppressed: { why: 'complaint' } })
    expect(await row()).toMatchObject({ complainedAt: '2026-11-24T13:20:00.000Z' })
    expect(await names()).toEqual(['Email Complained'])
  })

  it.each(['bounce-permanent', 'complaint'])(
    'of an address whose domain is not ASCII reaches its inbox, though the notice spells it another way: %s',
    async (fixture) => {
      hash = addressHash('rina@পণ্য.example', await world.keys.addressKey())
      aMessage('one', 'SENT')

      await take(wrapped(recorded(fixture).replaceAll('rina@example.com', 'rina@xn--35bnq3j.example')))

      expect((await gate())?.suppressed).toBeDefined()
    },
  )

  it('told twice is one', async () => {
    aMessage('one', 'SENT')
    await hear('complaint')
    await hear('complaint')

    expect(await names()).toEqual(['Email Complained'])
    expect((await gate())?.version).toBe(2)
  })

  it('of a bounce after a complaint leaves the complaint standing; the other way round it outweighs', async () => {
    aMessage('one', 'SENT')
    await hear('complaint')
    await hear('bounce-permanent')
    expect(await gate()).toMatchObject({ suppressed: { why: 'complaint' } })

    world.tables.addresses.set(hash, { ...newAddressGate(), owner: customerId, version: 1 })
    world.tables.events.clear()
    await hear('bounce-permanent')
    await hear('complaint')
    expect(await gate()).toMatchObject({ suppressed: { why: 'complaint' } })
  })

  it('that an inbox said this is not spam after all is none', async () => {
    aMessage('one', 'SENT')
    await take(wrapped(recorded('complaint').replace('"abuse"', '"not-spam"')))

    expect((await gate())?.suppressed).toBeUndefined()
  })

  it('proves as well that an open send was taken', async () => {
    aMessage('one', 'UNKNOWN')
    await hear('bounce-permanent')

    expect(await row()).toMatchObject({ status: 'SENT' })
    expect((await names()).sort()).toEqual(['Email Bounced', 'Email Sent'])
  })

  it('of a mail no message stands behind suppresses the inbox all the same', async () => {
    await hear('bounce-permanent')

    expect(await gate()).toMatchObject({ suppressed: { why: 'bounce' } })
    expect(await names()).toEqual([])
  })

  it.each(['bounce-content', 'reject'])(
    'of a %s is the mail’s fault and never counts against the inbox',
    async (fixture) => {
      aMessage('one', 'SENT')
      await hear(fixture)

      expect(await gate()).toMatchObject({ softBounces: 0 })
      expect((await gate())?.suppressed).toBeUndefined()
      expect(await names()).toEqual(['Email Bounced'])
    },
  )
})

describe('soft bounces', () => {
  const bounce = (n: number) => {
    aMessage(`mail-${n}`, 'SENT')
    return hear('bounce-transient', { message: `mail-${n}`, feedbackId: `feedback-${n}` })
  }

  it('suppress at the fifth in a row', async () => {
    for (const n of [1, 2, 3, 4]) await bounce(n)
    expect((await gate())?.suppressed).toBeUndefined()

    await bounce(5)

    expect(await gate()).toMatchObject({ softBounces: 5, suppressed: { why: 'soft-bounces' } })
  })

  it('are counted once each, however often they are told', async () => {
    await bounce(1)
    await bounce(1)

    expect((await gate())?.softBounces).toBe(1)
  })

  it('are forgotten at a delivery', async () => {
    for (const n of [1, 2, 3, 4]) await bounce(n)
    aMessage('one', 'SENT')
    await hear('delivery')

    await bounce(5)

    expect(await gate()).toMatchObject({ softBounces: 1 })
    expect((await gate())?.suppressed).toBeUndefined()
  })
})

describe('records', () => {
  it.each(['delivery-delay', 'rendering-failure'])(
    'of a %s are taken and nothing follows',
    async (fixture) => {
      aMessage('one', 'SENT')

      expect(await hear(fixture)).toEqual({ batchItemFailures: [] })
      expect(await names()).toEqual([])
    },
  )

  it('that greet a new topic are taken', async () => {
    const greeting = 'Successfully validated SNS topic for Amazon SES event publishing.'

    expect(await take(wrapped(greeting))).toEqual({ batchItemFailures: [] })
  })

  it('that came bare are read as well', async () => {
    aMessage('one', 'UNKNOWN')
    await take(recorded('send'))

    expect(await row()).toMatchObject({ status: 'SENT' })
  })

  it('that cannot be read go back alone', async () => {
    aMessage('one', 'UNKNOWN')
    const answer = await take('no json', wrapped(recorded('send')), wrapped('{"eventType":"Bounce"}'))

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'r-0' }, { itemIdentifier: 'r-2' }])
    expect(await row()).toMatchObject({ status: 'SENT' })
    expect(world.lines).toHaveLength(2)
  })

  it('that the infrastructure failed go back', async () => {
    aMessage('one', 'SENT')
    world.events.record = async () => {
      throw new Error('the table is away')
    }

    expect(await hear('complaint')).toEqual({ batchItemFailures: [{ itemIdentifier: 'r-0' }] })
  })
})
