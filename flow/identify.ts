/**
 * Who a call is about: looked up by user id, then address, then device; and what a call that names someone
 * says about the device it came from. Reads only; what follows from it is written beside the event by
 * `flow/ingest.ts`. People who were merged are followed to where they went, the erased are refused.
 */
import { type AddressGate, type CustomerGate, newAddressGate, newCustomerGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import type { Call } from '#core/segment'
import type { Gates, Identities, Keys } from './port.ts'

/** An inbox as it stands to a person. */
export interface Inbox {
  hash: string
  gate: AddressGate
  standing: 'hers' | 'free' | 'another' | 'erased'
}

/** A device that becomes hers. `visitor`: who it was, when it was nobody's before. */
export interface Link {
  anonymousId: string
  visitor?: { customerId: string; gate: CustomerGate }
}

export type Who =
  | { kind: 'customer'; customerId: string; gate: CustomerGate; inbox?: Inbox; link?: Link }
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

const mergesFollowed = 4

/** The person an id stands for now, and her gate. */
export async function follow(
  gates: Pick<Gates, 'customer'>,
  customerId: string,
): Promise<{ customerId: string; gate: CustomerGate }> {
  let id = customerId
  let gate = (await gates.customer(id)) ?? newCustomerGate()
  for (let hops = 0; gate.mergedInto !== undefined && hops < mergesFollowed; hops += 1) {
    id = gate.mergedInto
    gate = (await gates.customer(id)) ?? newCustomerGate()
  }
  return { customerId: id, gate }
}

async function standingOf(gates: Gates, gate: AddressGate, customerId: string): Promise<Inbox['standing']> {
  if (gate.erased) return 'erased'
  if (gate.owner === undefined) return 'free'
  if (gate.owner === customerId) return 'hers'
  const owner = await follow(gates, gate.owner)
  return owner.customerId === customerId ? 'hers' : 'another'
}

/** What the rows say of the ids a call names; read side by side. `owner`: of the device. */
async function readIds(ports: IdentifyPorts, call: Call) {
  const [box, user, owner] = await Promise.all([
    call.email === undefined ? undefined : inboxOf(ports, call.email),
    call.userId === undefined ? undefined : ports.identities.user(call.userId),
    call.anonymousId === undefined ? undefined : ports.identities.visitor(call.anonymousId),
  ])
  return { box, user, owner }
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
function namedBy({ userId }: Call, { user, box }: Ids): string | undefined {
  if (userId !== undefined) return user ?? derive('c', 'user', userId)
  return box && (box.gate.owner ?? derive('c', 'address', box.hash))
}

/** Who a call is about. Reads only, so repeating it is safe. */
export async function identify(ports: IdentifyPorts, call: Call): Promise<Who> {
  const { userId, email, anonymousId, nobody } = call
  if (nobody !== undefined && userId === undefined && email === undefined)
    return { kind: 'quarantined', customerId: quarantineOf(call, nobody) }
  const ids = await readIds(ports, call)
  const { box, owner } = ids
  if (userId === undefined && box?.gate.erased) return { kind: 'erased' }
  const named = namedBy(call, ids)
  if (named === undefined) return deviceOf(ports, anonymousId ?? '', owner)
  const person = await follow(ports.gates, named)
  if (person.gate.erased) return { kind: 'erased' }
  const { customerId } = person
  const link = await linkOf(ports, call, { owner, customerId })
  const inbox = box && { ...box, standing: await standingOf(ports.gates, box.gate, customerId) }
  return { kind: 'customer', ...person, ...(inbox && { inbox }), ...(link && { link }) }
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
