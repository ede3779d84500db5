/**
 * The two that claim to be DynamoDB: dynoxide, which the local runtime and the tests use, and AWS's own DynamoDB
 * Local, where Java is there and `DYNAMODB_LOCAL_JAR` names its jar (with `DynamoDBLocal_lib` beside it).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CreateTableCommand } from '@aws-sdk/client-dynamodb'
import { openDatabase } from '#adapters/dynamo'
import { startDynoxide } from '#test/fixture/dynoxide'
import type { Side } from './dynamodb-side.ts'

export interface OpenSide {
  side: Side
  close: () => Promise<void>
}

const startLimitMs = 30_000
const table = 'Conformance'
const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const })
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
]

async function sideAt(endpoint: string): Promise<Side> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const database = openDatabase({ endpoint, region: 'us-east-1', credentials })
  await database.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('id', 'sort'),
      AttributeDefinitions: ['id', 'sort', 'shard', 'due'].map(text),
      GlobalSecondaryIndexes: [
        { IndexName: 'due', KeySchema: keys('shard', 'due'), Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  )
  const signed =
    'AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'
  const call = async (target: string, body: object) => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        'x-amz-date': '20260302T090000Z',
        authorization: signed,
      },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as Record<string, unknown>
  }
  return { database, table, call }
}

export async function openDynoxide(): Promise<OpenSide> {
  const dynoxide = await startDynoxide()
  const side = await sideAt(dynoxide.endpoint)
  return {
    side,
    close: async () => {
      side.database.destroy()
      await dynoxide.close()
    },
  }
}

/** Why DynamoDB Local cannot be asked here; undefined when it can. */
export function dynamodbLocalMissing(): string | undefined {
  const jar = process.env.DYNAMODB_LOCAL_JAR
  if (!jar) return 'DYNAMODB_LOCAL_JAR names no jar of DynamoDB Local'
  if (!existsSync(jar)) return `DYNAMODB_LOCAL_JAR names ${jar}, which is not there`
  return spawnSync('java', ['-version']).status === 0
    ? undefined
    : 'there is no java to run DynamoDB Local with'
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return address !== null && typeof address === 'object' ? address.port : 0
}

export async function openDynamodbLocal(): Promise<OpenSide> {
  const jar = process.env.DYNAMODB_LOCAL_JAR ?? ''
  const port = await freePort()
  const library = `-Djava.library.path=${join(dirname(jar), 'DynamoDBLocal_lib')}`
  const child = spawn('java', [library, '-jar', jar, '-inMemory', '-sharedDb', '-port', `${port}`], {
    stdio: 'ignore',
  })
  const endpoint = `http://127.0.0.1:${port}`
  const endsAt = performance.now() + startLimitMs
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > endsAt) throw new Error(`DynamoDB Local does not answer on ${endpoint}`)
    await pause(100)
  }
  const side = await sideAt(endpoint)
  return {
    side,
    close: async () => {
      side.database.destroy()
      child.kill()
      await once(child, 'exit')
    },
  }
}
