/** Each minute: whose alarm is due is queued, once, the oldest first. */
import { describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { limits } from '#core/limits'
import { newState } from '#core/state'
import { plus } from '#core/time'
import { wake } from '#flow/wake'
import { at } from '#test/fixture/builder'

function alarms(dues: Record<string, string | undefined>) {
  const ports = memoryPorts(at('10:00'))
  for (const [customerId, due] of Object.entries(dues)) {
    ports.tables.customers.set(customerId, { state: newState(customerId, at('09:00')), version: 1, due })
  }
  return ports
}

describe('a tick', () => {
  it('queues who is due, as of now', async () => {
    const ports = alarms({ late: at('09:50'), due: at('10:00'), later: at('10:01'), never: undefined })

    const count = await wake(ports)

    expect(count).toBe(2)
    expect(ports.wakeQueue.woken).toEqual([
      { customerId: 'late', firedAt: at('10:00') },
      { customerId: 'due', firedAt: at('10:00') },
    ])
    expect(ports.lines).toEqual([
      { level: 'info', step: 'wake', event: 'woken', customers: 2, lateMs: 600_000 },
    ])
  })

  it('says nothing when nobody is due', async () => {
    const ports = alarms({ later: at('10:01') })

    expect(await wake(ports)).toBe(0)
    expect(ports.lines).toEqual([])
  })

  it('takes no more than fits a minute, and the oldest of them', async () => {
    const many = Array.from(
      { length: limits.wakeCustomers + 3 },
      (_, index) => [`c${index}`, plus(at('09:00'), -index)] as const,
    )
    const ports = alarms(Object.fromEntries(many))

    expect(await wake(ports)).toBe(limits.wakeCustomers)
    expect(ports.wakeQueue.woken[0]?.customerId).toBe(`c${limits.wakeCustomers + 2}`)
  })
})
