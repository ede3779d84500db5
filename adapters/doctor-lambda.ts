/**
 * What `npm run doctor` asks Lambda: how many invocations the account may have at once. One signed GET (AWS
 * Signature Version 4), because a client of the SDK for it would weigh more than all of this command.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto'
import { SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { limits } from '#core/limits'
import type { Aws } from './aws.ts'

export interface Concurrency {
  /** Of the account in this region, and what of it no function has reserved. */
  total: number
  unreserved: number
}

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

interface Request {
  url: URL
  region: string
  service: string
  credentials: Credentials
  /** `YYYYMMDDTHHMMSSZ` */
  at: string
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The headers of a signed GET without a body. */
export function signedHeaders({ url, region, service, credentials, at }: Request): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-date': at,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const query = [...url.searchParams]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&')
  const canonical = ['GET', url.pathname, query, lines, names.join(';'), sha256('')].join('\n')
  const scope = `${at.slice(0, 8)}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const parts = [at.slice(0, 8), region, service, 'aws4_request']
  const key = parts.reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secretAccessKey}`)
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}

const Settings = z.object({
  AccountLimit: z.object({
    ConcurrentExecutions: z.number(),
    UnreservedConcurrentExecutions: z.number(),
  }),
})

/** The account's limit. Throws with the status and the error's name when it is refused. */
export async function accountConcurrency(aws: Aws): Promise<Concurrency> {
  // Any client of the SDK knows how credentials and region are found.
  const { config } = new SQSClient(aws)
  const [region, credentials] = await Promise.all([config.region(), config.credentials()])
  const base = aws.endpoint ?? `https://lambda.${region}.amazonaws.com`
  const url = new URL('/2016-08-19/account-settings/', base)
  const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const { host: _, ...headers } = signedHeaders({ url, region, service: 'lambda', credentials, at })
  const signal = AbortSignal.timeout(limits.databaseTimeoutMs)
  const response = await fetch(url, { headers, signal })
  if (!response.ok) {
    const name = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? `HTTP ${response.status}`
    throw Object.assign(new Error(`Lambda answered ${response.status}`), { name })
  }
  const { AccountLimit } = Settings.parse(await response.json())
  return { total: AccountLimit.ConcurrentExecutions, unreserved: AccountLimit.UnreservedConcurrentExecutions }
}
