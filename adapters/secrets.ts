/**
 * The keys made real: secrets of the stage, fetched once and kept in memory. The address key never changes;
 * link keys are looked at again every five minutes, so that a new one is used without a deployment, and sooner
 * for a link that was made with one not known here.
 */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import type { Keys } from '#flow/port'
import type { Aws } from './aws.ts'
import { type Environment, readText } from './environment.ts'
import { secrets } from './shape.ts'

const AddressKey = z.string().min(16)
const LinkKeys = z.record(z.string().regex(/^\d{1,3}$/), z.string().min(16))

async function secret(client: SecretsManagerClient, id: string): Promise<string> {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: id }))
    return answer.SecretString ?? ''
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Unknown'
    const final = name === 'ResourceNotFoundException' || name === 'AccessDeniedException'
    const cure = final ? 'check that it exists and that the function may read it' : 'it may pass: try again'
    throw new Failed({
      code: 'secret-failed',
      message: `the secret ${id} could not be read (${name}); ${cure}`,
      retryable: !final,
      cause: error,
    })
  }
}

function checked<T>(shape: z.ZodType<T>, value: unknown, id: string): T {
  const read = shape.safeParse(value)
  if (read.success) return read.data
  throw new Failed({
    code: 'secret-invalid',
    message: `the secret ${id} does not hold what it should; restore an earlier version of it`,
    retryable: false,
  })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Keeps what `read` answers for as long as its caller allows; a failure is not kept. */
function kept<T>(read: () => Promise<T>): (keptMs: number) => Promise<T> {
  let found: { value: Promise<T>; readAtMs: number } | undefined
  return async (keptMs) => {
    const nowMs = Date.now()
    if (found === undefined || nowMs - found.readAtMs >= keptMs) {
      const before = found
      const value = read()
      found = { value, readAtMs: nowMs }
      value.catch(() => {
        found = before
      })
    }
    return found.value
  }
}

/** The keys over a client; ids are asked for when a key is. */
export const secretKeys = (
  client: SecretsManagerClient,
  ids: { address: () => string; links: () => string },
): Keys => {
  const addressKey = kept(async () => {
    const id = ids.address()
    return checked(AddressKey, await secret(client, id), id)
  })
  const linkKeys = kept(async () => {
    const id = ids.links()
    return checked(LinkKeys, json(await secret(client, id)), id)
  })
  return {
    addressKey: async () => addressKey(Number.POSITIVE_INFINITY),
    linkKeys: async (wanted) => {
      const keys = await linkKeys(limits.linkKeysKeptMs)
      return wanted === undefined || keys[wanted] !== undefined ? keys : linkKeys(limits.linkKeysAgainMs)
    },
  }
}

/** The keys of a process. A missing variable fails where it is needed. */
export const keysFrom = (environment: Environment = process.env, aws: Aws = {}): Keys =>
  secretKeys(new SecretsManagerClient(aws), {
    address: () => readText(environment, secrets.address.env),
    links: () => readText(environment, secrets.links.env),
  })
