/**
 * The heartbeat: EventBridge Scheduler invokes `wake` every minute. Minute precision and at-least-once are
 * enough, since `wake` only looks for what is due; nothing waits on a schedule of its own.
 */
import { Duration } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { nameLogically } from './logical.ts'
import type { StepFunction } from './step.ts'

/** Invokes the step each minute. A tick that failed is not repeated: the next one finds the same and more. */
export function everyMinute(scope: Construct, step: StepFunction): Schedule {
  const role = new Role(scope, 'TickRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    description: `Lets the schedule invoke ${step.node.id}`,
  })
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [step.handler.functionArn] }),
  )
  const schedule = new Schedule(scope, 'Tick', {
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(step.handler, { role, retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
    description: 'Homeward: looks for customers whose alarm is due',
  })
  nameLogically(role, 'TickRole')
  nameLogically(schedule, 'Tick')
  acknowledge(role, {
    [`AwsSolutions-IAM5[Resource::<${step.node.id}.Arn>:*]`]:
      'The scheduler target also grants the versions of this one function.',
  })
  return schedule
}
