/**
 * The commands of a deployment, run as an engineer runs them, against an account that is a local port: sources
 * are bundled, synthesized, zipped, uploaded and made a stack.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { steps } from '#adapters/shape'
import { root } from '#infra/bundle'
import { type Cloud, openCloud } from './cloud.ts'
import { npmRun } from './commands.ts'

let cloud: Cloud
let output: string

beforeAll(async () => {
  cloud = await openCloud()
  output = mkdtempSync(path.join(tmpdir(), 'homeward-deploy-'))
})

afterAll(async () => {
  await cloud.close()
  rmSync(output, { recursive: true, force: true })
})

const from = () => ({ cwd: root, output, cloud })

describe('npm run deploy', () => {
  it('makes the stage that was asked for a stack, with every function uploaded', async () => {
    const { code, said } = await npmRun(from(), 'deploy', '-c', 'stage=prod', '--require-approval', 'never')

    expect(said).toContain('✅  homeward-prod')
    expect(code).toBe(0)
    const stack = cloud.formation.stacks.get('homeward-prod')
    expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', isProtected: true })
    const template = stack?.body ?? ''
    const archives = [...new Set(template.match(/[0-9a-f]{64}\.zip/g))]
    expect(archives.length).toBeGreaterThanOrEqual(1)
    expect(archives.filter((archive) => !cloud.uploads.has(archive))).toEqual([])
    expect(template.match(/"AWS::Lambda::Function"/g)).toHaveLength(steps.length)
    expect(said).toContain('homeward-prod.ApiUrl = value-of-ApiUrl')
  }, 180_000)

  it('says in a line what is wrong with the stage, and deploys nothing', async () => {
    const { code, said } = await npmRun(from(), 'deploy', '-c', 'stage=production')

    expect(code).not.toBe(0)
    expect(said).toContain('cdk.json has no stage "production" (context.stages has: local, dev, prod)')
    expect(said).not.toContain('    at ')
    expect([...cloud.formation.stacks.keys()]).not.toContain('homeward-production')
  }, 180_000)
})
