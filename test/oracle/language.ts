/**
 * Our language against Handlebars' own: a random template with random data, compiled by us as plain text and by
 * Handlebars without escaping, must come out the same. Where they are meant to differ (docs/templates.md lists
 * it) `random-language.ts` does not go. A case that differs is made as small as it stays wrong.
 */
import Handlebars from 'handlebars'
import { functions } from '#core/template/apply'
import type { CompiledMail } from '#core/template/compiled'
import { newFindings } from '#core/template/findings'
import { flatten } from '#core/template/flatten'
import { growText } from '#core/template/grow'
import type { Problem } from '#core/template/problem'
import { renderMail } from '#core/template/render'
import { rootScope } from '#core/template/scope'
import { aView } from '#test/core/template/build'
import { type Case, caseOf, type Part, write } from './random-language.ts'

/** What the two made of a case. */
export interface Compared {
  ours: string
  theirs: string
}

/** The case rendered by us, or what we refuse it for. */
export function renderOurs({ template, partials, data }: Case): { text: string } | { problems: Problem[] } {
  const findings = newFindings()
  const { problems } = findings
  const layout = Object.fromEntries(
    Object.entries(partials).map(([name, parts]) => [name, { file: name, text: write(parts) }]),
  )
  const scope = rootScope({}, { is: 'any' })
  const flat = flatten({ file: 'template', text: write(template) }, { layout, scope, findings })
  const tree = growText(flat.text, { flat, problems })
  if (problems.length > 0) return { problems }
  const mail: CompiledMail = {
    schema: 1,
    subject: [],
    preheader: [],
    html: tree,
    text: [],
    strings: {},
    fallback: 'en',
    variables: [],
    required: [],
    htmlBytes: 0,
  }
  // A view of another shape: whatever its fields are, the language is the same.
  const view = { ...aView(), ...data } as unknown as ReturnType<typeof aView>
  return { text: renderMail(mail, view, { locale: 'en' }).html }
}

const manner = { locale: 'en', language: 'en', zone: 'UTC', now: aView().now }

function handlebarsWith(partials: Case['partials']): typeof Handlebars {
  const handlebars = Handlebars.create()
  for (const [name, parts] of Object.entries(partials)) handlebars.registerPartial(name, write(parts))
  for (const [name, apply] of Object.entries(functions)) {
    if (name === 'lookup') continue
    handlebars.registerHelper(name, (...given: unknown[]) => {
      const { hash } = given.pop() as { hash: Record<string, unknown> }
      return apply(given, hash, manner)
    })
  }
  return handlebars
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#x60;': '`',
  '&#x3D;': '=',
}

/**
 * The case rendered by Handlebars, as HTML and read back: told not to escape, it adds two numbers that stand
 * beside one another. Throws what it throws.
 */
export function renderTheirs({ template, partials, data }: Case): string {
  const compiled = handlebarsWith(partials).compile(write(template), { preventIndent: true })
  const view = { ...aView(), ...data }
  const html = compiled(view, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false })
  return html.replace(/&(?:amp|lt|gt|quot|#x27|#x60|#x3D);/g, (entity) => entities[entity] ?? entity)
}

/** What the two make of a case, where it is not the same. */
export function differenceIn(one: Case): Compared | undefined {
  const made = renderOurs(one)
  const ours =
    'text' in made ? made.text : `refused: ${made.problems.map(({ message }) => message).join('; ')}`
  const theirs = renderTheirs(one)
  return ours === theirs ? undefined : { ours, theirs }
}

const isWrong = (one: Case): boolean => {
  try {
    const made = renderOurs(one)
    return 'text' in made && made.text !== renderTheirs(one)
  } catch {
    return false
  }
}

/** The lists of parts one step smaller: a part left out, or a block replaced by what is in it. */
function* smallerParts(parts: readonly Part[]): Generator<Part[]> {
  for (const [index, part] of parts.entries()) {
    const with_ = (...instead: Part[]) => [...parts.slice(0, index), ...instead, ...parts.slice(index + 1)]
    yield with_()
    if (typeof part === 'string') continue
    // What opens no context may be taken off; the rest would leave `../` leading elsewhere.
    if (/^\s*\{\{~?\s*[#^](if|unless)/.test(part.open)) yield with_(...part.body)
    for (const [at] of part.branches.entries())
      yield with_({ ...part, branches: part.branches.filter((_, other) => other !== at) })
    for (const body of smallerParts(part.body)) yield with_({ ...part, body })
    for (const [at, branch] of part.branches.entries())
      for (const body of smallerParts(branch.body))
        yield with_({ ...part, branches: part.branches.with(at, { ...branch, body }) })
  }
}

/** The data one step smaller: a field or an element left out. */
function* smallerData(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      yield value.filter((_, other) => other !== index)
      for (const inner of smallerData(one)) yield value.with(index, inner)
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [name, one] of Object.entries(value)) {
      const { [name]: _, ...rest } = value as Record<string, unknown>
      yield rest
      for (const inner of smallerData(one)) yield { ...rest, [name]: inner }
    }
  }
}

function* smaller(one: Case): Generator<Case> {
  for (const template of smallerParts(one.template)) yield { ...one, template }
  for (const [name, parts] of Object.entries(one.partials))
    for (const part of smallerParts(parts)) yield { ...one, partials: { ...one.partials, [name]: part } }
  for (const data of smallerData(one.data)) yield { ...one, data: data as Case['data'] }
}

/** The smallest case found that still differs. */
export function shrink(one: Case): Case {
  for (const next of smaller(one)) if (isWrong(next)) return shrink(next)
  return one
}

/** What is wrong with the case of a seed, as a person reads it; undefined when nothing is. */
export function checkLanguage(seed: number): string | undefined {
  const found = caseOf(seed)
  if (differenceIn(found) === undefined) return undefined
  const one = isWrong(found) ? shrink(found) : found
  const { ours, theirs } = differenceIn(one) ?? { ours: '', theirs: '' }
  const partials = Object.entries(one.partials).map(
    ([name, parts]) => `  ${name}: ${JSON.stringify(write(parts))}`,
  )
  return [
    `template: ${JSON.stringify(write(one.template))}`,
    ...partials,
    `data: ${JSON.stringify(one.data)}`,
    `ours: ${JSON.stringify(ours)}`,
    `Handlebars: ${JSON.stringify(theirs)}`,
  ].join('\n    ')
}
