/** Write keys are easy to copy and to name. */
import { expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { makeWriteKey } from '#cli/stage/keys'

it('a key is letters and digits, and no two are alike', async () => {
  const ports = memoryPorts('2026-03-02T09:00:00.000Z')
  const keys = new Set<string>()

  for (let count = 0; count < 100; count += 1) keys.add(await makeWriteKey(ports, { kind: 'server' }))

  expect(keys.size).toBe(100)
  for (const key of keys) expect(key).toMatch(/^hw_server_[A-Za-z0-9]{24}$/)
})
