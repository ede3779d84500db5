/**
 * The first weeks in production, lived through: the doctor, a test mail, a pause, a day that is nearly spent, a
 * domain that warms up, orders that stop arriving. Commands are run as a person runs them.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portsFrom, type StoredPorts } from '#adapters/ports'
import { findStack } from '#adapters/stack'
import { exitCodeOf } from '#cli/doctor/check'
import { doctorOf, stageChecks } from '#cli/doctor/stage'
import { connect } from '#cli/stage/connect'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { type Shopper, shopper } from './shopper.ts'

const root = resolve(import.meta.dirname, '../..')
let folder: string
let homeward: Homeward
let stored: StoredPorts

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-operations-'))
  await cp(join(root, 'templates'), join(folder, 'templates'), { recursive: true })
  homeward = await startHomeward({
    at: '2026-03-02T09:00:00.000Z',
    data: join(folder, 'data'),
    flags: ['--templates', join(folder, 'templates')],
  })
  const credentials = { accessKeyId: 'OPERATOR', secretAccessKey: 'local' }
  const aws = { endpoint: homeward.url, region: 'us-east-1', credentials }
  stored = portsFrom((await findStack('homeward-local', aws)).environment, aws)
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A command as somebody types it who has credentials for a deployed stack: the runtime plays the cloud. */
const inTheCloud = (...argv: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((done) => {
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: homeward.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'OPERATOR',
      AWS_SECRET_ACCESS_KEY: 'local',
    }
    const args = ['cli/run.js', ...argv]
    execFile(process.execPath, args, { cwd: root, timeout: 90_000, env }, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err })
    })
  })

interface Found {
  name: string
  state: string
  found: string
  cure?: string
}

/** What the doctor finds, by the check's name. */
async function doctor(): Promise<{ code: number; checks: Record<string, Found> }> {
  const templates = join(folder, 'templates')
  const { code, stdout } = await homeward.command('doctor', '--json', '--templates', templates)
  const { groups } = JSON.parse(stdout) as { groups: { checks: Found[] }[] }
  const all = groups.flatMap(({ checks }) => checks)
  return { code, checks: Object.fromEntries(all.map((check) => [check.name, check])) }
}

/** The same of the stage alone, asked from here: what does not need a process of its own is not given one. */
async function examined(): Promise<{ code: number; checks: Record<string, Found> }> {
  const stage = await connect({ stack: undefined, data: join(folder, 'data') })
  const all = await stageChecks(doctorOf(stage))
  return { code: exitCodeOf(all), checks: Object.fromEntries(all.map((check) => [check.name, check])) }
}

/** Makes the account at SES another one; functions ask again after a minute. */
async function account(standing: Record<string, unknown>): Promise<void> {
  const answer = await homeward.post('/_local/ses', standing)
  if (answer.status !== 200) throw new Error(answer.text)
  await homeward.advance('2m')
}

/** On to the next time the clocks of UTC show `hour`. */
async function nextAt(hour: string): Promise<void> {
  const now = await homeward.now()
  const at = `${now.slice(0, 10)}T${hour}:00.000Z`
  await homeward.advance({ to: at > now ? at : new Date(Date.parse(at) + 86_400_000).toISOString() })
}

/** Puts something at the end of the settings, and waits until it is live. */
async function withSettings(lines: string): Promise<() => Promise<void>> {
  const file = join(folder, 'templates', 'settings.yaml')
  const before = await readFile(file, 'utf8')
  const save = async (text: string) => {
    const release = async () => (await stored.workspace.live())?.release ?? 0
    const was = await release()
    await writeFile(file, text)
    await expect.poll(release, { timeout: 30_000 }).toBeGreaterThan(was)
  }
  await save(`${before}\n${lines}\n`)
  return () => save(before)
}

const reminders = async (her: { got(): Promise<string[]> }) =>
  (await her.got()).filter((mail) => mail === 'abandoned-cart/reminder')

