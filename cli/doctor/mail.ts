/** Checks of the sending account: sandbox, quota, identity, and how many invocations may run at once. */
import type { Concurrency } from '#adapters/doctor-lambda'
import type { MailAccount, MailIdentity } from '#adapters/doctor-mail'
import type { Settings } from '#core/settings'
import { type Check, ok, wants } from './check.ts'

const number = (value: number): string => value.toLocaleString('en')

const consoleOf = 'the SES console, Account dashboard'

function quotaCheck({ quota }: MailAccount): Check {
  const name = 'SES quota'
  const { perDay, sentLastDay, perSecond } = quota
  if (perDay < 0) return ok(name, `no limit a day, ${number(perSecond)} a second`)
  const found = `${number(sentLastDay)} of ${number(perDay)} mails in 24 hours, ${number(perSecond)} a second`
  if (perDay === 0)
    return wants(name, 'bad', { found, cure: `AWS lets the account send nothing: see ${consoleOf}` })
  const isNearlySpent = sentLastDay >= perDay * 0.9
  if (!isNearlySpent) return ok(name, found)
  const cure = `marketing mail waits (reason "quota"); ask for a higher sending quota in ${consoleOf}`
  return wants(name, 'warn', { found, cure })
}

/** What the account says of itself. */
export function accountChecks(account: MailAccount): Check[] {
  return [
    account.isProduction
      ? ok('SES sandbox', 'out of it')
      : wants('SES sandbox', 'bad', {
          found: 'in it: 200 mails a day, to verified addresses only',
          cure: `ask for production access in ${consoleOf}`,
        }),
    account.isSending && account.enforcement !== 'SHUTDOWN'
      ? ok('SES sending', 'enabled')
      : wants('SES sending', 'bad', {
          found: 'AWS has stopped it for this account',
          cure: `answer the case that AWS opened, then enable sending in ${consoleOf}`,
        }),
    account.enforcement === 'HEALTHY'
      ? ok('SES reputation', 'healthy')
      : wants('SES reputation', account.enforcement === 'PROBATION' ? 'warn' : 'bad', {
          found: `the account is under ${account.enforcement.toLowerCase()}`,
          cure: 'npm run pause, look at who is mailed and why (docs/operating.md, Alarms), answer the case of AWS',
        }),
    quotaCheck(account),
  ]
}

/** What SES says of the stage's domain. */
export function identityChecks(domain: string, identity: MailIdentity | undefined): Check[] {
  const later =
    'add the records below to the DNS; AWS looks again within minutes, at the latest after 72 hours'
  if (identity === undefined) {
    const cure = 'deploy the stage again: the identity is a resource of the stack'
    return [wants('SES identity', 'bad', { found: `${domain} is not known to SES`, cure })]
  }
  const mailFrom = identity.mailFromDomain ?? 'none'
  return [
    identity.isVerified
      ? ok('SES identity', `${domain} is verified`)
      : wants('SES identity', 'bad', { found: `${domain} is not verified`, cure: later }),
    identity.dkim === 'SUCCESS'
      ? ok('DKIM', 'signing')
      : wants('DKIM', 'bad', { found: identity.dkim.toLowerCase().replaceAll('_', ' '), cure: later }),
    identity.mailFrom === 'SUCCESS'
      ? ok('MAIL FROM', mailFrom)
      : wants('MAIL FROM', 'warn', {
          found: `${mailFrom}: ${identity.mailFrom.toLowerCase().replaceAll('_', ' ')}`,
          cure: `${later}; until then SPF is not aligned`,
        }),
  ]
}

/** Whether the account's concurrency bears what the stack may use at once. */
export function concurrencyCheck(concurrency: Concurrency, maxConcurrency: number): Check {
  const name = 'Lambda concurrency'
  // Four queues, each up to its own maximum, one invocation for each of two streams, and the requests.
  const least = 4 * maxConcurrency + 2 + 1
  const found = `${number(concurrency.unreserved)} free of ${number(concurrency.total)}; the stack uses up to ${least} beside requests`
  if (concurrency.unreserved >= 2 * least) return ok(name, found)
  const cure =
    'ask for 1,000 in Service Quotas (Lambda, Concurrent executions), and keep maxConcurrency of the stage at 2 until then'
  return wants(name, concurrency.unreserved < least ? 'bad' : 'warn', { found, cure })
}

/** Whether the domain still warms up. */
export function warmUpCheck(warmUp: Settings['warmUp'], ceiling: number | undefined): Check {
  if (warmUp === undefined) return ok('Warm-up', 'none in settings.yaml')
  return ok(
    'Warm-up',
    ceiling === undefined ? 'over' : `at most ${number(ceiling)} marketing mails today; what is more waits`,
  )
}
