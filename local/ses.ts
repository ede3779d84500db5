/**
 * SES v2's HTTP face: accepts or refuses as SES does, keeps the rate and the day's quota on the virtual clock, puts
 * accepted mail into the inbox and publishes notices about it. What is refused is in `ses-request.ts`, what becomes
 * of mail in `ses-notice.ts`.
 */
import { randomUUID } from 'node:crypto'
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, jsonBody } from './aws.ts'
import type { Clock } from './clock.ts'
import type { Need } from './iam.ts'
import type { Inbox } from './inbox.ts'
import { type Fate, fateOf, type Notice, noticesOf, type SentMail } from './ses-notice.ts'
import {
  bareAddress,
  identityOf,
  type Mail,
  rawOf,
  readSendEmail,
  type SendEmailInput,
} from './ses-request.ts'
import type { Stack } from './stack.ts'
import type { Store, StoreTable } from './store.ts'

const HOUR_MS = 3_600_000

/** `per24Hours` -1: no limit. */
export type SesQuota = { ratePerSecond: number; per24Hours: number }

/** The account as `/_local/ses` shows and changes it. */
export type SesStanding = { perDay: number; perSecond: number; sent: number; sandbox: boolean }

type Suppressed = { EmailAddress: string; Reason: 'BOUNCE' | 'COMPLAINT'; LastUpdateTime: number }

/** A destination of a configuration set's events. */
type Destination = { configurationSet: string; types: Set<string>; topicArn: string }

export class SesService implements AwsService {
  readonly name = 'ses'
  private readonly stack: Stack
  private readonly clock: Clock
  private readonly inbox: Inbox
  private readonly publish: (topicArn: string, message: string) => void
  private readonly granted: SesQuota
  private readonly identities: string[]
  private readonly configurationSets: string[]
  private readonly destinations: Destination[]
  private readonly suppressed: StoreTable<Suppressed>
  private readonly perHour: StoreTable<number>
  private readonly settings: StoreTable<boolean>
  private readonly changed: StoreTable<SesQuota>
  private recent: number[] = []

  constructor(options: {
    stack: Stack
    store: Store
    clock: Clock
    inbox: Inbox
    quota: SesQuota
    /** Hands a notice to SNS. */
    publish: (topicArn: string, message: string) => void
  }) {
    const { stack, store } = options
    this.stack = stack
    this.clock = options.clock
    this.inbox = options.inbox
    this.publish = options.publish
    this.granted = options.quota
    this.identities = stack
      .resources('AWS::SES::EmailIdentity')
      .map((identity) => String(identity.properties.EmailIdentity))
    this.configurationSets = stack.resources('AWS::SES::ConfigurationSet').map((set) => set.ref)
    this.destinations = destinationsOf(stack)
    this.suppressed = store.table('ses suppressed')
    this.perHour = store.table('ses sent by hour')
    this.settings = store.table('ses settings')
    this.changed = store.table('ses quota')
  }

  actionOf(call: Pick<AwsCall, 'method' | 'path'>): string {
    const route = routes.find(({ method, path }) => method === call.method && path.test(call.path))
    return route?.action ?? `${call.method} ${call.path}`
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return jsonBody(call.body)
  }

  needs(call: AwsCall): Need[] {
    if (call.action !== 'SendEmail') return [{ action: `ses:${call.action}`, resource: '*' }]
    const input = call.input as SendEmailInput
    const from = bareAddress(input.FromEmailAddress ?? '')
    const action = input.Content?.Raw === undefined ? 'ses:SendEmail' : 'ses:SendRawEmail'
    const context = {
      'ses:fromaddress': [from],
      'ses:recipients': (input.Destination?.ToAddresses ?? []).map(bareAddress),
    }
    const needs = [
      { action, resource: this.arn(`identity/${identityOf(from, this.identities) ?? from}`), context },
    ]
    const set = input.ConfigurationSetName
    if (set !== undefined) needs.push({ action, resource: this.arn(`configuration-set/${set}`), context })
    return needs
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    switch (call.action) {
      case 'SendEmail':
        return restAnswer(this.send(call.input as SendEmailInput))
      case 'GetAccount':
        return restAnswer(this.account())
      case 'GetEmailIdentity':
        return restAnswer(this.identity(nameIn(call.path)))
      case 'PutAccountSendingAttributes':
        this.settings.set('paused', call.input.SendingEnabled !== true)
        return restAnswer({})
      case 'PutSuppressedDestination':
        this.suppress(call.input)
        return restAnswer({})
      case 'GetSuppressedDestination':
        return restAnswer({ SuppressedDestination: this.suppressedBy(addressIn(call.path)) })
      case 'DeleteSuppressedDestination':
        this.suppressedBy(addressIn(call.path))
        this.suppressed.delete(addressIn(call.path))
        return restAnswer({})
      case 'ListSuppressedDestinations':
        return restAnswer({
          SuppressedDestinationSummaries: [...this.suppressed.entries()].map(([, entry]) => entry),
        })
      default:
        throw new AwsError('BadRequestException', `SES ${call.action} is not available locally.`)
    }
  }

