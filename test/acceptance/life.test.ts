/**
 * The life of a message on bad days: the mail service refuses, accepts and answers with an error, says
 * nothing; the runtime is killed; the shop's bounces and complaints come back. At most one mail, ever.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom, shopper } from './shopper.ts'

let data: string
let homeward: Homeward

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'homeward-life-'))
  homeward = await startHomeward({ at: '2026-06-01T09:00:00.000Z', data })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(data, { recursive: true, force: true })
})

const fault = async (kind: string, times = 1) => {
  const answer = await homeward.post('/_local/faults', {
    service: 'ses',
    action: 'SendEmail',
    fault: kind,
    times,
  })
  expect(answer.status).toBe(200)
}

const morning = async () => {
  const now = await homeward.now()
  await homeward.advance({
    to: `${new Date(Date.parse(now) + 86_400_000).toISOString().slice(0, 10)}T11:00:00.000Z`,
  })
}

const reminders = async (email: string) =>
  (await homeward.inbox(email)).filter(({ step }) => step === 'reminder')

describe('the mail service', () => {
  it('refuses for its rate: the mail goes out a little later, once', async () => {
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('50m')

    await fault('429')
    await homeward.advance('20m')

    expect(rina.reasons()).toContain('released not-sent')
    expect(await reminders(rina.email)).toHaveLength(1)
  })

  it('accepts and answers with an error: never a second mail, and evidence settles it as sent', async () => {
    await morning()
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('50m')

    await fault('500-after-accept')
    await homeward.advance('11h')

    expect(await reminders(rina.email)).toHaveLength(1)
    const customer = await homeward.customer(rina.email)
    const message = customer?.timeline.find(
      (entry) => entry.kind === 'message' && JSON.stringify(entry).includes('reminder'),
    )
    expect(JSON.stringify(message)).toMatch(/SENT|sent/)
  })

  it.each(['500', 'reset', 'timeout'])(
    'answers %s: it may have been taken, so it is never sent again, and ends closed',
    async (kind) => {
      await morning()
      const rina = await shopper(homeward)
      await rina.fillsCart()
      await homeward.advance('50m')

      await fault(kind)
      await homeward.advance('80h')

      expect(await reminders(rina.email)).toEqual([])
      expect(rina.reasons()).toContain('unknown unknown')
      expect(rina.reasons()).toContain('closed closed')
    },
  )
})

describe('what comes back', () => {
  it('a hard bounce suppresses the address at once', async () => {
    await morning()
    const rina = await shopper(homeward, { email: 'bounce@simulator.amazonses.com' })

    await rina.fillsCart()
    await homeward.advance('61m')

    expect(rina.reasons()).toContain('skipped suppressed')
  })

  it('a complaint suppresses the address at once', async () => {
    await morning()
    const rina = await shopper(homeward, { email: 'complaint@simulator.amazonses.com' })

    await rina.fillsCart()
    await homeward.advance('61m')

    expect(rina.reasons()).toContain('skipped suppressed')
  })
})

describe('a click', () => {
  it('leads to the stored page, counts for a human only, and a bent link leads nowhere', async () => {
    await morning()
    const rina = await shopper(homeward)
    await rina.fillsCart([loom])
    await homeward.advance('61m')
    const [head] = await reminders(rina.email)
    const mail = await homeward.mail(head?.id ?? '')
    const link = /href="([^"]+\/c\/[\w-]+)"/.exec(mail.html)?.[1] ?? ''
    const path = new URL(link).pathname
    await homeward.advance('5m')

    const human = await homeward.get(path, { 'user-agent': 'Mozilla/5.0 (iPhone) Safari/605.1' })
    const bent = await homeward.get(path.slice(0, -2) + (path.endsWith('aa') ? 'bb' : 'aa'))
    await homeward.advance('1m')

    expect(human.status).toBe(302)
    // on this machine the sample shop stands in for one whose address is an example
    expect(human.headers.get('location')).toBe(`${homeward.url}/shop`)
    expect(bent.status).toBe(404)
    const names = (await homeward.customer(rina.email))?.timeline.map(({ name }) => name)
    expect(names).toContain('Email Clicked')
  })
})

describe('a restart', () => {
  it('in the middle of a run changes nothing', async () => {
    await morning()
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('30m')
    const keys = homeward.keys

    await homeward.stop()
    homeward = await startHomeward({ data })
    await homeward.advance('31m')

    expect(homeward.keys).toEqual(keys)
    expect(await reminders(rina.email)).toHaveLength(1)
  })

  it('after kill -9 loses nothing accepted and sends nothing twice', async () => {
    await morning()
    const rina = await shopper(homeward)
    const other = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('61m')
    await other.fillsCart()

    await homeward.kill()
    homeward = await startHomeward({ data })
    await homeward.advance('62m')

    expect(await reminders(rina.email)).toHaveLength(1)
    expect(await reminders(other.email)).toHaveLength(1)
  })
})
