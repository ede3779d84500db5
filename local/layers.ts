/**
 * The layers every AWS call passes, outermost first: counted, allowed by the caller's role, then struck by a fault
 * (`faults.ts`). Read `aws.ts` for how they are chained.
 */
import { type AwsCall, AwsError, type Layer } from './aws.ts'
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
