/**
 * The CDK app: one stage, one stack. `cdk` runs this file (see `cdk.json`), with the stage in the context:
 * `-c stage=prod`, by default dev. `infra/synth.ts` and the tests call `createApp`. Read `infra/stack.ts` next.
 */
import { App, type AppProps } from 'aws-cdk-lib'
import { bundle } from './bundle.ts'
import { runAsProgram } from './main.ts'
import { HomewardStack } from './stack.ts'
import { readStage } from './stage.ts'

/**
 * Makes the app of one stage; the handlers must be bundled before.
 * @throws {StageConfigError} when the stage is unknown or its settings cannot be used
 */
export function createApp(properties: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, treeMetadata: false, ...properties })
  const name: unknown = app.node.tryGetContext('stage') ?? 'dev'
  new HomewardStack(app, readStage(String(name), app.node.tryGetContext('stages')))
  return app
}

await runAsProgram(import.meta, async () => {
  await bundle()
  const app = createApp()
  const { addChecks } = await import('./checks.ts')
  addChecks(app)
  app.synth()
})
