/**
 * Absorb: a customer's record is taken over by the one she turned out to be. The record is closed first, by a
 * commit of its own version, so that whoever was deciding for it reads again; from then on what still comes to
 * it is forwarded. So each event is folded once: before the closing there, after it here.
 */
import type { MailsSeen } from '#core/absorb'
import { dueOf, type Input } from '#core/decide'
import { type Event, own } from '#core/event'
import { Failed } from '#core/failed'
import { shortHash } from '#core/id'
import { limits } from '#core/limits'
import { newState, type State } from '#core/state'
import type { Instant } from '#core/time'
import type { Customers, EventLog, Messages } from './port.ts'

export interface AbsorbPorts {
  customers: Pick<Customers, 'load' | 'commit'>
  messages: Pick<Messages, 'load'>
}

/** Closes a record for `into`; as it was closed, when it is already; of the erased nothing is left to close. */
async function close(
  ports: AbsorbPorts,
  of: { customerId: string; into: string; at: Instant },
): Promise<State> {
  const { customerId, into, at } = of
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const stored = await ports.customers.load(customerId)
    if (stored?.erased || stored?.state.movedTo !== undefined) return stored.state
    const state = { ...(stored?.state ?? newState(customerId, at)), movedTo: into }
    const closed = { customerId, state, due: dueOf(state), row: undefined, effects: [] }
    const expectedVersion = stored?.version ?? 0
    if ((await ports.customers.commit({ ...closed, expectedVersion })) === 'committed') return state
  }
  throw new Failed({
    code: 'customer-busy',
    message: `customer ${customerId} was changed by others ${limits.commitAttempts} times in a row; it is tried again`,
    retryable: true,
  })
}

/** The input by which an event that `absorbs` takes the other record over. */
export async function absorbInput(
  ports: AbsorbPorts,
  event: Event & { absorbs: string },
): Promise<Extract<Input, { kind: 'absorb' }>> {
  const { absorbs, customerId, receivedAt: at } = event
  const from = await close(ports, { customerId: absorbs, into: customerId, at })
  const awaited = from.runs.flatMap(({ waiting }) => (waiting?.for === 'message' ? [waiting.messageId] : []))
  const rows = await Promise.all(awaited.map((messageId) => ports.messages.load(absorbs, messageId)))
  const mails: MailsSeen = new Map(rows.flatMap((row) => (row ? [[row.messageId, row] as const] : [])))
  return { kind: 'absorb', at, from, mails }
}

/** A mail of hers that may no longer go out as hers; the absorber plans it anew. */
const isHandedOver = ({ name, properties }: Event): boolean =>
  name === own.skipped && properties.code === 'merged'

/** What is told of a mail says whose row it is, wherever it is read. */
function ofWhom(event: Event): Event {
  if (event.source !== 'homeward' || event.properties.customerId !== undefined) return event
  return { ...event, properties: { ...event.properties, customerId: event.customerId } }
}

/** Of an event that her client told both records of: that the device it came from is hers, and whom it took over. */
const deviceOf = ({ messageId, key, context: _, traits: __, ...event }: Event): Event => ({
  ...{ ...event, messageId: `${messageId}#device`, key: `${key}#device` },
  ...{ type: 'identify', name: 'Identified', properties: {} },
})

/**
 * Forwards what still comes to a record that was taken over, under its own key, so that forwarding it twice is
 * one event. What was folded before the record was closed went over with it.
 */
export async function forward(
  ports: { events: Pick<EventLog, 'record'> },
  events: readonly Event[],
  closed: { movedTo: string; applied: readonly string[] },
): Promise<void> {
  const { movedTo: customerId, applied } = closed
  for (const event of events) {
    if (isHandedOver(event) || applied.includes(shortHash(event.messageId))) continue
    const answer = await ports.events.record({ ...ofWhom(event), customerId }, [])
    if (answer === 'duplicate' && (event.folds ?? event.absorbs) !== undefined)
      await ports.events.record({ ...deviceOf(event), customerId }, [])
  }
}
