/**
 * What `cdk.json` may say about a stage, and how a mistake in it is told.
 */
import { describe, expect, it } from 'vitest'
import { addressOf, readStage, StageConfigError } from '#infra/stage'
import { contextOfCdkJson } from '#infra/synth'

const good = {
  domain: 'mail.shop.example',
  sender: '"Shop" <hello@mail.shop.example>',
  postalAddress: 'Shop, 1 Harbour Street, 20457 Hamburg',
  shopOrigins: ['https://www.shop.example'],
  dueShards: 1,
  allowList: ['*'],
}

const messageOf = (name: string, stages: unknown): string => {
  try {
    readStage(name, stages)
  } catch (error) {
    if (error instanceof StageConfigError) return error.message
    throw error
  }
  return 'accepted'
}

describe('a stage', () => {
  it('is read with its defaults', () => {
    const stage = readStage('dev', { dev: good })

    expect(stage).toMatchObject({ name: 'dev', domain: 'mail.shop.example', maxConcurrency: 2 })
  })

  it.each(['local', 'dev', 'prod'])('%s of cdk.json can be used', async (name) => {
    const { stages } = await contextOfCdkJson()

    expect(messageOf(name, stages)).toBe('accepted')
  })

  it('local writes to anybody with one shard, since nothing leaves the machine', async () => {
    const { stages } = await contextOfCdkJson()

    const stage = readStage('local', stages)

    expect(stage).toMatchObject({ allowList: ['*'], dueShards: 1 })
  })
})

describe('a mistake', () => {
  it.each([
    [{ domain: 'Shop' }, 'domain', 'host name in lower case'],
    [{ sender: 'hello' }, 'sender', 'write an address'],
    [{ sender: 'hello@other.example' }, 'sender', 'must be at mail.shop.example or below'],
    [{ sender: '"A" <a@mail.shop.example>\r\nBcc: x@y.example' }, 'sender', 'write an address'],
    [{ sender: '<hello@mail.shop.example' }, 'sender', 'write an address'],
    [{ sender: 'Shop <hello@mail.shop.example>' }, 'sender', 'a quoted name'],
    [{ postalAddress: '' }, 'postalAddress', 'whole postal address'],
    [{ postalAddress: undefined }, 'postalAddress', 'the law wants it'],
    [{ shopOrigins: [] }, 'shopOrigins', 'at least one origin'],
    [{ shopOrigins: ['https://www.shop.example/'] }, 'shopOrigins.0', 'origin without a path'],
    [{ shopOrigins: ['*'] }, 'shopOrigins', 'only stage local'],
    [{ dueShards: 0.5 }, 'dueShards', 'whole number from 1 to 256'],
    [{ dueShards: 0 }, 'dueShards', 'whole number from 1 to 256'],
    [{ allowList: ['*', 'shop.example'] }, 'allowList.1', 'a domain like @shop.example'],
    [{ allowList: ['@*.shop.example'] }, 'allowList.0', 'a domain like @shop.example'],
    [{ maxConcurrency: 1 }, 'maxConcurrency', '2 to 1000'],
    [{ linkDomain: { name: 'link.shop.example' } }, 'linkDomain.certificateArn', 'ARN of a certificate'],
    [{ alarmEmail: 'ops' }, 'alarmEmail', 'address that alarms go to'],
    [{ domian: 'x' }, 'context.stages.dev', 'domian'],
  ])('%j is told with its path and its cure', (change, path, cure) => {
    const message = messageOf('dev', { dev: { ...good, ...change } })

    expect(message).toContain('cdk.json')
    expect(message).toContain(path)
    expect(message).toContain(cure)
  })

  it('in the name of the stage lists the stages there are', () => {
    const message = messageOf('prd', { dev: good, prod: good })

    expect(message).toContain('no stage "prd"')
    expect(message).toContain('dev, prod')
  })

  it('of leaving the stages out altogether is told too', () => {
    expect(messageOf('dev', undefined)).toContain('no stage "dev"')
  })

  it('in two places is told in one go', () => {
    const message = messageOf('dev', { dev: { ...good, domain: '', dueShards: 0 } })

    expect(message.match(/^ {2}context\.stages\.dev\./gm)).toHaveLength(2)
  })
})

describe('the address of a sender', () => {
  it.each([
    ['hello@shop.example', 'hello@shop.example'],
    ['"Shop, the <real> one" <hello@shop.example>', 'hello@shop.example'],
  ])('%s', (sender, address) => {
    expect(addressOf(sender)).toBe(address)
  })
})
