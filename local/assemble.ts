/**
 * Puts the parts of a booted stack together: functions, mappings, schedules, services behind the endpoint. Each
 * part is given what it needs and nothing else; `runtime.ts` opens what they stand on and closes it again.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Activity } from './activity.ts'
import { Aws } from './aws.ts'
import type { Clock } from './clock.ts'
import { CloudFormationService } from './cloudformation.ts'
import { Decisions } from './decisions.ts'
import { DynamoService } from './dynamo.ts'
import type { DynamoClient } from './dynamo-client.ts'
import type { Table } from './dynamo-tables.ts'
import { Expiry } from './expiry.ts'
import { mixOf } from './fault-mix.ts'
import { Faults } from './faults.ts'
import { HttpApi } from './http-api.ts'
import { Inbox } from './inbox.ts'
import { environmentActions, type FunctionHost, functionSpecs, LambdaFunction } from './lambda.ts'
import { LambdaService } from './lambda-api.ts'
import { CallCounter, permissionLayer } from './layers.ts'
import { Live } from './live.ts'
import { mappingsOf } from './mappings.ts'
import { Permissions } from './permissions.ts'
import type { Queue } from './queue.ts'
import { checkLinks } from './resource-policies.ts'
import type { RuntimeOptions } from './runtime.ts'
import { type Schedule, schedulesOf } from './schedules.ts'
import { SecretsService } from './secrets.ts'
import type { Endpoint } from './server.ts'
import { type SesQuota, SesService } from './ses.ts'
import { queuesOf, SqsService } from './sqs.ts'
import type { Stack } from './stack.ts'
import type { Store } from './store.ts'
import type { StreamMapping } from './stream-mapping.ts'
import { Topics } from './topics.ts'
import { Travel } from './travel.ts'

const DRAIN_LIMIT_MS = 2_000
const defaultQuota: SesQuota = { ratePerSecond: 500, per24Hours: 5_000_000 }

/** What the parts stand on. `endings` run in reverse when the runtime stops. */
export type Base = {
  options: RuntimeOptions
  endings: (() => void | Promise<void>)[]
  endpoint: Endpoint
  store: Store
  clock: Clock
  stack: Stack
  client: DynamoClient
  tables: Table[]
  activity: Activity
}

/** The running parts that the runtime's owner sees. */
export type Parts = {
  travel: Travel
  inbox: Inbox
  permissions: Permissions
  invoke: (step: string, event: unknown) => Promise<unknown>
  setStatus: (status: Record<string, unknown>) => void
  load: (act: () => Promise<void>) => Promise<void>
}

/** Builds everything, serves it, and starts reading streams, queues and schedules. */
export function assemble(base: Base): Parts {
  const { options, stack, store, clock, activity, client, tables, endings } = base
  checkLinks(stack)
  const live = new Live()
  const decisions = listen(options, live)
  const permissions = new Permissions(stack)
  const { functions, named } = startFunctions(base, {
    onLine: (line, from) => decisions.take(line, from),
    onEnvironment: (spec) => permissions.noteService(spec.logicalId, environmentActions),
  })
  const queues = queuesOf(stack, store, clock)
  const faults = new Faults({
    mix: mixOf(process.env),
    end: (environmentId, how) => {
      for (const fn of functions) fn.end(environmentId, how)
    },
  })
  const mappingHost = {
    ...{ stack, store, clock, activity, permissions, client, tables, queues, faults },
    functions: named,
  }
  const mappings = mappingsOf({ ...mappingHost, folder: options.dataDir })
  const schedules = schedulesOf(stack, named, { clock, permissions })
  const inbox = openInbox(base, live)
  const pokeTable = (table: Table) => {
    for (const mapping of mappings.streams) if (mapping.tableName === table.name) mapping.poke()
  }
  const travel = travelOf(base, schedules, decisions)
  const onDelete = (table: Table) => {
    travel.written(table)
    pokeTable(table)
  }
  const expiry = new Expiry(tables, { client, clock, activity, onDelete })
  const onWrite = (table: Table) => {
    expiry.written(table)
    onDelete(table)
  }
  const calls = new CallCounter()
  const complain = (sentence: string) => decisions.take(sentence, { step: 'iam', stream: 'stderr' })
  const layers = [
    calls.layer,
    permissionLayer(permissions, complain),
    faults.layer,
    ...(options.layers ?? []),
  ]
  const ses = sesOf(base, { queues, inbox })
  const aws = new Aws(servicesOf(base, { queues, ses, functions, onWrite }), layers)
  const byStep = (step: string) => functions.find((fn) => fn.spec.step === step)
  const parts = {
    travel,
    inbox,
    calls,
    faults,
    permissions,
    ses,
    functions,
    byStep,
    live,
    aws,
    api: new HttpApi(stack, named),
  }
  const setStatus = serve(base, parts)
  endings.push(async () => {
    live.stop()
    faults.stop()
    clock.stop()
    await activity.whenIdle({ stalledMs: DRAIN_LIMIT_MS, limitMs: DRAIN_LIMIT_MS }).catch(() => {})
    for (const mapping of [...mappings.streams, ...mappings.queues]) mapping.stop()
  })
  for (const mapping of [...mappings.streams, ...mappings.queues]) mapping.poke()
  for (const schedule of schedules) schedule.start()
  expiry.start()
  return {
    travel,
    inbox,
    permissions,
    setStatus,
    load: (act) => loading(mappings.streams, activity, act),
    invoke: (step, event) => invokeStep(byStep(step), step, event),
  }
}

