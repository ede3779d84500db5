/** The page's files: served from one folder, nothing outside it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPage } from '#local/static'

const parent = mkdtempSync(join(tmpdir(), 'page-'))
const folder = join(parent, 'page')
mkdirSync(folder)
writeFileSync(join(folder, 'index.html'), '<p>hello')
writeFileSync(join(folder, 'a b.svg'), '<svg/>')
writeFileSync(join(folder, 'secret.env'), 'x')
writeFileSync(join(parent, 'outside.txt'), 'x')

it.each([
  ['/', 'text/html; charset=utf-8'],
  ['/a%20b.svg', 'image/svg+xml'],
])('%s is served as %s', async (path, type) => {
  expect((await readPage(folder, path))?.headers['content-type']).toBe(type)
})

it.each([
  '/missing.html',
  '/../outside.txt',
  '/%2e%2e/outside.txt',
  '/..%2foutside.txt',
  '/secret.env',
  '/a\0.html',
  '/%zz',
])('%s is not served', async (path) => {
  expect(await readPage(folder, path)).toBeUndefined()
})
