/** The clock, its timers, and knowing when all is idle. */
import { describe, expect, it } from 'vitest'
import { Activity } from '#local/activity'
import { Clock } from '#local/clock'
import { Heap } from '#local/heap'
import { parseDuration } from '#local/travel'

const frozen = () => new Clock({ offsetMs: 0, realNow: () => 1_000_000 })

describe('the heap', () => {
  it('gives the smallest key first and equal keys in the order of arrival', () => {
    const heap = new Heap<string>()
    for (const [key, value] of [
      [5, 'e'],
      [1, 'a1'],
      [3, 'c'],
      [1, 'a2'],
      [2, 'b'],
    ] as const)
      heap.push(key, value)

    const order = Array.from({ length: heap.size }, () => heap.pop())

    expect(order).toEqual(['a1', 'a2', 'b', 'c', 'e'])
  })
})

describe('the clock', () => {
  it('fires what falls due on the way, in order, and nothing later', () => {
    const clock = frozen()
    const fired: string[] = []
    clock.at(1_000_300, () => fired.push('third'))
    clock.at(1_000_100, () => fired.push('first'))
    clock.at(1_000_200, () => fired.push('second'))

    clock.jumpTo(1_000_250)
    clock.stop()

    expect(fired).toEqual(['first', 'second'])
    expect(clock.now()).toBe(1_000_250)
  })

  it('never goes back', () => {
    const clock = frozen()
    clock.jumpTo(1_005_000)

    clock.jumpTo(1_001_000)
    clock.stop()

    expect(clock.now()).toBe(1_005_000)
  })

  it('does not fire a cancelled timer, nor lets it be the next one', () => {
    const clock = frozen()
    const fired: string[] = []
    const early = clock.at(1_000_100, () => fired.push('early'))
    clock.at(1_000_200, () => fired.push('late'))

    clock.cancel(early)
    const next = clock.next()?.dueMs
    clock.jumpTo(1_000_500)
    clock.stop()

    expect(next).toBe(1_000_200)
    expect(fired).toEqual(['late'])
  })

  it('tells each jump, so that it can be remembered', () => {
    const offsets: number[] = []
    const clock = new Clock({ offsetMs: 50, realNow: () => 1_000, onJump: (offset) => offsets.push(offset) })

    clock.jumpTo(2_000)
    clock.jumpTo(1_500)
    clock.stop()

    expect(offsets).toEqual([1_000])
    expect(clock.iso()).toBe('1970-01-01T00:00:02.000Z')
  })
})

describe('activity', () => {
  const limits = { stalledMs: 5_000, limitMs: 5_000 }

  it('is idle only after work that other work began is done too', async () => {
    const activity = new Activity()
    const order: string[] = []
    const first = activity.begin('first')
    const idle = activity.whenIdle(limits).then(() => order.push('idle'))

    const second = activity.begin('second')
    first()
    order.push('first ended')
    second()
    order.push('second ended')
    await idle

    expect(order).toEqual(['first ended', 'second ended', 'idle'])
  })

  it('says what is stuck', async () => {
    const activity = new Activity()
    activity.begin('function decide')

    const waiting = activity.whenIdle({ stalledMs: 1, limitMs: 5_000 })

    await expect(waiting).rejects.toThrow(/still running function decide/)
  })
})

describe('durations', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '1', 'h', '1h ', '-1h', '1w', '1h30'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('a machine whose clock is set back', () => {
  it('never shows an earlier instant, here or in a worker, and goes on from where it stood', () => {
    let realMs = 1_000_000
    const kept: number[] = []
    const clock = new Clock({ offsetMs: 500, realNow: () => realMs, onJump: (offset) => kept.push(offset) })
    const before = clock.now()

    realMs -= 3_600_000
    const stood = clock.now()
    realMs += 1_000
    const later = clock.now()

    expect([before, stood, later]).toEqual([1_000_500, 1_000_500, 1_001_500])
    expect(kept).toEqual([3_600_500])
    expect(realMs + Number(Atomics.load(new BigInt64Array(clock.shared), 0))).toBe(later)
  })

  it('between two starts is noticed by what the last one kept', () => {
    const seen: number[] = []
    let realMs = 5_000_000
    const first = new Clock({ offsetMs: 0, realNow: () => realMs, onSeen: (at) => seen.push(at) })
    first.now()
    realMs += 15_000
    const last = first.now()

    const second = new Clock({ offsetMs: 0, realNow: () => 1_000_000, seenMs: seen.at(-1) })

    expect(second.now()).toBe(last)
  })
})