/** Does `act` while no stream is read; what it wrote is no news to any function afterwards. */
async function loading(
  streams: readonly StreamMapping[],
  activity: Activity,
  act: () => Promise<void>,
): Promise<void> {
  await activity.whenIdle({ stalledMs: DRAIN_LIMIT_MS, limitMs: DRAIN_LIMIT_MS }).catch(() => {})
  for (const stream of streams) stream.hold()
  try {
    await act()
    for (const stream of streams) await stream.skip()
  } finally {
    for (const stream of streams) stream.readOn()
  }
}

function listen(options: RuntimeOptions, live: Live): Decisions {
  return new Decisions({
    onLine: options.onLine ?? (() => {}),
    onDecision: (decision) => {
      live.tell('decision', decision)
      options.onDecision?.(decision)
    },
  })
}

function openInbox({ options, store }: Base, live: Live): Inbox {
  return new Inbox(store.table('inbox'), join(options.dataDir, 'inbox'), (entry) => {
    live.tell('mail', entry)
    options.onMail?.(entry)
  })
}

function sesOf(
  { options, stack, store, clock }: Base,
  { queues, inbox }: { queues: Map<string, Queue>; inbox: Inbox },
): SesService {
  const topics = new Topics(stack, queues, clock)
  const publish = (topicArn: string, message: string) => topics.publish(topicArn, message)
  return new SesService({ stack, store, clock, inbox, quota: options.quota ?? defaultQuota, publish })
}

function servicesOf(
  { stack, store, client, tables }: Base,
  parts: {
    queues: Map<string, Queue>
    ses: SesService
    functions: LambdaFunction[]
    onWrite: (table: Table) => void
  },
) {
  return [
    new DynamoService(client, tables, parts.onWrite),
    new SqsService(parts.queues),
    parts.ses,
    new SecretsService(stack, store),
    new CloudFormationService(stack),
    new LambdaService(parts.functions),
  ]
}

function travelOf(
  { options, clock, activity, client, tables }: Base,
  schedules: Schedule[],
  decisions: Decisions,
) {
  const outcomes = () => decisions.outcomes
  return new Travel({
    clock,
    activity,
    schedules,
    client,
    tables,
    outcomes,
    everyTick: options.everyTick ?? false,
  })
}

function serve(
  { options, endpoint, stack, clock, activity }: Base,
  parts: {
    travel: Travel
    inbox: Inbox
    calls: CallCounter
    faults: Faults
    permissions: Permissions
    ses: SesService
    functions: LambdaFunction[]
    byStep: (step: string) => LambdaFunction | undefined
    live: Live
    aws: Aws
    api: HttpApi
  },
): Parts['setStatus'] {
  let told: Record<string, unknown> = {}
  const { travel, inbox, calls, faults, permissions, ses, live, aws, api } = parts
  const local = {
    ...{ clock, travel, inbox, calls, faults, permissions, ses },
    console: () => parts.byStep('console'),
    status: () => ({
      url: endpoint.url,
      now: clock.iso(),
      stack: stack.place.stackName,
      functions: parts.functions.map((fn) => ({ function: fn.spec.step, ...fn.used })),
      ...told,
    }),
    onClock: () => live.tell('clock', { now: clock.iso() }),
  }
  const pageFolder = options.pageFolder ?? fileURLToPath(new URL('./page', import.meta.url))
  endpoint.serve({ aws, api, local, live, permissions, clock, activity, pageFolder })
  return (status) => {
    told = { ...told, ...status }
  }
}

function startFunctions(base: Base, listeners: Pick<FunctionHost, 'onLine' | 'onEnvironment'>) {
  const { options, endings, endpoint, stack, clock, activity } = base
  const specs = functionSpecs(stack, options.assets, { endpoint: endpoint.url, region: stack.place.region })
  const functions = specs.map((spec) => new LambdaFunction(spec, { activity, clock, ...listeners }))
  endings.push(async () => {
    await Promise.all(functions.map((fn) => fn.stop()))
  })
  const named = new Map(functions.flatMap((fn) => [[fn.spec.name, fn] as const, [fn.spec.arn, fn] as const]))
  return { functions, named }
}

async function invokeStep(fn: LambdaFunction | undefined, step: string, event: unknown): Promise<unknown> {
  if (fn === undefined) throw new Error(`The stack has no function ${step}.`)
  const outcome = await fn.invoke(event)
  if (outcome.ok) return outcome.value
  throw new Error(`${step} failed: ${outcome.error.errorType}: ${outcome.error.errorMessage}`)
}
