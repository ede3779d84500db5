/**
 * Evaluates CloudFormation's intrinsic functions over a template whose every name is known beforehand
 * (`attributes.ts`), so that no order of creation is needed. An unknown function or reference is an error:
 * guessing here would hide a stack that AWS refuses.
 */
import type { Template } from './template.ts'

/** What `Ref` and `Fn::GetAtt` of a resource answer, and the pseudo parameters. */
export type Scope = {
  template: Template
  pseudo: Record<string, unknown>
  ref: (logicalId: string) => unknown
  attribute: (logicalId: string, attribute: string) => unknown
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown

/** AWS::NoValue: the property it stands in is left out. */
export const noValue = Symbol('AWS::NoValue')

/** Resolves every intrinsic inside `value`. Throws on what CloudFormation would refuse. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((part) => resolve(part, scope)).filter((part) => part !== noValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const only = entries.length === 1 ? entries[0] : undefined
  if (only !== undefined) {
    const intrinsic = intrinsics[only[0]]
    if (intrinsic !== undefined) return intrinsic(only[1], scope)
    if (only[0].startsWith('Fn::')) throw new Error(`The template uses ${only[0]}, which is not supported.`)
  }
  const made: Record<string, unknown> = {}
  for (const [key, part] of entries) {
    const resolved = resolve(part, scope)
    if (resolved !== noValue) made[key] = resolved
  }
  return made
}

function ref(argument: unknown, scope: Scope): unknown {
  const name = String(argument)
  if (name === 'AWS::NoValue') return noValue
  if (name in scope.pseudo) return scope.pseudo[name]
  const parameter = scope.template.Parameters?.[name]
  if (parameter !== undefined) return parameter.Default
  if (scope.template.Resources[name] === undefined)
    throw new Error(`The template refers to ${name}, which it lacks.`)
  return scope.ref(name)
}

function attribute(argument: unknown, scope: Scope): unknown {
  const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.')
  if (logicalId === undefined || scope.template.Resources[logicalId] === undefined) {
    throw new Error(`The template asks for an attribute of ${logicalId}, which it lacks.`)
  }
  return scope.attribute(logicalId, path.join('.'))
}

function join(argument: unknown, scope: Scope): unknown {
  const [separator, parts] = argument as [string, unknown]
  return (resolve(parts, scope) as unknown[]).join(separator)
}

function substitute(argument: unknown, scope: Scope): unknown {
  const [text, own] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [String(argument), {}]
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`
    if (name in own) return String(resolve(own[name], scope))
    return String(name.includes('.') ? attribute(name, scope) : ref(name, scope))
  })
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, list] = resolve(argument, scope) as [number | string, unknown[]]
  return list[Number(index)]
}

function split(argument: unknown, scope: Scope): unknown {
  const [separator, text] = resolve(argument, scope) as [string, string]
  return text.split(separator)
}

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map, first, second] = resolve(argument, scope) as [string, string, string]
  const found = scope.template.Mappings?.[map]?.[first]?.[second]
  if (found === undefined) throw new Error(`The template's mapping ${map} lacks ${first}.${second}.`)
  return found
}

function condition(name: unknown, scope: Scope): boolean {
  const definition = scope.template.Conditions?.[String(name)]
  if (definition === undefined) throw new Error(`The template lacks the condition ${String(name)}.`)
  return resolve(definition, scope) === true
}

/** Whether the named condition of the template holds. */
export function holds(name: string, scope: Scope): boolean {
  return condition(name, scope)
}

const intrinsics: Record<string, Intrinsic> = {
  Ref: ref,
  Condition: condition,
  'Fn::GetAtt': attribute,
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::FindInMap': findInMap,
  'Fn::If': (argument, scope) => {
    const [name, yes, no] = argument as [string, unknown, unknown]
    return resolve(condition(name, scope) ? yes : no, scope)
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = resolve(argument, scope) as [unknown, unknown]
    return left === right
  },
  'Fn::Not': (argument, scope) => !(resolve(argument, scope) as unknown[])[0],
  'Fn::And': (argument, scope) => (resolve(argument, scope) as unknown[]).every(Boolean),
  'Fn::Or': (argument, scope) => (resolve(argument, scope) as unknown[]).some(Boolean),
  'Fn::GetAZs': () => ['a', 'b', 'c'],
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
  'Fn::ToJsonString': (argument, scope) => JSON.stringify(resolve(argument, scope)),
}
