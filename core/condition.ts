/**
 * Conditions are data: what `if:` holds in enter, exit, branch and segments. A condition reads fields of the
 * view (`customer.orderCount`, `cart.count`, `event.properties.coupon`), amounts in major units. `holds`
 * answers with a trace, so that a decision can say which part was not so.
 */
import * as z from 'zod'

const Scalar = z.union([z.string(), z.number(), z.boolean()])

export const operators = {
  eq: Scalar,
  ne: Scalar,
  gt: z.union([z.number(), z.string()]),
  gte: z.union([z.number(), z.string()]),
  lt: z.union([z.number(), z.string()]),
  lte: z.union([z.number(), z.string()]),
  in: z.array(Scalar).min(1),
  contains: Scalar,
  exists: z.boolean(),
} as const

const Test = z
  .strictObject({
    eq: operators.eq.optional(),
    ne: operators.ne.optional(),
    gt: operators.gt.optional(),
    gte: operators.gte.optional(),
    lt: operators.lt.optional(),
    lte: operators.lte.optional(),
    in: operators.in.optional(),
    contains: operators.contains.optional(),
    exists: operators.exists.optional(),
  })
  .refine((test) => Object.keys(test).length > 0, `write an operator: ${Object.keys(operators).join(', ')}`)
type Test = z.infer<typeof Test>

const fieldPath = /^(customer|cart|order|product|event|loyalty)(\.[A-Za-z_][\w-]*)+$/

const Fields = z.record(
  z
    .string()
    .regex(fieldPath, 'name a field such as customer.orderCount, cart.count or event.properties.coupon'),
  z.union([Test, Scalar]),
)

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | Record<string, Test | string | number | boolean>

const groups = ['all', 'any', 'not'] as const

export const Condition: z.ZodType<Condition> = z.lazy(() => {
  const list = z.array(Condition).min(1)
  const byGroup = {
    all: z.strictObject({ all: list }),
    any: z.strictObject({ any: list }),
    not: z.strictObject({ not: Condition }),
  }
  return z.unknown().transform((value, context): Condition => {
    const keys = value !== null && typeof value === 'object' ? Object.keys(value) : []
    const group = groups.find((name) => keys.includes(name))
    const read = (group === undefined ? Fields : byGroup[group]).safeParse(value)
    if (read.success) return read.data as Condition
    for (const issue of read.error.issues) context.issues.push({ ...issue, input: value } as never)
    return z.NEVER
  })
})

/** One comparison and how it came out. */
export interface Trace {
  field: string
  wanted: unknown
  found: unknown
  holds: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** The value at a dotted path of own properties; undefined where the path ends early. */
export function fieldOf(fields: Fields, path: string): unknown {
  let value: unknown = fields
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

const same = (found: unknown, wanted: unknown) =>
  typeof found === 'string' && typeof wanted === 'string'
    ? found.toLowerCase() === wanted.toLowerCase()
    : found === wanted

function compare(found: unknown, wanted: unknown, accept: (order: number) => boolean): boolean {
  if (typeof found === 'number' && typeof wanted === 'number') return accept(found - wanted)
  if (typeof found === 'string' && typeof wanted === 'string')
    return accept(found < wanted ? -1 : found > wanted ? 1 : 0)
  return false
}

const checks: { [K in keyof Test]-?: (found: unknown, wanted: NonNullable<Test[K]>) => boolean } = {
  eq: same,
  ne: (found, wanted) => !same(found, wanted),
  gt: (found, wanted) => compare(found, wanted, (order) => order > 0),
  gte: (found, wanted) => compare(found, wanted, (order) => order >= 0),
  lt: (found, wanted) => compare(found, wanted, (order) => order < 0),
  lte: (found, wanted) => compare(found, wanted, (order) => order <= 0),
  in: (found, wanted) => wanted.some((one) => same(found, one)),
  contains: (found, wanted) =>
    Array.isArray(found)
      ? found.some((one) => same(one, wanted))
      : typeof found === 'string' && found.toLowerCase().includes(String(wanted).toLowerCase()),
  exists: (found, wanted) => (found !== undefined && found !== null && found !== '') === wanted,
}

function passes(test: Test | string | number | boolean, found: unknown): boolean {
  if (typeof test !== 'object') return same(found, test)
  return Object.entries(test).every(([operator, wanted]) => {
    const check = checks[operator as keyof Test] as (found: unknown, wanted: unknown) => boolean
    return check(found, wanted)
  })
}

/**
 * Whether a condition holds over `fields`; `trace` collects each comparison that was made.
 * @example holds({ 'cart.count': { gte: 1 } }, { cart: { count: 2 } }) // true
 */
export function holds(condition: Condition, fields: Fields, trace: Trace[] = []): boolean {
  if ('all' in condition && Array.isArray(condition.all))
    return condition.all.every((one) => holds(one, fields, trace))
  if ('any' in condition && Array.isArray(condition.any))
    return condition.any.some((one) => holds(one, fields, trace))
  if ('not' in condition) return !holds(condition.not as Condition, fields, trace)
  return Object.entries(condition as Record<string, Test>).every(([field, test]) => {
    const found = fieldOf(fields, field)
    const result = passes(test, found)
    trace.push({ field, wanted: test, found, holds: result })
    return result
  })
}

/** The fields a condition reads. */
export function fieldsOf(condition: Condition): string[] {
  if ('all' in condition && Array.isArray(condition.all)) return condition.all.flatMap(fieldsOf)
  if ('any' in condition && Array.isArray(condition.any)) return condition.any.flatMap(fieldsOf)
  if ('not' in condition) return fieldsOf(condition.not as Condition)
  return Object.keys(condition)
}
