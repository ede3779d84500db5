/**
 * Evaluates IAM policies as AWS does for one account: an explicit Deny wins, else an Allow is needed. Covers
 * actions, resources, their negations, wildcards, and the condition operators on strings, ARNs, booleans, numbers
 * and null. An operator it does not know never matches an Allow and always matches a Deny: it errs to "no".
 */

export type Statement = {
  effect: 'Allow' | 'Deny'
  actions: string[]
  notActions: string[]
  resources: string[]
  notResources: string[]
  conditions: Record<string, Record<string, string[]>>
}

/** One thing someone wants to do. `context` holds condition keys in lower case, each with its values. */
export type Need = { action: string; resource: string; context?: Record<string, string[]> }

export type Verdict = { allowed: boolean; reason: 'allow' | 'explicitDeny' | 'implicitDeny'; by?: Statement }

/** Reads a policy document (already resolved) into statements. */
export function parsePolicy(document: unknown): Statement[] {
  const statements = listOf((document as { Statement?: unknown } | undefined)?.Statement)
  return statements.map((raw) => {
    const statement = raw as Record<string, unknown>
    return {
      effect: statement.Effect === 'Deny' ? 'Deny' : 'Allow',
      actions: listOf(statement.Action).map(String),
      notActions: listOf(statement.NotAction).map(String),
      resources: listOf(statement.Resource).map(String),
      notResources: listOf(statement.NotResource).map(String),
      conditions: parseConditions(statement.Condition),
    }
  })
}

/** Decides one need against all statements of a principal. */
export function evaluate(statements: Statement[], need: Need): Verdict {
  const matching = statements.filter((statement) => matches(statement, need))
  const deny = matching.find((statement) => statement.effect === 'Deny')
  if (deny !== undefined) return { allowed: false, reason: 'explicitDeny', by: deny }
  const allow = matching.find((statement) => statement.effect === 'Allow')
  if (allow !== undefined) return { allowed: true, reason: 'allow', by: allow }
  return { allowed: false, reason: 'implicitDeny' }
}

/** Whether a policy pattern (`*` any run, `?` one character) covers the text. */
export function covers(pattern: string, text: string): boolean {
  if (pattern === '*' || pattern === text) return true
  if (!/[*?]/.test(pattern)) return false
  let source = patterns.get(pattern)
  if (source === undefined) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
    source = new RegExp(`^${escaped.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`)
    patterns.set(pattern, source)
  }
  return source.test(text)
}

const patterns = new Map<string, RegExp>()

function matches(statement: Statement, need: Need): boolean {
  return (
    matchesAction(statement, need.action) &&
    matchesResource(statement, need.resource) &&
    conditionsHold(statement, need)
  )
}

function matchesAction(statement: Statement, action: string): boolean {
  const wanted = action.toLowerCase()
  const is = (pattern: string) => covers(pattern.toLowerCase(), wanted)
  if (statement.notActions.length > 0) return !statement.notActions.some(is)
  return statement.actions.some(is)
}

function matchesResource(statement: Statement, resource: string): boolean {
  const is = (pattern: string) => covers(pattern, resource)
  if (statement.notResources.length > 0) return !statement.notResources.some(is)
  // A trust or resource policy's statement may leave the resource out: it stands for the resource it is on.
  return statement.resources.length === 0 || statement.resources.some(is)
}

function conditionsHold(statement: Statement, need: Need): boolean {
  for (const [operator, keys] of Object.entries(statement.conditions)) {
    for (const [key, wanted] of Object.entries(keys)) {
      if (!conditionHolds(operator, wanted, need.context?.[key.toLowerCase()], statement.effect)) return false
    }
  }
  return true
}

function conditionHolds(
  operator: string,
  wanted: string[],
  actual: string[] | undefined,
  effect: string,
): boolean {
  let name = operator
  const every = name.startsWith('ForAllValues:')
  if (every || name.startsWith('ForAnyValue:')) name = name.slice(name.indexOf(':') + 1)
  const ifExists = name.endsWith('IfExists')
  if (ifExists) name = name.slice(0, -'IfExists'.length)
  if (name === 'Null') return wanted.some((value) => (value === 'true') === (actual === undefined))
  const test = tests[name]
  if (test === undefined) return effect === 'Deny'
  if (actual === undefined || actual.length === 0) return ifExists || every || test.negated === true
  const one = (value: string) => {
    const any = wanted.some((pattern) => test.is(value, pattern))
    return test.negated === true ? !any : any
  }
  return every || test.negated === true ? actual.every(one) : actual.some(one)
}

type Test = { is: (value: string, wanted: string) => boolean; negated?: boolean }

const equal = (value: string, wanted: string) => value === wanted
const equalIgnoringCase = (value: string, wanted: string) => value.toLowerCase() === wanted.toLowerCase()
const like = (value: string, wanted: string) => covers(wanted, value)

const tests: Record<string, Test> = {
  StringEquals: { is: equal },
  StringNotEquals: { is: equal, negated: true },
  StringEqualsIgnoreCase: { is: equalIgnoringCase },
  StringNotEqualsIgnoreCase: { is: equalIgnoringCase, negated: true },
  StringLike: { is: like },
  StringNotLike: { is: like, negated: true },
  ArnEquals: { is: like },
  ArnLike: { is: like },
  ArnNotEquals: { is: like, negated: true },
  ArnNotLike: { is: like, negated: true },
  Bool: { is: equalIgnoringCase },
  NumericEquals: { is: (value, wanted) => Number(value) === Number(wanted) },
  NumericLessThan: { is: (value, wanted) => Number(value) < Number(wanted) },
  NumericLessThanEquals: { is: (value, wanted) => Number(value) <= Number(wanted) },
  NumericGreaterThan: { is: (value, wanted) => Number(value) > Number(wanted) },
  NumericGreaterThanEquals: { is: (value, wanted) => Number(value) >= Number(wanted) },
}

function parseConditions(raw: unknown): Record<string, Record<string, string[]>> {
  const conditions: Record<string, Record<string, string[]>> = {}
  for (const [operator, keys] of Object.entries((raw ?? {}) as Record<string, Record<string, unknown>>)) {
    conditions[operator] = Object.fromEntries(
      Object.entries(keys).map(([key, values]) => [key, listOf(values).map(String)]),
    )
  }
  return conditions
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
