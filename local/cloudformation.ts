/**
 * CloudFormation as far as our commands ask it: DescribeStacks (Query protocol, XML) tells the outputs of the
 * synthesized template, so that a command finds a local stack exactly as it finds a deployed one.
 */
import { type AwsAnswer, type AwsCall, AwsError, type AwsService } from './aws.ts'
import type { Need } from './iam.ts'
import { type Stack, stackId } from './stack.ts'

export class CloudFormationService implements AwsService {
  readonly name = 'cloudformation'
  private readonly stack: Stack

  constructor(stack: Stack) {
    this.stack = stack
  }

  actionOf(call: Pick<AwsCall, 'body' | 'query'>): string {
    return new URLSearchParams(call.body.toString()).get('Action') ?? call.query.get('Action') ?? ''
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return Object.fromEntries(new URLSearchParams(call.body.toString()))
  }

  needs(call: AwsCall): Need[] {
    return [{ action: `cloudformation:${call.action}`, resource: stackId(this.stack.place) }]
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    if (call.action !== 'DescribeStacks') {
      throw new AwsError('InvalidAction', `CloudFormation ${call.action} is not available locally.`)
    }
    const { stackName } = this.stack.place
    const wanted = call.input.StackName
    if (wanted !== undefined && wanted !== stackName && wanted !== stackId(this.stack.place)) {
      throw new AwsError('ValidationError', `Stack with id ${String(wanted)} does not exist`)
    }
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: this.description() }
  }

  fail(error: AwsError): AwsAnswer {
    const body =
      '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>' +
      `<Code>${xml(error.code)}</Code><Message>${xml(error.message)}</Message></Error>` +
      '<RequestId>local</RequestId></ErrorResponse>'
    return { status: error.status, headers: { 'content-type': 'text/xml' }, body }
  }

  private description(): string {
    const outputs = this.stack.outputs().map(({ key, value, description }) => {
      const about = description === undefined ? '' : `<Description>${xml(description)}</Description>`
      return `<member><OutputKey>${xml(key)}</OutputKey><OutputValue>${xml(asTold(value))}</OutputValue>${about}</member>`
    })
    return (
      '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>' +
      `<Stacks><member><StackId>${xml(stackId(this.stack.place))}</StackId>` +
      `<StackName>${xml(this.stack.place.stackName)}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>` +
      `<CreationTime>2020-01-01T00:00:00.000Z</CreationTime><Outputs>${outputs.join('')}</Outputs></member></Stacks>` +
      '</DescribeStacksResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></DescribeStacksResponse>'
    )
  }
}

/** CloudFormation works with any letter, and tells "?" for each that is not ASCII. */
const asTold = (text: string): string => text.replaceAll(/[^ -~]/gu, '?')

/** Text safe inside an XML element. */
export function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
