/**
 * The mailer made real: one SendEmail, never repeated, and what its outcome means for the one promise we make
 * (at most one mail a message). Only what surely was not taken may be sent again; a 5xx, a reset and a timeout
 * may have been taken. The SDK by itself would send three times: `maxAttempts: 1` is what keeps the promise.
 * Read `flow/deliver.ts` next.
 */
import { GetAccountCommand, SESv2Client, SendEmailCommand, type SendQuota } from '@aws-sdk/client-sesv2'
import { limits } from '#core/limits'
import type { Quota } from '#core/quota'
import type { Mail, Mailer, SendOutcome } from '#flow/port'
import type { Aws } from './aws.ts'
import { type Environment, readText } from './environment.ts'
import { mailbox, mailboxProblem } from './mailbox.ts'
import { environment as settings } from './shape.ts'

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors and the common ones. */
const meaning: Record<string, Exclude<SendOutcome['kind'], 'sent' | 'ambiguous'>> = {
  TooManyRequestsException: 'not-sent',
  LimitExceededException: 'not-sent',
  ThrottlingException: 'not-sent',
  Throttling: 'not-sent',
  BadRequestException: 'rejected',
  MessageRejected: 'rejected',
  NotFoundException: 'rejected',
  MailFromDomainNotVerifiedException: 'rejected',
  ValidationException: 'rejected',
  AccountSuspendedException: 'stopped',
  SendingPausedException: 'stopped',
  AccessDeniedException: 'stopped',
  AccessDenied: 'stopped',
  UnrecognizedClientException: 'stopped',
  InvalidClientTokenId: 'stopped',
  ExpiredTokenException: 'stopped',
  InvalidSignatureException: 'stopped',
  CredentialsProviderError: 'stopped',
}

/** What the system does before a connection stands. */
const connecting = new Set(['getaddrinfo', 'connect'])

interface Trouble {
  name?: string
  message?: string
  /** Of a system error: the call that failed. */
  syscall?: string
  /** Of a host with several addresses: what went wrong with each. */
  errors?: Trouble[]
  $metadata?: { httpStatusCode?: number }
}

/** Whether the connection never stood, so that nothing can have been taken. */
function neverConnected(error: Trouble): boolean {
  if (error.errors !== undefined) return error.errors.every(neverConnected)
  // The SDK's own limit on the time to connect has no code, only words.
  const wasTooLong =
    error.name === 'TimeoutError' && /did not establish a connection/.test(error.message ?? '')
  return wasTooLong || connecting.has(error.syscall ?? '')
}

/** What an error of the one attempt means. */
function outcomeOf(thrown: unknown): SendOutcome {
  const error = thrown as Trouble
  const status = error.$metadata?.httpStatusCode
  const text = `${error.name ?? 'Unknown'}${status === undefined ? '' : ` ${status}`}: ${error.message ?? ''}`
  if (status !== undefined && status >= 500) return { kind: 'ambiguous', error: text }
  const named = meaning[error.name ?? '']
  if (named !== undefined) return { kind: named, error: text }
  if (status === 429 || neverConnected(error)) return { kind: 'not-sent', error: text }
  return { kind: 'ambiguous', error: text }
}

/** A line of a head: whatever could end it is a space. What is rendered has none; this is the last door. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const pairs = (record: Record<string, string>) =>
  Object.entries(record).map(([Name, Value]) => ({ Name: oneLine(Name), Value: oneLine(Value) }))

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' })

function request(mail: Mail, configurationSet: string) {
  return new SendEmailCommand({
    FromEmailAddress: mailbox(mail.from),
    Destination: { ToAddresses: [mailbox(mail.to)] },
    Content: {
      Simple: {
        Subject: utf8(oneLine(mail.subject)),
        Body: { Html: utf8(mail.html), Text: utf8(mail.text) },
        Headers: pairs(mail.headers),
      },
    },
    EmailTags: pairs(mail.tags),
    ConfigurationSetName: configurationSet,
  })
}

/**
 * A client whose connections are not kept, because one that died in a freeze looks like a lost reply. What is not
 * a mail may be asked more than once: SES answers one such call a second.
 */
const openSes = (aws: Aws, maxAttempts: number): SESv2Client =>
  new SESv2Client({
    ...aws,
    maxAttempts,
    requestHandler: {
      connectionTimeout: limits.sendConnectMs,
      requestTimeout: limits.sendTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: false },
      httpsAgent: { keepAlive: false },
    },
  })

/** What is assumed until SES says more: the slowest rate an account has, and no ceiling. */
const unknownQuota: Quota = { perDay: -1, sentLastDay: 0, perSecond: 1 }

function quotaOf(said: SendQuota | undefined, known: Quota): Quota {
  const { Max24HourSend, MaxSendRate, SentLast24Hours } = said ?? {}
  return {
    perDay: Max24HourSend ?? known.perDay,
    sentLastDay: SentLast24Hours ?? known.sentLastDay,
    perSecond: MaxSendRate !== undefined && MaxSendRate > 0 ? MaxSendRate : known.perSecond,
  }
}

/** The mailer of a process; it sends through the stage's configuration set. `timeoutMs` is shorter in tests. */
export function mailerFrom(
  environment: Environment = process.env,
  aws: Aws = {},
  { timeoutMs = limits.sendTimeoutMs }: { timeoutMs?: number } = {},
): Mailer {
  const client = openSes(aws, 1)
  const asking = openSes(aws, limits.quotaAttempts)
  let known: { quota: Quota; untilMs: number } = { quota: unknownQuota, untilMs: 0 }
  return {
    send: async (mail) => {
      const problem = mailboxProblem(mail.to)
      if (problem !== undefined) return { kind: 'rejected', error: problem }
      try {
        const command = request(mail, readText(environment, settings.configurationSet))
        const answer = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })
        return { kind: 'sent', sesMessageId: answer.MessageId ?? '' }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    quota: async () => {
      if (Date.now() < known.untilMs) return known.quota
      const abortSignal = AbortSignal.timeout(timeoutMs)
      const account = await asking.send(new GetAccountCommand({}), { abortSignal }).catch(() => undefined)
      // What is only assumed slows everybody's line: it is asked for again soon.
      const isGuess = account === undefined && known.quota === unknownQuota
      known = {
        quota: account === undefined ? known.quota : quotaOf(account.SendQuota, known.quota),
        untilMs: Date.now() + (isGuess ? limits.quotaAgainMs : limits.quotaKeptMs),
      }
      return known.quota
    },
  }
}
