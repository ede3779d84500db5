/** One attempt a mail, and what each way it can end means. The real SDK talks to a server of ours. */
import { Agent } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mailerFrom } from '#adapters/ses'
import { limits } from '#core/limits'
import type { Mail } from '#flow/port'
import { type Recorder, startRecorder } from '#test/fixture/recorder'

let recorder: Recorder
beforeEach(async () => {
  recorder = await startRecorder()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await recorder.close()
})

const environment = { CONFIGURATION_SET: 'homeward-test' }

const aMail = (set: Partial<Mail> = {}): Mail => ({
  to: 'rahima@shop.example',
  from: '"A Shop" <hello@mail.shop.example>',
  subject: 'আপনার কার্ট 🛒',
  html: '<p>শাড়ি</p>',
  text: 'শাড়ি',
  headers: { 'List-Unsubscribe': '<https://links.shop.example/u/token>' },
  tags: { messageId: 'm1', customerId: 'c1' },
  ...set,
})

const refused = (status: number, errorType: string) => ({ status, errorType, body: { message: 'because' } })

describe('the mailer', () => {
  it('sends simple content with its headers and tags through the configuration set', async () => {
    recorder.answers.push({ status: 200, body: { MessageId: 'ses-1' } })

    const outcome = await mailerFrom(environment, recorder.aws).send(aMail())

    expect(outcome).toEqual({ kind: 'sent', sesMessageId: 'ses-1' })
    expect(recorder.asked).toHaveLength(1)
    expect(recorder.asked[0]).toMatchObject({ method: 'POST', path: '/v2/email/outbound-emails' })
    expect(recorder.asked[0]?.body).toEqual({
      ConfigurationSetName: 'homeward-test',
      FromEmailAddress: '"A Shop" <hello@mail.shop.example>',
      Destination: { ToAddresses: ['rahima@shop.example'] },
      Content: {
        Simple: {
          Subject: { Data: 'আপনার কার্ট 🛒', Charset: 'UTF-8' },
          Body: {
            Html: { Data: '<p>শাড়ি</p>', Charset: 'UTF-8' },
            Text: { Data: 'শাড়ি', Charset: 'UTF-8' },
          },
          Headers: [{ Name: 'List-Unsubscribe', Value: '<https://links.shop.example/u/token>' }],
        },
      },
      EmailTags: [
        { Name: 'messageId', Value: 'm1' },
        { Name: 'customerId', Value: 'c1' },
      ],
    })
  })

  it.each([
    ['a rate that was exceeded', refused(429, 'TooManyRequestsException'), 'not-sent'],
    ['a throttle', refused(429, 'ThrottlingException'), 'not-sent'],
    ['429 without a name', refused(429, 'Whatever'), 'not-sent'],
    ['a quota that is spent', refused(400, 'LimitExceededException'), 'not-sent'],
    ['a message SES will never take', refused(400, 'MessageRejected'), 'rejected'],
    ['a bad request', refused(400, 'BadRequestException'), 'rejected'],
    ['a domain that is not verified', refused(400, 'MailFromDomainNotVerifiedException'), 'rejected'],
    ['something that does not exist', refused(404, 'NotFoundException'), 'rejected'],
    ['an account that is suspended', refused(400, 'AccountSuspendedException'), 'stopped'],
    ['sending that is paused', refused(400, 'SendingPausedException'), 'stopped'],
    ['a right that is missing', refused(403, 'AccessDeniedException'), 'stopped'],
    ['credentials that ran out', refused(403, 'ExpiredTokenException'), 'stopped'],
    ['500', refused(500, 'InternalServiceErrorException'), 'ambiguous'],
    ['503, though it says throttled', refused(503, 'ThrottlingException'), 'ambiguous'],
    ['408', refused(408, 'RequestTimeoutException'), 'ambiguous'],
    ['an error nobody has heard of', refused(400, 'NewException'), 'ambiguous'],
    ['an answer that is cut off', 'reset', 'ambiguous'],
  ] as const)('asks once and says what it means: %s', async (_, answer, kind) => {
    recorder.answers.push(answer)

    const outcome = await mailerFrom(environment, recorder.aws).send(aMail())

    expect(outcome.kind).toBe(kind)
    expect(recorder.asked).toHaveLength(1)
  })

  it('gives up on silence, once, not knowing', async () => {
    recorder.answers.push('silence')

    const outcome = await mailerFrom(environment, recorder.aws, { timeoutMs: 100 }).send(aMail())

    expect(outcome.kind).toBe('ambiguous')
    expect(recorder.asked).toHaveLength(1)
  })

  it('knows that a refused connection took nothing', async () => {
    const { aws } = recorder
    await recorder.close()

    const outcome = await mailerFrom(environment, aws).send(aMail())

    expect(outcome.kind).toBe('not-sent')
    recorder = await startRecorder()
  })

  it('knows that a connection that never stood took nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waiting = Object.assign(new Socket(), { connecting: true })
    vi.spyOn(Agent.prototype, 'createConnection').mockReturnValue(waiting)

    const sending = mailerFrom(environment, recorder.aws).send(aMail())
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0))
    await vi.advanceTimersByTimeAsync(limits.sendConnectMs)

    expect(await sending).toMatchObject({ kind: 'not-sent' })
  })

  it.each([
    ['ENETUNREACH', 'connect', 'not-sent'],
    ['EAI_AGAIN', 'getaddrinfo', 'not-sent'],
    // A connection that stood can meet an unreachable host too, with the mail on its way.
    ['EHOSTUNREACH', 'read', 'ambiguous'],
  ])('tells %s by the call that met it: %s', async (code, syscall, kind) => {
    vi.spyOn(Agent.prototype, 'createConnection').mockImplementation(() => {
      const socket = new Socket()
      process.nextTick(() => socket.destroy(Object.assign(new Error(code), { code, syscall })))
      return socket
    })

    const outcome = await mailerFrom(environment, recorder.aws).send(aMail())

    expect(outcome.kind).toBe(kind)
  })

  it('rejects an address that cannot be sent to, without asking', async () => {
    const outcome = await mailerFrom(environment, recorder.aws).send(aMail({ to: 'রহিমা@shop.example' }))

    expect(outcome.kind).toBe('rejected')
    expect(JSON.stringify(outcome)).not.toContain('@shop')
    expect(recorder.asked).toHaveLength(0)
  })

  it('asks for the granted quota once a minute, and keeps what it knows when the answer fails', async () => {
    const granted = { perDay: 50_000, sentLastDay: 120, perSecond: 14 }
    const SendQuota = { MaxSendRate: 14, Max24HourSend: 50_000, SentLast24Hours: 120 }
    recorder.answers.push({ status: 200, body: { SendQuota } })
    const mailer = mailerFrom(environment, recorder.aws)

    const quotas = [await mailer.quota(), await mailer.quota()]

    expect(quotas).toEqual([granted, granted])
    expect(recorder.asked.map(({ path }) => path)).toEqual(['/v2/email/account'])
  })

  it('asks again where SES has too many containers asking', async () => {
    const SendQuota = { MaxSendRate: 14, Max24HourSend: 50_000, SentLast24Hours: 120 }
    recorder.answers.push(refused(429, 'TooManyRequestsException'), { status: 200, body: { SendQuota } })

    const quota = await mailerFrom(environment, recorder.aws).quota()

    expect(quota.perSecond).toBe(14)
  })

  it('takes the slowest rate there is, and no ceiling, while it cannot be asked for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const guess = { perDay: -1, sentLastDay: 0, perSecond: 1 }
    const denied = refused(403, 'AccessDeniedException')
    const SendQuota = { MaxSendRate: 14, Max24HourSend: 50_000, SentLast24Hours: 120 }
    recorder.answers.push(denied, { status: 200, body: { SendQuota } }, denied)
    const mailer = mailerFrom(environment, recorder.aws)

    const first = [await mailer.quota(), await mailer.quota()]
    vi.advanceTimersByTime(limits.quotaAgainMs)
    const then = await mailer.quota()
    vi.advanceTimersByTime(limits.quotaKeptMs)
    const kept = await mailer.quota()

    expect(first).toEqual([guess, guess])
    expect(then).toMatchObject({ perDay: 50_000, perSecond: 14 })
    expect(kept).toEqual(then)
    expect(recorder.asked).toHaveLength(3)
  })
})
