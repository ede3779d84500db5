/**
 * Directed scenarios: interleavings and accidents that a random search finds slowly, each told in a few lines
 * over the same flow. A scenario answers what it found wrong; nothing found is right.
 */
import { newAddressGate } from '#core/gate'
import { limits } from '#core/limits'
import { makeToken } from '#core/link'
import { type Instant, plus } from '#core/time'
import { deliver } from '#flow/deliver'
import { erase } from '#flow/erase'
import { ingest } from '#flow/ingest'
import { findSubject } from '#flow/person'
import { unsubscribe } from '#flow/track-unsubscribe'
import {
  abandonedCart,
  aJourney,
  aRelease,
  at,
  cartUpdated,
  lamp,
  orderCompleted,
  rina,
} from '#test/fixture/builder'
import { aLoop } from '#test/fixture/loop'
import { address, reminded, type Story } from '#test/fixture/story'
import type { Invariant } from './oracle.ts'

interface Scenario {
  name: string
  invariant: Invariant
  /** What was found wrong. */
  run: () => Promise<string[]>
}

const sends = (story: Story) => story.mailer.attempts.length

/** What is wrong where so many mails were sent instead of `wanted`. */
const counted = (story: Story, wanted: number): string[] =>
  sends(story) === wanted ? [] : [`${sends(story)} mails were sent, not ${wanted}`]

const ended = (story: Story, wanted: string): string[] => {
  const row = story.message()
  return row?.status === wanted ? [] : [`the mail is ${row?.status} (${row?.reason}), not ${wanted}`]
}

/** A call of the shop's server about Rina, at the story's time. */
const tells = (story: Story, body: Record<string, unknown>) =>
  ingest(story, {
    endpoint: 'track',
    key: 'server-key',
    body: { context: { traits: { email: address } }, ...body },
  })

async function withKeys(story: Story): Promise<Story> {
  await story.workspace.putWriteKey('server-key', 'server')
  return story
}

const later = (story: Story, ms: number): Instant => {
  story.now.at = plus(story.now.at, ms)
  return story.now.at
}

/** Something happens right before a call of `deliver` to the messages is done. */
function before(story: Story, call: 'claim' | 'confirm' | 'release', happens: () => Promise<unknown>): void {
  let isDone = false
  const real = story.deliver.messages
  const first = async () => {
    if (isDone) return
    isDone = true
    await happens()
  }
  story.deliver = {
    ...story.deliver,
    messages: {
      ...real,
      [call]: async (...args: unknown[]) => {
        await first()
        return (real[call] as (...all: unknown[]) => Promise<unknown>)(...args)
      },
    },
  }
}

const orderOf = (orderId: string, set: Record<string, unknown> = {}) => ({
  messageId: `told ${orderId}`,
  event: 'Order Completed',
  properties: { order_id: orderId, total: 20, currency: 'EUR' },
  ...set,
})

const thanks = aJourney(
  'thanks',
  'enter: { on: Order Completed, key: order.id }\nintent: service\ntopic: orders\nsteps: [{ send: thanks }]',
)

const shop = aRelease({ journeys: [abandonedCart, thanks] })

