/**
 * The public pages behind a mail's links as their readers see them: in three languages, at three widths, by day
 * and by night, pairwise; without JavaScript, without a serious finding of axe, with targets a thumb can hit.
 * Pictures of all lie in `.cache/screenshots`; two are in the docs.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Homeward, type Mail, startHomeward } from '#test/fixture/runtime'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const START_MS = 120_000
const LOOK_MS = 180_000
const root = resolve(import.meta.dirname, '../..')
const minTarget = 44

let homeward: Homeward
let templates: string
/** Kind of link → its URL in a mail that Ida got. */
const urls: Partial<Record<string, string>> = {}
const opened: Opened[] = []

async function change(file: string, from: string, to: string) {
  const path = join(templates, file)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  await writeFile(path, text.replace(from, to))
}

const say = (userId: string, event: string, properties: Record<string, unknown> = {}) =>
  homeward.say('track', { userId, event, properties })

/** A customer who got a reminder, a question and the mail that asks for a second yes. */
async function live(): Promise<void> {
  const email = 'ida.pages@example.com'
  const product = { product_id: 'morning-mug', name: 'Morning mug', price: 18.5, quantity: 2 }
  await homeward.say('identify', { userId: 'ida', traits: { email, firstName: 'Ida', timezone: 'UTC' } })
  await say('ida', 'Consent Given')
  await say('ida', 'Order Completed', { order_id: 'o-1', total: 37, currency: 'EUR', products: [product] })
  await say('ida', 'Order Delivered', { order_id: 'o-1' })
  await homeward.advance('12d')
  await say('ida', 'Cart Updated', { cart_id: 'c-1', currency: 'EUR', products: [product] })
  await homeward.advance('2h')
  await say('ida', 'Consent Requested', { topics: ['reminders'] })
  await homeward.advance('1h')
  for (const { id } of await homeward.inbox(email)) gather(await homeward.mail(id))
}

