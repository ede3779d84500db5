/**
 * Every check that a template goes through before it is deployed, called by name: `lint <rule>` is ours
 * (`infra/lint/`), `aws <rule>` is AWS's validator, which the CDK brings with it.
 */
import { createRequire } from 'node:module'
import { lint } from '#infra/lint/lint'
import { type Mistake, plant } from './mistakes/mistakes.ts'
import type { Template } from './template.ts'

/** The part of `@aws/cloudformation-validate` that is used here; it is a dependency of aws-cdk-lib. */
type Validator = {
  CompositeEngine: new (config: object) => Engine
  TemplateContent: new (content: string, name: string) => object
}
type Engine = {
  validateTemplate(
    template: object,
    config: object,
  ): { diagnostics: { ruleId: string; entity?: { logicalId?: string } }[] }
}

/** `<check> @ <resource>` of everything that is red. */
export type Red = (template: Template) => string[] | Promise<string[]>

export const lintRed: Red = async (template) =>
  (await lint(template)).map(({ rule, resource }) => `lint ${rule} @ ${resource}`)

/** AWS's rules; to read them takes seconds, so it is done once. */
export function openAwsRules(): Red {
  const ours = createRequire(import.meta.url)
  const ofTheLibrary = createRequire(ours.resolve('aws-cdk-lib/package.json'))
  // The package exports no types that are resolvable from here.
  const { CompositeEngine, TemplateContent } = ofTheLibrary('@aws/cloudformation-validate') as Validator
  const engine = new CompositeEngine({})
  return (template) =>
    engine
      .validateTemplate(new TemplateContent(JSON.stringify(template), 'homeward.json'), {
        detailLevel: 'STANDARD',
        severityLevel: 'WARN',
      })
      // The CDK names a dependency that a reference implies already; harmless, and it knows so itself.
      .diagnostics.filter(({ ruleId }) => ruleId !== 'W3005')
      .map(({ ruleId, entity }) => `aws ${ruleId} @ ${entity?.logicalId ?? 'the stack'}`)
}

/** Plants mistakes in a copy of a template; answers the copy, and what was planted where. */
export function planted(
  template: Template,
  mistakes: readonly Mistake[],
): { bad: Template; where: string[] } {
  const bad = structuredClone(template)
  const where = mistakes.map((mistake) => `${mistake.check} @ ${plant(bad, mistake)}`)
  return { bad, where }
}

/** Of what is red, the names of the checks; a mistake in one resource may show at another. */
export const namesOf = (red: readonly string[]): string[] => red.map((one) => one.replace(/ @ .*$/, ''))
