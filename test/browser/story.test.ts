/**
 * The story of the local page, clicked through in a real browser against the real runtime: fill a cart, say
 * who you are, let an hour pass, read the mail with that very cart, order, see it all on the timeline. Then the
 * page's own virtues: no serious axe finding in either scheme and at any width, no complaint of the console,
 * its place kept in the URL.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const START_MS = 90_000
const STORY_MS = 120_000

/** A Tuesday noon in spring: far from quiet hours wherever these customers live. */
const at = '2026-05-05T10:00:00.000Z'

let homeward: Homeward
const opened: Opened[] = []

async function open(options: Parameters<typeof openPage>[1] = {}, hash = ''): Promise<Opened> {
  const one = await openPage(`${homeward.url}/${hash}`, options)
  opened.push(one)
  await one.page.waitForSelector('html[data-ready]')
  return one
}

/** The shop at the left: a page of its own. */
const shopOf = (page: Page) => page.frameLocator('#shop')

async function introduce(
  page: Page,
  person: { name: string; email: string; timeZone?: string; locale?: string },
) {
  const shop = shopOf(page)
  await shop.getByRole('link', { name: 'Sign in' }).click()
  await shop.getByLabel('E-mail').fill(person.email)
  await shop.getByLabel('Name').fill(person.name)
  await shop.locator('form [name=locale]').selectOption(person.locale ?? 'en')
  await shop.getByLabel('Time zone').fill(person.timeZone ?? 'Europe/Copenhagen')
  await shop.getByLabel(/Yes, write to me/).check()
  await shop.getByRole('button', { name: 'Sign in' }).click()
  await shop.locator('.yes').waitFor()
  await shop.locator('#store-name').click()
}

/** The reminder that the first story led to. */
async function reminder() {
  const mails = await homeward.inbox('ida.story@example.com')
  return mails.find(({ journey }) => journey === 'abandoned-cart')
}

/** What Chromium prints for a customer who was asked for before she was stored is no fault of the page. */
const real = (complaints: string[]) =>
  complaints.filter((complaint) => !(complaint.includes('404') && complaint.includes('/_local/customers/')))

