/**
 * A booted stack's facts: its resources with every intrinsic resolved, its outputs, and which of our steps and
 * tables a logical id stands for. Everything else in `local/` asks here and never reads the template itself.
 */
import { steps, tables } from '#adapters/shape'
import { attributeOf, type Named, nameProperty, type Place, refOf } from './attributes.ts'
import { holds, resolve, type Scope } from './resolve.ts'
import type { Template } from './template.ts'

/** A resource after resolution. `ref` and `arn` are what the template's `Ref` and `GetAtt Arn` answer. */
export type StackResource = {
  logicalId: string
  type: string
  ref: string
  arn: string
  properties: Record<string, unknown>
}

export class Stack {
  readonly place: Place
  private readonly template: Template
  private readonly scope: Scope
  private readonly resolved = new Map<string, StackResource>()

  constructor(template: Template, place: Place) {
    this.template = template
    this.place = place
    this.scope = {
      template,
      pseudo: {
        'AWS::Region': place.region,
        'AWS::AccountId': place.accountId,
        'AWS::Partition': place.partition,
        'AWS::URLSuffix': place.urlSuffix,
        'AWS::StackName': place.stackName,
        'AWS::StackId': stackId(place),
        'AWS::NotificationARNs': [],
      },
      ref: (logicalId) => refOf(this.named(logicalId), place),
      attribute: (logicalId, attribute) => attributeOf(this.named(logicalId), attribute, place),
    }
  }

  /** All resources of the given types, in the template's order; those under a false condition are left out. */
  resources(...types: string[]): StackResource[] {
    return Object.entries(this.template.Resources)
      .filter(([, resource]) => types.includes(resource.Type))
      .filter(([, resource]) => resource.Condition === undefined || holds(resource.Condition, this.scope))
      .map(([logicalId]) => this.resource(logicalId))
  }

  /** One resource by logical id. Throws when the template lacks it. */
  resource(logicalId: string): StackResource {
    const known = this.resolved.get(logicalId)
    if (known !== undefined) return known
    const named = this.named(logicalId)
    const properties = this.resolve(this.template.Resources[logicalId]?.Properties ?? {}) as Record<
      string,
      unknown
    >
    const made = {
      logicalId,
      type: named.type,
      ref: refOf(named, this.place),
      arn: attributeOf(named, 'Arn', this.place),
      properties,
    }
    this.resolved.set(logicalId, made)
    return made
  }

  /** Resolves any value of the template; addresses of its HTTP APIs become the runtime's own address. */
  resolve(value: unknown): unknown {
    return localise(resolve(value, this.scope), this.place)
  }

  /** The stack's outputs, resolved. */
  outputs(): { key: string; value: string; description: string | undefined }[] {
    return Object.entries(this.template.Outputs ?? {}).map(([key, output]) => ({
      key,
      value: String(this.resolve(output.Value)),
      description: output.Description,
    }))
  }

  private named(logicalId: string): Named {
    const resource = this.template.Resources[logicalId]
    if (resource === undefined) throw new Error(`The template has no resource ${logicalId}.`)
    const property = nameProperty(resource.Type)
    const given = property === undefined ? undefined : resource.Properties?.[property]
    const name = given === undefined ? undefined : resolve(given, this.scope)
    return { logicalId, type: resource.Type, givenName: typeof name === 'string' ? name : undefined }
  }
}

export function stackId(place: Place): string {
  const { partition, region, accountId, stackName } = place
  return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-0000-0000-000000000000`
}

/** `https://<api>.execute-api.<region>.<suffix>` is where AWS serves an HTTP API; here that is the runtime itself. */
function localise(value: unknown, place: Place): unknown {
  if (typeof value === 'string') {
    if (!value.includes('.execute-api.')) return value
    return value.replace(/https:\/\/[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.[a-z.]+/g, place.baseUrl)
  }
  if (Array.isArray(value)) return value.map((part) => localise(part, place))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, localise(part, place)]))
}

/** The step a function's logical id stands for (its construct is named after the step), else the id itself. */
export function stepOf(logicalId: string): string {
  const lower = logicalId.toLowerCase()
  return steps.find((step) => lower.startsWith(step)) ?? logicalId
}

/** The name in `shape.ts` of the table with this logical id, else the id itself. */
export function tableOf(logicalId: string): string {
  const ids = Object.values(tables).map((table) => table.id)
  return ids.find((id) => logicalId.startsWith(id)) ?? logicalId
}
