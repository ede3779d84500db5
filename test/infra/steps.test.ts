/**
 * A step has one name everywhere: its flow, its handler, its row, its construct. And what is deployed of it is
 * small: the bundles carry nothing that belongs to publish time.
 */
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { steps } from '#adapters/shape'
import { type Bundles, bundle, root } from '#infra/bundle'
import { functions } from '#infra/functions'
import { functionOf, type Template, templateOf } from './template.ts'

const Meta = z.looseObject({
  outputs: z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) })),
})

let template: Template
let bundles: Bundles
let meta: z.infer<typeof Meta>

beforeAll(async () => {
  bundles = await bundle()
  template = await templateOf('local')
  meta = Meta.parse(JSON.parse(readFileSync(`${root}dist/meta.json`, 'utf8')))
}, 120_000)

const sourcesOf = (step: string) => Object.keys(meta.outputs[`dist/${step}/index.mjs`]?.inputs ?? {})

/** The console asks what the flow explains, as the command line does too: the one step named for who asks. */
const flowOf = (step: string) => (step === 'console' ? 'explain' : step)

describe.each(steps)('%s', (step) => {
  it('has a flow, a handler, a row and a function', () => {
    expect(existsSync(`${root}flow/${flowOf(step)}.ts`), `flow/${flowOf(step)}.ts`).toBe(true)
    expect(existsSync(`${root}functions/${step}.ts`), `functions/${step}.ts`).toBe(true)
    expect(functions).toHaveProperty(step)
    expect(template.Resources[functionOf(step)]?.Type).toBe('AWS::Lambda::Function')
  })

  it('is bundled as an ES module that exports its handler', () => {
    const code = readFileSync(`${root}dist/${step}/index.mjs`, 'utf8')

    expect(code).toMatch(/export\s*\{[^}]*\bas handler\b[^}]*\}/)
    expect(code.startsWith("import{createRequire as r}from'module'")).toBe(true)
  })

  it('is at most 700 KB', () => {
    expect(bundles.bytes[step]).toBeLessThan(700 * 1024)
  })

  it('carries neither MJML nor a template compiler', () => {
    const compilers = sourcesOf(step).filter((source) =>
      /node_modules\/(mjml|handlebars|esbuild|@formatjs\/icu-skeleton)/.test(source),
    )

    expect(compilers).toEqual([])
    expect(readFileSync(`${root}dist/${step}/index.mjs`, 'utf8')).not.toMatch(/\beval\(|\bnew Function\(/)
  })
})

describe('the table of functions', () => {
  it('has a row for every step and no other', () => {
    expect(Object.keys(functions).sort()).toEqual([...steps].sort())
  })

  it.each(Object.entries(functions))('%s fits the bounds of Lambda and of its trigger', (_, row) => {
    expect(row.memoryMb).toBeGreaterThanOrEqual(128)
    expect(row.timeoutSeconds).toBeGreaterThan(0)
    expect(row.timeoutSeconds).toBeLessThanOrEqual(60)
    expect(row.description.length).toBeLessThanOrEqual(256)
  })
})
