/**
 * What leaves the house, as its reader sees it: mails at 600 and 375, in both schemes and with customers whose
 * names are hard, and the public pages behind their links, which work without JavaScript.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Homeward, type Mail, startHomeward } from '#test/fixture/runtime'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const START_MS = 90_000
const LOOK_MS = 60_000
const MAIL_LIMIT_BYTES = 102 * 1024
const at = '2026-05-05T10:00:00.000Z'

const readers = {
  plain: { email: 'ida.mail@example.com', firstName: 'Ida', locale: 'en', timezone: 'Europe/Copenhagen' },
  bengali: { email: 'rahima.mail@example.com', firstName: 'রহিমা', locale: 'bn', timezone: 'Asia/Dhaka' },
  hostile: {
    email: 'x.mail@example.com',
    firstName: '<b>"Max"</b> & a name that goes on and on, further than any form would ever let it',
    locale: 'en',
    timezone: 'Europe/Berlin',
  },
  nameless: { email: 'who.mail@example.com', locale: 'en', timezone: 'Europe/Berlin' },
} as const
type Reader = keyof typeof readers

let homeward: Homeward
const opened: Opened[] = []

async function leaveCart(userId: Reader) {
  const origin = homeward.url
  const product = (id: string, name: string, price: number, quantity: number) => ({
    product_id: id,
    name,
    price,
    quantity,
    url: `${origin}/#product/${id}`,
    image_url: `${origin}/pictures/${id}.svg`,
  })
  const products = [
    product('morning-mug', 'Morning mug', 18.5, 2),
    product('fen-cardigan', 'Fen cardigan', 89, 1),
  ]
  await homeward.say('identify', { userId, traits: readers[userId] })
  await homeward.say('track', { userId, event: 'Consent Given', properties: { topics: ['reminders'] } })
  await homeward.say('track', {
    userId,
    event: 'Cart Updated',
    properties: { cart_id: `of-${userId}`, currency: 'EUR', value: 126, url: `${origin}/#cart`, products },
  })
}

async function mailTo(reader: Reader): Promise<Mail> {
  const heads = await homeward.inbox(readers[reader].email)
  const head = heads.find((one) => one.journey === 'abandoned-cart')
  if (head === undefined) throw new Error(`no reminder went to ${reader}`)
  return homeward.mail(head.id)
}

/** The first link of a mail below `/u/` or `/c/`. */
function linkOf({ html }: Mail, kind: 'u' | 'c'): string {
  const [, link] = new RegExp(`href="(http[^"]*/${kind}/[^"]+)"`).exec(html) ?? []
  if (link === undefined) throw new Error(`the mail has no link /${kind}/`)
  return link.replaceAll('&amp;', '&')
}

/** Opens a mail as a page of the runtime's own origin, so that its pictures load as they do in a mail client. */
async function openMail(mail: Mail, options: { width: number; dark: boolean }): Promise<Opened> {
  const one = await openPage('about:blank', { height: 1600, ...options })
  opened.push(one)
  const address = `${homeward.url}/mail-under-test`
  await one.page.route(address, (route) => route.fulfill({ body: mail.html, contentType: 'text/html' }))
  await one.page.goto(address, { waitUntil: 'networkidle' })
  return one
}

describeInBrowser('mails and public pages', () => {
  beforeAll(async () => {
    homeward = await startHomeward({ at })
    for (const reader of Object.keys(readers) as Reader[]) await leaveCart(reader)
    await homeward.advance('1h30m')
  }, START_MS)

  // An open page goes on asking the runtime: it would slow down the next.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })

  afterAll(async () => {
    await homeward?.stop()
  }, START_MS)

  const cases = (Object.keys(readers) as Reader[]).flatMap((reader) => [
    { reader, width: 600, dark: false },
    { reader, width: 375, dark: true },
  ])
  it.each(cases)(
    'the reminder to $reader reads well at $width, dark: $dark',
    async ({ reader, width, dark }) => {
      const mail = await mailTo(reader)
      const one = await openMail(mail, { width, dark })
      await picture(one.page, `mail-${reader}-${width}-${dark ? 'dark' : 'light'}`, true)

      const text = await one.page.locator('body').textContent()
      const broken = await one.page.evaluate(
        '[...document.images].filter((i) => i.naturalWidth === 0).length',
      )
      const withoutAlt = await one.page.locator('img:not([alt])').count()

      expect(text).toContain('Morning mug')
      expect(text).not.toMatch(/\bundefined\b|\bnull\b|\[object|\{\{/)
      expect(withoutAlt).toBe(0)
      expect(broken).toBe(0)
      expect(await overflows(one.page)).toBe(false)
      expect(Buffer.byteLength(mail.html)).toBeLessThan(MAIL_LIMIT_BYTES)
      expect(linkOf(mail, 'u')).toContain('/u/')
      expect(await seriousFindings(one.page)).toEqual([])
    },
    LOOK_MS,
  )

  it(
    'a click leads to the shop, and looking changes nothing',
    async () => {
      const mail = await mailTo('plain')

      const answer = await fetch(linkOf(mail, 'c'), { redirect: 'manual' })

      expect([301, 302, 303, 307]).toContain(answer.status)
      expect(answer.headers.get('location')).toMatch(/^http/)
    },
    LOOK_MS,
  )

  it.each([
    { width: 1440, dark: false },
    { width: 375, dark: true },
  ])(
    'the unsubscribe page asks first, without JavaScript, at $width, dark: $dark',
    async ({ width, dark }) => {
      const mail = await mailTo('nameless')
      const one = await openPage(linkOf(mail, 'u'), { width, dark, height: 700, javaScript: false })
      opened.push(one)

      await picture(one.page, `unsubscribe-${width}-${dark ? 'dark' : 'light'}`)

      expect(await one.page.getByRole('button').count()).toBeGreaterThan(0)
      expect(one.complaints).toEqual([])
    },
    LOOK_MS,
  )

  it(
    'the unsubscribe page has no serious finding of axe',
    async () => {
      const mail = await mailTo('nameless')
      const one = await openPage(linkOf(mail, 'u'))
      opened.push(one)

      expect(await seriousFindings(one.page)).toEqual([])
      expect(await overflows(one.page)).toBe(false)
    },
    LOOK_MS,
  )

  it(
    'its button unsubscribes, without JavaScript',
    async () => {
      const mail = await mailTo('hostile')
      const one = await openPage(linkOf(mail, 'u'), { javaScript: false })
      opened.push(one)

      await one.page.getByRole('button').first().click()
      await one.page.waitForLoadState()
      await picture(one.page, 'unsubscribed-1440-light')
      await leaveCart('hostile')
      await homeward.advance('26h')

      const mails = await homeward.inbox(readers.hostile.email)
      expect(mails.filter(({ journey }) => journey === 'abandoned-cart')).toHaveLength(1)
    },
    LOOK_MS,
  )

  it(
    'a made-up link says so and offers nothing to press',
    async () => {
      const one = await openPage(`${homeward.url}/u/made-up`, { javaScript: false })
      opened.push(one)

      expect(await one.page.getByRole('button').count()).toBe(0)
      expect((await one.page.locator('body').textContent())?.length).toBeGreaterThan(10)
    },
    LOOK_MS,
  )
})
