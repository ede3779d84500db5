/**
 * The runtime booted for real on the small fixture stack, with the embedded database and the real SDK: an event's
 * whole way, what is refused, what survives a restart. The product's own stories are in `test/acceptance`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Decision, FunctionLine } from '#local/decisions'
import { type Runtime, type RuntimeOptions, startRuntime } from '#local/runtime'
import { assets, aTemplate } from './fixture/template.ts'

const START = '2026-05-01T09:00:00.000Z'
const aFolder = () => mkdtempSync(join(tmpdir(), 'runtime-'))

const boot = (change: Partial<RuntimeOptions> = {}) =>
  startRuntime({ template: aTemplate(), assets, dataDir: aFolder(), port: 0, at: START, ...change })

/** How the operator's commands reach the runtime. */
const operator = (url: string) => ({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
})

async function call(
  url: string,
  path: string,
  options: { method?: string; body?: unknown; headers?: object } = {},
) {
  const { method = options.body === undefined ? 'GET' : 'POST', body, headers } = options
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

let events = 0
const track = (url: string, customerId: string, change: object = {}) =>
  call(url, '/v1/track', {
    body: { customerId, id: `e${events++}`, reachable: true, to: `${customerId}@example.com`, ...change },
  })

const advance = async (url: string, body: object) => (await call(url, '/_local/clock', { body })).body

describe('a booted stack', () => {
  let runtime: Runtime
  const lines: FunctionLine[] = []
  const decisions: Decision[] = []
  beforeAll(async () => {
    runtime = await boot({
      onLine: (line) => lines.push(line),
      onDecision: (decision) => decisions.push(decision),
    })
  }, 30_000)
  afterAll(() => runtime?.stop())

  it('carries an event to a mail, an hour later on the virtual clock', async () => {
    await track(runtime.url, 'ada')

    const travelled = await advance(runtime.url, { advance: '1h30m' })
    const inbox = (await call(runtime.url, '/_local/inbox')).body

    expect(travelled).toMatchObject({ ran: 1, sent: 1, skipped: 0, held: 0 })
    expect(travelled.now >= '2026-05-01T10:30:00.000Z').toBe(true)
    expect(travelled.coalesced).toBeGreaterThan(80)
    expect(inbox).toMatchObject([{ to: 'ada@example.com', customerId: 'ada', fate: 'delivered' }])
    expect(inbox[0].at).toMatch(/^2026-05-01T10:0/)
  })

  it('shows a mail with its parts, headers and raw form', async () => {
    const [first] = runtime.inbox.entries()

    const mail = (await call(runtime.url, `/_local/inbox/${first?.id}`)).body

    expect(mail).toMatchObject({
      html: '<p>Hello</p>',
      text: 'Hello',
      subject: 'Ihr Warenkorb – কার্ট 🛒',
      headers: { 'List-Unsubscribe': '<https://shop.example/u/1>' },
    })
    expect(mail.raw).toMatch(/^From: =\?UTF-8\?B\?/)
  })

  it('passes decisions on and lets notices reach their function', () => {
    const notices = lines.filter((line) => line.step === 'observe').map((line) => line.json?.type)

    expect(decisions).toMatchObject([
      { customerId: 'ada', journey: 'abandoned-cart', step: 'reminder', outcome: 'sent' },
    ])
    expect(notices).toEqual(['Send', 'Delivery'])
  })

  it('keeps records from a function that its filter drops', async () => {
    await track(runtime.url, 'bob', { reachable: false })

    const travelled = await advance(runtime.url, { advance: '2h' })

    expect(travelled).toMatchObject({ ran: 0, sent: 0 })
  })

  it('goes to the next alarm', async () => {
    await track(runtime.url, 'cleo')

    const travelled = await advance(runtime.url, { to: 'next-alarm' })

    expect(travelled).toMatchObject({ ran: 1, sent: 1 })
  })

  it('counts calls with their units, transactions twice, since the last reset', async () => {
    await call(runtime.url, '/_local/calls', { method: 'DELETE' })
    await track(runtime.url, 'dora')
    await advance(runtime.url, { advance: '0s' })

    const calls = (await call(runtime.url, '/_local/calls')).body

    expect(calls).toContainEqual(
      expect.objectContaining({
        function: 'ingest',
        service: 'dynamodb',
        action: 'PutItem',
        table: 'Events',
        count: 1,
        writeUnits: 1,
      }),
    )
    expect(calls).toContainEqual(
      expect.objectContaining({ function: 'decide', table: 'Customers', writeUnits: 2 }),
    )
    await advance(runtime.url, { advance: '2h' })
  })

  it('tells which grants were used and which were not', async () => {
    const report = (await call(runtime.url, '/_local/permissions')).body

    expect(report).toContainEqual(
      expect.objectContaining({ function: 'ingest', unused: ['dynamodb:GetItem'] }),
    )
    expect(report).toContainEqual(expect.objectContaining({ function: 'wake', unused: [] }))
  })

  it('asks the console function about a customer', async () => {
    const known = await call(runtime.url, '/_local/customers/ada')
    const unknown = await call(runtime.url, '/_local/customers/nobody@example.com')

    expect(known.body).toMatchObject({ customerId: 'ada' })
    expect(unknown).toMatchObject({ status: 404, body: { code: 'no-such-customer' } })
  })

  it.each([
    ['500', 1, 1],
    ['429', 1, 1],
    ['reset', 1, 1],
    ['500-after-accept', 2, 1],
  ])('strikes with a queued %s once, then recovers by the visibility timeout', async (fault, mails, sent) => {
    const before = runtime.inbox.size
    await call(runtime.url, '/_local/faults', { body: { service: 'ses', action: 'SendEmail', fault } })
    await track(runtime.url, 'erin')

    const travelled = await advance(runtime.url, { advance: '2h' })

    expect(travelled.sent).toBe(sent)
    expect(runtime.inbox.size - before).toBe(mails)
    expect((await call(runtime.url, '/_local/faults')).body).toEqual([])
  })

  it.each([
    ['/_local/clock', { advance: 'soon' }, /"soon".*"1h30m"/],
    ['/_local/clock', { to: '2020-01-01T00:00:00Z' }, /never goes back/],
    ['/_local/clock', {}, /next-alarm/],
    ['/_local/faults', { service: 'ses', action: 'SendEmail', fault: 'fire' }, /one of 500-after-accept/],
    ['/_local/faults', { service: 'ses', action: 'SendEmail', fault: '500', times: 0 }, /whole number/],
  ])('%s refuses %j', async (path, body, detail) => {
    const answer = await call(runtime.url, path, { body })

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(detail)
  })

  it('answers preflights of any shop and marks answers for them', async () => {
    const asked = { origin: 'https://shop.example', 'access-control-request-method': 'POST' }
    const preflight = await call(runtime.url, '/v1/track', { method: 'OPTIONS', headers: asked })
    const posted = await call(runtime.url, '/v1/track', {
      body: { customerId: 'x', id: 'cors', reachable: false, to: 'x' },
      headers: { origin: 'https://shop.example' },
    })

    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
    expect(posted.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each([
    ['a foreign Host', '/_local/clock', { host: 'evil.example' }],
    ['another site in a browser', '/_local/clock', { 'sec-fetch-site': 'cross-site' }],
    ['a foreign Origin', '/_local/clock', { origin: 'https://evil.example' }],
    ['a foreign Host on the page', '/', { host: 'evil.example:80' }],
    ['an AWS call out of a web page', '/v1/track', { origin: 'https://evil.example', authorization: signed }],
  ])('refuses %s', async (_, path, headers) => {
    const status = await new Promise<number | undefined>((resolve) => {
      request(runtime.url + path, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })

    expect(status).toBe(403)
  })

  it('is found by DescribeStacks as a deployed stack is', async () => {
    const client = new CloudFormationClient(operator(runtime.url))

    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'homeward-local' }))
    const missing = client.send(new DescribeStacksCommand({ StackName: 'homeward-dev' }))

    expect(Stacks?.[0]?.Outputs).toContainEqual({ OutputKey: 'ApiUrl', OutputValue: `${runtime.url}/` })
    await expect(missing).rejects.toThrow(/does not exist/)
  })

  it('tells the operator secrets, quota and queues', async () => {
    const secrets = new SecretsManagerClient(operator(runtime.url))
    const { SecretString } = await secrets.send(
      new GetSecretValueCommand({ SecretId: 'homeward-local-AddressKey' }),
    )
    const account = await new SESv2Client(operator(runtime.url)).send(new GetAccountCommand({}))
    const sqs = new SQSClient(operator(runtime.url))
    const QueueUrl = `${runtime.url}/000000000000/homeward-local-DeadQueue`
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'ৰ' }))
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    )

    expect(SecretString).toMatch(/^[A-Za-z0-9]{64}$/)
    expect(account.SendQuota?.MaxSendRate).toBe(500)
    expect(sent.MessageId).toBeDefined()
    expect(Attributes?.ApproximateNumberOfMessages).toBe('1')
  })
})

