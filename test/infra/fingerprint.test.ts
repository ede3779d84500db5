/**
 * When something generated counts as fresh: after any change of a source, a name or an output it does not.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { fingerprint, hasFingerprint, keepFingerprint } from '#infra/fingerprint'

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'homeward-fingerprint-'))
  await mkdir(`${root}/source/deep`, { recursive: true })
  await writeFile(`${root}/source/a.ts`, 'a')
  await writeFile(`${root}/source/deep/b.ts`, 'b')
  await writeFile(`${root}/single.json`, '{}')
})

const now = (extra = '') => fingerprint(root, ['source', 'single.json', 'absent'], extra)

describe('a fingerprint', () => {
  it('stays the same while nothing changes', async () => {
    expect(await now()).toBe(await now())
  })

  it.each([
    ['a file deep down changes', () => writeFile(`${root}/source/deep/b.ts`, 'B')],
    ['a single file changes', () => writeFile(`${root}/single.json`, '[]')],
    ['a file is added', () => writeFile(`${root}/source/c.ts`, '')],
    ['a file is removed', () => rm(`${root}/source/a.ts`)],
  ])('differs when %s', async (_, change) => {
    const before = await now()

    await change()

    expect(await now()).not.toBe(before)
  })

  it('differs by what else it depends on', async () => {
    expect(await now('dev')).not.toBe(await now('prod'))
  })
})

describe('an output', () => {
  it('is fresh when it was kept under the same fingerprint and is there', async () => {
    await keepFingerprint(`${root}/out`, 'mark')
    await writeFile(`${root}/out/file`, '')

    expect(await hasFingerprint(`${root}/out`, 'mark', [`${root}/out/file`])).toBe(true)
    expect(await hasFingerprint(`${root}/out`, 'other', [`${root}/out/file`])).toBe(false)
    expect(await hasFingerprint(`${root}/out`, 'mark', [`${root}/out/missing`])).toBe(false)
  })

  it('that was never made is not fresh', async () => {
    expect(await hasFingerprint(`${root}/nowhere`, 'mark', [])).toBe(false)
  })
})
