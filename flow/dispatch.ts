/**
 * Dispatch: a message that is planned, or planned again, is put on the urgent or the bulk queue. It carries
 * the round it was planned in, so that an old dispatch can claim nothing.
 */
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { toMs } from '#core/time'
import type { Clock, DeliveryQueues } from './port.ts'

export interface DispatchPorts {
  clock: Clock
  queues: DeliveryQueues
}

export type Planned = Pick<Message, 'customerId' | 'messageId' | 'round' | 'urgent' | 'notBefore'>

/** Queues planned messages, each not before its time (a queue can wait 15 minutes; alarms do the rest). */
export async function dispatch(ports: DispatchPorts, planned: readonly Planned[]): Promise<void> {
  const now = toMs(ports.clock())
  await ports.queues.dispatch(
    planned.map(({ customerId, messageId, round, urgent, notBefore }) => {
      const delayMs = Math.min(limits.dispatchDelayMs, Math.max(0, toMs(notBefore) - now))
      return { customerId, messageId, round, urgent, delayMs }
    }),
  )
}
