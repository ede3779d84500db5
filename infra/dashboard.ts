/**
 * One CloudWatch dashboard a stage: is mail going out and arriving, is the work keeping up, does anything fail.
 * The mails are counted from the decision lines that `deliver` logs; everything else AWS measures anyway. The
 * first three dashboards of an account are free; `dashboard: false` of a stage leaves it out, counts and all.
 */
import { Duration } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Step, tables } from '#adapters/shape'
import { nameLogically } from './logical.ts'
import type { Stage } from './stage.ts'
import type { StepFunction } from './step.ts'
import type { WorkQueue } from './work-queue.ts'

/** What the dashboard shows. */
export type Shown = {
  step: Record<Step, StepFunction>
  work: Record<string, WorkQueue>
  tables: Record<keyof typeof tables, TableV2>
  api: HttpApi
  alarms: readonly Alarm[]
  stage: Stage
}

/** What `deliver` did with mails, by its decision lines. A log group takes five such patterns, one is an alarm's. */
const outcomes = [
  { id: 'MailsSent', label: 'sent', pattern: 'outcome.{3,5}sent' },
  { id: 'MailsHeld', label: 'held', pattern: 'outcome.{3,5}held' },
  { id: 'MailsSkipped', label: 'skipped', pattern: 'outcome.{3,5}skipped|outcome.{3,5}expired' },
  { id: 'MailsFailed', label: 'failed', pattern: 'outcome.{3,5}failed|outcome.{3,5}unknown' },
] as const

const fiveMinutes = Duration.minutes(5)
const sum = { statistic: 'Sum', period: fiveMinutes } as const
const most = { statistic: 'Maximum', period: fiveMinutes } as const

const graph = (title: string, left: IMetric[], more: { width?: number; right?: IMetric[] } = {}) =>
  new GraphWidget({
    title,
    left,
    width: more.width ?? 8,
    height: 6,
    leftYAxis: { min: 0 },
    ...(more.right && { right: more.right, rightYAxis: { min: 0 } }),
  })

/** The dashboard `homeward-<stage>`. */
export class StageDashboard extends Construct {
  constructor(scope: Construct, id: string, shown: Shown) {
    super(scope, id)
    const { stage, alarms } = shown
    const about = `# Homeward, ${stage.name}\nWhat to do about an alarm: docs/operating.md. Everything at once: \`npm run doctor -- --stack homeward-${stage.name}\``
    const dashboard = new Dashboard(this, 'Board', {
      dashboardName: `homeward-${stage.name}`,
      defaultInterval: Duration.hours(24),
      periodOverride: PeriodOverride.AUTO,
      widgets: [
        [
          new TextWidget({ markdown: about, width: 8, height: 4 }),
          new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 16, height: 4 }),
        ],
        this.#mails(shown),
        this.#work(shown),
        this.#machines(shown),
      ],
    })
    nameLogically(dashboard, 'Dashboard')
  }

  #mails({ step, stage }: Shown): IWidget[] {
    const counted = outcomes.map(({ id, label, pattern }) => {
      const filter = new MetricFilter(this, `${id}Count`, {
        logGroup: step.deliver.logs,
        filterPattern: FilterPattern.literal(`%${pattern}%`),
        metricNamespace: `Homeward/${stage.name}`,
        metricName: id,
        metricValue: '1',
      })
      nameLogically(filter, `${id}Count`)
      return filter.metric({ ...sum, label })
    })
    const ses = (metricName: string, label: string) =>
      new Metric({ namespace: 'AWS/SES', metricName, label, ...sum })
    const rate = (metricName: string, label: string) =>
      new Metric({ namespace: 'AWS/SES', metricName, label, statistic: 'Average', period: Duration.hours(1) })
    return [
      graph('Mails: what became of them', counted),
      graph('SES: accepted, delivered, bounced, complained', [
        ses('Send', 'accepted'),
        ses('Delivery', 'delivered'),
        ses('Bounce', 'bounced'),
        ses('Complaint', 'complained'),
      ]),
      graph('Reputation: AWS reviews at 5 % and 0.1 %', [rate('Reputation.BounceRate', 'bounce rate')], {
        right: [rate('Reputation.ComplaintRate', 'complaint rate')],
      }),
    ]
  }

  #work({ step, work, api }: Shown): IWidget[] {
    const ages = Object.entries(work).map(([label, { queue }]) =>
      queue.metricApproximateAgeOfOldestMessage({ ...most, label }),
    )
    const dead = Object.entries(work).map(([label, queue]) =>
      queue.dead.metricApproximateNumberOfMessagesVisible({ ...most, label: `${label} dead` }),
    )
    const lag = (['decide', 'dispatch'] as const).map((name) =>
      step[name].handler.metric('IteratorAge', { ...most, label: name }),
    )
    return [
      graph('Queues: age of the oldest, dead letters', ages, { right: dead }),
      graph('Streams: how far behind, ms', lag),
      graph('Requests: events and links', [api.metricCount({ ...sum, label: 'requests' })], {
        right: [
          api.metricServerError({ ...sum, label: '5xx' }),
          api.metricClientError({ ...sum, label: '4xx' }),
        ],
      }),
    ]
  }

  #machines({ step, tables: stored }: Shown): IWidget[] {
    const each = (make: (one: StepFunction, label: string) => IMetric) =>
      Object.entries(step).map(([label, one]) => make(one, label))
    const tableMetric = (metricName: string, suffix = '') =>
      Object.entries(stored).map(([name, table]) =>
        table.metric(metricName, { ...sum, label: `${name}${suffix}` }),
      )
    return [
      graph(
        'Functions: errors and throttles',
        each(({ handler }, label) => handler.metricErrors({ ...sum, label })),
        {
          right: each(({ handler }, label) =>
            handler.metricThrottles({ ...sum, label: `${label} throttled` }),
          ),
        },
      ),
      graph(
        'Functions: duration, p95',
        each(({ handler }, label) =>
          handler.metricDuration({ statistic: 'p95', period: fiveMinutes, label }),
        ),
      ),
      graph('Tables: write units, throttled writes', tableMetric('ConsumedWriteCapacityUnits'), {
        right: tableMetric('WriteThrottleEvents', ' throttled'),
      }),
    ]
  }
}
