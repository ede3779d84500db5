/**
 * What a function is told by its environment: names of tables, queues and secrets (a right brings its name
 * along, `infra/grant.ts`) and settings of the stage. Read once when a container starts; a name that is missing
 * ends it with what, where and cure.
 */
import * as z from 'zod'
import { Failed } from '#core/failed'
import { environment, queues, secrets, tables } from './shape.ts'

const text = z.string().min(1)

const readers = {
  events: { variable: tables.events.env, schema: text },
  customers: { variable: tables.customers.env, schema: text },
  gates: { variable: tables.gates.env, schema: text },
  messages: { variable: tables.messages.env, schema: text },
  catalog: { variable: tables.catalog.env, schema: text },
  workspace: { variable: tables.workspace.env, schema: text },
  wakeQueue: { variable: queues.wake.env, schema: text },
  urgentQueue: { variable: queues.urgent.env, schema: text },
  bulkQueue: { variable: queues.bulk.env, schema: text },
  addressKey: { variable: secrets.address.env, schema: text },
  linkKeys: { variable: secrets.links.env, schema: text },
  stage: { variable: environment.stage, schema: text },
  dueShards: { variable: environment.dueShards, schema: z.coerce.number().int().min(1).max(1000) },
  linkBaseUrl: {
    variable: environment.linkBaseUrl,
    schema: z.url().transform((url) => url.replace(/\/+$/, '')),
  },
  configurationSet: { variable: environment.configurationSet, schema: text },
  sender: { variable: environment.sender, schema: text },
  postalAddress: { variable: environment.postalAddress, schema: text },
  allowList: {
    variable: environment.allowList,
    schema: z.string().transform((list) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    ),
  },
} as const

type Readers = typeof readers
export type EnvironmentName = keyof Readers
export type Environment<Name extends EnvironmentName> = { [K in Name]: z.output<Readers[K]['schema']> }

/**
 * The named parts of the environment. Throws `Failed` (`environment`, not retryable) naming every variable that
 * is missing or wrong.
 * @example readEnvironment('events', 'dueShards') // { events: 'homeward-dev-Events…', dueShards: 64 }
 */
export function readEnvironment<Name extends EnvironmentName>(...names: Name[]): Environment<Name> {
  const wrong: string[] = []
  const entries = names.map((name) => {
    const { variable, schema } = readers[name]
    const read = schema.safeParse(process.env[variable])
    if (!read.success) wrong.push(`${variable} (${read.error.issues[0]?.message ?? 'wrong'})`)
    return [name, read.data] as const
  })
  if (wrong.length === 0) return Object.fromEntries(entries) as Environment<Name>
  const message = `the function's environment lacks ${wrong.join(', ')}; its row in infra/functions.ts must tell it, then deploy again`
  throw new Failed({ code: 'environment', message, retryable: false })
}
