/**
 * The CDK app: one stage, one stack. `cdk` runs this file (see `cdk.json`), with the stage in the context:
 * `-c stage=prod`, by default dev. `infra/synth.ts` and the tests call `createApp`. Read `infra/stack.ts` next.
 */
import { App, type AppProps } from 'aws-cdk-lib'
import { bundle } from './bundle.ts'
import { runAsProgram } from './main.ts'
import { HomewardStack } from './stack.ts'
import { readStage, type Stage } from './stage.ts'

/**
 * Makes the app of one stage; the handlers must be bundled before.
 * @throws {StageConfigError} when the stage is unknown or its settings cannot be used
 */
export function createApp(properties: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, treeMetadata: false, ...properties })
  new HomewardStack(app, stageOf(app))
  return app
}

function stageOf({ node }: App): Stage {
  const name: unknown = node.tryGetContext('stage') ?? 'dev'
  return readStage(String(name), node.tryGetContext('stages'))
}

await runAsProgram(import.meta, async () => {
  await bundle()
  const app = createApp()
  const stage = stageOf(app)
  if (stage.domain.endsWith('.example')) {
    console.warn(
      `cdk.json: stage ${stage.name} has the placeholder domain ${stage.domain}; put the shop's own in`,
    )
  }
  const { addChecks } = await import('./checks.ts')
  addChecks(app)
  const { directory } = app.synth()
  const { lintFile } = await import('./lint/lint.ts')
  await lintFile(`${directory}/homeward-${stage.name}.template.json`)
})
