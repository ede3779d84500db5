/**
 * Redrive: decides again what was parked, once the cause is mended, or a span of a customer's log that the
 * stream gave up (an outage longer than six hours). What was folded lately is known by its id and not folded
 * twice (`limits.appliedEvents`); plans are known by theirs, always.
 */
import type { Event } from '#core/event'
import { limits } from '#core/limits'
import type { Instant } from '#core/time'
import { type DecidePorts, decideCustomer } from './decide.ts'
import { isPoison, park } from './poison.ts'
import type { Customers, EventLog, Parked } from './port.ts'

export type RedrivePorts = Omit<DecidePorts, 'customers'> & {
  customers: Pick<Customers, 'load' | 'commit' | 'park' | 'parked' | 'unpark'>
}

/** `nothing`: nothing was parked. `parked`: it still cannot be decided; it stays parked with the new error. */
export type Redriven = 'nothing' | 'decided' | 'parked'

async function decideAgain(
  ports: RedrivePorts,
  customerId: string,
  events: readonly Event[],
): Promise<Redriven> {
  return decideCustomer(ports, { customerId, events, alarmAt: ports.clock() })
}

/**
 * Ports that read as these do and keep whatever would be written to themselves: a redrive over them logs what it
 * would decide and changes nothing. Their `parked` answers what would still be parked, with its new error.
 */
export function dryPorts(ports: RedrivePorts): RedrivePorts {
  const parked = new Map<string, Parked>()
  return {
    ...ports,
    events: {
      eventsOf: async (customerId, options) => ports.events.eventsOf(customerId, options),
      record: async () => 'stored',
      remove: async () => {},
    },
    customers: {
      load: async (customerId) => ports.customers.load(customerId),
      commit: async () => 'committed',
      park: async (customerId, one) => {
        parked.set(customerId, { ...one, version: 0 })
      },
      parked: async (customerId) => parked.get(customerId) ?? ports.customers.parked(customerId),
      unpark: async () => 'unparked',
    },
  }
}

/** Those of her events that are wanted. A log with a row that can never be read is parked, with that error. */
async function eventsOf(
  ports: RedrivePorts,
  customerId: string,
  isWanted: (event: Event) => boolean,
): Promise<Event[] | 'parked'> {
  try {
    return (await ports.events.eventsOf(customerId)).filter(isWanted)
  } catch (error) {
    if (!isPoison(error)) throw error
    await park(ports, { customerId, events: [] }, error)
    return 'parked'
  }
}

/** Whether an event is parked; where there are more than keys, all are that were received from the first of those on. */
const isParked =
  ({ eventKeys, moreFrom = '~' }: Parked) =>
  ({ key, receivedAt }: Event) =>
    eventKeys.includes(key) || receivedAt >= moreFrom

/** Decides a customer's parked input again, with what is parked meanwhile. Repeating it is safe. */
export async function redrive(ports: RedrivePorts, customerId: string): Promise<Redriven> {
  let outcome: Redriven = 'nothing'
  for (let tries = 0; tries < limits.commitAttempts; tries += 1) {
    const parked = await ports.customers.parked(customerId)
    if (parked === undefined) return outcome
    const events = await eventsOf(ports, customerId, isParked(parked))
    outcome = events === 'parked' ? events : await decideAgain(ports, customerId, events)
    if (outcome === 'parked') return outcome
    if ((await ports.customers.unpark(customerId, parked)) === 'unparked') return outcome
  }
  return 'parked'
}

/** Everybody who has a log that is decided on, also whose first events were lost and who has no state. */
export async function* everyLog(events: Pick<EventLog, 'heardOf'>): AsyncGenerator<string> {
  let last: string | undefined
  let after: string | undefined
  do {
    const page = await events.heardOf(after)
    for (const customerId of page.customerIds) {
      if (customerId !== last) yield customerId
      last = customerId
    }
    after = page.next
  } while (after !== undefined)
}

/** Decides the events of a customer that were received in a span again. */
export async function redriveSpan(
  ports: RedrivePorts,
  customerId: string,
  { from, to }: { from: Instant; to: Instant },
): Promise<Redriven> {
  const events = await eventsOf(ports, customerId, ({ receivedAt }) => receivedAt >= from && receivedAt < to)
  if (events === 'parked') return events
  return events.length === 0 ? 'nothing' : decideAgain(ports, customerId, events)
}
