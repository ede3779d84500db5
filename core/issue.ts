/**
 * What zod says about a value, said to a marketer: one problem with its place in the YAML file, in plain words
 * and with a cure. The art is in unions: of the alternatives the one that was meant is found by its keys, so
 * that `wait: { quite: 1h }` answers "did you mean quiet" and not "invalid input".
 */
import type * as z from 'zod'
import type { Path, YamlFile } from './document.ts'
import { type JsonSchema, keysAt } from './editor-schema.ts'
import { cureFor, nearest } from './suggest.ts'
import type { Problem } from './template/problem.ts'

type Issue = z.core.$ZodIssue

interface Reading {
  yaml: YamlFile
  schema: JsonSchema
}

/** The problems behind the issues of one file, each once, in the order of the file. */
export function problemsOf(reading: Reading, issues: readonly Issue[]): Problem[] {
  const problems = explainAll(reading, issues, [])
  const once = new Map(problems.map((one) => [`${one.line}:${one.column}:${one.message}`, one]))
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

/** A rule that did not hold is not worth telling where a key of the same block is not known. */
function explainAll(reading: Reading, issues: readonly Issue[], before: Path): Problem[] {
  const places = issues.flatMap(({ code, path }) => (code === 'unrecognized_keys' ? [path.join('.')] : []))
  return issues
    .filter(({ code, path }) => code !== 'custom' || !places.includes(path.join('.')))
    .flatMap((issue) => explain(reading, issue, before))
}

function explain(reading: Reading, issue: Issue, before: Path): Problem[] {
  const path = [...before, ...issue.path] as Path
  const value = valueAt(reading.yaml.value, path)
  switch (issue.code) {
    case 'invalid_union':
      return explainUnion(reading, issue, path)
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(reading, path, key))
    case 'invalid_key':
      return [{ ...reading.yaml.atKey(path), ...invalidKey(reading, issue, path) }]
    default:
      if (value === undefined && path.length > 0) return [missing(reading, path)]
      return [{ ...reading.yaml.at(path), ...plainly(issue, value, nameOf(path)) }]
  }
}

function unknownKey({ yaml, schema }: Reading, path: Path, key: string): Problem {
  const present = Object.keys((valueAt(yaml.value, path) as object | null) ?? {})
  const free = keysAt(schema, path).filter((known) => !present.includes(known))
  const where = path.length === 0 ? '' : ` in "${nameOf(path)}"`
  return {
    ...yaml.atKey([...path, key]),
    message: `"${key}" is not known${where}`,
    cure: cureFor(key, free),
  }
}

function invalidKey({ schema }: Reading, issue: Extract<Issue, { code: 'invalid_key' }>, path: Path) {
  const key = nameOf(path)
  const near = nearest(key, keysAt(schema, path.slice(0, -1)))
  const said = issue.issues[0]?.message ?? 'write another'
  return {
    message: `"${key}" cannot stand here`,
    cure: near === undefined ? said : `did you mean "${near}"?`,
  }
}

function missing({ yaml }: Reading, path: Path): Problem {
  const parent = path.slice(0, -1)
  const name = nameOf(path)
  const where = parent.length === 0 ? '' : ` in "${nameOf(parent)}"`
  return { ...yaml.atKey(parent), message: `"${name}" is missing${where}`, cure: `add a line "${name}: …"` }
}

/** How unlike the value an alternative is: what it does not know and what it lacks at its own level. */
function unlike(issues: readonly Issue[], value: unknown): number {
  let points = 0
  for (const issue of issues) {
    if (issue.path.length === 0 && issue.code === 'invalid_type') points += 100
    else if (issue.path.length === 0 && issue.code === 'unrecognized_keys') points += 10 * issue.keys.length
    else if (issue.path.length === 1 && valueAt(value, issue.path as Path) === undefined) points += 12
  }
  return points
}

