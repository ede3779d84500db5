/** Every contract suite; both worlds run them all. */
import { customersContract } from './customers.ts'
import { eventLogContract } from './event-log.ts'
import { messagesContract } from './messages.ts'
import { workspaceContract } from './workspace.ts'
import type { Open } from './world.ts'

export function everyContract(open: Open): void {
  eventLogContract(open)
  customersContract(open)
  messagesContract(open)
  workspaceContract(open)
}
