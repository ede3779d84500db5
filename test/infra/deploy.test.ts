/**
 * The commands of a deployment, run as an engineer runs them, against an account that is a local port: sources
 * are bundled, synthesized, zipped, uploaded and made a stack.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { steps } from '#adapters/shape'
import { root } from '#infra/bundle'
import { type Cloud, openCloud } from './cloud.ts'

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

async function npmRun(script: string, ...rest: string[]): Promise<{ code: number; said: string }> {
  const child = spawn('npm', ['run', '--silent', script, '--', '--output', output, ...rest], {
    cwd: root,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: cloud.url,
      AWS_ACCESS_KEY_ID: 'engineer',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  })
  const said: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  const [code] = await once(child, 'close')
  return { code, said: Buffer.concat(said).toString('utf8') }
}

describe('npm run deploy', () => {
  it('makes the stage that was asked for a stack, with every function uploaded', async () => {
    const { code, said } = await npmRun('deploy', '-c', 'stage=prod', '--require-approval', 'never')

    expect(said).toContain('✅  homeward-prod')
    expect(code).toBe(0)
    const template = cloud.uploads.get(cloud.stacks.get('homeward-prod') ?? '')?.toString('utf8') ?? ''
    const archives = [...new Set(template.match(/[0-9a-f]{64}\.zip/g))]
    expect(archives.length).toBeGreaterThanOrEqual(1)
    expect(archives.filter((archive) => !cloud.uploads.has(archive))).toEqual([])
    expect(template.match(/"AWS::Lambda::Function"/g)).toHaveLength(steps.length)
  }, 180_000)

  it('says in a line what is wrong with the stage, and deploys nothing', async () => {
    const { code, said } = await npmRun('deploy', '-c', 'stage=production')

    expect(code).not.toBe(0)
    expect(said).toContain('cdk.json has no stage "production" (context.stages has: local, dev, prod)')
    expect(said).not.toContain('    at ')
    expect([...cloud.stacks.keys()]).not.toContain('homeward-production')
  }, 180_000)
})
