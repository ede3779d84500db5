/**
 * Which alarm a customer's row carries after a commit. It may be early, never late: a stored alarm that has
 * not fired yet and is earlier than the new one stays, because moving an index key costs two writes and an
 * early alarm only looks and goes back to sleep.
 */
import type { Instant } from '#core/time'

/**
 * The alarm to store, or undefined for none. `stored` counts as fired when the state was decided at or after it
 * (`now` is the state's logical time), and a fired alarm never stays: it would wake her every minute.
 */
export function alarmToStore(alarm: {
  due: Instant | undefined
  stored: Instant | undefined
  now: Instant
}): Instant | undefined {
  const { due, stored, now } = alarm
  if (due === undefined || stored === undefined) return due
  return stored > now && stored < due ? stored : due
}
