/** Turns under the granted rate: never far ahead, urgent mail first, and a day that counts what was accepted. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { plus, toInstant, toMs } from '#core/time'
import { type Delivery, deliver } from '#flow/deliver'
import { turnsFor } from '#flow/deliver-batch'
import type { SendOutcome } from '#flow/port'
import { aMessage, at, rina } from '#test/fixture/builder'
import { instead, reminded, type Story } from '#test/fixture/story'

/** Rina's reminder is planned, the account grants so many mails a second, and time stands still at every wait. */
async function granted(perSecond: number): Promise<Story> {
  const story = await reminded()
  story.mailer.rate = perSecond
  const pause = async (ms: number) => {
    story.pauses.push(ms)
    await nextTurn()
  }
  story.deliver = { ...story.deliver, pause }
  return story
}

/** So many batches of ten reminders, whose claims always hold. */
function batchesOf(story: Story, count: number, urgent: boolean) {
  instead(story, 'claim', () => async () => 'claimed' as const)
  const row = story.message() ?? aMessage()
  return Array.from({ length: count }, (_, batch) =>
    Array.from({ length: 10 }, (_, index) => {
      const place = String(batch * 10 + index).padStart(3, '0')
      const message = { ...row, urgent, messageId: `mReminderRemi${urgent ? 'u' : 'b'}${place}` }
      story.tables.messages.get(rina)?.set(message.messageId, { message, clicks: 0 })
      return message
    }),
  )
}

/** Time goes on from wait to wait, of whoever waits. */
function inTime(story: Story) {
  const waits: { atMs: number; end: () => void }[] = []
  const pause = (ms: number) =>
    new Promise<void>((end) => void waits.push({ atMs: toMs(story.now.at) + ms, end }))
  story.deliver = { ...story.deliver, pause }
  return async (until: string) => {
    for (;;) {
      await nextTurn()
      waits.sort((one, other) => one.atMs - other.atMs)
      const [next] = waits
      if (next === undefined || next.atMs > toMs(until)) break
      waits.shift()
      story.now.at = toInstant(next.atMs)
      next.end()
    }
    story.now.at = until
  }
}

const statusOf = (story: Story, messageId: string) =>
  story.tables.messages.get(rina)?.get(messageId)?.message.status

const toldAgain = (story: Story) => story.lines.filter(({ event }) => event === 'again')
const aheadMs = (story: Story) => story.tables.nextMs - toMs(story.now.at)

describe('the granted rate', () => {
  it('is leased once a batch, and each mail waits for its turn', async () => {
    const story = await granted(2)
    const [batch = []] = batchesOf(story, 1, true)

    const deliveries = await deliver(story.deliver, batch)

    expect(new Set(deliveries)).toEqual(new Set(['done']))
    expect(story.pauses).toEqual([500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500])
    expect(aheadMs(story)).toBe(5000)
  })

  it('that is far off gives the mail back unclaimed, and leaves line and count as they are', async () => {
    const story = await granted(14)
    story.tables.nextMs = Date.parse(at('10:01'))

    expect(await story.deliverOnce()).toBe('again')
    expect(story.message()).toMatchObject({ status: 'PLANNED', round: 1 })
    expect(story.pauses).toEqual(Array.from({ length: 15 }, () => 1000))
    expect(aheadMs(story)).toBe(60_000)
    expect(story.tables.leased.total).toBe(0)
    expect(toldAgain(story)).toMatchObject([{ level: 'warn', mails: 1, stopped: false, perSecond: 14 }])
  })

  it('is never overdrawn by a backlog, which leaves urgent mail its turn', async () => {
    const story = await granted(1)
    const bulk = batchesOf(story, 40, false)
    const [urgent = []] = batchesOf(story, 1, true)

    const waiting = await Promise.all(bulk.map((batch) => deliver(story.deliver, batch)))
    const bulkMs = aheadMs(story)
    const soon = await deliver(story.deliver, urgent)
    const allMs = aheadMs(story)
    story.now.at = plus(story.now.at, 360_000)
    const later = await Promise.all(bulk.slice(1, 3).map((batch) => deliver(story.deliver, batch)))

    expect(waiting.flat().filter((one) => one === 'done')).toHaveLength(10)
    expect(soon).toEqual(urgent.map(() => 'done'))
    expect([bulkMs, allMs]).toEqual([10_000, 20_000])
    expect(later.flat().filter((one) => one === 'done')).toHaveLength(10)
    expect(story.mailer.attempts).toHaveLength(30)
    expect(story.tables.leased).toMatchObject({ total: 30, marketing: 30 })
    expect(toldAgain(story)).toHaveLength(39 + 1)
  })

  it('is waited for where the line is full: no mail of a backlog is hidden by its queue', async () => {
    const story = await granted(1)
    const waiting = batchesOf(story, 40, false)
    const runUntil = inTime(story)
    const ends: Delivery[] = []
    const worker = async () => {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift())
        ends.push(...(await deliver(story.deliver, batch)))
    }

    void Promise.all([worker(), worker()])
    await runUntil(plus(story.now.at, 360_000))

    expect(story.mailer.attempts.length).toBeGreaterThan(320)
    expect(ends.filter((end) => end === 'again')).toEqual([])
  })

  it('makes some wait so long that what is paused, or released anew, meanwhile holds them', async () => {
    const story = await granted(1)
    const [batch = []] = batchesOf(story, 1, false)
    const runUntil = inTime(story)
    const { live } = story.tables

    const delivering = deliver(story.deliver, batch)
    await runUntil(plus(story.now.at, 1_500))
    story.tables.live = live && { ...live, paused: ['*'] }
    await runUntil(plus(story.now.at, 20_000))

    expect(await delivering).toHaveLength(10)
    const held = batch.filter(({ messageId }) => statusOf(story, messageId) === 'HELD')
    expect(held.length).toBeGreaterThan(3)
    expect(story.mailer.attempts.length + held.length).toBe(10)
  })

  it('leased in pieces tells each what was taken before the batch', async () => {
    const story = await granted(1)
    story.tables.nextMs = toMs(story.now.at) + 15_000
    const runUntil = inTime(story)
    const turns = turnsFor(story.deliver, { total: 8, marketing: 8, urgent: true })

    const before = Promise.all(Array.from({ length: 8 }, () => turns.next({ exempt: false })))
    await runUntil(plus(story.now.at, 30_000))

    expect(await before).toEqual(Array.from({ length: 8 }, () => ({ total: 0, marketing: 0 })))
    expect(story.tables.leased).toMatchObject({ total: 8, marketing: 8 })
  })

  it('gives what room is left to service mail first', async () => {
    const story = await granted(1)
    story.tables.nextMs = toMs(story.now.at) + 17_000
    const turns = turnsFor(story.deliver, { total: 5, marketing: 4, urgent: true })

    const given: boolean[] = []
    for (const exempt of [false, false, false, false, true]) {
      given.push((await turns.next({ exempt })) !== undefined)
    }

    expect(given).toEqual([true, true, false, false, true])
    expect(story.pauses.filter((ms) => ms !== 1000)).toEqual([18_000, 19_000, 17_000])
    expect(story.tables.leased).toMatchObject({ total: 3, marketing: 2 })
  })
})

