/**
 * All checks of a stage, deployed or local. Each asks for itself: what is refused or fails is `unknown` with the
 * right it wants, and the others go on. Local stages have no DNS to look into.
 */
import { accountConcurrency, type Concurrency } from '#adapters/doctor-lambda'
import { type MailDoctor, sesDoctor } from '#adapters/doctor-mail'
import { dnsLookUp, type LookUp } from '#adapters/doctor-names'
import { type QueueDoctor, sqsDoctor } from '#adapters/doctor-queues'
import type { Stage } from '#cli/stage/connect'
import { forStage } from '#cli/stage/where'
import { warmUpCeiling } from '#core/quota'
import { silentSince } from '#core/silence'
import type { Clock, Customers, Keys, Workspace } from '#flow/port'
import { openDays, type UnresolvedMessage, unresolvedMessages } from '#flow/unresolved'
import { asking, type Check, ok, wants } from './check.ts'
import { accountChecks, concurrencyCheck, identityChecks, warmUpCheck } from './mail.ts'
import { linkDomainCheck, nameChecks, recordsOf } from './names.ts'
import { type Command, liveChecks, parkedCheck, queueChecks, unresolvedCheck, writeKeyCheck } from './work.ts'

export interface StageDoctor {
  name: string
  isLocal: boolean
  outputs: Readonly<Record<string, string>>
  mail: MailDoctor
  queue: QueueDoctor
  concurrency(): Promise<Concurrency>
  unresolved(): Promise<Pick<UnresolvedMessage, 'status'>[]>
  lookUp: LookUp
  clock: Clock
  keys: Keys
  workspace: Pick<Workspace, 'live' | 'release' | 'writeKeys' | 'pulse'>
  customers: Pick<Customers, 'allParked'>
}

/** The doctor of a stage that is connected to. */
export function doctorOf(stage: Stage): StageDoctor {
  const { name, isLocal, outputs, aws, ports } = stage
  const { clock, keys, workspace, customers } = ports
  return {
    ...{ name, isLocal, outputs, clock, keys, workspace, customers },
    mail: sesDoctor(aws),
    queue: sqsDoctor(aws),
    concurrency: () => accountConcurrency(aws),
    unresolved: () => unresolvedMessages(ports, openDays(clock())),
    lookUp: dnsLookUp(),
  }
}

const queueOutputs = {
  wake: 'WakeQueueUrl',
  urgent: 'UrgentQueueUrl',
  bulk: 'BulkQueueUrl',
  observe: 'ObserveQueueUrl',
} as const

const commandFor =
  (doctor: StageDoctor): Command =>
  (words) =>
    forStage(doctor, words)

async function sendingChecks(doctor: StageDoctor): Promise<Check[]> {
  const { mail, outputs, concurrency } = doctor
  const domain = outputs.Domain ?? ''
  const groups = await Promise.all([
    asking({ name: 'SES account', right: 'ses:GetAccount' }, async () => accountChecks(await mail.account())),
    asking({ name: 'SES identity', right: 'ses:GetEmailIdentity' }, async () =>
      identityChecks(domain, await mail.identity(domain)),
    ),
    doctor.isLocal
      ? [ok('DNS', 'not needed here: nothing leaves the machine')]
      : nameChecks(recordsOf(outputs), doctor.lookUp),
    linkDomainCheck(doctor.name, outputs),
    asking({ name: 'Lambda concurrency', right: 'lambda:GetAccountSettings' }, async () => [
      concurrencyCheck(await concurrency(), Number(outputs.MaxConcurrency ?? 2)),
    ]),
  ])
  return groups.flat()
}

async function releaseChecks(doctor: StageDoctor): Promise<Check[]> {
  const { workspace, clock } = doctor
  const live = await workspace.live()
  const release = live && (await workspace.release(live.release))
  const checks = liveChecks(live, release, commandFor(doctor))
  if (release === undefined) return checks
  const { warmUp } = release.settings
  const quota = await doctor.mail
    .account()
    .then((account) => account.quota)
    .catch(() => ({ perDay: -1, sentLastDay: 0, perSecond: 1 }))
  return [...checks, warmUpCheck(warmUp, warmUpCeiling(warmUp, { now: clock(), quota }))]
}

async function orderCheck({ workspace, clock }: StageDoctor): Promise<Check> {
  const pulse = await workspace.pulse()
  const since = silentSince(pulse, clock())
  if (pulse === undefined) return ok('Orders', 'none heard of yet')
  if (since === undefined) return ok('Orders', `the last at ${pulse.lastOrderAt}`)
  return wants('Orders', 'bad', {
    found: `none since ${since}, far longer than is usual; reminders wait`,
    cure: "see whether the shop's server still sends Order Completed with a valid write key (docs/events.md)",
  })
}

async function secretChecks({ keys, outputs }: StageDoctor): Promise<Check[]> {
  await Promise.all([keys.addressKey(), keys.linkKeys()])
  const versions = Object.keys(await keys.linkKeys())
  if (versions.length > 0) return [ok('Secrets', `address key there, link keys ${versions.join(', ')}`)]
  const cure = `put {"1": "<32 random characters>"} into the secret ${outputs.LinkKeysSecret ?? 'LinkKeys'}`
  return [wants('Secrets', 'bad', { found: 'no link key', cure })]
}

async function workChecks(doctor: StageDoctor): Promise<Check[]> {
  const { workspace, customers, outputs } = doctor
  const command = commandFor(doctor)
  const depths = Object.entries(queueOutputs).map(([title, output]) =>
    asking({ name: `Queue ${title}`, right: 'sqs:GetQueueAttributes' }, async () => {
      const url = outputs[output]
      if (url !== undefined) return queueChecks(title, await doctor.queue(url))
      const found = 'the stack does not tell it: an older build'
      const cure = doctor.isLocal
        ? 'stop npm start, then start it anew'
        : `npm run deploy -- -c stage=${doctor.name.replace(/^homeward-/, '')}`
      return [wants(`Queue ${title}`, 'unknown', { found, cure })]
    }),
  )
  const groups = await Promise.all([
    asking({ name: 'Release', right: 'dynamodb:GetItem' }, () => releaseChecks(doctor)),
    asking({ name: 'Secrets', right: 'secretsmanager:GetSecretValue' }, () => secretChecks(doctor)),
    asking({ name: 'Write keys', right: 'dynamodb:Query' }, async () => [
      writeKeyCheck(await workspace.writeKeys(), command),
    ]),
    asking({ name: 'Orders', right: 'dynamodb:GetItem' }, async () => [await orderCheck(doctor)]),
    ...depths,
    asking({ name: 'Parked', right: 'dynamodb:Query' }, async () => [
      parkedCheck(await customers.allParked(), command),
    ]),
    asking({ name: 'Unresolved', right: 'dynamodb:Query' }, async () => [
      unresolvedCheck(await doctor.unresolved()),
    ]),
  ])
  return groups.flat()
}

/** Every check of a stage, in the order they are shown. */
export async function stageChecks(doctor: StageDoctor): Promise<Check[]> {
  const [sending, work] = await Promise.all([sendingChecks(doctor), workChecks(doctor)])
  return [...sending, ...work]
}
