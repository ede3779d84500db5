/**
 * The CDK app. `cdk` runs this file (see `cdk.json`); `infra/synth.ts` and the tests call `createApp`.
 * The stage comes from the context: `-c stage=prod`, by default dev. AWS's own CloudFormation rules and
 * cdk-nag's AWS Solutions pack are errors here, so that what cannot be deployed does not synthesize.
 */
import { App, type AppProps, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { bundle } from './bundle.ts'
import { HomewardStack } from './stack.ts'
import { readStage } from './stage.ts'

/**
 * Makes the app of one stage; the handlers must be bundled before.
 * @throws {StageConfigError} when the stage is unknown or its settings cannot be used
 */
export function createApp(properties: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, treeMetadata: false, ...properties })
  const name: unknown = app.node.tryGetContext('stage') ?? 'dev'
  const stage = readStage(String(name), app.node.tryGetContext('stages'))
  new HomewardStack(app, stage)
  if (stage.name !== 'local') Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  return app
}

if (import.meta.filename === process.argv[1]) {
  await bundle()
  createApp().synth()
}
