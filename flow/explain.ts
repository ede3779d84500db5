/**
 * Explain: what is known about a customer and why she did or did not get a mail, for people who ask. Reads
 * only. It shows rows as they are stored: the log, the decisions, the messages, the state made of them.
 */
import { readAddress } from '#core/address'
import { cartOf } from '#core/cart'
import { toMajor } from '#core/currency'
import type { Event } from '#core/event'
import type { AddressGate, CustomerGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import { fieldsOf } from '#core/present'
import { type Reason, reason } from '#core/reason'
import { journeyOf, type Live, type Release } from '#core/release'
import { Settings } from '#core/settings'
import type { Run, State } from '#core/state'
import { type TimelineEntry, timelineOf } from '#core/timeline'
import { addressOf } from '#core/traits'
import { type Why, whyOf } from '#core/why'
import { follow } from './identify.ts'
import type {
  Clock,
  Customers,
  DecisionRow,
  EventLog,
  Gates,
  Identities,
  Keys,
  Messages,
  Workspace,
} from './port.ts'

export interface ExplainPorts {
  clock: Clock
  keys: Pick<Keys, 'addressKey'>
  identities: Identities
  gates: Pick<Gates, 'address' | 'customer'>
  events: Pick<EventLog, 'eventsOf'>
  customers: Pick<Customers, 'load' | 'decisionsOf'>
  messages: Pick<Messages, 'messagesOf'>
  workspace: Pick<Workspace, 'live' | 'release'>
}

export interface CustomerView {
  customerId: string
  /** Given and computed traits; amounts in major units of the shop's currency. */
  profile: Record<string, unknown>
  cart: Record<string, unknown>
  runs: Record<string, unknown>[]
  /** Newest last. */
  timeline: TimelineEntry[]
}

/** Everything stored about one person. */
interface Read {
  customerId: string
  state: State | undefined
  events: Event[]
  decisions: DecisionRow[]
  person: CustomerGate
  inbox: AddressGate | undefined
  live: Live | undefined
  release: Release | undefined
}

/** Whom a text may stand for, likeliest first: an id of ours, an address, a user id, a device. */
async function candidates(ports: ExplainPorts, text: string): Promise<string[]> {
  const ours = /^[cv][A-Za-z0-9_-]{16}$/.test(text) ? [text] : []
  const email = readAddress(text)
  const hash = email === undefined ? undefined : addressHash(email, await ports.keys.addressKey())
  const owner = hash === undefined ? undefined : (await ports.gates.address(hash))?.owner
  const device = await ports.identities.visitor(text)
  const byAddress =
    hash === undefined ? [] : [...(owner === undefined ? [] : [owner]), derive('c', 'address', hash)]
  const byId = [derive('c', 'user', text), ...(device === undefined ? [] : [device]), derive('v', text)]
  return [...ours, ...byAddress, ...byId]
}

/** The person an id, address, user id or device stands for; undefined: nothing is stored about any. */
async function find(
  ports: ExplainPorts,
  text: string,
): Promise<{ customerId: string; person: CustomerGate } | undefined> {
  const name = text.trim()
  if (name === '' || name.length > limits.idCharacters) return undefined
  for (const candidate of new Set(await candidates(ports, name))) {
    const { customerId, gate } = await follow(ports.gates, candidate)
    const [customer, events] = await Promise.all([
      ports.customers.load(customerId),
      ports.events.eventsOf(customerId, { limit: 1 }),
    ])
    if (gate.erased === true) continue
    if (customer !== undefined || events.length > 0) return { customerId, person: gate }
  }
  return undefined
}

/** The newest events of one log, at most `limits.viewedEvents`, read page by page. */
async function newestOf(ports: ExplainPorts, id: string): Promise<Event[]> {
  const limit = limits.viewedEvents
  let newest: Event[] = []
  let after: string | undefined
  for (let pages = 0; pages < limits.viewedPages; pages += 1) {
    const page = await ports.events.eventsOf(id, { limit, ...(after !== undefined && { after }) })
    newest = [...newest, ...page].slice(-limit)
    after = page.at(-1)?.key
    if (page.length < limit) break
  }
  return newest
}

/** Whom her record is made of: those she absorbed, and herself. */
const selvesOf = (customerId: string, state: State | undefined): string[] => [
  ...(state?.absorbed ?? []),
  customerId,
]

/** Her own log, and before it those of her devices and former selves; what was forwarded stands there once. */
async function logOf(ports: ExplainPorts, customerId: string, state: State | undefined): Promise<Event[]> {
  const visitors = state?.visitors.map(({ visitorId }) => visitorId) ?? []
  const ids = [...visitors, ...selvesOf(customerId, state)]
  const logs = await Promise.all(ids.map(async (id) => newestOf(ports, id)))
  return [...new Map(logs.flat().map((event) => [event.key, event])).values()]
}

async function inboxOf(ports: ExplainPorts, state: State | undefined, person: CustomerGate) {
  const address = state && addressOf(state)
  const hash =
    address === undefined ? person.inbox?.hash : addressHash(address, await ports.keys.addressKey())
  return hash === undefined ? undefined : ports.gates.address(hash)
}

async function read(ports: ExplainPorts, text: string): Promise<Read | undefined> {
  const found = await find(ports, text)
  if (found === undefined) return undefined
  const { customerId, person } = found
  const [customer, live] = await Promise.all([ports.customers.load(customerId), ports.workspace.live()])
  const release = live && (await ports.workspace.release(live.release))
  const state = customer?.state
  const [events, inbox, decided] = await Promise.all([
    logOf(ports, customerId, state),
    inboxOf(ports, state, person),
    Promise.all(selvesOf(customerId, state).map(async (id) => ports.customers.decisionsOf(id))),
  ])
  const decisions = decided.flat()
  return { customerId, state, events, decisions, person, inbox, live, release }
}

/** What her state says of her, amounts in major units. */
function traitsView(state: State, settings: Settings): Record<string, unknown> {
  const { customer, loyalty } = fieldsOf(state, { settings })
  const email = addressOf(state)
  const paid = Object.entries(state.totals.paidMinor).map(([code, minor]) => [code, toMajor(minor, code)])
  return {
    ...(email !== undefined && { email }),
    ...(customer as object),
    lifetimeValues: Object.fromEntries(paid),
    loyalty,
  }
}

const profileOf = ({ state, inbox, person }: Read, settings: Settings): Record<string, unknown> => ({
  ...(state && traitsView(state, settings)),
  consent: inbox?.consent ?? person.pending ?? {},
  ...(inbox?.suppressed && { suppressed: inbox.suppressed }),
})

function cartView({ state }: Read, settings: Settings): Record<string, unknown> {
  const cart = state && cartOf(state.cart)
  const fields = state === undefined ? {} : fieldsOf(state, { settings }).cart
  const items = cart?.items.map(({ priceMinor, ...item }) => ({
    ...item,
    ...(priceMinor !== undefined && { price: toMajor(priceMinor, item.currency) }),
  }))
  return {
    count: 0,
    total: 0,
    ...(fields as object),
    ...(cart?.url && { url: cart.url }),
    items: items ?? [],
  }
}

/** A run with the step it stands at, in the words of the release it entered with. */
async function runView(
  ports: ExplainPorts,
  run: Run,
  live: Release | undefined,
): Promise<Record<string, unknown>> {
  const { runId, journey, key, release, startedAt, waiting } = run
  const pinned = live?.number === release ? live : await ports.workspace.release(release)
  const released =
    live && journeyOf({ live, pinned: new Map(pinned === undefined ? [] : [[release, pinned]]) }, run)
  const instruction = released?.program[run.position]
  const step = instruction !== undefined && 'step' in instruction ? instruction.step : undefined
  return {
    runId,
    journey,
    ...(released && { name: released.journey.name }),
    ...(step !== undefined && { step }),
    ...(key !== '' && { key }),
    release,
    startedAt,
    ...(waiting && { waiting }),
  }
}

/** Stands in where nothing was published yet. */
const unpublished = Settings.parse({
  shop: { name: 'not published yet', url: 'https://shop.invalid' },
  currency: 'XXX',
  timeZone: 'UTC',
  topics: {},
})

/**
 * Everything about a customer, by our id, her address, her user id or a device of hers; undefined: nothing is
 * stored about anyone of that name.
 */
export async function customerView(
  ports: ExplainPorts,
  idOrAddress: string,
): Promise<CustomerView | undefined> {
  const known = await read(ports, idOrAddress)
  if (known === undefined) return undefined
  const { customerId, state, events, decisions, release } = known
  const settings = release?.settings ?? unpublished
  const [messages, runs] = await Promise.all([
    Promise.all(selvesOf(customerId, state).map(async (id) => ports.messages.messagesOf(id))),
    Promise.all((state?.runs ?? []).map(async (run) => runView(ports, run, release))),
  ])
  return {
    customerId,
    profile: profileOf(known, settings),
    cart: cartView(known, settings),
    runs,
    timeline: timelineOf(
      { events, decisions, messages: messages.flat() },
      { currency: settings.currency, limit: limits.timelineEntries },
    ),
  }
}

export interface WhyAnswer {
  customerId: string
  /** Journey by journey of the live release, or the one that was asked about. */
  journeys: Why[]
  /** Why there is nothing to say of journeys at all. */
  reason?: Reason
}

/**
 * Why a customer did or did not get a journey's mail, in plain words. Undefined: nobody is known by that name;
 * an empty list: no such journey is live.
 */
export async function why(
  ports: ExplainPorts,
  asked: { customer: string; journey?: string },
): Promise<WhyAnswer | undefined> {
  const known = await read(ports, asked.customer)
  if (known === undefined) return undefined
  const { customerId, state, events, decisions, person, inbox, live, release } = known
  if (state === undefined) {
    const waits = events.some((event) => event.reachable)
    return { customerId, journeys: [], reason: reason(waits ? 'not-decided' : 'no-state') }
  }
  if (release === undefined) return { customerId, journeys: [] }
  const journeys = Object.values(release.journeys).filter(
    ({ id }) => asked.journey === undefined || id === asked.journey,
  )
  const eventNames = new Set(events.map(({ name }) => name))
  const paused = live?.paused ?? []
  const facts = { state, decisions, eventNames, person, inbox, release, paused }
  return { customerId, journeys: journeys.map((journey) => whyOf(journey, facts)) }
}
