/**
 * The synthesized templates that the tests of `infra` look at: the real handlers bundled, the real `cdk.json`,
 * each stage synthesized once a run. `infra/stack.ts` is what they are made by.
 */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { createApp } from '#infra/app'
import { bundle } from '#infra/bundle'
import { contextOfCdkJson } from '#infra/synth'

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.array(z.string()).optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
})

const Template = z.looseObject({
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })),
})
export type Template = z.infer<typeof Template>

const Statement = z.strictObject({
  Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
  Effect: z.enum(['Allow', 'Deny']),
  Resource: z.unknown().transform((resource) => [resource].flat()),
  Condition: z.record(z.string(), z.unknown()).optional(),
})
export type Statement = z.infer<typeof Statement>

/** A variation of a stage's settings in `cdk.json`. */
export type Settings = Record<string, unknown>

const made = new Map<string, Promise<Template>>()

/** The template of a stage, with some settings changed when given. */
export function templateOf(stage: string, settings: Settings = {}): Promise<Template> {
  const key = JSON.stringify([stage, settings])
  const known = made.get(key)
  if (known) return known
  const fresh = synthesizeForTest(stage, settings)
  made.set(key, fresh)
  return fresh
}

async function synthesizeForTest(stage: string, settings: Settings): Promise<Template> {
  await bundle()
  const outdir = mkdtempSync(path.join(tmpdir(), 'homeward-infra-'))
  const app = createApp({
    outdir,
    context: await contextWith(stage, settings),
    builtinCloudFormationValidation: false,
  })
  app.synth()
  return Template.parse(
    JSON.parse(readFileSync(path.join(outdir, `homeward-${stage}.template.json`), 'utf8')),
  )
}

/** The app's context with some of a stage's settings changed. */
export async function contextWith(stage: string, settings: Settings): Promise<Settings> {
  const context = await contextOfCdkJson()
  const stages = z.record(z.string(), z.record(z.string(), z.unknown())).parse(context.stages)
  return { ...context, stage, stages: { ...stages, [stage]: { ...stages[stage], ...settings } } }
}

/** The resources of one type, as [logical id, properties]. */
export function ofType(template: Template, type: string): [string, Record<string, unknown>][] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [id, resource.Properties])
}

/** The logical id of a step's function. */
export function functionOf(step: string): string {
  return `${step.charAt(0).toUpperCase()}${step.slice(1)}`
}

/** Every statement of a step's role. */
export function statementsOf(template: Template, step: string): Statement[] {
  const Policy = z.looseObject({
    Roles: z.array(z.looseObject({ Ref: z.string() })),
    PolicyDocument: z.looseObject({ Statement: z.array(z.unknown()) }),
  })
  return ofType(template, 'AWS::IAM::Policy')
    .map(([, properties]) => Policy.parse(properties))
    .filter((policy) => policy.Roles.some(({ Ref }) => Ref === `${functionOf(step)}Role`))
    .flatMap((policy) => policy.PolicyDocument.Statement.map((statement) => Statement.parse(statement)))
}

/** The environment variables of a step's function. */
export function environmentOf(template: Template, step: string): Record<string, unknown> {
  const Shape = z.looseObject({ Variables: z.record(z.string(), z.unknown()) })
  return Shape.parse(template.Resources[functionOf(step)]?.Properties.Environment).Variables
}
