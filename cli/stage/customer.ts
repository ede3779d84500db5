/** Finds a customer by whatever a person knows of her: her address, the shop's user id, or our own id. */
import { type ExplainPorts, why } from '#flow/explain'

/** Her customer id, or undefined when nobody is known by that. */
export const findCustomer = async (ports: ExplainPorts, known: string): Promise<string | undefined> =>
  (await why(ports, { customer: known }))?.customerId

/** What to say when nobody is known by that. */
export const nobody = (known: string): string =>
  `Nobody is known by "${known}". Give an e-mail address, the shop's user id, or a customer id.`