describe('the count of the day', () => {
  it.each<[string, SendOutcome, number]>([
    ['sent', { kind: 'sent', sesMessageId: 'ses-1' }, 1],
    ['perhaps sent', { kind: 'ambiguous', error: 'timeout' }, 1],
    ['not sent for now', { kind: 'not-sent', error: '429' }, 0],
    ['never sent', { kind: 'rejected', error: 'bad domain' }, 0],
    ['not sent by an account that is paused', { kind: 'stopped', error: 'paused' }, 0],
  ])('a mail that was %s', async (_, answer, counted) => {
    const story = await granted(14)
    story.mailer.answers.push(answer)

    await story.deliverOnce()

    expect(story.tables.leased).toMatchObject({ total: counted, marketing: counted })
  })

  it('is left as it is where all that was leased was sent', async () => {
    const story = await granted(14)
    const uncounted: unknown[] = []
    const uncount = async (unsent: unknown) => void uncounted.push(unsent)

    await deliver({ ...story.deliver, workspace: { ...story.workspace, uncount } }, [
      story.message() ?? aMessage(),
    ])

    expect(uncounted).toEqual([])
  })

  it('that cannot be mended is told, and no mail comes again for it', async () => {
    const story = await granted(14)
    story.mailer.answers.push({ kind: 'not-sent', error: '429' })
    const uncount = () => Promise.reject(new Error('throttled'))

    const deliveries = await deliver({ ...story.deliver, workspace: { ...story.workspace, uncount } }, [
      story.message() ?? aMessage(),
    ])

    expect(deliveries).toEqual(['done'])
    expect(story.lines.at(-1)).toMatchObject({ level: 'error', event: 'failed', error: 'throttled' })
  })
})

describe('an account that may not send', () => {
  it('is asked once a batch: the rest is given back unclaimed, and nothing is counted', async () => {
    const story = await granted(14)
    const [batch = []] = batchesOf(story, 1, true)
    const claimed: string[] = []
    instead(story, 'claim', (real) => async (claim) => {
      claimed.push(claim.message.messageId)
      return real(claim)
    })
    story.mailer.answers.push(...batch.map(() => ({ kind: 'stopped' as const, error: 'paused' })))

    const deliveries = await deliver(story.deliver, batch)

    expect(deliveries).toEqual(['stopped', ...Array.from({ length: 9 }, () => 'again')])
    expect(claimed).toEqual([batch[0]?.messageId])
    expect(story.mailer.attempts).toHaveLength(1)
    expect(story.tables.leased).toMatchObject({ total: 0, marketing: 0 })
    expect(toldAgain(story)).toMatchObject([{ mails: 9, stopped: true }])
  })
})
