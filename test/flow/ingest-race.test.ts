/**
 * Calls of one person that meet each other: whichever way their reads and writes interleave, each is stored
 * once, an acknowledged order is on her gate, and the later choice is the one her inbox holds.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { choiceFor } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { type IngestPorts, ingest } from '#flow/ingest'

const hers = derive('c', 'user', '42')
const device = { anonymousId: 'device-1' }
const user = { userId: '42' }

type Call = { type: 'track' | 'identify'; messageId: string } & Record<string, unknown>

const identify: Call = {
  type: 'identify',
  messageId: 'identify',
  ...user,
  ...device,
  traits: { email: 'rina@example.com' },
}
const order = (messageId: string, who: object): Call => ({
  type: 'track',
  messageId,
  event: 'Order Completed',
  properties: { order_id: 'o-1' },
  ...who,
})
const choice = (event: string, minute: number, who: object): Call => ({
  type: 'track',
  messageId: `${event} ${minute}`,
  event,
  timestamp: `2026-11-24T12:${minute}:00.000Z`,
  properties: { topics: ['news'] },
  ...who,
})

const calls: Call[] = [
  identify,
  { ...identify, messageId: 'identify again' },
  order('order by device', device),
  order('order by user', user),
  choice('Consent Given', 10, device),
  choice('Consent Withdrawn', 40, user),
  choice('Consent Given', 30, { ...user, context: { traits: { email: 'rina@example.com' } } }),
  { type: 'track', messageId: 'browse', event: 'Cart Viewed', ...device },
]

/** The world, every read and write of which waits for its turn. */
function inTurns(world: MemoryPorts, scheduler: fc.Scheduler): IngestPorts {
  const turn =
    <A extends unknown[], R>(act: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve())
      return act(...given)
    }
  return {
    ...world,
    identities: { visitor: turn(world.identities.visitor) },
    gates: {
      address: turn(world.gates.address),
      customer: turn(world.gates.customer),
      putAddress: turn(world.gates.putAddress),
      putCustomer: turn(world.gates.putCustomer),
      many: world.gates.many,
    },
    events: { record: turn(world.events.record), orderTakenBy: turn(world.events.orderTakenBy) },
  }
}

it('calls that meet each other end as if they had come one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.shuffledSubarray(calls, { minLength: 2 }),
      async (scheduler, sent) => {
        const world = memoryPorts('2026-11-24T13:00:00.000Z')
        await world.workspace.putWriteKey('server-key', 'server')
        const ports = inTurns(world, scheduler)

        const answers = Promise.all(
          sent.map(({ type, ...body }) => ingest(ports, { endpoint: type, key: 'server-key', body })),
        )
        await scheduler.waitFor(answers)

        const hash = addressHash('rina@example.com', await world.keys.addressKey())
        const stored = [...world.tables.events.values()].flatMap((log) => [...log.values()])
        const said = (name: string, of: object) => sent.some((call) => call.event === name && isOf(call, of))
        const person = await world.gates.customer(hers)
        const linked = world.tables.visitors.get('device-1') === hers
        expect((await answers).map(({ status }) => status)).toEqual(sent.map(() => 200))
        expect(stored.map(({ messageId }) => messageId).sort()).toEqual(
          sent.map(({ messageId }) => messageId).sort(),
        )
        expect(stored.filter(({ folds }) => folds !== undefined)).toHaveLength(linked ? 1 : 0)
        if (said('Order Completed', user) || (linked && said('Order Completed', device)))
          expect(person?.lastOrderAt).toBe('2026-11-24T13:00:00.000Z')
        const orders = stored.filter(({ name }) => name === 'Order Completed')
        expect(orders.filter(({ repeat }) => repeat !== true)).toHaveLength(Math.min(1, orders.length))
        if (person?.inbox !== undefined) {
          const chosen = choiceFor(
            (await world.gates.address(hash)) ?? { consent: {}, softBounces: 0, ring: [], version: 0 },
            'news',
          )
          if (said('Consent Withdrawn', user)) expect(chosen).toBe(false)
          else if (said('Consent Given', user) || (linked && said('Consent Given', device)))
            expect(chosen).toBe(true)
          expect(person.pending).toBeUndefined()
        }
      },
    ),
    { numRuns: 150 },
  )
})

const isOf = (call: Call, of: object): boolean =>
  Object.entries(of).every(([name, value]) => call[name] === value)
