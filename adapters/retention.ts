/**
 * How long an event is kept. Orders, consent, who someone is and what Homeward itself did are kept for ever,
 * because answers rest on them; browsing is not. The database deletes what has expired within days, so
 * readers leave it out from the second on.
 */
import type { Event } from '#core/event'
import { serverOnly } from '#core/fact'
import { limits } from '#core/limits'
import { toMs } from '#core/time'

const dayMs = 86_400_000

const isKept = (event: Event): boolean =>
  event.source === 'homeward' ||
  event.type === 'identify' ||
  event.type === 'alias' ||
  serverOnly.has(event.name)

/** When an event expires, in seconds since the epoch; undefined: never. */
export const expiryOf = (event: Event): number | undefined =>
  isKept(event) ? undefined : Math.floor((toMs(event.receivedAt) + limits.browseKeptDays * dayMs) / 1000)
