/** The IAM evaluator: explicit deny, else allow, else no. */
import { describe, expect, it } from 'vitest'
import { evaluate, parsePolicy } from '#local/iam'

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Events'
const decide = (statements: unknown[], action: string, resource = table, context = {}) =>
  evaluate(parsePolicy({ Statement: statements }), { action, resource, context }).reason

const allow = (more: Record<string, unknown>) => ({
  Effect: 'Allow',
  Action: 'dynamodb:PutItem',
  Resource: table,
  ...more,
})

describe('a decision', () => {
  it.each([
    ['an exact grant', [allow({})], 'dynamodb:PutItem', 'allow'],
    ['another action', [allow({})], 'dynamodb:GetItem', 'implicitDeny'],
    ['actions in another case', [allow({ Action: 'DynamoDB:putitem' })], 'dynamodb:PutItem', 'allow'],
    ['a wildcard action', [allow({ Action: ['dynamodb:Put*'] })], 'dynamodb:PutItem', 'allow'],
    ['a single-letter wildcard', [allow({ Action: 'dynamodb:?utItem' })], 'dynamodb:PutItem', 'allow'],
    ['another resource', [allow({ Resource: `${table}s` })], 'dynamodb:PutItem', 'implicitDeny'],
    [
      'a resource wildcard',
      [allow({ Resource: 'arn:aws:dynamodb:*:*:table/Ev*' })],
      'dynamodb:PutItem',
      'allow',
    ],
    ['a deny beside an allow', [allow({}), allow({ Effect: 'Deny' })], 'dynamodb:PutItem', 'explicitDeny'],
    [
      'a deny of all but reads',
      [allow({}), allow({ Effect: 'Deny', Action: undefined, NotAction: 'dynamodb:Get*' })],
      'dynamodb:PutItem',
      'explicitDeny',
    ],
    [
      'all but one resource',
      [allow({ Resource: undefined, NotResource: table })],
      'dynamodb:PutItem',
      'implicitDeny',
    ],
    ['nothing at all', [], 'dynamodb:PutItem', 'implicitDeny'],
  ])('on %s', (_, statements, action, reason) => {
    expect(decide(statements, action)).toBe(reason)
  })

  it('keeps the index of a table apart from the table', () => {
    expect(decide([allow({})], 'dynamodb:PutItem', `${table}/index/due`)).toBe('implicitDeny')
  })
})

describe('conditions', () => {
  const from = (operator: string, wanted: unknown) => [
    {
      Effect: 'Allow',
      Action: 'ses:SendEmail',
      Resource: '*',
      Condition: { [operator]: { 'ses:FromAddress': wanted } },
    },
  ]
  const sent = (address: string) => ({ 'ses:fromaddress': [address] })

  it.each([
    ['StringEquals', 'a@shop.example', 'a@shop.example', 'allow'],
    ['StringEquals', 'a@shop.example', 'b@shop.example', 'implicitDeny'],
    ['StringEquals', ['b@shop.example', 'a@shop.example'], 'a@shop.example', 'allow'],
    ['StringLike', '*@shop.example', 'a@shop.example', 'allow'],
    ['StringNotLike', '*@shop.example', 'a@shop.example', 'implicitDeny'],
    ['StringNotEquals', 'b@shop.example', 'a@shop.example', 'allow'],
    ['DateLessThan', '2030-01-01', 'a@shop.example', 'implicitDeny'],
  ])('%s %j against %s', (operator, wanted, actual, reason) => {
    expect(decide(from(operator, wanted), 'ses:SendEmail', 'any', sent(actual))).toBe(reason)
  })

  it('fails when the key is missing, unless the operator allows that', () => {
    expect(decide(from('StringEquals', 'a'), 'ses:SendEmail', 'any', {})).toBe('implicitDeny')
    expect(decide(from('StringEqualsIfExists', 'a'), 'ses:SendEmail', 'any', {})).toBe('allow')
    expect(decide(from('Null', 'true'), 'ses:SendEmail', 'any', {})).toBe('allow')
  })

  it('asks for all values where the policy says ForAllValues', () => {
    const keys = (values: string[]) => ({ 'dynamodb:leadingkeys': values })
    const policy = [allow({ Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'tick*' } } })]

    expect(decide(policy, 'dynamodb:PutItem', table, keys(['tick1', 'tick2']))).toBe('allow')
    expect(decide(policy, 'dynamodb:PutItem', table, keys(['tick1', 'other']))).toBe('implicitDeny')
  })
})
