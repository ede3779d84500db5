/**
 * The stored ports of a process, from its environment: what is not used is neither read nor opened. Queues,
 * keys and the mailer stand in files of their own (`adapters/sqs.ts`, `secrets.ts`, `ses.ts`), so that the
 * bundle of a function holds only the clients it needs.
 */
import type { Customers, EventLog, Gates, Identities, Messages, Reports, Workspace } from '#flow/port'
import type { Aws } from './aws.ts'
import { systemClock } from './clock.ts'
import { type Database, openDatabase } from './dynamo.ts'
import { dynamoCustomers } from './dynamo-customers.ts'
import { dynamoEventLog } from './dynamo-events.ts'
import { dynamoGates, dynamoIdentities } from './dynamo-gates.ts'
import { dynamoMessages } from './dynamo-messages.ts'
import { dynamoReports } from './dynamo-report.ts'
import { dynamoWorkspace } from './dynamo-workspace.ts'
import { type Environment, readCount, readText } from './environment.ts'
import { environment as settings, tables } from './shape.ts'

export interface StoredPorts {
  clock: typeof systemClock
  events: EventLog
  identities: Identities
  gates: Gates
  customers: Customers
  messages: Messages
  workspace: Workspace
  reports: Reports
}

/** Names of the tables and the client, each when it is first asked for. */
function tablesFrom(environment: Environment, aws: Aws) {
  let database: Database | undefined
  return {
    clock: systemClock,
    get database() {
      database ??= openDatabase(aws)
      return database
    },
    get events() {
      return readText(environment, tables.events.env)
    },
    get customers() {
      return readText(environment, tables.customers.env)
    },
    get gates() {
      return readText(environment, tables.gates.env)
    },
    get messages() {
      return readText(environment, tables.messages.env)
    },
    get workspace() {
      return readText(environment, tables.workspace.env)
    },
    get dueShards() {
      return readCount(environment, settings.dueShards)
    },
    get reportShards() {
      return readCount(environment, settings.reportShards)
    },
  }
}

/** What is stored, as the process is allowed to reach it. A missing variable fails where it is needed. */
export function portsFrom(environment: Environment = process.env, aws: Aws = {}): StoredPorts {
  const from = tablesFrom(environment, aws)
  return {
    clock: systemClock,
    events: dynamoEventLog(from),
    identities: dynamoIdentities(from),
    gates: dynamoGates(from),
    customers: dynamoCustomers(from),
    messages: dynamoMessages(from),
    workspace: dynamoWorkspace(from),
    reports: dynamoReports(from),
  }
}