export const scenarios: readonly Scenario[] = [
  {
    name: 'messages restored from a backup of before the send are not sent again',
    invariant: 'never twice',
    run: async () => {
      const story = await reminded()
      const planned = structuredClone(story.message())
      await story.deliverOnce()
      const row = story.tables.messages.get(rina)?.get(planned?.messageId ?? '')
      if (planned === undefined || row === undefined) return ['nothing was planned']
      story.tables.messages.get(rina)?.set(planned.messageId, { clicks: 0, message: planned })
      later(story, limits.stuckMs)
      await story.deliverOnce()
      return [...counted(story, 1), ...ended(story, 'SKIPPED')]
    },
  },
  {
    name: 'a mail that another record of hers is sending waits, and goes out once that was given back',
    invariant: 'never lost',
    run: async () => {
      const story = await reminded()
      const { addresses } = story.tables
      const ring = [{ messageId: story.message()?.messageId ?? '', at: story.now.at }]
      const gate = addresses.get(story.inbox) ?? newAddressGate()
      addresses.set(story.inbox, { ...gate, ring, version: gate.version + 1 })
      await story.deliverOnce()
      await story.settle()
      addresses.set(story.inbox, { ...gate, ring: [], version: gate.version + 2 })
      await story.travel(plus(story.now.at, limits.stuckMs + 60_000))
      return [...counted(story, 1), ...ended(story, 'SENT')]
    },
  },
  {
    name: 'a state restored from a backup of before the plan plans the same mail, and nothing goes out twice',
    invariant: 'named ends',
    run: async () => {
      const story = await reminded()
      await story.deliverOnce()
      await story.settle()
      const known = story.tables.customers.get(rina)
      const decisions = story.tables.decisions.get(rina)
      if (known === undefined || decisions === undefined) return ['nothing is known of her']
      const run = known.state.runs[0]
      if (run === undefined) return ['her run is over']
      const waiting = { for: 'quiet' as const, until: at('10:00'), ms: 3_600_000 }
      known.state = { ...known.state, runs: [{ ...run, position: 0, waiting }], outstanding: [], applied: [] }
      known.due = at('10:00')
      later(story, 60_000)
      await story.travel(at('10:30'))
      const found = [...counted(story, 1), ...ended(story, 'SENT')]
      const left = story.tables.customers.get(rina)?.state.outstanding ?? []
      if (left.length > 0) found.push('the mail stays outstanding')
      if (story.tables.parked.has(rina)) found.push('her alarm was parked')
      if (story.lines.some(({ event }) => event === 'failed')) found.push('the commit failed')
      return found
    },
  },
  {
    name: 'an order that is acknowledged between the last question and the claim stops the reminder',
    invariant: 'order gate',
    run: async () => {
      const story = await withKeys(await reminded())
      before(story, 'claim', () => tells(story, orderOf('o-1')))
      await story.deliverOnce()
      return [...counted(story, 0), ...ended(story, 'SKIPPED')]
    },
  },
  {
    name: 'an order made before the cart and told after it stops the reminder while the stream stands still',
    invariant: 'order gate',
    run: async () => {
      const story = await withKeys(await reminded())
      later(story, 1000)
      await tells(story, orderOf('o-2', { timestamp: at('08:30') }))
      await story.deliverOnce()
      return [...counted(story, 0), ...ended(story, 'SKIPPED')]
    },
  },
  {
    name: 'a no that is acknowledged between the last question and the claim stops the reminder',
    invariant: 'consent',
    run: async () => {
      const story = await withKeys(await reminded())
      before(story, 'claim', () =>
        tells(story, { messageId: 'no', event: 'Consent Withdrawn', properties: {} }),
      )
      await story.deliverOnce()
      return [...counted(story, 0), ...ended(story, 'SKIPPED')]
    },
  },
  {
    name: 'two mails of one inbox that are judged side by side do not come past the cap together',
    invariant: 'cap',
    run: async () => {
      const story = await reminded()
      const gate = story.tables.addresses.get(story.inbox)
      const row = story.message()
      if (gate === undefined || row === undefined) return ['nothing was planned']
      const ring = ['one', 'two'].map((messageId) => ({ messageId, at: at('08:00') }))
      story.tables.addresses.set(story.inbox, { ...gate, ring })
      const twin = { ...row, messageId: 'mTwinTwinTwinTwin' }
      story.tables.messages.get(rina)?.set(twin.messageId, { clicks: 0, message: twin })
      await deliver(story.deliver, [row, twin])
      return counted(story, 1)
    },
  },
  {
    name: 'a function that stood still for a minute after its claim leaves the mail',
    invariant: 'send soon after the claim',
    run: async () => {
      const story = await reminded()
      const real = story.deliver.messages
      story.deliver = {
        ...story.deliver,
        messages: {
          ...real,
          claim: async (one) => {
            const answer = await real.claim(one)
            later(story, 60_000)
            return answer
          },
        },
      }
      await story.deliverOnce()
      return [...counted(story, 0), ...ended(story, 'CLAIMED')]
    },
  },
  {
    name: 'a dispatch of an earlier round claims nothing of a later one',
    invariant: 'times of a message',
    run: async () => {
      const story = await reminded()
      const row = story.message()
      if (row === undefined) return ['nothing was planned']
      story.mailer.answers.push({ kind: 'not-sent', error: '429' })
      await deliver(story.deliver, [row])
      await deliver(story.deliver, [row])
      return counted(story, 1)
    },
  },
  {
    name: 'a mail that was given back and planned again goes out once, and the inbox counts it once',
    invariant: 'never lost',
    run: async () => {
      const story = await reminded()
      story.mailer.answers.push({ kind: 'not-sent', error: '429' })
      await story.deliverOnce()
      later(story, 60_000)
      await story.deliverOnce()
      const ring = story.tables.addresses.get(story.inbox)?.ring ?? []
      const found = [...counted(story, 2), ...ended(story, 'SENT')]
      return ring.length === 1 ? found : [...found, `the ring holds ${ring.length} entries`]
    },
  },
  {
    name: 'a confirmation that fails is no failed send',
    invariant: 'never twice',
    run: async () => {
      const story = await reminded()
      before(story, 'confirm', async () => {
        throw new Error('no answer')
      })
      await story.deliverOnce()
      await story.travel(at('12:00'))
      return [...counted(story, 1), ...ended(story, 'UNKNOWN')]
    },
  },
  {
    name: 'a cart told late does not come back after the newer one',
    invariant: 'facts whatever the order',
    run: async () => {
      const story = await reminded()
      const early = cartUpdated('c0', { at: at('08:00') }, [{ product_id: 'old', quantity: 1 }])
      await story.happen({ ...early, receivedAt: at('10:05') })
      const snapshot = story.tables.customers.get(rina)?.state.cart.snapshot
      return snapshot?.id === 'c1' ? [] : [`the cart is ${snapshot?.id}, not c1`]
    },
  },
  {
    name: 'an order in another channel ends the reminder that is held',
    invariant: 'order gate',
    run: async () => {
      const story = await reminded()
      await story.happen(orderCompleted('o-3', 20, { at: at('10:01') }))
      await story.deliverOnce()
      return counted(story, 0)
    },
  },
  {
    name: 'an order that is told again while its guest becomes an account is thanked for once',
    invariant: 'never twice',
    run: async () => {
      const loop = await aLoop(shop)
      const order = { ...orderOf('o-4'), context: { traits: { email: address } } }
      await loop.say('track', order)
      await loop.settle()
      await loop.say('identify', { userId: 'rina', traits: { email: address } })
      await loop.say('track', order)
      const { eventStream } = loop.world.tables
      const [joined] = eventStream.splice(0, 1)
      await loop.settle()
      if (joined !== undefined) eventStream.push(joined)
      await loop.settle()
      await loop.pass(3_600_000)
      const mails = loop.mails().length
      return mails === 1 ? [] : [`she was thanked ${mails} times`]
    },
  },
  {
    name: 'the end of a mail that was handed over does not end the mail that took its place',
    invariant: 'named ends',
    run: async () => {
      const loop = await aLoop(shop)
      await loop.say('identify', { userId: 'rina', traits: { email: address } })
      await loop.settle()
      await loop.say('track', { ...orderOf('o-5'), userId: 'rina-2' })
      await loop.carry()
      await loop.say('alias', { userId: 'rina', previousId: 'rina-2' })
      await loop.carry()
      // The dispatch of her own row is lost; the other one's finds nobody to write to.
      loop.world.tables.messageStream.splice(1)
      await loop.settle()
      await loop.pass(3_600_000)
      const mails = loop.mails().length
      return mails === 1 ? [] : [`she was thanked ${mails} times`]
    },
  },
  {
    name: 'what a device was still telling while it became hers is hers',
    invariant: 'facts whatever the order',
    run: async () => {
      const loop = await aLoop(shop)
      const { world } = loop
      let goOn = () => {}
      const held = new Promise<void>((resolve) => {
        goOn = resolve
      })
      const record: typeof world.events.record = async (event, beside) => {
        await held
        return world.events.record(event, beside)
      }
      const view = { messageId: 'v-1', anonymousId: 'phone', event: 'Product Viewed', properties: lamp }
      const slow = { ...world, events: { ...world.events, record } }
      const onItsWay = ingest(slow, { endpoint: 'track', key: 'browser-key', body: view })
      await new Promise((resolve) => setImmediate(resolve))
      await loop.say('identify', { userId: 'rina', anonymousId: 'phone', traits: { email: address } })
      await loop.settle()
      goOn()
      await onItsWay
      await loop.pass(10 * 60_000)
      const seen = world.tables.customers.get(loop.user('rina'))?.state.recent ?? []
      return seen.length === 1 ? [] : ['what she looked at was lost']
    },
  },
  {
    name: 'what was on its way when she was erased does not bring her back',
    invariant: 'erasure',
    run: async () => {
      const loop = await aLoop(shop)
      const { tables } = loop.world
      await loop.say('identify', { userId: 'rina', traits: { email: address } })
      await loop.settle()
      await loop.say('track', { userId: 'rina', event: 'Product Viewed', properties: lamp })
      const subject = await findSubject(loop.world, address)
      if (subject === undefined) return ['nobody was found to be erased']
      await erase(loop.world, subject)
      await loop.settle()
      const customerId = loop.user('rina')
      const isBack = tables.customers.get(customerId)?.erased !== true
      return [
        ...(isBack ? ['she has a state again'] : []),
        ...((tables.events.get(customerId)?.size ?? 0) > 0 ? ['she has a log again'] : []),
      ]
    },
  },
  {
    name: 'a no that was said again is not undone by a yes from between, told late',
    invariant: 'consent',
    run: async () => {
      const story = await withKeys(await reminded())
      await story.deliverOnce()
      const messageId = story.message()?.messageId ?? ''
      const link = { purpose: 'unsubscribe', customerId: rina, messageId, index: 0 } as const
      const token = makeToken(link, await story.keys.linkKeys())
      const ports = { ...story, stage: story.deliver.stage }
      await unsubscribe(ports, { token, from: 'topic' })
      const between = later(story, 1_800_000)
      later(story, 1_800_000)
      await unsubscribe(ports, { token, from: 'topic' })
      await tells(story, { messageId: 'yes', event: 'Consent Given', timestamp: between, properties: {} })
      await story.travel(plus(story.now.at, 26 * 3_600_000))
      return counted(story, 1)
    },
  },
]
