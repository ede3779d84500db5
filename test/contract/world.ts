/**
 * What a contract suite is run against: the stored ports of one world. `test/contract/memory.test.ts` and
 * `test/contract/dynamo.test.ts` run every suite, each in a world of its own, so that a port means the same
 * wherever it is used. Ids are new in every test; nothing is cleaned up.
 */
import type { Instant } from '#core/time'
import type { Customers, EventLog, Gates, Identities, Messages, Reports, Workspace } from '#flow/port'

export interface World {
  now: { at: Instant }
  events: EventLog
  identities: Identities
  gates: Gates
  customers: Customers
  messages: Messages
  workspace: Workspace
  reports: Reports
}

/** Opens a fresh world; a suite calls it once for each test. */
export type Open = () => Promise<World>

let last = 0

/** An id that no other test of this process uses. */
export function fresh(prefix: string): string {
  last += 1
  return `${prefix}${last}`
}
