/**
 * Turns a row's rights into statements of the function's role and, in the same call, the environment
 * variables that name what was granted: a right without its name, or a name without its right, cannot be
 * written. The rights themselves stand in `infra/functions.ts`.
 */
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { indexes, queues, secrets, tables } from '#adapters/shape'
import type { Rights } from './functions.ts'
import type { Mail } from './mail.ts'
import type { StepFunction } from './step.ts'

/** Everything of the stack that a function may be given rights on. */
export type Resources = {
  tables: Record<keyof typeof tables, TableV2>
  queues: Record<keyof typeof queues, Queue>
  secrets: Record<keyof typeof secrets, Secret>
  mail: Mail
}

/** Gives a function its rights on the stack's resources, each with its environment variable. */
export function grant(step: StepFunction, rights: Rights, resources: Resources): void {
  for (const [name, actions] of entries(rights.tables)) {
    const table = resources.tables[name]
    allow(
      step,
      actions.map((action) => `dynamodb:${action}`),
      table.tableArn,
    )
    step.handler.addEnvironment(tables[name].env, table.tableName)
  }
  for (const [name, actions] of entries(rights.indexes)) {
    const { table: owner, name: index } = indexes[name]
    const table = resources.tables[owner]
    allow(
      step,
      actions.map((action) => `dynamodb:${action}`),
      `${table.tableArn}/index/${index}`,
    )
    step.handler.addEnvironment(tables[owner].env, table.tableName)
  }
  for (const name of rights.sendsTo ?? []) {
    // SendMessageBatch is authorised as SendMessage.
    allow(step, ['sqs:SendMessage'], resources.queues[name].queueArn)
    step.handler.addEnvironment(queues[name].env, resources.queues[name].queueUrl)
  }
  for (const name of rights.reads ?? []) {
    allow(step, ['secretsmanager:GetSecretValue'], resources.secrets[name].secretArn)
    step.handler.addEnvironment(secrets[name].env, resources.secrets[name].secretArn)
  }
  if (rights.mails) resources.mail.grantSend(step)
}

function allow(step: StepFunction, actions: string[], resource: string): void {
  step.handler.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }))
}

function entries<Key extends string, Value>(record: Partial<Record<Key, Value>> | undefined): [Key, Value][] {
  // Object.entries forgets the key type; the rows are literals checked against it.
  return Object.entries(record ?? {}) as [Key, Value][]
}
