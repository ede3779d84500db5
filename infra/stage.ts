/**
 * What a stage is told in `cdk.json` (context `stages`), checked before anything is created from it.
 * A wrong value is refused with its path, what was found and what to write instead. Who uses the values:
 * `infra/stack.ts`.
 */
import * as z from 'zod'
import { isPattern } from '#core/allow-list'
import { InfraError } from './main.ts'

const hostname = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/
const mailbox = /^(?:"[^"\r\n]{1,100}" <[\w.+-]{1,64}@[a-z0-9.-]+>|[\w.+-]{1,64}@[a-z0-9.-]+)$/
const origin = /^https?:\/\/[a-z0-9.-]+(:\d+)?$/

const certificateCure = { error: 'write the ARN of a certificate in the region of the stack' }

const Hostname = z
  .string()
  .regex(hostname, { error: 'write a host name in lower case, like mail.shop.example' })

/** A stage's settings. Times and sizes carry their unit in the name; everything optional has its default here. */
export const Stage = z
  .strictObject({
    name: z.enum(['local', 'dev', 'prod'], { error: 'the stage is local, dev or prod: -c stage=dev' }),
    domain: Hostname,
    sender: z.string().regex(mailbox, {
      error: 'write an address, or a quoted name and an address: "Shop" <hello@mail.shop.example>',
    }),
    postalAddress: z
      .string({ error: 'write the postal address of the sender; the law wants it in every marketing mail' })
      .trim()
      .min(10, { error: 'write the whole postal address; the law wants it in every marketing mail' })
      .max(300, { error: 'at most 300 characters' }),
    shopOrigins: z
      .array(
        z
          .string()
          .regex(origin, { error: 'write an origin without a path, like https://www.shop.example' })
          .or(z.literal('*')),
      )
      .min(1, { error: 'name at least one origin: the pages that may post events from a browser' }),
    dueShards: z.int({ error: 'a whole number from 1 to 256' }).min(1).max(256),
    /** Partitions that a journey's messages are spread over for the report: hourly, each is asked once. */
    reportShards: z.int({ error: 'a whole number from 1 to 256' }).min(1).max(256).default(16),
    allowList: z.array(
      z.string().refine(isPattern, { error: 'write *, a domain like @shop.example, or an address' }),
    ),
    maxConcurrency: z
      .int({ error: 'a whole number from 2 to 1000: how many invocations one queue may have at once' })
      .min(2)
      .max(1000)
      .default(2),
    /** A CloudWatch dashboard; the first three of an account are free. */
    dashboard: z.boolean({ error: 'true or false' }).default(true),
    linkDomain: z
      .strictObject({
        name: Hostname,
        certificateArn: z.string(certificateCure).startsWith('arn:', certificateCure),
      })
      .optional(),
    alarmEmail: z.email({ error: 'write the address that alarms go to' }).optional(),
  })
  .check((context) => {
    const { name, domain, sender, shopOrigins } = context.value
    const host = sender.replace(/^.*@|>$/g, '')
    if (hostname.test(domain) && host !== domain && !host.endsWith(`.${domain}`)) {
      context.issues.push({
        code: 'custom',
        input: sender,
        path: ['sender'],
        message: `the address must be at ${domain} or below it, or receivers see an unauthenticated sender`,
      })
    }
    if (shopOrigins.includes('*') && name !== 'local') {
      context.issues.push({
        code: 'custom',
        input: '*',
        path: ['shopOrigins'],
        message: 'only stage local takes any origin: name the pages of the shop',
      })
    }
  })
export type Stage = z.infer<typeof Stage>

/** Thrown when `cdk.json` says something a stage cannot be made of; the message lists every problem. */
export class StageConfigError extends InfraError {
  override readonly name = 'StageConfigError'

  constructor(message: string) {
    super('stage-config', message)
  }
}

/**
 * Reads the settings of one stage out of the app's context.
 * @throws {StageConfigError} naming file, path, the value found and the cure, one line a problem
 */
export function readStage(name: string, stages: unknown): Stage {
  const settings = isRecord(stages) ? stages[name] : undefined
  if (!isRecord(settings)) {
    const known = isRecord(stages) ? Object.keys(stages).join(', ') : 'none'
    throw new StageConfigError(
      `cdk.json has no stage "${name}" (context.stages has: ${known}). Pass one of them, as in -c stage=dev, or add it.`,
    )
  }
  const result = Stage.safeParse({ ...settings, name }, { reportInput: true })
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => {
    const path = ['context', 'stages', name, ...issue.path].join('.')
    return `  ${path}: ${issue.message} (found ${JSON.stringify(issue.input) ?? 'nothing'})`
  })
  throw new StageConfigError(`cdk.json, stage "${name}" cannot be used:\n${lines.join('\n')}`)
}

/** The bare address of a sender such as `"Shop" <hello@shop.example>`. */
export function addressOf(sender: string): string {
  return sender.replace(/^.*<|>$/g, '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
