/**
 * Every mail of the ready journeys as its reader sees it: each in English, Bengali and Arabic, at 600 and 375,
 * by day and by night, made of a customer's own events by the functions that make the real ones. Pictures go
 * to `.cache/screenshots`.
 */
import { beforeAll, expect, it } from 'vitest'
import { buildDraft } from '#cli/stage/draft'
import type { Draft } from '#core/draft'
import type { Event } from '#core/event'
import { fold } from '#core/fold'
import { mailView } from '#core/present'
import { renderMail } from '#core/template/render'
import { aState, at, identify, track } from '#test/fixture/builder'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'

const templates = new URL('../../templates', import.meta.url).pathname
const LOOK_MS = 90_000
const MAIL_LIMIT_BYTES = 102 * 1024

const mails = [
  'abandoned-browse/looked',
  'abandoned-cart/reminder',
  'abandoned-cart/last-call',
  'after-order/thanks',
  'after-order/question',
  'after-order/unhappy',
  'anniversary/anniversary',
  'birthday/birthday',
  'confirm-subscription/confirm',
  'effort/ease',
  'loyalty-reward/reward',
  'loyalty-statement/statement',
  'welcome/welcome',
  'win-back/missed',
] as const

const names = { en: 'Ida', bn: 'রহিমা', ar: 'ريم' } as const
type Locale = keyof typeof names
const locales = Object.keys(names) as Locale[]

/** Each mail in each locale; widths and schemes go round so that every pair of the three is looked at. */
const cases = mails.flatMap((mail, row) =>
  locales.map((locale, column) => ({
    mail,
    locale,
    width: (row + column) % 2 === 0 ? 600 : 375,
    dark: (Math.floor(row / 2) + column) % 2 === 0,
  })),
)

const product = (id: string, name: string, price: number, category: string) => ({
  product_id: id,
  name,
  price,
  category,
  currency: 'EUR',
  url: `https://shop.example/p/${id}`,
  image_url: `https://shop.example/p/${id}.svg`,
})
const throwing = product('throw', 'Linen throw in oat', 89, 'Home')
const vase = product('vase', 'Blue vase', 34.5, 'Home')
const mug = product('mug', 'Morning mug', 18.5, 'Kitchen')
const apron = product('apron', 'An apron with a name so long that it wraps more than once', 42, 'Kitchen')

const viewed = track('Product Viewed', apron, { at: at('08:40') })
const ordered = track(
  'Order Completed',
  {
    order_id: 'ML-20417',
    total: 655,
    currency: 'EUR',
    products: [
      { ...throwing, quantity: 1 },
      { ...mug, quantity: 2 },
    ],
  },
  { at: at('07:00') },
)
const asked = track('Consent Requested', { topics: ['offers'] }, { at: at('08:50') })
const answered = track(
  'Survey Answered',
  {
    messageId: 'm1',
    journey: 'after-order',
    step: 'question',
    runId: 'r1',
    survey: 'nps',
    score: 4,
    comment: 'The throw came torn, and nobody wrote back.',
  },
  { at: at('08:55'), source: 'homeward' },
)

/** What she entered each journey by, where that is an event. */
const begunBy: Readonly<Record<string, Event>> = {
  'abandoned-browse': viewed,
  'after-order': ordered,
  'loyalty-reward': ordered,
  'confirm-subscription': asked,
}

const links = {
  unsubscribe: 'https://go.example/u/token',
  preferences: 'https://go.example/p/token',
  online: 'https://go.example/v/token',
  survey: 'https://go.example/a/nps',
  ease: 'https://go.example/a/ces',
  confirm: 'https://go.example/y/token',
}

function stateIn(locale: Locale, draft: Draft) {
  const events = [
    identify({ firstName: names[locale], locale, timezone: 'UTC' }, { at: at('06:00', -730) }),
    ordered,
    track('Product Viewed', vase, { at: at('08:10') }),
    track('Product Viewed', mug, { at: at('08:20') }),
    track('Product Viewed', product('bowl', 'Oak bowl', 27, 'Home'), { at: at('08:30') }),
    viewed,
    track(
      'Cart Updated',
      {
        cart_id: 'c1',
        currency: 'EUR',
        url: 'https://shop.example/cart',
        products: [{ ...vase, quantity: 2 }],
      },
      { at: at('08:45') },
    ),
    answered,
  ]
  const state = events.reduce((before, event) => {
    const folded = fold(before, event, draft.settings)
    return 'state' in folded ? folded.state : before
  }, aState())
  return { ...state, reached: { 'loyalty-reward': 500 } }
}

function rendered(draft: Draft, of: { mail: string; locale: Locale }) {
  const [id = '', step = ''] = of.mail.split('/')
  const { journeys, settings } = draft
  const journey = journeys[id]
  const compiled = draft.mails[journey?.mails[step] ?? '']
  if (journey === undefined || compiled === undefined) throw new Error(`there is no mail ${of.mail}`)
  const state = stateIn(of.locale, draft)
  const event = begunBy[id]
  const view = mailView(state, {
    settings,
    journey: { id, name: journey.journey.name },
    step,
    ...(event && { event }),
    links,
    postalAddress: '12 Mill Lane, 10115 Berlin',
    now: at('09:00'),
  })
  return renderMail(compiled, view, { locale: of.locale })
}

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320"><rect width="320" height="320" fill="#dfe9e2"/><circle cx="160" cy="160" r="84" fill="#7fa893"/></svg>'

async function open(html: string, options: { width: number; dark: boolean }): Promise<Opened> {
  const one = await openPage('about:blank', { height: 1800, ...options })
  await one.page.route('https://shop.example/**', (route) =>
    route.fulfill({ body: drawing, contentType: 'image/svg+xml' }),
  )
  await one.page.route('https://mail.example/', (route) =>
    route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }),
  )
  await one.page.goto('https://mail.example/', { waitUntil: 'load' })
  return one
}

let draft: Draft | undefined

describeInBrowser('the mails of the ready journeys', () => {
  beforeAll(async () => {
    draft = (await buildDraft(templates)).draft
  }, LOOK_MS)

  it('are all looked at', () => {
    const there = Object.values(draft?.journeys ?? {}).flatMap(({ id, mails: of }) =>
      Object.keys(of).map((name) => `${id}/${name}`),
    )

    expect([...there].sort()).toEqual([...mails].sort())
  })

  it.each(cases)(
    '$mail reads well in $locale at $width, dark: $dark',
    async ({ mail, locale, width, dark }) => {
      if (draft === undefined) throw new Error('the templates make no draft')
      const { html, text, subject } = rendered(draft, { mail, locale })
      const one = await open(html, { width, dark })
      const scheme = dark ? 'dark' : 'light'
      await picture(one.page, `mail-${mail.replace('/', '-')}-${locale}-${width}-${scheme}`, true)

      const shown = await one.page.locator('body').textContent()
      const direction = await one.page.evaluate('document.documentElement.dir')
      const findings = await seriousFindings(one.page)
      const wide = await overflows(one.page)
      await one.close()

      expect(`${subject}\n${shown}\n${text}`).not.toMatch(/\bundefined\b|\bnull\b|\[object|\{\{|\{\w+\}/)
      expect(direction).toBe(locale === 'ar' ? 'rtl' : 'ltr')
      expect(wide).toBe(false)
      expect(Buffer.byteLength(html)).toBeLessThan(MAIL_LIMIT_BYTES)
      expect(findings).toEqual([])
    },
    LOOK_MS,
  )
})
