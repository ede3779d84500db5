/**
 * Moving in, on the booted stack: a shop's list with those who agreed, who left and who bounced, and its orders
 * of the past, by the command a marketer types. Nobody is mailed because of it; what happens afterwards mails
 * as ever; an import that was killed goes on and ends as one that was not.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { loom } from './shopper.ts'

let homeward: Homeward
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-import-'))
  homeward = await startHomeward({ at: '2026-06-01T09:00:00.000Z', data: join(folder, 'data') })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A file of these lines, by its path. */
async function aFile(name: string, ...lines: string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `${lines.join('\r\n')}\r\n`)
  return path
}

const importing = (path: string, ...flags: string[]) => homeward.command('import', path, ...flags)

const profileOf = async (email: string) => (await homeward.customer(email))?.profile

const header = 'Email Address,First Name,Status,Opt-in Time,Signup Source,timezone,Points'

describe('a list of customers', () => {
  it('brings profiles, consent with its proof, and no mail to anybody', async () => {
    const path = await aFile(
      'list.csv',
      header,
      'mia@list.example,মিয়া,subscribed,2024-05-31 10:00:00,Sign-up form,UTC,120',
      'noor@list.example,"Noor ""the"" <b>",subscribed,,,UTC,',
      'rina@list.example,Rina,unsubscribed,,,UTC,',
      'kim@list.example,Kim,,,,UTC,',
    )

    const { code, stdout, stderr } = await importing(path, '--json')
    await homeward.advance('3d')

    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout).counts).toEqual({
      subscribed: 1,
      'without proof': 1,
      unsubscribed: 1,
      'no choice': 1,
    })
    expect(stderr).toMatch(/Opt-in Time\s+→ consentAt/)
    expect(stderr).toMatch(/Points\s+→ trait "Points"/)
    expect(await profileOf('mia@list.example')).toMatchObject({
      firstName: 'মিয়া',
      consent: { '*': { given: true, at: '2024-05-31T10:00:00.000Z', source: 'Sign-up form' } },
    })
    expect(await profileOf('noor@list.example')).toMatchObject({ firstName: 'Noor "the" <b>', consent: {} })
    expect(await profileOf('rina@list.example')).toMatchObject({ consent: { '*': { given: false } } })
    expect((await homeward.inbox()).filter(({ to }) => to.includes('@list.example'))).toEqual([])
  })

  it('lets a later cart mail who agreed, and never who left, bounced or did not prove it', async () => {
    const path = await aFile(
      'carts.csv',
      header,
      'yes@cart.example,Yes,subscribed,2024-05-31,Form,UTC,',
      'left@cart.example,Left,unsubscribed,,,UTC,',
      'bounced@cart.example,Bounced,cleaned,,,UTC,',
      'unproven@cart.example,Unproven,subscribed,,,UTC,',
    )
    await importing(path)
    await homeward.advance({ to: '2026-06-08T09:00:00.000Z' })

    for (const name of ['yes', 'left', 'bounced', 'unproven']) {
      await homeward.say('track', {
        event: 'Cart Updated',
        properties: {
          email: `${name}@cart.example`,
          cart_id: `cart-${name}`,
          currency: 'EUR',
          url: 'https://shop.example/cart',
          products: [{ ...loom, quantity: 1 }],
        },
      })
    }
    await homeward.advance('3h')

    const mails = (await homeward.inbox()).filter(({ to }) => to.includes('@cart.example'))
    expect(mails.map(({ to, journey, step }) => [to, journey, step])).toEqual([
      [expect.stringContaining('yes@cart.example'), 'abandoned-cart', 'reminder'],
    ])
  })

  it('taken in again changes nothing', async () => {
    const path = await aFile(
      'again.csv',
      header,
      'again@list.example,Again,subscribed,2024-05-31,Form,UTC,7',
      'again-left@list.example,Again,unsubscribed,,,UTC,',
    )
    await importing(path)
    await homeward.advance('1m')
    const timeline = async () => (await homeward.customer('again@list.example'))?.timeline
    const before = await timeline()

    const again = await importing(path)
    await homeward.advance('1m')

    expect(again.code, again.stderr).toBe(0)
    expect(before?.length).toBeGreaterThan(0)
    expect(await timeline()).toEqual(before)
  })

  it('is only looked at by a dry run, and a file that cannot be read is not begun', async () => {
    const path = await aFile(
      'look.csv',
      'E-Post;Vorname;Status',
      'look@list.example;Look;perhaps',
      'nobody;Nobody;',
    )
    const latin = join(folder, 'latin.csv')
    await writeFile(latin, Buffer.from('email,firstName\nrene@list.example,Ren\xe9\n', 'latin1'))

    const unmapped = await importing(path)
    const look = await importing(path, '--dry-run', '--map', 'E-Post=email, Vorname=firstName')
    const wrong = await importing(latin)
    const right = await importing(latin, '--encoding', 'latin1')
    await homeward.advance('1m')

    expect(unmapped.code).toBe(1)
    expect(unmapped.stderr).toContain('--map "YOUR COLUMN=email"')
    expect(look.code).toBe(1)
    expect(look.stderr).toContain('2 rows, divided by semicolons')
    expect(look.stderr).toContain('row 2, Status: "perhaps" is no status')
    expect(look.stderr).toContain('Nothing was imported')
    expect(await homeward.customer('look@list.example')).toBeUndefined()
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toContain('--encoding latin1')
    expect(right.code, right.stderr).toBe(0)
    expect(await profileOf('rene@list.example')).toMatchObject({ firstName: 'René' })
  })

  it('tells row by row what was not taken, in a file no spreadsheet obeys', async () => {
    const path = await aFile(
      'hostile.csv',
      'email,=cmd|calc,consentAt,consentSource,status',
      '"=HYPERLINK(""http://evil.example"")",x,,,',
      '@sum(a1),x,,,',
      'fine@list.example,=1+1,+31 May,Form,subscribed',
    )

    const { code, stderr } = await importing(path)
    const errors = await readFile(`${path}.errors.csv`, 'utf8')

    expect(code).toBe(1)
    expect(stderr).toContain('refused')
    const lines = errors.trimEnd().split('\r\n')
    expect(lines[0]).toBe('row,kind,column,what,cure')
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 3))).toEqual([
      ['2', 'refused', 'email'],
      ['3', 'refused', 'email'],
      ['4', 'note', 'consentAt'],
      ['4', 'note', 'consentAt'],
    ])
    expect(errors).not.toMatch(/(^|,|\n)"?[=+@\-\t]/)
  })
})

