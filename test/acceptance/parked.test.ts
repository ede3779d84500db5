/**
 * An input that cannot be decided, on the booted stack: a release whose journey walks in circles on every order.
 * The customer is parked and the rest goes on; her state does not hear of the order, as if the stream lagged for
 * hours, and still no reminder is sent; once the release is mended, redrive decides her.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { portsFrom, type StoredPorts } from '#adapters/ports'
import { findStack } from '#adapters/stack'
import type { Live, Release } from '#core/release'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { shopper } from './shopper.ts'

let homeward: Homeward
let stored: StoredPorts

beforeAll(async () => {
  homeward = await startHomeward({ at: '2026-03-02T09:00:00.000Z' })
  const aws = {
    endpoint: homeward.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
  }
  stored = portsFrom((await findStack('homeward-local', aws)).environment, aws)
}, 120_000)

afterAll(async () => homeward?.stop())

/** Makes a release live in which the journey `welcome` begins with an order and then walks in circles. */
async function breakOrders(): Promise<Live> {
  const live = await stored.workspace.live()
  const release = live && (await stored.workspace.release(live.release))
  const welcome = release?.journeys.welcome
  if (live === undefined || release === undefined || welcome === undefined) throw new Error('nothing is live')
  const journey = { ...welcome.journey, enter: { on: ['Order Completed'] }, exit: [] }
  const circle = { ...welcome, id: 'circle', journey, program: [{ op: 'jump' as const, to: 0 }] }
  const broken: Release = {
    ...release,
    number: release.number + 1000,
    journeys: { ...release.journeys, circle },
  }
  await stored.workspace.putRelease(broken)
  await stored.workspace.putLive({ ...live, release: broken.number }, live)
  return live
}

it('a customer who cannot be decided is parked, the rest goes on, no reminder follows her order, and redrive mends it', async () => {
  const rina = await shopper(homeward)
  const mina = await shopper(homeward)
  await rina.fillsCart()
  await mina.fillsCart()
  await homeward.advance('30m')

  const good = await breakOrders()
  await rina.orders('circle-1')
  await homeward.advance('40m')
  const lagging = await homeward.customer(rina.email)
  const parked = await stored.customers.allParked()

  expect(parked).toEqual([lagging?.customerId])
  expect(lagging?.profile).toMatchObject({ orderCount: 0 })
  expect(rina.reasons()).toContain('skipped ordered')
  expect(await rina.got()).not.toContain('abandoned-cart/reminder')
  expect(await mina.got()).toContain('abandoned-cart/reminder')

  const listed = await homeward.command('parked', '--json')
  const dryBefore = await homeward.command('redrive', '--all', '--dry-run', '--json')
  const broken = await stored.workspace.live()
  await stored.workspace.putLive(good, broken)
  const dryAfter = await homeward.command('redrive', '--all', '--dry-run')
  expect(listed.code).toBe(1)
  expect(JSON.parse(listed.stdout)).toMatchObject({
    stack: 'homeward-local',
    parked: [{ customerId: lagging?.customerId, error: expect.stringMatching(/./) }],
  })
  expect(dryBefore.code).toBe(1)
  expect(JSON.parse(dryBefore.stdout)).toMatchObject({ result: 'parked', dryRun: true })
  expect(dryAfter.code, dryAfter.stderr).toBe(0)
  expect(dryAfter.stderr).toContain('1 customer would be decided again. Nothing was changed.')
  expect(await stored.customers.allParked()).toHaveLength(1)

  const answer = await homeward.command('redrive', '--all')
  await homeward.advance('1m')

  expect(answer.code, answer.stderr).toBe(0)
  expect(await stored.customers.allParked()).toEqual([])
  expect((await homeward.customer(rina.email))?.profile).toMatchObject({ orderCount: 1 })
  expect((await homeward.command('parked')).code).toBe(0)
})

it('a mail whose outcome nobody knows is listed, and the command ends with 1', async () => {
  const none = await homeward.command('unresolved', '--json')
  await shopper(homeward)
  await homeward.post('/_local/faults', { service: 'ses', action: 'SendEmail', fault: 'reset', times: 1 })
  await homeward.advance('2h')
  const waiting = await homeward.command('unresolved', '--json')

  expect(none.code).toBe(0)
  expect(waiting.code).toBe(1)
  const { messages } = JSON.parse(waiting.stdout)
  expect(messages).toMatchObject([{ journey: 'welcome', step: 'welcome', status: 'UNKNOWN' }])
})
