/**
 * What an event changes on the gates, worked out from how they were read: whose inbox an address is, an order
 * that must be known before the answer, a choice about consent, a device that becomes hers. All of it is
 * written in one transaction with the event, each row conditional on what was read, so nothing is lost between.
 */
import type { Bag } from '#core/event'
import { type Fact, factOf } from '#core/fact'
import {
  type AddressGate,
  type Chosen,
  type CustomerGate,
  choose,
  mergeConsent,
  newAddressGate,
  newCustomerGate,
  saysYes,
  withChoice,
} from '#core/gate'
import { limits } from '#core/limits'
import type { Warning } from '#core/refusal'
import { type Call, unverifiedWords } from '#core/segment'
import { type Instant, toMs } from '#core/time'
import type { IdentifyPorts, Inbox, Link, Person, Who } from './identify.ts'
import type { Beside, Clock, EventLog, Workspace } from './port.ts'

export interface IngestPorts extends IdentifyPorts {
  clock: Clock
  events: Pick<EventLog, 'record' | 'orderTakenBy'>
  workspace: Pick<
    Workspace,
    'writeKey' | 'pulse' | 'putPulse' | 'strangers' | 'putStrangers' | 'live' | 'release'
  >
}

interface Asked {
  call: Call
  who: Exclude<Who, { kind: 'erased' }>
  at: Instant
  receivedAt: Instant
}

export interface Besides {
  at: Instant
  receivedAt: Instant
  list: Beside[]
  warnings: Warning[]
  /** The traits as they are kept: with the address, where it is hers. */
  traits?: Bag
  repeat: boolean
  folds?: string
  absorbs?: string
}

/** The rows an event may change, as read and as they become. */
interface Rows {
  person: CustomerGate
  inbox?: { hash: string; gate: AddressGate }
}

const later = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one !== undefined && (other === undefined || one >= other) ? one : other

const contextTraits = (call: Call): Bag => {
  const traits = call.context?.traits
  return traits !== null && typeof traits === 'object' ? { ...traits } : {}
}

/** Whether an inbox is hers to take: hers already, nobody's, or of the guest who turns out to be her. */
const isHers = (who: Asked['who'], inbox: Inbox): boolean =>
  inbox.standing === 'hers' ||
  inbox.standing === 'free' ||
  (inbox.standing === 'guest' && who.kind === 'customer' && who.absorbs?.customerId === inbox.gate.owner)

/** The inbox of somebody whom only a browser names: a guest's, for reminders at most. Of what it says little is kept. */
function takeUnverified(rows: Rows, { call, who, at }: Asked, inbox: Inbox): Bag {
  const owned = { ...inbox.gate, owner: who.customerId, unverified: true }
  rows.inbox = { hash: inbox.hash, gate: owned }
  rows.person = { ...rows.person, unverified: true, inbox: { hash: inbox.hash, at } }
  // a stranger may have typed her address: a name could be an insult, a birthday an excuse to write
  const said = Object.entries(call.traits ?? {}).filter(([name]) => spokenTraits.has(name))
  return { ...Object.fromEntries(said), email: call.email }
}

const spokenTraits: ReadonlySet<string> = new Set(['locale', 'language', 'timezone', 'timeZone'])

/** Whether an address said at a time is the last one said; the same one again is noted now and then. */
const isLastInbox = (last: CustomerGate['inbox'], said: { hash: string; at: Instant }): boolean =>
  last === undefined ||
  (last.hash === said.hash ? toMs(said.at) - toMs(last.at) >= limits.inboxSaidMs : said.at >= last.at)

/** Her inbox, when the call's address is hers or nobody's: it becomes hers. */
function takeInbox(rows: Rows, asked: Asked, warnings: Warning[]): Bag | undefined {
  const { call, who, at } = asked
  const inbox = who.kind === 'customer' ? who.inbox : undefined
  // said whether it was taken or not: the answer must not tell who is a customer
  if (call.unverified)
    warnings.push({ code: 'address-unverified', path: 'traits.email', message: unverifiedWords })
  if (inbox === undefined || call.email === undefined) return call.traits
  if (call.unverified) return takeUnverified(rows, asked, inbox)
  if (!isHers(who, inbox)) {
    const message = 'the address belongs to another customer and stays theirs; the event is kept without it'
    warnings.push({ code: 'address-of-another', path: 'traits.email', message })
    return call.traits
  }
  const { unverified: _, ...person } = rows.person
  const isLast = isLastInbox(person.inbox, { hash: inbox.hash, at })
  rows.person = isLast ? { ...person, inbox: { hash: inbox.hash, at } } : person
  const { unverified: __, ...known } = inbox.gate
  const owned = inbox.standing === 'hers' ? known : { ...known, owner: who.customerId }
  rows.inbox = { hash: inbox.hash, gate: owned }
  // traits of the call hide those of its context from whoever reads the event: both are kept
  return { ...contextTraits(call), ...call.traits, email: call.email }
}

