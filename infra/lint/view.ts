/**
 * A synthesized template as the rules of the lint look at it: resources by type, and what a reference points to.
 * Values are unknown until asked for, because a rule must say what is wrong with them and not fall over it. The
 * rules are listed in `infra/lint/lint.ts`.
 */
export type Values = Record<string, unknown>

export type Resource = {
  id: string
  type: string
  properties: Values
  deletionPolicy: unknown
  updateReplacePolicy: unknown
}

/** What a rule found: on which resource, and in words what happens and what cures it. */
export type Finding = { resource: string; message: string }

/** One mistake that is looked for. `id` is what a finding is called by. */
export type Rule = { id: string; check: (view: View) => Finding[] }

export const record = (value: unknown): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}

export const list = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

/** The value at a path of keys; undefined where there is none. */
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inside, key) => record(inside)[key], value)

/** The logical id that a `Ref` or `Fn::GetAtt` names, also inside of joined texts; the first when several. */
export function target(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(target).find((id) => id !== undefined)
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': joined } = record(value)
  if (typeof ref === 'string' && !ref.startsWith('AWS::')) return ref
  if (attribute !== undefined) return String(list(attribute)[0]).split('.')[0]
  return joined === undefined ? undefined : target(list(joined)[1])
}

export class View {
  readonly outputs: Values
  readonly bytes: number
  readonly #all: Map<string, Resource>

  constructor(template: unknown) {
    this.bytes = JSON.stringify(template).length
    this.outputs = record(at(template, 'Outputs'))
    this.#all = new Map(
      Object.entries(record(at(template, 'Resources'))).map(([id, resource]) => {
        const { Type, Properties, DeletionPolicy, UpdateReplacePolicy } = record(resource)
        const kept = { deletionPolicy: DeletionPolicy, updateReplacePolicy: UpdateReplacePolicy }
        return [id, { id, type: String(Type), properties: record(Properties), ...kept }]
      }),
    )
  }

  get all(): Resource[] {
    return [...this.#all.values()]
  }

  of(type: string): Resource[] {
    return this.all.filter((one) => one.type === type)
  }

  /** The resource that a reference points to, when it is one of this type. */
  find(reference: unknown, type: string): Resource | undefined {
    const found = this.#all.get(target(reference) ?? '')
    return found?.type === type ? found : undefined
  }
}

/** A finding for each resource of a type that `problem` says something about. */
export const each =
  (type: string, problem: (one: Resource, view: View) => string | undefined) =>
  (view: View): Finding[] =>
    view.of(type).flatMap((one) => {
      const message = problem(one, view)
      return message === undefined ? [] : [{ resource: one.id, message }]
    })
