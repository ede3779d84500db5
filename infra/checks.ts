/**
 * What must be true of every stage before it is deployed: AWS's own CloudFormation rules find nothing, not even
 * what they merely warn of (a value that does not exist is a warning to them and a failed deployment to us), and
 * cdk-nag's AWS Solutions pack nothing that was not acknowledged with its reason (`infra/acknowledge.ts`). Stage
 * local skips both for speed; the tests check it. What neither knows is looked for by `infra/lint/lint.ts`.
 */
import { type App, CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'

/** AWS's rules with every warning an error; registered, it takes the place of the library's own instance. */
class StrictRules extends CloudFormationValidatePlugin {
  // The library's own types of these two differ from its interface's by `undefined`.
  override get version(): string {
    return super.version ?? ''
  }

  override get ruleIds(): string[] {
    return super.ruleIds ?? []
  }

  override validate(context: Parameters<CloudFormationValidatePlugin['validate']>[0]) {
    const { violations, ...report } = super.validate(context)
    const errors = violations.map((violation) => ({ ...violation, severity: 'error' }))
    return { ...report, violations: errors, success: errors.length === 0 }
  }
}

/** One a process: to read the rules takes seconds. */
const strictRules = new StrictRules()

/** Makes findings of AWS's rules and of the AWS Solutions pack fail the app's synthesis. */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(strictRules, new AwsSolutionsChecks(app))
}
