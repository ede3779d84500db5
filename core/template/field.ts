/**
 * The view as a tree of fields, read from its schema, so that a template's names can be checked before a mail
 * is sent. Resolving a name answers with its field or with what is wrong and which name was probably meant.
 */
import * as z from 'zod'
import { type Kind, View } from '#core/view'

export type Field =
  | { is: 'object'; fields: Readonly<Record<string, Field>> }
  | { is: 'list'; of: Field }
  | { is: 'value'; type: string; kind?: Kind }
  /** Anything may be below, e.g. the properties of an event. */
  | { is: 'any' }

/** The field a schema describes. Optional and required are the same here: a mail must bear what is missing. */
export function fieldOf(schema: unknown): Field {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return fieldOf(schema.unwrap())
  if (schema instanceof z.ZodObject) {
    const fields: Record<string, Field> = {}
    for (const [name, inner] of Object.entries(schema.shape)) fields[name] = fieldOf(inner)
    return { is: 'object', fields }
  }
  if (schema instanceof z.ZodArray) return { is: 'list', of: fieldOf(schema.element) }
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodUnknown) return { is: 'any' }
  if (!(schema instanceof z.ZodType)) return { is: 'any' }
  const kind = schema.meta()?.kind as Kind | undefined
  return { is: 'value', type: schema.def.type, ...(kind !== undefined && { kind }) }
}

/** The whole view. */
export const viewField: Field = fieldOf(View)

/** The fields directly below a field. */
export const namesBelow = (field: Field): string[] => (field.is === 'object' ? Object.keys(field.fields) : [])

/** Steps down by one name; undefined when there is no such field. */
export function below(field: Field, name: string): Field | undefined {
  if (field.is === 'any') return field
  if (field.is === 'object') return Object.hasOwn(field.fields, name) ? field.fields[name] : undefined
  if (field.is === 'list' && name === 'length') return { is: 'value', type: 'number' }
  if (field.is === 'list' && /^\d+$/.test(name)) return field.of
  return undefined
}
