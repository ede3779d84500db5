/**
 * What the stack's resources let AWS's own services do: SES publish to the topic, SNS send to the queue, API Gateway
 * invoke the function. Checked once at the start, because on AWS such a gap loses messages without a word.
 */
import { evaluate, type Need, parsePolicy } from './iam.ts'
import type { Stack, StackResource } from './stack.ts'

type Raw = Record<string, unknown>

/** Throws what/where/cure at the first link of the stack that AWS would not let work. */
export function checkLinks(stack: Stack): void {
  for (const link of [...subscriptions(stack), ...mailNotices(stack), ...routes(stack)]) {
    const allowed = statementsFor(link.policies, link.service)
    const { reason } = evaluate(parsePolicy({ Statement: allowed }), link.need)
    if (reason === 'allow') continue
    throw new Error(
      `${link.where}: ${link.service} may not ${link.need.action} on ${link.need.resource} (${reason}). ` +
        'Allow it in infra/.',
    )
  }
}

type Link = { where: string; service: string; policies: unknown[]; need: Need }

function subscriptions(stack: Stack): Link[] {
  const queued = stack
    .resources('AWS::SNS::Subscription')
    .filter(({ properties }) => properties.Protocol === 'sqs')
  return queued.map(({ logicalId, properties }) => {
    const queue = String(properties.Endpoint)
    const holders = stack.resources('AWS::SQS::Queue').filter((candidate) => candidate.arn === queue)
    return {
      where: `Subscription ${logicalId}`,
      service: 'sns.amazonaws.com',
      policies: policiesOn(stack.resources('AWS::SQS::QueuePolicy'), 'Queues', holders),
      need: { action: 'sqs:SendMessage', resource: queue, context: from(stack, String(properties.TopicArn)) },
    }
  })
}

function mailNotices(stack: Stack): Link[] {
  return stack
    .resources('AWS::SES::ConfigurationSetEventDestination')
    .flatMap(({ logicalId, properties }) => {
      const destination = properties.EventDestination as
        | { SnsDestination?: { TopicARN?: string } }
        | undefined
      const topic = destination?.SnsDestination?.TopicARN
      if (topic === undefined) return []
      const { partition, region, accountId } = stack.place
      const set = `arn:${partition}:ses:${region}:${accountId}:configuration-set/${String(properties.ConfigurationSetName)}`
      const holders = stack.resources('AWS::SNS::Topic').filter((candidate) => candidate.ref === topic)
      return [
        {
          where: `Event destination ${logicalId}`,
          service: 'ses.amazonaws.com',
          policies: policiesOn(stack.resources('AWS::SNS::TopicPolicy'), 'Topics', holders),
          need: { action: 'sns:Publish', resource: topic, context: from(stack, set) },
        },
      ]
    })
}

function routes(stack: Stack): Link[] {
  const integrations = stack.resources('AWS::ApiGatewayV2::Integration')
  const { partition, region, accountId } = stack.place
  return stack.resources('AWS::ApiGatewayV2::Route').flatMap(({ logicalId, properties }) => {
    const id = String(properties.Target).replace(/^integrations\//, '')
    const uri = String(integrations.find((candidate) => candidate.ref === id)?.properties.IntegrationUri)
    const fn = stack.resources('AWS::Lambda::Function').find((candidate) => uri.includes(candidate.arn))
    if (fn === undefined) return []
    const path = String(properties.RouteKey).split(' ')[1] ?? ''
    const source = `arn:${partition}:execute-api:${region}:${accountId}:${String(properties.ApiId)}/$default/ANY${path}`
    return [
      {
        where: `Route ${logicalId}`,
        service: 'apigateway.amazonaws.com',
        policies: [{ Statement: permissionsOn(stack, fn) }],
        need: { action: 'lambda:InvokeFunction', resource: fn.arn, context: from(stack, source) },
      },
    ]
  })
}

function from(stack: Stack, sourceArn: string): Record<string, string[]> {
  return {
    'aws:sourcearn': [sourceArn],
    'aws:sourceaccount': [stack.place.accountId],
    'aws:securetransport': ['true'],
  }
}

function policiesOn(policies: StackResource[], property: string, holders: StackResource[]): unknown[] {
  return policies
    .filter(({ properties }) =>
      holders.some((holder) => (properties[property] as unknown[]).includes(holder.ref)),
    )
    .map(({ properties }) => properties.PolicyDocument)
}

/** `AWS::Lambda::Permission` resources, as the statements that they become. */
function permissionsOn(stack: Stack, fn: StackResource): Raw[] {
  return stack
    .resources('AWS::Lambda::Permission')
    .filter(({ properties }) => properties.FunctionName === fn.arn || properties.FunctionName === fn.ref)
    .map(({ properties }) => ({
      Effect: 'Allow',
      Action: properties.Action,
      Resource: fn.arn,
      Principal: { Service: properties.Principal },
      ...(properties.SourceArn ? { Condition: { ArnLike: { 'aws:SourceArn': properties.SourceArn } } } : {}),
    }))
}

function statementsFor(policies: unknown[], service: string): Raw[] {
  return policies
    .flatMap((policy) => [(policy as { Statement?: Raw | Raw[] }).Statement ?? []].flat())
    .filter((statement) => isFor(statement.Principal, service))
}

function isFor(principal: unknown, service: string): boolean {
  if (principal === '*') return true
  const { AWS, Service } = (principal ?? {}) as { AWS?: unknown; Service?: unknown }
  return [AWS].flat().includes('*') || [Service].flat().includes(service)
}
