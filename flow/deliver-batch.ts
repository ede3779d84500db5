/**
 * What the mails of one batch share in `deliver`: how the day stands and the shop's pulse, read once; what became
 * of the batch so far; and turns under the rate that all containers share, leased in one piece.
 */
import { limits } from '#core/limits'
import { type Day, lineMs, type Tally } from '#core/quota'
import type { Live } from '#core/release'
import type { Pulse } from '#core/silence'
import { toMs } from '#core/time'
import type { Clock, Mailer, Workspace } from './port.ts'

export interface BatchPorts {
  clock: Clock
  /** Resolves after `ms`. */
  pause: (ms: number) => Promise<void>
  workspace: Pick<Workspace, 'live' | 'leaseRate' | 'leasedOn' | 'uncount' | 'pulse'>
  mailer: Pick<Mailer, 'quota'>
}

export interface Batch {
  /** As read for the batch: what was let through before it. */
  known: () => Promise<{ day: Day; pulse: Pulse | undefined }>
  /** The live pointer, read anew where what is known is older than `limits.liveKnownMs`. */
  live: () => Promise<Live | undefined>
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
  let seen: { atMs: number; live: Promise<Live | undefined> } | undefined
  return {
    live: () => {
      const nowMs = toMs(ports.clock())
      if (seen === undefined || nowMs - seen.atMs > limits.liveKnownMs)
        seen = { atMs: nowMs, live: ports.workspace.live() }
      return seen.live
    },
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
   * Resolves at a mail's turn with what all containers had taken of the day before it was leased; undefined: the
   * line had no room for it for so long that it is given back.
   */
  next(mail: { exempt: boolean }): Promise<Tally | undefined>
  /** Takes what was leased and not accepted out of the day's count. */
  settle(accepted: Tally): Promise<void>
}

interface Turn {
  atMs: number
  before: Tally
}

/**
 * Turns for mails of one queue: leased in one piece when the first is asked for, as a rule. A line that is full is
 * waited for, since what is given back is hidden from everybody for minutes; its room then goes to all who wait.
 */
export function turnsFor(ports: BatchPorts, mails: Tally & { urgent: boolean }): Turns {
  const { total, marketing, urgent } = mails
  const waitMs = lineMs({ urgent })
  const free: Record<'service' | 'marketing', Turn[]> = { service: [], marketing: [] }
  let left: Tally = { total, marketing }
  let leftMs = limits.roomAndTurnMs - waitMs
  let firstMs: number | undefined
  let quota: ReturnType<typeof ports.mailer.quota> | undefined

  /** Leases what there is room for, or waits a little; false: neither may be done any more. */
  const more = async (): Promise<boolean> => {
    if (left.total === 0) return false
    quota ??= ports.mailer.quota()
    const { perSecond: ratePerSecond } = await quota
    const nowMs = toMs(ports.clock())
    const lease = await ports.workspace.leaseRate({ ...left, ratePerSecond, waitMs, nowMs })
    if (lease !== undefined) {
      // What the batch itself leased before is counted by each mail's place in it.
      const before = {
        total: Math.max(0, lease.before.total - (total - left.total)),
        marketing: Math.max(0, lease.before.marketing - (marketing - left.marketing)),
      }
      firstMs ??= nowMs
      left = { total: left.total - lease.total, marketing: left.marketing - lease.marketing }
      for (let turn = 0; turn < lease.total; turn += 1) {
        // A lease that was cut is service mail's first.
        const kind = turn < lease.total - lease.marketing ? 'service' : 'marketing'
        free[kind].push({ atMs: lease.firstMs + (turn * 1000) / ratePerSecond, before })
      }
      return true
    }
    if (leftMs <= 0) return false
    leftMs -= limits.roomPauseMs
    await ports.pause(limits.roomPauseMs)
    return true
  }

  let asking: Promise<boolean> | undefined
  const turnOf = async (kind: 'service' | 'marketing'): Promise<Turn | undefined> => {
    for (;;) {
      const turn = free[kind].shift()
      if (turn !== undefined) return turn
      asking ??= more().finally(() => {
        asking = undefined
      })
      if (!(await asking)) return undefined
    }
  }

  return {
    next: async ({ exempt }) => {
      const turn = await turnOf(exempt ? 'service' : 'marketing')
      if (turn === undefined) return undefined
      const toTurnMs = turn.atMs - toMs(ports.clock())
      if (toTurnMs > 0) await ports.pause(toTurnMs)
      return turn.before
    },
    settle: async (accepted) => {
      const leased = { total: total - left.total, marketing: marketing - left.marketing }
      if (firstMs === undefined || leased.total === accepted.total) return
      await ports.workspace.uncount({
        total: leased.total - accepted.total,
        marketing: leased.marketing - accepted.marketing,
        nowMs: firstMs,
      })
    },
  }
}
