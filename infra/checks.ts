/**
 * What must be true of every stage before it is deployed: cdk-nag's AWS Solutions pack finds nothing that was
 * not acknowledged with its reason (`infra/acknowledge.ts`). AWS's own CloudFormation rules are errors by a
 * flag in `cdk.json`. Stage local skips both for speed; the tests check it.
 */
import { type App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'

/** Makes findings of the AWS Solutions pack fail the app's synthesis. */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}
