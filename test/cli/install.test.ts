/** The installer's judgement: when something is missing, when Node is too old, and who waits for whom. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { difference, nodeProblem, takeLock } from '../../cli/install.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'homeward-install-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

const zod = { version: '4.0.0', integrity: 'sha512-a' }
const yaml = { version: '2.0.0', integrity: 'sha512-b' }

function aFolder(wanted: Record<string, object>, installed: Record<string, object>): string {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }))
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }))
  for (const path of Object.keys(installed)) mkdirSync(join(root, path), { recursive: true })
  return root
}

describe('difference', () => {
  it('is none when every package is there in its version', () => {
    aFolder({ 'node_modules/zod': zod }, { 'node_modules/zod': zod })

    expect(difference(root)).toBeUndefined()
  })

  it.each([
    ['not there', {}, 'node_modules/zod is not installed'],
    [
      'another version',
      { 'node_modules/zod': { ...zod, version: '3.0.0' } },
      'node_modules/zod is another version',
    ],
    [
      'other bytes',
      { 'node_modules/zod': { ...zod, integrity: 'x' } },
      'node_modules/zod is another version',
    ],
  ])('is told when a package is %s', (_what, installed, expected) => {
    aFolder(
      { 'node_modules/yaml': yaml, 'node_modules/zod': zod },
      { 'node_modules/yaml': yaml, ...installed },
    )

    expect(difference(root)).toBe(expected)
  })

  it('lets optional packages of other machines be absent', () => {
    aFolder(
      { 'node_modules/zod': zod, 'node_modules/win': { ...yaml, optional: true } },
      { 'node_modules/zod': zod },
    )

    expect(difference(root)).toBeUndefined()
  })

  it('sees a folder that was deleted by hand, and an install that was killed half-way', () => {
    aFolder({ 'node_modules/zod': zod }, { 'node_modules/zod': zod })

    rmSync(join(root, 'node_modules/zod'), { recursive: true })
    expect(difference(root)).toBe('node_modules/zod is gone')
    rmSync(join(root, 'node_modules'), { recursive: true })
    expect(difference(root)).toBe('nothing is installed yet')
  })
})

describe('nodeProblem', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.0.0', 'v24.1.0'])('lets %s pass', (version) => {
    expect(nodeProblem(version, '>=20.19')).toBeUndefined()
  })

  it.each(['v20.18.3', 'v18.20.0'])('says that %s is too old and what to do', (version) => {
    const problem = nodeProblem(version, '>=20.19')

    expect(problem).toContain(`Node ${version.slice(1)} is too old: Homeward needs Node 20.19 or newer`)
    expect(problem).toContain('https://nodejs.org')
  })
})

describe('takeLock', () => {
  it('lets one in at a time', async () => {
    const file = join(root, 'lock')
    const release = await takeLock(file)
    const looks: number[] = []

    const second = takeLock(file, {
      sleep: async (ms: number) => {
        looks.push(ms)
        if (looks.length === 3) release()
      },
    })
    const releaseSecond = await second

    expect(looks).toHaveLength(3)
    releaseSecond()
    expect(existsSync(file)).toBe(false)
  })

  it('takes over from a process that is gone', async () => {
    const file = join(root, 'lock')
    writeFileSync(file, '999999999')

    const release = await takeLock(file, { sleep: async () => {} })

    release()
    expect(existsSync(file)).toBe(false)
  })

  it('gives up in the end, saying what to do', async () => {
    const file = join(root, 'lock')
    writeFileSync(file, String(process.pid))

    await expect(takeLock(file, { waitMs: 1000, sleep: async () => {} })).rejects.toThrow('Delete it')
  })
})
