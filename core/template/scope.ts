/**
 * Names to expressions. A scope is what a name can mean at one place of a template: the contexts around it, the
 * loops, the names of `as |item|`, and the constants of `brand.yaml`. What a context is, is said from the view
 * down (absolute), so that an expression may be copied anywhere. Unknown names are refused. See `field.ts`.
 */
import { nearest } from '#core/suggest'
import type { Expression } from './compiled.ts'
import { below, type Field, namesBelow, viewField } from './field.ts'

/** An expression and what is known of its value. `name` is its path from the view, e.g. `cart.items[].name`. */
export interface Typed {
  expression: Expression
  field: Field
  name?: string
}

type Names = Readonly<Record<string, Typed>>

/** What `this` is at a place, and the parameters that a partial was handed there: they hide its fields. */
export interface ContextFrame extends Typed {
  names: Names
}

export interface Scope {
  /** The view first; `{{#each}}`, `{{#with}}` and `{{> part context}}` add one, and `../` goes back by one. */
  frames: readonly ContextFrame[]
  /** The loops around, by the number of their frame: `@index` is of the last, `@../index` of the one before. */
  loops: readonly number[]
  /** The number of the next frame that is filled while rendering. */
  depth: number
  /** Block parameters. */
  names: Names
  brand: Readonly<Record<string, string | number>>
}

/** The scope of a mail's top; `field` is what is known of the view. */
export const rootScope = (brand: Scope['brand'], field: Field = viewField): Scope => ({
  frames: [{ expression: { path: [], frame: 0 }, field, name: '', names: {} }],
  loops: [],
  depth: 1,
  names: {},
  brand,
})

/** The scope inside a loop or a `{{#with}}` whose context is `element`; its value is frame `scope.depth`. */
export function inside(scope: Scope, of: { element: Typed; loops: boolean; names: Names }): Scope {
  const frame = { ...of.element, expression: { path: [], frame: scope.depth }, names: {} }
  return {
    ...scope,
    frames: [...scope.frames, frame],
    loops: of.loops ? [...scope.loops, scope.depth] : scope.loops,
    depth: scope.depth + 1,
    names: { ...scope.names, ...of.names },
  }
}

/** The scope of a partial: the context it is called in or given, with its parameters. */
export function insidePartial(scope: Scope, of: { context: Typed | undefined; names: Names }): Scope {
  const last = scope.frames.at(-1)
  const names = { ...last?.names, ...of.names }
  if (of.context !== undefined) {
    return { ...scope, frames: [...scope.frames, { ...of.context, names: of.names }], names: {} }
  }
  return last === undefined
    ? scope
    : { ...scope, frames: [...scope.frames.slice(0, -1), { ...last, names }], names: {} }
}

/** A name that means nothing here, and the cure. */
export interface Unknown {
  unknown: string
  cure: string
}

const anyField: Field = { is: 'any' }
const text: Field = { is: 'value', type: 'string' }

/** What Handlebars' parser says of a path. */
export interface Path {
  data: boolean
  depth: number
  parts: readonly string[]
  original: string
}

const join = (name: string, part: string) => (name === '' ? part : `${name}.${part}`)

/** The value of a value's field. */
const stepDown = (from: Expression, part: string): Expression =>
  'path' in from
    ? { path: [...from.path, part], frame: from.frame }
    : { call: 'lookup', with: [from, { value: part }] }

function descend(start: Typed, parts: readonly string[], original: string): Typed | Unknown {
  let { expression, field, name } = start
  for (const part of parts) {
    const next = below(field, part)
    if (next === undefined) return unknownBelow(field, part, original)
    field = next
    expression = stepDown(expression, part)
    if (name !== undefined) name = /^\d+$/.test(part) ? `${name}[]` : join(name, part)
  }
  return { expression, field, ...(name !== undefined && { name }) }
}

/** An element of a list; a row of `(chunk list 3)` bears the name of the list itself. */
export function elementOf({ field, name }: Typed): { field: Field; name?: string } {
  if (field.is !== 'list') return { field }
  const own = name === undefined || field.of.is === 'list' ? name : `${name}[]`
  return { field: field.of, ...(own !== undefined && { name: own }) }
}

