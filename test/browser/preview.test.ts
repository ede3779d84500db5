/**
 * The page of previews in a real browser, over a copy of `templates/` that is written to while it is open: what is
 * saved is seen, what is wrong is told with its place while the last good picture stays, and nothing is serious for axe.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type PreviewServer, servePreviews } from '#cli/preview/server'
import {
  describeInBrowser,
  type Opened,
  type OpenOptions,
  openPage,
  overflows,
  picture,
  seriousFindings,
} from './browser.ts'

const LOOK_MS = 60_000
const strings = 'abandoned-cart/strings.en.yaml'
const mail = 'abandoned-cart/reminder.mjml'

let folder: string
let server: PreviewServer
const opened: Opened[] = []

async function open(query: string, options: OpenOptions = {}): Promise<Opened> {
  const one = await openPage(`${server.url}/?mail=abandoned-cart/reminder${query}`, options)
  opened.push(one)
  return one
}

const wide = (page: Page) => page.frameLocator('.holder[data-width="600"] iframe:not(.coming)')

async function save(file: string, change: (text: string) => string): Promise<() => Promise<void>> {
  const path = join(folder, file)
  const before = await readFile(path, 'utf8')
  await writeFile(path, change(before))
  return () => writeFile(path, before)
}

describeInBrowser('the page of previews', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'homeward-preview-'))
    await cp(new URL('../../templates', import.meta.url).pathname, folder, { recursive: true })
    server = await servePreviews({ folder, port: 0, clock: () => '2026-05-05T10:00:00.000Z' })
  }, LOOK_MS)

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each<OpenOptions>([
    { width: 1200, dark: false },
    { width: 375, dark: true },
  ])(
    'shows a mail wide and narrow, %o',
    async (options) => {
      const { page, complaints } = await open('', options)
      await wide(page).getByText('Still thinking it over?').waitFor()
      await page
        .frameLocator('.holder[data-width="375"] iframe:not(.coming)')
        .getByText('Morning mug')
        .waitFor()
      await picture(page, `preview-${options.width}`, true)

      expect(await overflows(page)).toBe(false)
      expect(await seriousFindings(page)).toEqual([])
      expect(await page.locator('#facts').textContent()).toMatch(/KB of the 102\.0 KB that Gmail shows/)
      expect(complaints).toEqual([])
    },
    LOOK_MS,
  )

  it(
    'shows what was saved, and keeps the last good picture while what is saved is none',
    async () => {
      const { page } = await open('')
      await wide(page).getByText('Still thinking it over?').waitFor()

      const asBefore = await save(strings, (text) =>
        text.replace('Still thinking it over?', 'Saved just now'),
      )
      await wide(page).getByText('Saved just now').waitFor()
      const mend = await save(mail, (text) => text.replace('{{#if products}}', '{{#if prodcts}}'))
      const trouble = page.getByRole('alert')
      await trouble.getByText('abandoned-cart/reminder.mjml:').waitFor()
      const said = await trouble.textContent()
      await wide(page).getByText('Saved just now').waitFor()
      const late = await open('')
      await wide(late.page).getByText('Saved just now').waitFor()
      await mend()
      await trouble.waitFor({ state: 'hidden' })
      await asBefore()
      await wide(page).getByText('Still thinking it over?').waitFor()

      expect(said).toMatch(/This is the last good one/)
      expect(said).toMatch(/reminder\.mjml:\d+:\d+ error/)
      expect(said).toMatch(/did you mean `products`/)
    },
    LOOK_MS,
  )

  it(
    'shows any sample customer, language and light, by keyboard too',
    async () => {
      const { page } = await open('')
      await wide(page).getByText('Still thinking it over?').waitFor()

      await page.getByLabel('Customer').selectOption('unsubscribed')
      await page.getByText(/^She would get no such mail: unsubscribed from the topic/).waitFor()
      await page.getByLabel('Customer').selectOption('bengali')
      await wide(page).getByText('এখনো ভাবছেন?').waitFor()
      await page.getByLabel('Language').selectOption('ar')
      await wide(page).locator('html[dir="rtl"]').waitFor()
      await page.getByLabel('Light').selectOption('dark')
      await wide(page).locator('body').waitFor()
      const ground = `getComputedStyle(document.querySelector('iframe').contentDocument.body).backgroundColor`
      await expect.poll(() => page.evaluate(ground)).toBe('rgb(19, 20, 23)')
      await page.getByRole('tab', { name: 'Mail' }).focus()
      await page.keyboard.press('ArrowRight')

      expect(await page.getByRole('tab', { name: 'Text' }).getAttribute('aria-selected')).toBe('true')
      expect(await page.locator('#panel-text').textContent()).toContain('ما زلت تفكّر؟')
      expect(new URL(page.url()).searchParams.get('sample')).toBe('bengali')
    },
    LOOK_MS,
  )

  it(
    'shows who was chosen last, though who was chosen before is drawn while she is awaited',
    async () => {
      const { page } = await open('')
      await wide(page).getByText('Still thinking it over?').waitFor()
      const held = new Map<string, (() => void)[]>()
      const of = (sample: string) => held.get(sample) ?? []
      await page.route('**/mail?*', async (route) => {
        const sample = new URL(route.request().url()).searchParams.get('sample') ?? ''
        await new Promise<void>((release) => held.set(sample, [...of(sample), release]))
        await route.continue()
      })

      for (const sample of ['unsubscribed', 'bengali']) {
        await page.getByLabel('Customer').selectOption(sample)
        await expect.poll(() => of(sample).length).toBe(2)
      }
      const before = page.waitForEvent('requestfinished', (request) => request.url().includes('unsubscribed'))
      for (const release of of('unsubscribed')) release()
      await before
      for (const release of of('bengali')) release()

      await wide(page).getByText('এখনো ভাবছেন?').waitFor()
    },
    LOOK_MS,
  )

  it(
    'names the mail that was meant where there is none, and answers nobody else',
    async () => {
      const one = await openPage(`${server.url}/?mail=abandoned-crt/reminder`)
      opened.push(one)
      const { page } = one
      await page.getByRole('alert').getByText('did you mean "abandoned-cart/reminder"?').waitFor()
      const foreign = await fetch(`${server.url}/preview?mail=welcome/welcome`, {
        headers: { 'sec-fetch-site': 'cross-site' },
      })
      const outside = await fetch(`${server.url}/..%2fserver.ts`)

      expect(foreign.status).toBe(403)
      expect(outside.status).toBe(404)
    },
    LOOK_MS,
  )
})
