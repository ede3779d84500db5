/**
 * The two that claim to be SQS: the endpoint of the local runtime, and fauxqs, which others made. Both are asked
 * by AWS's own client.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { Aws } from '#local/aws'
import { Clock } from '#local/clock'
import { operator } from '#local/permissions'
import { Queue, type QueueSpec } from '#local/queue'
import { SqsService } from '#local/sqs'
import { Store } from '#local/store'
import type { QueueSide } from './queues.ts'

export interface OpenQueueSide {
  side: QueueSide
  close: () => Promise<void>
}

const region = 'us-east-1'
const account = '000000000000'
/** Where the dead of each living queue go. */
const deadOf = { Work: 'Dead', Other: 'Dead', Empty: 'Dead', Mail: 'Dead', Again: 'Dead', Alone: 'AloneDead' }
/** The dead first: a redrive policy names a queue that is there. */
const all: [name: string, dead?: string][] = [['Dead'], ['AloneDead'], ...Object.entries(deadOf)]
const arn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`

const clientAt = (endpoint: string) =>
  new SQSClient({ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })

function localQueues(endpoint: string, store: Store, clock: Clock): Map<string, Queue> {
  const specOf = (name: string, dead?: string): QueueSpec => ({
    name,
    logicalId: name,
    arn: arn(name),
    url: `${endpoint}/${account}/${name}`,
    delayMs: 0,
    visibilityMs: 60_000,
    retentionMs: 345_600_000,
    redrive: dead === undefined ? undefined : { arn: arn(dead), maxReceives: 2 },
  })
  const made = all.map(([name, dead]) => new Queue(specOf(name, dead), store.table(`queue ${name}`), clock))
  const queues = new Map(made.map((queue) => [queue.spec.arn, queue]))
  for (const queue of made)
    queue.onDead = (message) => queues.get(queue.spec.redrive?.arn ?? '')?.adopt(message)
  return queues
}

export async function openLocalQueues(): Promise<OpenQueueSide> {
  const folder = mkdtempSync(join(tmpdir(), 'homeward-queues-'))
  const clock = new Clock({ offsetMs: 0 })
  let aws: Aws | undefined
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const { method = '', headers } = request
    const call = { principal: operator, service: 'sqs', method, path: '/', query: new URLSearchParams() }
    const answer = await aws?.handle({ ...call, headers, body })
    response.writeHead(answer?.status ?? 500, answer?.headers).end(answer?.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // The server listens on a TCP port, so its address is no string.
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  aws = new Aws([new SqsService(localQueues(endpoint, new Store(join(folder, 'state.jsonl')), clock))], [])
  const client = clientAt(endpoint)
  return {
    side: { client, url: (name) => `${endpoint}/${account}/${name}`, arn },
    close: async () => {
      client.destroy()
      clock.stop()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function openFauxqs(): Promise<OpenQueueSide> {
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' })
  const client = clientAt(`http://127.0.0.1:${server.port}`)
  const urls = new Map<string, string>()
  for (const [name, dead] of all) {
    const redrive = dead && JSON.stringify({ deadLetterTargetArn: arn(dead), maxReceiveCount: 2 })
    const Attributes = { VisibilityTimeout: '60', ...(redrive && { RedrivePolicy: redrive }) }
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }))
    urls.set(name, QueueUrl)
  }
  return {
    side: { client, url: (name) => urls.get(name) ?? '', arn },
    close: async () => {
      client.destroy()
      await server.stop()
    },
  }
}
