/**
 * Poison: what cannot be decided, however often it is tried. It is put aside with its error until it is redriven,
 * so that nobody waits behind it; what may pass is tried again instead. Next: `flow/redrive.ts`.
 */
import type { Event } from '#core/event'
import { Failed } from '#core/failed'
import type { Clock, Customers, Log } from './port.ts'

/** Whether trying again is of no use. A row of a newer layout waits for its deploy. */
export const isPoison = (error: unknown): error is Failed =>
  error instanceof Failed && !error.retryable && error.code !== 'row-too-new'

/** The answer of what everybody is decided by: where that is poison, all wait and nobody is parked. */
export async function forEverybody<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!isPoison(error)) throw error
    throw new Failed({ code: error.code, message: error.message, retryable: true, cause: error })
  }
}

export interface ParkPorts {
  clock: Clock
  log: Log
  customers: Pick<Customers, 'park'>
}

/** Keeps what cannot be decided of a customer with its error; without events it is her alarm. */
export async function park(
  { clock, log, customers }: ParkPorts,
  of: { customerId: string; events: readonly Pick<Event, 'key' | 'receivedAt'>[] },
  thrown: unknown,
): Promise<void> {
  const { customerId, events } = of
  const error = thrown instanceof Error ? thrown.message : String(thrown)
  const eventKeys = events.map(({ key }) => key)
  const [receivedAt = clock()] = events.map((event) => event.receivedAt).sort()
  await customers.park(customerId, { at: clock(), eventKeys, receivedAt, error })
  log({ level: 'error', step: 'decide', event: 'parked', customerId, eventKeys, error })
}
