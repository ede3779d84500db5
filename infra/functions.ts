/**
 * One row a Lambda function: how big it is, how long it may run, what it is told and what it may do.
 * This table is the whole of every function's rights: a right brings its environment variable with it
 * (`infra/grant.ts`), and what is not written here is refused, locally as in AWS. Constructs: `infra/step.ts`.
 */
import type { environment, indexes, queues, Step, secrets, tables } from '#adapters/shape'

/** Item-level actions; a transaction is authorised as the actions it is made of. */
type TableAction =
  | 'BatchGetItem'
  | 'ConditionCheckItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'Scan'
  | 'UpdateItem'

/** What a function may do, by the names of `adapters/shape.ts`. Absent means nothing. */
export type Rights = {
  tables?: Partial<Record<keyof typeof tables, readonly TableAction[]>>
  indexes?: Partial<Record<keyof typeof indexes, readonly 'Query'[]>>
  /** Queues it may send to. */
  sendsTo?: readonly (keyof typeof queues)[]
  /** Secrets it may read. */
  reads?: readonly (keyof typeof secrets)[]
  /** May send mail as the stage's sender through its configuration set, and read the account's quota. */
  mails?: boolean
}

/** Settings of a stage; the configuration set's name is no setting, it comes with the right to send. */
export type Setting = Exclude<keyof typeof environment, 'configurationSet'>

export type FunctionRow = {
  description: string
  memoryMb: number
  timeoutSeconds: number
  /** Settings of the stage it is told, beside those that come with its rights. */
  told: readonly Setting[]
  may: Rights
}

export const functions: Record<Step, FunctionRow> = {
  ingest: {
    description: 'Checks events of the shop, finds out whose they are, stores each once',
    memoryMb: 512,
    timeoutSeconds: 15,
    told: ['stage'],
    may: {
      tables: {
        events: ['PutItem'],
        gates: ['GetItem', 'PutItem'],
        workspace: ['GetItem', 'PutItem'],
      },
      reads: ['address'],
    },
  },
  decide: {
    description: 'Folds new events and due alarms into a customer, walks her journeys, plans her mails',
    memoryMb: 1024,
    timeoutSeconds: 60,
    told: ['stage', 'dueShards', 'reportShards'],
    may: {
      tables: {
        // deletes what was on its way when somebody was erased
        events: ['PutItem', 'Query', 'DeleteItem'],
        customers: ['GetItem', 'PutItem'],
        messages: ['GetItem', 'PutItem', 'UpdateItem'],
        workspace: ['GetItem'],
      },
    },
  },
  wake: {
    description: 'Each minute: finds customers whose alarm is due and queues them',
    memoryMb: 256,
    timeoutSeconds: 50,
    told: ['stage', 'dueShards'],
    may: { indexes: { due: ['Query'] }, sendsTo: ['wake'] },
  },
  dispatch: {
    description: 'Puts each planned mail on the urgent or the bulk queue',
    memoryMb: 256,
    timeoutSeconds: 30,
    told: ['stage'],
    may: { sendsTo: ['urgent', 'bulk'] },
  },
  deliver: {
    description: 'Claims a planned mail against the gates, renders it, hands it to SES once, confirms',
    memoryMb: 1024,
    timeoutSeconds: 60,
    told: ['stage', 'linkBaseUrl', 'sender', 'postalAddress', 'allowList'],
    may: {
      tables: {
        events: ['PutItem'],
        customers: ['GetItem'],
        gates: ['GetItem', 'PutItem', 'ConditionCheckItem'],
        messages: ['GetItem', 'UpdateItem'],
        workspace: ['GetItem', 'UpdateItem'],
      },
      reads: ['address', 'links'],
      mails: true,
    },
  },
  observe: {
    description: 'Takes notices of SES: settles unknown sends, notes deliveries, bounces, complaints',
    memoryMb: 512,
    timeoutSeconds: 30,
    told: ['stage'],
    may: {
      tables: {
        events: ['PutItem'],
        gates: ['GetItem', 'PutItem'],
        messages: ['GetItem', 'UpdateItem'],
      },
      reads: ['address'],
    },
  },
  track: {
    description:
      'Answers the links in mails: clicks, unsubscribe, preferences, surveys, the cart, the mail itself',
    memoryMb: 512,
    timeoutSeconds: 15,
    told: ['stage', 'linkBaseUrl'],
    may: {
      tables: {
        events: ['PutItem'],
        customers: ['GetItem'],
        gates: ['GetItem', 'PutItem'],
        messages: ['GetItem', 'UpdateItem'],
        workspace: ['GetItem'],
      },
      reads: ['links'],
    },
  },
  report: {
    description: 'Each hour: counts the open days of the report from the rows of mails, once a day the shop',
    memoryMb: 1024,
    timeoutSeconds: 60,
    told: ['stage', 'reportShards'],
    may: {
      tables: {
        // reads every customer's state once a day
        customers: ['Scan'],
        messages: ['BatchGetItem'],
        workspace: ['GetItem', 'PutItem', 'Query'],
      },
      indexes: { report: ['Query'] },
    },
  },
  console: {
    description: 'Answers questions about a customer: profile, timeline, reasons',
    memoryMb: 512,
    timeoutSeconds: 30,
    told: ['stage'],
    may: {
      tables: {
        events: ['Query'],
        customers: ['GetItem', 'Query'],
        gates: ['GetItem'],
        messages: ['Query'],
        workspace: ['GetItem'],
      },
      reads: ['address'],
    },
  },
}
