/** A stream mapping at work on a stream held in memory: order, retries on the clock, poison, what is acknowledged. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deliverFailure } from '#local/on-failure'
import type { GivenUp } from '#local/stream-mapping'
import type { StreamRecord } from '#local/stream-reader'
import { aMapping, failing, ok, record, thrown } from './fixture/mapping.ts'

describe('a stream mapping', () => {
  it('gives batches in order and acknowledges each once it is done', async () => {
    const { mapping, settle, batches, acknowledged } = aMapping('abcdef', () => ok)

    mapping.poke()
    await settle()

    expect(batches).toEqual(['abcd', 'ef'])
    expect(acknowledged).toEqual(['3', '5'])
  })

  it('shows a batch twice and out of order when the poll goes so, and acknowledges it after both', async () => {
    let nth = 0
    const random = () => {
      nth += 1
      return -nth
    }
    const poll = () => ({ twice: nth === 0, random })
    const { mapping, settle, batches, acknowledged } = aMapping('abcdef', () => ok, { poll })

    mapping.poke()
    await settle()

    expect(batches).toEqual(['dcba', 'dcba', 'fe'])
    expect(acknowledged).toEqual(['3', '5'])
  })

  it('takes what is skipped while it is held as done, unseen, and reads on', async () => {
    const { mapping, settle, batches, acknowledged } = aMapping('abcdef', () => ok)
    mapping.hold()
    mapping.poke()
    await settle()
    const whileHeld = [...batches]

    await mapping.skip()
    mapping.readOn()
    await settle()

    expect(whileHeld).toEqual([])
    expect(batches).toEqual([])
    expect(acknowledged).toEqual(['5'])
  })

  it('acknowledges what its filter drops without an invocation', async () => {
    const filter = (one: unknown) => (one as StreamRecord).eventID === '5'
    const { mapping, settle, batches, acknowledged } = aMapping('abcdef', () => ok, { filter })

    mapping.poke()
    await settle()

    expect(batches).toEqual(['f'])
    expect(acknowledged).toEqual(['3', '5'])
  })

  it('retries from the lowest failure on the clock, never acknowledging before', async () => {
    let failed = false
    const { mapping, clock, settle, batches, acknowledged } = aMapping('abcdef', () => {
      if (failed) return ok
      failed = true
      return failing(3, 2)
    })

    mapping.poke()
    await settle()
    const before = [...acknowledged]
    clock.jumpTo(clock.now() + 1_000)
    await settle()

    expect(before).toEqual([])
    expect(batches).toEqual(['abcd', 'cd', 'ef'])
    expect(acknowledged).toEqual(['3', '5'])
  })

  it('finds the poison by halving, gives it up after its retries, and goes on', async () => {
    const { mapping, clock, settle, acknowledged, given } = aMapping('abXdef', (batch) =>
      batch.includes('X') ? thrown : ok,
    )

    mapping.poke()
    for (let second = 0; second < 5; second++) {
      await settle()
      clock.jumpTo(clock.now() + 2_000)
    }
    await settle()

    expect(given).toMatchObject([{ condition: 'RetryAttemptsExhausted', records: [{ eventID: '2' }] }])
    expect(acknowledged).toEqual(['3', '5'])
  })

  it('gives up what has grown too old', async () => {
    const { mapping, clock, settle, given } = aMapping('a', () => thrown, {
      rules: { reportsFailures: true, bisects: true, maxRetries: -1 },
    })

    mapping.poke()
    await settle()
    clock.jumpTo(clock.now() + 3_700_000)
    await settle()

    expect(given).toMatchObject([{ condition: 'RecordAgeExceeded' }])
  })
})

it('a batch given up is kept whole in the failure bucket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failure-'))
  const given: GivenUp = {
    condition: 'RetryAttemptsExhausted',
    attempts: 3,
    requestId: 'r1',
    records: [record('a', 0), record('b', 1)],
  }
  const target = {
    destinationArn: 'arn:aws:s3:::failed',
    functionArn: 'fn',
    streamArn: 'stream',
    mappingId: 'FromEvents',
  }

  deliverFailure(given, target, { folder, now: Date.parse('2026-05-01T09:00:00Z'), send: () => {} })
  const [file = ''] = readdirSync(join(folder, 's3', 'failed'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('r1'),
  )
  const kept = JSON.parse(readFileSync(join(folder, 's3', 'failed', file), 'utf8'))

  expect(file).toMatch(/^aws\/lambda\/FromEvents\/shard\/2026\/05\/01\//)
  expect(kept).toMatchObject({ DDBStreamBatchInfo: { batchSize: 2, startSequenceNumber: '0' } })
  expect(JSON.parse(kept.payload).Records).toHaveLength(2)
})
