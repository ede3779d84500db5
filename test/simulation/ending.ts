/**
 * What the oracle asks once the world has come to rest: nothing accepted is lost, every run and message has a
 * named end, no alarm is left, every order is counted once, the report is a recount, the erased are gone.
 */
import { cartOf } from '#core/cart'
import { dueOf } from '#core/decide'
import { type Event, own } from '#core/event'
import { factOf } from '#core/fact'
import { fold } from '#core/fold'
import type { Message, Status } from '#core/message'
import { newState, type State } from '#core/state'
import type { Oracle } from './oracle.ts'

const ended: ReadonlySet<Status> = new Set(['SENT', 'SKIPPED', 'EXPIRED', 'FAILED', 'CLOSED'])

const statesOf = ({ world }: Oracle): State[] =>
  [...world.memory.tables.customers.values()].flatMap(({ state, erased }) => (erased ? [] : [state]))

const livingOf = (oracle: Oracle): State[] => statesOf(oracle).filter(({ movedTo }) => movedTo === undefined)

const messagesOf = ({ world }: Oracle): Message[] =>
  [...world.memory.tables.messages.values()].flatMap((rows) =>
    [...rows.values()].map(({ message }) => message),
  )

/** Every call that was answered is in a log, once in each. */
function logs(oracle: Oracle): void {
  const { events } = oracle.world.memory.tables
  const found = new Set<string>()
  for (const [customerId, log] of events) {
    const ids = [...log.values()].map(({ messageId }) => messageId)
    if (new Set(ids).size < ids.length)
      oracle.fail('one log', `an event stands twice on the log of ${customerId}`)
    for (const id of ids) found.add(id)
  }
  for (const [messageId, { shopper }] of oracle.answered)
    if (!oracle.erased.has(shopper) && !found.has(messageId))
      oracle.fail('never lost', `${messageId} was answered and is in no log`)
}

/** Whether a mail of the same name was taken, or claimed on another record of hers and closed without evidence. */
const mayHaveGone = (oracle: Oracle, { messageId, customerId }: Message): boolean =>
  oracle.accepted.has(messageId) ||
  messagesOf(oracle).some(
    (other) => other.messageId === messageId && other.customerId !== customerId && other.status === 'CLOSED',
  )

/** Whether a log says that this mail went out. */
const isTold = ({ world }: Oracle, { customerId, messageId }: Message): boolean =>
  [...(world.memory.tables.events.get(customerId)?.values() ?? [])].some(
    ({ name, properties }) => name === own.sent && properties.messageId === messageId,
  )

function messages(oracle: Oracle): void {
  for (const message of messagesOf(oracle)) {
    const { messageId, customerId, status, reason } = message
    const id = `${customerId}/${messageId} (${message.journey}, ${message.step})`
    const isTaken = oracle.accepted.get(messageId)?.customerId === customerId
    if (!ended.has(status)) oracle.fail('named ends', `${id} ended as ${status}`)
    if (status !== 'SENT' && reason === undefined)
      oracle.fail('named ends', `${id} is ${status} without a reason`)
    if (status === 'SENT' && !isTaken) oracle.fail('never lost', `${id} is SENT and was never taken`)
    if (status === 'SENT' && !isTold(oracle, message))
      oracle.fail('never lost', `${id} is SENT and her log does not say so`)
    if (isTaken && status !== 'SENT' && status !== 'CLOSED')
      oracle.fail('named ends', `${id} was taken and is ${status}`)
    if (reason === 'already-sent' && status === 'SKIPPED' && !mayHaveGone(oracle, message))
      oracle.fail('never lost', `${id} was skipped as sent already and never was`)
  }
}

