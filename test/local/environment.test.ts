/** A function's environments: output, failures, timeouts, crashes, the virtual clock inside. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Activity } from '#local/activity'
import { Clock } from '#local/clock'
import { LambdaFunction } from '#local/lambda'

const START = Date.parse('2030-01-01T00:00:00Z')
const clock = new Clock({ offsetMs: START - Date.now() })
const stops: (() => Promise<void>)[] = []
afterAll(async () => {
  clock.stop()
  for (const stop of stops) await stop()
})

function aFunction(
  source: string,
  change: { timeoutMs?: number; environment?: Record<string, string> } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'function-'))
  writeFileSync(join(folder, 'index.mjs'), source)
  const lines: string[] = []
  const started: string[] = []
  const spec = {
    logicalId: 'Decide',
    step: 'decide',
    name: 'shop-Decide',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:shop-Decide',
    folder,
    handler: 'index.handler',
    environment: {},
    timeoutMs: 10_000,
    memoryMb: 128,
    ...change,
  }
  const fn = new LambdaFunction(spec, {
    activity: new Activity(),
    clock,
    onLine: (line) => lines.push(line),
    onEnvironment: () => started.push('environment'),
  })
  stops.push(() => fn.stop())
  return { fn, lines, started }
}

it('answers what the handler returns, with its own environment variables and context', async () => {
  const { fn } = aFunction(
    'export const handler = async (event, context) => ({ event, name: process.env.NAME, path: process.env.PATH, fn: context.functionName })',
    { environment: { NAME: 'হ্যালো' } },
  )

  const outcome = await fn.invoke({ a: 1 })

  expect(outcome).toEqual({ ok: true, value: { event: { a: 1 }, name: 'হ্যালো', fn: 'shop-Decide' } })
})

it('lives on the virtual clock, however Date is asked', async () => {
  const { fn } = aFunction(`export const handler = async () => ({
    now: Date.now(), fresh: new Date().getTime(), text: Date().slice(0, 15), given: new Date(5).getTime(),
    instance: new Date() instanceof Date, parsed: Date.parse('1970-01-01T00:00:01Z'), utc: Date.UTC(1970, 0, 1),
  })`)

  const { value } = (await fn.invoke({})) as { value: Record<string, number> }
  clock.jumpTo(START + 86_400_000)
  const later = (await fn.invoke({})) as { value: Record<string, number> }

  expect(new Date(value.now ?? 0).getUTCFullYear()).toBe(2030)
  expect(value).toMatchObject({ text: 'Tue Jan 01 2030', given: 5, instance: true, parsed: 1000, utc: 0 })
  expect(Math.abs((value.fresh ?? 0) - (value.now ?? 0))).toBeLessThan(1_000)
  expect(later.value.now).toBeGreaterThanOrEqual(START + 86_400_000)
})

it('hands on every line printed before the answer, whole', async () => {
  const { fn, lines } = aFunction(`export const handler = async () => {
    console.log('{"a":1}'); process.stdout.write('{"b'); process.stdout.write('":2}\\n'); console.error('oh')
  }`)

  await fn.invoke({})

  expect(lines).toEqual(['{"a":1}', '{"b":2}', 'oh'])
})

it('reports what the handler throws and stays warm', async () => {
  const { fn, started } = aFunction('export const handler = async () => { throw new TypeError("no") }')

  const first = await fn.invoke({})
  await fn.invoke({})

  expect(first).toMatchObject({ ok: false, error: { errorType: 'TypeError', errorMessage: 'no' } })
  expect(started).toHaveLength(1)
})

it.each([
  [
    'runs out of time',
    'await new Promise(() => { setInterval(() => {}, 1000) })',
    /timed out after 0.05/,
    50,
  ],
  ['ends its process', 'process.exit(3)', /ended before it answered/, 10_000],
])('starts a new environment after one that %s', async (_, statement, message, timeout) => {
  const source = `export const handler = async (event) => { if (event.bad) { ${statement} } return 'well' }`
  const { fn, started } = aFunction(source)
  await fn.invoke({})
  const { timeoutMs } = fn.spec
  fn.spec.timeoutMs = timeout

  const bad = await fn.invoke({ bad: true })
  fn.spec.timeoutMs = timeoutMs
  const good = await fn.invoke({})

  expect(bad).toMatchObject({ ok: false, error: { errorMessage: expect.stringMatching(message) } })
  expect(good).toEqual({ ok: true, value: 'well' })
  expect(started).toHaveLength(2)
})

it('fails, and says why, when the bundle does not load', async () => {
  const { fn } = aFunction('export const other = 1')

  expect(await fn.invoke({})).toMatchObject({
    ok: false,
    error: { errorMessage: expect.stringMatching(/HandlerNotFound/) },
  })
})

it('runs at most three environments and queues the rest', async () => {
  const { fn, started } = aFunction('export const handler = async (n) => n')

  const outcomes = await Promise.all(Array.from({ length: 12 }, (_, n) => fn.invoke(n)))

  expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(
    Array.from({ length: 12 }, (_, n) => n),
  )
  expect(started).toHaveLength(3)
})
