/**
 * Lambda: reads functions from the stack, keeps at most a few warm environments of each, queues what comes beyond
 * them, and counts every invocation as work in flight. Environments start at the first invocation that needs one.
 */
import { randomUUID } from 'node:crypto'
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import { Environment, type FunctionSpec, type Outcome } from './environment.ts'
import type { FunctionEnd } from './faults.ts'
import { type Stack, type StackResource, stepOf } from './stack.ts'
import type { Assets } from './template.ts'

const MAX_ENVIRONMENTS = 3

/** What Lambda writes with a function's role for every environment: its log and, where on, its traces. */
export const environmentActions = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
] as const

export type LineListener = (line: string, from: { step: string; stream: 'stdout' | 'stderr' }) => void

/** What functions share. `onEnvironment` hears of each new environment. */
export type FunctionHost = {
  activity: Activity
  clock: Clock
  onLine: LineListener
  onEnvironment: (spec: FunctionSpec) => void
}

/** A function ready to be invoked. */
export class LambdaFunction {
  readonly spec: FunctionSpec
  private readonly host: FunctionHost
  private readonly idle: Environment[] = []
  private readonly all = new Set<Environment>()
  private readonly byId = new Map<string, Environment>()
  private waiting: (() => void)[] = []
  /** Invocations so far, those that failed, and the real time they took together, in milliseconds. */
  readonly used = { invocations: 0, failures: 0, busyMs: 0 }

  constructor(spec: FunctionSpec, host: FunctionHost) {
    this.spec = spec
    this.host = host
  }

  /** Invocations that wait for an environment. */
  get waitingCount(): number {
    return this.waiting.length
  }

  /** Invokes and waits. Never rejects: a failure is an outcome, as Lambda reports it. */
  async invoke(event: unknown): Promise<Outcome> {
    const end = this.host.activity.begin(`function ${this.spec.step}`)
    try {
      const environment = await this.take()
      const startedMs = performance.now()
      const outcome = await environment.invoke({ id: randomUUID(), event, timeoutMs: this.spec.timeoutMs })
      this.note(outcome, performance.now() - startedMs)
      this.release(environment)
      if (!outcome.ok) this.complain(outcome.error)
      return outcome
    } finally {
      end()
    }
  }

  /** Ends one environment in the middle of what it does; an id that is not of this function is no failure. */
  end(environmentId: string, how: FunctionEnd): void {
    const environment = this.byId.get(environmentId)
    environment?.end(...endings[how](this.spec))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.all].map((environment) => environment.stop()))
  }

  private note(outcome: Outcome, tookMs: number): void {
    this.used.invocations++
    this.used.busyMs += Math.round(tookMs)
    if (!outcome.ok) this.used.failures++
  }

  private complain(error: { errorType: string; errorMessage: string; trace: string[] }): void {
    const line = JSON.stringify({
      level: 'error',
      step: this.spec.step,
      event: 'invocation failed',
      ...error,
    })
    this.host.onLine(line, { step: this.spec.step, stream: 'stderr' })
  }

  private async take(): Promise<Environment> {
    for (;;) {
      const warm = this.idle.pop()
      if (warm !== undefined && !warm.dead) return warm
      if (warm !== undefined) this.all.delete(warm)
      else if (this.all.size < MAX_ENVIRONMENTS) return this.start()
      else await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  private start(): Environment {
    const { step } = this.spec
    this.host.onEnvironment(this.spec)
    const id = `${this.spec.step}-${randomUUID()}`
    const spec = { ...this.spec, environment: { ...this.spec.environment, AWS_SESSION_TOKEN: id } }
    const environment = new Environment(spec, {
      shared: this.host.clock.shared,
      onLine: (line, stream) => this.host.onLine(line, { step, stream }),
    })
    this.all.add(environment)
    this.byId.set(id, environment)
    environment.onEnd = () => this.byId.delete(id)
    return environment
  }

  private release(environment: Environment): void {
    if (environment.dead) this.all.delete(environment)
    else this.idle.push(environment)
    this.waiting.shift()?.()
  }
}

const endings: Record<FunctionEnd, (spec: FunctionSpec) => [errorType: string, errorMessage: string]> = {
  kill: () => ['Runtime.ExitError', 'Error: Runtime exited with error: signal: killed'],
  timeout: ({ timeoutMs }) => [
    'Sandbox.Timedout',
    `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
  ],
  'out-of-memory': ({ memoryMb }) => [
    'Runtime.OutOfMemory',
    `Error: Runtime exited with error: signal: killed (Memory Size: ${memoryMb} MB)`,
  ],
}

/** What a function's environment holds beside its own variables. */
export type EnvironmentBasics = { endpoint: string; region: string }

/**
 * Reads the stack's functions whose code asset is known. Functions without one (helpers of the CDK's custom
 * resources) are left out: nothing in the stack's own wiring calls them.
 */
export function functionSpecs(stack: Stack, assets: Assets, basics: EnvironmentBasics): FunctionSpec[] {
  return stack.resources('AWS::Lambda::Function').flatMap((resource) => {
    const key = (resource.properties.Code as { S3Key?: string } | undefined)?.S3Key ?? ''
    const folder = assets[key.replace(/^.*\//, '').replace(/\.zip$/, '')]
    if (folder === undefined || resource.type !== 'AWS::Lambda::Function') return []
    return [specOf(resource, folder, basics)]
  })
}

function specOf(resource: StackResource, folder: string, basics: EnvironmentBasics): FunctionSpec {
  const { properties, logicalId, ref: name, arn } = resource
  const own = (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {}
  const memoryMb = Number(properties.MemorySize ?? 128)
  return {
    logicalId,
    step: stepOf(logicalId),
    name,
    arn,
    folder,
    handler: String(properties.Handler),
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    memoryMb,
    environment: {
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs',
      AWS_REGION: basics.region,
      AWS_DEFAULT_REGION: basics.region,
      AWS_ENDPOINT_URL: basics.endpoint,
      AWS_ACCESS_KEY_ID: `FN${logicalId}`,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      TZ: ':UTC',
      ...Object.fromEntries(Object.entries(own).map(([variable, value]) => [variable, String(value)])),
    },
  }
}
