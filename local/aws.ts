/**
 * The one place where each AWS call passes: who calls, may they, is a fault queued, what did it cost, then the
 * service itself. A service is one file that knows its protocol; what is common to all of them (checks, counting,
 * faults, later a seeded unkind layer) is a `Layer` here and nowhere else.
 */
import type { Need } from './iam.ts'
import type { Principal } from './permissions.ts'

/** A call as it reached the endpoint; `input` is the parsed body where the protocol has one. */
export type AwsCall = {
  principal: Principal
  service: string
  action: string
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  input: Record<string, unknown>
}

/** What a service answers. `tables` says what the call cost on which table, where it touched any. */
export type AwsAnswer = {
  status: number
  headers?: Record<string, string>
  body: string | Buffer
  tables?: TableUse[]
  /** The connection is dropped instead of answered (a queued fault). */
  dropped?: boolean
}

export type TableUse = { table: string; writeUnits: number; readUnits: number }

/** An AWS service: names the action of a call, the permissions it needs, and answers it. */
export type AwsService = {
  /** The name in credentials' scope and in faults: dynamodb, sqs, ses … */
  readonly name: string
  actionOf(call: Omit<AwsCall, 'action' | 'input'>): string
  parse(call: Omit<AwsCall, 'input'>): Record<string, unknown>
  needs(call: AwsCall): Need[]
  answer(call: AwsCall): Promise<AwsAnswer>
  /** Renders an error in the service's protocol. */
  fail(error: AwsError): AwsAnswer
}

/** A refusal in AWS's own words: `code` is the exception's name, `status` the HTTP status. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}

export type Layer = (call: AwsCall, service: AwsService, next: () => Promise<AwsAnswer>) => Promise<AwsAnswer>

export class Aws {
  private readonly services: Map<string, AwsService>
  private readonly layers: Layer[]

  constructor(services: AwsService[], layers: Layer[]) {
    this.services = new Map(services.map((service) => [service.name, service]))
    this.layers = layers
  }

  /** Answers one call; never throws. An unexpected error answers 500 and is told on stderr by the caller. */
  async handle(raw: Omit<AwsCall, 'action' | 'input'>): Promise<AwsAnswer> {
    const service = this.services.get(raw.service)
    if (service === undefined) {
      const message = `The local runtime has no service "${raw.service}".`
      return { status: 501, body: JSON.stringify({ __type: 'UnknownService', message }) }
    }
    try {
      const named = { ...raw, action: service.actionOf(raw) }
      const call = { ...named, input: service.parse(named) }
      return await this.through(0, call, service)
    } catch (error) {
      if (error instanceof AwsError) return service.fail(error)
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return service.fail(new AwsError('InternalFailure', message, 500))
    }
  }

  private async through(index: number, call: AwsCall, service: AwsService): Promise<AwsAnswer> {
    const layer = this.layers[index]
    if (layer === undefined) return this.served(call, service)
    return layer(call, service, () => this.through(index + 1, call, service))
  }

  private async served(call: AwsCall, service: AwsService): Promise<AwsAnswer> {
    try {
      return await service.answer(call)
    } catch (error) {
      if (error instanceof AwsError) return service.fail(error)
      throw error
    }
  }
}

const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/[^/]*\/([^/]+)\/aws4_request/

/** Access key and service of a SigV4 header; undefined when it is none. The signature itself is not checked. */
export function readSignature(
  authorization: string | undefined,
): { accessKey: string; service: string } | undefined {
  const match = SCOPE.exec(authorization ?? '')
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { accessKey: match[1], service: match[2] }
}

/** Parses a JSON body; an empty one is `{}`. Throws SerializationException as AWS does. */
export function jsonBody(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>
  } catch {
    throw new AwsError('SerializationException', 'The body is no JSON.')
  }
}

/** The action after the dot of `X-Amz-Target`. */
export function targetAction(headers: AwsCall['headers']): string {
  return (
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .pop() ?? ''
  )
}

/** An answer in the JSON protocols (`version` 1.0 or 1.1). */
export function jsonAnswer(body: unknown, version: '1.0' | '1.1'): AwsAnswer {
  return {
    status: 200,
    headers: { 'content-type': `application/x-amz-json-${version}` },
    body: JSON.stringify(body),
  }
}

/** An error in the JSON protocols. */
export function jsonFailure(error: AwsError, version: '1.0' | '1.1'): AwsAnswer {
  return {
    status: error.status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }),
  }
}