/** Remembers the first link of each kind; `e`: the survey on ease. */
function gather(mail: Mail): void {
  for (const [url, , kind = ''] of mail.html.matchAll(/(https?:\/\/[^"/]+)\/([a-z])\/[\w-]+/g)) {
    const as = kind === 'a' && mail.step === 'ease' ? 'e' : kind
    urls[as] ??= url
  }
}

const urlOf = (kind: string): string => {
  const url = urls[kind]
  if (url === undefined) throw new Error(`no mail has a link /${kind}/`)
  return url
}

async function open(url: string, look: Look): Promise<Opened> {
  const { width, dark, locale, javaScript = false } = look
  const one = await openPage(url, { width, dark, javaScript, locale, height: 900 })
  opened.push(one)
  return one
}

interface Look {
  width: number
  dark: boolean
  locale: string
  javaScript?: boolean
}

/** What is smaller than a thumb wants it: everything that can be pressed but links within a sentence. */
const smallTargets = async (page: Page): Promise<string[]> => {
  const targets = page.locator('button, a, label.choice, .scale label, textarea')
  const boxes = await Promise.all((await targets.all()).map((one) => one.boundingBox()))
  return boxes.flatMap((box) =>
    box !== null && (box.height < minTarget || box.width < minTarget)
      ? [`${Math.round(box.width)} × ${Math.round(box.height)}`]
      : [],
  )
}

/** Whether the page's own style was taken: a policy that refuses it leaves the browser's own font. */
const isStyled = (page: Page) =>
  page.evaluate(`getComputedStyle(document.querySelector('main')).maxWidth !== 'none'`) as Promise<boolean>

const daylight: Look = { locale: 'en', width: 768, dark: false }
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1'

/** Every pair of locale, width and scheme stands in a row. */
const looks: Look[] = [
  { locale: 'en', width: 375, dark: false },
  { locale: 'en', width: 768, dark: true },
  { locale: 'en', width: 1280, dark: false },
  { locale: 'bn', width: 375, dark: true },
  { locale: 'bn', width: 768, dark: false },
  { locale: 'bn', width: 1280, dark: true },
  { locale: 'ar', width: 375, dark: false },
  { locale: 'ar', width: 768, dark: false },
  { locale: 'ar', width: 1280, dark: true },
]

const press = (name: string) => async (page: Page) => {
  await page.locator(`button${name}`).first().click()
  await page.waitForLoadState()
}

/** Every page: the link that leads there, what is pressed on it, and whether that is to be looked at. */
const pages: { name: string; kind: string; query?: string; act?: (page: Page) => Promise<void> }[] = [
  { name: 'unsubscribe', kind: 'u' },
  { name: 'preferences', kind: 'p' },
  { name: 'preferences-saved', kind: 'p', act: press('[value=save]') },
  { name: 'survey', kind: 'a', query: '?score=9' },
  { name: 'survey-wrong', kind: 'a', query: '?score=99' },
  { name: 'survey-thanks', kind: 'a', query: '?score=9', act: press('') },
  { name: 'survey-ease', kind: 'e', query: '?score=4' },
  { name: 'confirm', kind: 'y' },
  { name: 'confirmed', kind: 'y', act: press('') },
  { name: 'gone', kind: 'g' },
]

describeInBrowser('the public pages', () => {
  beforeAll(async () => {
    templates = await mkdtemp(join(tmpdir(), 'homeward-public-'))
    await cp(join(root, 'templates'), templates, { recursive: true })
    await change('settings.yaml', 'measureOpens: false', 'measureOpens: true')
    homeward = await startHomeward({ at: '2026-05-05T10:00:00.000Z', flags: ['--templates', templates] })
    urls.g = `${homeward.url}/u/nothing`
    await live()
  }, START_MS)

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  afterAll(async () => {
    await homeward?.stop()
    await rm(templates, { recursive: true, force: true })
  }, START_MS)

  it.each(pages)(
    '$name reads well in every language, width and scheme, without JavaScript',
    async ({ name, kind, query = '', act }) => {
      const findings: string[] = []
      for (const look of looks) {
        const { page, complaints } = await open(urlOf(kind) + query, look)
        await act?.(page)
        const as = `${name}-${look.locale}-${look.width}-${look.dark ? 'dark' : 'light'}`
        await picture(page, `public-${as}`, true)
        const said = (await page.locator('body').textContent()) ?? ''
        if (/undefined|null|\{\w+\}/.test(said)) findings.push(`${as}: ${said}`)
        if (await overflows(page)) findings.push(`${as} sticks out`)
        if (!(await isStyled(page))) findings.push(`${as} has no style`)
        findings.push(...(await smallTargets(page)).map((one) => `${as}: a target of ${one}`))
        findings.push(...complaints.filter((one) => !/status of 4/.test(one)).map((one) => `${as}: ${one}`))
        await opened.pop()?.close()
      }
      expect(findings).toEqual([])
    },
    LOOK_MS,
  )

  it.each(pages)(
    '$name has no serious finding of axe',
    async ({ kind, query = '', act }) => {
      const findings: string[] = []
      for (const look of [looks[0], looks[3], looks[8]]) {
        if (look === undefined) continue
        const { page } = await open(urlOf(kind) + query, { ...look, javaScript: true })
        await act?.(page)
        findings.push(...(await seriousFindings(page)))
        await opened.pop()?.close()
      }
      expect(findings).toEqual([])
    },
    LOOK_MS,
  )

  it(
    'the keyboard goes through the survey, and where it is can be seen',
    async () => {
      const { page } = await open(urlOf('a'), daylight)

      await page.locator('input[value="0"]').focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
      const outline = await page.evaluate(
        `getComputedStyle(document.querySelector('.scale input:checked + span')).outlineStyle`,
      )
      await picture(page, 'public-survey-focus')

      expect(await page.locator('input:checked').getAttribute('value')).toBe('2')
      expect(outline).toBe('solid')
    },
    LOOK_MS,
  )

  it(
    'a score that came with the link is noted by a page that stays open',
    async () => {
      const { page, complaints } = await open('about:blank', { ...daylight, javaScript: true })
      await page.setExtraHTTPHeaders({ 'user-agent': phone })
      await page.clock.install()
      await page.goto(`${urlOf('e')}?score=4`)

      await page.clock.fastForward(3500)
      await page.getByText('We have noted your 4').waitFor()
      await picture(page, 'public-survey-noted')
      await page.goto(urlOf('e'))

      expect(await page.locator('input:checked').getAttribute('value')).toBe('4')
      expect(await page.locator('script').count()).toBe(0)
      expect(complaints).toEqual([])
    },
    LOOK_MS,
  )

  it(
    'pictures for the docs',
    async () => {
      const shots = [
        { kind: 'p', query: '', file: 'preferences-en.png', look: { locale: 'en', width: 640, dark: false } },
        {
          kind: 'a',
          query: '?score=9',
          file: 'survey-bn.png',
          look: { locale: 'bn', width: 720, dark: true },
        },
      ]
      for (const { kind, query, file, look } of shots) {
        const { page } = await open(urlOf(kind) + query, look)
        const path = join(root, '.cache', 'screenshots', file)
        await page.screenshot({ path, fullPage: true })
        expect((await readFile(path)).length).toBeGreaterThan(1000)
      }
    },
    LOOK_MS,
  )
})
