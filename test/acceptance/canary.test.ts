/**
 * A canary's address through the booted stack: mailed, bounced, erased, come again; then every line that the
 * runtime wrote, every answer, every URL in her mail and every key of every row is looked through for it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runHere } from '#test/fixture/runtime'

const canary = 'canary.bird+cage@nest.example'
const shows = /canary|cage@|nest\.example/i

let folder: string
let child: ChildProcess
let url = ''
let keys = { server: '', browser: '' }
/** All that the runtime wrote, on both of its streams. */
let written = ''
const answers: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-canary-'))
  const flags = ['--json', '--no-demo', '--no-open', '--port', '0', '--at', '2026-06-01T09:00:00.000Z']
  child = spawn(process.execPath, ['cli/run.js', 'start', ...flags, '--data', join(folder, 'data')], {
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written += text
    })
  const isReady = () => /^\{.*"event":"ready".*\}$/m.exec(written)?.[0]
  while (isReady() === undefined && child.exitCode === null && child.stdout) await once(child.stdout, 'data')
  const ready = JSON.parse(isReady() ?? '{}')
  url = ready.url
  keys = ready.keys
}, 120_000)

afterAll(async () => {
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
})

async function post(path: string, body: unknown, key = keys.server): Promise<Response> {
  const answer = await fetch(url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  answers.push(`${[...answer.headers].join(' ')} ${await answer.clone().text()}`)
  return answer
}

const advance = (by: string) => post('/_local/clock', { advance: by })

/** Every key of every row of every table, of its indexes too. */
async function keysOfRows(): Promise<string[]> {
  const credentials = { accessKeyId: 'OPERATOR', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials })
  const { TableNames = [] } = await client.send(new ListTablesCommand({}))
  const found: string[] = []
  for (const TableName of TableNames) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }))
    const schemas = [
      Table?.KeySchema,
      ...(Table?.GlobalSecondaryIndexes ?? []).map(({ KeySchema }) => KeySchema),
    ]
    const named = schemas.flatMap((schema) => schema?.map(({ AttributeName = '' }) => AttributeName) ?? [])
    const { Items = [] } = await client.send(new ScanCommand({ TableName }))
    for (const item of Items) found.push(...named.map((name) => JSON.stringify(item[name] ?? '')))
  }
  client.destroy()
  return found
}

it('shows in no line, answer, URL or key, from her first visit to after she was erased', async () => {
  const her = { userId: 'u-1', anonymousId: 'device-1' }
  const products = [{ product_id: 'mug', name: 'Morning mug', price: 18.5, quantity: 1 }]
  const cart = { ...her, event: 'Cart Updated', properties: { cart_id: 'c1', currency: 'EUR', products } }

  await post('/v1/identify', { anonymousId: 'device-1', traits: { email: canary } }, keys.browser)
  await post('/v1/identify', { ...her, traits: { email: canary, firstName: 'Rina' } })
  await post('/v1/track', { ...her, event: 'Consent Given', context: { traits: { email: canary } } })
  await post('/v1/track', cart)
  await post('/v1/track', { ...cart, userId: { [canary]: canary }, timestamp: canary })
  await post('/v1/batch', { batch: [{ type: canary, traits: { email: canary } }] })
  await advance('90m')
  const inbox = (await (await fetch(`${url}/_local/inbox`)).json()) as { id: string; to: string }[]
  const mine = inbox.filter(({ to }) => to.includes(canary))
  const whole = await (await fetch(`${url}/_local/inbox/${mine[0]?.id}`)).json()
  const mail = whole as { html: string; text: string }
  const urls = [...`${mail.html} ${mail.text}`.matchAll(/https?:[^\s"'<>]+/g)].map(([one]) => one)
  const ours = [...new Set(urls.filter((one) => /\/[cuopsvay]\/[A-Za-z0-9_-]{60}/.test(one)))]
  for (const one of ours) {
    const answer = await fetch(one.replaceAll('&amp;', '&'), { redirect: 'manual' })
    answers.push(`${[...answer.headers].join(' ')} ${await answer.text()}`)
  }
  const erased = await runHere('erase', 'u-1', '--yes', '--json', '--data', join(folder, 'data'))
  const late = await post('/v1/track', { ...cart, messageId: 'late', context: { traits: { email: canary } } })
  await advance('2h')
  const rows = await keysOfRows()

  expect(mine.length).toBeGreaterThan(0)
  expect(ours.length).toBeGreaterThan(2)
  expect(erased.code, erased.stderr).toBe(0)
  expect(late.status).toBe(410)
  expect(rows.length).toBeGreaterThan(20)
  expect(written).toContain('"event":"decision"')
  expect(written.split('\n').filter((line) => shows.test(line))).toEqual([])
  expect([...answers, ...urls, ...rows, erased.stdout].filter((text) => shows.test(text))).toEqual([])
}, 180_000)
