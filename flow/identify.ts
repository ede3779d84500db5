/**
 * Who a call is about: looked up by user id, then address, then device; and what a call that names someone
 * says about the device it came from. Reads only; what follows from it is written beside the event by
 * `flow/ingest.ts`. People who were merged are followed to where they went, the erased are refused.
 */
import { type AddressGate, type CustomerGate, newAddressGate, newCustomerGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import { isPlaceholder } from '#core/placeholder'
import type { Call } from '#core/segment'
import type { Gates, Identities, Keys } from './port.ts'

/** An inbox as it stands to a person. `guest`: of somebody known by nothing but this very address. */
export interface Inbox {
  hash: string
  gate: AddressGate
  standing: 'hers' | 'free' | 'guest' | 'another' | 'erased'
}

/** A person and the row that says no for her. */
export interface Person {
  customerId: string
  gate: CustomerGate
}

/** A device that becomes hers. `visitor`: who it was, when it was nobody's before. */
export interface Link {
  anonymousId: string
  visitor?: { customerId: string; gate: CustomerGate }
}

export type Who =
  /** `absorbs`: who turns out to be her: the guest of the inbox, or the account that `alias` names. */
  | ({ kind: 'customer'; inbox?: Inbox; link?: Link; absorbs?: Person } & Person)
  /** A device nobody can be written to by. */
  | { kind: 'visitor'; customerId: string }
  /** Named by something that names nobody. */
  | { kind: 'quarantined'; customerId: string }
  | { kind: 'erased' }

export interface IdentifyPorts {
  identities: Identities
  gates: Gates
  keys: Keys
}

/** The person an id stands for now, and her gate. */
export async function follow(gates: Pick<Gates, 'customer'>, customerId: string): Promise<Person> {
  let id = customerId
  let gate = (await gates.customer(id)) ?? newCustomerGate()
  for (let hops = 0; gate.mergedInto !== undefined && hops < limits.mergesFollowed; hops += 1) {
    id = gate.mergedInto
    gate = (await gates.customer(id)) ?? newCustomerGate()
  }
  return { customerId: id, gate }
}

/** The guest an inbox makes: known by her address alone. */
const guestOf = (hash: string): string => derive('c', 'address', hash)

/** How an inbox stands to a customer, and whose it is when it is not hers. */
async function standingOf(
  gates: Gates,
  { hash, gate }: { hash: string; gate: AddressGate },
  customerId: string,
): Promise<{ standing: Inbox['standing']; owner?: Person }> {
  if (gate.erased) return { standing: 'erased' }
  if (gate.owner === undefined) return { standing: 'free' }
  if (gate.owner === customerId) return { standing: 'hers' }
  const owner = await follow(gates, gate.owner)
  if (owner.customerId === customerId) return { standing: 'hers' }
  return { standing: owner.customerId === guestOf(hash) ? 'guest' : 'another', owner }
}

/** Who turns out to be `her` by this call: an account that the shop's server says she was before. */
async function formerOf(
  ports: IdentifyPorts,
  call: Call,
  of: { her: Person; ids: Ids },
): Promise<Person | undefined> {
  const { previousId } = call
  const { her, ids } = of
  if (previousId === undefined || isPlaceholder(previousId)) return undefined
  const former = await follow(ports.gates, derive('c', 'user', previousId))
  // the id of a device that is somebody's, by which no account was ever heard of
  if (ids.owner !== undefined && former.gate.version === 0) return undefined
  return former.customerId === her.customerId || former.gate.erased ? undefined : former
}

/**
 * The call without an address that only a browser gave, unless nobody but a browser ever said whose it is: it
 * makes or reaches a guest of that kind, never a customer, and never takes a device away from one.
 */
async function believed(ports: IdentifyPorts, call: Call, ids: Ids): Promise<{ call: Call; ids: Ids }> {
  const { box, owner } = ids
  if (!call.unverified || box === undefined) return { call, ids }
  const { email: _, unverified: __, ...silent } = call
  const refused = { call: silent, ids: { ...ids, box: undefined } }
  const { gate, hash } = box
  if (gate.erased || (gate.owner !== undefined && !(gate.unverified && gate.owner === guestOf(hash)))) {
    return refused
  }
  const device = owner === undefined ? undefined : await follow(ports.gates, owner)
  const guests = device === undefined || device.customerId === guestOf(hash) || device.gate.unverified
  return guests ? { call, ids } : refused
}

/** What the rows say of the ids a call names; read side by side. `owner`: of the device. */
async function readIds(ports: IdentifyPorts, call: Call) {
  const [box, owner] = await Promise.all([
    call.email === undefined ? undefined : inboxOf(ports, call.email),
    call.anonymousId === undefined ? undefined : ports.identities.visitor(call.anonymousId),
  ])
  return { box, owner }
}

type Ids = Awaited<ReturnType<typeof readIds>>

/** What the call says about its device: nothing where it is hers already, or someone else's and no identify. */
async function linkOf(
  ports: IdentifyPorts,
  call: Call,
  of: { owner: string | undefined; customerId: string },
): Promise<Link | undefined> {
  const { anonymousId } = call
  if (anonymousId === undefined || of.owner === of.customerId) return undefined
  if (of.owner === undefined) {
    const visitorId = derive('v', anonymousId)
    const gate = (await ports.gates.customer(visitorId)) ?? newCustomerGate()
    return { anonymousId, visitor: { customerId: visitorId, gate } }
  }
  return call.type === 'identify' || call.type === 'alias' ? { anonymousId } : undefined
}

async function deviceOf(ports: IdentifyPorts, anonymousId: string, owner: string | undefined): Promise<Who> {
  if (owner === undefined) return { kind: 'visitor', customerId: derive('v', anonymousId) }
  const person = await follow(ports.gates, owner)
  return person.gate.erased ? { kind: 'erased' } : { kind: 'customer', ...person }
}

/** The person a call names by user id or address; undefined: by neither. */
function namedBy({ userId }: Call, { box }: Ids): string | undefined {
  if (userId !== undefined) return derive('c', 'user', userId)
  return box && (box.gate.owner ?? guestOf(box.hash))
}

/** A call that names nobody we may believe: its device, else a log of its own. */
async function unnamed(ports: IdentifyPorts, call: Call, owner: string | undefined): Promise<Who> {
  const { anonymousId, nobody = 'nobody' } = call
  if (anonymousId === undefined) return { kind: 'quarantined', customerId: quarantineOf(call, nobody) }
  return deviceOf(ports, anonymousId, owner)
}

/** Who a call is about. Reads only, so repeating it is safe. */
export async function identify(ports: IdentifyPorts, asked: Call): Promise<Who> {
  const { nobody } = asked
  if (nobody !== undefined && asked.userId === undefined && asked.email === undefined)
    return { kind: 'quarantined', customerId: quarantineOf(asked, nobody) }
  const { call, ids } = await believed(ports, asked, await readIds(ports, asked))
  const { box, owner } = ids
  if (call.userId === undefined && box?.gate.erased) return { kind: 'erased' }
  const named = namedBy(call, ids)
  if (named === undefined) return unnamed(ports, call, owner)
  const person = await follow(ports.gates, named)
  if (person.gate.erased) return { kind: 'erased' }
  const { customerId } = person
  const link = await linkOf(ports, call, { owner, customerId })
  const stands = box && (await standingOf(ports.gates, box, customerId))
  const inbox = box && stands && { ...box, standing: stands.standing }
  const guest = stands?.standing === 'guest' ? stands.owner : undefined
  const absorbs = (await formerOf(ports, call, { her: person, ids })) ?? guest
  return {
    kind: 'customer',
    ...person,
    ...(inbox && { inbox }),
    ...(link && { link }),
    ...(absorbs && { absorbs }),
  }
}

async function inboxOf(ports: IdentifyPorts, email: string) {
  const hash = addressHash(email, await ports.keys.addressKey())
  return { hash, gate: (await ports.gates.address(hash)) ?? newAddressGate() }
}

/** Where an event of nobody is kept: with its device, else on a log of its own, so that no log grows hot. */
const quarantineOf = (call: Call, nobody: string): string =>
  call.anonymousId === undefined
    ? derive('v', 'quarantine', nobody, call.messageId)
    : derive('v', call.anonymousId)
