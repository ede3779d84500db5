/** The commands of a deployment as an engineer runs them, with an account that is a local port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Cloud } from './cloud.ts'

/** Runs a script of `package.json` in a folder; `output` is where the CDK writes. */
export async function npmRun(
  from: { cwd: string; output: string; cloud: Cloud },
  script: string,
  ...rest: string[]
): Promise<{ code: number; said: string }> {
  const child = spawn('npm', ['run', '--silent', script, '--', '--output', from.output, ...rest], {
    cwd: from.cwd,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: from.cloud.url,
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