/** Runs are over, nothing is outstanding, no alarm is left; each run's end stands in a decision. */
function runs(oracle: Oracle): void {
  const { decisions, parked, customers } = oracle.world.memory.tables
  for (const state of statesOf(oracle)) {
    const { customerId, outstanding } = state
    for (const { messageId, journey } of outstanding)
      oracle.fail('named ends', `${messageId} (${journey}) is outstanding with ${customerId} for ever`)
    const due = state.movedTo === undefined ? dueOf(state) : undefined
    if (due !== undefined && due <= oracle.world.now())
      oracle.fail('one alarm, never late', `${customerId} is due since ${due}`)
    const alarm = customers.get(customerId)?.due
    if (alarm !== undefined && alarm <= oracle.world.now())
      oracle.fail('one alarm, never late', `the alarm of ${customerId} at ${alarm} never fired`)
  }
  for (const { customerId, runs: left } of livingOf(oracle))
    for (const { journey, runId } of left)
      oracle.fail('named ends', `${customerId} is in ${journey} (${runId}) for ever`)
  for (const customerId of parked.keys())
    oracle.fail('named ends', `an input of ${customerId} is parked still`)
  const over = new Set<string>()
  const entered = new Map<string, string>()
  const rows = new Set(messagesOf(oracle).map(({ runId, step }) => `${runId} ${step}`))
  for (const row of [...decisions.values()].flat())
    for (const { outcome, runId, step, journey } of row.decisions) {
      if (runId === undefined) continue
      if (outcome === 'entered') entered.set(runId, journey)
      if (outcome === 'exited' || outcome === 'finished') over.add(runId)
      if (outcome === 'planned' && !rows.has(`${runId} ${step}`))
        oracle.fail('never lost', `a mail was planned for ${journey} (${runId} ${step}) and is not there`)
    }
  for (const [runId, journey] of entered)
    if (!over.has(runId)) oracle.fail('named ends', `the run ${runId} of ${journey} has no end`)
}

function orders(oracle: Oracle): void {
  const counted = new Map<string, State[]>()
  const living = livingOf(oracle)
  for (const state of living) {
    for (const { id } of state.orders) counted.set(id, [...(counted.get(id) ?? []), state])
    const paid = state.orders.reduce((sum, { totalMinor = 0 }) => sum + totalMinor, 0)
    if (state.totals.orderCount !== state.orders.length || (state.totals.paidMinor.EUR ?? 0) !== paid)
      oracle.fail('orders once', `the sums of ${state.customerId} are not those of her orders`)
  }
  for (const { orderId, said } of oracle.orders.values()) {
    const times = counted.get(orderId)?.length ?? 0
    if (!oracle.erased.has(said.shopper) && times !== 1)
      oracle.fail('orders once', `${orderId} is counted by ${times} customers`)
  }
  const thanked = new Map<string, number>()
  for (const { journey, key, messageId, customerId } of messagesOf(oracle)) {
    const isTaken = oracle.accepted.get(messageId)?.customerId === customerId
    if (journey === 'thanks' && isTaken) thanked.set(key, (thanked.get(key) ?? 0) + 1)
  }
  for (const [orderId, times] of thanked)
    if (times > 1) oracle.fail('never twice', `${orderId} was thanked for ${times} times`)
}

/** Nothing of who was erased is left, nor came back. */
function erasure(oracle: Oracle): void {
  const { tables } = oracle.world.memory
  for (const [customerId, { erased }] of tables.customers) {
    const isGone = erased === true || tables.persons.get(customerId)?.erased === true
    if (!isGone) continue
    if (!erased) oracle.fail('erasure', `${customerId} was erased and has a state again`)
    if ((tables.messages.get(customerId)?.size ?? 0) > 0)
      oracle.fail('erasure', `${customerId} was erased and has messages`)
  }
  for (const [customerId, { erased }] of tables.persons)
    if (erased === true && (tables.events.get(customerId)?.size ?? 0) > 0)
      oracle.fail('erasure', `${customerId} was erased and has events`)
}

/** What an independent count of rows comes to. */
function recount(oracle: Oracle): Map<string, Record<string, number>> {
  const counts = new Map<string, Record<string, number>>()
  for (const {
    journey,
    step,
    plannedAt,
    status,
    deliveredAt,
    bouncedAt,
    complainedAt,
    clickedAt,
  } of messagesOf(oracle)) {
    const id = `${plannedAt.slice(0, 10)} ${journey} ${step}`
    const line = counts.get(id) ?? {
      planned: 0,
      sent: 0,
      delivered: 0,
      bounced: 0,
      complained: 0,
      clicked: 0,
    }
    const seen = (at: string | undefined) => (at === undefined ? 0 : 1)
    counts.set(id, {
      planned: (line.planned ?? 0) + 1,
      sent: (line.sent ?? 0) + (status === 'SENT' ? 1 : 0),
      delivered: (line.delivered ?? 0) + seen(deliveredAt),
      bounced: (line.bounced ?? 0) + seen(bouncedAt),
      complained: (line.complained ?? 0) + seen(complainedAt),
      clicked: (line.clicked ?? 0) + seen(clickedAt),
    })
  }
  return counts
}