const signed =
  'AWS4-HMAC-SHA256 Credential=OPERATOR/20260501/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'

describe('permissions', () => {
  it('deny a call the role does not allow, in the words of AWS, and nothing is written', async () => {
    const template = aTemplate()
    const policy = template.Resources.IngestPolicy
    if (policy?.Properties) policy.Properties.PolicyDocument = { Statement: [] }
    const lines: string[] = []
    const runtime = await boot({ template, onLine: (line) => lines.push(line.text) })

    const answer = await track(runtime.url, 'ada')
    const { Count } = await new DynamoDBClient(operator(runtime.url)).send(
      new ScanCommand({ TableName: 'homeward-local-Events' }),
    )
    await runtime.stop()

    expect(answer.status).toBe(500)
    expect(lines.join('\n')).toMatch(
      /not authorized to perform: dynamodb:PutItem on resource: .*table\/homeward-local-Events/,
    )
    expect(Count).toBe(0)
  })

  it('stop the start when a role cannot read its event source', async () => {
    const template = aTemplate()
    const policy = template.Resources.DecidePolicy
    if (policy?.Properties) policy.Properties.PolicyDocument = { Statement: [] }

    await expect(boot({ template })).rejects.toThrow(/role of decide cannot serve its event source/)
  })
})

describe('what is kept', () => {
  it('clock, inbox, secrets, alarms and queued messages outlive the runtime', async () => {
    const dataDir = aFolder()
    const first = await boot({ dataDir })
    const secret = readFileSync(join(dataDir, 'state.jsonl'), 'utf8').match(/\["secret".*/)?.[0]
    await track(first.url, 'ada')
    await advance(first.url, { advance: '2h' })
    await track(first.url, 'bob')
    await advance(first.url, { advance: '10m' })
    const stoppedAt = first.clock.now()
    await first.stop()

    const second = await boot({ dataDir, at: '2020-01-01T00:00:00Z' })
    const resumedAt = second.clock.now()
    const kept = second.inbox.entries().map((mail) => mail.to)
    const travelled = await advance(second.url, { advance: '1h' })
    const secretAgain = readFileSync(join(dataDir, 'state.jsonl'), 'utf8').match(/\["secret".*/)?.[0]
    await second.stop()

    expect(resumedAt).toBeGreaterThanOrEqual(stoppedAt)
    expect(second.resumed).toBe(true)
    expect(kept).toEqual(['ada@example.com'])
    expect(travelled).toMatchObject({ ran: 1, sent: 1 })
    expect(secretAgain).toBe(secret)
  })

  it('a load that was cut short begins anew, one that ended is kept', async () => {
    const [whole, cut] = [aFolder(), aFolder()]
    const first = await boot({ dataDir: whole })
    await first.load(async () => {
      await track(first.url, 'half')
      // What a kill in here leaves behind.
      cpSync(whole, cut, { recursive: true })
      rmSync(join(cut, 'lock'))
    })
    await first.stop()

    const kept = await boot({ dataDir: whole })
    const anew = await boot({ dataDir: cut })
    const resumed = [kept.resumed, anew.resumed]
    await Promise.all([kept.stop(), anew.stop()])
    const again = await boot({ dataDir: cut })
    await again.stop()

    expect(resumed).toEqual([true, false])
    expect(again.resumed).toBe(true)
  })

  it('a journey of the clock ends where the runtime is stopped', async () => {
    const runtime = await boot({ everyTick: true })

    const travelling = runtime.travel.travel((nowMs) => nowMs + 365 * 86_400_000)
    const ended = expect(travelling).rejects.toThrow(/The runtime is stopping/)
    await runtime.stop()

    await ended
  })

  it('a folder in use is refused; a port in use is passed over', async () => {
    const first = await boot()
    const folder = aFolder()

    const second = await boot({ dataDir: folder, port: first.port })
    const third = boot({ dataDir: folder })

    await expect(third).rejects.toThrow(/already uses the data folder/)
    expect(second.port).toBeGreaterThan(first.port)
    await Promise.all([first.stop(), second.stop()])
  })

  it('rows past their time to live are deleted on the virtual clock', async () => {
    const runtime = await boot()
    const database = new DynamoDBClient(operator(runtime.url))
    const expiresAt = (days: number) => ({ N: String(Math.floor(Date.parse(START) / 1000) + days * 86_400) })
    for (const [key, days] of [
      ['soon', 2],
      ['late', 9],
    ] as const) {
      const Item = {
        customerId: { S: 'c' },
        key: { S: key },
        reachable: { BOOL: false },
        expiresAt: expiresAt(days),
      }
      await database.send(new PutItemCommand({ TableName: 'homeward-local-Events', Item }))
    }

    await advance(runtime.url, { advance: '4d' })
    const { Items } = await database.send(new ScanCommand({ TableName: 'homeward-local-Events' }))
    await runtime.stop()

    expect(Items?.map((item) => item.key?.S)).toEqual(['late'])
  })
})

it('running every tick gives what skipping the idle ones gives', async () => {
  const lived = async (everyTick: boolean) => {
    const runtime = await boot({ everyTick })
    await track(runtime.url, 'ada')
    await advance(runtime.url, { advance: '40m' })
    await track(runtime.url, 'bob')
    const { ran, coalesced, sent } = await advance(runtime.url, { advance: '3h' })
    const mails = runtime.inbox.entries().map((mail) => [mail.to, mail.at.slice(0, 16)])
    await runtime.stop()
    return { ticks: ran + coalesced, coalesced, sent, mails }
  }

  const every = await lived(true)
  const skipping = await lived(false)

  expect(every.coalesced).toBe(0)
  expect(skipping.coalesced).toBeGreaterThan(100)
  expect(skipping).toEqual({ ...every, coalesced: skipping.coalesced })
}, 60_000)
