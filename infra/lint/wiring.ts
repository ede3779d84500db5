/**
 * What deploys and then never runs: routes to nowhere, schedules that nobody can read, notices that nobody may
 * publish, alarms on what does not exist, two resources of one name; and the limits of a stack itself.
 */
import { browserHeaders } from '#adapters/shape'
import { at, each, type Finding, list, type Resource, type Rule, record, target, type View } from './view.ts'

const functionType = 'AWS::Lambda::Function'
const scheduleType = 'AWS::Scheduler::Schedule'
const integrationType = 'AWS::ApiGatewayV2::Integration'
const topicType = 'AWS::SNS::Topic'

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const limits = { resources: 500, outputs: 200, bytes: 1_048_576 }

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventDestination.html, in CloudFormation's writing */
const mailEvents = new Set(
  'send reject bounce complaint delivery open click renderingFailure deliveryDelay subscription'.split(' '),
)

function isField(field: string, from: number, to: number): boolean {
  return field.split(',').every((part) => {
    const [range = '', step] = part.split('/')
    if (step !== undefined && !/^[1-9]\d*$/.test(step)) return false
    if (range === '*' || range === '?' || /^[A-Z]{3}(-[A-Z]{3})?$/.test(range)) return true
    if (/^(L|\d+L|\d+W|LW|\d+#[1-5])$/.test(range)) return true
    const ends = range.split('-')
    return ends.length <= 2 && ends.every((end) => /^\d+$/.test(end) && +end >= from && +end <= to)
  })
}

function isCron(text: string): boolean {
  const fields = text.split(/\s+/)
  const ranges = [
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [1, 7],
    [1970, 2199],
  ] as const
  if (fields.length !== ranges.length) return false
  // One of the two days must leave the choice to the other.
  if (fields[2] !== '?' && fields[4] !== '?') return false
  return ranges.every(([from, to], index) => isField(fields[index] ?? '', from, to))
}

function isSchedule(expression: string): boolean {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression)
  if (rate) return (rate[1] === '1') === (rate[3] === '')
  const cron = /^cron\((.+)\)$/.exec(expression)
  if (cron?.[1]) return isCron(cron[1])
  return /^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(expression)
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Physical names, by type; a name twice is refused when the second is made. */
const named: Record<string, string> = {
  [functionType]: 'FunctionName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SES::ConfigurationSet': 'Name',
  'AWS::SES::EmailIdentity': 'EmailIdentity',
  'AWS::ApiGatewayV2::Route': 'RouteKey',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Scheduler::Schedule': 'Name',
}

function duplicates(view: View): Finding[] {
  const seen = new Map<string, string>()
  return view.all.flatMap(({ id, type, properties }) => {
    const name = properties[named[type] ?? '']
    if (name === undefined) return []
    const key = `${type} ${JSON.stringify(name)}`
    const first = seen.get(key)
    seen.set(key, id)
    return first ? [{ resource: id, message: `has the name of ${first}: ${JSON.stringify(name)}` }] : []
  })
}

/** Whether a policy on a resource lets a service do something. */
const lets = (
  policies: Resource[],
  { service, action, on }: { service: string; action: string; on: string },
) =>
  policies.some(({ properties }) =>
    list(at(properties, 'PolicyDocument', 'Statement')).some(
      (one) =>
        at(one, 'Effect') === 'Allow' &&
        list(at(one, 'Principal', 'Service')).includes(service) &&
        list(at(one, 'Action')).includes(action) &&
        list(at(one, 'Resource')).some((resource) => target(resource) === on),
    ),
  )

const patternBytes = 1024

/** Values that AWS's own rules let pass though the service knows these alone. */
const choices = [
  { type: 'AWS::ApiGatewayV2::Api', path: ['ProtocolType'], of: ['HTTP'] },
  { type: integrationType, path: ['IntegrationType'], of: ['AWS_PROXY'] },
  {
    type: 'AWS::SES::ConfigurationSet',
    path: ['SuppressionOptions', 'SuppressedReasons'],
    of: ['BOUNCE', 'COMPLAINT'],
  },
  { type: 'AWS::SES::ConfigurationSet', path: ['DeliveryOptions', 'TlsPolicy'], of: ['REQUIRE', 'OPTIONAL'] },
  { type: 'AWS::SNS::Subscription', path: ['Protocol'], of: ['sqs', 'email'] },
]

const unknownChoices = (view: View): Finding[] =>
  choices.flatMap(({ type, path, of }) =>
    each(type, ({ properties }) => {
      const odd = list(at(properties, ...path)).filter((value) => !of.includes(String(value)))
      return odd.length === 0
        ? undefined
        : `has the ${path.join('.')} ${odd.join(', ')}; there is ${of.join(', ')}`
    })(view),
  )

export const wiringRules: Rule[] = [
  {
    id: 'schedule-expression',
    check: each(scheduleType, ({ properties: { ScheduleExpression } }) =>
      isSchedule(String(ScheduleExpression))
        ? undefined
        : `runs at ${ScheduleExpression}, which Scheduler does not read; rate(1 minute), rate(2 hours), cron(…)`,
    ),
  },
  {
    id: 'schedule-zone',
    check: each(scheduleType, ({ properties: { ScheduleExpressionTimezone: zone } }) =>
      zone === undefined || isZone(String(zone))
        ? undefined
        : `runs by the clock of ${zone}, no zone there is`,
    ),
  },
  {
    id: 'schedule-target',
    check: each(scheduleType, ({ properties }, view) =>
      view.find(at(properties, 'Target', 'Arn'), functionType)
        ? undefined
        : 'invokes no function of the stack',
    ),
  },
  {
    id: 'schedule-right',
    check: each(scheduleType, ({ properties }, view) => {
      const role = target(at(properties, 'Target', 'RoleArn'))
      const wanted = target(at(properties, 'Target', 'Arn'))
      const allowed = view
        .of('AWS::IAM::Policy')
        .some(
          (policy) =>
            list(policy.properties.Roles).some((one) => target(one) === role) &&
            list(at(policy.properties, 'PolicyDocument', 'Statement')).some(
              (one) =>
                list(at(one, 'Action')).includes('lambda:InvokeFunction') &&
                list(at(one, 'Resource')).some((resource) => target(resource) === wanted),
            ),
        )
      return allowed ? undefined : `has a role that may not invoke ${wanted}: it would fail each time`
    }),
  },
  {
    id: 'route-target',
    check: each('AWS::ApiGatewayV2::Route', ({ properties }, view) =>
      view.find(properties.Target, integrationType) ? undefined : 'leads to no integration of the stack',
    ),
  },
  {
    id: 'route-key',
    check: each('AWS::ApiGatewayV2::Route', ({ properties: { RouteKey } }) =>
      /^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/(\{?[\w.$-]+\}?|\{\w+\+\}$)?(\/(\{?[\w.$-]+\}?|\{\w+\+\}$))*)$/.test(
        String(RouteKey),
      )
        ? undefined
        : `has the key ${RouteKey}; write METHOD /path/{parameter}, a {rest+} at the end only`,
    ),
  },
  {
    id: 'route-right',
    check: each(integrationType, ({ properties: { IntegrationUri } }, view) => {
      const wanted = target(IntegrationUri)
      const allowed = view
        .of('AWS::Lambda::Permission')
        .some(
          ({ properties }) =>
            properties.Principal === 'apigateway.amazonaws.com' && target(properties.FunctionName) === wanted,
        )
      return allowed ? undefined : `invokes ${wanted}, which the API may not: every request would be a 500`
    }),
  },
  {
    id: 'cors-preflight',
    check: each('AWS::ApiGatewayV2::Route', ({ properties: { RouteKey, ApiId } }, view) => {
      const cors = view.find(ApiId, 'AWS::ApiGatewayV2::Api')?.properties.CorsConfiguration
      return cors !== undefined && /^((ANY|OPTIONS) .*\{\w+\+\}|\$default)$/.test(String(RouteKey))
        ? `takes preflights from the gateway with ${RouteKey}: no page of the shop could post`
        : undefined
    }),
  },
  {
    id: 'cors-headers',
    check: each('AWS::ApiGatewayV2::Api', ({ properties }) => {
      const missing = browserHeaders.sent.filter(
        (one) => !list(at(properties, 'CorsConfiguration', 'AllowHeaders')).includes(one),
      )
      return missing.length === 0
        ? undefined
        : `does not let pages send ${missing.join(', ')}, which Segment's library does`
    }),
  },
  {
    id: 'schedule-repeat',
    check: each(scheduleType, ({ properties }, view) => {
      const wanted = target(at(properties, 'Target', 'Arn'))
      const isOnce = view
        .of('AWS::Lambda::EventInvokeConfig')
        .some(
          (one) =>
            target(one.properties.FunctionName) === wanted && one.properties.MaximumRetryAttempts === 0,
        )
      return isOnce ? undefined : `invokes ${wanted}, which Lambda runs again twice when it fails`
    }),
  },
  {
    id: 'route-payload',
    check: each(integrationType, ({ properties: { PayloadFormatVersion } }) =>
      PayloadFormatVersion === '2.0'
        ? undefined
        : `sends payloads ${PayloadFormatVersion}; the handlers read format 2.0 only`,
    ),
  },
  {
    id: 'mail-events',
    check: each('AWS::SES::ConfigurationSetEventDestination', ({ properties }) => {
      const asked = list(at(properties, 'EventDestination', 'MatchingEventTypes')).map(String)
      const unknown = asked.filter((type) => !mailEvents.has(type))
      if (unknown.length > 0) return `asks SES for ${unknown.join(', ')}, which it does not have`
      return asked.length > 0 ? undefined : 'asks SES for no event at all'
    }),
  },
  {
    id: 'mail-notices',
    check: each('AWS::SES::ConfigurationSetEventDestination', ({ properties }, view) => {
      const topic = target(at(properties, 'EventDestination', 'SnsDestination', 'TopicARN')) ?? ''
      const right = { service: 'ses.amazonaws.com', action: 'sns:Publish', on: topic }
      return lets(view.of('AWS::SNS::TopicPolicy'), right)
        ? undefined
        : 'publishes on a topic that refuses SES'
    }),
  },
  {
    id: 'subscription-right',
    check: each('AWS::SNS::Subscription', ({ properties: { Protocol, Endpoint } }, view) => {
      if (Protocol !== 'sqs') return undefined
      const right = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage', on: target(Endpoint) ?? '' }
      return lets(view.of('AWS::SQS::QueuePolicy'), right)
        ? undefined
        : 'feeds a queue that refuses SNS: every notice would be lost'
    }),
  },
  {
    id: 'subscription-topic',
    check: each('AWS::SNS::Subscription', ({ properties: { TopicArn } }, view) =>
      view.find(TopicArn, topicType) ? undefined : 'listens to no topic of the stack',
    ),
  },
  {
    id: 'alarm-subject',
    check: each('AWS::CloudWatch::Alarm', ({ properties }, view) => {
      const known = new Set(view.all.map(({ id }) => id))
      const missing = list(properties.Dimensions)
        .map((one) => target(at(one, 'Value')))
        .filter((id) => id !== undefined && !known.has(id))
      return missing.length === 0 ? undefined : `watches ${missing.join(', ')}, which the stack does not have`
    }),
  },
  {
    id: 'alarm-metric',
    check: (view) => {
      const made = view
        .of('AWS::Logs::MetricFilter')
        .flatMap(({ properties }) => list(properties.MetricTransformations))
        .map((one) => `${at(one, 'MetricNamespace')} ${at(one, 'MetricName')}`)
      return each('AWS::CloudWatch::Alarm', ({ properties: { Namespace, MetricName } }) =>
        Namespace === undefined ||
        /^AWS\//.test(String(Namespace)) ||
        made.includes(`${Namespace} ${MetricName}`)
          ? undefined
          : `watches ${Namespace} ${MetricName}, which nothing counts: it would be silent for ever`,
      )(view)
    },
  },
  {
    id: 'alarm-told',
    check: each('AWS::CloudWatch::Alarm', ({ properties: { AlarmActions } }, view) =>
      list(AlarmActions).some((one) => view.find(one, topicType)) ? undefined : 'tells nobody when it rings',
    ),
  },
  {
    id: 'alarm-right',
    check: each('AWS::CloudWatch::Alarm', ({ properties: { AlarmActions } }, view) => {
      const deaf = list(AlarmActions)
        .map((one) => target(one) ?? '')
        .find((on) => {
          const right = { service: 'cloudwatch.amazonaws.com', action: 'sns:Publish', on }
          return !lets(view.of('AWS::SNS::TopicPolicy'), right)
        })
      return deaf === undefined
        ? undefined
        : `rings on ${deaf}, which refuses CloudWatch: nobody would hear it`
    }),
  },
  {
    id: 'metric-pattern',
    check: each('AWS::Logs::MetricFilter', ({ properties: { FilterPattern } }) => {
      const text = String(FilterPattern)
      if (text.length > patternBytes)
        return `has a pattern of ${text.length} bytes, CloudWatch takes ${patternBytes}`
      if (!text.startsWith('%')) return undefined
      return text.length > 2 && text.endsWith('%') ? undefined : `has the pattern ${text}, with one % only`
    }),
  },
  { id: 'duplicate-name', check: duplicates },
  { id: 'unknown-choice', check: unknownChoices },
  {
    id: 'stack-size',
    check: (view) => {
      const found = {
        resources: view.all.length,
        outputs: Object.keys(record(view.outputs)).length,
        bytes: view.bytes,
      }
      return Object.entries(limits)
        .filter(([what, most]) => found[what as keyof typeof limits] > most)
        .map(([what, most]) => ({
          resource: 'the stack',
          message: `has ${found[what as keyof typeof limits]} ${what}, CloudFormation takes ${most}`,
        }))
    },
  },
  {
    id: 'output-ascii',
    check: (view) =>
      Object.entries(view.outputs).flatMap(([name, output]) =>
        /[^ -~]/.test(JSON.stringify(at(output, 'Value')))
          ? [{ resource: name, message: 'has letters beyond ASCII, which CloudFormation gives back as "?"' }]
          : [],
      ),
  },
  {
    id: 'output-dangling',
    check: (view) => {
      const known = new Set(view.all.map(({ id }) => id))
      return Object.entries(view.outputs).flatMap(([name, output]) => {
        const id = target(at(output, 'Value'))
        return id === undefined || known.has(id)
          ? []
          : [{ resource: name, message: `tells of ${id}, which the stack does not have` }]
      })
    },
  },
]
