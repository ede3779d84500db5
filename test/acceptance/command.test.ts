/**
 * The commands of marketer and engineer against the running stack: a saved file goes live, a broken one does
 * not, releases go back and forth, mail pauses and resumes, and `why` answers. Each is run once as a person runs
 * it, as a process of its own; what is asked of it again runs in the process of the test, as in other stories.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { shopper } from './shopper.ts'

const root = resolve(import.meta.dirname, '../..')
let folder: string
let homeward: Homeward

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-command-'))
  await cp(join(root, 'templates'), join(folder, 'templates'), { recursive: true })
  homeward = await startHomeward({
    at: '2026-06-01T09:00:00.000Z',
    data: join(folder, 'data'),
    flags: ['--templates', join(folder, 'templates')],
  })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  code: number
  out: string
  err: string
}

/** Runs `npm run <command> -- …` without npm. */
const command = (...argv: string[]): Promise<Ran> =>
  new Promise((done) => {
    const args = ['cli/run.js', ...argv]
    execFile(process.execPath, args, { cwd: root, timeout: 60_000 }, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err })
    })
  })

const onStage = (...argv: string[]) => command(...argv, '--data', join(folder, 'data'))
/** The same, in the process of the test. */
const here = async (name: string, ...argv: string[]): Promise<Ran> => {
  const { code, stdout, stderr } = await homeward.command(name, ...argv)
  return { code, out: stdout, err: stderr }
}
const publishing = (...argv: string[]) =>
  onStage('publish', '--templates', join(folder, 'templates'), ...argv)

const change = async (file: string, from: string, to: string) => {
  const path = join(folder, 'templates', file)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  await writeFile(path, text.replace(from, to))
}

const liveRelease = async () => (await homeward.get('/_local/status')).body as { release: number }

describe('saving a file', () => {
  it('publishes it at once, and those inside a journey get the new words', async () => {
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('10m')

    await change('abandoned-cart/strings.en.yaml', 'subject: "{name}, your', 'subject: "Dear {name}, your')
    await expect.poll(async () => (await liveRelease()).release, { timeout: 30_000 }).toBe(2)
    await homeward.advance('1h')

    const [reminder] = (await homeward.inbox(rina.email)).filter(({ step }) => step === 'reminder')
    expect(reminder?.subject).toMatch(/^Dear .+, your/)
  })

  it('keeps what is live when the file is broken, and check says where and how to mend it', async () => {
    await change('abandoned-cart/journey.yaml', 'quiet: 1h', 'quite: 1h')
    const [checked, published] = await Promise.all([
      command('check', '--templates', join(folder, 'templates')),
      publishing(),
    ])

    expect(checked.code).toBe(1)
    expect(checked.out).toContain('abandoned-cart/journey.yaml:21:13 error "quite" is not known in "wait"')
    expect(checked.out).toContain('→ did you mean "quiet"?')
    expect(published).toMatchObject({ code: 1, out: '' })
    expect(published.err).toContain('1 problem. Nothing was published.')
    expect((await liveRelease()).release).toBe(2)
    await change('abandoned-cart/journey.yaml', 'quite: 1h', 'quiet: 1h')
  })
})

describe('releases', () => {
  it('are not made of what is live already', async () => {
    const published = await publishing('--json')

    expect(published.code).toBe(0)
    expect(JSON.parse(published.out)).toEqual({ stack: 'homeward-local', kind: 'unchanged', release: 2 })
  })

  it('go back and forth', async () => {
    const back = await onStage('rollback', '--json')
    const forth = await here('rollback', '2')
    const nowhere = await here('rollback', '99')

    expect(JSON.parse(back.out)).toMatchObject({ kind: 'published', release: 1, previous: 2 })
    expect(forth.err).toContain('Release 2 is live (before: 1).')
    expect(nowhere).toMatchObject({ code: 1, err: 'There is no release 99. There is: 1, 2.\n' })
  })
})

describe('the kill switch', () => {
  it('holds the mail of a journey until it is resumed, and loses none', async () => {
    const rina = await shopper(homeward)
    await onStage('pause', 'abandoned-cart')
    await rina.fillsCart()
    await homeward.advance('2h')
    const whilePaused = await rina.got()

    const resumed = await onStage('resume', 'abandoned-cart')
    await homeward.advance('1h')

    expect(whilePaused).not.toContain('abandoned-cart reminder')
    expect(rina.reasons().some((reason) => reason.includes('paused'))).toBe(true)
    expect(resumed.err).toContain('Resumed the mail of abandoned-cart')
    expect((await homeward.inbox(rina.email)).map(({ step }) => step)).toContain('reminder')
  })
})

describe('why', () => {
  it('tells the timeline and, journey by journey, why she is there or is not', async () => {
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('2h')

    const words = await onStage('why', rina.email)
    const json = await here('why', rina.userId, '--journey', 'birthday', '--json')
    const nobody = await here('why', 'nobody@shoppers.example')

    expect(words.code).toBe(0)
    expect(words.out).toContain('Abandoned cart (abandoned-cart) inside')
    expect(words.out).toMatch(/abandoned-cart › reminder: sent/)
    expect(words.out).toMatch(/never entered, because/)
    const answer = JSON.parse(json.out) as { journeys: { journey: string; stands: string }[] }
    expect(answer.journeys).toMatchObject([{ journey: 'birthday', stands: 'never entered' }])
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toContain('Nobody is known by "nobody@shoppers.example"')
  })
})

describe('redrive', () => {
  it('decides a span of time again without sending anything twice', async () => {
    const rina = await shopper(homeward)
    await rina.fillsCart()
    await homeward.advance('2h')
    const before = await rina.got()

    const span = await onStage('redrive', '--from', '2026-06-01T00:00:00Z')
    await homeward.advance('10m')

    expect(span).toMatchObject({ code: 0 })
    expect(span.err).toMatch(/\d+ customers? decided again/)
    expect(await rina.got()).toEqual(before)
    expect(await here('redrive', '--all')).toMatchObject({ code: 0 })
  })
})

describe('a command', () => {
  it('is loaded by Node itself, each of them', async () => {
    const commands = (await readdir(join(root, 'cli'))).filter((file) => /^[a-z-]+\.ts$/.test(file))
    const load = `for (const file of ${JSON.stringify(commands)})
      if (typeof (await import('./cli/' + file)).run !== 'function') throw new Error(file + ' exports no run')`
    const args = ['--import', './cli/register.js', '--input-type=module', '--eval', load]

    const loaded = await new Promise((done) => {
      execFile(process.execPath, args, { cwd: root, timeout: 60_000 }, (_, out, err) => done(out + err))
    })

    expect(commands.length).toBeGreaterThan(15)
    expect(loaded).toBe('')
  })
})

describe('usage', () => {
  it('is refused with exit code 2 and a cure, and a stage that is not there with 1', async () => {
    const [unknown, wrong, absent] = await Promise.all([
      command('foo'),
      command('start', '--prot', '4400'),
      command('pause', '--data', join(folder, 'nowhere')),
    ])

    expect(unknown).toMatchObject({ code: 2, out: '' })
    expect(unknown.err).toContain('There is no command "foo". There is: check,')
    expect(wrong).toEqual({ code: 2, out: '', err: 'npm start has no flag --prot. Did you mean --port?\n' })
    expect(absent).toMatchObject({ code: 1, out: '' })
    expect(absent.err).toContain('No Homeward is running with the data folder')
  })
})