  fail(error: AwsError): AwsAnswer {
    const answer = restAnswer({ message: error.message })
    return { ...answer, status: error.status, headers: { ...answer.headers, 'x-amzn-errortype': error.code } }
  }

  /** What the account grants, and what it counted in the last 24 hours. */
  get standing(): SesStanding {
    const { per24Hours: perDay, ratePerSecond: perSecond } = this.quota
    const sandbox = this.settings.get('sandbox') === true
    return { perDay, perSecond, sent: this.sentToday(), sandbox }
  }

  /** Makes the account another one: for trying out what a small quota does. What is not given stays. */
  become(standing: Partial<SesStanding>): void {
    const { perDay, perSecond, sent, sandbox } = { ...this.standing, ...standing }
    this.changed.set('quota', { per24Hours: perDay, ratePerSecond: perSecond })
    this.settings.set('sandbox', sandbox)
    const hour = this.hour()
    this.perHour.set(hour, (this.perHour.get(hour) ?? 0) + sent - this.sentToday())
  }

  private get quota(): SesQuota {
    return this.changed.get('quota') ?? this.granted
  }

  private hour(): string {
    return String(Math.floor(this.clock.now() / HOUR_MS))
  }

  private send(input: SendEmailInput): { MessageId: string } {
    if (this.settings.get('paused') === true) {
      throw new AwsError('SendingPausedException', 'Email sending is disabled for this account.')
    }
    const { identities, configurationSets } = this
    const mail = readSendEmail(input, { identities, configurationSets, region: this.stack.place.region })
    this.spend(mail.recipients.length)
    const sent = this.accept(mail)
    return { MessageId: sent.id }
  }

  private accept(mail: Mail): SentMail {
    const { from, to, recipients, tags, configurationSet } = mail
    const id = `${this.clock.now().toString(16).padStart(16, '0')}-${randomUUID()}-000000`
    const at = this.clock.iso()
    const { raw, content } = rawOf(mail, id, at)
    const fates = new Map(recipients.map((address) => [address, this.fate(address)]))
    const entry = {
      id,
      at,
      to: to.map(bareAddress).join(', '),
      from,
      subject: content.subject,
      messageId: tags.messageId ?? null,
      customerId: tags.customerId ?? null,
      journey: tags.journey ?? null,
      step: tags.step ?? null,
      fate: [...new Set(fates.values())].join(', '),
    }
    const headers = Object.fromEntries(content.headers)
    this.inbox.add(entry, { html: content.html ?? '', text: content.text ?? '', headers, raw })
    const identityArn = this.arn(`identity/${identityOf(from, this.identities) ?? ''}`)
    const sent = {
      id,
      at,
      from,
      to,
      recipients,
      subject: content.subject,
      headers: content.headers,
      tags,
      configurationSet,
      accountId: this.stack.place.accountId,
      identityArn,
    }
    for (const notice of noticesOf(sent, fates)) this.notify(notice, configurationSet)
    return sent
  }

  private fate(address: string): Fate {
    return fateOf(address, (one) => this.suppressed.get(one.toLowerCase()) !== undefined)
  }

  private notify(notice: Notice, configurationSet: string | undefined): void {
    for (const destination of this.destinations) {
      if (
        destination.configurationSet !== configurationSet ||
        !destination.types.has(notice.type.toLowerCase())
      )
        continue
      this.publish(destination.topicArn, JSON.stringify(notice.body))
    }
  }

