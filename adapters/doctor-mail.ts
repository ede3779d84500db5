/** What `npm run doctor` asks SES: the account and the stage's identity, as plain values. Errors are the SDK's own. */
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import type { Quota } from '#core/quota'
import type { Aws } from './aws.ts'

export interface MailAccount {
  /** Out of the sandbox. */
  isProduction: boolean
  isSending: boolean
  /** `HEALTHY`, or what AWS put the account under. */
  enforcement: string
  quota: Quota
}

export interface MailIdentity {
  isVerified: boolean
  /** `SUCCESS` when the DKIM records were found. */
  dkim: string
  mailFromDomain: string | undefined
  /** `SUCCESS` when the MAIL FROM records were found. */
  mailFrom: string
}

export interface MailDoctor {
  account(): Promise<MailAccount>
  /** Undefined: SES does not know the domain. */
  identity(domain: string): Promise<MailIdentity | undefined>
}

export function sesDoctor(aws: Aws): MailDoctor {
  const client = new SESv2Client(aws)
  return {
    account: async () => {
      const account = await client.send(new GetAccountCommand({}))
      const { Max24HourSend = 0, MaxSendRate = 0, SentLast24Hours = 0 } = account.SendQuota ?? {}
      return {
        isProduction: account.ProductionAccessEnabled === true,
        isSending: account.SendingEnabled === true,
        enforcement: account.EnforcementStatus ?? 'unknown',
        quota: { perDay: Max24HourSend, sentLastDay: SentLast24Hours, perSecond: MaxSendRate },
      }
    },
    identity: async (domain) => {
      const command = new GetEmailIdentityCommand({ EmailIdentity: domain })
      const identity = await client.send(command).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'NotFoundException') return undefined
        throw error
      })
      if (identity === undefined) return undefined
      return {
        isVerified: identity.VerifiedForSendingStatus === true,
        dkim: identity.DkimAttributes?.Status ?? 'NOT_STARTED',
        mailFromDomain: identity.MailFromAttributes?.MailFromDomain || undefined,
        mailFrom: identity.MailFromAttributes?.MailFromDomainStatus ?? 'NOT_STARTED',
      }
    },
  }
}
