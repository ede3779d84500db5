/** The table that `npm run proofs -- --write` keeps in the docs, the flags of proofs, and what load finds wrong. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { growthOf, isSteady } from './lag.ts'
import { wrongWith } from './load.ts'
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

it.each<[string, Record<number, number>, number, RegExp]>([
  ['a server that fails', { 200: 5, 429: 5, 503: 1 }, 0, /"503":1/],
  ['no answer at all', { 0: 1, 200: 5, 429: 5 }, 0, /"0":1/],
  ['everything taken', { 200: 9 }, 0, /not answered with 429/],
  ['a 429 that does not say when to come again', { 200: 5, 429: 5 }, 2, /^2 answers/],
])('an overload does not pass with %s', (_, counts, unsaid, words) => {
  expect(wrongWith({ counts, unsaid }).join()).toMatch(words)
})

it('an overload passes when each is taken or told to come again', () => {
  expect(wrongWith({ counts: { 200: 5, 429: 5 }, unsaid: 0 })).toEqual([])
})

it.each([
  ['steady', [100, 600, 600, 700, 700, 700, 800, 800], true],
  ['growing', [100, 600, 600, 700, 700, 800, 900, 900], false],
])('memory is %s by its second quarter and its last', (_, samples, steady) => {
  expect(isSteady(growthOf(samples))).toBe(steady)
})
