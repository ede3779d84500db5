/**
 * The environment of a process, read by name and checked: names of tables, queues and secrets, settings of the
 * stage. A variable is only asked for when it is used, so that a function needs what it was granted and no
 * more. The CLI has the same record from a stack's outputs (`adapters/stack.ts`).
 */
import * as z from 'zod'
import { Failed } from '#core/failed'
import { environment as settings } from './shape.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const Text = z.string().min(1)
const List = z.string().transform((text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
)

/** A variable that must be there, as it stands. Throws `environment-invalid`. */
export const readText = (environment: Environment, name: string): string => read(environment, name, Text)

/** A whole number of a variable. */
export const readCount = (environment: Environment, name: string): number =>
  read(environment, name, z.coerce.number().int().min(1).max(1024))

function read<T>(environment: Environment, name: string, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(environment[name])
  if (parsed.success) return parsed.data
  const found = environment[name] === undefined ? 'not set' : `"${environment[name]}"`
  const where = environment.AWS_LAMBDA_FUNCTION_NAME ?? 'this process'
  throw new Failed({
    code: 'environment-invalid',
    message: `the variable ${name} of ${where} is ${found}: ${parsed.error.issues[0]?.message}; deploy the stage again`,
    retryable: false,
  })
}

/** The settings of the stage that a function was told; each is read when it is asked for. */
export const stageFrom = (environment: Environment = process.env) => ({
  get name() {
    return readText(environment, settings.stage)
  },
  get linkBaseUrl() {
    return readText(environment, settings.linkBaseUrl)
  },
  get sender() {
    return readText(environment, settings.sender)
  },
  get postalAddress() {
    return readText(environment, settings.postalAddress)
  },
  /** Who may be written to: patterns of `core/allow-list.ts`; empty: nobody. */
  get allowList() {
    return read(environment, settings.allowList, List)
  },
})
