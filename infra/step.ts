/**
 * The construct of one step: its Lambda function, role and log group, with every default of the house.
 * Rights come from the step's row in `infra/functions.ts` through `infra/grant.ts`, triggers from
 * `infra/stack.ts`; here is only what all functions share.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Step } from '#adapters/shape'
import { root } from './bundle.ts'
import { functions } from './functions.ts'
import { nameLogically } from './logical.ts'
import type { Stage } from './stage.ts'

/**
 * A step as a Lambda function. Defaults of every one:
 * - Node.js 24 on arm64, code from `dist/<step>`, handler `index.handler`
 * - a role of its own that may write its own log and nothing else until granted
 * - a log group `/homeward/<stage>/<step>`, kept 7 days (prod: 90), plain JSON lines
 * - memory, timeout and description from its row
 * - logical id = the step's name, so that moving this construct never replaces the function
 */
export class StepFunction extends Construct {
  readonly handler: LambdaFunction
  readonly logs: LogGroup
  readonly timeout: Duration

  constructor(scope: Construct, step: Step, stage: Stage) {
    const id = `${step.charAt(0).toUpperCase()}${step.slice(1)}`
    super(scope, id)
    const row = functions[step]
    this.timeout = Duration.seconds(row.timeoutSeconds)
    this.logs = new LogGroup(this, 'Logs', {
      logGroupName: `/homeward/${stage.name}/${step}`,
      retention: stage.name === 'prod' ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${step} may do in stage ${stage.name}`,
    })
    this.logs.grantWrite(role)
    this.handler = new LambdaFunction(this, 'Handler', {
      description: row.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(`${root}dist/${step}`),
      handler: 'index.handler',
      memorySize: row.memoryMb,
      timeout: this.timeout,
      role,
      logGroup: this.logs,
    })
    nameLogically(this.handler, id)
    nameLogically(role, `${id}Role`)
    nameLogically(this.logs, `${id}Logs`)
  }
}