  /** Takes from the second's rate and the day's quota. Throws as SES does when either is spent. */
  private spend(recipients: number): void {
    const now = this.clock.now()
    this.recent = this.recent.filter((at) => at > now - 1000)
    if (this.recent.length + recipients > this.quota.ratePerSecond) {
      throw new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429)
    }
    const { per24Hours } = this.quota
    if (per24Hours >= 0 && this.sentToday() + recipients > per24Hours) {
      throw new AwsError('TooManyRequestsException', 'Daily message quota exceeded.', 429)
    }
    for (let count = 0; count < recipients; count++) this.recent.push(now)
    const hour = this.hour()
    this.perHour.set(hour, (this.perHour.get(hour) ?? 0) + recipients)
  }

  private sentToday(): number {
    const oldest = Math.floor(this.clock.now() / HOUR_MS) - 23
    let sum = 0
    for (const [hour, count] of [...this.perHour.entries()]) {
      if (Number(hour) >= oldest) sum += count
      else this.perHour.delete(hour)
    }
    return sum
  }

  private account(): Record<string, unknown> {
    const { per24Hours, ratePerSecond } = this.quota
    return {
      DedicatedIpAutoWarmupEnabled: false,
      EnforcementStatus: 'HEALTHY',
      ProductionAccessEnabled: this.settings.get('sandbox') !== true,
      SendingEnabled: this.settings.get('paused') !== true,
      SendQuota: { Max24HourSend: per24Hours, MaxSendRate: ratePerSecond, SentLast24Hours: this.sentToday() },
      SuppressionAttributes: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    }
  }

  /** Here every identity of the stack is verified: there is no DNS to look into. */
  private identity(name: string): Record<string, unknown> {
    const known = this.stack
      .resources('AWS::SES::EmailIdentity')
      .find(({ properties }) => String(properties.EmailIdentity).toLowerCase() === name.toLowerCase())
    if (known === undefined)
      throw new AwsError('NotFoundException', `Email identity ${name} does not exist.`, 404)
    const { MailFromAttributes } = known.properties as { MailFromAttributes?: { MailFromDomain?: string } }
    return {
      IdentityType: 'DOMAIN',
      FeedbackForwardingStatus: false,
      VerifiedForSendingStatus: true,
      VerificationStatus: 'SUCCESS',
      DkimAttributes: { SigningEnabled: true, Status: 'SUCCESS', Tokens: [] },
      MailFromAttributes: {
        MailFromDomain: MailFromAttributes?.MailFromDomain ?? '',
        MailFromDomainStatus: 'SUCCESS',
        BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
      },
    }
  }

  private suppress(input: Record<string, unknown>): void {
    const address = String(input.EmailAddress ?? '').toLowerCase()
    const Reason = input.Reason === 'COMPLAINT' ? 'COMPLAINT' : 'BOUNCE'
    this.suppressed.set(address, { EmailAddress: address, Reason, LastUpdateTime: this.clock.now() / 1000 })
  }

  private suppressedBy(address: string): Suppressed {
    const entry = this.suppressed.get(address)
    if (entry !== undefined) return entry
    throw new AwsError(
      'NotFoundException',
      `Email address ${address} does not exist on your suppression list.`,
      404,
    )
  }

  private arn(resource: string): string {
    const { partition, region, accountId } = this.stack.place
    return `arn:${partition}:ses:${region}:${accountId}:${resource}`
  }
}

const routes = [
  { method: 'POST', path: /^\/v2\/email\/outbound-emails$/, action: 'SendEmail' },
  { method: 'GET', path: /^\/v2\/email\/account$/, action: 'GetAccount' },
  { method: 'GET', path: /^\/v2\/email\/identities\/[^/]+$/, action: 'GetEmailIdentity' },
  { method: 'PUT', path: /^\/v2\/email\/account\/sending$/, action: 'PutAccountSendingAttributes' },
  { method: 'PUT', path: /^\/v2\/email\/suppression\/addresses$/, action: 'PutSuppressedDestination' },
  { method: 'GET', path: /^\/v2\/email\/suppression\/addresses$/, action: 'ListSuppressedDestinations' },
  { method: 'GET', path: /^\/v2\/email\/suppression\/addresses\/[^/]+$/, action: 'GetSuppressedDestination' },
  {
    method: 'DELETE',
    path: /^\/v2\/email\/suppression\/addresses\/[^/]+$/,
    action: 'DeleteSuppressedDestination',
  },
]

function destinationsOf(stack: Stack): Destination[] {
  return stack.resources('AWS::SES::ConfigurationSetEventDestination').flatMap(({ properties }) => {
    const destination = properties.EventDestination as {
      Enabled?: boolean
      MatchingEventTypes?: string[]
      SnsDestination?: { TopicARN?: string }
    }
    const topicArn = destination.SnsDestination?.TopicARN
    if (destination.Enabled === false || topicArn === undefined) return []
    const types = new Set(
      (destination.MatchingEventTypes ?? []).map((type) => type.toLowerCase().replaceAll('_', '')),
    )
    return [{ configurationSet: String(properties.ConfigurationSetName), types, topicArn }]
  })
}

const nameIn = (path: string): string => decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))

const addressIn = (path: string): string => nameIn(path).toLowerCase()

function restAnswer(body: unknown): AwsAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
