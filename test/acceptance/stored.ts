/** What the booted stack stores, by its own ports: for what no door lets in. */
import { portsFrom, type StoredPorts } from '#adapters/ports'
import { findStack } from '#adapters/stack'
import type { Event } from '#core/event'
import type { Homeward } from '#test/fixture/runtime'

export async function storedOf({ url }: Homeward): Promise<StoredPorts> {
  const credentials = { accessKeyId: 'OPERATOR', secretAccessKey: 'local' }
  const aws = { endpoint: url, region: 'us-east-1', credentials }
  return portsFrom((await findStack('homeward-local', aws)).environment, aws)
}

/** An event that was past the door already when its customer was erased. */
export const straggler = (customerId: string, at: string): Event => ({
  customerId,
  key: `${at}#straggler`,
  messageId: 'straggler',
  type: 'track',
  name: 'Cart Updated',
  occurredAt: at,
  receivedAt: at,
  source: 'server',
  reachable: true,
  properties: { cart_id: 'c', currency: 'EUR', products: [{ product_id: 'x', price: 5, quantity: 1 }] },
})
