/**
 * What wakes a person: streams that lag, work put aside, customers parked, alarms that come late, orders that
 * stopped arriving, and a sender's reputation before AWS reviews it. All of them tell one topic. What to do about each:
 * `docs/operating.md`.
 */
import { Duration, Stack } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { Step } from '#adapters/shape'
import { nameLogically } from './logical.ts'
import type { Stage } from './stage.ts'
import type { StepFunction } from './step.ts'
import type { WorkQueue } from './work-queue.ts'

/** What the alarms watch. */
export type Watched = {
  step: Record<Step, StepFunction>
  work: Record<string, WorkQueue>
  api: HttpApi
  stage: Stage
}

type Rule = { metric: IMetric; because: string } & (
  | { above: number; below?: never }
  | { below: number; above?: never }
)

/**
 * Lines of JSON in a step's log that an alarm counts, as regular expressions of CloudWatch. Lambda puts time and
 * request id before a line, so that to CloudWatch it is text, not JSON.
 */
const countedLines = [
  {
    id: 'Parked',
    from: 'decide',
    pattern: 'event.{3,5}parked',
    because:
      'an input of a customer could not be decided and was put aside: mend the cause, then npm run redrive',
  },
  {
    id: 'AlarmsLate',
    from: 'wake',
    // From 300,000 ms on: six digits from 3 on, or seven.
    pattern: 'lateMs\\D{1,3}[3-9]\\d{5}|lateMs\\D{1,3}\\d{7}',
    because: 'customers are still not decided five minutes after their alarm was due',
  },
  {
    id: 'OrdersSilent',
    from: 'deliver',
    pattern: 'code.{3,5}no-orders',
    because:
      "no order has arrived for far longer than is usual, so reminders are held: see whether the shop's server still sends them",
  },
] as const satisfies { id: string; from: Step; pattern: string; because: string }[]

const fiveMinutes = Duration.minutes(5)

/** The alarms of a stage and the topic they tell. */
export class Alarms extends Construct {
  readonly topic: Topic
  /** In the order they were made. */
  readonly alarms: Alarm[] = []

  constructor(scope: Construct, id: string, { step, work, api, stage }: Watched) {
    super(scope, id)
    this.topic = new Topic(this, 'Topic', { displayName: `Homeward ${stage.name}: alarms`, enforceSSL: true })
    nameLogically(this.topic, 'AlarmTopic')
    // A policy of its own takes the place of the one by which CloudWatch may publish on a topic.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    if (stage.alarmEmail) this.topic.addSubscription(new EmailSubscription(stage.alarmEmail))

    this.#streams(step)
    this.#queues(work)
    this.#counted(step, stage)
    this.#reputation()
    this.#tick(step)
    this.#api(api)
  }

  #streams(step: Watched['step']): void {
    for (const name of ['decide', 'dispatch'] as const) {
      this.#when(`${step[name].node.id}Lags`, {
        metric: step[name].handler.metric('IteratorAge', { statistic: 'Maximum', period: fiveMinutes }),
        above: fiveMinutes.toMilliseconds(),
        because: `${name} is more than five minutes behind its table's stream`,
      })
    }
  }

  #queues(work: Watched['work']): void {
    for (const [name, { dead, queue }] of Object.entries(work)) {
      const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
      this.#when(`${title}DeadLetters`, {
        metric: dead.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: fiveMinutes }),
        above: 0,
        because: `work of ${queue.node.path} failed five times and was put aside`,
      })
    }
    const { wake } = work
    if (!wake) return
    this.#when('WakeQueueLate', {
      metric: wake.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: fiveMinutes }),
      above: fiveMinutes.toSeconds(),
      because: 'customers whose alarm is due have waited more than five minutes for decide',
    })
  }

  /** Lines that a function logs and that must not go unseen. */
  #counted(step: Watched['step'], stage: Stage): void {
    for (const { from, pattern, id, because } of countedLines) {
      const filter = new MetricFilter(this, `${id}Count`, {
        logGroup: step[from].logs,
        filterPattern: FilterPattern.literal(`%${pattern}%`),
        metricNamespace: `Homeward/${stage.name}`,
        metricName: id,
        metricValue: '1',
      })
      nameLogically(filter, `${id}Count`)
      this.#when(id, { metric: filter.metric({ statistic: 'Sum', period: fiveMinutes }), above: 0, because })
    }
  }

  #reputation(): void {
    const rate = (metricName: string) =>
      new Metric({ namespace: 'AWS/SES', metricName, statistic: 'Average', period: Duration.hours(1) })
    this.#when('Bounces', {
      metric: rate('Reputation.BounceRate'),
      above: 0.04,
      because: 'more than 4 % of mails bounce; at 5 % AWS puts the account under review',
    })
    this.#when('Complaints', {
      metric: rate('Reputation.ComplaintRate'),
      above: 0.0008,
      because: 'more than 0.08 % of mails are complained about; at 0.1 % AWS puts the account under review',
    })
  }

  /** Silence is the alarm here: a tick that fails or does not come leaves nothing else to notice it by. */
  #tick(step: Watched['step']): void {
    this.#when('TickMissing', {
      metric: step.wake.handler.metricInvocations({ period: fiveMinutes }),
      below: 3,
      because: 'wake is not run each minute: no wait, hold or retry is ending',
    })
    this.#when('TickFails', {
      metric: step.wake.handler.metricErrors({ period: fiveMinutes }),
      above: 2,
      because: 'wake fails: no wait, hold or retry is ending',
    })
  }

  #api(api: HttpApi): void {
    this.#when('ApiFails', {
      metric: api.metricServerError({ statistic: 'Sum', period: fiveMinutes }),
      above: 5,
      because: 'events of the shop or links in mails are answered with a server error',
    })
  }

  #when(id: string, rule: Rule): void {
    const silence = rule.below !== undefined
    const alarm = new Alarm(this, id, {
      metric: rule.metric,
      threshold: rule.below ?? rule.above ?? 0,
      comparisonOperator: silence
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: silence ? 2 : 1,
      treatMissingData: silence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      alarmDescription: rule.because,
    })
    alarm.addAlarmAction(new SnsAction(this.topic))
    nameLogically(alarm, `Alarm${id}`)
    this.alarms.push(alarm)
  }
}
