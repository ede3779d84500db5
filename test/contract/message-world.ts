/** Messages as contract suites begin with them: planned by a commit, claimed for an inbox. */
import { type AddressGate, newAddressGate } from '#core/gate'
import type { Message } from '#core/message'
import { aCommit, aMessage } from '#test/fixture/build'
import { fresh, type World } from './world.ts'

const at = '2026-03-02T09:00:00.000Z'
export const links = ['https://shop.example/cart?a=1&b="ü"']
export const inputs = { cart: { items: [{ name: 'শাড়ি 🛒' }] } }

/** A message in the table, put there as the flow does it: planned by a commit. */
export async function planned(world: World, set: Partial<Message> = {}): Promise<Message> {
  const message = aMessage({ customerId: fresh('customer'), messageId: fresh('message'), ...set })
  const { customerId } = message
  await world.customers.commit(aCommit({ customerId, effects: [{ kind: 'plan', message }] }))
  return message
}

export const claimOf = (message: Message, hash: string, gate: AddressGate = newAddressGate()) => ({
  message,
  hash,
  gate,
  at,
  exempt: false,
  inputs,
  links,
  mailHash: 'mail-1',
})

export async function claimed(world: World, hash = fresh('hash')): Promise<Message> {
  const message = await planned(world)
  const gate = (await world.gates.address(hash)) ?? newAddressGate()
  await world.messages.claim(claimOf(message, hash, gate))
  return { ...message, status: 'CLAIMED', claimedAt: at, inbox: hash, links }
}
