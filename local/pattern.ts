/**
 * Event filter patterns of Lambda event source mappings: which records reach a function. Operators are those of
 * EventBridge patterns; a pattern with an operator not known here is refused at start, because AWS would refuse it.
 */

type Pattern = { [key: string]: Pattern | unknown[] }

/** A filter that accepts every event when there are no criteria, else any event one pattern matches. */
export type Filter = (event: unknown) => boolean

/** Reads `FilterCriteria` of a mapping. Throws what/where/cure on a pattern that is no JSON or unknown. */
export function filterOf(criteria: unknown): Filter {
  const filters = ((criteria as { Filters?: { Pattern?: string }[] } | undefined)?.Filters ?? []).map(
    (filter) => parsePattern(String(filter.Pattern ?? '{}')),
  )
  if (filters.length === 0) return () => true
  return (event) => filters.some((pattern) => matchesPattern(pattern, event))
}

/** Parses and checks one pattern. */
export function parsePattern(text: string): Pattern {
  let pattern: Pattern
  try {
    pattern = JSON.parse(text) as Pattern
  } catch (cause) {
    throw new Error(`A filter pattern of the stack is no JSON: ${text}. Correct it in infra/.`, { cause })
  }
  check(pattern, text)
  return pattern
}

/** Whether the event matches: every key of the pattern, any value of each list. */
export function matchesPattern(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return (wanted as Pattern[]).some((either) => matchesPattern(either, event))
    const value = isRecord(event) ? event[key] : undefined
    if (!Array.isArray(wanted)) return matchesPattern(wanted as Pattern, value)
    const values = Array.isArray(value) ? value : [value]
    return wanted.some((rule) => values.some((one) => matchesRule(rule, one)))
  })
}

function matchesRule(rule: unknown, value: unknown): boolean {
  if (!isRecord(rule)) return rule === value
  const [operator, argument] = Object.entries(rule)[0] ?? []
  return operators[operator ?? '']?.(argument, value) ?? false
}

type Operator = (argument: unknown, value: unknown) => boolean

const operators: Record<string, Operator> = {
  exists: (argument, value) => (value !== undefined) === argument,
  prefix: (argument, value) => typeof value === 'string' && startsWith(value, argument),
  suffix: (argument, value) => typeof value === 'string' && endsWith(value, argument),
  'equals-ignore-case': (argument, value) =>
    typeof value === 'string' && value.toLowerCase() === String(argument).toLowerCase(),
  'anything-but': (argument, value) =>
    value !== undefined && !unwanted(argument).some((rule) => matchesRule(rule, value)),
  numeric: (argument, value) => typeof value === 'number' && inRange(argument as (string | number)[], value),
  wildcard: (argument, value) => typeof value === 'string' && wildcard(String(argument)).test(value),
}

function unwanted(argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : [argument]
}

function startsWith(value: string, argument: unknown): boolean {
  if (!isRecord(argument)) return value.startsWith(String(argument))
  return value.toLowerCase().startsWith(String(argument['equals-ignore-case']).toLowerCase())
}

function endsWith(value: string, argument: unknown): boolean {
  if (!isRecord(argument)) return value.endsWith(String(argument))
  return value.toLowerCase().endsWith(String(argument['equals-ignore-case']).toLowerCase())
}

function inRange(rule: (string | number)[], value: number): boolean {
  for (let index = 0; index + 1 < rule.length; index += 2) {
    const bound = Number(rule[index + 1])
    const holds = comparisons[String(rule[index])]?.(value, bound) ?? false
    if (!holds) return false
  }
  return true
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '[^]*')}$`)
}

function check(pattern: Pattern, text: string): void {
  for (const [key, wanted] of Object.entries(pattern)) {
    if (key === '$or') for (const either of wanted as Pattern[]) check(either, text)
    else if (Array.isArray(wanted)) for (const rule of wanted) checkRule(rule, text)
    else if (isRecord(wanted)) check(wanted as Pattern, text)
    else
      throw new Error(
        `A filter pattern of the stack wants a list at "${key}": ${text}. Correct it in infra/.`,
      )
  }
}

function checkRule(rule: unknown, text: string): void {
  if (!isRecord(rule)) return
  const names = Object.keys(rule)
  if (names.length === 1 && names[0] !== undefined && names[0] in operators) return
  throw new Error(`A filter pattern of the stack has an unknown operator (${names.join()}): ${text}.`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
