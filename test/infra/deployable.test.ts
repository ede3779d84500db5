/**
 * What can be known about a deployment without an account: AWS's own CloudFormation rules and cdk-nag find
 * nothing, and the mistakes those rules are known to miss are looked for here one by one.
 */
import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createApp } from '#infra/app'
import { bundle } from '#infra/bundle'
import { addChecks } from '#infra/checks'
import { contextWith, ofType, type Settings, type Template, templateOf } from './template.ts'

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

/** The part of `@aws/cloudformation-validate` that is used here; it is a dependency of aws-cdk-lib. */
type Validator = {
  CompositeEngine: new (
    config: object,
  ) => {
    validateTemplate(template: object, config: object): { diagnostics: { ruleId: string; message: string }[] }
  }
  TemplateContent: new (content: string, name: string) => object
}

function loadValidator(): Validator {
  const ours = createRequire(import.meta.url)
  const ofTheLibrary = createRequire(ours.resolve('aws-cdk-lib/package.json'))
  // The package exports no types that are resolvable from here.
  return ofTheLibrary('@aws/cloudformation-validate') as Validator
}

describe("AWS's CloudFormation rules", () => {
  let validator: Validator
  let engine: InstanceType<Validator['CompositeEngine']>

  beforeAll(() => {
    validator = loadValidator()
    engine = new validator.CompositeEngine({})
  }, 120_000)

  const findings = (template: unknown) =>
    engine
      .validateTemplate(new validator.TemplateContent(JSON.stringify(template), 'homeward.json'), {
        detailLevel: 'STANDARD',
        severityLevel: 'WARN',
      })
      // W3005: the CDK names a dependency that a reference implies already; harmless.
      .diagnostics.filter(({ ruleId }) => ruleId !== 'W3005')

  it.each(variants)(
    'find nothing on stage $stage, not even a warning',
    async ({ stage, settings }) => {
      const template = await templateOf(stage, settings)

      expect(findings(template)).toEqual([])
    },
    120_000,
  )

  it('do find a planted mistake', async () => {
    const template = structuredClone(await templateOf('local'))

    Object.assign(template.Resources.Deliver?.Properties ?? {}, { MemorySize: 64 })

    expect(findings(template)).not.toEqual([])
  }, 120_000)
})

describe('cdk-nag', () => {
  const appOf = async (stage: string, settings: Settings) => {
    await bundle()
    const outdir = mkdtempSync(path.join(tmpdir(), 'homeward-nag-'))
    const context = await contextWith(stage, settings)
    const app = createApp({ outdir, context, builtinCloudFormationValidation: false })
    addChecks(app)
    return app
  }

  it.each(variants)(
    'finds nothing on stage $stage without a reason beside it',
    async ({ stage, settings }) => {
      const app = await appOf(stage, settings)

      expect(() => app.synth()).not.toThrow()
    },
    120_000,
  )

  it('does find a planted mistake', async () => {
    const app = await appOf('dev', {})

    new Bucket(app.node.findChild('homeward-dev'), 'Planted')

    expect(() => app.synth()).toThrow('AwsSolutions-S1')
  }, 120_000)
})

describe('what those rules miss', () => {
  let template: Template

  beforeAll(async () => {
    template = await templateOf('prod', withEverything)
  }, 120_000)

  it('uses a runtime that exists, on arm64', () => {
    for (const [, properties] of ofType(template, 'AWS::Lambda::Function')) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      })
    }
  })

  it('sets no environment variable that Lambda reserves, and less than 4 KB of them', () => {
    for (const [, { Environment }] of ofType(template, 'AWS::Lambda::Function')) {
      const text = JSON.stringify(Environment)
      expect(text.length).toBeLessThan(4096)
      expect(text).not.toMatch(/"(AWS_[A-Z_]+|_HANDLER|LAMBDA_[A-Z_]+|TZ)":/)
    }
  })

  it('writes filters that are JSON without operators DynamoDB streams do not know', () => {
    const Mapping = z.looseObject({
      FilterCriteria: z.looseObject({ Filters: z.array(z.object({ Pattern: z.string() })) }),
    })

    const filtered = ofType(template, 'AWS::Lambda::EventSourceMapping').filter(
      ([, { FilterCriteria }]) => FilterCriteria,
    )

    expect(filtered).toHaveLength(2)
    for (const [, properties] of filtered) {
      for (const { Pattern } of Mapping.parse(properties).FilterCriteria.Filters) {
        expect(JSON.stringify(JSON.parse(Pattern))).not.toContain('"numeric"')
      }
    }
  })

  it('defines exactly the attributes that keys use', () => {
    for (const [id, properties] of ofType(template, 'AWS::DynamoDB::GlobalTable')) {
      const defined = JSON.stringify(properties.AttributeDefinitions).match(/(?<="AttributeName":")[^"]+/g)
      const keys = JSON.stringify([properties.KeySchema, properties.GlobalSecondaryIndexes]).match(
        /(?<="AttributeName":")[^"]+/g,
      )
      expect(new Set(defined), id).toEqual(new Set(keys))
    }
  })

  it('asks SES only for events that it has', () => {
    const { EventDestination } = template.Resources.MailNotify?.Properties ?? {}
    const known = [
      'send',
      'reject',
      'bounce',
      'complaint',
      'delivery',
      'open',
      'click',
      'renderingFailure',
      'deliveryDelay',
      'subscription',
    ]

    const asked = z
      .looseObject({ MatchingEventTypes: z.array(z.string()) })
      .parse(EventDestination).MatchingEventTypes

    expect(asked.filter((type) => !known.includes(type))).toEqual([])
  })

  it('gives no two resources one physical name', () => {
    const names = Object.values(template.Resources)
      .map(({ Type, Properties }) => [
        Type,
        Properties.LogGroupName,
        Properties.FunctionName,
        Properties.TableName,
      ])
      .filter(
        ([type, ...given]) =>
          type === 'AWS::Logs::LogGroup' || given.some((name) => typeof name === 'string'),
      )
      .map((entry) => JSON.stringify(entry))

    expect(new Set(names).size).toBe(names.length)
  })

  it('stays far below the limits of CloudFormation: 500 resources, 1 MB', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(250)
    expect(JSON.stringify(template).length).toBeLessThan(500_000)
  })
})
