/** New addresses by a browser's key: so many an hour, counted once whoever counts beside it. */
import { expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { limits } from '#core/limits'
import { admitStranger } from '#flow/strangers'

const most = limits.strangersPerHour

it('admits so many in an hour, and anew in the next', async () => {
  const { workspace } = memoryPorts()
  const admitted = []
  for (let turn = 0; turn < most + 5; turn += 1)
    admitted.push(await admitStranger(workspace, 'key', '2026-03-02T09:59:59.000Z'))

  expect(admitted.filter(Boolean)).toHaveLength(most)
  expect(await admitStranger(workspace, 'another', '2026-03-02T09:59:59.000Z')).toBe(true)
  expect(await admitStranger(workspace, 'key', '2026-03-02T10:00:00.000Z')).toBe(true)
})

it('a clock that runs behind does not begin the hour again', async () => {
  const { workspace } = memoryPorts()
  await workspace.putStrangers('key', { hour: '2026-03-02T10', count: most }, undefined)

  expect(await admitStranger(workspace, 'key', '2026-03-02T09:59:59.000Z')).toBe(false)
})

it('counts each of those who come at once', async () => {
  const { workspace } = memoryPorts()
  const all = Array.from({ length: 4 }, () => admitStranger(workspace, 'key', '2026-03-02T09:00:00.000Z'))
  const admitted = (await Promise.all(all)).filter(Boolean).length

  expect((await workspace.strangers('key'))?.count).toBe(admitted)
})

it('admits none where it cannot count', async () => {
  const { workspace } = memoryPorts()
  const busy = { strangers: workspace.strangers, putStrangers: async () => 'changed' as const }

  expect(await admitStranger(busy, 'key', '2026-03-02T09:00:00.000Z')).toBe(false)
})
