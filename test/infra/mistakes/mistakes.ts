/**
 * Mistakes that would fail a deployment, or pass it and then never work. `test/infra/planted.test.ts` plants each
 * in the synthesized template and wants its check red; a new kind of resource brings its mistakes here.
 */
import type { Template } from '#test/infra/template'
import { functions } from './functions.ts'
import { mappings } from './mappings.ts'
import { rights } from './rights.ts'
import { gone } from './row.ts'
import { storage } from './storage.ts'
import { wires } from './wires.ts'

export type Mistake = { check: string; on: string; at: string; to: unknown; about: string }

export const mistakes: Mistake[] = [functions, mappings, storage, rights, wires].flatMap((rows) =>
  rows.map(([check, on, at, to, about]) => ({ check, on, at, to, about })),
)

/** In a list: the first that mentions a text. */
const indexOf = (where: Record<string, unknown>, text: string): string =>
  Object.keys(where).find((key) => JSON.stringify(where[key]).includes(text)) ?? `nothing mentions ${text}`

function edit(where: Record<string, unknown>, path: string[], to: unknown): void {
  const [step = '', ...rest] = path
  const key = step.startsWith('?') ? indexOf(where, step.slice(1)) : step
  if (rest.length > 0) return edit(where[key] as Record<string, unknown>, rest, to)
  if (to !== gone) where[key] = to
  else if (Array.isArray(where)) where.splice(Number(key), 1)
  else delete where[key]
}

function pathOf({ on, at }: Mistake, id: string): string[] {
  if (on === 'Outputs') return ['Outputs', ...at.split('.').filter(Boolean)]
  if (at === '') return ['Resources', id]
  const inside = at.startsWith('/') ? at.slice(1) : `Properties.${at}`
  return ['Resources', id, ...inside.split('.')]
}

/** Makes the mistake in a template, and answers on which resource. */
export function plant(template: Template, mistake: Mistake): string {
  // Shorter ids first: `Deliver` is the function and no other that begins so.
  const ids = Object.keys(template.Resources).sort((left, right) => left.length - right.length)
  const id = ids.find((one) => one.startsWith(mistake.on)) ?? mistake.on
  edit(template, pathOf(mistake, id), mistake.to)
  return id
}
