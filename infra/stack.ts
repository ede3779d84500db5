/**
 * The whole of a stage, wired: what triggers which step, and where its output goes. Read it beside the circle
 * in ARCHITECTURE.md. What each step may do stands in `infra/functions.ts`; the local runtime boots from the
 * template this makes, so what is wired here is what `npm start` runs.
 */
import { type App, Aws, CfnOutput, Stack } from 'aws-cdk-lib'
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { environment, queues, type Step, secrets, settingOutputs, steps, tables } from '#adapters/shape'
import { Alarms } from './alarms.ts'
import { Api } from './api.ts'
import { StageDashboard } from './dashboard.ts'
import { functions, type Setting } from './functions.ts'
import { grant, type Resources } from './grant.ts'
import { Mail } from './mail.ts'
import type { Stage } from './stage.ts'
import { StepFunction } from './step.ts'
import { createFailedBatches, createSecret, createTable } from './storage.ts'
import { follow } from './table-stream.ts'
import { everyHour, everyMinute } from './tick.ts'
import { WorkQueue } from './work-queue.ts'

type Steps = Record<Step, StepFunction>
type Queues = Record<keyof typeof queues | 'observe', WorkQueue>

type Published = { resources: Resources; api: Api; step: Steps; work: Queues; stage: Stage }

/** CloudFormation gives an output back with "?" for every letter beyond ASCII. `findStack` reads it back. */
const ascii = (text: string): string => text.replaceAll(/[^ -~]|%/gu, encodeURIComponent)

/** The stack `homeward-<stage>`. */
export class HomewardStack extends Stack {
  constructor(app: App, stage: Stage) {
    super(app, `homeward-${stage.name}`, {
      description: 'Homeward: personalised e-commerce email in your own account',
      terminationProtection: stage.name === 'prod',
      analyticsReporting: false,
    })
    const step = mapKeys(steps, (name) => new StepFunction(this, name, stage))
    const work: Queues = {
      wake: new WorkQueue(this, queues.wake.id, step.decide),
      urgent: new WorkQueue(this, queues.urgent.id, step.deliver),
      bulk: new WorkQueue(this, queues.bulk.id, step.deliver),
      observe: new WorkQueue(this, 'ObserveQueue', step.observe),
    }
    const resources: Resources = {
      tables: mapKeys(keysOf(tables), (name) => createTable(this, name, stage)),
      secrets: mapKeys(keysOf(secrets), (name) => createSecret(this, name, stage)),
      queues: mapKeys(keysOf(queues), (name) => work[name].queue),
      mail: new Mail(this, 'Mail', stage),
    }
    const api = new Api(this, 'Api', stage)

    this.#wire({ step, work, resources, api, stage })
    this.#tell(step, stage, api.linkBaseUrl)
    for (const name of steps) grant(step[name], functions[name].may, resources)
    const { alarms } = new Alarms(this, 'Alarms', { step, work, api: api.api, stage })
    const shown = { step, work, tables: resources.tables, api: api.api, alarms, stage }
    if (stage.dashboard) new StageDashboard(this, 'Dashboard', shown)
    this.#publish({ resources, api, step, work, stage })
    this.#publishDns(resources.mail, stage)
  }

  /** Every trigger of every step. */
  #wire(parts: { step: Steps; work: Queues; resources: Resources; api: Api; stage: Stage }): void {
    const { step, work, resources, api, stage } = parts
    const failures = createFailedBatches(this)

    api.route(step.ingest, [HttpMethod.GET, HttpMethod.POST], '/v1/{proxy+}')
    const pages = ['c', 'u', 'p', 'v', 's', 'a', 'o', 'y']
    api.route(step.track, [HttpMethod.ANY], ...pages.map((page) => `/${page}/{token}`))
    follow(step.decide, {
      table: resources.tables.events,
      pattern: { eventName: ['INSERT'], dynamodb: { NewImage: { reachable: { BOOL: [true] } } } },
      failures,
    })
    follow(step.dispatch, {
      table: resources.tables.messages,
      pattern: { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { status: { S: ['PLANNED'] } } } },
      failures,
    })
    everyMinute(this, step.wake)
    everyHour(this, step.report)
    work.wake.feed(step.decide, stage.maxConcurrency)
    work.urgent.feed(step.deliver, stage.maxConcurrency)
    work.bulk.feed(step.deliver, stage.maxConcurrency)
    resources.mail.notices.addSubscription(new SqsSubscription(work.observe.queue))
    work.observe.feed(step.observe, stage.maxConcurrency)
  }

  /** Settings of the stage that a step asks for; names of resources come with the rights on them. */
  #tell(step: Steps, stage: Stage, linkBaseUrl: string): void {
    const values: Record<Setting, string> = {
      stage: stage.name,
      dueShards: String(stage.dueShards),
      reportShards: String(stage.reportShards),
      linkBaseUrl,
      sender: stage.sender,
      postalAddress: stage.postalAddress,
      allowList: stage.allowList.join(','),
    }
    for (const name of steps) {
      for (const setting of functions[name].told) {
        step[name].handler.addEnvironment(environment[setting], values[setting])
      }
    }
  }

  /** What the command line finds the stack's parts by, and what the operator puts into DNS. */
  #publish({ resources, api, step, work, stage }: Published): void {
    const output = (id: string, value: string) => new CfnOutput(this, id, { value })
    for (const name of keysOf(tables)) output(tables[name].output, resources.tables[name].tableName)
    for (const name of keysOf(queues)) output(queues[name].output, resources.queues[name].queueUrl)
    for (const name of keysOf(secrets)) output(secrets[name].output, resources.secrets[name].secretArn)
    const told: Record<keyof typeof settingOutputs, string> = {
      linkBaseUrl: api.linkBaseUrl,
      configurationSet: resources.mail.configurationSetName,
      sender: ascii(stage.sender),
      postalAddress: ascii(stage.postalAddress),
      // An output cannot be empty; this matches nobody either.
      allowList: ascii(stage.allowList.join(',')) || '-',
    }
    for (const name of keysOf(settingOutputs)) output(settingOutputs[name], told[name])
    output('Domain', stage.domain)
    output('MaxConcurrency', String(stage.maxConcurrency))
    output('ObserveQueueUrl', work.observe.queue.queueUrl)
    output('DueShards', String(stage.dueShards))
    output('ReportShards', String(stage.reportShards))
    output('ApiUrl', api.api.apiEndpoint)
    output('ConsoleFunction', step.console.handler.functionName)
    if (api.linkTarget) output('LinkDomainTarget', api.linkTarget)
  }

  /** The records that the operator puts into the domain's DNS, as `name type value`. */
  #publishDns(mail: Mail, { domain }: Stage): void {
    const record = (id: string, value: string) => new CfnOutput(this, `Dns${id}`, { value })
    mail.identity.dkimRecords.forEach(({ name, value }, index) => {
      record(`Dkim${index + 1}`, `${name} CNAME ${value}`)
    })
    record('MailFrom', `bounce.${domain} MX 10 feedback-smtp.${Aws.REGION}.amazonses.com`)
    record('Spf', `bounce.${domain} TXT "v=spf1 include:amazonses.com ~all"`)
    record('Dmarc', `_dmarc.${domain} TXT "v=DMARC1; p=none; rua=mailto:postmaster@${domain}"`)
  }
}

function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  // Object.keys forgets the key type; these are the literal tables of adapters/shape.ts.
  return Object.keys(record) as Key[]
}

function mapKeys<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Record<Key, Value> {
  // fromEntries forgets the key type; every key of the list is made.
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>
}
