/**
 * The shop's pulse: every order that really came in, just now, is a beat. It is written after the order itself
 * and is allowed to miss one: whoever loses against another order's beat, or cannot write, leaves it, because
 * the next order says the same. What is made of it: `core/silence.ts`.
 */
import type { Event } from '#core/event'
import { factOf } from '#core/fact'
import { beat } from '#core/silence'
import type { Workspace } from './port.ts'

/** Notes an order that was stored. History, and an order told again, is no sign of life. Never throws. */
export async function beatWith(
  workspace: Pick<Workspace, 'pulse' | 'putPulse'>,
  event: Event,
): Promise<void> {
  if (event.history === true || event.repeat === true) return
  // The currency does not matter here.
  const fact = factOf(event, 'XXX')
  if (fact.kind !== 'order' || fact.change !== 'completed') return
  try {
    const before = await workspace.pulse()
    const after = beat(before, event.receivedAt)
    if (after !== undefined) await workspace.putPulse(after, before)
  } catch {
    // The order is stored and its answer is good; refusing it for a statistic would be worse than a missed beat.
  }
}