function unknownBelow(field: Field, part: string, original: string): Unknown {
  const candidates = namesBelow(field)
  const meant = nearest(part, candidates)
  const prefix = original.slice(0, original.length - part.length)
  const simple = original.endsWith(part)
  if (meant !== undefined) {
    return {
      unknown: `unknown field \`${original}\``,
      cure: `did you mean \`${simple ? prefix + meant : meant}\`?`,
    }
  }
  if (field.is === 'list') {
    return { unknown: `\`${original}\`: this is a list`, cure: 'walk it with {{#each …}} … {{/each}}' }
  }
  const known = candidates.length > 0 ? `known here: ${candidates.join(', ')}` : 'there is nothing below it'
  return { unknown: `unknown field \`${original}\``, cure: known }
}

const loopNames = ['index', 'first', 'last', 'key'] as const
const ownNames = ['language', 'direction', 'start', 'end'] as const

function resolveData(path: Path, scope: Scope): Typed | Unknown {
  const [head = '', ...rest] = path.parts
  const [view] = scope.frames
  if (head === 'root' && view !== undefined) return descend(view, rest, path.original)
  const loop = loopNames.find((one) => one === head)
  const frame = scope.loops.at(-1 - path.depth)
  if (loop !== undefined && frame !== undefined) return { expression: { loop, frame }, field: anyField }
  if (loop !== undefined) {
    return { unknown: `\`@${loop}\` stands outside a loop`, cure: 'use it between {{#each …}} and {{/each}}' }
  }
  const own = ownNames.find((one) => one === head)
  if (own !== undefined) return { expression: { own }, field: text }
  return { unknown: `unknown name \`${path.original}\``, cure: 'known: @root, @index, @first, @last, @key' }
}

function resolveBrand(parts: readonly string[], scope: Scope, original: string): Typed | Unknown {
  const key = parts.join('.')
  const value = Object.hasOwn(scope.brand, key) ? scope.brand[key] : undefined
  if (value !== undefined) return { expression: { value }, field: { is: 'value', type: typeof value } }
  const meant = nearest(key, Object.keys(scope.brand))
  const cure =
    meant === undefined ? `add \`${key}\` to templates/brand.yaml` : `did you mean \`brand.${meant}\`?`
  return { unknown: `\`${original}\` is not in templates/brand.yaml`, cure }
}

const own = (names: Names | undefined, name: string): Typed | undefined =>
  names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined

/**
 * What a path means in a scope: a block parameter, a parameter of the partial, a constant of the brand, a field
 * of the context; last a parameter of the partial from inside its loops.
 * @example resolve({ data: false, depth: 0, parts: ['cart', 'total'], original: 'cart.total' }, rootScope({}))
 */
export function resolve(path: Path, scope: Scope): Typed | Unknown {
  if (path.data) return resolveData(path, scope)
  const [head, ...rest] = path.parts
  const frame = scope.frames.at(-1 - path.depth)
  if (frame === undefined) {
    return { unknown: `\`${path.original}\` leads out of the mail`, cure: 'there are fewer blocks around it' }
  }
  if (head === undefined) return frame
  const isFree = path.depth === 0 && !/^(\.|this([./]|$))/.test(path.original)
  const named = (isFree ? own(scope.names, head) : undefined) ?? own(frame.names, head)
  if (named !== undefined) return descend(named, rest, path.original)
  if (isFree && head === 'brand' && rest.length > 0) return resolveBrand(rest, scope, path.original)
  const found = descend(frame, path.parts, path.original)
  if (!('unknown' in found) || !isFree) return found
  const outer = scope.frames.findLast(({ names }) => own(names, head) !== undefined)
  const handed = own(outer?.names, head)
  if (handed !== undefined) return descend(handed, rest, path.original)
  const [view] = scope.frames
  if (frame !== view && view !== undefined && below(view.field, head) !== undefined) {
    return { unknown: found.unknown, cure: `inside a loop, write \`@root.${path.parts.join('.')}\`` }
  }
  return found
}
