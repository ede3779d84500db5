/**
 * What can be known about a deployment without an account: AWS's own CloudFormation rules, cdk-nag and the lint
 * of what those miss find nothing on any stage. That each finds what it is there for: `planted.test.ts`.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CfnResource } from 'aws-cdk-lib'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { describe, expect, it } from 'vitest'
import { createApp } from '#infra/app'
import { bundle } from '#infra/bundle'
import { addChecks } from '#infra/checks'
import { lint, lintFile } from '#infra/lint/lint'
import { contextWith, type Settings, templateOf } from './template.ts'

const withEverything: Settings = {
  alarmEmail: 'ops@shop.example',
  linkDomain: {
    name: 'link.shop.example',
    certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000',
  },
}

const variants: { stage: string; settings: Settings }[] = [
  { stage: 'local', settings: {} },
  { stage: 'dev', settings: {} },
  { stage: 'prod', settings: withEverything },
]

describe("AWS's CloudFormation rules and cdk-nag", () => {
  const appOf = async (stage: string, settings: Settings) => {
    await bundle()
    const outdir = mkdtempSync(path.join(tmpdir(), 'homeward-nag-'))
    const context = await contextWith(stage, settings)
    const app = createApp({ outdir, context, builtinCloudFormationValidation: false })
    addChecks(app)
    return app
  }

  it.each(variants)(
    'find nothing on stage $stage without a reason beside it',
    async ({ stage, settings }) => {
      const app = await appOf(stage, settings)

      expect(() => app.synth()).not.toThrow()
    },
    120_000,
  )

  it('take for an error what AWS merely warns of', async () => {
    const app = await appOf('dev', {})

    const tick = app.node.findChild('homeward-dev').node.findChild('Tick').node.defaultChild
    if (CfnResource.isCfnResource(tick)) tick.addPropertyOverride('State', 'ON')

    expect(() => app.synth()).toThrow('CloudFormation-Validate::W3030')
  }, 120_000)

  it('do find a planted mistake', async () => {
    const app = await appOf('dev', {})

    new Bucket(app.node.findChild('homeward-dev'), 'Planted')

    expect(() => app.synth()).toThrow('AwsSolutions-S1')
  }, 120_000)
})

describe('the lint', () => {
  it.each(variants)(
    'finds nothing on stage $stage',
    async ({ stage, settings }) => {
      const template = await templateOf(stage, settings)

      expect(await lint(template)).toEqual([])
    },
    120_000,
  )

  it('stops a synthesis, and says rule, resource and cure', async () => {
    const template = structuredClone(await templateOf('dev'))
    Object.assign(template.Resources.Deliver?.Properties ?? {}, { Runtime: 'nodejs25.x' })
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'homeward-lint-')), 'template.json')
    writeFileSync(file, JSON.stringify(template))

    const stopped = lintFile(file)

    await expect(stopped).rejects.toThrow(
      'function-runtime: Deliver runs on nodejs25.x, which is none of nodejs22.x, nodejs24.x; set Runtime in',
    )
  }, 120_000)
})