function explainUnion(
  reading: Reading,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
): Problem[] {
  const value = valueAt(reading.yaml.value, path)
  if (value === undefined && path.length > 0) return [missing(reading, path)]
  const ranked = issue.errors
    .map((issues) => ({ issues, points: unlike(issues, value) }))
    .sort((a, b) => a.points - b.points)
  const best = ranked[0]
  if (best !== undefined && best.points < 10) return explainAll(reading, best.issues, path)

  const known = keysAt(reading.schema, path)
  const keys = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : []
  const foreign = keys.filter((key) => !known.includes(key))
  if (known.length > 0 && foreign.length > 0) return foreign.map((key) => unknownKey(reading, path, key))
  const cure = issue.message === 'Invalid input' ? howTo(nameOf(path)) : issue.message
  const found = keys.length > 0 ? keys.map((key) => `"${key}"`).join(' and ') : shown(value)
  const messages = [`this cannot be ${found}`, `${found} alone does not say enough`]
  const message = messages[keys.length] ?? `${found} do not go together`
  return [{ ...reading.yaml.at(path), message, cure }]
}

const durations = new Set(['quiet', 'rest', 'upTo', 'freshFor', 'expires', 'within', 'wait'])

const howTo = (name: string): string =>
  durations.has(name)
    ? 'write a number and a unit, such as 30m, 1h, 1h30m, 7d'
    : 'see docs/journeys.md for what can be written'

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a block of "key: value" lines',
  record: 'a block of "key: value" lines',
  array: 'a list ("- …" lines)',
}

/** Message and cure of an issue that stands on its own. */
function plainly(issue: Issue, value: unknown, name: string): { message: string; cure: string } {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = kinds[issue.expected] ?? issue.expected
      const quoted = issue.expected === 'string' && typeof value !== 'object' && !durations.has(name)
      const cure = quoted
        ? `put it in quotes: "${String(value)}"`
        : durations.has(name)
          ? howTo(name)
          : `write ${wanted}`
      return { message: `"${name}" is ${wanted}, not ${shown(value)}`, cure }
    }
    case 'invalid_value':
      return {
        message: `"${name}" cannot be ${shown(value)}`,
        cure: cureFor(String(value), issue.values.map(String)),
      }
    case 'too_small':
    case 'too_big':
      return bound(issue, value, name)
    default: {
      const [what, ...cure] = issue.message.split('; ')
      if (what?.startsWith('"') && cure.length > 0) return { message: what, cure: cure.join('; ') }
      return { message: `"${name}" cannot be ${shown(value)}`, cure: cureOf(issue) }
    }
  }
}

const cureOf = (issue: Issue): string =>
  issue.code === 'invalid_format' && issue.format === 'url'
    ? 'write a whole address, such as https://www.shop.example/cart'
    : issue.message

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, value: unknown, name: string) {
  const [word, limit] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum]
  const units: Record<string, string> = { string: ' characters', array: ' entries' }
  const over = issue.inclusive === false ? 'more than' : `at ${word}`
  const found = Array.isArray(value)
    ? value.length === 0
      ? 'empty'
      : `a list of ${value.length}`
    : shown(value)
  return {
    message: `"${name}" cannot be ${found}`,
    cure: `${over} ${limit}${units[issue.origin] ?? ''}`
      .replace('at least 1 characters', 'write something')
      .replace('at least 1 entries', 'write at least one'),
  }
}

/** A value as one would name it in a sentence. */
function shown(value: unknown): string {
  if (value === null || value === '') return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a block'
  const text = String(value)
  return typeof value === 'string' ? `"${text.slice(0, 60)}"` : text
}

/** What the value at a path is called: its key, or the list it stands in. */
function nameOf(path: Path): string {
  for (const part of [...path].reverse()) if (typeof part === 'string') return part
  return 'the file'
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const part of path) {
    if (found === null || typeof found !== 'object') return undefined
    found = (found as Record<string | number, unknown>)[part]
  }
  return found
}
