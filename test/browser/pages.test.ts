/**
 * Every public page as its reader sees it: in each language, at both widths and in both schemes, painted in the
 * brand's colours, with nothing serious for axe; pressed through without JavaScript. The pages come from the
 * real handler over memory, in a real browser that obeys their content security policy.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { compileJourney } from '#adapters/mjml'
import { readTemplates } from '#adapters/templates'
import { brandOf } from '#core/brand'
import type { Purpose } from '#core/link'
import { Settings } from '#core/settings'
import type { CompiledMail } from '#core/template/compiled'
import { readBrand } from '#core/template/prepare'
import type { View } from '#core/view'
import { aMailed, chrome, customerId, messageId } from '#test/fixture/mailed'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const LOOK_MS = 90_000
const targetPixels = 44
const origin = 'https://mail.shop.example'
const mailHash = 'hash-of-the-mail'

const { files } = await readTemplates(join(import.meta.dirname, '../../templates'))
const source = files.find(({ file }) => file === 'brand.yaml')
const brand = source && brandOf(readBrand(source, []))
const { mails } = await compileJourney('abandoned-cart', files)

const topics = {
  reminders: { name: { en: 'Reminders about your cart', bn: 'আপনার কার্টের অনুস্মারক', ar: 'تذكيرات بسلتك' } },
  greetings: { name: { en: 'Birthday greetings', bn: 'জন্মদিনের শুভেচ্ছা', ar: 'تهاني عيد الميلاد' } },
  loyalty: { name: { en: 'Points & <rewards>', bn: 'পয়েন্ট ও পুরস্কার', ar: 'النقاط والمكافآت' } },
  orders: { name: { en: 'Your orders' }, kind: 'service' },
}

const settings = Settings.parse({
  shop: { name: 'Meadow & Loom', url: 'https://shop.example' },
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  topics,
  measureOpens: true,
})

const view: View = {
  customer: { firstName: 'রহিমা', locale: 'bn' },
  cart: {
    id: 'c-1',
    items: [{ id: 'mug', name: 'Morning <mug>', price: 1850, currency: 'EUR', quantity: 2 }],
    count: 2,
    total: 3700,
    currency: 'EUR',
  },
  shop: { name: 'Meadow & Loom', url: 'https://shop.example', address: 'Kastanienallee 1', currency: 'EUR' },
  links: { unsubscribe: `${origin}/u/x`, preferences: `${origin}/p/x`, online: `${origin}/v/x` },
  journey: { name: 'Abandoned cart', step: 'reminder' },
  now: '2026-11-24T12:00:00.000Z',
}

const mailed = aMailed()
const opened: Opened[] = []

/** A browser in which our link domain is answered by the handler. */
async function visitor(options: { width: number; dark: boolean; language: string; javaScript?: boolean }) {
  const one = await openPage('about:blank', { height: 1600, ...options })
  opened.push(one)
  await one.page.route(`${origin}/**`, async (route) => {
    const request = route.request()
    const { pathname, search } = new URL(request.url())
    const body = request.postData()
    const answer = await mailed.ask(request.method(), `${pathname}${search}`, {
      // the browser of the tests says that it is headless, which is a machine's
      headers: { ...request.headers(), 'user-agent': chrome, 'accept-language': options.language },
      ...(body !== null && { body }),
    })
    const encoding = answer.isBase64Encoded === true ? 'base64' : 'utf8'
    await route.fulfill({
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.from(answer.body, encoding),
    })
  })
  return one
}

const pathOf = async (letter: string, purpose: Purpose, more: { index?: number; query?: string } = {}) =>
  `${origin}/${letter}/${await mailed.token(purpose, more.index)}${more.query ?? ''}`

async function keepMail(mail: CompiledMail | undefined): Promise<void> {
  if (mail === undefined) throw new Error('the reminder of templates/abandoned-cart does not compile')
  const row = mailed.world.tables.messages.get(customerId)?.get(messageId)
  if (row === undefined) throw new Error('the fixture has no message')
  mailed.world.tables.mails.set(mailHash, mail)
  mailed.world.tables.messages.get(customerId)?.set(messageId, { ...row, inputs: view, mailHash })
}

/** What is wrong with a page, a line each. */
async function wrongs(page: Page, name: string): Promise<string[]> {
  const small = (await page.evaluate(`[...document.querySelectorAll('button, a, label')]
    .filter((one) => one.getBoundingClientRect().height < ${targetPixels} - 0.5)
    .map((one) => one.outerHTML)`)) as string[]
  return [
    ...(await seriousFindings(page)),
    ...((await overflows(page)) ? ['sticks out'] : []),
    ...small.map((html) => `too small to press: ${html}`),
  ].map((words) => `${name}: ${words}`)
}

