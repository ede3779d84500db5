/** The server's clock made real. Locally the runtime moves `Date` itself, so nothing here knows of that. */
import { toInstant } from '#core/time'
import type { Clock } from '#flow/port'

export const systemClock: Clock = () => toInstant(Date.now())
