/**
 * What single functions of a template need beyond their signature: the currency beside an amount, the words of a
 * string, the field of a list's elements. An entry may add named values, report a problem, or say itself what
 * the call is. See `type.ts` for what holds of all of them.
 */
import { nearest } from '#core/suggest'
import type { Signature } from './call.ts'
import { fieldGiven } from './call.ts'
import type { Expression } from './compiled.ts'
import { below, type Field, namesBelow } from './field.ts'
import { nothing, report, type Surroundings } from './findings.ts'
import type { Place } from './problem.ts'
import { elementOf, type Scope, type Typed } from './scope.ts'

/** A call whose values are checked. */
export interface Call {
  name: string
  signature: Signature
  values: Typed[]
  named: Record<string, Typed>
  place: Place
}

type Special = (call: Call, in_: Surroundings) => Typed | undefined

/** What is special about a function. */
export const specials: Readonly<Record<string, Special | undefined>> = {
  t: wording,
  require,
  money: (call, in_) => {
    call.named.currency ??= currencyOf(call.values[0] ?? nothing, in_)
    return undefined
  },
  plural: needsOther,
  join: joined,
  lookup: lookedUp,
  image: sized,
}

const isMoney = (field: Field) => field.is === 'value' && field.kind === 'money'
const literal = (typed: Typed | undefined) =>
  typed !== undefined && 'value' in typed.expression ? typed.expression.value : undefined

/** The call as compiled data. */
export function toCall(
  name: string,
  values: readonly Typed[],
  named: Readonly<Record<string, Typed>>,
): Expression {
  const call = { call: name, with: values.map((value) => value.expression) }
  const pairs = Object.entries(named).map(([key, { expression }]) => [key, expression] as const)
  return pairs.length === 0 ? call : { ...call, named: Object.fromEntries(pairs) }
}

function wording({ signature, values, named, place }: Call, in_: Surroundings): Typed {
  const key = literal(values[0])
  if (typeof key !== 'string') {
    const message = '`t` wants the name of a string in quotes'
    report(in_, place, { message, cure: `write ${signature.usage}` })
    return nothing
  }
  for (const [name, value] of Object.entries(named)) {
    if (isMoney(value.field)) {
      const message = `\`${name}=\` is an amount in small units`
      report(in_, place, { message, cure: `write \`${name}=(money …)\`` })
    }
  }
  in_.findings.wordings.push({ key, names: Object.keys(named), place })
  return { expression: toCall('t', values, named), field: { is: 'value', type: 'string' } }
}

function require({ values, place, signature }: Call, in_: Surroundings): undefined {
  const name = values[0]?.name
  if (name !== undefined && !name.includes('[]')) in_.findings.required.add(name)
  else {
    const message = '`require` wants a field of the view'
    report(in_, place, { message, cure: `write ${signature.usage}` })
  }
}

function needsOther({ named, place, signature }: Call, in_: Surroundings): undefined {
  if (named.other !== undefined) return
  const message = '`plural` has no `other=`, which stands for every number the rest does not name'
  report(in_, place, { message, cure: `write ${signature.usage}` })
}

function joined({ values, named, place }: Call, in_: Surroundings): undefined {
  const [list = nothing] = values
  const { field } = elementOf(list)
  const name = literal(named.field)
  if (name === undefined) {
    if (field.is !== 'object') return
    const message = `\`${list.name ?? 'this'}\` holds no texts: \`join\` wants to know which field to join`
    report(in_, place, { message, cure: 'write {{join cart.items field="name"}}' })
  } else if (below(field, String(name)) === undefined) {
    const meant = nearest(String(name), namesBelow(field))
    const cure = meant === undefined ? `known: ${namesBelow(field).join(', ')}` : `did you mean "${meant}"?`
    report(in_, place, { message: `unknown field "${name}" of \`${list.name ?? 'this'}\``, cure })
  } else if (list.name !== undefined) in_.findings.variables.add(`${list.name}[].${name}`)
}

/** With a name or place that is written out, the field is known; else it is one of a list's elements, or any. */
function lookedUp({ values, named, place, signature }: Call, in_: Surroundings): Typed {
  const [from = nothing, key] = values
  const expression = toCall('lookup', values, named)
  const part = literal(key)
  if (from.field.is === 'list') return { ...elementOf(from), expression }
  if (part === undefined || part === null) return { expression, field: fieldGiven(signature, []) }
  const field = below(from.field, String(part))
  if (field !== undefined) return { expression, field }
  const known = namesBelow(from.field)
  const cure = known.length > 0 ? `known here: ${known.join(', ')}` : `write ${signature.usage}`
  report(in_, place, { message: `\`${from.name ?? 'this'}\` has no field \`${part}\``, cure })
  return nothing
}

/** The shop's picture server is told sizes by a parameter whose name stands in brand.yaml; without, it is not. */
function sized({ named }: Call, in_: Surroundings): undefined {
  const parameter = in_.scope.brand['image.widthParameter']
  if (parameter === undefined) delete named.width
  else named.parameter = { expression: { value: parameter }, field: { is: 'value', type: 'string' } }
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
export function inMajorUnits(values: readonly Typed[], in_: Surroundings): Typed[] {
  const written = values.some((value) => typeof literal(value) === 'number')
  if (!written) return [...values]
  return values.map((value) =>
    isMoney(value.field)
      ? { ...value, expression: toCall('major', [value], { currency: currencyOf(value, in_) }) }
      : value,
  )
}
