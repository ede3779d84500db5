/** The templates of this repository make a draft without a finding; a broken copy makes none and says where. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildDraft, type Compiled } from '#cli/stage/draft'
import { findingsText, summary } from '#cli/terminal/findings'

const own = new URL('../../templates', import.meta.url).pathname

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-templates-'))
  await cp(own, folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const change = async (file: string, from: string, to: string) => {
  const text = await readFile(join(folder, file), 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  await writeFile(join(folder, file), text.replace(from, to))
}

it('has nothing to say about the templates of this repository', async () => {
  const { findings, draft } = await buildDraft(folder)

  expect(findings).toEqual([])
  expect(Object.keys(draft?.journeys ?? {})).toEqual([
    'abandoned-browse',
    'abandoned-cart',
    'after-order',
    'anniversary',
    'birthday',
    'confirm-subscription',
    'effort',
    'loyalty-reward',
    'loyalty-statement',
    'welcome',
    'win-back',
  ])
  for (const { mails } of Object.values(draft?.journeys ?? {}))
    for (const hash of Object.values(mails)) expect(draft?.mails[hash]?.schema).toBe(1)
})

it('makes the same draft of the same files, wherever they lie', async () => {
  const here = await buildDraft(own)
  const there = await buildDraft(folder)

  expect(there.draft).toEqual(here.draft)
})

it('compiles again only what was changed', async () => {
  const compiled: Compiled = new Map()
  await buildDraft(folder, compiled)
  const before = new Map([...compiled].map(([journey, { result }]) => [journey, result]))

  await change('welcome/strings.en.yaml', 'welcome:', '# changed\nwelcome:')
  await buildDraft(folder, compiled)

  const again = [...compiled].filter(([journey, { result }]) => before.get(journey) !== result)
  expect(again.map(([journey]) => journey)).toEqual(['welcome'])
})

it('tells the problems of YAML and mails together, each with its line and a mark under it', async () => {
  await change('abandoned-cart/journey.yaml', 'quiet: 1h', 'quite: 1h')
  await change('welcome/welcome.mjml', '</mjml>', '<mj-oops></mj-oops></mjml>')

  const { findings, files, draft } = await buildDraft(folder)

  expect(draft).toBeUndefined()
  expect(new Set(findings.map(({ file }) => file))).toEqual(
    new Set(['abandoned-cart/journey.yaml', 'welcome/welcome.mjml']),
  )
  const text = findingsText(findings.slice(0, 1), { files, folder: 'templates', paint: (_, words) => words })
  expect(text).toBe(`templates/abandoned-cart/journey.yaml:21:13 error "quite" is not known in "wait"
  21 │   - wait: { quite: 1h } # an hour in which she did not touch the cart
     │             ^
  → did you mean "quiet"?
`)
  expect(summary(findings, (_, words) => words)).toMatch(/^\d problems$/)
})

it('refuses a mail that needs a gift where settings have none', async () => {
  const text = await readFile(join(folder, 'settings.yaml'), 'utf8')
  await writeFile(join(folder, 'settings.yaml'), text.slice(0, text.indexOf('\ngifts:')))

  const { findings } = await buildDraft(folder)

  expect(findings.map(({ file }) => file)).toEqual([
    'anniversary/anniversary.mjml',
    'birthday/birthday.mjml',
    'loyalty-reward/reward.mjml',
    'win-back/missed.mjml',
  ])
  expect(findings.slice(1, 2)).toEqual([
    {
      severity: 'error',
      file: 'birthday/birthday.mjml',
      line: 1,
      column: 1,
      message: 'this mail carries a gift, but settings.yaml has none for "birthday"',
      cure: 'add under gifts: "birthday: { code: … }"',
    },
  ])
})

it('tells what is not text, and a folder that is not there', async () => {
  await writeFile(join(folder, 'welcome/journey.yaml'), Buffer.from([0x6e, 0xff, 0xfe]))

  const broken = await buildDraft(folder)
  const absent = await buildDraft(join(folder, 'nowhere'))

  expect(broken.findings[0]).toMatchObject({ file: 'welcome/journey.yaml', cure: 'save it as UTF-8' })
  expect(absent.draft).toBeUndefined()
  expect(absent.findings[0]?.message).toBe('the templates folder is not there')
})
