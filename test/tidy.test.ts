/**
 * The style of this house, tested: sizes, names, headers, and one name for each step everywhere. What a linter
 * can say is in `biome.json`; this is the rest.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { steps } from '#adapters/shape'

const root = join(import.meta.dirname, '..')
const folders = ['core', 'flow', 'adapters', 'functions', 'infra', 'local', 'cli', 'test', 'templates']
const code = new Set(['.ts', '.js'])

const lineLimit = 400
const drawers = /^(utils?|helpers?|common|shared|lib|misc)$/i

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesBelow(path)
    return [path]
  })
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
const files = folders
  .map((folder) => join(root, folder))
  .filter(isFolder)
  .flatMap(filesBelow)
const sources = files
  .filter((file) => code.has(extname(file)) && !file.endsWith('.d.ts'))
  .map((file) => ({ file: relative(root, file), text: readFileSync(file, 'utf8') }))

/** Files of which something holds, to be compared with none. */
const where = (holds: (source: { file: string; text: string }) => boolean) =>
  sources.filter(holds).map(({ file }) => file)

describe('every file', () => {
  it('is found', () => {
    expect(sources.length).toBeGreaterThan(40)
  })

  it(`has at most ${lineLimit} lines`, () => {
    expect(where(({ text }) => text.split('\n').length > lineLimit + 1)).toEqual([])
  })

  it('begins with a header that says what it is for', () => {
    expect(where(({ text }) => !/^(#![^\n]*\n)?\/\*\*[\s\S]{20,}?\*\//.test(text))).toEqual([])
  })

  it('leaves nothing to be done later', () => {
    const later = new RegExp(`\\b(${'TO'}DO|${'FIX'}ME)\\b`)
    expect(where(({ text }) => later.test(text))).toEqual([])
  })

  it('has a name in small letters with hyphens', () => {
    expect(where(({ file }) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(basename(file)))).toEqual([])
  })

  it('is not in a drawer, nor is one', () => {
    const names = (file: string) => [...dirname(file).split('/'), basename(file, extname(file))]
    expect(where(({ file }) => names(file).some((name) => drawers.test(name)))).toEqual([])
  })

  it('exports by name only', () => {
    const isConfig = (file: string) => /\.config\./.test(file)
    expect(where(({ file, text }) => !isConfig(file) && /^export default /m.test(text))).toEqual([])
  })

  it('names its tests in the indicative', () => {
    const should = new RegExp(`\\b(it|test)(\\.each\\([\\s\\S]*?\\))?\\(\\s*['"\`][^'"\`]*\\b${'shou'}ld\\b`)
    expect(where(({ file, text }) => file.endsWith('.test.ts') && should.test(text))).toEqual([])
  })
})

describe('every step', () => {
  const stepFiles = (folder: string) =>
    sources.filter(({ file }) => dirname(file) === folder).map(({ file }) => basename(file, '.ts'))

  it.each(steps)('%s has one name in the flow and among the functions', (step) => {
    expect(stepFiles('flow')).toContain(step)
    expect(stepFiles('functions')).toContain(step)
  })

  it('that is a function is a step', () => {
    const known: readonly string[] = steps
    const handlers = where(
      ({ file, text }) => dirname(file) === 'functions' && /^export const handler\b/m.test(text),
    )
    expect(handlers.filter((file) => !known.includes(basename(file, '.ts')))).toEqual([])
  })
})

describe('the layers', () => {
  const importsOf = (text: string) =>
    [...text.matchAll(/(?:^|\s)(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
  const allowed: Record<string, RegExp> = {
    core: /^(\.\/|#core\/|zod$|temporal-polyfill$|intl-messageformat|@noble\/hashes\/|@formatjs\/|handlebars|yaml$)/,
    flow: /^(\.\/|#core\/|#flow\/|zod$|p-limit$)/,
  }

  it.each(Object.keys(allowed))('%s imports only what it may', (layer) => {
    const rule = allowed[layer] ?? /^$/
    const found = sources
      .filter(({ file }) => file.startsWith(`${layer}/`))
      .flatMap(({ file, text }) => importsOf(text).map((name) => ({ file, name })))
      .filter(({ name }) => !rule.test(name))

    expect(found).toEqual([])
  })

  it('core knows neither clock nor chance nor network', () => {
    const outside = /\b(Date\.now|Math\.random|fetch\(|new Date\(\)|await |async )/
    const codeOf = (text: string) =>
      text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'|`[^`]*`/g, "''")
    expect(where(({ file, text }) => file.startsWith('core/') && outside.test(codeOf(text)))).toEqual([])
  })
})
