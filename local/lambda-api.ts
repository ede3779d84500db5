/**
 * Lambda's HTTP face as far as our commands use it: Invoke, by name or ARN, waiting for the answer; and the
 * account's settings, which are those of an account that is not new.
 */
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, jsonBody } from './aws.ts'
import type { Need } from './iam.ts'
import type { LambdaFunction } from './lambda.ts'

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/

const SETTINGS = /^\/2016-08-19\/account-settings\/?$/

const settings: AwsAnswer = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
    AccountUsage: {},
  }),
}

export class LambdaService implements AwsService {
  readonly name = 'lambda'
  private readonly functions: LambdaFunction[]

  constructor(functions: LambdaFunction[]) {
    this.functions = functions
  }

  actionOf(call: Pick<AwsCall, 'path'>): string {
    if (SETTINGS.test(call.path)) return 'GetAccountSettings'
    return INVOKE.test(call.path) ? 'Invoke' : 'Unknown'
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return { payload: jsonBody(call.body) }
  }

  needs(call: AwsCall): Need[] {
    if (SETTINGS.test(call.path)) return [{ action: 'lambda:GetAccountSettings', resource: '*' }]
    return [{ action: 'lambda:InvokeFunction', resource: this.find(call.path)?.spec.arn ?? '*' }]
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    if (call.action === 'GetAccountSettings') return settings
    if (call.action !== 'Invoke')
      throw new AwsError('InvalidAction', `Lambda ${call.path} is not available locally.`)
    const fn = this.find(call.path)
    if (fn === undefined)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${call.path}`, 404)
    const outcome = await fn.invoke(call.input.payload)
    const headers = { 'content-type': 'application/json' }
    if (outcome.ok) return { status: 200, headers, body: JSON.stringify(outcome.value) }
    const failed = { ...headers, 'x-amz-function-error': 'Unhandled' }
    return { status: 200, headers: failed, body: JSON.stringify(outcome.error) }
  }

  fail(error: AwsError): AwsAnswer {
    return {
      status: error.status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
      body: JSON.stringify({ Type: 'User', message: error.message }),
    }
  }

  private find(path: string): LambdaFunction | undefined {
    const name = decodeURIComponent(INVOKE.exec(path)?.[1] ?? '')
    return this.functions.find((fn) => fn.spec.name === name || fn.spec.arn === name)
  }
}