describe('npm run doctor', () => {
  it('finds nothing bad where all is well, and ends with 0', async () => {
    const { code, checks } = await doctor()

    expect(Object.values(checks).filter(({ state }) => state !== 'ok')).toEqual([])
    expect(code).toBe(0)
    expect(checks['Embedded database']?.found).toBe('starts')
    expect(checks.DNS?.found).toMatch(/not needed here/)
    expect(checks['SES quota']?.found).toMatch(/^0 of 5,000,000 mails in 24 hours/)
    expect(checks['Lambda concurrency']?.found).toMatch(/^1,000 free of 1,000/)
    expect(checks['Dead letters urgent']?.found).toBe('none')
  })

  it('shows who is parked with the command that says why, and ends with 1', async () => {
    const rina = await shopper(homeward)
    const { customerId = '' } = (await homeward.customer(rina.email)) ?? {}
    await stored.customers.park(customerId, { at: await homeward.now(), eventKeys: ['k'], error: 'broken' })

    const { code, checks } = await doctor()
    const parked = await stored.customers.parked(customerId)
    if (parked !== undefined) await stored.customers.unpark(customerId, parked)

    expect(code).toBe(1)
    expect(checks.Parked).toMatchObject({ state: 'bad', found: `1 customer: ${customerId}` })
    expect(checks.Parked?.cure).toContain(`npm run why -- ${customerId}`)
    expect(JSON.stringify(checks)).not.toContain(rina.email)
  })

  it('says what the sandbox means and where one gets out of it', async () => {
    await account({ sandbox: true, perDay: 200, perSecond: 1 })

    const { code, checks } = await examined()
    await account({ sandbox: false, perDay: 5_000_000, perSecond: 500 })

    expect(code).toBe(1)
    expect(checks['SES sandbox']).toMatchObject({ state: 'bad' })
    expect(checks['SES sandbox']?.cure).toMatch(/production access/)
  })

  it('says of a stack that is not there what to do', async () => {
    const looked = await inTheCloud('doctor', '--stack', 'homeward-nowhere')
    const paused = await inTheCloud('pause', '--stack', 'homeward-nowhere')

    expect(looked.code).toBe(1)
    expect(looked.out).toContain('there is no stack homeward-nowhere in this account and region')
    expect(looked.out).toContain('npm run deploy')
    expect(paused.code).toBe(1)
    expect(paused.err).toContain('there is no stack homeward-nowhere')
  })

  it('of a deployed stage gives the DNS records to copy', async () => {
    const { out } = await inTheCloud('doctor', '--stack', 'homeward-local')

    expect(out).toContain('DNS records of the stage, to copy')
    expect(out).toMatch(/bounce\.shop\.example +MX +10 feedback-smtp\.us-east-1\.amazonses\.com/)
    expect(out).toMatch(/_dmarc\.shop\.example +TXT +"v=DMARC1; p=none/)
    expect(out).not.toContain('Embedded database')
  })
})

describe('npm run send-test', () => {
  it('sends the live mail to oneself, and nothing else is changed by it', async () => {
    const rina = await shopper(homeward, { firstName: 'Rina "R" <b>' })
    await rina.fillsCart()
    await homeward.advance('5m')
    const before = await homeward.customer(rina.email)

    const ran = await homeward.command(
      ...['send-test', 'abandoned-cart/reminder', '--to', 'me@shop.example', '--as', rina.email],
    )
    await homeward.advance('5m')

    const [head] = await homeward.inbox('me@shop.example')
    const mail = await homeward.mail(head?.id ?? '')
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Sent to me@shop.example: [Test]') })
    expect(mail.subject).toMatch(/^\[Test\] Rina/)
    expect(mail.html).toContain('Linen throw')
    expect(mail.html).not.toContain(rina.email)
    expect(await homeward.customer('me@shop.example')).toBeUndefined()
    expect((await homeward.customer(rina.email))?.timeline).toEqual(before?.timeline)
  })

  it('carries no link of anybody: what is ours leads nowhere, the shop’s own pages are plain', async () => {
    const [head] = await homeward.inbox('me@shop.example')
    const { html, headers } = await homeward.mail(head?.id ?? '')
    const own = html.match(new RegExp(`${homeward.url}/[a-z]/[\\w-]+`, 'g')) ?? []

    const answers = await Promise.all(own.map((url) => homeward.get(new URL(url).pathname)))

    expect(own.length).toBeGreaterThan(0)
    for (const { status } of answers) expect([404, 410]).toContain(status)
    expect(html).not.toContain(`${homeward.url}/c/`)
    expect(headers).not.toHaveProperty('List-Unsubscribe')
  })

  it('speaks another language, and of a sample person when nobody is named', async () => {
    const ran = await homeward.command(
      ...['send-test', 'abandoned-cart/reminder', '--to', 'bn@shop.example', '--locale', 'bn', '--draft'],
    )

    const [head] = await homeward.inbox('bn@shop.example')
    expect(ran.code).toBe(0)
    expect(head?.subject).toMatch(/^\[Test\] .*[\u0980-\u09ff]/)
  })

  it('says which mails there are when it is asked for one that is not', async () => {
    const mail = await homeward.command('send-test', 'abandoned-cart/remindr', '--to', 'me@shop.example')
    const journey = await homeward.command('send-test', 'abandoned-cat', '--to', 'me@shop.example')

    expect([mail.code, journey.code]).toEqual([1, 1])
    expect(mail.stderr).toContain('abandoned-cart/reminder, abandoned-cart/last-call')
    expect(journey.stderr).toContain('abandoned-cart')
  })
})

describe('a pause', () => {
  it('holds what falls due until resume, and the doctor says so', async () => {
    const rina = await shopper(homeward)
    await homeward.advance('5m')
    await rina.fillsCart()
    const paused = await homeward.command('pause')
    await homeward.advance('65m')
    const held = { got: await reminders(rina), reasons: rina.reasons(), ...(await examined()) }

    const resumed = await homeward.command('resume')
    await homeward.advance('16m')

    expect([paused.code, resumed.code]).toEqual([0, 0])
    expect(held.got).toEqual([])
    expect(held.reasons).toContain('held paused')
    expect(held.code).toBe(0)
    expect(held.checks.Paused).toMatchObject({ state: 'warn', cure: 'npm run resume' })
    expect(await reminders(rina)).toHaveLength(1)
  })
})

describe('a day that is nearly spent', () => {
  it('lets the thanks for an order go, holds the reminder, and sends it when the day is over', async () => {
    await nextAt('09:00')
    const [buyer, rina] = [await shopper(homeward), await shopper(homeward)]
    await homeward.advance('5m')
    await account({ perDay: 100, sent: 98 })

    await buyer.orders()
    await rina.fillsCart()
    await homeward.advance('65m')
    const first = { buyer: await buyer.got(), rina: await reminders(rina), reasons: rina.reasons() }
    const { checks } = await examined()
    await nextAt('09:55')
    await account({ perDay: 5_000_000 })

    expect(first.buyer.some((mail) => mail.startsWith('after-order/'))).toBe(true)
    expect(first.rina).toEqual([])
    expect(first.reasons).toContain('held quota')
    expect(checks['SES quota']).toMatchObject({ state: 'warn' })
    expect(await reminders(rina)).toHaveLength(1)
  })
})

describe('a domain that warms up', () => {
  it('sends three of five reminders today and the other two tomorrow', async () => {
    const five: Shopper[] = []
    for (let index = 0; index < 5; index += 1) five.push(await shopper(homeward))
    await nextAt('11:00')
    const now = await homeward.now()
    // What others got today counts too.
    const { marketing } = await stored.workspace.leasedOn(Date.parse(now))
    const undo = await withSettings(
      `warmUp: { from: ${now.slice(0, 10)}, mails: ${marketing + 3}, growth: 2 }`,
    )

    for (const her of five) await her.fillsCart()
    await homeward.advance('65m')
    const sentBy = async () => (await Promise.all(five.map(reminders))).flat().length
    const first = await sentBy()
    const reasons = five.map((her) => her.reasons().at(-1))
    await nextAt('08:30')

    const second = await sentBy()
    await undo()
    expect(first).toBe(3)
    expect(reasons.filter((reason) => reason === 'held warm-up')).toHaveLength(2)
    expect(second).toBe(5)
  })
})

describe('orders that stop arriving', () => {
  it('hold a reminder until one order comes', async () => {
    const buyer = await shopper(homeward)
    for (let index = 0; index < 10; index += 1) {
      await buyer.orders()
      await homeward.advance('1m')
    }
    await nextAt('09:00')
    await homeward.advance('49h')
    const rina = await shopper(homeward)
    await homeward.advance('5m')

    await rina.fillsCart()
    await homeward.advance('65m')
    const silent = { got: await reminders(rina), reasons: rina.reasons(), ...(await examined()) }
    await buyer.orders()
    await homeward.advance('16m')

    expect(silent.got).toEqual([])
    expect(silent.reasons).toContain('held no-orders')
    expect(silent.checks.Orders).toMatchObject({ state: 'bad' })
    expect(await reminders(rina)).toHaveLength(1)
    expect((await examined()).checks.Orders?.state).toBe('ok')
  })
})
