/**
 * What the mails of one batch share in `deliver`: how the day stands and the shop's pulse, read once; what became
 * of the batch so far; and turns under the rate that all containers share, leased in one piece.
 */
import { type Day, lineMs, type Tally } from '#core/quota'
import type { Pulse } from '#core/silence'
import { toMs } from '#core/time'
import type { Clock, Mailer, Workspace } from './port.ts'

export interface BatchPorts {
  clock: Clock
  /** Resolves after `ms`. */
  pause: (ms: number) => Promise<void>
  workspace: Pick<Workspace, 'leaseRate' | 'leasedOn' | 'uncount' | 'pulse'>
  mailer: Pick<Mailer, 'quota'>
}

export interface Batch {
  /** As read for the batch: what was let through before it. */
  known: () => Promise<{ day: Day; pulse: Pulse | undefined }>
  /** What of the batch was let through; nothing is sent yet. */
  passed: Tally
  /** What the mail service took, or may have taken. */
  accepted: Tally
  /** The account may not send: nothing more is claimed. */
  stopped: boolean
  /** Mails that were not claimed for want of a turn, of an account that may send, or of a quiet inbox. */
  givenBack: number
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
    accepted: { total: 0, marketing: 0 },
    stopped: false,
    givenBack: 0,
  }
}

/** The turns of a batch. */
export interface Turns {
  /**
   * Resolves at a mail's turn with what all containers had taken of the day before the batch's lease; undefined:
   * the line had no room for it.
   */
  next(mail: { exempt: boolean }): Promise<Tally | undefined>
  /** Takes what was leased and not accepted out of the day's count. */
  settle(accepted: Tally): Promise<void>
}

/** Turns for mails of one queue, leased in one piece when the first is asked for. */
export function turnsFor(ports: BatchPorts, mails: Tally & { urgent: boolean }): Turns {
  const { total, marketing, urgent } = mails
  const take = async () => {
    const { perSecond } = await ports.mailer.quota()
    const nowMs = toMs(ports.clock())
    const wanted = { total, marketing, ratePerSecond: perSecond, waitMs: lineMs({ urgent }), nowMs }
    const lease = await ports.workspace.leaseRate(wanted)
    return lease && { ...lease, nowMs, stepMs: 1000 / perSecond }
  }
  let taking: ReturnType<typeof take> | undefined
  // A lease that was cut is service mail's first.
  const turns = { service: 0, marketing: total - marketing }
  return {
    next: async ({ exempt }) => {
      const turn = exempt ? turns.service++ : turns.marketing++
      taking ??= take()
      const lease = await taking
      if (lease === undefined || turn >= lease.total) return undefined
      const waitMs = lease.firstMs + turn * lease.stepMs - toMs(ports.clock())
      if (waitMs > 0) await ports.pause(waitMs)
      return lease.before
    },
    settle: async (accepted) => {
      // One that failed was told of by each mail that asked.
      const lease = await taking?.catch(() => undefined)
      if (lease === undefined || lease.total === accepted.total) return
      await ports.workspace.uncount({
        total: lease.total - accepted.total,
        marketing: lease.marketing - accepted.marketing,
        nowMs: lease.nowMs,
      })
    },
  }
}
