/**
 * What each function may do, read off the synthesized roles: no action too many by pattern, a name for every
 * right and a right for every name, and mail sent by `deliver` alone.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { queues, secrets, steps, tables } from '#adapters/shape'
import { functions } from '#infra/functions'
import { environmentOf, ofType, type Statement, statementsOf, type Template, templateOf } from './template.ts'

/** What AWS calls on a function's behalf: its log, its triggers, its failed batches. */
const ofThePlatform = new Set([
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
  's3:ListBucket',
  's3:PutObject',
])

/** The whole vocabulary of our own rights; IAM accepts a misspelt action and then allows nothing. */
const ofOurs = new Set([
  'dynamodb:BatchGetItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
  'secretsmanager:GetSecretValue',
  'ses:GetAccount',
  'ses:SendEmail',
  'sqs:SendMessage',
])

let template: Template

beforeAll(async () => {
  template = await templateOf('prod')
}, 120_000)

function ours(step: string): Statement[] {
  return statementsOf(template, step)
    .map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => !ofThePlatform.has(action)),
    }))
    .filter(({ Action }) => Action.length > 0)
}

describe.each(steps)('%s', (step) => {
  it('is allowed single, existing actions only', () => {
    const actions = statementsOf(template, step).flatMap(({ Action }) => Action)

    const unknown = actions.filter((action) => !ofThePlatform.has(action) && !ofOurs.has(action))

    expect(unknown).toEqual([])
  })

  it('is told the name of everything it has a right on, and of nothing else', () => {
    const rights = JSON.stringify(ours(step))
    const variables = environmentOf(template, step)
    const named = [...Object.values(tables), ...Object.values(queues), ...Object.values(secrets)]

    const mentioned = named.filter(({ id }) => new RegExp(`"${id}"`).test(rights)).map(({ env }) => env)
    const told = named.filter(({ env }) => env in variables).map(({ env }) => env)

    expect(told).toEqual(mentioned)
    for (const { env, id } of named) {
      if (env in variables) expect(variables[env]).toEqual({ Ref: id })
    }
  })

  it('has a role of its own', () => {
    const roles = ofType(template, 'AWS::Lambda::Function').map(([, { Role }]) => JSON.stringify(Role))

    expect(new Set(roles).size).toBe(steps.length)
  })

  it('has no managed policy, which would bring rights nobody wrote down', () => {
    for (const [, role] of ofType(template, 'AWS::IAM::Role')) {
      expect(role.ManagedPolicyArns).toBeUndefined()
      expect(role.Policies).toBeUndefined()
    }
  })

  it('knows the settings its row asks for', () => {
    const variables = environmentOf(template, step)

    expect(variables.STAGE).toBe('prod')
    if (functions[step].told.includes('dueShards')) expect(variables.DUE_SHARDS).toBe('64')
    if (functions[step].told.includes('reportShards')) expect(variables.REPORT_SHARDS).toBe('16')
    if (functions[step].told.includes('allowList')) expect(variables.ALLOW_LIST).toBe('*')
    expect('SENDER' in variables).toBe(step === 'deliver')
  })
})

describe('sending mail', () => {
  const mails = (step: string) =>
    statementsOf(template, step).filter(({ Action }) => Action.some((action) => action.startsWith('ses:')))

  it('belongs to deliver alone', () => {
    const senders = steps.filter((step) => mails(step).length > 0)

    expect(senders).toEqual(['deliver'])
  })

  it("is possible from the stage's own address only, through its configuration set", () => {
    const send = mails('deliver').find(({ Action }) => Action.includes('ses:SendEmail'))

    expect(send?.Condition).toEqual({ StringEquals: { 'ses:FromAddress': 'hello@mail.shop.example' } })
    expect(JSON.stringify(send?.Resource)).toContain('{"Ref":"ConfigurationSet"}')
    expect(send?.Resource).not.toContain('*')
  })

  it('leaves nothing but reading the quota to a right without a resource', () => {
    const everywhere = steps.flatMap((step) =>
      statementsOf(template, step)
        .filter(({ Resource }) => Resource.includes('*'))
        .flatMap(({ Action }) => Action),
    )

    expect(everywhere).toEqual(['ses:GetAccount'])
  })
})

describe('others', () => {
  it('grants no role of the stack a pattern of actions', () => {
    const documents = ofType(template, 'AWS::IAM::Policy').map(([, { PolicyDocument }]) => PolicyDocument)

    expect(JSON.stringify(documents)).not.toMatch(/"Action":("[^"]*\*|\[[^\]]*\*)/)
  })

  it('lets nobody but SES publish notices of mails', () => {
    const policy = ofType(template, 'AWS::SNS::TopicPolicy').find(([, { Topics }]) =>
      JSON.stringify(Topics).includes('MailNotices'),
    )

    const allowed = JSON.stringify(policy?.[1].PolicyDocument).match(/"Effect":"Allow","Principal":[^}]*}/g)

    expect(allowed).toEqual(['"Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"}'])
  })
})
