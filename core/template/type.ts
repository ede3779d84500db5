/**
 * Expressions of a template, checked: names against the view, calls against their signatures, amounts and
 * dates against the function that shows them. It finds an amount's currency beside it, so that marketers need
 * not name it. What it cannot make sense of becomes a problem and the empty value.
 */
import { cureFor, nearest } from '#core/suggest'
import { fieldGiven, type Signature, signatureOf, signatures } from './call.ts'
import type { Expression } from './compiled.ts'
import { below, type Field } from './field.ts'
import { dateStyles } from './format.ts'
import { asPath, type CallNode, type ExpressionNode, type HashNode, type PathNode, placeOf } from './parse.ts'
import type { Place, Problem } from './problem.ts'
import { resolve, type Scope, type Typed } from './scope.ts'

/** A use of a string: its key and the names that are passed to it. */
export interface Wording {
  key: string
  names: string[]
  place: Place
}

/** What the checks of one mail collect. */
export interface Findings {
  problems: Problem[]
  variables: Set<string>
  required: Set<string>
  wordings: Wording[]
  expressions: number
}

export const newFindings = (): Findings => ({
  problems: [],
  variables: new Set(),
  required: new Set(),
  wordings: [],
  expressions: 0,
})

/** What an expression is checked in. */
export interface Surroundings {
  scope: Scope
  file: string
  findings: Findings
}

const nothing: Typed = { expression: { value: '' }, field: { is: 'any' } }
const isMoney = (field: Field) => field.is === 'value' && field.kind === 'money'

/** Notes a problem. */
export function report(in_: Surroundings, place: Place, says: { message: string; cure: string }): void {
  in_.findings.problems.push({ ...place, ...says })
}

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
    report(in_, placeOf(node, in_.file), { message: found.unknown, cure: found.cure })
    return nothing
  }
  if (found.name !== undefined && found.name !== '') in_.findings.variables.add(found.name)
  return found
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
  if (values.length < signature.least || values.length > signature.most) {
    const wants =
      signature.least === signature.most ? `${signature.least}` : `${signature.least} to ${signature.most}`
    report(in_, place, {
      message: `\`${name}\` takes ${wants} value${wants === '1' ? '' : 's'}, here are ${values.length}`,
      cure: `write ${signature.usage}`,
    })
    return nothing
  }
  const named = namedOf(node.hash, signature, { name, in_ })
  return finishCall({ name, signature, values, named, node }, in_)
}

function namedOf(hash: HashNode | undefined, signature: Signature, of: { name: string; in_: Surroundings }) {
  const named: Record<string, Typed> = {}
  for (const pair of hash?.pairs ?? []) {
    if (signature.named !== 'any' && !signature.named.includes(pair.key)) {
      report(of.in_, placeOf(pair, of.in_.file), {
        message: `\`${of.name}\` knows no \`${pair.key}=\``,
        cure: signature.named.length > 0 ? `known: ${signature.named.join(', ')}` : 'take it out',
      })
    }
    named[pair.key] = typeOf(pair.value, of.in_)
  }
  return named
}

interface Call {
  name: string
  signature: Signature
  values: Typed[]
  named: Record<string, Typed>
  node: CallNode
}

function finishCall(call: Call, in_: Surroundings): Typed {
  const { name, values, named } = call
  if (name === 't') return wording(call, in_)
  checkChoice(call, in_)
  if (name === 'money') named.currency ??= currencyOf(values[0] ?? nothing, in_)
  if (name === 'require') require(call, in_)
  const inputs = call.signature.gives === 'truth' ? inMajorUnits(values, in_) : values
  const field = fieldGiven(
    call.signature,
    values.map((value) => value.field),
  )
  return { expression: toCall(name, inputs, named), field }
}

const choices: Readonly<Record<string, { named: string; of: readonly string[] }>> = {
  date: { named: 'style', of: dateStyles },
  money: { named: 'display', of: ['symbol', 'narrow', 'code', 'name'] },
}

