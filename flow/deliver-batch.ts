/**
 * What the mails of one batch share in `deliver`: how the day stands and the shop's pulse, read once; how many
 * of the batch were let through so far; and turns under the rate that all containers share, leased in one piece.
 */
import { limits } from '#core/limits'
import type { Day, Tally } from '#core/quota'
import type { Pulse } from '#core/silence'
import { toMs } from '#core/time'
import type { Clock, Mailer, Workspace } from './port.ts'

export interface BatchPorts {
  clock: Clock
  /** Resolves after `ms`. */
  pause: (ms: number) => Promise<void>
  workspace: Pick<Workspace, 'leaseRate' | 'leasedOn' | 'pulse'>
  mailer: Pick<Mailer, 'quota'>
}

export interface Batch {
  /** As read for the batch: what was let through before it. */
  known: () => Promise<{ day: Day; pulse: Pulse | undefined }>
  /** What of the batch was let through; nothing is sent yet. */
  passed: Tally
}

/** The sum of two counts. */
export const addTo = (one: Tally, other: Tally): Tally => ({
  total: one.total + other.total,
  marketing: one.marketing + other.marketing,
})

/** A batch at its beginning; nothing is read before it is asked for. */
export function newBatch(ports: BatchPorts): Batch {
  const read = async () => {
    const [quota, tally, pulse] = await Promise.all([
      ports.mailer.quota(),
      ports.workspace.leasedOn(toMs(ports.clock())),
      ports.workspace.pulse(),
    ])
    return { day: { quota, tally }, pulse }
  }
  let known: ReturnType<typeof read> | undefined
  return {
    known: () => {
      known ??= read()
      return known
    },
    passed: { total: 0, marketing: 0 },
  }
}

/**
 * Resolves at a mail's turn with what all containers had taken of the day before the batch's lease; undefined:
 * the wait would be too long.
 */
export type Turns = () => Promise<Tally | undefined>

/** Turns for the mails that passed, leased in one piece when the first is asked for. */
export function turnsFor(ports: BatchPorts, passed: Tally): Turns {
  const take = async () => {
    const { perSecond } = await ports.mailer.quota()
    const lease = await ports.workspace.leaseRate({
      count: passed.total,
      marketing: passed.marketing,
      ratePerSecond: perSecond,
      nowMs: toMs(ports.clock()),
    })
    return { ...lease, stepMs: 1000 / perSecond }
  }
  let lease: ReturnType<typeof take> | undefined
  let taken = 0
  return async () => {
    const turn = taken
    taken += 1
    lease ??= take()
    const { firstMs, before, stepMs } = await lease
    const waitMs = firstMs + turn * stepMs - toMs(ports.clock())
    if (waitMs > limits.rateWaitMs) return undefined
    if (waitMs > 0) await ports.pause(waitMs)
    return before
  }
}
