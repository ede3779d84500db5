/** From a planned mail to one send, whatever goes wrong on the way. */
import { describe, expect, it } from 'vitest'
import { limits } from '#core/limits'
import { plus } from '#core/time'
import { deliver } from '#flow/deliver'
import type { SendOutcome } from '#flow/port'
import { aMessage, at, rina } from '#test/fixture/builder'
import { address, instead, reminded, type Story } from '#test/fixture/story'

const ring = (story: Story) =>
  story.tables.addresses.get(story.inbox)?.ring.map(({ messageId }) => messageId) ?? []
const eventsNamed = (story: Story, name: string) =>
  [...(story.tables.events.get(rina)?.values() ?? [])].filter((event) => event.name === name)
const decisions = (story: Story) =>
  story.lines.filter(({ step, event }) => step === 'deliver' && event === 'decision')

describe('a planned mail', () => {
  it('is claimed, sent once and confirmed, and her log says so', async () => {
    const story = await reminded()

    const delivery = await story.deliverOnce()

    expect(delivery).toBe('done')
    expect(story.mailer.attempts).toHaveLength(1)
    expect(story.message()).toMatchObject({
      status: 'SENT',
      sesMessageId: 'ses-1',
      claimedAt: at('10:00'),
      sentAt: at('10:00'),
      inbox: story.inbox,
      links: ['https://shop.example/cart'],
    })
    expect(ring(story)).toEqual([story.message()?.messageId])
    expect(eventsNamed(story, 'Email Sent')).toHaveLength(1)
    expect(decisions(story)).toMatchObject([
      { outcome: 'sent', journey: 'abandoned-cart', journeyStep: 'reminder', reason: { code: 'sent' } },
    ])
  })

  it('is made of what is true now, with links of her own', async () => {
    const story = await reminded()

    await story.deliverOnce()

    const [mail] = story.mailer.attempts
    expect(mail).toMatchObject({
      to: address,
      from: 'hello@shop.example',
      subject: 'Your cart',
      tags: { journey: 'abandoned-cart', step: 'reminder', customerId: rina },
    })
    expect(mail?.html).toMatch(/^<p>1<\/p><a href="https:\/\/links\.example\/c\/[\w-]{60}">cart<\/a>$/)
    expect(mail?.headers['List-Unsubscribe']).toMatch(/^<https:\/\/links\.example\/u\/[\w-]{60}>$/)
    expect(JSON.stringify(mail?.headers)).not.toContain('rina@')
  })

  it('lets the run go on to its next mail', async () => {
    const story = await reminded()
    await story.deliverOnce()

    await story.settle()
    await story.travel(at('09:00', 1))

    expect(story.mailer.attempts.map(({ tags }) => tags.step)).toEqual(['reminder', 'last-call'])
  })
})

describe('what the mail service answers', () => {
  const answered = async (...answers: SendOutcome[]) => {
    const story = await reminded()
    story.mailer.answers.push(...answers)
    return { story, delivery: await story.deliverOnce() }
  }

  it('surely not: planned again in the next round, out of the ring, and sent later', async () => {
    const { story, delivery } = await answered({ kind: 'not-sent', error: '429' })
    const released = story.message()
    const kept = ring(story)

    await story.settle({ deliver: false })
    const [again] = story.deliveryQueues.dispatched
    story.now.at = at('10:00:30')
    await story.deliverOnce()

    expect(delivery).toBe('done')
    expect(released).toMatchObject({
      status: 'PLANNED',
      round: 2,
      notBefore: at('10:00:30'),
      reason: 'not-sent',
    })
    expect(released).not.toHaveProperty('claimedAt')
    expect(kept).toEqual([])
    expect(again).toMatchObject({ round: 2, delayMs: limits.notSentBackoffMs })
    expect(story.message()).toMatchObject({ status: 'SENT', round: 2 })
  })

  it('the account may not send: the line stops, nothing is consumed', async () => {
    const { story, delivery } = await answered({ kind: 'stopped', error: 'sending paused' })

    expect(delivery).toBe('stopped')
    expect(story.message()).toMatchObject({
      status: 'PLANNED',
      round: 2,
      notBefore: plus(at('10:00'), limits.stoppedBackoffMs),
    })
    expect(ring(story)).toEqual([])
  })

  it('never: failed for ever, and the run goes on', async () => {
    const { story, delivery } = await answered({ kind: 'rejected', error: 'bad domain' })
    await story.settle()

    expect(delivery).toBe('done')
    expect(story.message()).toMatchObject({ status: 'FAILED', reason: 'rejected' })
    expect(story.tables.customers.get(rina)?.state.outstanding).toEqual([])
    expect(story.mailer.attempts).toHaveLength(1)
  })

  it('perhaps: never sent again, unknown, then closed', async () => {
    const { story } = await answered({ kind: 'ambiguous', error: 'timeout' })
    const claimed = story.message()?.status

    await story.travel(at('10:15'))
    const unknown = story.message()?.status
    await story.travel(at('10:15', 3))

    expect([claimed, unknown, story.message()?.status]).toEqual(['CLAIMED', 'UNKNOWN', 'CLOSED'])
    expect(story.mailer.attempts.filter(({ tags }) => tags.step === 'reminder')).toHaveLength(1)
  })
})

