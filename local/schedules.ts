/**
 * EventBridge Scheduler: each schedule of the stack has its next tick as a timer on the clock. `travel.ts` may
 * skip ticks of the wake schedule that would find nothing; everything else always runs.
 */
import type { Clock, Timer } from './clock.ts'
import type { LambdaFunction } from './lambda.ts'
import type { Permissions } from './permissions.ts'
import { parseSchedule, type Recurrence } from './schedule-expression.ts'
import type { Stack, StackResource } from './stack.ts'

export class Schedule {
  readonly logicalId: string
  readonly target: LambdaFunction
  /** Ticks run since the runtime started. */
  ran = 0
  private readonly recurrence: Recurrence
  private readonly clock: Clock
  private readonly payload: (dueMs: number) => unknown
  private timer: Timer | undefined

  constructor(options: {
    logicalId: string
    target: LambdaFunction
    recurrence: Recurrence
    clock: Clock
    payload: (dueMs: number) => unknown
  }) {
    this.logicalId = options.logicalId
    this.target = options.target
    this.recurrence = options.recurrence
    this.clock = options.clock
    this.payload = options.payload
  }

  /** When the next tick is due; Infinity when there is none. */
  get nextMs(): number {
    return this.timer?.dueMs ?? Number.POSITIVE_INFINITY
  }

  start(): void {
    this.arm(this.clock.now())
  }

  /** Drops the ticks before `untilMs`; answers how many. */
  skipTo(untilMs: number): number {
    let skipped = 0
    let next: number | undefined = this.timer?.dueMs
    while (next !== undefined && next < untilMs) {
      skipped++
      next = this.recurrence(next)
    }
    if (skipped > 0) this.set(next)
    return skipped
  }

  /** One tick more, now: a schedule fires at least once, so its target takes ticks as they come. */
  tickNow(): void {
    this.ran++
    void this.target.invoke(this.payload(this.clock.now()))
  }

  private arm(afterMs: number): void {
    this.set(this.recurrence(afterMs))
  }

  private set(dueMs: number | undefined): void {
    this.clock.cancel(this.timer)
    this.timer = undefined
    if (dueMs === undefined) return
    this.timer = this.clock.at(dueMs, () => this.tick(dueMs), { kind: 'tick', label: this.logicalId })
  }

  private tick(dueMs: number): void {
    this.ran++
    this.arm(Math.max(dueMs, this.clock.now()))
    void this.target.invoke(this.payload(dueMs))
  }
}

/** The stack's enabled schedules that invoke a function the runtime knows, checked against the schedule's role. */
export function schedulesOf(
  stack: Stack,
  functions: Map<string, LambdaFunction>,
  host: { clock: Clock; permissions: Permissions },
): Schedule[] {
  return stack.resources('AWS::Scheduler::Schedule').flatMap((resource) => {
    const target = resource.properties.Target as { Arn: string; RoleArn: string; Input?: string }
    const fn = functions.get(target.Arn)
    if (fn === undefined || resource.properties.State === 'DISABLED') return []
    checkRole(resource, target, host.permissions)
    const zone = String(resource.properties.ScheduleExpressionTimezone ?? 'UTC').replace(/^Etc\/UTC$/, 'UTC')
    return [
      new Schedule({
        logicalId: resource.logicalId,
        target: fn,
        recurrence: parseSchedule(String(resource.properties.ScheduleExpression), zone),
        clock: host.clock,
        payload: (dueMs) => payloadOf(target.Input, { dueMs, arn: resource.arn }),
      }),
    ]
  })
}

function checkRole(
  resource: StackResource,
  target: { Arn: string; RoleArn: string },
  permissions: Permissions,
): void {
  const role = permissions.byRole(target.RoleArn)
  if (role === undefined)
    throw new Error(`Schedule ${resource.logicalId} has no role of this stack. Give it one in infra/.`)
  const refusal = permissions.refusal(role, { action: 'lambda:InvokeFunction', resource: target.Arn })
  if (refusal !== undefined)
    throw new Error(`Schedule ${resource.logicalId} may not invoke its target. ${refusal}`)
}

/** The event a schedule sends: its own input, with Scheduler's placeholders filled in. */
function payloadOf(input: string | undefined, tick: { dueMs: number; arn: string }): unknown {
  const time = new Date(tick.dueMs).toISOString().replace('.000Z', 'Z')
  if (input === undefined) {
    return {
      version: '0',
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time,
      resources: [tick.arn],
      detail: '{}',
    }
  }
  const filled = input
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.schedule-arn>', tick.arn)
    .replaceAll('<aws.scheduler.execution-id>', `local-${tick.dueMs}`)
    .replaceAll('<aws.scheduler.attempt-number>', '1')
  try {
    return JSON.parse(filled)
  } catch {
    return filled
  }
}
