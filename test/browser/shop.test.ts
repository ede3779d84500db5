/**
 * The sample shop as a customer meets it, in a real browser against the real runtime: found, looked at, put in
 * the cart, taken out and back, left behind, brought back by the mail in another browser, ordered as a guest,
 * returned. Then every page in both languages, at both widths and in both schemes: no serious finding of axe,
 * nothing sticks out. Pictures go to `.cache/screenshots`.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const START_MS = 90_000
const STORY_MS = 120_000
const at = '2026-05-05T10:00:00.000Z'

let homeward: Homeward
const opened: Opened[] = []

async function open(path: string, options: Parameters<typeof openPage>[1] = {}): Promise<Opened> {
  const one = await openPage(`${homeward.url}${path}`, options)
  opened.push(one)
  await one.page.waitForSelector('html[data-ready]')
  return one
}

const badge = (page: Page, count: string) =>
  page.locator('#store-keys .badge').getByText(count, { exact: true })

/** To another page of the shop without loading it anew, as its links lead. */
async function walk(page: Page, path: string) {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`)
  await page.evaluate(`dispatchEvent(new PopStateEvent('popstate'))`)
}

async function sayWho(page: Page, person: { email: string; name: string }) {
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Name').fill(person.name)
  await page.getByLabel(/Yes, write to me/).check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: /Order and pay/ }).waitFor()
}

const eventsOf = async (email: string) => {
  const found = await homeward.customer(email)
  return found?.timeline.filter(({ kind }) => kind === 'event').map(({ name }) => name) ?? []
}

describeInBrowser('the sample shop', () => {
  beforeAll(async () => {
    homeward = await startHomeward({ at })
  }, START_MS)

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  afterAll(async () => {
    await homeward?.stop()
  }, START_MS)

  it(
    'leads a guest from a cart left behind, by the mail, to the order that ends it',
    async () => {
      const email = 'greta.guest@example.com'
      const { page, complaints } = await open('/shop', { timeZone: 'Europe/Berlin' })
      await page.getByRole('button', { name: 'Put Willow teapot in the cart' }).click()
      await badge(page, '1').waitFor()
      await page.getByRole('link', { name: 'Seed tin' }).click()
      await page.getByRole('button', { name: 'Put in the cart' }).click()
      await badge(page, '2').waitFor()
      await page.getByRole('link', { name: /Cart/ }).click()
      await page.getByRole('link', { name: 'Check out' }).click()
      expect(await page.getByLabel(/Yes, write to me/).isChecked()).toBe(false)
      await sayWho(page, { email, name: 'Greta Öberg' })
      await page.close()

      await homeward.advance('1h1m')
      const [head] = (await homeward.inbox(email)).filter(({ journey }) => journey === 'abandoned-cart')
      expect(head).toMatchObject({ step: 'reminder' })
      const mail = await homeward.mail(head?.id ?? '')
      const [, link = ''] = /href="(http[^"]*\/s\/[^"]+)"/.exec(mail.html) ?? []
      expect(link).not.toBe('')

      const back = await openPage(link, { timeZone: 'Europe/Berlin' })
      opened.push(back)
      await back.page.waitForSelector('html[data-ready]')
      await badge(back.page, '2').waitFor()
      expect(back.page.url()).toBe(`${homeward.url}/shop/cart`)
      await expect(back.page.locator('.lines').textContent()).resolves.toContain('Willow teapot')
      await back.page.getByRole('link', { name: 'Check out' }).click()
      await sayWho(back.page, { email, name: 'Greta Öberg' })
      await back.page.getByRole('button', { name: /Order and pay/ }).click()
      await back.page.getByRole('heading', { name: 'Thank you!' }).waitFor()

      await homeward.advance('26h')
      const steps = (await homeward.inbox(email)).map(({ journey, step }) => `${journey} ${step}`)
      expect(steps).not.toContain('abandoned-cart last-call')
      expect(steps.some((step) => step.startsWith('after-order'))).toBe(true)
      const events = await eventsOf(email)
      expect(events).toEqual(expect.arrayContaining(['Consent Given', 'Checkout Started', 'Order Completed']))
      expect([...complaints, ...back.complaints]).toEqual([])
    },
    STORY_MS,
  )

  it('keeps what is put in the cart, and what is typed, while an answer is on its way', async () => {
    const { page, complaints } = await open('/shop')
    const answers: (() => void)[] = []
    await page.route('**/shop/api/cart', async (route) => {
      await new Promise<void>((resolve) => answers.push(resolve))
      await route.continue()
    })
    const asked = () => page.waitForRequest('**/shop/api/cart')
    const first = asked()
    await page.getByRole('button', { name: 'Put Willow teapot in the cart' }).click()
    await first
    const second = asked()
    await page.getByRole('button', { name: 'Put Seed tin in the cart' }).click()
    await badge(page, '2').waitFor()
    await page.getByRole('link', { name: /Cart/ }).click()
    await page.getByRole('link', { name: 'Check out' }).click()
    await page.getByLabel('E-mail').fill('mid.sentence@example.com')
    await page.getByLabel(/Yes, write to me/).check()
    await page.getByLabel('Name').fill('Mid')
    const answered = page.waitForResponse('**/shop/api/cart')
    answers.shift()?.()
    await Promise.all([answered, second])
    await badge(page, '2').waitFor()
    answers.shift()?.()
    const third = asked()
    await page.getByRole('button', { name: 'Undo' }).click()
    await third
    answers.shift()?.()
    await badge(page, '1').waitFor()
    expect(await page.getByLabel('E-mail').inputValue()).toBe('mid.sentence@example.com')
    expect(await page.getByLabel(/Yes, write to me/).isChecked()).toBe(true)
    expect(complaints).toEqual([])
  })

  it(
    'keeps the exact words of consent, and takes a return back to the sums',
    async () => {
      const email = 'rolf.return@example.com'
      const { page, complaints } = await open('/shop/p/dusk-lamp')
      const saved = page.waitForResponse((answer) => answer.url().endsWith('/shop/api/cart'))
      await page.getByRole('button', { name: 'Put in the cart' }).click()
      await saved
      await page.goto(`${homeward.url}/shop/checkout`)
      await sayWho(page, { email, name: 'Rolf' })
      await page.getByRole('button', { name: /Order and pay/ }).click()
      await page.getByRole('heading', { name: 'Thank you!' }).waitFor()
      await page.getByRole('link', { name: 'Orders' }).last().click()
      await page.getByRole('button', { name: /Return it/ }).click()
      await page.getByText('Returned', { exact: true }).waitFor()
      await homeward.advance('1m')

      const found = await homeward.customer(email)
      expect(JSON.stringify(found?.timeline)).toContain('Order Refunded')
      expect(await eventsOf(email)).toEqual(expect.arrayContaining(['Order Completed', 'Order Refunded']))
      const exported = await homeward.command('export', email)
      expect(exported.stdout).toContain(
        'Yes, write to me about my cart and new things. I can stop it any time.',
      )
      expect(complaints).toEqual([])
    },
    STORY_MS,
  )

  it(
    'keeps the words of consent in the language they were read in, whichever she wants mails in',
    async () => {
      const email = 'rahima.reads@example.com'
      const { page, complaints } = await open('/shop/account')
      await page.getByLabel('E-mail').fill(email)
      await page.locator('form [name=locale]').selectOption('bn')
      await page.getByLabel(/Yes, write to me/).check()
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.locator('.yes').waitFor()
      const exported = await homeward.command('export', email)

      expect(exported.stdout).toContain('Yes, write to me about my cart and new things.')
      expect(complaints).toEqual([])
    },
    STORY_MS,
  )

  it(
    'finds by words in both languages, forgives, takes out and puts back',
    async () => {
      const { page, complaints } = await open('/shop')
      const search = page.getByRole('searchbox')

      for (const [asked, name] of [
        ['CARDIGANS', 'Fen cardigan'],
        ['teepot', 'Willow teapot'],
        ['কাঁথা', 'Harvest quilt'],
      ] as const) {
        await search.fill(asked)
        await search.press('Enter')
        await page.getByRole('heading', { level: 1 }).getByText(asked).waitFor()
        expect(await page.locator('.card-name').first().textContent()).toBe(name)
      }
      await search.fill('zzzzzz')
      await search.press('Enter')
      await page.getByText('Nothing goes by “zzzzzz”').waitFor()
      for (const path of ['/shop/p/%', '/shop/constructor']) {
        await walk(page, path)
        await page.getByText('This page is not in the shop.').waitFor()
        await walk(page, '/shop')
      }

      await page.goto(`${homeward.url}/shop/cart?items=morning-mug:2,drift-scarf:1,nothing-of-ours:4,%25:1`)
      await badge(page, '3').waitFor()
      await page.getByRole('button', { name: 'Take Morning mug out' }).click()
      await badge(page, '1').waitFor()
      await page.getByRole('button', { name: 'Undo' }).click()
      await badge(page, '3').waitFor()
      await page.getByRole('button', { name: 'One more of Drift scarf' }).click()
      await badge(page, '4').waitFor()
      await page.reload()
      await badge(page, '4').waitFor()
      expect(complaints).toEqual([])
    },
    STORY_MS,
  )

  it(
    'never shows the browser the key of the server',
    async () => {
      const status = await homeward.get('/_local/status')
      const session = await homeward.get('/shop/api/session')

      expect(status.text).toContain(homeward.keys.browser)
      expect(status.text + session.text).not.toContain(homeward.keys.server)
    },
    STORY_MS,
  )

  it(
    'is refused to other sites',
    async () => {
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      const answer = await homeward.post('/shop/api/sign-in', { email: 'a@example.com' }, { headers })

      expect(answer.status).toBe(403)
    },
    STORY_MS,
  )

  it(
    'works by keyboard alone',
    async () => {
      const { page } = await open('/shop')

      await page.keyboard.press('/')
      await page.keyboard.type('mug')
      await page.keyboard.press('Enter')
      await page.locator('.card-name').getByText('Morning mug').waitFor()
      await page.keyboard.press('Tab')
      await page.getByRole('link', { name: 'Morning mug' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Put in the cart' }).focus()
      await page.keyboard.press('Enter')

      await badge(page, '1').waitFor()
    },
    STORY_MS,
  )

  it.each([
    { language: 'en', width: 1280, dark: false },
    { language: 'bn', width: 375, dark: false },
    { language: 'bn', width: 1280, dark: true },
    { language: 'en', width: 375, dark: true },
  ])(
    'every page in $language at $width, dark: $dark, has no serious finding of axe and nothing sticks out',
    async ({ language, width, dark }) => {
      const height = width < 500 ? 780 : 900
      const { page, complaints } = await open('/shop', { width, height, dark })
      await page.getByRole('combobox').first().selectOption(language)
      if (language === 'bn') await page.getByRole('combobox').last().selectOption('BDT')
      const findings: string[] = []
      const look = async (name: string, path?: string) => {
        if (path !== undefined) await walk(page, path)
        findings.push(...(await seriousFindings(page)).map((finding) => `${name}: ${finding}`))
        if (await overflows(page)) findings.push(`${name} sticks out`)
        await page.evaluate('scrollTo(0, 0)')
        await picture(page, `shop-${language}-${width}-${dark ? 'dark' : 'light'}-${name}`)
      }

      await look('home')
      await look('category', '/shop/c/garden')
      await look('search', '/shop/search?q=wool')
      await look('search-without-results', '/shop/search?q=zzzzzz')
      await look('not-in-the-shop', '/shop/p/%')
      await look('product', '/shop/p/linen-apron')
      await look('empty-cart', '/shop/cart')
      await page.goto(`${homeward.url}/shop/cart?items=clay-planter:2,fen-cardigan:1`)
      await page.waitForSelector('html[data-ready]')
      await look('cart')
      await look('checkout', '/shop/checkout')
      await page.locator('[name=email]').fill(`look.${language}.${width}@example.com`)
      await page.locator('[name=name]').fill('রহিমা খাতুন')
      await page.locator('button[type=submit].primary').click()
      await page.locator('#review-title').waitFor()
      await look('review')
      await page.locator('button[type=submit].primary').click()
      await page.locator('.thanks').waitFor()
      await look('thanks')
      await look('orders', '/shop/orders')
      await look('sign-in', '/shop/account')
      await page.locator('.chips button').first().click()
      await page.locator('[name=marketing]').waitFor()
      await page.locator('.yes').waitFor()
      await look('account')

      expect(findings).toEqual([])
      expect(complaints).toEqual([])
    },
    STORY_MS,
  )
})