describe('a crash', () => {
  const boom = new Error('the container is gone')

  it('after the claim leaves it unsent for ever', async () => {
    const story = await reminded()
    const broken = { ...story.deliver, mailer: { ...story.mailer, send: () => Promise.reject(boom) } }
    const row = story.message() ?? aMessage()

    const first = await deliver(broken, [row])
    const second = await deliver(story.deliver, [row])
    await story.travel(at('12:00', 4))

    expect([first, second]).toEqual([['again'], ['done']])
    expect(story.message()?.status).toBe('CLOSED')
    expect(story.mailer.attempts.filter(({ tags }) => tags.step === 'reminder')).toEqual([])
  })

  it('of the confirmation is never taken for a failed send', async () => {
    const story = instead(await reminded(), 'confirm', () => () => Promise.reject(boom))
    const row = story.message() ?? aMessage()

    const deliveries = [await deliver(story.deliver, [row]), await deliver(story.deliver, [row])]

    expect(deliveries).toEqual([['again'], ['done']])
    expect(story.message()?.status).toBe('CLAIMED')
    expect(story.mailer.attempts).toHaveLength(1)
  })

  it('before her log is told is mended by the alarm', async () => {
    const story = await reminded()
    const events = { record: () => Promise.reject(boom) }
    await deliver({ ...story.deliver, events }, [story.message() ?? aMessage()])

    await story.travel(at('09:00', 1))

    expect(story.message()?.status).toBe('SENT')
    expect(story.mailer.attempts.map(({ tags }) => tags.step)).toEqual(['reminder', 'last-call'])
  })

  it('before the claim gives the mail back', async () => {
    const story = instead(await reminded(), 'claim', () => () => Promise.reject(boom))

    expect(await story.deliverOnce()).toBe('again')
    expect(story.message()?.status).toBe('PLANNED')
    expect(story.lines.at(-1)).toMatchObject({ level: 'error', event: 'failed', error: boom.message })
  })
})

describe('a dispatch', () => {
  it('that comes twice sends once', async () => {
    const story = await reminded()
    const row = story.message() ?? aMessage()

    await deliver(story.deliver, [row, row])
    await deliver(story.deliver, [row])

    expect(story.mailer.attempts).toHaveLength(1)
    expect(story.message()?.status).toBe('SENT')
  })

  it('of a round that is over claims nothing', async () => {
    const story = await reminded()
    await story.travel(at('10:15'), { deliver: false })
    const row = story.message() ?? aMessage()

    const old = await deliver(story.deliver, [{ ...row, round: 1 }])

    expect(row.round).toBe(2)
    expect(old).toEqual(['done'])
    expect(story.mailer.attempts).toEqual([])
  })

  it('of a message that is gone is done', async () => {
    const story = await reminded()

    expect(await deliver(story.deliver, [{ customerId: rina, messageId: 'mNone', round: 1 }])).toEqual([
      'done',
    ])
  })

  it('of two messages of which one breaks lets the other through', async () => {
    const story = await reminded()
    const row = story.message() ?? aMessage()
    const broken = instead(
      story,
      'load',
      (real) => (customerId, messageId) =>
        messageId === 'mBroken' ? Promise.reject(new Error('throttled')) : real(customerId, messageId),
    )

    const deliveries = await deliver(broken.deliver, [{ ...row, messageId: 'mBroken' }, row])

    expect(deliveries).toEqual(['again', 'done'])
  })
})

describe('a claim', () => {
  it('that took too long is left unsent', async () => {
    const story = await reminded()
    const slow = instead(story, 'claim', (real) => async (claim) => {
      const answer = await real(claim)
      story.now.at = plus(story.now.at, limits.sendAfterClaimMs + 1)
      return answer
    })

    await slow.deliverOnce()

    expect(story.message()?.status).toBe('CLAIMED')
    expect(story.mailer.attempts).toEqual([])
  })
})
