/**
 * Expressions of a template, checked: names against the view, calls against their signatures, amounts and
 * dates against the function that shows them. It finds an amount's currency beside it, so that marketers need
 * not name it. What it cannot make sense of becomes a problem and the empty value.
 */
import { cureFor, nearest } from '#core/suggest'
import { fieldGiven, fits, type Signature, signatureOf, signatures } from './call.ts'
import { type Call, inMajorUnits, specials, toCall } from './check-call.ts'
import { namesBelow } from './field.ts'
import { nothing, report, type Surroundings } from './findings.ts'
import { asPath, type CallNode, type ExpressionNode, type PathNode, placeOf } from './parse.ts'
import { resolve, type Scope, type Typed } from './scope.ts'

/** The checked form of an expression. */
export function typeOf(node: ExpressionNode, in_: Surroundings): Typed {
  in_.findings.expressions += 1
  switch (node.type) {
    case 'StringLiteral':
      return { expression: { value: node.value }, field: { is: 'value', type: 'string' } }
    case 'NumberLiteral':
      return { expression: { value: node.value }, field: { is: 'value', type: 'number' } }
    case 'BooleanLiteral':
      return { expression: { value: node.value }, field: { is: 'value', type: 'boolean' } }
    case 'NullLiteral':
    case 'UndefinedLiteral':
      return { expression: { value: null }, field: { is: 'any' } }
    case 'PathExpression':
      return typeOfPath(node, in_)
    case 'SubExpression':
    case 'MustacheStatement':
      return typeOfCall(node, in_)
  }
}

function typeOfPath(node: PathNode, in_: Surroundings): Typed {
  const found = resolve(node, in_.scope)
  if ('unknown' in found) {
    const here = { place: placeOf(node, in_.file), message: found.unknown, cure: found.cure }
    const { place, ...says } = notTold(node, in_) ?? here
    report(in_, place, says)
    return nothing
  }
  if (found.name !== undefined && found.name !== '') in_.findings.variables.add(found.name)
  return found
}

/** A name of a file of the layout that is like no field: the mail is to tell it, where it calls the file. */
function notTold({ parts: [first = ''], data, depth }: PathNode, { scope, told, file }: Surroundings) {
  if (told === undefined || data || depth > 0 || first === 'brand') return undefined
  const known = namesBelow(scope.frames.at(-1)?.field ?? nothing.field)
  if (known.includes(first) || nearest(first, known) !== undefined) return undefined
  const meant = nearest(first, told.values)
  return {
    place: told.place,
    message: `{{> ${told.name}}} is not told \`${first}\`, of which ${file} speaks`,
    cure:
      meant === undefined ? `write {{> ${told.name} ${first}=…}}` : `write \`${first}=\` for \`${meant}=\``,
  }
}

/** A mustache: a call when it has values or the name of a function, else a field. */
export function typeOfMustache(node: CallNode, in_: Surroundings): Typed {
  const path = asPath(node.path)
  const bare = node.params.length === 0 && node.hash === undefined
  return bare && path !== undefined && !isCallee(path, in_.scope) ? typeOf(path, in_) : typeOf(node, in_)
}

const isCallee = (path: PathNode, scope: Scope) =>
  path.parts.length === 1 &&
  !path.data &&
  signatureOf(path.parts[0] ?? '') !== undefined &&
  'unknown' in resolve(path, scope)

function typeOfCall(node: CallNode, in_: Surroundings): Typed {
  const place = placeOf(node, in_.file)
  const name = asPath(node.path)?.original ?? ''
  const signature = signatureOf(name)
  if (signature === undefined) {
    const known = Object.keys(signatures)
    const meant = nearest(name, known)
    const cure = meant === undefined ? `known: ${known.join(', ')}` : `did you mean \`${meant}\`?`
    report(in_, place, { message: `there is no function \`${name}\``, cure })
    return nothing
  }
  const values = node.params.map((param) => typeOf(param, in_))
  const call = { name, signature, values, named: namedOf(node, { name, signature }, in_), place }
  const wrong = wrongValues(call)
  if (wrong === undefined) return finishCall(call, in_)
  report(in_, place, wrong)
  return nothing
}

/** Too few or too many values, or one that the function can do nothing with. */
function wrongValues({ name, signature, values }: Call): { message: string; cure: string } | undefined {
  const { takes, count = { least: takes.length, most: takes.length }, usage } = signature
  const cure = `write ${usage}`
  if (values.length < count.least || values.length > count.most) {
    const wants = count.least === count.most ? `${count.least}` : `${count.least} to ${count.most}`
    const message = `\`${name}\` takes ${wants} value${wants === '1' ? '' : 's'}, here are ${values.length}`
    return { message, cure }
  }
  const index = values.findIndex((value, at) => !fits(value.field, takes[at] ?? 'anything'))
  const wrong = values[index]
  if (wrong === undefined) return undefined
  const given = wrong.name === undefined ? `value ${index + 1}` : `\`${wrong.name}\``
  return { message: `\`${name}\` wants a ${takes[index]}, and ${given} is none`, cure }
}

function namedOf(
  { hash }: CallNode,
  of: { name: string; signature: Signature },
  in_: Surroundings,
): Record<string, Typed> {
  const { named: known, choices = {} } = of.signature
  const named: Record<string, Typed> = {}
  for (const { key, value, loc } of hash?.pairs ?? []) {
    const place = placeOf({ loc }, in_.file)
    if (known !== 'any' && !known.includes(key)) {
      const cure = known.length > 0 ? `known: ${known.join(', ')}` : 'take it out'
      report(in_, place, { message: `\`${of.name}\` knows no \`${key}=\``, cure })
    }
    named[key] = typeOf(value, in_)
    const { expression } = named[key]
    const among = choices[key]
    if (among === undefined || !('value' in expression)) continue
    const chosen = String(expression.value)
    if (among.includes(chosen)) continue
    const message = `\`${of.name}\` knows no ${key}="${chosen}"`
    report(in_, place, { message, cure: cureFor(chosen, among) })
  }
  return named
}

function finishCall(call: Call, in_: Surroundings): Typed {
  const special = specials[call.name]?.(call, in_)
  if (special !== undefined) return special
  const { name, signature, values, named } = call
  const inputs = signature.gives === 'truth' ? inMajorUnits(values, in_) : values
  const field = fieldGiven(
    signature,
    values.map((value) => value.field),
  )
  const [first] = values
  const keepsName = first?.name !== undefined && field.is === 'list' && signature.takes[0] === 'list'
  return { expression: toCall(name, inputs, named), field, ...(keepsName && { name: first.name }) }
}
