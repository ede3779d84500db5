/**
 * Every ready mail as its reader sees it: at 600 and 375, by day and by night, in English, Bengali and Arabic, for the
 * sample customers. Rendered as they are sent, without a stack, into one page. Every two of these meet, but not every
 * mail every customer: `npm run pictures` takes all there are. Pictures go to `.cache/screenshots`.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildDraft } from '#cli/stage/draft'
import { samplePeople } from '#core/sample/people'
import { type Preview, previewMail } from '#flow/preview'
import { chooseMail, samplePerson } from '#flow/send-test'
import { describeInBrowser, type Opened, openPage, overflows, picture, seriousFindings } from './browser.ts'
import { everyRow, pairwise, type Row } from './pairs.ts'

const LOOK_MS = 60_000
const gmailBytes = 102 * 1024
const targetPixels = 44
const pictures = 'https://shop.example/pictures'
const templates = new URL('../../templates', import.meta.url).pathname
const drawings = new URL('../../local/page/pictures/', import.meta.url)

const things = {
  mail: [
    'abandoned-browse/looked',
    'abandoned-cart/last-call',
    'abandoned-cart/reminder',
    'after-order/question',
    'after-order/thanks',
    'after-order/unhappy',
    'anniversary/anniversary',
    'birthday/birthday',
    'confirm-subscription/confirm',
    'effort/ease',
    'loyalty-reward/reward',
    'loyalty-statement/statement',
    'welcome/welcome',
    'win-back/missed',
  ],
  locale: ['en', 'bn', 'ar'],
  sample: samplePeople.map(({ slug }) => slug),
  width: ['600', '375'],
  scheme: ['light', 'dark'],
} as const

type Look = Row<typeof things>

/** Those that stand in the docs. */
const shown: Look[] = [
  { mail: 'abandoned-cart/reminder', locale: 'en', sample: 'regular', width: '600', scheme: 'light' },
  { mail: 'abandoned-cart/reminder', locale: 'bn', sample: 'bengali', width: '600', scheme: 'light' },
  { mail: 'birthday/birthday', locale: 'ar', sample: 'arabic', width: '600', scheme: 'dark' },
]
const looks =
  process.env.PICTURES === 'all'
    ? everyRow(things)
    : pairwise(things, { first: shown, apart: ['mail', 'sample'] })
const nameOf = ({ mail, locale, sample, width, scheme }: Look) =>
  `mail-${mail.replace('/', '-')}-${locale}-${sample}-${width}-${scheme}`

/** Asked of axe, which takes longer than all the rest: each mail once, by day and by night in turn. */
const asked = new Set(
  things.mail.flatMap((mail, index) => {
    const scheme = things.scheme[index % 2]
    const look = looks.find(
      (one) => one.mail === mail && one.scheme === scheme && one.sample !== 'empty-cart',
    )
    return look === undefined ? [] : [nameOf(look)]
  }),
)

const { draft } = await buildDraft(templates)
let one: Opened

function preview({ mail, locale, sample }: Look): Preview {
  if (draft === undefined) throw new Error('the templates make no draft')
  const chosen = chooseMail(draft, mail)
  const person = samplePerson(sample)
  if (chosen.kind !== 'chosen' || person === undefined) throw new Error(`there is no ${mail} of ${sample}`)
  const compiled = draft.mails[chosen.journey.mails[chosen.mail] ?? '']
  if (compiled === undefined) throw new Error(`${mail} is not compiled`)
  const { settings } = draft
  // in her own region where the language is hers
  const own = person.locale?.startsWith(locale) === true ? person.locale : locale
  return previewMail({
    chosen,
    compiled,
    settings,
    person,
    locale: own,
    pictures,
    now: '2026-05-05T09:00:00.000Z',
  })
}

const seen = `({
  direction: document.documentElement.dir,
  astray: [...document.querySelectorAll('td')].filter((cell) => getComputedStyle(cell).direction !== document.documentElement.dir).length,
  withoutAlt: document.querySelectorAll('img:not([alt])').length,
  withoutSize: [...document.images].filter((image) => !image.hasAttribute('width') || !image.hasAttribute('height')).length,
  broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
  small: [...document.querySelectorAll('.button a, .score')].filter((a) => a.getBoundingClientRect().height < ${targetPixels}).length,
  text: document.body.textContent,
})`

interface Seen {
  direction: string
  /** Cells that run against their mail. */
  astray: number
  withoutAlt: number
  withoutSize: number
  broken: number
  small: number
  text: string
}

describeInBrowser('the ready mails', () => {
  beforeAll(async () => {
    one = await openPage('about:blank')
    await one.page.route(`${pictures}/**`, async (route) => {
      const body = await readFile(new URL(basename(route.request().url()), drawings))
      await route.fulfill({ body, contentType: 'image/svg+xml' })
    })
  }, LOOK_MS)

  afterAll(() => one?.close())

  it('are all looked at, each in each language, at both widths, by day and by night', () => {
    const there = Object.values(draft?.journeys ?? {}).flatMap(({ id, mails }) =>
      Object.keys(mails).map((name) => `${id}/${name}`),
    )
    const pairs = new Set(
      looks.flatMap(({ mail, locale, width, scheme }) => [locale, width, scheme].map((x) => mail + x)),
    )

    expect([...there].sort()).toEqual([...things.mail])
    expect(pairs.size).toBe(things.mail.length * 7)
  })

  it.each(looks)(
    '$mail reads well in $locale to $sample at $width, $scheme',
    async (look) => {
      const { page } = one
      const { html, text, subject, sentBytes, missing } = preview(look)
      if (missing.length > 0) return expect([look.sample, html]).toEqual(['empty-cart', ''])
      await page.setViewportSize({ width: Number(look.width), height: 1400 })
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setContent(html, { waitUntil: 'load' })
      const { text: read, direction, ...faults } = (await page.evaluate(seen)) as Seen
      const wide = await overflows(page)
      await picture(page, nameOf(look), true)
      const findings = asked.has(nameOf(look)) ? await seriousFindings(page) : []

      expect(`${subject}\n${read}\n${text}`).not.toMatch(/\bundefined\b|\bnull\b|NaN|\[object|\{\{|\{\w+\}/)
      expect(faults).toEqual({ astray: 0, withoutAlt: 0, withoutSize: 0, broken: 0, small: 0 })
      expect(direction).toBe(look.locale === 'ar' ? 'rtl' : 'ltr')
      expect(wide).toBe(false)
      expect(sentBytes).toBeLessThan(gmailBytes)
      expect(findings).toEqual([])
    },
    LOOK_MS,
  )
})
