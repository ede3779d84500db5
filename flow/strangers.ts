/**
 * Strangers: addresses that nobody but a browser has ever named. Its key is public, so that whoever reads it
 * could name thousands, and have each reminded of a cart: a key makes so many new guests an hour and no more.
 * What goes beyond is kept without the address. Used by `flow/ingest.ts`.
 */
import { limits } from '#core/limits'
import type { Instant } from '#core/time'
import type { Workspace } from './port.ts'

/** Counts one more new address of a browser key; false: the hour has had its fill. */
export async function admitStranger(
  workspace: Pick<Workspace, 'strangers' | 'putStrangers'>,
  key: string,
  now: Instant,
): Promise<boolean> {
  const hour = now.slice(0, 13)
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const before = await workspace.strangers(key)
    // a clock that runs behind counts in the hour that was begun
    const current = before !== undefined && before.hour >= hour ? before : { hour, count: 0 }
    if (current.count >= limits.strangersPerHour) return false
    const next = { hour: current.hour, count: current.count + 1 }
    if ((await workspace.putStrangers(key, next, before)) === 'stored') return true
  }
  return false
}
