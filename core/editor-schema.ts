/**
 * JSON Schemas of what marketers write, made from the zod schemas: editors complete and check by them
 * (`templates/*.schema.json`, written by `npm run schema`), and `check` asks them which keys a place knows. That
 * of the view, whose names a template prints, is also where docs/templates.md has its table from.
 */
import * as z from 'zod'
import { Condition, operators } from './condition.ts'
import { conditionFields } from './field-list.ts'
import { Journey } from './journey.ts'
import { Settings } from './settings.ts'
import { type Signature, signatures } from './template/call.ts'
import { View } from './view.ts'

/** As much of JSON Schema as ours use. */
export interface JsonSchema {
  $ref?: string
  $defs?: Record<string, JsonSchema>
  anyOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  [key: string]: unknown
}

const scalar: JsonSchema = { type: ['string', 'number', 'boolean'] }

/** A condition by hand: zod reads it with a function, which has no JSON Schema. */
function conditionSchema(): JsonSchema {
  const self = { $ref: '#/$defs/condition' }
  const test: JsonSchema = {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(operators).map(([name, operator]) => [name, z.toJSONSchema(operator) as JsonSchema]),
    ),
  }
  for (const schema of Object.values(test.properties ?? {})) delete schema.$schema
  const field = { anyOf: [test, scalar] }
  return {
    type: 'object',
    description: 'What must hold: fields with what they are compared to, or all / any / not.',
    properties: {
      all: { type: 'array', items: self, minItems: 1 },
      any: { type: 'array', items: self, minItems: 1 },
      not: self,
      ...Object.fromEntries(conditionFields().map((name) => [name, { $ref: '#/$defs/comparison' }])),
    },
    patternProperties: { '^event\\.properties\\.': { $ref: '#/$defs/comparison' } },
    additionalProperties: false,
    $defs: { comparison: field },
  }
}

function make(schema: z.ZodType, title: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if ((zodSchema as unknown) === Condition) jsonSchema.$ref = '#/$defs/condition'
    },
  }) as JsonSchema
  const { $defs, ...condition } = conditionSchema()
  return { ...made, title, $defs: { ...made.$defs, ...$defs, condition } }
}

let journey: JsonSchema | undefined
let settings: JsonSchema | undefined

/** What `journey.yaml` may hold. */
export function journeySchema(): JsonSchema {
  journey ??= make(Journey, 'A journey')
  return journey
}

/** What `settings.yaml` may hold. */
export function settingsSchema(): JsonSchema {
  settings ??= make(Settings, 'Settings of the shop')
  return settings
}

/** The keys that may stand in the map at `path`, over all alternatives; none when it is no map of ours. */
export function keysAt(root: JsonSchema, path: readonly (string | number)[]): string[] {
  let places = open(root, root)
  for (const part of path) {
    places = places.flatMap((place) => {
      const next =
        typeof part === 'number'
          ? place.items
          : (place.properties?.[part] ??
            (typeof place.additionalProperties === 'object' ? place.additionalProperties : undefined))
      return next === undefined ? [] : open(root, next)
    })
  }
  return [...new Set(places.flatMap((place) => Object.keys(place.properties ?? {})))]
}

/** A schema's alternatives, references followed. */
function open(root: JsonSchema, schema: JsonSchema): JsonSchema[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return target === undefined ? [] : open(root, target)
  }
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap((one) => open(root, one))
}

/** Of one function of the template language, what completion shows. */
const functionHelp = ({ about, usage, takes, named }: Signature) => ({
  description: about,
  usage,
  takes,
  named,
})

/** What a mail sees, each field with its meaning, an example and its source, and the functions it may call. */
export function viewSchema(): JsonSchema & { functions: Record<string, ReturnType<typeof functionHelp>> } {
  const view = z.toJSONSchema(View, {
    io: 'input',
    unrepresentable: 'any',
    override: withoutPattern,
  }) as JsonSchema
  const functions = Object.entries(signatures).map(([name, signature]) => [name, functionHelp(signature)])
  return { ...view, title: 'What a mail sees', functions: Object.fromEntries(functions) }
}

/** How an instant is written is ours to check; who writes a template need not read it. */
const withoutPattern = ({ jsonSchema }: { jsonSchema: { pattern?: string } }) => {
  delete jsonSchema.pattern
}

/** One line of what a mail sees. */
export interface ViewField {
  /** From the view down, `cart.items[].name`. */
  name: string
  about: string
  example: unknown
  source: string
}

/** All fields of the view, in the order they are declared; those of an item once, as `item.…`. */
export function viewFields(): ViewField[] {
  const { $defs, properties } = viewSchema()
  const below = (schema: JsonSchema, at: { name: string; source: string }): ViewField[] => {
    const { description, examples, source = at.source } = schema as Described
    const field = { name: at.name, about: description ?? '', example: examples?.[0], source }
    const inner = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
      below(one, { name: `${at.name}.${name}`, source }),
    )
    return [field, ...inner]
  }
  const fields = Object.entries(properties ?? {}).flatMap(([name, one]) => below(one, { name, source: '' }))
  return [...fields, ...below($defs?.Item ?? {}, { name: 'item', source: '' })]
}

interface Described {
  description?: string
  examples?: unknown[]
  source?: string
}
