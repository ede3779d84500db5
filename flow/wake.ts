/**
 * Wake: each minute, the customers whose alarm is due are put on the wake queue for `decide`. An alarm that is
 * queued twice is decided once: the second finds nothing due. What does not fit one minute is taken up by the
 * next.
 */
import { limits } from '#core/limits'
import { lateMs } from './decide.ts'
import type { Clock, Customers, Log, WakeQueue } from './port.ts'

export interface WakePorts {
  clock: Clock
  log: Log
  customers: Pick<Customers, 'dueAt'>
  wakeQueue: WakeQueue
}

/** Queues every due alarm, at most `limits.wakeCustomers`; answers how many. */
export async function wake(ports: WakePorts): Promise<number> {
  const now = ports.clock()
  const due = await ports.customers.dueAt(now, limits.wakeCustomers)
  if (due.length === 0) return 0
  await ports.wakeQueue.wake(due.map(({ customerId }) => ({ customerId, firedAt: now })))
  const oldest = due.reduce((least, one) => (one.due < least ? one.due : least), now)
  ports.log({
    level: 'info',
    step: 'wake',
    event: 'woken',
    customers: due.length,
    lateMs: lateMs(oldest, now),
  })
  return due.length
}
