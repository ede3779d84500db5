/**
 * The view is declared once: every field says what it is, shows an example that is one, and where it comes from;
 * the tables of docs/templates.md are made from it and from the list of functions. `UPDATE_DOCS=1 npx vitest run
 * test/core/template/view` writes them anew. (`templates/view.schema.json` is held current by test/cli/schema.)
 */
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { viewFields, viewSchema } from '#core/editor-schema'
import { signatures } from '#core/template/call'
import { View } from '#core/view'
import { expectMade } from '#test/fixture/made-part'
import { compilePage } from './build.ts'

/** A value made of a schema's own examples. */
function exampleOf(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return exampleOf(schema.unwrap())
  const [example] = (schema instanceof z.ZodType ? (schema.meta()?.examples as unknown[]) : undefined) ?? []
  if (example !== undefined) return example
  if (schema instanceof z.ZodArray) return [exampleOf(schema.element)]
  if (!(schema instanceof z.ZodObject)) return undefined
  return Object.fromEntries(Object.entries(schema.shape).map(([name, inner]) => [name, exampleOf(inner)]))
}

describe('what a mail sees', () => {
  it('is whole when it is made of its examples', () => {
    const read = View.safeParse(exampleOf(View))

    expect(read.error?.issues ?? []).toEqual([])
    expect(JSON.stringify(exampleOf(View))).not.toContain('null')
  })

  it.each(viewFields().map((field) => [field.name, field] as const))('%s has its meaning', (name, field) => {
    const leads = !viewFields().some((other) => other.name.startsWith(`${name}.`))
    const isItem = name === 'item' || name.startsWith('item.')
    const isList = ['items', 'products', 'recent', 'product'].includes(name.split('.').at(-1) ?? '')

    expect(field.about).toMatch(/^[^\n]{4,150}[^.\n]$/)
    expect(field.source).toMatch(isItem ? /^$/ : /^(profile|fetched)$/)
    if (leads && !isList) expect(field.example).toBeDefined()
  })

  it('tells editors what the checks know', () => {
    const { properties, functions } = viewSchema()

    expect(Object.keys(properties ?? {})).toEqual(Object.keys(View.shape))
    expect(Object.keys(functions)).toEqual(Object.keys(signatures))
    expect(properties?.cart?.properties?.total).toMatchObject({ kind: 'money', examples: [550000] })
    expect(compilePage('{{cart.total}}').problems).toHaveLength(1)
  })
})

const cell = (text: string) => text.replaceAll('|', '\\|')

const tables: Record<string, () => string[]> = {
  view: () => [
    '| field | what it is | for example | from |',
    '| --- | --- | --- | --- |',
    ...viewFields().map(({ name, about, example, source }) => {
      const shown = example === undefined ? '' : `\`${cell(JSON.stringify(example))}\``
      return `| \`${name}\` | ${cell(about)} | ${shown} | ${source} |`
    }),
  ],
  functions: () => [
    '| function | what it gives | how it is written |',
    '| --- | --- | --- |',
    ...Object.entries(signatures).map(
      ([name, { about, usage }]) => `| \`${name}\` | ${cell(about)} | \`${cell(usage)}\` |`,
    ),
  ],
}

it.each(Object.entries(tables))('the table of %s in the docs is what the code says', (name, rows) =>
  expectMade('templates.md', name, rows().join('\n')),
)
