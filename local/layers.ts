/**
 * The layers every AWS call passes, outermost first: counted, allowed by the caller's role, struck by a queued
 * fault. Read `aws.ts` for how they are chained.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type AwsAnswer, type AwsCall, AwsError, type Layer } from './aws.ts'
import type { Permissions } from './permissions.ts'

export type CallCount = {
  function: string
  service: string
  action: string
  table: string | null
  count: number
  writeUnits: number
  readUnits: number
}

/** Counts calls by caller, service, action and table, with the units they consumed. */
export class CallCounter {
  private counts = new Map<string, CallCount>()

  readonly layer: Layer = async (call, _service, next) => {
    const answer = await next()
    const uses = answer.tables ?? []
    if (uses.length === 0) this.add(call, null, 0, 0)
    for (const use of uses) this.add(call, use.table, use.writeUnits, use.readUnits)
    return answer
  }

  list(): CallCount[] {
    return [...this.counts.values()]
  }

  reset(): void {
    this.counts = new Map()
  }

  private add(call: AwsCall, table: string | null, writeUnits: number, readUnits: number): void {
    const key = `${call.principal.name} ${call.service} ${call.action} ${table}`
    let count = this.counts.get(key)
    if (count === undefined) {
      const { service, action } = call
      count = { function: call.principal.name, service, action, table, count: 0, writeUnits: 0, readUnits: 0 }
      this.counts.set(key, count)
    }
    count.count++
    count.writeUnits += writeUnits
    count.readUnits += readUnits
  }
}

/** Refuses what the caller's synthesized role does not allow, in the words of AWS. */
export function permissionLayer(permissions: Permissions, onDenied: (sentence: string) => void): Layer {
  return async (call, service, next) => {
    for (const need of service.needs(call)) {
      const refusal = permissions.refusal(call.principal, need)
      if (refusal === undefined) continue
      onDenied(refusal)
      return service.fail(new AwsError('AccessDeniedException', refusal, service.name === 'ses' ? 403 : 400))
    }
    return next()
  }
}

export const faultKinds = ['500-after-accept', '500', '429', 'reset', 'timeout', 'slow'] as const
export type FaultKind = (typeof faultKinds)[number]
export type Fault = { service: string; action: string; fault: FaultKind; left: number }

const SLOW_MS = 2_000
const TIMEOUT_LIMIT_MS = 60_000

const throttled: Record<string, AwsError> = {
  ses: new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429),
  sqs: new AwsError('RequestThrottled', 'The request was denied due to request throttling.', 400),
  dynamodb: new AwsError(
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded.',
  ),
}
const tooMany = new AwsError('ThrottlingException', 'Rate exceeded', 429)
const internal = new AwsError('InternalServerError', 'A queued fault of the local runtime.', 500)

/** Queued faults: each matching call of a function takes one, oldest first. */
export class Faults {
  private faults: Fault[] = []
  private readonly ending = new AbortController()

  add(fault: Omit<Fault, 'left'>, times: number): void {
    this.faults.push({ ...fault, left: times })
  }

  /** What is left, in the order it will strike. */
  list(): Fault[] {
    return this.faults.map((fault) => ({ ...fault }))
  }

  clear(): void {
    this.faults = []
  }

  /** Lets go of calls held by a `timeout` or `slow` fault. */
  stop(): void {
    this.ending.abort()
  }

  readonly layer: Layer = async (call, service, next) => {
    const fault = this.take(call)
    switch (fault) {
      case undefined:
        return next()
      case '500':
        return service.fail(internal)
      case '429':
        return service.fail(throttled[service.name] ?? tooMany)
      case '500-after-accept':
        await next()
        return service.fail(internal)
      case 'reset':
        return dropped
      case 'timeout':
        await this.hold(TIMEOUT_LIMIT_MS)
        return dropped
      case 'slow':
        await this.hold(SLOW_MS)
        return next()
    }
  }

  private take(call: AwsCall): FaultKind | undefined {
    if (call.principal.kind !== 'function') return undefined
    const hit = this.faults.find(
      (fault) => fault.service === call.service && (fault.action === call.action || fault.action === '*'),
    )
    if (hit === undefined) return undefined
    hit.left--
    if (hit.left <= 0) this.faults = this.faults.filter((fault) => fault !== hit)
    return hit.fault
  }

  private async hold(durationMs: number): Promise<void> {
    await sleep(durationMs, undefined, { signal: this.ending.signal, ref: false }).catch(() => {})
  }
}

const dropped: AwsAnswer = { status: 0, body: '', dropped: true }
