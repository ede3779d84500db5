/**
 * What parking adds to what is parked already, the same in every adapter. Next: `Customers.park` in `flow/port.ts`.
 */
import { limits } from '#core/limits'
import type { Parked, Parking } from '#flow/port'

/** The row one version on: the first instant stays, keys are joined while there is room, the last error is kept. */
export function parkedWith(
  before: Parked | undefined,
  { at, eventKeys, error, receivedAt }: Parking,
): Parked {
  const keys = [...new Set([...(before?.eventKeys ?? []), ...eventKeys])]
  const left = keys.length > limits.parkedEvents ? [receivedAt ?? at] : []
  const [moreFrom] = [...left, ...(before?.moreFrom === undefined ? [] : [before.moreFrom])].sort()
  return {
    at: before?.at ?? at,
    eventKeys: keys.slice(0, limits.parkedEvents).sort(),
    ...(moreFrom !== undefined && { moreFrom }),
    error,
    version: (before?.version ?? 0) + 1,
  }
}