describe('orders of the past', () => {
  it('count towards what is known of her, thank nobody, reward nobody, and end nothing', async () => {
    const list = await aFile('buyers.csv', header, 'buyer@past.example,Ann,subscribed,2024-05-31,Form,UTC,')
    const path = await aFile(
      'orders.csv',
      'order_id,email,at,total,currency,sku,name,price,qty',
      'past-1,buyer@past.example,2024-06-01,900,EUR,A,Loom,450,1',
      'past-1,,,,,B,Vase,450,1',
      'past-2,buyer@past.example,2025-06-01,600,EUR,A,Loom,600,1',
      'past-3,stranger@past.example,2025-06-01,5,EUR,A,Loom,5,1',
      'past-4,,2025-06-01,5,EUR,A,Loom,5,1',
    )
    await importing(list)

    const first = await importing(path, '--orders', '--json')
    await homeward.advance('1h')
    await importing(path, '--orders')
    await homeward.advance('30h')

    expect(first.code).toBe(1)
    expect(JSON.parse(first.stdout).counts).toEqual({ order: 3, refused: 1 })
    expect(await profileOf('buyer@past.example')).toMatchObject({ orderCount: 2, lifetimeValue: 1500 })
    expect(await profileOf('stranger@past.example')).toMatchObject({ orderCount: 1 })
    expect((await homeward.inbox()).filter(({ to }) => to.includes('@past.example'))).toEqual([])
  })
})

describe('killed half-way', () => {
  const rows = 400
  const lines = Array.from(
    { length: rows },
    (_, index) =>
      `person-${index}@killed.example,P ${index},${index % 5 === 0 ? 'subscribed' : ''},2024-05-31,Form,UTC,${index}`,
  )

  it('it goes on where it was, and ends as if it had not been', async () => {
    const path = await aFile('killed.csv', header, ...lines, 'not an address,X,,,,,')
    const data = join(folder, 'data')
    const args = ['cli/run.js', 'import', path, '--data', data]
    const child: ChildProcess = spawn(process.execPath, args, {
      cwd: resolve(import.meta.dirname, '../..'),
      stdio: 'ignore',
    })
    const isGone = new Promise((done) => child.once('exit', done))
    const note = async () => (await readdir(data)).find((name) => /^import-.*\.json$/.test(name))
    await expect.poll(note, { interval: 5, timeout: 30_000 }).toBeDefined()
    child.kill('SIGKILL')
    await isGone
    const half = JSON.parse(await readFile(join(data, (await note()) ?? ''), 'utf8'))

    const rest = await importing(path, '--json')
    await homeward.advance('5m')

    expect(half.done).toBeGreaterThan(0)
    expect(half.done).toBeLessThan(rows)
    expect(rest.code).toBe(1)
    expect(rest.stderr).toContain('Going on behind')
    expect(JSON.parse(rest.stdout)).toMatchObject({
      done: rows + 1,
      counts: { subscribed: rows / 5, 'no choice': (rows * 4) / 5, refused: 1 },
    })
    const found = await Promise.all(
      [0, 1, 255, 256, 257, rows - 1].map(async (index) => {
        const her = await homeward.customer(`person-${index}@killed.example`)
        const events = her?.timeline.filter(({ kind }) => kind === 'event').map(({ name }) => name)
        return [index, her?.profile.firstName, events?.toSorted()]
      }),
    )
    expect(found).toEqual(
      [0, 1, 255, 256, 257, rows - 1].map((index) => [
        index,
        `P ${index}`,
        index % 5 === 0 ? ['Consent Given', 'Identified'] : ['Identified'],
      ]),
    )
    expect(await note()).toBeUndefined()
    expect((await readFile(`${path}.errors.csv`, 'utf8')).trimEnd().split('\r\n')).toHaveLength(2)
    expect(existsSync(`${path}.homeward-progress`)).toBe(false)
    expect((await homeward.inbox()).filter(({ to }) => to.includes('@killed.example'))).toEqual([])
  })
})
