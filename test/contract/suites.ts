/** Every contract suite; both worlds run them all. Suites that list what is there want a world of their own. */
import { customersContract } from './customers.ts'
import { eventLogContract } from './event-log.ts'
import { messageRowsContract } from './message-rows.ts'
import { messagesContract } from './messages.ts'
import { reportsContract } from './reports.ts'
import { workspaceContract } from './workspace.ts'
import type { Open } from './world.ts'

/** `fresh` opens an empty world for each test, `shared` one that earlier tests have written to. */
export function everyContract(fresh: Open, shared: Open): void {
  eventLogContract(shared)
  customersContract(fresh)
  messagesContract(shared)
  messageRowsContract(shared)
  workspaceContract(fresh)
  reportsContract(fresh)
}
