/** The database a new data folder begins with is the embedded database's own, and one index more. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDatabase } from '#local/dynamo-process'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-database-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** How the file of a database that was started and stopped says its stream records are kept. */
async function streamRecords(name: string): Promise<string[]> {
  const file = join(folder, name)
  await (await startDatabase(file, {})).stop()
  const logged = await readFile(`${file}-wal`, 'latin1').catch(() => '')
  const text = logged + (await readFile(file, 'latin1'))
  return [
    /CREATE TABLE _stream_records \([^)]*\)/.exec(text)?.[0] ?? '',
    /CREATE INDEX _stream_records_last ON [^)]*\)\)/.exec(text)?.[0] ?? '',
  ]
}

it('keeps stream records as the embedded database does, with an index of the last one', async () => {
  await writeFile(join(folder, 'own.db'), '')

  const [own] = await streamRecords('own.db')
  const begun = await streamRecords('begun.db')

  expect(own).toContain('sequence_number')
  expect(begun).toEqual([
    own,
    'CREATE INDEX _stream_records_last ON _stream_records (table_name, CAST(sequence_number AS INTEGER))',
  ])
})

it('leaves a database that is there as it is', async () => {
  const file = join(folder, 'begun.db')
  const before = await readFile(file)

  await (await startDatabase(file, {})).stop()

  expect((await readFile(file)).length).toBeGreaterThanOrEqual(before.length)
  expect(before.length).toBeGreaterThan(16_384)
})
