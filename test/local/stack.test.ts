/** Templates: intrinsic functions, physical names, what a stack tells of itself. */
import { describe, expect, it } from 'vitest'
import { dynamoNeeds } from '#local/dynamo-needs'
import { tablesOf } from '#local/dynamo-tables'
import { checkLinks } from '#local/resource-policies'
import { Stack, stepOf, tableOf } from '#local/stack'
import type { Template } from '#local/template'
import { aTemplate } from './fixture/template.ts'

const place = {
  stackName: 'shop-local',
  region: 'eu-west-1',
  accountId: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  baseUrl: 'http://127.0.0.1:4400',
}

const template: Template = {
  Resources: {
    Events: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
    Named: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'my-table' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Never: { Type: 'AWS::SQS::Queue', Condition: 'IsProd' },
  },
  Parameters: { Size: { Default: 'small' } },
  Mappings: { Sizes: { small: { memory: 128 } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Size' }, 'large'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
  },
}
const stack = new Stack(template, place)

describe('resolving', () => {
  it.each([
    ['a reference', { Ref: 'Events' }, 'shop-local-Events'],
    ['a given name', { Ref: 'Named' }, 'my-table'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['a parameter', { Ref: 'Size' }, 'small'],
    ['a queue', { Ref: 'Queue' }, 'http://127.0.0.1:4400/000000000000/shop-local-Queue'],
    [
      'an attribute',
      { 'Fn::GetAtt': ['Queue', 'Arn'] },
      'arn:aws:sqs:eu-west-1:000000000000:shop-local-Queue',
    ],
    ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }]] }, 'a-small'],
    [
      'a sub',
      { 'Fn::Sub': 'x-$' + '{Size}-$' + '{Queue.QueueName}-$' + '{!Kept}' },
      'x-small-shop-local-Queue-${' + 'Kept}',
    ],
    ['a sub with its own', { 'Fn::Sub': ['$' + '{a}', { a: { Ref: 'Size' } }] }, 'small'],
    ['a choice', { 'Fn::If': ['IsDev', 'yes', 'no'] }, 'yes'],
    ['a selection', { 'Fn::Select': ['1', { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    ['a mapping', { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'memory'] }, 128],
    [
      'the address of an API',
      { 'Fn::Join': ['', ['https://', { Ref: 'Api' }, '.execute-api.eu-west-1.amazonaws.com/']] },
      'http://127.0.0.1:4400/',
    ],
  ])('%s', (_, value, expected) => {
    expect(stack.resolve(value)).toBe(expected)
  })

  it('leaves out what is AWS::NoValue', () => {
    expect(stack.resolve({ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] })).toEqual({ b: [1] })
  })

  it.each([[{ Ref: 'Ghost' }], [{ 'Fn::GetAtt': ['Ghost', 'Arn'] }], [{ 'Fn::ImportValue': 'x' }]])(
    'refuses %j',
    (value) => {
      expect(() => stack.resolve(value)).toThrow(/The template/)
    },
  )
})

describe('a stack', () => {
  it('leaves out resources whose condition does not hold', () => {
    expect(stack.resources('AWS::SQS::Queue').map((queue) => queue.logicalId)).toEqual(['Queue'])
  })

  it('gives its outputs resolved', () => {
    const outputs = new Stack(aTemplate(), place).outputs().map(({ key, value }) => [key, value])

    expect(outputs).toEqual([
      ['EventsTable', 'shop-local-Events'],
      ['ApiUrl', 'http://127.0.0.1:4400/'],
    ])
  })

  it('knows steps and tables by their logical ids', () => {
    expect([stepOf('DeliverHandlerA1B2'), stepOf('Wake'), tableOf('CustomersTable9F')]).toEqual([
      'deliver',
      'wake',
      'Customers',
    ])
  })
})

describe('links between services', () => {
  it('of the fixture stack all hold', () => {
    expect(() => checkLinks(new Stack(aTemplate(), place))).not.toThrow()
  })

  it.each([
    ['QueuePolicy', /Subscription: sns.amazonaws.com may not sqs:SendMessage/],
    ['TopicPolicy', /Event destination Notify: ses.amazonaws.com may not sns:Publish/],
    ['RoutePermission', /Route Route: apigateway.amazonaws.com may not lambda:InvokeFunction/],
  ])('are refused at the start without %s', (logicalId, message) => {
    const broken = aTemplate()
    delete broken.Resources[logicalId]

    expect(() => checkLinks(new Stack(broken, place))).toThrow(message)
  })

  it('are refused when the permission is for another topic', () => {
    const broken = aTemplate()
    const policy = broken.Resources.QueuePolicy?.Properties?.PolicyDocument as {
      Statement: { Condition: unknown }[]
    }
    for (const statement of policy.Statement)
      statement.Condition = { ArnEquals: { 'aws:SourceArn': 'arn:other' } }

    expect(() => checkLinks(new Stack(broken, place))).toThrow(/implicitDeny/)
  })
})

describe('what a DynamoDB call needs', () => {
  const tables = new Map(tablesOf(new Stack(aTemplate(), place)).map((table) => [table.name, table]))
  const needs = (action: string, input: Record<string, unknown>) =>
    dynamoNeeds({ action, input }, (name) => tables.get(name)).map((need) => [
      need.action,
      need.resource.split(':').pop(),
    ])

  it('is asked of a transaction item by item', () => {
    const key = { customerId: { S: 'c' }, key: { S: 'k' } }
    const TransactItems = [
      { Put: { TableName: 'shop-local-Events', Item: key } },
      { ConditionCheck: { TableName: 'shop-local-Customers', Key: key } },
    ]

    expect(needs('TransactWriteItems', { TransactItems })).toEqual([
      ['dynamodb:PutItem', 'table/shop-local-Events'],
      ['dynamodb:ConditionCheckItem', 'table/shop-local-Customers'],
    ])
  })

  it('is asked of the index where a query names one', () => {
    expect(needs('Query', { TableName: 'shop-local-Customers', IndexName: 'due' })).toEqual([
      ['dynamodb:Query', 'table/shop-local-Customers/index/due'],
    ])
  })

  it('is asked of every table of a batch', () => {
    const RequestItems = { 'shop-local-Events': [], 'shop-local-Customers': [] }

    expect(needs('BatchWriteItem', { RequestItems }).map(([, table]) => table)).toEqual([
      'table/shop-local-Events',
      'table/shop-local-Customers',
    ])
  })
})
