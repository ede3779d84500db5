/**
 * The fields a condition may read: those of the view (`core/view.ts`) that hold one value or a list of them,
 * and whatever the entering event carries. `check` refuses every other name.
 */
import * as z from 'zod'
import { View } from './view.ts'

const roots = ['customer', 'cart', 'order', 'product', 'loyalty'] as const

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
}

function leaves(schema: Schema, path: string): string[] {
  if (schema.type === 'array') return schema.items?.type === 'object' ? [] : [path]
  if (schema.properties === undefined) return [path]
  return Object.entries(schema.properties).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))
}

let list: string[] | undefined

/** Every field by name, `event.name` included; `event.properties.…` may be anything. */
export function conditionFields(): string[] {
  if (list !== undefined) return list
  const view = z.toJSONSchema(View, { io: 'input', unrepresentable: 'any' }) as Schema
  list = roots.flatMap((root) => leaves(view.properties?.[root] ?? {}, root)).concat('event.name')
  return list
}

/** Whether a condition may read the field. */
export const isConditionField = (field: string): boolean =>
  field.startsWith('event.properties.') || conditionFields().includes(field)