describeInBrowser('the local page', () => {
  beforeAll(async () => {
    homeward = await startHomeward({ at })
  }, START_MS)

  // An open page goes on asking the runtime: it would slow down the next.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  afterAll(async () => {
    await homeward?.stop()
  }, START_MS)

  it(
    'leads from a cart to the mail with that cart, to the order that ends it',
    async () => {
      const { page, complaints } = await open({ timeZone: 'Europe/Copenhagen' })
      await picture(page, 'page-1440-light-empty')
      await introduce(page, { name: 'Ida Holm', email: 'ida.story@example.com' })

      const shop = shopOf(page)
      await shop.getByRole('button', { name: 'Put Morning mug in the cart' }).click()
      await shop.getByRole('button', { name: 'Put Harvest quilt in the cart' }).click()
      await shop.getByRole('link', { name: /Cart/ }).click()
      await shop.getByRole('button', { name: 'One more of Morning mug' }).click()
      await shop.locator('.total').getByText('€166.00').waitFor()
      // the cart has arrived: an hour counts from there
      await page.locator('#entries').getByText('2 × Morning mug').waitFor()
      await page.getByRole('button', { name: '+1 h' }).click()
      await page.locator('#mails').getByText('abandoned-cart › reminder').waitFor()
      await page
        .locator('#clock-answer')
        .getByText(/ran, \d sent, 0 skipped/)
        .waitFor()

      const mail = page.frameLocator('.mail-frame')
      await mail.getByText('Morning mug').first().waitFor()
      await expect(mail.getByText('Harvest quilt').first().isVisible()).resolves.toBe(true)
      await expect(mail.locator('body').textContent()).resolves.toContain('18.50')
      await picture(page, 'page-1440-light')
      expect(await reminder()).toMatchObject({ journey: 'abandoned-cart', step: 'reminder' })

      await shop.getByRole('link', { name: 'Check out' }).click()
      await shop.getByRole('button', { name: 'Continue' }).click()
      await shop.getByRole('button', { name: /Order and pay/ }).click()
      await shop.getByRole('heading', { name: 'Thank you!' }).waitFor()
      await page.locator('#entries').getByText('exited', { exact: true }).first().waitFor()
      await shop.getByRole('link', { name: /Cart/ }).click()
      await shop.getByText('Nothing in it yet').waitFor()
      expect(real(complaints)).toEqual([])
    },
    STORY_MS,
  )

  it(
    'shows a mail at both widths, as text, with its headers, its source and why it came',
    async () => {
      const head = await reminder()
      const { page, complaints } = await open(
        { timeZone: 'Europe/Copenhagen' },
        `#mail=${head?.id}&width=375`,
      )
      const frame = page.locator('.mail-frame')
      await frame.waitFor()

      expect(await frame.getAttribute('width')).toBe('375')
      expect(await frame.getAttribute('sandbox')).not.toContain('allow-scripts')
      await page.getByRole('tab', { name: 'Text' }).click()
      await page.locator('.mail-plain').getByText('Morning mug').waitFor()
      await page.getByRole('tab', { name: 'Headers' }).click()
      await page.locator('.mail-headers').getByText('List-Unsubscribe-Post').waitFor()
      await page.getByRole('tab', { name: 'Raw' }).click()
      await page.locator('.mail-plain').getByText('Subject:').waitFor()
      await page.getByRole('tab', { name: 'Why it came' }).click()
      await page.locator('.why').getByText('entered', { exact: true }).first().waitFor()
      await page.locator('.why').getByText('sent', { exact: true }).first().waitFor()
      await picture(page, 'page-1440-light-why')

      expect(page.url()).toContain('tab=why')
      expect(page.url()).not.toContain('@')
      expect(real(complaints)).toEqual([])
    },
    STORY_MS,
  )

  it(
    'opens a link of a mail in a new tab, where it leads back to the shop',
    async () => {
      const head = await reminder()
      const { page } = await open({}, `#mail=${head?.id}`)
      const link = page.frameLocator('.mail-frame').getByRole('link', { name: 'Harvest quilt' }).first()

      const [shop] = await Promise.all([page.context().waitForEvent('page'), link.click()])
      await shop.getByRole('button', { name: 'Put in the cart' }).waitFor()

      expect(await shop.locator('h1').textContent()).toBe('Harvest quilt')
      expect(page.url()).toContain(homeward.url)
    },
    STORY_MS,
  )

  it(
    'finds any customer by address and keeps her in the URL by id',
    async () => {
      await homeward.say('identify', {
        userId: 'found',
        traits: { email: 'found@example.com', name: 'Noor <b>Haddad</b>' },
      })
      await homeward.advance('1s')
      const { page } = await open()

      await page.getByLabel('Find a customer by e-mail or id').fill('found@example.com')
      await page.keyboard.press('Enter')
      await page.locator('#about').getByText('Noor <b>Haddad</b>').waitFor()

      expect(page.url()).toMatch(/customer=/)
      expect(page.url()).not.toContain('@')
    },
    STORY_MS,
  )

  it(
    'says in words what went wrong',
    async () => {
      const { page } = await open()

      await page.getByLabel('Turn the clock on by').fill('soon')
      await page.getByRole('button', { name: 'Go' }).click()

      await page.locator('#clock-answer').getByText('no duration').waitFor()
      expect(await page.getByRole('button', { name: '+1 h' }).isEnabled()).toBe(true)
    },
    STORY_MS,
  )

  it.each([
    { width: 1440, dark: false },
    { width: 1440, dark: true },
    { width: 768, dark: false },
    { width: 375, dark: true },
  ])(
    'has no serious finding of axe and nothing sticks out at $width, dark: $dark',
    async ({ width, dark }) => {
      const head = await reminder()
      const { page, complaints } = await open({ width, dark, height: width < 500 ? 780 : 1000 })
      const findings: string[] = []
      const look = async (name: string) => {
        findings.push(...(await seriousFindings(page)).map((finding) => `${name}: ${finding}`))
        if (await overflows(page)) findings.push(`${name} sticks out`)
        await picture(page, `page-${width}-${dark ? 'dark' : 'light'}-${name}`)
      }

      await look('visitor')
      await introduce(page, {
        name: 'রহিমা খাতুন',
        email: `rahima.${width}.${dark}@example.com`,
        locale: 'bn',
        timeZone: 'Asia/Dhaka',
      })
      await shopOf(page).locator('.add').first().click()
      await shopOf(page).locator('.badge').waitFor()
      await page.evaluate(`location.hash = 'panel=inbox&mail=${head?.id}'`)
      await page.frameLocator('.mail-frame').locator('body').waitFor()
      await look('inbox')
      if (width < 1000) {
        await page.evaluate(`location.hash = 'panel=line'`)
        await page.locator('#entries .entry').first().waitFor()
        await look('timeline')
      } else {
        await page.evaluate(`location.hash = 'product/fen-cardigan'`)
        await shopOf(page).locator('.product h1').waitFor()
        await look('product')
      }

      expect(findings).toEqual([])
      expect(real(complaints)).toEqual([])
    },
    STORY_MS,
  )
})
