/** Every `@example` of a docstring in core is run: `@example call // value`, or a call that just must not throw. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { derive } from '#core/id'
import { aRelease, aSettings, aState, at, track } from '#test/fixture/builder'

const core = join(import.meta.dirname, '../../core')

/** What examples may speak of without saying where it comes from. */
const known = {
  state: aState(),
  now: at('09:00'),
  event: track('Product Viewed', { product_id: 'vase', name: 'Blue vase' }),
  settings: aSettings(),
  live: aRelease(),
  customerId: derive('c', 'user', '42'),
  messageId: derive('m', 'run', 'reminder'),
  keys: { '1': 'a link key of thirty-two characters' },
}

const examples = readdirSync(core, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [...readFileSync(join(core, file), 'utf8').matchAll(/@example (.+?)(?: \*\/)?$/gm)].map(([, line]) => {
      const [call = '', value] = (line ?? '').split(/ \/\/ (?=[^/]*$|'[^']*'$)/)
      return { file, call, value }
    }),
  )

describe('the examples of core', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(10)
  })

  it.each(examples)('$file: $call', async ({ file, call, value }) => {
    const scope: Record<string, unknown> = { ...(await import(join(core, file))), ...known }
    const run = (text: string): unknown =>
      new Function(...Object.keys(scope), `return (${text})`)(...Object.values(scope))

    const found = run(call)

    if (value !== undefined) expect(found).toEqual(run(value))
  })
})
