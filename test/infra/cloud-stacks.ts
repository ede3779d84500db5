/**
 * CloudFormation as the command line of the CDK sees it: change sets that become stacks, outputs, templates read
 * back, and what a deletion leaves. Resources are made by being written down; see `cloud.ts`.
 */
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'

export type Answer = { status: number; body: string }

export const account = '123456789012'
export const region = 'eu-central-1'
export const ok = (body: string): Answer => ({ status: 200, body })
export const result = (action: string, body: string): Answer =>
  ok(`<${action}Response><${action}Result>${body}</${action}Result></${action}Response>`)

const Resource = z.looseObject({ Type: z.string(), DeletionPolicy: z.string().optional() })
const Template = z.looseObject({
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).default({}),
})
type Template = z.infer<typeof Template>

export type Change = { action: 'Add' | 'Modify' | 'Remove'; id: string }

type Stack = {
  status: string
  isProtected: boolean
  /** Absent until the first change set was executed. */
  template?: Template
  body?: string
  pending?: { template: Template; body: string; changes: Change[] }
  /** What each execution changed, oldest first. */
  history: Change[][]
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const refused = (message: string, code = 'ValidationError'): Answer => ({
  status: 400,
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
})

function changesBetween(before: Template | undefined, after: Template): Change[] {
  const old = before?.Resources ?? {}
  const ids = new Set([...Object.keys(old), ...Object.keys(after.Resources)])
  return [...ids].flatMap((id): Change[] => {
    if (!(id in old)) return [{ action: 'Add', id }]
    if (!(id in after.Resources)) return [{ action: 'Remove', id }]
    return isDeepStrictEqual(old[id], after.Resources[id]) ? [] : [{ action: 'Modify', id }]
  })
}

export class Formation {
  readonly stacks = new Map<string, Stack>()
  /** What deleted stacks left in the account: `<type> <logical id>`. */
  readonly kept: string[] = []
  readonly removed: string[] = []
  readonly #gone = new Set<string>()
  readonly #uploads: ReadonlyMap<string, Buffer>

  constructor(uploads: ReadonlyMap<string, Buffer>) {
    this.#uploads = uploads
  }

  answer(form: URLSearchParams): Answer {
    const action = form.get('Action') ?? ''
    const given = form.get('StackName') ?? ''
    const name = given.split('/')[1] ?? given
    const stack = this.stacks.get(name)
    if (action === 'CreateChangeSet') return this.#propose(name, form)
    // A stack that is gone is still known by its ARN.
    if (!stack && given.startsWith('arn:') && this.#gone.has(name)) {
      const gone = { status: 'DELETE_COMPLETE', isProtected: false, history: [] }
      return result(action, `<Stacks><member>${describe(name, gone)}</member></Stacks>`)
    }
    if (!stack) return refused(`Stack with id ${name} does not exist`)
    switch (action) {
      case 'DescribeStacks':
        return result(action, `<Stacks><member>${describe(name, stack)}</member></Stacks>`)
      case 'DescribeChangeSet':
        if (!stack.pending) return refused('ChangeSet [c] does not exist', 'ChangeSetNotFound')
        return result(action, describeChanges(name, stack))
      case 'DeleteChangeSet':
        delete stack.pending
        return result(action, '')
      case 'ExecuteChangeSet':
        execute(stack)
        return result(action, '')
      case 'UpdateTerminationProtection':
        stack.isProtected = form.get('EnableTerminationProtection') === 'true'
        return result(action, `<StackId>${idOf(name)}</StackId>`)
      case 'GetTemplate':
        return result(action, `<TemplateBody>${escaped(stack.body ?? '{}')}</TemplateBody>`)
      case 'DeleteStack':
        return this.#remove(name, stack)
      default:
        return result(action, '')
    }
  }

  #propose(name: string, form: URLSearchParams): Answer {
    const stack = this.stacks.get(name) ?? {
      status: 'REVIEW_IN_PROGRESS',
      isProtected: false,
      history: [],
    }
    this.stacks.set(name, stack)
    const key = form.get('TemplateURL')?.split('/').at(-1) ?? ''
    const body = form.get('TemplateBody') ?? this.#uploads.get(key)?.toString('utf8')
    if (body === undefined) return refused(`S3 has no template ${key}`)
    const template = Template.parse(JSON.parse(body))
    stack.pending = { template, body, changes: changesBetween(stack.template, template) }
    const id = `arn:aws:cloudformation:${region}:${account}:changeSet/c/1`
    return result('CreateChangeSet', `<Id>${id}</Id><StackId>${idOf(name)}</StackId>`)
  }

  #remove(name: string, stack: Stack): Answer {
    if (stack.isProtected) {
      return refused(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`)
    }
    for (const [id, { Type, DeletionPolicy }] of Object.entries(stack.template?.Resources ?? {})) {
      const pile = DeletionPolicy === 'Retain' ? this.kept : this.removed
      pile.push(`${Type} ${id}`)
    }
    this.stacks.delete(name)
    this.#gone.add(name)
    return result('DeleteStack', '')
  }
}

const idOf = (name: string) => `arn:aws:cloudformation:${region}:${account}:stack/${name}/1`

function describe(name: string, { status, isProtected, template }: Stack): string {
  const outputs = Object.keys(template?.Outputs ?? {}).map(
    (key) => `<member><OutputKey>${key}</OutputKey><OutputValue>value-of-${key}</OutputValue></member>`,
  )
  return `<StackName>${name}</StackName><StackId>${idOf(name)}</StackId>
    <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>
    <EnableTerminationProtection>${isProtected}</EnableTerminationProtection>
    <Outputs>${outputs.join('')}</Outputs>`
}

function describeChanges(name: string, { pending }: Stack): string {
  const changes = (pending?.changes ?? []).map(
    ({ action, id }) => `<member><Type>Resource</Type><ResourceChange><Action>${action}</Action>
      <LogicalResourceId>${id}</LogicalResourceId></ResourceChange></member>`,
  )
  return `<StackName>${name}</StackName><StackId>${idOf(name)}</StackId><ChangeSetName>c</ChangeSetName>
    <CreationTime>2026-01-01T00:00:00Z</CreationTime><Status>CREATE_COMPLETE</Status>
    <Changes>${changes.join('')}</Changes>`
}

function execute(stack: Stack): void {
  if (!stack.pending) return
  const { template, body, changes } = stack.pending
  stack.status = stack.template ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE'
  stack.template = template
  stack.body = body
  stack.history.push(changes)
  delete stack.pending
}
