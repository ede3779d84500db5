/**
 * Looking after planned mails: each stays in the state's outstanding list with a time to look again, until an
 * event or its own row says how it ended. What got stuck is dispatched again, what was held is planned again,
 * what may or may not have been sent is never sent again.
 */
import { messageEnded } from './heard.ts'
import { limits } from './limits.ts'
import type { Status } from './message.ts'
import { reason } from './reason.ts'
import type { Draft } from './run.ts'
import type { Outstanding } from './state.ts'
import { type Instant, plus } from './time.ts'

/** What a message's row says, read when its time to settle has come. */
export interface RowSeen {
  status: Status
  round: number
  notBefore?: Instant | undefined
  claimedAt?: Instant | undefined
  until?: Instant | undefined
}

function put(draft: Draft, next: Outstanding): void {
  draft.state = {
    ...draft.state,
    outstanding: draft.state.outstanding.map((one) => (one.messageId === next.messageId ? next : one)),
  }
}

function decided(
  draft: Draft,
  of: Outstanding,
  outcome: 'planned' | 'expired' | 'skipped' | 'unknown' | 'closed',
  code: Parameters<typeof reason>[0],
): void {
  const { journey, runId, step, messageId } = of
  draft.decisions.push({ journey, runId, step, messageId, outcome, reason: reason(code) })
}

/** Plans a mail once more, in the next round, from where its row stands. */
function again(draft: Draft, of: Outstanding, row: RowSeen, code: 'hold-over' | 'stuck'): void {
  const { messageId } = of
  if (of.notAfter <= draft.now && row.status === 'HELD') {
    draft.effects.push({
      kind: 'move',
      messageId,
      from: 'HELD',
      round: row.round,
      to: 'EXPIRED',
      reason: 'expired',
    })
    decided(draft, of, 'expired', 'expired')
    return messageEnded(draft, messageId)
  }
  draft.effects.push({
    kind: 'move',
    messageId,
    from: row.status,
    round: row.round,
    to: 'PLANNED',
    reason: code,
    notBefore: draft.now,
  })
  put(draft, { ...of, round: row.round + 1, phase: 'planned', settleAt: plus(draft.now, limits.stuckMs) })
  decided(draft, of, 'planned', code)
}

function settleOne(draft: Draft, of: Outstanding, row: RowSeen): void {
  const { messageId } = of
  switch (row.status) {
    case 'PLANNED': {
      // It was given back to be tried later, and that is yet to come.
      const stuckAt = row.notBefore === undefined ? draft.now : plus(row.notBefore, limits.stuckMs)
      if (stuckAt > draft.now) return put(draft, { ...of, round: row.round, settleAt: stuckAt })
      return again(draft, of, row, 'stuck')
    }
    case 'HELD':
      if (row.until !== undefined && row.until > draft.now)
        return put(draft, { ...of, round: row.round, phase: 'held', settleAt: row.until })
      return again(draft, of, row, 'hold-over')
    case 'CLAIMED': {
      const stuckAt = plus(row.claimedAt ?? draft.now, limits.stuckMs)
      if (stuckAt > draft.now) return put(draft, { ...of, settleAt: stuckAt })
      draft.effects.push({
        kind: 'move',
        messageId,
        from: 'CLAIMED',
        round: row.round,
        to: 'UNKNOWN',
        reason: 'unknown',
      })
      decided(draft, of, 'unknown', 'unknown')
      return put(draft, { ...of, phase: 'unknown', settleAt: plus(draft.now, limits.unknownClosesMs) })
    }
    case 'UNKNOWN':
      draft.effects.push({
        kind: 'move',
        messageId,
        from: 'UNKNOWN',
        round: row.round,
        to: 'CLOSED',
        reason: 'closed',
      })
      decided(draft, of, 'closed', 'closed')
      return messageEnded(draft, messageId)
    case 'SENT':
    case 'SKIPPED':
    case 'EXPIRED':
    case 'FAILED':
    case 'CLOSED':
      return messageEnded(draft, messageId)
  }
}

/**
 * Settles the mails of `lookedUp` whose time has come, by what their rows say; a row that is gone is forgotten.
 * What is too much for one commit stays due.
 */
export function settle(
  draft: Draft,
  lookedUp: { messageIds: readonly string[]; rows: ReadonlyMap<string, RowSeen> },
): void {
  const { messageIds, rows } = lookedUp
  const due = draft.state.outstanding.filter(
    ({ messageId, settleAt }) => settleAt <= draft.now && messageIds.includes(messageId),
  )
  for (const one of due) {
    if (draft.effects.length >= limits.effectsPerCommit) return
    const row = rows.get(one.messageId)
    if (row === undefined) messageEnded(draft, one.messageId)
    else settleOne(draft, one, row)
  }
}