/** Width and height of a PNG, by its header. */
function pixelsOf(png: Buffer): [number, number] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

const looks = [
  { language: 'en', width: 375, dark: false },
  { language: 'en', width: 1200, dark: true },
  { language: 'bn', width: 375, dark: true },
  { language: 'bn', width: 1200, dark: false },
  { language: 'en', width: 768, dark: false },
  { language: 'bn', width: 768, dark: true },
  { language: 'ar', width: 375, dark: false },
  { language: 'ar', width: 768, dark: true },
  { language: 'ar', width: 1200, dark: true },
]

describeInBrowser('public pages', () => {
  beforeEach(async () => {
    const before = await mailed.world.workspace.release(1)
    if (before === undefined) throw new Error('the fixture has no release')
    await mailed.world.workspace.putRelease({ ...before, number: 2, settings, ...(brand && { brand }) })
    const live = await mailed.world.workspace.live()
    await mailed.world.workspace.putLive({ release: 2, paused: [] }, live)
  })

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  it.each(looks)(
    'each reads well in $language at $width, dark: $dark',
    async (look) => {
      const { page, complaints } = await visitor(look)
      const scheme = look.dark ? 'dark' : 'light'
      const found: string[] = []
      const see = async (name: string) => {
        found.push(...(await wrongs(page, name)))
        await picture(page, `public-${name}-${look.language}-${look.width}-${scheme}`, true)
      }
      const visit = async (name: string, url: string) => {
        await page.goto(url)
        await see(name)
      }
      const press = async (name: string) => {
        await page.locator('button').first().click()
        await page.waitForLoadState()
        await see(name)
      }

      await visit('preferences', await pathOf('p', 'preferences'))
      await press('preferences-saved')
      await visit('nps', await pathOf('a', 'survey', { query: '?score=9' }))
      await press('nps-thanks')
      await visit('ces', await pathOf('a', 'survey', { index: 1 }))
      await visit('ces-wrong', await pathOf('a', 'survey', { index: 1, query: '?score=7' }))
      await visit('confirm', await pathOf('y', 'confirm'))
      await press('confirmed')
      await visit('unsubscribe', await pathOf('u', 'unsubscribe'))
      await press('unsubscribed')
      await visit('old', await pathOf('v', 'online'))
      await visit('gone', `${origin}/p/made-up`)

      expect(found).toEqual([])
      expect(await page.locator('html').getAttribute('dir')).toBe(look.language === 'ar' ? 'rtl' : 'ltr')
      const unforeseen = complaints.filter((words) => !/status of 4(00|04|10)/.test(words))
      expect(unforeseen).toEqual([])
    },
    LOOK_MS,
  )

  it('are painted in the colours of templates/brand.yaml, by day and by night', async () => {
    const colourOf = async (dark: boolean) => {
      const { page } = await visitor({ width: 375, dark, language: 'en' })
      await page.goto(await pathOf('p', 'preferences'))
      return page.evaluate(`getComputedStyle(document.querySelector('button')).backgroundColor`)
    }

    expect([await colourOf(false), await colourOf(true)]).toEqual(['rgb(31, 107, 82)', 'rgb(127, 209, 176)'])
  })

  it('save a choice without JavaScript, and show it when one comes back', async () => {
    const { page } = await visitor({ width: 375, dark: false, language: 'en', javaScript: false })
    await page.goto(await pathOf('p', 'preferences'))
    await page.getByLabel('Birthday greetings').check()
    await page.getByLabel('Write to me less often').check()
    await page.getByRole('button', { name: 'Save my choices' }).click()
    await page.getByRole('heading', { name: 'Your choices are saved' }).waitFor()
    await page.goto(await pathOf('p', 'preferences'))

    expect(await page.getByLabel('Birthday greetings').isChecked()).toBe(true)
    expect(await page.getByLabel('Write to me less often').isChecked()).toBe(true)
    expect(await page.getByLabel('Points & <rewards>').isChecked()).toBe(false)
    expect(await page.getByLabel('You may see that I open your mails').isChecked()).toBe(false)
    expect((await mailed.gate()).consent).toMatchObject({ greetings: { given: true, source: 'preferences' } })
  })

  it('say honestly that nothing is sent where a mail was reported as spam', async () => {
    const gate = await mailed.gate()
    const suppressed = { why: 'complaint' as const, at: '2026-11-24T12:30:00.000Z' }
    mailed.world.tables.addresses.set(mailed.hash, { ...gate, suppressed })
    const { page } = await visitor({ width: 375, dark: true, language: 'en', javaScript: false })
    await page.goto(await pathOf('p', 'preferences'))
    await picture(page, 'public-preferences-complained-en-375-dark', true)
    await page.getByLabel('Birthday greetings').check()
    await page.getByRole('button', { name: 'Save my choices' }).click()
    await page.getByText('reported as spam').waitFor()

    expect((await mailed.gate()).suppressed).toEqual(suppressed)
  })

  it('take a score with a comment by the button alone, and let it be changed', async () => {
    const { page } = await visitor({ width: 375, dark: false, language: 'en', javaScript: false })
    await page.goto(await pathOf('a', 'survey', { query: '?score=9' }))
    const linked = await page.locator('input[name=score]:checked').getAttribute('value')
    await page.locator('input[value="3"]').check()
    await page.locator('textarea').fill('</textarea><script>alert(1)</script> ধন্যবাদ 🧵')
    await page.locator('button').click()
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()

    expect(linked).toBe('9')
    expect(await page.locator('textarea').inputValue()).toBe('</textarea><script>alert(1)</script> ধন্যবাদ 🧵')
    expect(await mailed.events()).toMatchObject([{ name: 'Survey Answered', properties: { score: 3 } }])
  })

  it('note a score that came with the link once the page has stayed open for a while', async () => {
    const { page, complaints } = await visitor({ width: 375, dark: false, language: 'en' })
    await page.clock.install()
    await page.goto(await pathOf('a', 'survey', { query: '?score=9' }))
    const before = await mailed.events()
    await page.clock.fastForward(4000)
    await page.getByText('We have noted your 9').waitFor()

    expect(before).toEqual([])
    expect(await mailed.events()).toMatchObject([{ name: 'Survey Answered', properties: { score: 9 } }])
    expect(complaints).toEqual([])
  })

  it('are reached by the keyboard, with the focus in sight', async () => {
    const { page } = await visitor({ width: 375, dark: false, language: 'ar' })
    await page.goto(await pathOf('p', 'preferences'))
    await page.keyboard.press('Tab')
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')
    await page.keyboard.press('Space')

    expect(outline).toBe('3px')
    expect(await page.locator('input[type=checkbox]').first().isChecked()).toBe(true)
  })

  it('go through the scores by the keyboard, without JavaScript', async () => {
    const { page } = await visitor({ width: 768, dark: false, language: 'en', javaScript: false })
    await page.goto(await pathOf('a', 'survey'))
    await page.locator('input[value="0"]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const ring = `getComputedStyle(document.querySelector('.scale input:checked + span')).outlineStyle`

    expect(await page.locator('input:checked').getAttribute('value')).toBe('2')
    expect(await page.evaluate(ring)).toBe('solid')
  })

  it.each([
    { name: 'preferences-en', letter: 'p', purpose: 'preferences', width: 640, dark: false, query: '' },
    { name: 'survey-bn', letter: 'a', purpose: 'survey', width: 720, dark: true, query: '?score=9' },
  ] as const)('stand in docs/picture as large as they are: $name', async (one) => {
    const { name, letter, purpose, width, dark, query } = one
    const { page } = await visitor({ width, dark, language: name.slice(-2) })
    await page.goto(await pathOf(letter, purpose, { query }))

    const taken = await picture(page, name, true)

    const inDocs = await readFile(join(import.meta.dirname, `../../docs/picture/${name}.png`))
    expect(pixelsOf(inDocs)).toEqual(pixelsOf(taken))
  })

  it.each([
    { width: 375, dark: true },
    { width: 1200, dark: false },
  ])('show a mail online as it was sent, at $width, dark: $dark', async ({ width, dark }) => {
    await keepMail(mails.reminder)
    const { page, complaints } = await visitor({ width, dark, language: 'bn', javaScript: false })
    await page.goto(await pathOf('v', 'online'))
    await picture(page, `public-online-bn-${width}-${dark ? 'dark' : 'light'}`, true)
    const text = await page.locator('body').textContent()

    expect(text).toContain('Morning <mug>')
    expect(text).toContain('রহিমা')
    expect(await page.content()).not.toContain('rina@example.com')
    expect(await overflows(page)).toBe(false)
    expect(complaints).toEqual([])
  })
})
