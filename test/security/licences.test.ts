/**
 * What we ship with and under which licence: every production dependency of package-lock.json, and the licence
 * that its own package.json says. A new one outside the list turns this red before a lawyer does. Weaknesses that
 * are known of them are `npm audit --omit=dev`, which needs the network (SECURITY.md).
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const root = new URL('../../', import.meta.url)
const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'))

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      optional: z.boolean().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
    }),
  ),
})
const Package = z.object({
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
})

/** Licences that ask for no more than to be named. */
const allowed: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
  'Python-2.0',
])

const { packages } = Lock.parse(json('package-lock.json'))
const shipped = Object.entries(packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true,
)

const wordsOfMit = 'Permission is hereby granted, free of charge, to any person obtaining'

/** The licence as said; of those that point to a file, whether its words are those of MIT. */
function licenceOf(path: string): string {
  const { license, licenses } = Package.parse(json(`${path}/package.json`))
  const file = /^SEE LICENSE IN (\S+)$/i.exec(typeof license === 'string' ? license : '')?.[1]
  if (file !== undefined) {
    const words = readFileSync(new URL(`${path}/${file}`, root), 'utf8').replace(/\s+/g, ' ')
    return words.includes(wordsOfMit) ? 'MIT' : `the words of ${file}`
  }
  if (typeof license === 'string') return license.replace(/\s*\(https?:[^)]*\)$/, '')
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none'
}

/** Whether an SPDX expression can be met: one of its alternatives by all of its parts. */
const isAllowed = (expression: string): boolean =>
  expression
    .replace(/[()]/g, '')
    .split(/ OR /i)
    .some((one) => one.split(/ AND /i).every((part) => allowed.has(part.trim())))

describe('production dependencies', () => {
  it('have licences that ask for no more than to be named', () => {
    const installed = shipped.filter(([path]) => existsSync(new URL(`${path}/package.json`, root)))
    const others = installed
      .map(([path]) => `${path}: ${licenceOf(path)}`)
      .filter((one) => !isAllowed(one.split(': ')[1] ?? ''))

    expect(installed.length).toBeGreaterThan(50)
    expect(others).toEqual([])
  })

  it('are all installed but the optional ones of other systems', () => {
    const missing = shipped.filter(
      ([path, { optional }]) => optional !== true && !existsSync(new URL(`${path}/package.json`, root)),
    )

    expect(missing.map(([path]) => path)).toEqual([])
  })

  it('come from the registry by their checksum', () => {
    const loose = Object.entries(packages).filter(
      ([path, { integrity, resolved }]) =>
        path !== '' &&
        resolved !== undefined &&
        (integrity === undefined || !resolved.startsWith('https://')),
    )

    expect(loose.map(([path]) => path)).toEqual([])
  })

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['GPL-3.0', false],
    ['MIT AND LGPL-3.0', false],
    ['none', false],
    ['SEE LICENSE IN LICENSE', false],
  ])('a licence %s is taken: %s', (expression, taken) => {
    expect(isAllowed(expression)).toBe(taken)
  })
})
