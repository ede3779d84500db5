/**
 * What triggers which step, read off the synthesized template: a wire that goes elsewhere, a filter that
 * passes too much, a queue without a place for what failed, is red here.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { indexes, queues, secrets, tables } from '#adapters/shape'
import { functionOf, ofType, type Template, templateOf } from './template.ts'

const reference = (id: string, attribute?: string) =>
  attribute ? { 'Fn::GetAtt': [id, attribute] } : { Ref: id }

let local: Template
let prod: Template

beforeAll(async () => {
  local = await templateOf('local')
  prod = await templateOf('prod')
}, 120_000)

function mappingsOf(step: string): Record<string, unknown>[] {
  return ofType(local, 'AWS::Lambda::EventSourceMapping')
    .map(([, properties]) => properties)
    .filter(
      ({ FunctionName }) => JSON.stringify(FunctionName) === JSON.stringify(reference(functionOf(step))),
    )
}

describe('streams', () => {
  it.each([
    {
      step: 'decide',
      table: 'Events',
      pattern: { eventName: ['INSERT'], dynamodb: { NewImage: { reachable: { BOOL: [true] } } } },
    },
    {
      step: 'dispatch',
      table: 'Messages',
      pattern: { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { status: { S: ['PLANNED'] } } } },
    },
  ])('$step follows $table through its filter, in order, and loses no batch', ({ step, table, pattern }) => {
    const source = reference(table, 'StreamArn')

    const mapping = mappingsOf(step).find(
      ({ EventSourceArn }) => JSON.stringify(EventSourceArn) === JSON.stringify(source),
    )

    expect(mapping).toMatchObject({
      BatchSize: 100,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: reference('FailedBatches', 'Arn') } },
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
    })
  })

  it('only decide and dispatch follow a stream, one each', () => {
    const followers = ofType(local, 'AWS::Lambda::EventSourceMapping')
      .filter(([, { StartingPosition }]) => StartingPosition !== undefined)
      .map(([, { FunctionName }]) => FunctionName)

    expect(followers).toEqual([reference('Decide'), reference('Dispatch')])
  })
})

describe('queues', () => {
  it.each([
    { queue: 'WakeQueue', step: 'decide' },
    { queue: 'UrgentQueue', step: 'deliver' },
    { queue: 'BulkQueue', step: 'deliver' },
    { queue: 'ObserveQueue', step: 'observe' },
  ])('$queue feeds $step, ten at a time, and only what failed comes again', ({ queue, step }) => {
    const source = reference(queue, 'Arn')

    const mapping = mappingsOf(step).find(
      ({ EventSourceArn }) => JSON.stringify(EventSourceArn) === JSON.stringify(source),
    )

    expect(mapping).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    })
  })

  it('puts work aside after five deliveries, for every queue that is not a dead-letter queue itself', () => {
    const all = ofType(local, 'AWS::SQS::Queue')

    const work = all.filter(([id]) => !id.endsWith('Dead'))

    expect(work.map(([id]) => id).sort()).toEqual(['BulkQueue', 'ObserveQueue', 'UrgentQueue', 'WakeQueue'])
    for (const [id, properties] of work) {
      expect(properties.RedrivePolicy).toEqual({
        deadLetterTargetArn: reference(`${id}Dead`, 'Arn'),
        maxReceiveCount: 5,
      })
    }
  })

  it('hides a message for six times as long as its consumer may run', () => {
    const consumer = {
      WakeQueue: 'Decide',
      UrgentQueue: 'Deliver',
      BulkQueue: 'Deliver',
      ObserveQueue: 'Observe',
    }

    for (const [queue, id] of Object.entries(consumer)) {
      const timeout = Number(local.Resources[id]?.Properties.Timeout)
      expect(local.Resources[queue]?.Properties.VisibilityTimeout).toBe(timeout * 6)
    }
  })
})

describe('the way in', () => {
  it.each([
    { route: 'GET /v1/{proxy+}', step: 'Ingest' },
    { route: 'POST /v1/{proxy+}', step: 'Ingest' },
    ...['c', 'u', 'p', 'v', 's', 'a', 'o', 'y'].map((page) => ({
      route: `ANY /${page}/{token}`,
      step: 'Track',
    })),
  ])('$route goes to $step', ({ route, step }) => {
    const [, properties] =
      ofType(local, 'AWS::ApiGatewayV2::Route').find(([, { RouteKey }]) => RouteKey === route) ?? []

    const target = JSON.stringify(properties?.Target)
    const integration = ofType(local, 'AWS::ApiGatewayV2::Integration').find(([id]) => target?.includes(id))

    expect(integration?.[1]).toMatchObject({
      IntegrationUri: reference(step, 'Arn'),
      PayloadFormatVersion: '2.0',
    })
  })

  it('lets every page post on stage local and only the shop elsewhere', () => {
    const cors = (template: Template) => template.Resources.Api?.Properties.CorsConfiguration

    expect(cors(local)).toMatchObject({ AllowOrigins: ['*'] })
    expect(cors(prod)).toMatchObject({ AllowOrigins: ['https://www.shop.example'] })
  })

  it('logs neither a path nor an address, since a path holds a token', () => {
    const [, stage] = ofType(local, 'AWS::ApiGatewayV2::Stage')[0] ?? []

    const format = JSON.stringify(stage?.AccessLogSettings)

    expect(format).toContain('$context.status')
    expect(format).not.toMatch(/\$context\.(path|identity|extendedRequestId)/)
  })
})

describe('the tick', () => {
  it('runs wake each minute and does not repeat a failed minute', () => {
    const tick = local.Resources.Tick?.Properties

    expect(tick).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Target: { Arn: reference('Wake', 'Arn'), RetryPolicy: { MaximumRetryAttempts: 0 } },
    })
    expect(ofType(local, 'AWS::Lambda::EventInvokeConfig').map(([, properties]) => properties)).toMatchObject(
      [
        { FunctionName: reference('Wake'), MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        { FunctionName: reference('Report'), MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      ],
    )
  })
})

describe('mail', () => {
  it('tells observe through topic and queue what became of a mail', () => {
    const subscription = ofType(local, 'AWS::SNS::Subscription').find(
      ([, { Protocol }]) => Protocol === 'sqs',
    )?.[1]

    const destination = local.Resources.MailNotify?.Properties

    expect(destination).toMatchObject({
      ConfigurationSetName: reference('ConfigurationSet'),
      EventDestination: { Enabled: true, SnsDestination: { TopicARN: reference('MailNotices') } },
    })
    expect(subscription).toMatchObject({
      TopicArn: reference('MailNotices'),
      Endpoint: reference('ObserveQueue', 'Arn'),
    })
    // observe reads the envelope of SNS; raw delivery would take it away.
    expect(subscription?.RawMessageDelivery ?? false).toBe(false)
  })

  it('never has SES track opens or clicks', () => {
    const { EventDestination } = local.Resources.MailNotify?.Properties ?? {}

    const types = JSON.stringify(EventDestination)

    expect(types).toContain('"bounce"')
    expect(types).toContain('"complaint"')
    expect(types).not.toMatch(/"(open|click)"/)
  })

  it('signs for the domain and sends from a MAIL FROM below it', () => {
    expect(prod.Resources.EmailIdentity?.Properties).toMatchObject({
      EmailIdentity: 'mail.shop.example',
      MailFromAttributes: { MailFromDomain: 'bounce.mail.shop.example' },
      FeedbackAttributes: { EmailForwardingEnabled: false },
    })
  })
})

describe('storage', () => {
  it.each(Object.values(tables))('$id has its keys, can be restored and is encrypted', (shape) => {
    const table = prod.Resources[shape.id]

    const keys = [shape.partition, ...('sort' in shape ? [shape.sort] : [])]

    expect(table?.Properties.KeySchema).toEqual(
      keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
    )
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true },
      Replicas: [
        {
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
      ],
    })
    expect(table?.Properties.StreamSpecification).toEqual(
      shape.stream ? { StreamViewType: 'NEW_IMAGE' } : undefined,
    )
  })

  it.each(Object.values(indexes))('index $name holds keys only', ({ table, name, partition, sort }) => {
    const properties = local.Resources[tables[table].id]?.Properties

    expect(properties?.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: name,
        KeySchema: [
          { AttributeName: partition, KeyType: 'HASH' },
          { AttributeName: sort, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ])
  })

  it('keeps tables and secrets in prod whatever happens to the stack, and lets go of them in dev', async () => {
    const dev = await templateOf('dev')
    const ids = [...Object.values(tables), ...Object.values(secrets)].map(({ id }) => id)

    const policies = (template: Template) =>
      new Set(
        ids.flatMap((id) => [
          template.Resources[id]?.DeletionPolicy,
          template.Resources[id]?.UpdateReplacePolicy,
        ]),
      )

    expect(policies(prod)).toEqual(new Set(['Retain']))
    expect(policies(dev)).toEqual(new Set(['Delete']))
  })

  it('makes link keys as JSON by version and the address key as a plain string', () => {
    expect(local.Resources.LinkKeys?.Properties.GenerateSecretString).toMatchObject({
      SecretStringTemplate: '{}',
      GenerateStringKey: '1',
    })
    expect(local.Resources.AddressKey?.Properties.GenerateSecretString).not.toHaveProperty(
      'SecretStringTemplate',
    )
  })
})

describe('what the operator gets', () => {
  it('names every table, queue and secret in an output, and the API', () => {
    const named = [...Object.values(tables), ...Object.values(queues), ...Object.values(secrets)]

    for (const { output, id } of named) expect(local.Outputs[output]?.Value).toEqual(reference(id))
    expect(local.Outputs.ApiUrl?.Value).toEqual(reference('Api', 'ApiEndpoint'))
  })

  it('has the same resources on every stage, so that what runs locally is what is deployed', async () => {
    const shapeOf = (template: Template) =>
      Object.entries(template.Resources)
        .map(
          ([id, { Type }]) =>
            `${Type} ${id.replace(/homeward(local|prod)/, '').replace(/[0-9A-F]{8,}$/, '')}`,
        )
        .sort()

    expect(shapeOf(local).filter((line) => !line.includes('EventSourceMapping'))).toEqual(
      shapeOf(prod).filter((line) => !line.includes('EventSourceMapping')),
    )
  })

  it('puts links on their own domain when one is configured', async () => {
    const linkDomain = {
      name: 'link.shop.example',
      certificateArn:
        'arn:aws:acm:eu-central-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000',
    }

    const template = await templateOf('prod', { linkDomain })

    const variables = JSON.stringify(template.Resources.Deliver?.Properties.Environment)
    expect(variables).toContain('"LINK_BASE_URL":"https://link.shop.example"')
    expect(template.Resources.LinkDomain?.Properties.DomainName).toBe('link.shop.example')
    expect(template.Outputs).toHaveProperty('LinkDomainTarget')
  })
})

describe('alarms', () => {
  it('watches streams, dead letters, parked customers, late alarms, the tick, the API and the reputation', () => {
    const alarms = ofType(local, 'AWS::CloudWatch::Alarm')

    expect(alarms.map(([id]) => id).sort()).toEqual(
      [
        ...[
          'ApiFails',
          'AlarmsLate',
          'Bounces',
          'BulkDeadLetters',
          'Complaints',
          'DecideLags',
          'DispatchLags',
        ],
        ...[
          'ObserveDeadLetters',
          'OrdersSilent',
          'Parked',
          'TickFails',
          'TickMissing',
          'UrgentDeadLetters',
          'WakeDeadLetters',
        ],
        'WakeQueueLate',
      ]
        .map((id) => `Alarm${id}`)
        .sort(),
    )
    for (const [, properties] of alarms) expect(properties.AlarmActions).toEqual([reference('AlarmTopic')])
  })

  it('takes silence of the tick for an alarm', () => {
    expect(local.Resources.AlarmTickMissing?.Properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })
  })

  it.each([
    ['Parked', { level: 'error', step: 'decide', event: 'parked', customerId: 'c' }, true],
    ['Parked', { level: 'info', step: 'decide', event: 'decided', explanation: 'parked' }, false],
    ['OrdersSilent', { step: 'deliver', outcome: 'held', reason: { code: 'no-orders' } }, true],
    ['OrdersSilent', { step: 'deliver', outcome: 'held', reason: { code: 'quota' } }, false],
    ['AlarmsLate', { step: 'wake', event: 'woken', customers: 3, lateMs: 300_000 }, true],
    ['AlarmsLate', { step: 'wake', event: 'woken', lateMs: 1_000_000, customers: 3 }, true],
    ['AlarmsLate', { step: 'wake', event: 'woken', customers: 300_000, lateMs: 59_999 }, false],
    ['AlarmsLate', { step: 'wake', event: 'woken', customers: 3, lateMs: 299_999 }, false],
  ])('%s counts the line %j: %s', (id, line, counted) => {
    const [, filter] = ofType(local, 'AWS::Logs::MetricFilter').find(([name]) => name === `${id}Count`) ?? []
    const pattern = new RegExp(String(filter?.FilterPattern).slice(1, -1))

    const logged = `2026-11-24T13:00:00.000Z\t8a1b\tINFO\t${JSON.stringify(line)}`

    expect(pattern.test(logged)).toBe(counted)
  })

  it('brakes before AWS does: 4 % bounces, 0.08 % complaints', () => {
    expect(local.Resources.AlarmBounces?.Properties.Threshold).toBe(0.04)
    expect(local.Resources.AlarmComplaints?.Properties.Threshold).toBe(0.0008)
  })

  it('writes to a person when an address is configured', async () => {
    const template = await templateOf('dev', { alarmEmail: 'ops@shop.example' })

    const emails = ofType(template, 'AWS::SNS::Subscription').filter(
      ([, { Protocol }]) => Protocol === 'email',
    )

    expect(emails.map(([, { Endpoint, TopicArn }]) => [Endpoint, TopicArn])).toEqual([
      ['ops@shop.example', reference('AlarmTopic')],
    ])
  })
})
