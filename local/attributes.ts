/**
 * What `Ref` and `Fn::GetAtt` of each resource type answer: physical names and ARNs, all derived from the stack's
 * and the resource's name, so that they are the same at every start on the same data.
 */

/** The names everything of one stack is derived from; `baseUrl` is the runtime's own endpoint. */
export type Place = {
  stackName: string
  region: string
  accountId: string
  partition: string
  urlSuffix: string
  baseUrl: string
}

/** A resource as far as naming goes: its logical id and its own name property, when the template gives one. */
export type Named = { logicalId: string; type: string; givenName: string | undefined }

type Naming = {
  /** The property that holds a name chosen by the template. */
  property?: string
  ref: (named: Named, place: Place) => string
  arn?: (named: Named, place: Place) => string
  attributes?: Record<string, (named: Named, place: Place) => string>
}

/** The physical name: the template's own or `<stack>-<logical id>`. */
export function physicalName(named: Named, place: Place): string {
  return named.givenName ?? `${place.stackName}-${named.logicalId}`
}

function arn(service: string, resource: string, place: Place, options: { regional?: boolean } = {}): string {
  const where = options.regional === false ? ':' : `${place.region}:${place.accountId}`
  return `arn:${place.partition}:${service}:${where}:${resource}`
}

function iam(kind: string): Naming {
  return {
    property: `${kind[0]?.toUpperCase()}${kind.slice(1)}Name`,
    ref: physicalName,
    arn: (named, place) =>
      `arn:${place.partition}:iam::${place.accountId}:${kind}/${physicalName(named, place)}`,
  }
}

function simple(service: string, options: { property?: string; prefix?: string } = {}): Naming {
  return {
    ...(options.property === undefined ? {} : { property: options.property }),
    ref: physicalName,
    arn: (named, place) => arn(service, `${options.prefix ?? ''}${physicalName(named, place)}`, place),
  }
}

function tableNaming(): Naming {
  const base = simple('dynamodb', { property: 'TableName', prefix: 'table/' })
  return {
    ...base,
    attributes: {
      StreamArn: (named, place) => `${base.arn?.(named, place)}/stream/2020-01-01T00:00:00.000`,
      TableId: physicalName,
    },
  }
}

/** The six characters Secrets Manager adds to a secret's ARN: derived, so that they stay. */
function suffix(name: string): string {
  let sum = 5381
  for (const character of name) sum = (sum * 33 + character.charCodeAt(0)) % 2_176_782_336
  return sum.toString(36).padStart(6, '0').slice(-6)
}

const namings: Record<string, Naming> = {
  'AWS::DynamoDB::Table': tableNaming(),
  'AWS::DynamoDB::GlobalTable': tableNaming(),
  'AWS::SQS::Queue': {
    property: 'QueueName',
    ref: (named, place) => `${place.baseUrl}/${place.accountId}/${physicalName(named, place)}`,
    arn: (named, place) => arn('sqs', physicalName(named, place), place),
    attributes: { QueueName: physicalName },
  },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    ref: (named, place) => arn('sns', physicalName(named, place), place),
    arn: (named, place) => arn('sns', physicalName(named, place), place),
    attributes: {
      TopicName: physicalName,
      TopicArn: (named, place) => arn('sns', physicalName(named, place), place),
    },
  },
  'AWS::Lambda::Function': simple('lambda', { property: 'FunctionName', prefix: 'function:' }),
  'AWS::IAM::Role': { ...iam('role'), attributes: { RoleId: (named) => `AROA${named.logicalId}` } },
  'AWS::IAM::ManagedPolicy': {
    property: 'ManagedPolicyName',
    ref: (named, place) =>
      `arn:${place.partition}:iam::${place.accountId}:policy/${physicalName(named, place)}`,
  },
  'AWS::S3::Bucket': {
    property: 'BucketName',
    ref: (named, place) => physicalName(named, place).toLowerCase(),
    arn: (named, place) => arn('s3', physicalName(named, place).toLowerCase(), place, { regional: false }),
  },
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    ref: (named, place) => {
      const name = physicalName(named, place)
      return arn('secretsmanager', `secret:${name}-${suffix(name)}`, place)
    },
  },
  'AWS::KMS::Key': simple('kms', { prefix: 'key/' }),
  'AWS::Logs::LogGroup': {
    property: 'LogGroupName',
    ref: physicalName,
    arn: (named, place) => arn('logs', `log-group:${physicalName(named, place)}:*`, place),
  },
  'AWS::CloudWatch::Dashboard': simple('cloudwatch', { property: 'DashboardName', prefix: 'dashboard/' }),
  'AWS::CloudWatch::Alarm': simple('cloudwatch', { property: 'AlarmName', prefix: 'alarm:' }),
  'AWS::Scheduler::Schedule': simple('scheduler', { property: 'Name', prefix: 'schedule/default/' }),
  'AWS::SES::ConfigurationSet': { property: 'Name', ref: physicalName },
  'AWS::SES::EmailIdentity': { property: 'EmailIdentity', ref: physicalName },
  'AWS::ApiGatewayV2::Api': {
    ref: apiId,
    attributes: { ApiEndpoint: (_, place) => place.baseUrl, ApiId: apiId },
  },
}

/** The id of an HTTP API: lower-case, as it stands in the host name. */
function apiId(named: Named): string {
  return named.logicalId.toLowerCase()
}

/** The name of the property through which a template names a resource of this type itself. */
export function nameProperty(type: string): string | undefined {
  return namings[type]?.property
}

/** What `Ref` answers. */
export function refOf(named: Named, place: Place): string {
  return namings[named.type]?.ref(named, place) ?? physicalName(named, place)
}

/** What `Fn::GetAtt` answers; an attribute we do not model answers a recognisable name. */
export function attributeOf(named: Named, attribute: string, place: Place): string {
  const naming = namings[named.type]
  if (attribute === 'Arn' && naming?.arn) return naming.arn(named, place)
  return naming?.attributes?.[attribute]?.(named, place) ?? `${physicalName(named, place)}.${attribute}`
}
