/**
 * The docs are true: every code has its heading, every command of the pages exists, every page that is linked
 * is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reasonCodes } from '#core/reason'
import { refusalCodes, warningCodes } from '#core/refusal'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const headings = [...read('docs/errors.md').matchAll(/^### (.+)$/gm)].map(([, code]) => code)

describe('docs/errors.md', () => {
  it.each([...new Set([...reasonCodes, ...refusalCodes, ...warningCodes])])(
    'has a heading for %s',
    (code) => {
      expect(headings).toContain(code)
    },
  )

  it('has a heading for every code that is thrown', () => {
    const files = ['core', 'flow', 'adapters', 'functions'].flatMap((folder) => sources(join(root, folder)))
    const thrown = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new Failed\(\{\s*code: '([a-z-]+)'/g)].map(([, code]) => code),
    )

    expect(thrown.length).toBeGreaterThan(5)
    expect(thrown.filter((code) => !headings.includes(code))).toEqual([])
  })

  it('has each heading once', () => {
    expect(headings).toHaveLength(new Set(headings).size)
  })
})

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
}

it('comments name files that are there', () => {
  const folders = ['core', 'flow', 'adapters', 'functions', 'infra', 'local', 'cli', 'test']
  const files = folders.flatMap((folder) => sources(join(root, folder)))
  const named = files.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /`((?:core|flow|adapters|functions|infra|local|cli|test)\/[\w./-]+\.ts)`/g,
      ),
    ].map(([, path]) => path ?? ''),
  )

  expect(named.length).toBeGreaterThan(50)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
]

describe.each(pages)('%s', (page) => {
  it('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, path]) => path ?? '')
    const missing = links.filter((path) => !existsSync(join(root, dirname(page), path)))

    expect(missing).toEqual([])
  })

  it('names commands that exist', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
    const named = [...read(page).matchAll(/npm run ([a-z-]+)/g)].map(([, name]) => name)

    expect(named.filter((name) => !scripts.includes(name ?? ''))).toEqual([])
  })
})
