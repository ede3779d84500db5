/**
 * docs/rights.md is the matrix of what each function may do, read off the synthesized roles of prod; that each of
 * it is used is `test/acceptance/permission.test.ts`. `UPDATE_DOCS=1 npx vitest run test/infra/rights-docs` writes
 * the table anew.
 */
import { beforeAll, it } from 'vitest'
import { steps } from '#adapters/shape'
import { expectMade } from '#test/fixture/made-part'
import { type Statement, statementsOf, type Template, templateOf } from './template.ts'

let template: Template

beforeAll(async () => {
  template = await templateOf('prod')
}, 120_000)

/** A resource by its name in the template, with what of it is meant. */
function nameOf(resource: unknown): string {
  if (resource === '*') return 'everything'
  const text = JSON.stringify(resource)
  const [, id = text] = /"(?:Fn::GetAtt":\["|Ref":")((?!AWS::)\w+)"/.exec(text) ?? []
  const [, index] = /\/index\/([\w*]+)/.exec(text) ?? []
  const isStream = text.includes('StreamArn')
  return `${id}${index === undefined ? '' : `, index ${index}`}${isStream ? ', stream' : ''}`
}

function rowsOf(step: string, statements: readonly Statement[]): string[] {
  const actions = new Map<string, Set<string>>()
  for (const { Action, Resource, Condition } of statements)
    for (const resource of Resource) {
      const where = nameOf(resource) + (Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`)
      actions.set(where, new Set([...(actions.get(where) ?? []), ...Action]))
    }
  return [...actions]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([where, what]) => `| \`${step}\` | ${where} | ${[...what].sort().join(', ')} |`)
}

const table = () =>
  ['| function | on | may |', '| --- | --- | --- |']
    .concat(steps.flatMap((step) => rowsOf(step, statementsOf(template, step))))
    .join('\n')

it('the page of rights is what the roles say', () => expectMade('rights.md', 'rights', table()))