/** A way to write dates or amounts that there is not. */
function checkChoice({ name, named, node }: Call, in_: Surroundings): void {
  const choice = choices[name]
  const written = choice && named[choice.named]?.expression
  if (choice === undefined || written === undefined || !('value' in written)) return
  const value = String(written.value)
  if (choice.of.includes(value)) return
  report(in_, placeOf(node, in_.file), {
    message: `\`${name}\` knows no ${choice.named}="${value}"`,
    cure: cureFor(value, choice.of),
  })
}

function toCall(name: string, values: readonly Typed[], named: Readonly<Record<string, Typed>>): Expression {
  const names = Object.keys(named)
  const call = { call: name, with: values.map((value) => value.expression) }
  if (names.length === 0) return call
  return {
    ...call,
    named: Object.fromEntries(names.map((key) => [key, named[key]?.expression ?? { value: '' }])),
  }
}

function wording({ values, named, node }: Call, in_: Surroundings): Typed {
  const place = placeOf(node, in_.file)
  const key = values[0]?.expression
  if (key === undefined || !('value' in key) || typeof key.value !== 'string') {
    report(in_, place, {
      message: '`t` wants the name of a string in quotes',
      cure: `write ${signatures.t?.usage}`,
    })
    return nothing
  }
  for (const [name, value] of Object.entries(named)) {
    if (isMoney(value.field)) {
      const message = `\`${name}=\` is an amount in small units`
      report(in_, place, { message, cure: `write \`${name}=(money …)\`` })
    }
  }
  in_.findings.wordings.push({ key: key.value, names: Object.keys(named), place })
  return { expression: toCall('t', values, named), field: { is: 'value', type: 'string' } }
}

function require({ values, node }: Call, in_: Surroundings): void {
  const name = values[0]?.name
  if (name !== undefined && !name.includes('[]')) in_.findings.required.add(name)
  else {
    report(in_, placeOf(node, in_.file), {
      message: '`require` wants a field of the view',
      cure: 'write {{require offer.code}}',
    })
  }
}

/** The field an expression of the current frames leads to. */
function fieldAt(expression: Expression, scope: Scope): Field | undefined {
  if (!('path' in expression)) return undefined
  const from = scope.frames.find(
    ({ expression: at }) => 'path' in at && at.path.length === 0 && at.frame === expression.frame,
  )
  let field = from?.field
  for (const part of expression.path) field = field && below(field, part)
  return field
}

/** The amount inside a calculation. */
function amountIn(expression: Expression, scope: Scope): Expression | undefined {
  if ('call' in expression) {
    for (const inner of expression.with) {
      const found = amountIn(inner, scope)
      if (found !== undefined) return found
    }
    return undefined
  }
  const field = fieldAt(expression, scope)
  return field !== undefined && isMoney(field) ? expression : undefined
}

const shopCurrency: Expression = { path: ['shop', 'currency'], frame: 0 }

/** `currency` beside the amount, else the shop's. */
function currencyOf(value: Typed, in_: Surroundings): Typed {
  const amount = amountIn(value.expression, in_.scope)
  let expression = shopCurrency
  if (amount !== undefined && 'path' in amount) {
    const beside: Expression = { path: [...amount.path.slice(0, -1), 'currency'], frame: amount.frame }
    if (fieldAt(beside, in_.scope) !== undefined) expression = beside
  }
  return { expression, field: { is: 'value', type: 'string' } }
}

/** A template compares amounts in major units, as conditions do: `(gte cart.total 50)` means fifty taka. */
function inMajorUnits(values: readonly Typed[], in_: Surroundings): Typed[] {
  const written = values.some(
    ({ expression }) => 'value' in expression && typeof expression.value === 'number',
  )
  if (!written) return [...values]
  return values.map((value) =>
    isMoney(value.field)
      ? { ...value, expression: toCall('major', [value], { currency: currencyOf(value, in_) }) }
      : value,
  )
}
