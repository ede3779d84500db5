/**
 * Finds a stage that is deployed, or that runs on this machine: both answer CloudFormation's DescribeStacks.
 * Its outputs become the same record of variables that the functions of the stage have, so that the CLI opens
 * the very same ports (`adapters/ports.ts`).
 */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { Failed } from '#core/failed'
import type { Aws } from './aws.ts'
import type { Environment } from './environment.ts'
import { queues, secrets, settingOutputs, environment as settings, tables } from './shape.ts'

export interface FoundStack {
  name: string
  /** Variables as the functions have them: names of tables, queues and secrets, settings of the stage. */
  environment: Environment
  /** Everything the stack says of itself, e.g. `ApiUrl`. */
  outputs: Readonly<Record<string, string>>
}

function failure(name: string, error: unknown): Failed {
  const problem = error instanceof Error ? error : new Error(String(error))
  const missing = problem.name === 'ValidationError' || /does not exist/.test(problem.message)
  const message = missing
    ? `there is no stack ${name} in this account and region; deploy it (npm run deploy -- -c stage=${name.replace(/^homeward-/, '')}) or set AWS_PROFILE and AWS_REGION`
    : `the stack ${name} could not be looked up (${problem.name}: ${problem.message}); check AWS_PROFILE, AWS_REGION and the network`
  return new Failed({
    code: missing ? 'stack-missing' : 'stack-unreachable',
    message,
    retryable: !missing,
    cause: error,
  })
}

/** Settings are told with what is not ASCII encoded; an older stack told them as they are. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The stack by its name, such as `homeward-dev`. Throws `stack-missing` or `stack-unreachable`. */
export async function findStack(name: string, aws: Aws = {}): Promise<FoundStack> {
  const client = new CloudFormationClient(aws)
  const answer = await client.send(new DescribeStacksCommand({ StackName: name })).catch((error: unknown) => {
    throw failure(name, error)
  })
  const said = (answer.Stacks?.[0]?.Outputs ?? []).map(
    ({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? ''] as const,
  )
  const outputs = Object.fromEntries(said)
  const named = [...Object.values(tables), ...Object.values(queues), ...Object.values(secrets)]
  const told = Object.entries(settingOutputs) as [keyof typeof settingOutputs, string][]
  const environment = {
    ...Object.fromEntries(named.map(({ env, output }) => [env, outputs[output]])),
    ...Object.fromEntries(told.map(([name, output]) => [settings[name], decoded(outputs[output])])),
    [settings.dueShards]: outputs.DueShards,
    [settings.reportShards]: outputs.ReportShards,
  }
  return { name, environment, outputs }
}
