/**
 * Nothing is fetched that a customer or a stranger named (SSRF): every place of the product that opens a connection
 * by itself is listed here with where to. The AWS SDK opens the rest, to AWS's own endpoints. A new place turns this
 * red until somebody says where its address comes from.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { steps } from '#adapters/shape'

const root = new URL('../../', import.meta.url).pathname
const deployed = ['core', 'flow', 'adapters', 'functions'] as const
const opens =
  /\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\(|\bEventSource\(|from 'node:(?:https?|http2|net|tls|dgram|dns)(?:\/promises)?'/

/** File → where its address comes from. */
const known: Readonly<Record<string, string>> = {
  'adapters/doctor-lambda.ts': 'the endpoint of AWS Lambda in the stage’s region; run by the operator alone',
  'adapters/doctor-names.ts':
    'name servers, about the sending domain of the stage; run by the operator alone',
  'functions/track/page-survey.ts': 'a line of script on our own page: it posts to that page’s own path',
}

const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))

const codeOf = (file: string): string =>
  readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')

describe('what is deployed', () => {
  it('opens connections by itself in the places known here, and nowhere else', () => {
    const files = deployed.flatMap(filesOf)
    const found = files.filter((file) => opens.test(codeOf(file)))

    expect(files.length).toBeGreaterThan(150)
    expect(found.sort()).toEqual(Object.keys(known).sort())
  })

  it('has no code that comes with a customer’s data: no eval, no function made of text, no shell', () => {
    const runs = /\beval\(|new Function\(|from 'node:(?:child_process|vm|worker_threads)'|\bimport\([^'"]/
    const found = deployed.flatMap(filesOf).filter((file) => runs.test(codeOf(file)))

    expect(found).toEqual([])
  })

  it('the steps fetch nothing: the one place that does is the doctor’s', () => {
    const reached = new Set<string>()
    const reach = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      for (const [, path = ''] of codeOf(file).matchAll(/from '(#[a-z]+\/[^']+|\.{1,2}\/[^']+)'/g)) {
        const target = path.startsWith('#') ? `${path.slice(1)}.ts` : join(file, '..', path)
        if (deployed.some((folder) => target.startsWith(`${folder}/`))) reach(target)
      }
    }
    for (const step of steps) reach(`functions/${step}.ts`)

    expect(reached.size).toBeGreaterThan(100)
    expect([...reached].filter((file) => opens.test(codeOf(file)))).toEqual([
      'functions/track/page-survey.ts',
    ])
  })
})
