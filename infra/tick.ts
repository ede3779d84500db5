/**
 * The heartbeats: EventBridge Scheduler invokes `wake` every minute and `report` every hour. Minute precision
 * and at-least-once are enough, since both only look for what there is to do; nothing waits on a schedule of its
 * own.
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
export const everyMinute = (scope: Construct, step: StepFunction): Schedule =>
  tick(scope, step, {
    id: 'Tick',
    every: Duration.minutes(1),
    description: 'Homeward: looks for customers whose alarm is due',
  })

/** Invokes the step each hour, under the same terms. */
export const everyHour = (scope: Construct, step: StepFunction): Schedule =>
  tick(scope, step, {
    id: 'Hour',
    every: Duration.hours(1),
    description: 'Homeward: counts the open days of the report',
  })

function tick(
  scope: Construct,
  step: StepFunction,
  of: { id: string; every: Duration; description: string },
): Schedule {
  const { id, every, description } = of
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    description: `Lets the schedule invoke ${step.node.id}`,
  })
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [step.handler.functionArn] }),
  )
  // Scheduler only queues the call: what fails behind that queue is Lambda's to repeat.
  step.handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
  const schedule = new Schedule(scope, id, {
    schedule: ScheduleExpression.rate(every),
    target: new LambdaInvoke(step.handler, { role, retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
    description,
  })
  nameLogically(role, `${id}Role`)
  nameLogically(schedule, id)
  acknowledge(role, {
    [`AwsSolutions-IAM5[Resource::<${step.node.id}.Arn>:*]`]:
      'The scheduler target also grants the versions of this one function.',
  })
  return schedule
}
