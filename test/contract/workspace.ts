/** What `Workspace` promises, whoever makes it real. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CompiledMail } from '#core/template/compiled'
import { aRelease } from '#test/fixture/build'
import { fresh, type Open } from './world.ts'

const nowMs = 1_772_442_000_000

/** Text that deflate cannot make small. */
const noise = (characters: number): string => {
  let text = ''
  for (let index = 0; text.length < characters; index += 1) {
    text += createHash('sha512').update(String(index)).digest('base64')
  }
  return text.slice(0, characters)
}

const mail = (words: string): CompiledMail => ({
  schema: 1,
  subject: [words, { print: { path: ['customer', 'firstName'], frame: 0 }, as: 'plain' }],
  preheader: [],
  html: [],
  text: [],
  strings: { bn: { hello: [{ type: 0, value: words }] } },
  fallback: 'en',
  variables: ['customer.firstName'],
  required: [],
  htmlBytes: 0,
})

export function workspaceContract(open: Open): void {
  describe('Workspace', () => {
    it('moves the live pointer only from where it was', async () => {
      const { workspace } = await open()
      const first = { release: 1, paused: [] }
      const paused = { release: 1, paused: ['*', 'welcome'] }

      const before = await workspace.live()
      const answers = [
        await workspace.putLive(first, undefined),
        await workspace.putLive(first, undefined),
        await workspace.putLive(paused, first),
        await workspace.putLive({ release: 2, paused: [] }, first),
      ]

      expect(before).toBeUndefined()
      expect(answers).toEqual(['stored', 'changed', 'stored', 'changed'])
      expect(await workspace.live()).toEqual(paused)
    })

    it('keeps since when everybody is being woken, and compares it', async () => {
      const { workspace } = await open()
      const live = { release: 1, paused: [] }
      const waking = { ...live, waking: '2026-03-09T09:00:00.000Z' }
      await workspace.putLive(waking, undefined)

      const found = await workspace.live()
      const answers = [
        await workspace.putLive(live, live),
        await workspace.putLive(live, { ...waking, waking: '2026-03-09T09:00:00.001Z' }),
        await workspace.putLive(live, waking),
      ]

      expect(found).toEqual(waking)
      expect(answers).toEqual(['changed', 'changed', 'stored'])
      expect(await workspace.live()).toEqual(live)
    })

    it('keeps a release under a number that was free', async () => {
      const { workspace } = await open()
      const release = aRelease({ number: 3 })

      const first = await workspace.putRelease(release)
      const again = await workspace.putRelease({ ...release, publishedAt: '2026-03-09T09:00:00.000Z' })

      expect([first, again]).toEqual(['stored', 'changed'])
      expect(await workspace.release(3)).toEqual(release)
      expect(await workspace.release(4)).toBeUndefined()
    })

    it('lists releases by number', async () => {
      const { workspace } = await open()
      for (const number of [11, 2, 1]) await workspace.putRelease(aRelease({ number }))

      const numbers = (await workspace.releases()).map((release) => release.number)

      expect(numbers).toEqual([1, 2, 11])
    })

    it('keeps a mail by its hash, also one larger than a row', async () => {
      const { workspace } = await open()
      const [small, large] = [mail('নমস্কার 🛒'), mail(noise(600_000))]
      await workspace.putMail('small', small)
      await workspace.putMail('large', large)
      await workspace.putMail('large', large)

      expect(await workspace.mail('small')).toEqual(small)
      expect(await workspace.mail('large')).toEqual(large)
      expect(await workspace.mail('none')).toBeUndefined()
    })

    it('knows a write key and what it may do', async () => {
      const { workspace } = await open()
      const [server, browser] = [fresh('key'), fresh('key')]
      await workspace.putWriteKey(server, 'server')
      await workspace.putWriteKey(browser, 'browser')

      expect(await workspace.writeKey(server)).toBe('server')
      expect(await workspace.writeKey(browser)).toBe('browser')
      expect(await workspace.writeKey('unknown')).toBeUndefined()
    })

    it('lists write keys without telling them, and forgets one that is revoked', async () => {
      const { workspace } = await open()
      const [kept, revoked] = [fresh('a-key-that-is-kept-'), fresh('a-key-that-is-revoked-')]
      await workspace.putWriteKey(kept, 'server', { createdAt: '2026-03-02T09:00:00.000Z', name: 'the shop' })
      await workspace.putWriteKey(revoked, 'browser')
      const both = await workspace.writeKeys()
      const gone = both.find(({ kind }) => kind === 'browser')

      await workspace.removeWriteKey(gone?.id ?? '')
      await workspace.removeWriteKey(gone?.id ?? '')

      expect(both).toHaveLength(2)
      expect(gone).toEqual({ id: gone?.id, kind: 'browser', tail: revoked.slice(-4) })
      expect(JSON.stringify(both)).not.toContain(kept)
      expect(await workspace.writeKeys()).toEqual([
        {
          id: expect.any(String),
          kind: 'server',
          name: 'the shop',
          createdAt: '2026-03-02T09:00:00.000Z',
          tail: kept.slice(-4),
        },
      ])
      expect([await workspace.writeKey(kept), await workspace.writeKey(revoked)]).toEqual([
        'server',
        undefined,
      ])
    })

    it('gives an idle line at once, and the next lease after it', async () => {
      const { workspace } = await open()
      const wanted = { total: 10, marketing: 4, ratePerSecond: 5, waitMs: 20_000, nowMs }

      const first = await workspace.leaseRate(wanted)
      const second = await workspace.leaseRate({ ...wanted, nowMs: nowMs + 500 })
      const afterwards = await workspace.leaseRate({ ...wanted, nowMs: nowMs + 60_000 })

      const starts = [first, second, afterwards].map((lease) => lease?.firstMs)
      expect(starts).toEqual([nowMs, nowMs + 2000, nowMs + 60_000])
    })

    it('gives no more turns than the line has room for, to service mail first, and none when it is full', async () => {
      const { workspace } = await open()
      const wanted = { total: 15, marketing: 12, ratePerSecond: 1, waitMs: 20_000, nowMs }

      const leases = [
        await workspace.leaseRate(wanted),
        await workspace.leaseRate(wanted),
        await workspace.leaseRate(wanted),
        await workspace.leaseRate({ ...wanted, waitMs: 10_000, nowMs: nowMs + 5_000 }),
        await workspace.leaseRate({ ...wanted, nowMs: nowMs + 2_000 }),
      ]

      const none = { total: 0, marketing: 0 }
      expect(leases).toEqual([
        { total: 15, marketing: 12, firstMs: nowMs, before: none },
        { total: 5, marketing: 2, firstMs: nowMs + 15_000, before: { total: 15, marketing: 12 } },
        undefined,
        undefined,
        { total: 2, marketing: 0, firstMs: nowMs + 20_000, before: { total: 20, marketing: 14 } },
      ])
      expect(await workspace.leasedOn(nowMs)).toEqual({ total: 22, marketing: 14 })
    })

    it('gives the last room once, however many ask at once', async () => {
      const { workspace } = await open()
      const wanted = { total: 6, marketing: 6, ratePerSecond: 1, waitMs: 20_000, nowMs }

      const leases = await Promise.all(Array.from({ length: 6 }, () => workspace.leaseRate(wanted)))

      const turns = leases.flatMap((lease) =>
        Array.from({ length: lease?.total ?? 0 }, (_, turn) => (lease?.firstMs ?? 0) + turn * 1000),
      )
      expect(turns.toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: 20 }, (_, turn) => nowMs + turn * 1000),
      )
      expect(await workspace.leasedOn(nowMs)).toEqual({ total: 20, marketing: 20 })
    })

    it('counts what was leased on a day, marketing mail by itself, and begins anew with the next', async () => {
      const { workspace } = await open()
      const wanted = { total: 10, marketing: 4, ratePerSecond: 500, waitMs: 20_000, nowMs }
      const tomorrow = nowMs + 86_400_000

      const none = await workspace.leasedOn(nowMs)
      const before = [await workspace.leaseRate(wanted), await workspace.leaseRate(wanted)]
      const after = await workspace.leasedOn(nowMs)
      const next = await workspace.leaseRate({ ...wanted, total: 1, marketing: 1, nowMs: tomorrow })

      expect(none).toEqual({ total: 0, marketing: 0 })
      expect(before.map((lease) => lease?.before)).toEqual([none, { total: 10, marketing: 4 }])
      expect(after).toEqual({ total: 20, marketing: 8 })
      expect(next?.before).toEqual(none)
      expect(await workspace.leasedOn(tomorrow)).toEqual({ total: 1, marketing: 1 })
    })

    it('takes what was not sent out of the count of its day, and leaves the line', async () => {
      const { workspace } = await open()
      const wanted = { total: 10, marketing: 4, ratePerSecond: 1, waitMs: 20_000, nowMs }
      const tomorrow = nowMs + 86_400_000

      await workspace.uncount({ total: 1, marketing: 1, nowMs })
      await workspace.leaseRate(wanted)
      await workspace.uncount({ total: 3, marketing: 2, nowMs })
      const today = await workspace.leasedOn(nowMs)
      const next = await workspace.leaseRate({ ...wanted, nowMs })
      await workspace.leaseRate({ ...wanted, nowMs: tomorrow })
      await workspace.uncount({ total: 3, marketing: 2, nowMs })

      expect(today).toEqual({ total: 7, marketing: 2 })
      expect(next?.firstMs).toBe(nowMs + 10_000)
      expect(await workspace.leasedOn(tomorrow)).toEqual({ total: 10, marketing: 4 })
    })

    it('counts every lease once, however many ask at once', async () => {
      const { workspace } = await open()
      const wanted = { total: 3, marketing: 2, ratePerSecond: 14, waitMs: 20_000, nowMs }

      const leases = await Promise.all(Array.from({ length: 12 }, () => workspace.leaseRate(wanted)))

      const totals = leases.map((lease) => lease?.before.total ?? -1).sort((left, right) => left - right)
      expect(totals).toEqual(Array.from({ length: 12 }, (_, index) => index * 3))
      expect(await workspace.leasedOn(nowMs)).toEqual({ total: 36, marketing: 24 })
    })

    it('moves the pulse only from where it was', async () => {
      const { workspace } = await open()
      const first = { lastOrderAt: '2026-03-02T09:00:00.000Z', count: 1, gapMs: 60_000 }
      const second = { lastOrderAt: '2026-03-02T10:00:00.000Z', count: 2, gapMs: 3_600_000 }

      const none = await workspace.pulse()
      const answers = [
        await workspace.putPulse(first, undefined),
        await workspace.putPulse(second, undefined),
        await workspace.putPulse(second, first),
        await workspace.putPulse({ ...first, count: 2 }, first),
      ]

      expect(none).toBeUndefined()
      expect(answers).toEqual(['stored', 'changed', 'stored', 'changed'])
      expect(await workspace.pulse()).toEqual(second)
    })

    it('counts new addresses of a key only from where the count was, each key by itself', async () => {
      const { workspace } = await open()
      const first = { hour: '2026-03-02T09', count: 1 }
      const second = { hour: '2026-03-02T10', count: 1 }

      const answers = [
        await workspace.putStrangers('browser-key', first, undefined),
        await workspace.putStrangers('browser-key', second, undefined),
        await workspace.putStrangers('browser-key', second, first),
        await workspace.putStrangers('browser-key', { ...first, count: 2 }, first),
      ]

      expect(answers).toEqual(['stored', 'changed', 'stored', 'changed'])
      expect(await workspace.strangers('browser-key')).toEqual(second)
      expect(await workspace.strangers('another-key')).toBeUndefined()
    })

    it('never lets two leases overlap, however many ask at once', async () => {
      const { workspace } = await open()

      const starts = await Promise.all(
        Array.from({ length: 20 }, () =>
          workspace.leaseRate({ total: 3, marketing: 0, ratePerSecond: 14, waitMs: 20_000, nowMs }),
        ),
      )

      const sorted = starts.map((lease) => lease?.firstMs ?? 0).sort((left, right) => left - right)
      expect(sorted[0]).toBe(nowMs)
      sorted.slice(1).forEach((start, index) => {
        expect(start - (sorted[index] ?? 0)).toBeGreaterThanOrEqual((3 * 1000) / 14)
      })
    })
  })
}