function report(oracle: Oracle): void {
  const wanted = recount(oracle)
  const found = new Set<string>()
  for (const { day, journey, lines } of oracle.world.memory.tables.reportDays.values())
    for (const { step, figures } of lines) {
      const id = `${day} ${journey} ${step}`
      found.add(id)
      const line = wanted.get(id) ?? {}
      for (const name of ['planned', 'sent', 'delivered', 'bounced', 'complained', 'clicked'] as const)
        if ((line[name] ?? 0) !== figures[name])
          oracle.fail(
            'report is a recount',
            `${id}: ${name} is ${figures[name]}, rows say ${line[name] ?? 0}`,
          )
    }
  for (const id of wanted.keys()) if (!found.has(id)) oracle.fail('report is a recount', `${id} is missing`)
}

/**
 * All that was said of a customer, wherever it stands: her log, those she took over, her devices. A call that a client
 * told twice may stand in two logs with two times; `which` telling of them counts.
 */
function eventsOf(oracle: Oracle, state: State, which: 'first' | 'last'): Event[] {
  const { events, customers } = oracle.world.memory.tables
  const ids = new Set([state.customerId])
  for (const id of ids) {
    const known = customers.get(id)?.state
    for (const one of known?.absorbed ?? []) ids.add(one)
    for (const { visitorId } of known?.visitors ?? []) ids.add(visitorId)
    for (const { absorbs, folds } of events.get(id)?.values() ?? [])
      for (const one of [absorbs, folds]) if (one !== undefined) ids.add(one)
  }
  const all = new Map<string, Event>()
  for (const id of ids)
    for (const event of events.get(id)?.values() ?? [])
      if (event.source !== 'homeward' && (which === 'last' || !all.has(event.messageId)))
        all.set(event.messageId, event)
  return [...all.values()].sort((one, other) =>
    one.occurredAt === other.occurredAt
      ? one.messageId < other.messageId
        ? -1
        : 1
      : one.occurredAt < other.occurredAt
        ? -1
        : 1,
  )
}

const facts = (state: State) => ({
  cart:
    cartOf(state.cart)
      ?.items.map(({ id, quantity }) => `${quantity} ${id}`)
      .sort() ?? [],
  recent: state.recent.map(({ item }) => item.id).sort(),
})

/** What a customer is known for when what her log says is folded in the order it happened. */
function refolded(oracle: Oracle, state: State, which: 'first' | 'last'): string {
  const { settings } = oracle.world.shop.last
  let again = newState(state.customerId, state.now)
  for (const event of eventsOf(oracle, state, which)) {
    if (factOf(event, settings.currency).kind === 'other' && event.type === 'track') continue
    const folded = fold({ ...again, applied: [] }, event, settings)
    if ('state' in folded) again = folded.state
  }
  return JSON.stringify(facts(again))
}

/** What is known is what her log says, however it came: the same events in the order they happened give the same. */
function refold(oracle: Oracle): void {
  for (const state of livingOf(oracle)) {
    const known = JSON.stringify(facts(state))
    const [first, last] = [refolded(oracle, state, 'first'), refolded(oracle, state, 'last')]
    if (known !== first && known !== last)
      oracle.fail(
        'facts whatever the order',
        `${state.customerId} is known for ${known}, her log says ${first}`,
      )
  }
}

/** Judges the world as it came to rest. */
export function judgeEnding(oracle: Oracle): void {
  logs(oracle)
  messages(oracle)
  runs(oracle)
  orders(oracle)
  erasure(oracle)
  report(oracle)
  refold(oracle)
}