/**
 * Who turns out to be her is merged into her: her orders and waiting choices count for her from here on, and
 * her inbox goes with her. What her record knows is taken over by `decide` (`flow/absorb.ts`).
 */
async function takeOver(
  ports: IngestPorts,
  rows: Rows,
  of: { customerId: string; former: Person; named: Inbox | undefined },
): Promise<Beside[]> {
  const { customerId, former, named } = of
  const { pending, lastOrderAt, inbox, unverified: _, ...rest } = former.gate
  const orderedAt = later(rows.person.lastOrderAt, lastOrderAt)
  const waiting = pending && mergeConsent(rows.person.pending ?? {}, pending)
  const mailed = rows.person.inbox === undefined || (inbox && inbox.at > rows.person.inbox.at)
  rows.person = {
    ...rows.person,
    ...(orderedAt !== undefined && { lastOrderAt: orderedAt }),
    ...(waiting && { pending: waiting }),
    ...(inbox && mailed && { inbox }),
  }
  const gone: Beside = {
    kind: 'customer',
    customerId: former.customerId,
    gate: { ...rest, ...(inbox && { inbox }), mergedInto: customerId },
  }
  if (inbox === undefined || inbox.hash === named?.hash) return [gone]
  const box = await ports.gates.address(inbox.hash)
  if (box?.owner !== former.customerId) return [gone]
  return [gone, { kind: 'address', hash: inbox.hash, gate: { ...box, owner: customerId } }]
}

/** The device becomes hers; what its visitor left on the gates goes with it. */
function takeDevice(rows: Rows, customerId: string, link: Link): Beside[] {
  const { anonymousId, visitor } = link
  const row: Beside = { kind: 'visitor', anonymousId, customerId, first: visitor !== undefined }
  if (visitor === undefined) return [row]
  const { pending, lastOrderAt, ...rest } = visitor.gate
  const orderedAt = later(rows.person.lastOrderAt, lastOrderAt)
  const waiting = pending && mergeConsent(rows.person.pending ?? {}, pending)
  rows.person = {
    ...rows.person,
    ...(orderedAt !== undefined && { lastOrderAt: orderedAt }),
    ...(waiting && { pending: waiting }),
  }
  // written even when it says nothing: an order that meets it half-way sees the change and finds the customer
  return [
    row,
    { kind: 'customer', customerId: visitor.customerId, gate: { ...rest, mergedInto: customerId } },
  ]
}

/** The inbox that was last said to be hers, as it is now; undefined: none was, or it was erased with somebody. */
async function lastInbox(ports: IngestPorts, { inbox }: CustomerGate): Promise<Rows['inbox']> {
  if (inbox === undefined) return undefined
  const gate = (await ports.gates.address(inbox.hash)) ?? newAddressGate()
  return gate.erased === true ? undefined : { hash: inbox.hash, gate }
}

/** A choice goes to the inbox it names, else to hers, else it waits for one. A no is taken for any inbox. */
async function takeChoice(
  ports: IngestPorts,
  rows: Rows,
  asked: Asked & { chosen: Chosen; warnings: Warning[] },
) {
  const { who, chosen } = asked
  const named = who.kind === 'customer' ? who.inbox : undefined
  if (named !== undefined && rows.inbox === undefined) {
    if (!chosen.given) rows.inbox = { hash: named.hash, gate: withChoice(named.gate, chosen) }
    else {
      const message = 'a yes for the inbox of another customer is not taken; the event is kept'
      asked.warnings.push({ code: 'consent-of-another', path: 'traits.email', message })
    }
    return
  }
  const inbox = rows.inbox ?? (await lastInbox(ports, rows.person))
  if (inbox === undefined) {
    rows.person = { ...rows.person, pending: choose(rows.person.pending ?? {}, chosen) }
    return
  }
  const { hash, gate } = inbox
  if (chosen.given && gate.unverified === true) {
    const message = 'a yes needs the address with it: only a browser said whose it is; the event is kept'
    asked.warnings.push({ code: 'address-unverified', path: 'traits.email', message })
    return
  }
  rows.inbox = { hash, gate: withChoice(gate, chosen) }
}

/**
 * The order's id is taken once; the person's last order is known from here on. Told again it may be told of
 * someone else (a device before, her account now), so that it counts for her too, as of when it was made.
 */
async function takeOrder(ports: IngestPorts, rows: Rows, asked: Asked & { orderId: string }) {
  const { call, at, receivedAt, orderId } = asked
  const takenBy = await ports.events.orderTakenBy(orderId)
  const repeat = takenBy !== undefined && takenBy !== call.messageId
  const orderedAt = later(rows.person.lastOrderAt, call.history || repeat ? at : receivedAt)
  if (orderedAt !== undefined) rows.person = { ...rows.person, lastOrderAt: orderedAt }
  const row: Beside = { kind: 'order', orderId, messageId: call.messageId }
  return { repeat, list: takenBy === undefined ? [row] : [] }
}

