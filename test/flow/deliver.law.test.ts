/**
 * The promise, under whatever goes wrong: for each message the mail service may have accepted at most one mail,
 * every message goes only along the arrows of its life, and everything comes to an end. Replies are lost before
 * and after the write, batches come twice and shuffled, the mail service answers anything it can.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { putEvent } from '#adapters/memory/tables'
import { dueOf } from '#core/decide'
import type { Event } from '#core/event'
import { mayBecome, type Status } from '#core/message'
import { type Instant, plus, toInstant, toMs } from '#core/time'
import { decideAll, worksOf } from '#flow/decide'
import { deliver } from '#flow/deliver'
import { dispatch } from '#flow/dispatch'
import type { Dispatch, SendOutcome } from '#flow/port'
import { aRelease, at, cartUpdated, identify, orderCompleted, rina, track } from '#test/fixture/builder'
import { address, aStory, type Story } from '#test/fixture/story'

/** Answers the next piece of fate, the same for the same seed; after `count` all goes well. */
function fateOf(doom: readonly number[]): () => number {
  let turn = 0
  return () => doom[turn++] ?? 0
}

const answers: SendOutcome[] = [
  { kind: 'sent', sesMessageId: 'x' },
  { kind: 'not-sent', error: '429' },
  { kind: 'ambiguous', error: 'timeout' },
  { kind: 'rejected', error: 'bad' },
  { kind: 'stopped', error: 'paused' },
]

const lost = () => new Error('the reply was lost')

interface Watched {
  story: Story
  accepted: Map<string, number>
  arrows: Set<string>
}

/** A story whose ports fail as fate wants, and that notes what became of each message. */
function watched(fate: () => number): Watched {
  const story = aStory({ release: aRelease() })
  const accepted = new Map<string, number>()
  const arrows = new Set<string>()
  const seen = new Map<string, Status>()
  const look = () => {
    for (const [messageId, { message }] of story.tables.messages.get(rina) ?? []) {
      const before = seen.get(messageId) ?? message.status
      if (before !== message.status) arrows.add(`${before} ${message.status}`)
      seen.set(messageId, message.status)
    }
  }
  /** The call, its request or its reply lost where fate wants. */
  const perilous =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const doom = fate() % 7
      if (doom === 1) throw lost()
      const answer = await call(...given)
      look()
      if (doom === 2) throw lost()
      return answer
    }
  const { messages, events, customers } = story
  const send: typeof story.mailer.send = async (mail) => {
    const outcome = answers[fate() % answers.length] ?? answers[0]
    if (outcome === undefined) throw lost()
    const { messageId = '' } = mail.tags
    if (outcome.kind === 'sent' || outcome.kind === 'ambiguous')
      accepted.set(messageId, (accepted.get(messageId) ?? 0) + 1)
    return outcome
  }
  story.decide = { ...story.decide, customers: { ...customers, commit: perilous(customers.commit) } }
  story.deliver = {
    ...story.deliver,
    mailer: { ...story.mailer, send },
    events: { record: perilous(events.record) },
    messages: {
      ...messages,
      claim: perilous(messages.claim),
      confirm: perilous(messages.confirm),
      release: perilous(messages.release),
      fail: perilous(messages.fail),
      refuse: perilous(messages.refuse),
    },
  }
  return { story, accepted, arrows }
}

/** Carries both streams and the queue on, with repetition, until nothing moves. */
async function settle(story: Story, fate: () => number): Promise<void> {
  const { tables } = story
  let queue: Dispatch[] = []
  for (let turns = 0; turns < 60; turns += 1) {
    const batch = tables.eventStream.splice(0)
    if (fate() % 3 === 1) batch.reverse()
    const again = fate() % 3 === 1 ? [...batch, ...batch] : batch
    const failed = await decideAll(story.decide, worksOf(again))
    tables.eventStream.unshift(...batch.filter(({ customerId }) => failed.has(customerId)))
    await dispatch({ clock: story.clock, queues: story.deliveryQueues }, tables.messageStream.splice(0))
    queue.push(...story.deliveryQueues.dispatched.splice(0))
    const due = fate() % 3 === 1 ? [...queue, ...queue] : queue
    const deliveries = due.length === 0 ? [] : await deliver(story.deliver, due)
    queue = due.filter((_, index) => deliveries[index] === 'again')
    if (queue.length === 0 && tables.eventStream.length === 0 && tables.messageStream.length === 0) return
  }
}

async function live(story: Story, until: Instant, fate: () => number): Promise<void> {
  for (let turns = 0; turns < 400; turns += 1) {
    const due = story.tables.customers.get(rina)?.due
    if (due === undefined || due > until) break
    story.now.at = toInstant(Math.max(toMs(story.now.at), toMs(due)))
    await decideAll(story.decide, [{ customerId: rina, events: [], alarmAt: story.now.at }])
    await settle(story, fate)
  }
  if (until > story.now.at) story.now.at = until
}

const happening = fc.record({
  minutes: fc.integer({ min: 30, max: 4 * 1440 }),
  name: fc.constantFrom('cart', 'order', 'unsubscribe', 'empty', 'view'),
})

function meddle(story: Story, { minutes, name }: { minutes: number; name: string }): Event {
  const set = { at: plus(at('09:00'), minutes * 60_000), messageId: `e${minutes}` }
  if (name === 'unsubscribe') {
    const gate = story.tables.addresses.get(story.inbox)
    const consent = { '*': { given: false, at: set.at } }
    if (gate) story.tables.addresses.set(story.inbox, { ...gate, consent, version: gate.version + 1 })
    return track('Consent Withdrawn', {}, set)
  }
  if (name === 'order') {
    const version = (story.tables.persons.get(rina)?.version ?? 0) + 1
    story.tables.persons.set(rina, { version, lastOrderAt: set.at })
    return orderCompleted(`o${minutes}`, 9, set)
  }
  if (name === 'view') return track('Product Viewed', {}, set)
  return cartUpdated('c1', set, name === 'empty' ? [] : undefined)
}

it('at most one mail a message, along the arrows only, and everything ends', async () => {
  const doom = fc.array(fc.nat({ max: 104 }), { minLength: 20, maxLength: 150 })
  const what = fc.uniqueArray(happening, { maxLength: 5, selector: ({ minutes }) => minutes })
  const property = fc.asyncProperty(doom, what, async (ill, happenings) => {
    const fate = fateOf(ill)
    const { story, accepted, arrows } = watched(fate)
    putEvent(story.tables, identify({ email: address }))
    putEvent(story.tables, cartUpdated('c1'))
    await settle(story, fate)
    for (const one of happenings.toSorted((a, b) => a.minutes - b.minutes)) {
      await live(story, plus(at('09:00'), one.minutes * 60_000), fate)
      putEvent(story.tables, meddle(story, one))
      await settle(story, fate)
    }

    await live(story, at('09:00', 40), fate)

    const rows = await story.messages.messagesOf(rina)
    const state = story.tables.customers.get(rina)?.state
    const open = rows.filter(
      ({ status }) => !['SENT', 'SKIPPED', 'EXPIRED', 'FAILED', 'CLOSED'].includes(status),
    )
    expect([...accepted.values()].filter((count) => count > 1)).toEqual([])
    expect([...arrows].filter((one) => !mayBecome(...(one.split(' ') as [Status, Status])))).toEqual([])
    expect(open).toEqual([])
    expect(state?.runs).toEqual([])
    expect(state && dueOf(state)).toBeUndefined()
    expect(story.tables.parked.size).toBe(0)
  })

  await fc.assert(property, { numRuns: 60 })
})
