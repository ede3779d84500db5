/**
 * What `npm start` does before it boots: a template with its bundles, once, and nothing the second time.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { steps } from '#adapters/shape'
import { StageConfigError } from '#infra/stage'
import { synthesize } from '#infra/synth'

let outDir: string

beforeEach(() => {
  outDir = mkdtempSync(path.join(tmpdir(), 'homeward-synth-'))
})

afterEach(() => {
  rmSync(outDir, { recursive: true, force: true })
})

const Assets = z.looseObject({
  files: z.record(z.string(), z.looseObject({ source: z.looseObject({ path: z.string() }) })),
})

describe('synthesizing', () => {
  it('writes template and bundles once, and nothing while nothing changes', async () => {
    const first = await synthesize({ stage: 'local', outDir })
    const second = await synthesize({ stage: 'local', outDir })

    expect(first).toMatchObject({ fresh: false, template: path.join(outDir, 'homeward-local.template.json') })
    expect(second).toEqual({ ...first, fresh: true })
    expect(Object.keys(first.bytes).sort()).toEqual([...steps].sort())
  }, 120_000)

  it('puts every asset that the template names beside it', async () => {
    await synthesize({ stage: 'local', outDir })

    const assets = Assets.parse(JSON.parse(readFileSync(`${outDir}/homeward-local.assets.json`, 'utf8')))
    const paths = Object.values(assets.files).map(({ source }) => source.path)
    expect(paths.filter((name) => !existsSync(path.join(outDir, name)))).toEqual([])
  }, 120_000)

  it('leaves nothing half done when the stage cannot be used', async () => {
    const refused = synthesize({ stage: 'nowhere', outDir })

    await expect(refused).rejects.toThrow(StageConfigError)
    expect(readdirSync(outDir)).toEqual([])
    expect(
      readdirSync(path.dirname(outDir)).filter((name) => name.startsWith(`${path.basename(outDir)}.`)),
    ).toEqual([])
  }, 120_000)
})
