/** SES's quota on the virtual clock, its suppression list, a paused account. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AwsCall } from '#local/aws'
import { Clock } from '#local/clock'
import { Inbox } from '#local/inbox'
import { SesService } from '#local/ses'
import { Stack } from '#local/stack'
import { Store } from '#local/store'
import { aTemplate } from './fixture/template.ts'

const place = {
  stackName: 's',
  region: 'us-east-1',
  accountId: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  baseUrl: 'http://127.0.0.1:4400',
}

function anAccount(quota = { ratePerSecond: 2, per24Hours: 5 }) {
  const folder = mkdtempSync(join(tmpdir(), 'ses-'))
  const store = new Store(join(folder, 'state.jsonl'))
  const clock = new Clock({ offsetMs: 0, realNow: () => Date.parse('2026-05-01T09:00:00Z') })
  const inbox = new Inbox(store.table('inbox'), join(folder, 'inbox'), () => {})
  const notices: { topic: string; type: string }[] = []
  const publish = (topic: string, message: string) =>
    notices.push({ topic, type: JSON.parse(message).eventType })
  const ses = new SesService({ stack: new Stack(aTemplate(), place), store, clock, inbox, quota, publish })
  const call = async (action: string, input: object, path = '') => {
    const answer = await ses.answer({ action, input, path } as unknown as AwsCall)
    return JSON.parse(String(answer.body))
  }
  const send = (to = 'ada@example.com') =>
    call('SendEmail', {
      FromEmailAddress: 'hello@shop.example',
      Destination: { ToAddresses: [to] },
      ConfigurationSetName: 's-ConfigurationSet',
      Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
    })
  const pass = (ms: number) => clock.jumpTo(clock.now() + ms)
  return { call, send, pass, inbox, notices, ses }
}

describe('the quota', () => {
  it('refuses what comes faster than the rate, and takes it a second later', async () => {
    const { send, pass, inbox } = anAccount()
    await send()
    await send()

    await expect(send()).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 })
    pass(1_000)
    await send()

    expect(inbox.size).toBe(3)
  })

  it('refuses what exceeds the day, and takes it when a day has passed', async () => {
    const { call, send, pass } = anAccount({ ratePerSecond: 100, per24Hours: 2 })
    await send()
    await send()

    await expect(send()).rejects.toThrow(/Daily message quota exceeded/)
    const account = await call('GetAccount', {})
    pass(24 * 3_600_000)
    await send()

    expect(account.SendQuota).toEqual({ Max24HourSend: 2, MaxSendRate: 100, SentLast24Hours: 2 })
  })
})

it('a suppressed address is accepted and bounces', async () => {
  const { call, send, inbox, notices } = anAccount()
  await call('PutSuppressedDestination', { EmailAddress: 'Ada@example.com', Reason: 'COMPLAINT' })

  await send()
  const path = '/v2/email/suppression/addresses/ada%40example.com'
  const listed = await call('GetSuppressedDestination', {}, path)
  await call('DeleteSuppressedDestination', {}, path)
  await send()

  expect(listed.SuppressedDestination.Reason).toBe('COMPLAINT')
  expect(inbox.entries().map((mail) => mail.fate)).toEqual(['suppressed', 'delivered'])
  expect(notices.map((notice) => notice.type)).toEqual(['Send', 'Bounce', 'Send', 'Delivery'])
})

it('a paused account sends nothing', async () => {
  const { call, send, inbox } = anAccount()
  await call('PutAccountSendingAttributes', { SendingEnabled: false })

  await expect(send()).rejects.toMatchObject({ code: 'SendingPausedException' })
  expect(inbox.size).toBe(0)
})

it('needs the right on the identity and on the configuration set, told the sender', () => {
  const { ses } = anAccount()
  const input = {
    FromEmailAddress: 'Shop <hello@shop.example>',
    ConfigurationSetName: 'set',
    Content: { Simple: {} },
  }

  const needs = ses.needs({ action: 'SendEmail', input } as unknown as AwsCall)

  expect(needs).toMatchObject([
    {
      action: 'ses:SendEmail',
      resource: 'arn:aws:ses:us-east-1:000000000000:identity/shop.example',
      context: { 'ses:fromaddress': ['hello@shop.example'] },
    },
    { action: 'ses:SendEmail', resource: 'arn:aws:ses:us-east-1:000000000000:configuration-set/set' },
  ])
})

describe('the account as a test wants it', () => {
  it('takes another quota, and what it is told was sent is forgotten after a day', async () => {
    const { call, ses, send, pass } = anAccount({ ratePerSecond: 100, per24Hours: 50_000 })

    ses.become({ perDay: 100, sent: 98, sandbox: true })
    await send()
    const { ProductionAccessEnabled, SendQuota } = await call('GetAccount', {})
    pass(24 * 3_600_000)
    const later = await call('GetAccount', {})

    expect(ProductionAccessEnabled).toBe(false)
    expect(SendQuota).toEqual({ Max24HourSend: 100, MaxSendRate: 100, SentLast24Hours: 99 })
    expect(later.SendQuota.SentLast24Hours).toBe(0)
    expect(ses.standing).toEqual({ perDay: 100, perSecond: 100, sent: 0, sandbox: true })
  })

  it('refuses nothing a day when there is no limit', async () => {
    const { ses, send, inbox } = anAccount()

    ses.become({ perDay: -1, sent: 9_999_999 })
    await send()

    expect(inbox.size).toBe(1)
  })

  it('knows the identity of the stack as verified, and no other', async () => {
    const { call } = anAccount()

    const identity = await call('GetEmailIdentity', {}, '/v2/email/identities/shop.example')

    expect(identity).toMatchObject({ VerifiedForSendingStatus: true, DkimAttributes: { Status: 'SUCCESS' } })
    await expect(call('GetEmailIdentity', {}, '/v2/email/identities/other.example')).rejects.toMatchObject({
      code: 'NotFoundException',
      status: 404,
    })
  })
})
