/** Mail of a day that is nearly spent, of a domain that warms up, of a shop whose orders stopped. */
import { describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { plus } from '#core/time'
import { deliver } from '#flow/deliver'
import { beatWith } from '#flow/pulse'
import { anEvent } from '#test/fixture/build'
import { aMessage, at, rina } from '#test/fixture/builder'
import { reminded, type Story } from '#test/fixture/story'

/** So many reminders of one run, planned, as one batch. */
function copies(story: Story, count: number) {
  const row = story.message() ?? aMessage()
  const rows = Array.from({ length: count }, (_, index) => ({
    ...row,
    messageId: `mReminderReminde${index}`,
  }))
  for (const message of rows) {
    story.tables.messages.get(rina)?.set(message.messageId, { message, clicks: 0 })
  }
  return rows
}

const statuses = (story: Story, rows: readonly { messageId: string }[]) =>
  rows.map(({ messageId }) => story.tables.messages.get(rina)?.get(messageId)?.message.status)

describe('a day that is nearly spent', () => {
  it('holds a reminder, which takes nothing of the rate', async () => {
    const story = await reminded()
    story.mailer.perDay = 100
    story.mailer.sentLastDay = 97

    await story.deliverOnce()

    expect(story.message()).toMatchObject({ status: 'HELD', reason: 'quota', until: at('10:15') })
    expect(story.tables.leased.total).toBe(0)
  })

  it('lets as many of a batch go as there is room for', async () => {
    const story = await reminded()
    story.tables.releases.forEach((release) => {
      release.settings.cap.mails = 50
    })
    const rows = copies(story, 5)
    story.mailer.perDay = 1000
    story.tables.leased = { day: '2026-03-02', total: 968, marketing: 0 }

    await deliver(story.deliver, rows)

    const ends = statuses(story, rows)
    expect(ends.filter((status) => status === 'SENT')).toHaveLength(2)
    expect(ends.filter((status) => status === 'HELD')).toHaveLength(3)
    expect(story.tables.leased.total).toBe(970)
  })

  it('is seen at the claim when others used it up since the batch was read', async () => {
    const story = await reminded()
    const workspace = {
      ...story.workspace,
      leasedOn: async () => ({ total: 0, marketing: 0 }),
    }
    story.mailer.perDay = 1000
    story.tables.leased = { day: '2026-03-02', total: 970, marketing: 0 }

    await deliver({ ...story.deliver, workspace }, [story.message() ?? aMessage()])

    expect(story.message()).toMatchObject({ status: 'HELD', reason: 'quota' })
    expect(story.mailer.attempts).toEqual([])
  })
})

describe('orders that stopped arriving', () => {
  it('hold a reminder until one comes', async () => {
    const story = await reminded()
    const lastOrderAt = plus(at('10:00'), -25 * 3_600_000)
    story.tables.pulse = { lastOrderAt, count: 10, gapMs: 60_000 }

    await story.deliverOnce()

    expect(story.message()).toMatchObject({ status: 'HELD', reason: 'no-orders', until: at('10:15') })
  })

  it.each([
    ['an order', {}, 1],
    ['an order of the past', { history: true as const }, 0],
    ['an order told again', { repeat: true as const }, 0],
    ['a cart', { name: 'Cart Updated' }, 0],
  ])('%s is a beat, or none', async (_, set, beats) => {
    const ports = memoryPorts()
    const properties = { order_id: 'o1', total: 5, currency: 'EUR' }

    await beatWith(ports.workspace, anEvent({ name: 'Order Completed', properties, ...set }))

    expect((await ports.workspace.pulse())?.count ?? 0).toBe(beats)
  })

  it('never cost an order its answer', async () => {
    const broken = {
      pulse: async () => {
        throw new Error('down')
      },
      putPulse: async () => 'stored' as const,
    }
    const order = anEvent({ name: 'Order Completed', properties: { order_id: 'o1' } })

    await expect(beatWith(broken, order)).resolves.toBeUndefined()
  })
})
