/**
 * Who may do what: each function's synthesized role, checked at every call, and a record of which granted actions
 * were used, so that a grant nobody needs is seen as surely as one that is missing. The rules are in `iam.ts`.
 */
import { covers, evaluate, type Need, parsePolicy, type Statement } from './iam.ts'
import { type Stack, type StackResource, stepOf } from './stack.ts'

/** A caller: a function's role, another role of the stack, the operator, or AWS itself. */
export type Principal =
  | { kind: 'function' | 'role'; name: string; arn: string; statements: Statement[] }
  | Master
type Master = { kind: 'operator' | 'aws'; name: string }

export const operator: Principal = { kind: 'operator', name: 'operator' }

export type PermissionReport = {
  function: string
  /** Actions granted by the role, as written in its policies. */
  granted: string[]
  used: string[]
  unused: string[]
}[]

// What AWS's own managed policies grant, as far as a function's role may carry them.
const managed: Record<string, string[]> = {
  AWSLambdaBasicExecutionRole: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  AWSXRayDaemonWriteAccess: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
}

export class Permissions {
  private readonly roles = new Map<string, Principal>()
  private readonly functions = new Map<string, Principal>()
  private readonly used = new Map<string, Set<string>>()

  constructor(stack: Stack) {
    for (const role of stack.resources('AWS::IAM::Role')) {
      this.roles.set(role.arn, {
        kind: 'role',
        name: role.logicalId,
        arn: role.arn,
        statements: statementsOf(role, stack),
      })
    }
    for (const fn of stack.resources('AWS::Lambda::Function')) {
      const role = this.roles.get(String(fn.properties.Role))
      const statements = role !== undefined && 'statements' in role ? role.statements : []
      this.functions.set(fn.logicalId, {
        kind: 'function',
        name: stepOf(fn.logicalId),
        arn: fn.arn,
        statements,
      })
    }
  }

  /** The principal behind an access key: `FN<LogicalId>`; every other key is the operator's. */
  byAccessKey(accessKey: string): Principal {
    if (!accessKey.startsWith('FN')) return operator
    return (
      this.functions.get(accessKey.slice(2)) ?? { kind: 'function', name: accessKey, arn: '', statements: [] }
    )
  }

  byFunction(logicalId: string): Principal {
    return this.byAccessKey(`FN${logicalId}`)
  }

  byRole(arn: string): Principal | undefined {
    return this.roles.get(arn)
  }

  /** Undefined when allowed, else AWS's sentence saying why not. Allowed needs count as used. */
  refusal(principal: Principal, need: Need): string | undefined {
    if (!('statements' in principal)) return undefined
    const verdict = evaluate(principal.statements, need)
    if (verdict.allowed) {
      this.noteUse(principal.name, need.action)
      return undefined
    }
    const why =
      verdict.reason === 'explicitDeny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${need.action} action`
    return `User: ${principal.arn} is not authorized to perform: ${need.action} on resource: ${need.resource} ${why}`
  }

  /** Lambda itself did this with the function's role: counts as used where the role grants it. */
  noteService(logicalId: string, actions: readonly string[]): void {
    const principal = this.byFunction(logicalId)
    if (!('statements' in principal)) return
    const allows = principal.statements.filter((statement) => statement.effect === 'Allow')
    const granted = allows.flatMap((statement) => statement.actions)
    for (const action of actions) {
      if (granted.some((grant) => covers(grant.toLowerCase(), action.toLowerCase()))) {
        this.noteUse(principal.name, action)
      }
    }
  }

  /** Granted and used actions by function, for `GET /_local/permissions`. */
  report(): PermissionReport {
    return [...this.functions.values()].map((principal) => {
      const statements = 'statements' in principal ? principal.statements : []
      const allows = statements.filter((statement) => statement.effect === 'Allow')
      const granted = [...new Set(allows.flatMap((statement) => statement.actions))].sort()
      const used = [...(this.used.get(principal.name) ?? [])].sort()
      const unused = granted.filter(
        (grant) => !used.some((action) => covers(grant.toLowerCase(), action.toLowerCase())),
      )
      return { function: principal.name, granted, used, unused }
    })
  }

  private noteUse(name: string, action: string): void {
    const known = this.used.get(name)
    if (known !== undefined) known.add(action)
    else this.used.set(name, new Set([action]))
  }
}

function statementsOf(role: StackResource, stack: Stack): Statement[] {
  const statements = list(role.properties.Policies).flatMap((policy) =>
    parsePolicy((policy as { PolicyDocument?: unknown }).PolicyDocument),
  )
  for (const policy of stack.resources(
    'AWS::IAM::Policy',
    'AWS::IAM::ManagedPolicy',
    'AWS::IAM::RolePolicy',
  )) {
    const holders = [...list(policy.properties.Roles), policy.properties.RoleName]
    if (holders.includes(role.ref)) statements.push(...parsePolicy(policy.properties.PolicyDocument))
  }
  for (const arn of list(role.properties.ManagedPolicyArns).map(String)) {
    statements.push(...managedStatements(arn, stack))
  }
  return statements
}

function managedStatements(arn: string, stack: Stack): Statement[] {
  const own = stack.resources('AWS::IAM::ManagedPolicy').find((policy) => policy.ref === arn)
  if (own !== undefined) return parsePolicy(own.properties.PolicyDocument)
  const actions = managed[arn.slice(arn.lastIndexOf('/') + 1)] ?? []
  return parsePolicy({ Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })) })
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
