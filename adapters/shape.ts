/**
 * The names everything stored goes by: tables, keys, indexes, queues, environment variables, stack outputs.
 * `infra` creates by them, `local` boots by them, the adapters read and write by them, so that a name is
 * written once. Item layouts stand beside the adapter that writes them; start with `adapters/dynamo-events.ts`.
 */

/** A table: its CloudFormation name, the environment variable that carries its physical name, its keys. */
export const tables = {
  events: {
    id: 'Events',
    env: 'EVENTS_TABLE',
    output: 'EventsTable',
    partition: 'customerId',
    sort: 'key',
    stream: true,
    ttl: 'expiresAt',
  },
  customers: {
    id: 'Customers',
    env: 'CUSTOMERS_TABLE',
    output: 'CustomersTable',
    partition: 'customerId',
    sort: 'key',
    stream: false,
    ttl: 'expiresAt',
  },
  gates: { id: 'Gates', env: 'GATES_TABLE', output: 'GatesTable', partition: 'gate', stream: false },
  messages: {
    id: 'Messages',
    env: 'MESSAGES_TABLE',
    output: 'MessagesTable',
    partition: 'customerId',
    sort: 'messageId',
    stream: true,
  },
  catalog: {
    id: 'Catalog',
    env: 'CATALOG_TABLE',
    output: 'CatalogTable',
    partition: 'kind',
    sort: 'id',
    stream: false,
  },
  workspace: {
    id: 'Workspace',
    env: 'WORKSPACE_TABLE',
    output: 'WorkspaceTable',
    partition: 'kind',
    sort: 'id',
    stream: false,
  },
} as const

/** Sparse indexes, keys only. `due`: customers by the time of their alarm. `report`: messages by journey and day. */
export const indexes = {
  due: { table: 'customers', name: 'due', partition: 'dueShard', sort: 'due' },
  report: { table: 'messages', name: 'report', partition: 'reportShard', sort: 'day' },
} as const

/** The name of a partition of the index `due`, from 0 up to the stage's shards. */
export const dueShard = (shard: number): string => String(shard).padStart(3, '0')

/** Queues that functions write to: the environment variable and the stack output that carry the URL. */
export const queues = {
  wake: { id: 'WakeQueue', env: 'WAKE_QUEUE_URL', output: 'WakeQueueUrl' },
  urgent: { id: 'UrgentQueue', env: 'URGENT_QUEUE_URL', output: 'UrgentQueueUrl' },
  bulk: { id: 'BulkQueue', env: 'BULK_QUEUE_URL', output: 'BulkQueueUrl' },
} as const

/** Secrets: `address` keys the hash of inboxes and is never rotated; `links` is a JSON object version → key. */
export const secrets = {
  address: { id: 'AddressKey', env: 'ADDRESS_KEY_SECRET', output: 'AddressKeySecret' },
  links: { id: 'LinkKeys', env: 'LINK_KEYS_SECRET', output: 'LinkKeysSecret' },
} as const

/** Plain settings of a stage that reach the functions as environment variables. */
export const environment = {
  stage: 'STAGE',
  dueShards: 'DUE_SHARDS',
  reportShards: 'REPORT_SHARDS',
  linkBaseUrl: 'LINK_BASE_URL',
  configurationSet: 'CONFIGURATION_SET',
  sender: 'SENDER',
  postalAddress: 'POSTAL_ADDRESS',
  allowList: 'ALLOW_LIST',
} as const

/** Settings of a stage that its stack also tells, so that a command works as the stage's functions do. */
export const settingOutputs = {
  linkBaseUrl: 'LinkBaseUrl',
  configurationSet: 'ConfigurationSetName',
  sender: 'Sender',
  postalAddress: 'PostalAddress',
  allowList: 'AllowList',
} as const satisfies Partial<Record<keyof typeof environment, string>>

/**
 * What the pages of a shop may send besides, and read of an answer. Segment's browser library sends the first
 * three, and heeds the last when it sends again.
 */
export const browserHeaders = {
  sent: ['authorization', 'content-type', 'x-retry-count'],
  read: ['retry-after'],
}

/** The steps that are Lambda functions; each is `flow/<step>.ts`, `functions/<step>.ts` and a row in `infra/`. */
export const steps = [
  'ingest',
  'decide',
  'wake',
  'dispatch',
  'deliver',
  'observe',
  'track',
  'report',
  'console',
] as const
export type Step = (typeof steps)[number]
