/** Keys, stack, environment and log: what the outside gives, checked, and errors that say what, where, cure. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stageFrom } from '#adapters/environment'
import { logLine } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { findStack } from '#adapters/stack'
import { limits } from '#core/limits'
import { type Recorder, startRecorder } from '#test/fixture/recorder'
import { templateOf } from '#test/infra/template'

let recorder: Recorder
beforeEach(async () => {
  recorder = await startRecorder()
})
afterEach(async () => {
  vi.useRealTimers()
  await recorder.close()
})

const secretNames = { ADDRESS_KEY_SECRET: 'arn:address', LINK_KEYS_SECRET: 'arn:links' }

describe('the keys', () => {
  it('are fetched once, however many ask at once', async () => {
    recorder.answers.push({ status: 200, body: { SecretString: 'an-address-key-0123456789' } })
    const keys = keysFrom(secretNames, recorder.aws)

    const found = await Promise.all([keys.addressKey(), keys.addressKey(), keys.addressKey()])

    expect(new Set(found)).toEqual(new Set(['an-address-key-0123456789']))
    expect(recorder.asked.map(({ body }) => body)).toEqual([{ SecretId: 'arn:address' }])
  })

  it('of links come by version', async () => {
    const links = { '1': 'a-link-key-0123456789', '2': 'another-link-key-0123456789' }
    recorder.answers.push({ status: 200, body: { SecretString: JSON.stringify(links) } })

    const found = await keysFrom(secretNames, recorder.aws).linkKeys()

    expect(found).toEqual(links)
  })

  it('of links are read again for one that is not known, not often, and kept when that fails', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const startMs = Date.now()
    const old = { '1': 'a-link-key-0123456789' }
    const both = { ...old, '2': 'another-link-key-0123456789' }
    recorder.answers.push(
      { status: 200, body: { SecretString: JSON.stringify(old) } },
      { status: 200, body: { SecretString: JSON.stringify(both) } },
      { status: 400, errorType: 'AccessDeniedException', body: { message: 'no' } },
    )
    const { linkKeys } = keysFrom(secretNames, recorder.aws)
    const at = async (ms: number, wanted?: string) => {
      vi.setSystemTime(startMs + ms)
      return linkKeys(wanted)
    }

    const found = [
      await at(0),
      await at(limits.linkKeysAgainMs, '1'),
      await at(limits.linkKeysAgainMs - 1, '2'),
      await at(limits.linkKeysAgainMs, '2'),
      await at(limits.linkKeysAgainMs + 1, '3'),
    ]
    await expect(at(2 * limits.linkKeysAgainMs, '3')).rejects.toMatchObject({ code: 'secret-failed' })
    const kept = await at(2 * limits.linkKeysAgainMs, '2')

    expect(found).toEqual([old, old, old, both, both])
    expect(kept).toEqual(both)
    expect(recorder.asked).toHaveLength(3)
  })

  it('are asked for again after a failure', async () => {
    recorder.answers.push(
      { status: 400, errorType: 'ResourceNotFoundException', body: { message: 'no' } },
      { status: 200, body: { SecretString: 'an-address-key-0123456789' } },
    )
    const keys = keysFrom(secretNames, recorder.aws)

    await expect(keys.addressKey()).rejects.toMatchObject({ code: 'secret-failed', retryable: false })

    expect(await keys.addressKey()).toBe('an-address-key-0123456789')
  })

  it.each(['', 'not json', '{"one":"a-link-key-0123456789"}', '{"1":"short"}', '[]'])(
    'of links are refused when they are %s',
    async (text) => {
      recorder.answers.push({ status: 200, body: { SecretString: text } })

      const asking = keysFrom(secretNames, recorder.aws).linkKeys()

      await expect(asking).rejects.toMatchObject({ code: 'secret-invalid' })
    },
  )
})

const described = (outputs: Record<string, string>) => `<DescribeStacksResponse
  xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
  <StackName>homeward-dev</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
  <CreationTime>2026-03-02T09:00:00Z</CreationTime><Outputs>${Object.entries(outputs)
    .map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    .join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`

describe('a stack', () => {
  it('gives the variables that its functions have', async () => {
    const outputs = {
      EventsTable: 'homeward-dev-Events',
      WakeQueueUrl: 'https://sqs/wake',
      ApiUrl: 'https://api',
    }
    recorder.answers.push({ status: 200, body: described(outputs) })

    const stack = await findStack('homeward-dev', recorder.aws)

    expect(stack.environment).toMatchObject({
      EVENTS_TABLE: 'homeward-dev-Events',
      WAKE_QUEUE_URL: 'https://sqs/wake',
    })
    expect(stack.outputs.ApiUrl).toBe('https://api')
    expect(recorder.asked[0]?.body).toMatchObject({ Action: 'DescribeStacks', StackName: 'homeward-dev' })
  })

  it('tells its settings in letters that CloudFormation gives back, and is read as they were', async () => {
    const postalAddress = 'Große Straße 1, 100 % Köln, ঢাকা'
    const { Outputs } = await templateOf('dev', { postalAddress })
    const told = Object.entries(Outputs).flatMap(([name, { Value }]) =>
      typeof Value === 'string' ? [[name, Value.replaceAll('<', '&lt;')] as const] : [],
    )
    recorder.answers.push({ status: 200, body: described(Object.fromEntries(told)) })

    const stack = await findStack('homeward-dev', recorder.aws)

    expect(told.filter(([, value]) => /[^ -~]/.test(value))).toEqual([])
    expect(stack.environment).toMatchObject({ POSTAL_ADDRESS: postalAddress })
  }, 120_000)

  it('that is not there is missing, with its cure', async () => {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
      <Message>Stack with id homeward-prod does not exist</Message></Error></ErrorResponse>`
    recorder.answers.push({ status: 400, body })

    const asking = findStack('homeward-prod', recorder.aws)

    await expect(asking).rejects.toMatchObject({ code: 'stack-missing' })
    await expect(asking).rejects.toThrow(/homeward-prod.*npm run deploy/)
  })
})

describe('the environment', () => {
  it('is only asked for what is used', async () => {
    const ports = portsFrom({}, recorder.aws)

    await expect(ports.customers.load('c1')).rejects.toMatchObject({ code: 'environment-invalid' })
    await expect(ports.customers.load('c1')).rejects.toThrow(/CUSTOMERS_TABLE.*not set.*deploy/)
  })

  it('reads the allow-list as a list', () => {
    expect(stageFrom({ ALLOW_LIST: ' *, @shop.example ,' }).allowList).toEqual(['*', '@shop.example'])
    expect(stageFrom({ ALLOW_LIST: '' }).allowList).toEqual([])
  })
})

describe('the log', () => {
  it.each([
    'rahima@shop.example',
    'Rahima.O_Neil+tag@mail.shop.example',
    'রহিমা@পণ্য.example',
    'rahima%40shop.example',
    "o'neil@shop.example",
  ])('never holds an address: %s', (address) => {
    const line = logLine({
      to: address,
      nested: [{ text: `to <${address}>, "${address}"` }],
      error: new Error(`cannot send to ${address}`),
    })

    expect(line).not.toContain(address)
    expect(line).not.toMatch(/shop|পণ্য/)
    expect(JSON.parse(line)).toMatchObject({ to: '<address>' })
  })

  it('is one line of JSON, whatever it is given', () => {
    const loop: Record<string, unknown> = { text: 'a\nb' }
    loop.self = loop

    const lines = [logLine({ text: 'a\nb', big: 1n, error: new Error('no') }), logLine(loop)]

    for (const line of lines) {
      expect(line).not.toContain('\n')
      expect(JSON.parse(line)).toBeTypeOf('object')
    }
  })

  it('leaves ids and urls as they are', () => {
    const line = { messageId: 'mXbAEDc5SfdJ8UZjB', url: 'https://shop.example/a?b=1', day: '2026-03-02#m1' }

    expect(JSON.parse(logLine(line))).toEqual(line)
  })
})
