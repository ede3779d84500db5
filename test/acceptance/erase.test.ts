/**
 * A person's rights on the booted stack: all that is known about her handed out, all of it erased, whatever is
 * still on its way afterwards; and write keys that are rotated without a call being refused.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredPorts } from '#adapters/ports'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { shopper } from './shopper.ts'
import { storedOf, straggler } from './stored.ts'

let homeward: Homeward
let stored: StoredPorts
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-erase-'))
  homeward = await startHomeward({ at: '2026-06-01T09:00:00.000Z', data: join(folder, 'data') })
  stored = await storedOf(homeward)
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(folder, { recursive: true, force: true })
})

const command: Homeward['command'] = (...words) => homeward.command(...words)

/** A customer who was sent a cart reminder, with her id. */
async function reminded() {
  const her = await shopper(homeward)
  await her.fillsCart()
  await homeward.advance('2h')
  const { customerId = '' } = (await homeward.customer(her.email)) ?? {}
  return { her, customerId }
}

const left = async (customerId: string) => ({
  events: (await stored.events.eventsOf(customerId)).length,
  messages: (await stored.messages.messagesOf(customerId)).length,
  decisions: (await stored.customers.decisionsOf(customerId)).length,
})
const nothing = { events: 0, messages: 0, decisions: 0 }

describe('export', () => {
  it('holds everything of hers and nothing of others, readable by its owner only', async () => {
    const { her } = await reminded()
    const other = await shopper(homeward, { firstName: 'Noor-of-another' })
    const out = join(folder, 'her.json')

    const written = await command('export', her.email, '--out', out)
    const printed = await command('export', her.userId)

    expect(written.code, written.stderr).toBe(0)
    const text = await readFile(out, 'utf8')
    const document = JSON.parse(text)
    expect((await stat(out)).mode & 0o077).toBe(0)
    expect(document).toMatchObject({
      schema: 1,
      ids: { userIds: [her.userId], addresses: [her.email] },
      inboxes: [{ address: her.email, consent: { '*': { given: true } } }],
    })
    const names = document.events.map(({ name }: { name: string }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['Identified', 'Consent Given', 'Cart Updated', 'Email Sent']),
    )
    expect(document.messages[0].renderedFrom).toMatchObject({ customer: { firstName: 'Rina' } })
    expect(document.decisions.length).toBeGreaterThan(0)
    expect(text).not.toContain(other.email)
    expect(text).not.toContain('Noor-of-another')
    expect(JSON.parse(printed.stdout).events).toEqual(document.events)
  })
})

