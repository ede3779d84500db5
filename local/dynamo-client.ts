/**
 * The wire to the embedded database: raw bodies for the proxy (`dynamo.ts`), typed calls for the runtime's own needs.
 * It signs nothing and checks nothing; who may do what is decided before.
 */
import { Agent, request } from 'node:http'
import { AwsError } from './aws.ts'

export const DYNAMO_TARGET = 'DynamoDB_20120810'
export const STREAMS_TARGET = 'DynamoDBStreams_20120810'

/** The database behind the proxy, as the runtime itself uses it (no permission checks, no counting). */
export class DynamoClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 })
  private readonly endpoint: URL

  constructor(endpoint: string) {
    this.endpoint = new URL(endpoint)
  }

  /** Forwards a raw body and returns status and body as they are. */
  async forward(target: string, body: string | Buffer): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const call = request(
        this.endpoint,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': Buffer.byteLength(body),
            'x-amz-target': target,
            'x-amz-date': '20250101T000000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks) }),
          )
          response.on('error', reject)
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  }

  /** A call of the runtime's own. Throws AwsError with the database's words. */
  async call<T>(action: string, input: unknown, target = DYNAMO_TARGET): Promise<T> {
    const { status, body } = await this.forward(`${target}.${action}`, JSON.stringify(input))
    const parsed = JSON.parse(body.toString() || '{}') as Record<string, unknown>
    if (status === 200) return parsed as T
    const code = String(parsed.__type ?? 'InternalFailure')
    throw new AwsError(
      code.slice(code.indexOf('#') + 1),
      String(parsed.message ?? parsed.Message ?? code),
      status,
    )
  }

  close(): void {
    this.agent.destroy()
  }
}
