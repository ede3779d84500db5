/** Finds a customer by whatever a person knows of her: her address, the shop's user id, or our own id. */
import { addressHash } from '#core/id'
import type { Customers, Gates, Identities, Keys } from '#flow/port'

export interface Finders {
  gates: Pick<Gates, 'address'>
  identities: Pick<Identities, 'user'>
  customers: Pick<Customers, 'load' | 'parked'>
  keys: Pick<Keys, 'addressKey'>
}

/** Her customer id, or undefined when nobody is known by that. */
export async function findCustomer(ports: Finders, known: string): Promise<string | undefined> {
  if (known.includes('@')) {
    const hash = addressHash(known, await ports.keys.addressKey())
    const owner = (await ports.gates.address(hash))?.owner
    if (owner !== undefined) return owner
  }
  const user = await ports.identities.user(known)
  if (user !== undefined) return user
  const isOurs = (await ports.customers.load(known)) ?? (await ports.customers.parked(known))
  return isOurs === undefined ? undefined : known
}

/** What to say when nobody is known by that. */
export const nobody = (known: string): string =>
  `Nobody is known by "${known}". Give an e-mail address, the shop's user id, or a customer id; ` +
  'a visitor who never gave an address has no customer yet.'
