/**
 * Names to expressions. A scope is what a name can mean at one place of a template: the frames of the loops
 * around it (absolute, so that an expression may be copied anywhere), the parameters of a partial, the names
 * of `as |item|`, and the constants of `brand.yaml`. Unknown names are refused here. See `field.ts`.
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

export interface Scope {
  /** Frame 0 is the view; each loop adds its element. */
  frames: readonly { field: Field; name: string }[]
  /** Block parameters and the parameters of a partial. */
  names: Readonly<Record<string, Typed>>
  brand: Readonly<Record<string, string | number>>
}

export const rootScope = (brand: Scope['brand']): Scope => ({
  frames: [{ field: viewField, name: '' }],
  names: {},
  brand,
})

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

function descend(start: Typed, parts: readonly string[], original: string): Typed | Unknown {
  let { field, name } = start
  const path: string[] = []
  for (const part of parts) {
    const next = below(field, part)
    if (next === undefined) return unknownBelow(field, part, original)
    field = next
    if (name !== undefined) name = /^\d+$/.test(part) ? `${name}[]` : join(name, part)
    path.push(part)
  }
  if (path.length === 0) return start
  const { expression } = start
  if (!('path' in expression)) {
    return { unknown: `\`${original}\` has no fields`, cure: 'print it as it is' }
  }
  return {
    expression: { path: [...expression.path, ...path], frame: expression.frame },
    field,
    ...(name !== undefined && { name }),
  }
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
  if (head === 'root') {
    return descend({ expression: { path: [], frame: 0 }, field: viewField, name: '' }, rest, path.original)
  }
  const loop = loopNames.find((one) => one === head)
  const frame = scope.frames.length - 1 - path.depth
  if (loop !== undefined && frame > 0) return { expression: { loop, frame }, field: anyField }
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

/**
 * What a path means in a scope.
 * @example resolve({ data: false, depth: 0, parts: ['cart', 'total'], original: 'cart.total' }, rootScope({}))
 */
export function resolve(path: Path, scope: Scope): Typed | Unknown {
  if (path.data) return resolveData(path, scope)
  const [head, ...rest] = path.parts
  if (head !== undefined && path.depth === 0 && !/^(this\b|\.\/)/.test(path.original)) {
    const named = Object.hasOwn(scope.names, head) ? scope.names[head] : undefined
    if (named !== undefined) return descend(named, rest, path.original)
    if (head === 'brand' && rest.length > 0) return resolveBrand(rest, scope, path.original)
  }
  const index = scope.frames.length - 1 - path.depth
  const frame = scope.frames[index]
  if (frame === undefined) {
    return { unknown: `\`${path.original}\` leads out of the mail`, cure: 'there are fewer loops around it' }
  }
  const start: Typed = {
    expression: { path: [], frame: index },
    field: frame.field,
    name: frame.name,
  }
  const found = descend(start, path.parts, path.original)
  if ('unknown' in found && index > 0 && head !== undefined && below(viewField, head) !== undefined) {
    return { unknown: found.unknown, cure: `inside a loop, write \`@root.${path.parts.join('.')}\`` }
  }
  return found
}
