/**
 * What wakes a person: streams that lag, work put aside, customers parked, alarms that come late, and a
 * sender's reputation before AWS reviews it. All of them tell one topic. What to do about each:
 * `docs/operating.md`.
 */
import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
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
export type Watched = { step: Record<Step, StepFunction>; work: Record<string, WorkQueue>; stage: Stage }

type Rule = { metric: IMetric; above: number; because: string; minutes?: number }

/** Events that functions log and an alarm counts: `{"event":"parked"}` as one key of a JSON line. */
export const countedLogEvents = { parked: 'parked', late: 'alarm-late' } as const

const fiveMinutes = Duration.minutes(5)

/** The alarms of a stage and the topic they tell. */
export class Alarms extends Construct {
  readonly topic: Topic

  constructor(scope: Construct, id: string, { step, work, stage }: Watched) {
    super(scope, id)
    this.topic = new Topic(this, 'Topic', { displayName: `Homeward ${stage.name}: alarms`, enforceSSL: true })
    nameLogically(this.topic, 'AlarmTopic')
    if (stage.alarmEmail) this.topic.addSubscription(new EmailSubscription(stage.alarmEmail))

    this.#streams(step)
    this.#queues(work)
    this.#counted(step, stage)
    this.#reputation()
    this.#tick(step)
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
    this.#when('AlarmsQueueLate', {
      metric: wake.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: fiveMinutes }),
      above: fiveMinutes.toSeconds(),
      because: 'customers whose alarm is due have waited more than five minutes for decide',
    })
  }

  #counted(step: Watched['step'], stage: Stage): void {
    const rules = [
      {
        from: step.decide,
        event: countedLogEvents.parked,
        id: 'Parked',
        because: 'an input could not be decided: see npm run redrive',
      },
      {
        from: step.decide,
        event: countedLogEvents.late,
        id: 'AlarmsLate',
        because: 'a customer was decided more than five minutes after her alarm was due',
      },
    ]
    for (const { from, event, id, because } of rules) {
      const filter = new MetricFilter(this, `${id}Count`, {
        logGroup: from.logs,
        // Lambda puts time and request id before a line, so that it is no JSON to CloudWatch.
        filterPattern: FilterPattern.literal(`%event.{3,5}${event}%`),
        metricNamespace: `Homeward/${stage.name}`,
        metricName: id,
        metricValue: '1',
      })
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

  #tick(step: Watched['step']): void {
    const invocations = step.wake.handler.metricInvocations({ period: fiveMinutes })
    const errors = step.wake.handler.metricErrors({ period: fiveMinutes })
    this.#when('TickMissing', {
      metric: new MathExpression({
        expression: '5 - (FILL(invocations, 0) - FILL(errors, 0))',
        usingMetrics: { invocations, errors },
        period: fiveMinutes,
        label: 'ticks of wake that did not happen, of five',
      }),
      above: 3,
      because: 'wake did not run: no wait, hold or retry is ending',
      minutes: 10,
    })
  }

  #when(id: string, { metric, above, because, minutes = 5 }: Rule): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: Math.max(1, Math.round(minutes / 5)),
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: because,
    })
    alarm.addAlarmAction(new SnsAction(this.topic))
    nameLogically(alarm, `Alarm${id}`)
  }
}