/**
 * Choices that waited go to the inbox that is known to be hers by now, whether the call named it or not. A yes
 * waits on where it is not surely hers; a no is taken for any inbox.
 */
async function takePending(
  ports: IngestPorts,
  rows: Rows,
  list: Beside[],
  customerId: string,
): Promise<void> {
  const { pending, ...person } = rows.person
  const hash = person.inbox?.hash
  if (pending === undefined || hash === undefined || (rows.inbox ?? { hash }).hash !== hash) return
  const moved = list.findIndex((one) => one.kind === 'address' && one.hash === hash)
  const [beside] = moved < 0 ? [] : list.splice(moved, 1)
  const known = beside?.kind === 'address' ? beside : rows.inbox
  const { gate } = known ?? (await lastInbox(ports, rows.person)) ?? {}
  if (gate === undefined) return
  const isSure = gate.owner === customerId && gate.unverified !== true
  const taken = Object.entries(pending).filter(([, { given }]) => isSure || !given)
  const left = Object.entries(pending).filter(([, { given }]) => !isSure && given)
  rows.inbox = { hash, gate: { ...gate, consent: mergeConsent(gate.consent, Object.fromEntries(taken)) } }
  rows.person = left.length === 0 ? person : { ...person, pending: Object.fromEntries(left) }
}

/** Whether a yes that is to be confirmed was confirmed before, and nothing was said against it since. */
async function isConfirmed(ports: IngestPorts, rows: Rows, { call }: Asked): Promise<boolean> {
  if (call.name !== 'Consent Requested') return false
  const inbox = rows.inbox ?? (await lastInbox(ports, rows.person))
  const { topics } = call.properties
  return inbox !== undefined && saysYes(inbox.gate, Array.isArray(topics) ? topics.map(String) : undefined)
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/**
 * Reads what else is needed and says what goes beside the event; without changes the list is empty.
 * Undefined: the device became someone's since `who` was looked up; look again.
 */
export async function besidesOf(ports: IngestPorts, asked: Asked): Promise<Besides | undefined> {
  const { call, who, at, receivedAt } = asked
  const warnings: Warning[] = []
  const list: Beside[] = []
  // the currency does not matter here; quarantined events change nothing
  const fact: Fact = who.kind === 'quarantined' ? { kind: 'other' } : factOf(call, 'XXX')
  const touches = fact.kind === 'consent' || (fact.kind === 'order' && fact.change === 'completed')
  const read =
    who.kind === 'customer' ? who.gate : touches ? await ports.gates.customer(who.customerId) : undefined
  const before = read ?? newCustomerGate()
  if (who.kind === 'visitor' && before.mergedInto !== undefined) return undefined
  const rows: Rows = { person: before }
  const link = who.kind === 'customer' ? who.link : undefined
  if (link !== undefined) list.push(...takeDevice(rows, who.customerId, link))
  const former = who.kind === 'customer' ? who.absorbs : undefined
  if (former !== undefined) {
    const { customerId } = who
    const named = who.kind === 'customer' ? who.inbox : undefined
    list.push(...(await takeOver(ports, rows, { customerId, former, named })))
  }
  const traits = takeInbox(rows, asked, warnings)
  if (fact.kind === 'consent') {
    const { kind: _, ...made } = fact
    await takeChoice(ports, rows, { ...asked, chosen: { ...made, at }, warnings })
  }
  await takePending(ports, rows, list, who.customerId)
  const order =
    fact.kind === 'order' && fact.change === 'completed'
      ? await takeOrder(ports, rows, { ...asked, orderId: fact.order.orderId })
      : { repeat: false, list: [] }
  list.push(...order.list)
  const inboxBefore = who.kind === 'customer' ? who.inbox?.gate : undefined
  if (rows.inbox !== undefined && !same(rows.inbox.gate, inboxBefore))
    list.push({ kind: 'address', ...rows.inbox })
  // written even when it says nothing new, so that two who absorb each other at once do not both, and nothing is
  // hers that comes while she is erased
  const takesInbox =
    inboxBefore !== undefined && rows.inbox !== undefined && rows.inbox.gate.owner !== inboxBefore.owner
  const isHersNow = link !== undefined || takesInbox
  if (former !== undefined || isHersNow || !same(rows.person, before))
    list.push({ kind: 'customer', customerId: who.customerId, gate: rows.person })
  const folds = link?.visitor?.customerId
  return {
    at,
    receivedAt,
    list,
    warnings,
    ...(traits && Object.keys(traits).length > 0 && { traits }),
    repeat: order.repeat || (await isConfirmed(ports, rows, asked)),
    ...(folds !== undefined && { folds }),
    ...(former !== undefined && { absorbs: former.customerId }),
  }
}