describe('erase', () => {
  it('takes out all that is known, and a late order is refused and kept nowhere', async () => {
    const { her, customerId } = await reminded()
    const before = await left(customerId)

    const erased = await command('erase', her.email, '--yes', '--json')
    const late = await homeward.post(
      '/v1/track',
      {
        userId: her.userId,
        event: 'Order Completed',
        properties: { order_id: 'late-1', total: 5, currency: 'EUR' },
      },
      { key: homeward.keys.server },
    )
    await homeward.advance('1h')

    expect(before.events).toBeGreaterThan(3)
    expect(erased.code, erased.stderr).toBe(0)
    expect(JSON.parse(erased.stdout)).toMatchObject({ again: false, erased: { people: 1, inboxes: 1 } })
    expect(late).toMatchObject({ status: 410, body: { code: 'erased' } })
    expect(await left(customerId)).toEqual(nothing)
    expect(await stored.events.orderTakenBy('late-1')).toBeUndefined()
    expect(await homeward.customer(her.email)).toBeUndefined()
    const why = await command('why', her.email)
    expect(why).toMatchObject({ code: 1, stdout: '' })
  })

  it('holds when the stream brings something afterwards, and a click on an old link leads on and is kept nowhere', async () => {
    const { her, customerId } = await reminded()
    const [mail] = await homeward.inbox(her.email)
    const { html } = await homeward.mail(mail?.id ?? '')
    const link = /href="(http[^"]+\/c\/[^"]+)"/.exec(html)?.[1] ?? ''
    const unsubscribe = /href="(http[^"]+\/u\/[^"]+)"/.exec(html)?.[1] ?? ''
    const before = await her.got()
    await command('erase', her.email, '--yes')

    const clicked = await homeward.get(new URL(link).pathname)
    const page = await homeward.get(new URL(unsubscribe).pathname)
    const unsubscribed = await homeward.post(new URL(unsubscribe).pathname, 'List-Unsubscribe=One-Click', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await homeward.advance('1h')

    expect(clicked.status).toBe(404)
    expect([page.status, unsubscribed.status]).toEqual([200, 200])
    expect(await left(customerId)).toEqual(nothing)
    expect(await her.got()).toEqual(before)
  })

  it('removes at once what was past the door when she was erased', async () => {
    const { her, customerId } = await reminded()
    const before = await her.got()
    await command('erase', her.email, '--yes')
    const at = await homeward.now()

    await stored.events.record(straggler(customerId, at), [])
    await homeward.advance('2h')

    expect(await left(customerId)).toEqual(nothing)
    expect(await her.got()).toEqual(before)
  })

  it('killed half-way is finished by running it again, and repeating it is harmless', async () => {
    const { her, customerId } = await reminded()
    for (let page = 0; page < 6; page += 1) {
      const batch = Array.from({ length: 40 }, (_, index) => ({
        type: 'track',
        userId: her.userId,
        event: 'Product Viewed',
        messageId: `view-${page}-${index}`,
        properties: { product_id: `p-${index}` },
      }))
      await homeward.say('batch', { batch })
    }
    await homeward.advance('1m')
    const args = ['cli/run.js', 'erase', her.email, '--yes', '--data', join(folder, 'data')]
    const child = spawn(process.execPath, args, {
      cwd: resolve(import.meta.dirname, '../..'),
      stdio: 'ignore',
    })
    const isGone = new Promise((done) => child.once('exit', done))
    // Killed as soon as something is missing, long before all is.
    const all = (await left(customerId)).events
    await expect
      .poll(async () => (await left(customerId)).events, { interval: 5, timeout: 30_000 })
      .toBeLessThan(all)
    child.kill('SIGKILL')
    await isGone
    const half = await left(customerId)

    const again = await command('erase', her.email, '--yes')
    const once = await command('erase', her.userId, '--yes')

    expect(half.events).toBeGreaterThan(0)
    expect(again.code, again.stderr).toBe(0)
    expect(await left(customerId)).toEqual(nothing)
    expect(once.stderr).toContain('Erased before; nothing was left.')
  })

  it('asks first, and asks nobody where nobody is', async () => {
    const her = await shopper(homeward)

    const unasked = await command('erase', her.email)
    const nobody = await command('erase', 'nobody@shoppers.example', '--yes')

    expect(unasked).toMatchObject({ code: 2, stdout: '' })
    expect(unasked.stderr).toContain('--yes')
    expect(await homeward.customer(her.email)).toBeDefined()
    expect(nobody).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('keys', () => {
  it('rotate while both work, and the old one is refused once it is revoked', async () => {
    const say = (key: string) =>
      homeward.post('/v1/track', { userId: 'a-key-user', event: 'Anything' }, { key })
    const rotated = await command('keys', 'rotate', '--kind', 'server', '--name', 'checkout')
    const key = rotated.stdout.trim()
    const both = [(await say(key)).status, (await say(homeward.keys.server)).status]
    const listed = await command('keys', '--json')

    const revoked = await command('keys', 'revoke', key.slice(-4))
    const afterwards = await say(key)
    const last = await command('keys', 'revoke', homeward.keys.server.slice(-4))

    expect(rotated.code, rotated.stderr).toBe(0)
    expect(both).toEqual([200, 200])
    const { keys } = JSON.parse(listed.stdout)
    expect(keys).toHaveLength(3)
    expect(keys).toContainEqual(
      expect.objectContaining({ kind: 'server', name: 'checkout', tail: key.slice(-4) }),
    )
    expect(listed.stdout).not.toContain(key)
    expect(rotated.stderr).toContain(`npm run keys -- revoke ${homeward.keys.server.slice(-4)}`)
    expect(revoked.code, revoked.stderr).toBe(0)
    expect(afterwards).toMatchObject({ status: 401, body: { code: 'unknown-key' } })
    expect(last.code).toBe(1)
    expect(last.stderr).toContain('last key of the server')
    expect((await say(homeward.keys.server)).status).toBe(200)
  })
})
