/** The table that `npm run proofs -- --write` keeps in the docs, and the flags of proofs. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { WrongFlag, wholeNumber } from './proof.ts'
import { all, quick, tableOf, withTable } from './proofs.ts'

const page = new URL('../../docs/proofs.md', import.meta.url)
const run = (name: string, figures: Record<string, number>) => ({
  name,
  seconds: 7,
  findings: { ok: true, figures, failures: [] },
})

it('has a row a figure and replaces the last one only', async () => {
  const text = await readFile(page, 'utf8')
  const about = { commit: 'abc1234', machine: 'Node 22' }

  const first = withTable(text, tableOf([run('kill', { 'kill.lost': 0, 'kill.twice': 0 })], about))
  const second = withTable(first, tableOf([run('fuzz', { 'fuzz.5xx': 0 })], about))

  expect(first).toContain('| `kill` | `kill.lost` | 0 | 7 s |\n|  | `kill.twice` | 0 |  |')
  expect(second).toContain('Commit abc1234, Node 22')
  expect(second).not.toContain('kill.lost` | 0')
  expect(second.split('<!-- figures -->')[0]).toBe(text.split('<!-- figures -->')[0])
})

it('asks for less with --quick than in full', () => {
  const sizes = all.flatMap(({ name, flags = {} }) =>
    Object.entries(quick[name] ?? {}).flatMap(([flag, size]) => {
      const inFull = /\((\d+)\)$/.exec(flags[flag]?.[1] ?? '')?.[1]
      return inFull === undefined ? [] : [{ name, size: Number(size), inFull: Number(inFull) }]
    }),
  )

  expect(sizes.map(({ name }) => name)).toEqual(['simulate', 'fuzz', 'kill', 'load'])
  expect(sizes.filter(({ size, inFull }) => size >= inFull)).toEqual([])
})

it.each(['x', '', '-1', '1.5', '1e99'])('refuses "%s" where a flag wants a whole number', (text) => {
  expect(() => wholeNumber(text, 'seeds')).toThrow(WrongFlag)
})

it.each([
  ['42', 42],
  ['0', 0],
  [undefined, undefined],
])('reads %s as %s', (text, value) => {
  expect(wholeNumber(text, 'seeds')).toBe(value)
})
